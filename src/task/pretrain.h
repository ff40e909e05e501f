/* pretrain.h - learning on from plain text without labels. */
#ifndef TASK_PRETRAIN_H
#define TASK_PRETRAIN_H

#include "task/task.h"

typedef struct PretrainOptions { /* 0 and NULL: the default */
    const char *data;            /* plain text; blank lines stand between documents */
    const char *model, *model_name;
    const char *output;
    const char *objective; /* "lm", "mlm"; NULL: what the family has a head for */
    const char *schedule;  /* "cosine" */
    bool scratch;          /* the same network from random weights */
    bool resume, overwrite, accept_data_change;
    int64_t length, batch, accumulate, epochs; /* the model's, at most 512; 8; 1; 1 */
    int64_t checkpoint_steps;
    double lr, weight_decay, clip, warmup, dropout, valid_share;
    double checkpoint_seconds;
    uint64_t seed;
} PretrainOptions;

typedef struct PretrainResult {
    const char *output, *objective;
    int64_t documents, tokens, rows, train_rows, epochs, updates;
    int64_t held; /* labels of the held-out part, 0: there is none */
    double before,
        after; /* mean loss of a label there, else of the last epoch's training; NaN: not known */
    double tokens_per_second;
    double saved_difference; /* of the loss of one row, loaded afresh */
    uint64_t weights_hash, state_hash;
} PretrainResult;

Status task_pretrain(Err *e, Arena *a, const TaskContext *c, const PretrainOptions *o,
                     PretrainResult *out);

#endif
/* SPDX-License-Identifier: MIT */
