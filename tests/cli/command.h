/* command.h - the built command, started by a shell in the test's own folder. */
#ifndef COMMAND_H
#define COMMAND_H

#include "test.h"

typedef struct Ran {
    int code; /* exit status; 128 + n: ended by signal n */
    const char *out, *err;
} Ran;

/* `script` is a shell line in which $E is the command.  HOME is the test's folder, which is also the current one; no
 * cache of models is seen.  Skips the test when the command is not built. */
Ran command(const char *script, ...) PRINTF(1, 2);
void command_file(const char *name, const void *data, size_t n); /* in the test's folder */
void command_text(const char *name, const char *text);
/* Ends the test unless every line of text is JSON, and there are `lines` of them. */
void check_json(const char *text, int lines);

/* All of stdout and stderr are printed when the code is another. */
#define CHECK_CODE(ran, wanted) check_code(__FILE__, __LINE__, (ran), (wanted))
void check_code(const char *file, int line, Ran r, int wanted);

#endif
/* SPDX-License-Identifier: MIT */
