/* run_input.h - reading a batch: what texts and pictures share. */
#ifndef RUN_INPUT_H
#define RUN_INPUT_H

#include "task/run_batch.h"

typedef struct RunReader {
    Arena *a;
    const Weights *file;
    int i; /* tensors are called NAME.i; below 0: NAME */
    const Model *m;
    RunBatch *b;
} RunReader;

const Weight *run_lookup(const RunReader *r, const char *name);
Status run_bad_shape(Err *e, const Weight *w, const Shape *wanted);
/* Integers of exactly this shape in low .. high - 1; *out stays NULL when the file has none. */
Status run_integers(Err *e, const RunReader *r, const char *name, Shape shape, int64_t low,
                    int64_t high, const int64_t **out);
/* Labels by sequence or picture: classes, several at once, or numbers, as the problem is. */
Status run_labels(Err *e, const RunReader *r, Model *m);

/* ---- run_pictures.c ---- */

int run_pictures_count(const Weights *file);
Status run_pictures_read(Err *e, const RunReader *r, Model *m);
Status run_pictures_fill(Err *e, const RunBatch *b, Run *r);

#endif
/* SPDX-License-Identifier: MIT */
