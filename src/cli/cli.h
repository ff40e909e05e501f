/* cli.h - the command: a file and a row of verbs.def per verb.  Help, parsing and completion come from each verb's
 * table of flags.  Results go to stdout, everything else to stderr. */
#ifndef CLI_H
#define CLI_H

#include "base/sys.h"
#include "engraft.h"

/* _OFF: a given 0 means "none" and arrives as -1, since 0 in an options struct is the default */
typedef enum { FLAG_TEXT, FLAG_INT, FLAG_INT_OFF, FLAG_FLOAT, FLAG_FLOAT_OFF, FLAG_BOOL } FlagKind;

typedef struct Flag {
    const char *name; /* "batch-size" */
    char letter;      /* 'o', or 0 */
    bool rare;        /* -h leaves it to --help */
    FlagKind kind;
    size_t offset;     /* in the verb's options struct */
    const char *value; /* what help calls its value; NULL for FLAG_BOOL */
    const char *help;
} Flag;

typedef struct Common { /* flags of every verb */
    int64_t threads;
    const char *isa;
    bool json, quiet, plain, help, man;
} Common;

typedef struct Verb {
    const char *name, *part; /* part: a second word, NULL where the first says all */
    const char *summary, *arguments, *example;
    int arguments_min, arguments_max; /* max < 0: any number */
    const Flag *flags;
    int flag_count;
    size_t options_size;
    /* Returns the exit code.  words: the arguments that are not flags. */
    int (*run)(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n);
} Verb;

#define FLAG(T, name, letter, kind, field, value, help)                                            \
    {                                                                                              \
        name, letter, false, kind, offsetof(T, field), value, help                                 \
    }
#define RARE(T, name, letter, kind, field, value, help)                                            \
    {                                                                                              \
        name, letter, true, kind, offsetof(T, field), value, help                                  \
    }

#define VERB(name) extern const Verb verb_##name;
#include "cli/verbs.def"
#undef VERB

const Flag *cli_common_flags(int *n);

typedef struct Parsed { /* a call of a verb */
    void *options;      /* the caller's: the verb's struct, of its size, all 0 */
    Common common;
    const char **words;
    int n;
} Parsed;

/* The arguments after the verb; E_USAGE with a message that names the flag and the nearest known one. */
Status cli_parse(Err *e, Arena *a, const Verb *v, char **argv, int argc, Parsed *out);
void cli_help(const Verb *v, bool all);
void cli_list(void);

/* faults.c: the system's calls, or in *f those that EG_FAIL wants; NULL with e set. */
const Sys *cli_sys(Err *e, SysFaults *f);
void cli_sys_end(const SysFaults *f); /* says what was met, when there were any */

typedef struct Display Display;
Display *cli_display(const Common *common);
/* Events of the library as lines and a progress bar; user is the Display. */
void cli_event(void *user, const eg_event *event);
void cli_event_end(Display *d);                                       /* leaves the bar's line */
void cli_wrote(const Common *common, const char *file, int64_t rows); /* says so */
void print_json_text(
    const char *s); /* a JSON string on stdout; bytes that are no UTF-8 become U+FFFD */
/* Names and values out of files, on a terminal: control characters and bytes that are no UTF-8 as \x1b; what
 * comes after `most` bytes is left out.  Returns the characters it took. */
int print_shown_text(const char *s, size_t most);
void print_json_number(const char *key, double value); /* ,"key":value; null for NaN and infinity */

#endif
/* SPDX-License-Identifier: MIT */
