/* run_batch.h - a batch of the reference's tensors: padded sequences as rows without padding, and back; or pictures. */
#ifndef RUN_BATCH_H
#define RUN_BATCH_H

#include "models/models.h"

typedef struct RunBatch {
    int64_t sequences, width; /* B, S of the files; of pictures B, W */
    int64_t height;           /* of pictures */
    const float *pixels;      /* B, H, W, 3 in memory; NULL: texts */
    const int64_t *ids, *mask, *types,
        *labels;                       /* [B, S]; labels [B] of a sequence head; NULL: not given */
    const int64_t *next, *start, *end; /* [B] */
    const float *numbers;              /* labels that are numbers [B, C] */
    int64_t number_count;
    bool labels_by_token;
    bool labelled;  /* every label that the head's loss needs is there */
    bool positions; /* some row is not at the position that its place in the sequence gives */
    Rows rows;
    int32_t *column;   /* [rows.count] where each row stood */
    int32_t *position; /* [rows.count] its row of the position embeddings */
} RunBatch;

/* Reads the tensors NAME or NAME.i (i < 0: NAME) of the file and checks them against the model. */
Status run_batch_read(Err *e, Arena *a, const Weights *file, int i, Model *m, RunBatch *out);
/* How many batches NAME.0, NAME.1, .. of this kind of input the file has. */
int run_batch_count(const Weights *file, const Model *m);
/* Fills the run's inputs, rows and loss scales. */
Status run_batch_fill(Err *e, const RunBatch *b, const ModelOutputs *out, Run *r);
/* The loss after a step; NaN when no label counted. */
double run_batch_loss(const RunBatch *b, const ModelOutputs *out, const Run *r);
/* A tensor by rows [T, ..] as [B, S, ..], zeros where the mask is 0; `column` of the last axis, -1: all. */
Status run_batch_spread(Err *e, Arena *a, const RunBatch *b, Tensor rows, int column, Tensor *out);

#endif
/* SPDX-License-Identifier: MIT */
