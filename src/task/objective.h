/* objective.h - what a model is asked of rows of tokens. */
#ifndef TASK_OBJECTIVE_H
#define TASK_OBJECTIVE_H

#include "task/token_rows.h"

typedef struct Asked {  /* a batch as the network gets it; fill appends a row */
    int32_t *id;        /* [tokens] */
    int32_t *label;     /* [tokens], negative: not asked; or [labels] with label_row */
    int32_t *label_row; /* [labels] which tokens; NULL: each token has a label */
    int64_t tokens, labels;
} Asked;

typedef struct Vocabulary { /* what a masked token becomes */
    int64_t tokens;
    int32_t mask;
} Vocabulary;

typedef struct Objective {
    const char *name, *summary;
    HeadKind head;
    bool around;          /* rows with the tokenizer's special tokens about them */
    bool few;             /* few tokens have labels: label_row */
    const char *pipeline; /* transformers' word */
    /* key: of all that is random. */
    void (*fill)(const TokenRows *r, const Vocabulary *v, int64_t row, uint64_t key, Asked *out);
    int64_t (*labels)(const TokenRows *r, int64_t row); /* how many a row has */
} Objective;

/* name NULL: the first that the family has a head for. */
Status objective_find(Err *e, const char *name, const Model *m, const Objective **out);
/* The mask's token, where the objective needs one. */
Status objective_vocabulary(Err *e, const Objective *o, const Tokenizer *t, const Model *m,
                            Vocabulary *out);

#endif
/* SPDX-License-Identifier: MIT */
