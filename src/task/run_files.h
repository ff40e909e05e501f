/* run_files.h - a model folder and tensor files in, tensor files out: how anyone checks us.
 * Inputs and outputs carry the reference's names; padding exists only in the files. */
#ifndef RUN_FILES_H
#define RUN_FILES_H

#include "base/base.h"

typedef struct RunFilesOptions {
    const char *folder, *inputs, *outputs;
    const char *variant; /* of a bare file of weights, or NULL */
    const char *adapter; /* a PEFT folder, or NULL */
    const char *grads;   /* where gradients go, or NULL */
    const char
        *steps; /* batches NAME.0, NAME.1, ..: updates; outputs are losses and final weights */
    const char *optim;  /* "adamw:lr=1e-3,wd=0.01,clip=1.0,schedule=linear", with steps */
    const char *freeze; /* with steps: prefixes of names, separated by commas */
    int64_t n;          /* updates in all; 0: one a batch */
    bool train;         /* training mode (dropout, batch statistics) */
    Isa isa;
} RunFilesOptions;

typedef struct RunFilesReport {
    const char *loaded; /* "backbone 103 of 103 tensors; ..." */
    int outputs, grads;
    int64_t updates;
    double loss; /* the last one; NaN when there was none */
} RunFilesReport;

Status run_files(Err *e, Arena *a, Pool *pool, const RunFilesOptions *o, RunFilesReport *report);

#endif
/* SPDX-License-Identifier: MIT */
