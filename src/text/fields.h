/* fields.h - JSON objects read by a table of their keys: every key is known, typed and given once. */
#ifndef FIELDS_H
#define FIELDS_H

#include "base/base.h"

typedef struct Text {
    const char *s; /* NULL: absent or null */
    size_t n;
} Text;

typedef enum { FIELD_SKIP, FIELD_BOOL, FIELD_MAYBE, FIELD_INT, FIELD_TEXT, FIELD_READ } FieldKind;

typedef struct FieldReader {
    Arena *a;
    JsonScan *scan;
} FieldReader;

typedef Status (*FieldRead)(Err *e, FieldReader *r, const JsonToken *v, void *into);

/* BOOL fills a bool; MAYBE an int, 0, 1 or -1 for null; INT an int64_t; TEXT a Text; READ calls `read`
 * with the whole struct. */
typedef struct Field {
    const char *name;
    FieldKind kind;
    size_t at;
    FieldRead read;
} Field;

/* The first key that is in no row: an error of the caller, once it knows the object's type. */
typedef struct UnknownField {
    Text name;
    size_t offset;
} UnknownField;

typedef struct Fields { /* an object: what messages call it, and its keys */
    const char *what;
    const Field *field;
    size_t n;
} Fields;

#define FIELDS(what, field) (&(Fields){(what), (field), LEN(field)})

/* unknown NULL: such a key is an error at once. */
Status fields_read(Err *e, FieldReader *r, const JsonToken *first, const Fields *fields, void *into,
                   UnknownField *unknown);
/* The object that a file is, keys in no row passed over. */
Status fields_read_file(Err *e, Arena *a, const char *path, Bytes bytes, const Fields *fields,
                        void *into);
bool text_is(Text t, const char *s);
bool text_equal(Text x, Text y);

/* For a "%.*s": the first 40 bytes, enough to know it by. */
#define TEXT_SHOWN(t) (int)((t).n < 40 ? (t).n : 40), (t).s ? (t).s : ""

#endif

/* SPDX-License-Identifier: MIT */
