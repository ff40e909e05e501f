/* schema.h - inside of the choice of columns. */
#ifndef DATA_SCHEMA_H
#define DATA_SCHEMA_H

#include "data/table.h"

Status column_facts(Err *e, Arena *a, const Table *t, int column, ColumnFacts *out);

#endif

/* SPDX-License-Identifier: MIT */
