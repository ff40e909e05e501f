/* nearest.c - what a mistyped word may have meant: swapped, missing, extra and wrong letters (Damerau 1964). */
#include "base/base.h"

#include <string.h>

#define WORD_MAX 32

static int least(int a, int b, int c)
{
    int m = a < b ? a : b;

    return m < c ? m : c;
}

/* A name that begins with the word is one step away. */
static int distance(const char *word, int n, const char *name)
{
    int d[WORD_MAX + 1][WORD_MAX + 1], m = (int)strlen(name);

    if (n > WORD_MAX || m > WORD_MAX)
        return WORD_MAX;
    if (n > 1 && strncmp(word, name, (size_t)n) == 0)
        return 1;
    for (int i = 0; i <= n; i++)
        for (int j = 0; j <= m; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1,
                            d[i - 1][j - 1] + (word[i - 1] != name[j - 1]));
            if (i > 1 && j > 1 && word[i - 1] == name[j - 2] && word[i - 2] == name[j - 1] &&
                d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    return d[n][m];
}

void near_keep(Near *near, const char *word, size_t n, const char *name)
{
    int steps = distance(word, n > WORD_MAX ? WORD_MAX + 1 : (int)n, name);

    if (steps > 2 || steps >= (int)n || (near->name && steps >= near->steps))
        return;
    *near = (Near){name, steps};
}

/* SPDX-License-Identifier: MIT */
