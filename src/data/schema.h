/* schema.h - inside of the choice of columns and of the classes. */
#ifndef DATA_SCHEMA_H
#define DATA_SCHEMA_H

#include "data/table.h"

typedef struct LabelRule {
    const Labels *known; /* the classes there are; NULL: those of the cells */
    bool comma;          /* numbers may use a decimal comma */
    bool by_bytes;       /* names that are numbers are not sorted by value */
} LabelRule;

/* Numbers trimmed cells: classes sorted, of_row [n], count.  *unknown: the first cell that is none of the
 * known ones, for label_unknown, or -1. */
Status labels_of(Err *e, Arena *a, const Cell *cell, int64_t n, const LabelRule *rule, Labels *out,
                 int64_t *unknown);
Status label_unknown(Err *e, Cell c, const Labels *known, const char *place);

/* Only the label of a table whose examples are in the column `source`: out->text is source, out->reason is of
 * the label.  No column asked for and none wanted: out->label is -1. */
Status schema_label(Err *e, Arena *a, const Table *t, int source, const char *label,
                    bool want_label, Schema *out);

Status column_facts(Err *e, Arena *a, const Table *t, int column, ColumnFacts *out);

#endif

/* SPDX-License-Identifier: MIT */
