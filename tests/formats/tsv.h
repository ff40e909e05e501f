/* tsv.h - the lists that drive the format tests: lines of fields separated by tabs. */
#ifndef TESTS_FORMATS_TSV_H
#define TESTS_FORMATS_TSV_H

#include "base/base.h"

#include <string.h>

#define TSV_FIELDS 6

typedef struct Tsv {
    char *at;
    char *field[TSV_FIELDS];
} Tsv;

/* The next line cut into fields (missing ones ""); false at the end.  The text is changed. */
static inline bool tsv_next(Tsv *t)
{
    char *end;

    if (!*t->at || !(end = strchr(t->at, '\n')))
        return false;
    *end = 0;
    for (int i = 0; i < TSV_FIELDS; i++) {
        char *tab = strchr(t->at, '\t');

        t->field[i] = t->at;
        if (tab)
            *tab = 0;
        t->at += strlen(t->at) + (tab != NULL);
    }
    t->at = end + 1;
    return true;
}

#endif
/* SPDX-License-Identifier: MIT */
