/* merge_files.h - an adapter put into its base's weights. */
#ifndef MERGE_FILES_H
#define MERGE_FILES_H

#include "base/base.h"

typedef struct MergeReport {
    int merged; /* layers */
    double
        difference; /* the largest between the outputs of base + adapter and of the merged folder */
    double largest; /* the largest output, to compare it with */
    const char *output; /* which output: "logits" */
} MergeReport;

/* Writes `out` in the released layout, opens it afresh and compares it on random tokens. */
Status merge_files(Err *e, Arena *a, Pool *pool, const char *folder, const char *adapter,
                   const char *out, MergeReport *report);

#endif
/* SPDX-License-Identifier: MIT */
