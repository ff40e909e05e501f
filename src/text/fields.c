/* fields.c - JSON objects read by a table of their keys. */
#include <string.h>

#include "text/fields.h"

bool text_equal(Text x, Text y)
{
    return x.s && y.s && x.n == y.n && !memcmp(x.s, y.s, x.n);
}

bool text_is(Text t, const char *s)
{
    return text_equal(t, (Text){s, strlen(s)});
}

static const char *kind_name(FieldKind k)
{
    return k == FIELD_TEXT ? "a string" : k == FIELD_INT ? "an integer" : "true or false";
}

static Status field_value(Err *e, FieldReader *r, const JsonToken *v, const Field *f, void *into)
{
    void *at = (char *)into + f->at;
    bool truth = v->kind == JSON_TRUE || v->kind == JSON_FALSE;

    switch (f->kind) {
    case FIELD_SKIP:
        return json_skip(e, r->scan, v);
    case FIELD_READ:
        return f->read(e, r, v, into);
    case FIELD_BOOL:
        if (!truth)
            break;
        *(bool *)at = v->kind == JSON_TRUE;
        return E_OK;
    case FIELD_MAYBE:
        if (!truth && v->kind != JSON_NULL)
            break;
        *(int *)at = truth ? v->kind == JSON_TRUE : -1;
        return E_OK;
    case FIELD_INT:
        if (v->kind != JSON_NUMBER || !v->is_integer)
            break;
        *(int64_t *)at = v->integer;
        return E_OK;
    case FIELD_TEXT:
        if (v->kind != JSON_STRING && v->kind != JSON_NULL)
            break;
        *(Text *)at = v->kind == JSON_STRING ? (Text){v->text, v->len} : (Text){0};
        return E_OK;
    }
    return json_fail(e, r->scan, v->offset, "\"%s\" is not %s", f->name, kind_name(f->kind));
}

Status fields_read(Err *e, FieldReader *r, const JsonToken *first, const Fields *fields, void *into,
                   UnknownField *unknown)
{
    uint64_t seen = 0;
    JsonToken k, v;

    if (first->kind != JSON_OBJECT)
        return json_fail(e, r->scan, first->offset, "%s is not an object", fields->what);
    for (;;) {
        size_t i = 0;

        TRY(json_next(e, r->scan, &k));
        if (k.kind == JSON_OBJECT_END)
            return E_OK;
        while (i < fields->n && !text_is((Text){k.text, k.len}, fields->field[i].name))
            i++;
        TRY(json_next(e, r->scan, &v));
        if (i < fields->n) {
            if (seen >> i & 1)
                return json_fail(e, r->scan, k.offset, "%s has \"%s\" twice", fields->what,
                                 fields->field[i].name);
            seen |= (uint64_t)1 << i;
            TRY(field_value(e, r, &v, &fields->field[i], into));
            continue;
        }
        if (!unknown)
            return json_fail(e, r->scan, k.offset, "%s has \"%.*s\", which is not read yet",
                             fields->what, TEXT_SHOWN(((Text){k.text, k.len})));
        if (!unknown->name.s)
            *unknown = (UnknownField){{k.text, k.len}, k.offset};
        TRY(json_skip(e, r->scan, &v));
    }
}

#define FILE_LEVELS 32

Status fields_read_file(Err *e, Arena *a, const char *path, Bytes bytes, const Fields *fields,
                        void *into)
{
    FieldReader r = {.a = a};
    UnknownField unknown = {0};
    JsonToken v;

    TRY(json_open(e, a, path, bytes.data, bytes.n, FILE_LEVELS, &r.scan));
    TRY(json_next(e, r.scan, &v));
    TRY(fields_read(e, &r, &v, fields, into, &unknown));
    return json_expect(e, r.scan, JSON_END, &v);
}

/* SPDX-License-Identifier: MIT */
