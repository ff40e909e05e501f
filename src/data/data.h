/* data.h - people's own tables (CSV, TSV, JSONL): what they hold, which column is what, how it is split. */
#ifndef DATA_H
#define DATA_H

#include "base/base.h"

typedef struct Cell {
    const char *s; /* UTF-8, NUL after the end */
    size_t n;
} Cell;

typedef struct Table {
    const char *path;
    const char *encoding; /* "UTF-8", "UTF-8 with BOM", "UTF-16LE", "Windows-1252", ... as found */
    const char *form;     /* "CSV", "TSV", "CSV with ;", "JSONL" */
    int columns;
    const char **name; /* [columns]; "column 1", ... when the file has no header */
    bool header;
    int64_t rows;
    const Cell *cell;    /* [rows * columns] */
    const int64_t *line; /* [rows] first line of each row in the file, from 1 */
    int64_t bad_rows;    /* skipped under TABLE_SKIP */
    int64_t features; /* of a table of numbers folded into one column: how many; 0: it is another */
} Table;

typedef enum { TABLE_FAIL, TABLE_SKIP } TableBad;

/* Reads the whole table.  .xlsx, .parquet, .zip and the like are refused with the export hint. */
Status table_open(Err *e, Arena *a, const char *path, TableBad bad, Table **out);
int table_column(const Table *t, const char *name); /* -1 when absent */
Cell table_cell(const Table *t, int64_t row, int column);
/* A plain decimal number and nothing else; comma: "3,5" is one too. */
bool number_parse(Cell c, bool comma, double *value, bool *whole);

typedef enum { COLUMN_TEXT, COLUMN_LABEL, COLUMN_NUMBER, COLUMN_ID, COLUMN_EMPTY } ColumnKind;

typedef struct ColumnFacts {
    ColumnKind kind;
    int64_t distinct, empty;
    double mean_words;
    const char *reason; /* "240 of 240 values are different", for messages */
} ColumnFacts;

typedef struct Schema {
    int text, second, label;  /* column numbers; second and label -1 when there is none */
    bool regression;          /* the label is a measurement */
    const char *reason;       /* why these columns and this task, one line */
    const ColumnFacts *facts; /* [columns] */
} Schema;

/* text, second, label: column names asked for, or NULL to find them.  An id column is never text; a nearly
 * unique label column is refused with the candidates listed. */
Status table_schema(Err *e, Arena *a, const Table *t, const char *text, const char *second,
                    const char *label, bool want_label, Schema *out);

typedef struct Labels {
    int n;
    const char **name; /* sorted: numbers by value, else by bytes */
    int32_t *of_row;   /* [rows]; -1 where empty */
    int64_t *count;    /* [n] */
} Labels;

/* known: label names of an existing model (rows with another label are an error naming file and line), or NULL. */
Status table_labels(Err *e, Arena *a, const Table *t, int column, const Labels *known, Labels *out);
Status table_numbers(Err *e, Arena *a, const Table *t, int column, float **out); /* [rows] */

typedef enum { PART_TRAIN, PART_VALID, PART_TEST } Part;

/* Part of each row, by seed, stratified by label; rows whose normalised text is equal stay together, so that
 * no duplicate leaks.  A class with one example stays in training and is noted. */
Status table_split(Err *e, Arena *a, const Table *t, const Schema *s, const Labels *l, double valid,
                   double test, uint64_t seed, uint8_t **part, int64_t *duplicates);

/* ---- plain text (documents.c) ---- */

typedef struct Documents {
    const char *path, *encoding;
    const char *text; /* UTF-8 */
    size_t n, at;     /* bytes of it; where the next document is looked for */
    int64_t count;    /* given so far */
    int64_t bytes;    /* of the file */
    char fingerprint[65];
} Documents;

/* The file's text lives in `a`. */
Status documents_open(Err *e, Arena *a, const char *path, Documents *out);
/* What stands between blank lines, one after the other, without a NUL; false: there are no more. */
bool documents_next(Documents *d, Cell *out);

#endif
/* SPDX-License-Identifier: MIT */
