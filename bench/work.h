/* work.h - what the programs of this folder share: batches of text lengths, and work on demand, so that a rival can take
 * turns: each line of stdin, "N", runs N pieces of work and prints their seconds and the peak memory in kB. */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

typedef struct Lengths { /* of texts, in tokens; whole batches */
    int32_t *of;
    int64_t n, batch, at;
    int64_t most; /* tokens of the largest batch */
} Lengths;

static inline Status lengths_file(Err *e, Arena *a, const char *path, Lengths *l)
{
    Bytes text;

    TRY(file_read_all(e, a, path, 1 << 20, &text));
    for (const char *p = (const char *)text.data; *p && l->n < 100000;) {
        char *end;

        l->of[l->n] = (int32_t)strtol(p, &end, 10);
        if (end == p)
            break;
        l->n++;
        p = end;
    }
    l->n -= l->n % l->batch;
    return E_OK;
}

/* what: "rows:16x128" (a batch of 16 texts of 128 tokens), or "lengths:FILE" or "lengths:32:FILE" (batches of 16 or 32
 * in the file's order, a length a line). */
static inline Status lengths_read(Err *e, Arena *a, const char *what, Lengths *l)
{
    long batch = 16, each = 0;

    *l = (Lengths){.of = NEWS(e, a, int32_t, 100000)};
    if (!l->of)
        return err_failed(e->code);
    if (strncmp(what, "rows:", 5) == 0) {
        char *x;

        batch = strtol(what + 5, &x, 10);
        each = *x == 'x' ? strtol(x + 1, NULL, 10) : 0;
        l->batch = batch;
        for (; each > 0 && l->n < batch && l->n < 100000; l->n++)
            l->of[l->n] = (int32_t)each;
    } else {
        char *x;

        batch = strtol(what + 8, &x, 10); /* lengths:FILE or lengths:BATCH:FILE */
        bool told = x > what + 8 && *x == ':';
        l->batch = told && batch > 0 ? batch : 16;
        TRY(lengths_file(e, a, told ? x + 1 : what + 8, l));
    }
    for (int64_t i = 0; i < l->n; i += l->batch) {
        int64_t sum = 0;

        for (int64_t k = i; k < i + l->batch; k++)
            sum += l->of[k];
        l->most = sum > l->most ? sum : l->most;
    }
    return l->most ? E_OK : fail(e, E_DATA, "no lengths in %s", what);
}

/* The next batch's rows: offset [batch + 1]. */
static inline int64_t lengths_next(Lengths *l, int32_t *offset)
{
    offset[0] = 0;
    for (int64_t i = 0; i < l->batch; i++)
        offset[i + 1] = offset[i] + l->of[l->at + i];
    l->at = (l->at + l->batch) % l->n;
    return offset[l->batch];
}

static inline Status work_serve(Err *e, Status (*work)(Err *e, void *arg), void *arg)
{
    char line[100];

    while (fgets(line, sizeof line, stdin)) {
        double start = clock_seconds();
        struct rusage usage;

        for (long n = strtol(line, NULL, 10); n > 0; n--)
            TRY(work(e, arg));
        getrusage(RUSAGE_SELF, &usage);
        printf("%.6f %ld\n", clock_seconds() - start, usage.ru_maxrss);
        fflush(stdout);
    }
    return E_OK;
}

#endif
/* SPDX-License-Identifier: MIT */
