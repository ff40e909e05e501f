/* main.c - the command: says its version, or how it is used. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "--version")) {
        puts("engraft 0.1.0");
        return 0;
    }
    fputs("usage: engraft --version\n", stderr);
    return 2;
}
/* SPDX-License-Identifier: MIT */
