/* fit_inside.h - what the loop keeps beside its results, and the parts of it that are not the story. */
#ifndef FIT_INSIDE_H
#define FIT_INSIDE_H

#include "train/train.h"

typedef struct FitInside {
    Arena *arena;
    Loader loader;
    Schedule schedule;
    Param **trained; /* [trained_n] and what is stored to: running statistics */
    int trained_n;
    float *best; /* the trained numbers of the best epoch, one after another */
    int64_t best_n;
    bool has_best;
    double best_loss;
    double loss, weight; /* summed over this epoch */
    int bad;             /* updates left out in a row */
    double saved_at;     /* clock of the last checkpoint */
    int failures;        /* to save, in a row */
    const char *loss_output, *scale_input;
} FitInside;

/* ---- fit_steps.c ---- */
/* Tells the samples that an update begins. */
Status fit_window(Err *e, Fit *f, const Window *w);
Status fit_batch(Err *e, Fit *f, const Window *w, int64_t i, double normaliser, double *loss);
/* 1 / scale of the window's losses: the weights of all its samples. */
double fit_normaliser(const Fit *f, const Window *w);
/* Is the update sane?  false: leave it out (with a warning); after three in a row an error that names the step,
 * the first bad tensor and the samples. */
Status fit_check(Err *e, Fit *f, const Window *w, double loss, bool *good);
/* Evaluates, notes the row, keeps the weights when they are the best. */
Status fit_evaluate(Err *e, Fit *f);

/* ---- fit_state.c ---- */
Status fit_start(Err *e, Arena *a,
                 Fit *f);        /* buffers, then the newest checkpoint when there is one */
Status fit_save(Err *e, Fit *f); /* a checkpoint now */
Status fit_save_due(Err *e,
                    Fit *f); /* one when it is time; a failing disk is told, not fatal at once */
void fit_hash(Fit *f);       /* what the last update left */
void fit_keep_best(Fit *f);
void fit_restore_best(Fit *f);

#endif
/* SPDX-License-Identifier: MIT */
