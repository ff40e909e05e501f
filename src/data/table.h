/* table.h - inside of a table: the file as UTF-8, and the rows while they are read. */
#ifndef DATA_TABLE_H
#define DATA_TABLE_H

#include "data/data.h"

#define TABLE_FILE_MAX    ((size_t)2 << 30)
#define TABLE_FIELD_MAX   ((size_t)16 << 20)
#define TABLE_ROW_MAX     ((size_t)64 << 20)
#define TABLE_COLUMNS_MAX 65536

typedef struct Source { /* what is in the file, as UTF-8 */
    const char *path, *encoding;
    const char *text;
    size_t n;
} Source;

typedef struct Rows {
    Arena *a;
    Cell *cell;
    size_t cells, cell_cap;
    int64_t *line;
    size_t rows, line_cap;
    int columns;
    const char **name; /* JSONL: the keys; CSV: NULL */
    int64_t bad;
    TableBad mode;
} Rows;

/* encoding.c: refuses what is no text table, converts what is not UTF-8. */
Status source_read(Err *e, Arena *a, const char *path, Bytes b, Source *out);
/* Line and column (in characters) of a byte, both from 1. */
void source_place(const Source *s, size_t at, int64_t *line, size_t *column);
/* E_DATA with a line that names file, line and column. */
Status source_fail(Err *e, const Source *s, int64_t line, size_t line_start, size_t at,
                   const char *fmt, ...) PRINTF(6, 7);

/* table_open of a file's bytes. */
Status table_read(Err *e, Arena *a, const char *path, Bytes b, TableBad bad, Table **out);
Status csv_read(Err *e, Arena *a, const Source *s, Rows *out, const char **form);
Status jsonl_read(Err *e, Arena *a, const Source *s, Rows *out);
/* A row that cannot be used: counted and forgotten under TABLE_SKIP, else an error as it stands in e. */
Status rows_bad(Err *e, Rows *r);

bool table_comma(const Table *t); /* whether its numbers may use a decimal comma */

Cell cell_trim(Cell c);
bool cell_is(Cell c, const char *name); /* equal, whatever the case of ASCII letters */
/* Well-known names of columns (names.c): the place in the list, best first, or -1. */
int known_text(Cell name);
int known_label(Cell name);
bool known_id(Cell name);
bool known_file(Cell name); /* of pictures */

#endif

/* SPDX-License-Identifier: MIT */
