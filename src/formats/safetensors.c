/* safetensors.c - reads a safetensors file: u64 header length, JSON header, one buffer.
 * https://github.com/huggingface/safetensors (format), stricter than the reference: no duplicate keys,
 * no unknown fields, the tensors tile the buffer exactly (any order in the header). */
#include "formats/weights.h"

#include <string.h>

#define HEADER_MAX   100000000 /* bytes, as in the reference */
#define HEADER_DEPTH 4         /* levels of JSON; a valid header has three */

typedef struct Reader {
    const char *file;
    Weights *w;
    JsonScan *scan;
    Bytes buffer;       /* what follows the header */
    uint64_t buffer_at; /* its offset in the file */
    Span *spans;
    size_t n, cap;
    bool metadata_seen;
} Reader;

/* A tensor's entry while it is read. */
typedef struct Fields {
    bool dtype, shape, offsets;
} Fields;

static Status bad_entry(Err *e, const Reader *r, const char *name, const char *what)
{
    fail(e, E_DATA, "tensor \"%s\" %s", name, what);
    return err_note(e, "file", "%s", r->file);
}

static Status read_shape(Err *e, Reader *r, const char *name, Shape *s)
{
    JsonToken t;

    TRY(json_expect(e, r->scan, JSON_ARRAY, &t));
    for (;;) {
        TRY(json_next(e, r->scan, &t));
        if (t.kind == JSON_ARRAY_END)
            break;
        if (t.kind != JSON_NUMBER || !t.is_integer || t.integer < 0)
            return json_fail(e, r->scan, t.offset, "a dimension of tensor \"%s\" is not a count",
                             name);
        if (s->rank == SHAPE_MAX)
            return json_fail(e, r->scan, t.offset, "tensor \"%s\" has more than %d dimensions",
                             name, SHAPE_MAX);
        s->dim[s->rank++] = t.integer;
    }
    return E_OK;
}

static Status read_offsets(Err *e, Reader *r, const char *name, Span *span)
{
    uint64_t *to[2] = {&span->begin, &span->end};
    JsonToken t;

    TRY(json_expect(e, r->scan, JSON_ARRAY, &t));
    for (int i = 0; i < 2; i++) {
        TRY(json_expect(e, r->scan, JSON_NUMBER, &t));
        if (!t.is_integer || t.integer < 0)
            return json_fail(e, r->scan, t.offset,
                             "a data offset of tensor \"%s\" is not a position", name);
        *to[i] = (uint64_t)t.integer;
    }
    return json_expect(e, r->scan, JSON_ARRAY_END, &t);
}

static Status read_dtype(Err *e, Reader *r, const char *name, DType *out)
{
    JsonToken t;

    TRY(json_expect(e, r->scan, JSON_STRING, &t));
    if (!dtype_parse(t.text, t.len, out))
        return json_fail(e, r->scan, t.offset, "tensor \"%s\" has the unknown dtype \"%.*s\"", name,
                         (int)(t.len < 40 ? t.len : 40), t.text);
    return E_OK;
}

static Status read_field(Err *e, Reader *r, const JsonToken *key, Fields *f, Weight *w, Span *span)
{
    bool *seen;

    if (key->len == 5 && memcmp(key->text, "dtype", 5) == 0)
        seen = &f->dtype;
    else if (key->len == 5 && memcmp(key->text, "shape", 5) == 0)
        seen = &f->shape;
    else if (key->len == 12 && memcmp(key->text, "data_offsets", 12) == 0)
        seen = &f->offsets;
    else
        return json_fail(e, r->scan, key->offset, "tensor \"%s\" has the unknown field \"%.*s\"",
                         w->name, (int)(key->len < 40 ? key->len : 40), key->text);
    if (*seen)
        return json_fail(e, r->scan, key->offset, "tensor \"%s\" has \"%.*s\" twice", w->name,
                         (int)key->len, key->text);
    *seen = true;
    if (seen == &f->dtype)
        return read_dtype(e, r, w->name, &w->dtype);
    if (seen == &f->shape)
        return read_shape(e, r, w->name, &w->shape);
    return read_offsets(e, r, w->name, span);
}

/* The claim of one tensor, checked against the buffer and against its own shape. */
static Status check_span(Err *e, const Reader *r, const Weight *w, const Span *span)
{
    int64_t count, bytes;

    if (span->begin > span->end)
        return bad_entry(e, r, w->name, "ends before it begins");
    if (span->end > r->buffer.n) {
        bad_entry(e, r, w->name, "lies beyond the end of the file");
        return err_note(e, "found", "data_offsets to %llu of %zu bytes",
                        (unsigned long long)span->end, r->buffer.n);
    }
    if (!shape_count(&w->shape, &count) ||
        __builtin_mul_overflow(count, (int64_t)dtype_size(w->dtype), &bytes))
        return bad_entry(e, r, w->name, "has a shape whose size overflows");
    if ((uint64_t)bytes != span->end - span->begin) {
        bad_entry(e, r, w->name, "has a shape that does not fit its bytes");
        err_note(e, "expected", "%lld bytes for %s %s", (long long)bytes, dtype_name(w->dtype),
                 SHAPE_TEXT(&w->shape));
        return err_note(e, "found", "%llu bytes", (unsigned long long)(span->end - span->begin));
    }
    return E_OK;
}

/* data for readers that take pointers; a view where the file does not align it. */
static Status place(Err *e, Reader *r, Weight *w, const Span *span)
{
    const uint8_t *from = r->buffer.data + span->begin;
    int64_t stride = 1;

    if ((uintptr_t)from % dtype_size(w->dtype) == 0) {
        w->data = from;
        return E_OK;
    }
    View *v = NEW(e, r->w->arena, View);

    if (!v)
        return err_failed(e->code);
    v->from = from;
    for (int d = w->shape.rank - 1; d >= 0 && span->end > span->begin; d--) {
        v->stride[d] = w->shape.dim[d] > 1 ? stride : 0;
        stride *= w->shape.dim[d]; /* no overflow: the count was checked */
    }
    w->view = v;
    return E_OK;
}

static Status read_tensor(Err *e, Reader *r, const JsonToken *key)
{
    Fields f = {0};
    Span span = {0};
    JsonToken t;

    TRY(weights_check_name(e, r->file, key->text, key->len));
    Weight w = {.name = arena_strndup(e, r->w->arena, key->text, key->len), .file = r->file};

    if (!w.name)
        return err_failed(e->code);
    TRY(json_expect(e, r->scan, JSON_OBJECT, &t));
    for (;;) {
        TRY(json_next(e, r->scan, &t));
        if (t.kind != JSON_KEY)
            break;
        TRY(read_field(e, r, &t, &f, &w, &span));
    }
    if (!f.dtype)
        return bad_entry(e, r, w.name, "has no \"dtype\"");
    if (!f.shape)
        return bad_entry(e, r, w.name, "has no \"shape\"");
    if (!f.offsets)
        return bad_entry(e, r, w.name, "has no \"data_offsets\"");
    TRY(check_span(e, r, &w, &span));
    TRY(place(e, r, &w, &span));
    span.index = r->w->n;
    TRY(weights_add(e, r->w, &w));
    TRY(GROW(e, r->w->arena, r->spans, r->cap, r->n + 1));
    r->spans[r->n++] = span;
    return E_OK;
}

static Status read_metadata(Err *e, Reader *r, const JsonToken *key)
{
    Arena *a = r->w->arena;
    JsonToken t;
    Map *seen = map_new(e, a, 8);
    int64_t other;

    if (!seen)
        return err_failed(e->code);
    if (r->metadata_seen)
        return json_fail(e, r->scan, key->offset, "\"__metadata__\" appears twice");
    r->metadata_seen = true;
    TRY(json_expect(e, r->scan, JSON_OBJECT, &t));
    for (;;) {
        TRY(json_next(e, r->scan, &t));
        if (t.kind != JSON_KEY)
            break;
        char *name = arena_strndup(e, a, t.text, t.len);

        if (!name)
            return err_failed(e->code);
        if (!weights_utf8(name, t.len))
            return json_fail(e, r->scan, t.offset, "a metadata key is not UTF-8");
        if (map_get(seen, name, t.len, &other))
            return json_fail(e, r->scan, t.offset, "metadata key \"%.100s\" appears twice", name);
        TRY(map_put(e, seen, name, t.len, 1));
        TRY(json_next(e, r->scan, &t));
        if (t.kind != JSON_STRING)
            return json_fail(e, r->scan, t.offset, "metadata \"%.100s\" is not a string", name);
        if (!weights_utf8(t.text, t.len))
            return json_fail(e, r->scan, t.offset, "metadata \"%.100s\" is not UTF-8", name);
        char *value = arena_strndup(e, a, t.text, t.len);

        if (!value)
            return err_failed(e->code);
        TRY(weights_add_metadata(e, r->w, name, value));
    }
    return E_OK;
}

/* Every byte of the buffer belongs to exactly one tensor: nothing hidden, nothing shared. */
static Status check_tiling(Err *e, Reader *r)
{
    uint64_t at = 0;

    spans_sort(r->spans, r->n);
    for (size_t i = 0; i < r->n; i++) {
        const Span *s = &r->spans[i];

        if (s->begin != at) {
            bad_entry(e, r, r->w->at[s->index].name,
                      s->begin < at ? "overlaps another tensor" : "leaves a hole before it");
            err_note(e, "expected", "to begin at %llu", (unsigned long long)at);
            return err_note(e, "found", "at %llu", (unsigned long long)s->begin);
        }
        at = s->end;
    }
    if (at != r->buffer.n) {
        fail(e, E_DATA, "%llu bytes after the last tensor", (unsigned long long)(r->buffer.n - at));
        err_note(e, "file", "%s", r->file);
        return err_note(e, "offset", "%llu", (unsigned long long)(r->buffer_at + at));
    }
    return E_OK;
}

static Status read_header(Err *e, Reader *r)
{
    JsonToken t;

    TRY(json_expect(e, r->scan, JSON_OBJECT, &t));
    for (;;) {
        TRY(json_next(e, r->scan, &t));
        if (t.kind != JSON_KEY)
            break;
        if (t.len == 12 && memcmp(t.text, "__metadata__", 12) == 0)
            TRY(read_metadata(e, r, &t));
        else
            TRY(read_tensor(e, r, &t));
    }
    return json_expect(e, r->scan, JSON_END, &t);
}

Status safetensors_parse(Err *e, Weights *w, const char *file, Bytes b)
{
    Cursor c = {.file = file, .data = b.data, .n = b.n};
    Reader r = {.file = file, .w = w};
    const uint8_t *header;
    uint64_t n;

    w->format = "safetensors";
    TRY(cur_u64(e, &c, &n));
    if (n > HEADER_MAX || n > b.n - 8) {
        fail(e, E_DATA, "the header claims %llu bytes", (unsigned long long)n);
        err_note(e, "file", "%s", file);
        return err_note(e, "expected", "at most %zu: the file has %zu bytes",
                        b.n - 8 < HEADER_MAX ? b.n - 8 : (size_t)HEADER_MAX, b.n);
    }
    TRY(cur_bytes(e, &c, (size_t)n, &header));
    if (n < 2 || header[0] != '{')
        return cur_fail(e, &(Cursor){file, b.data, b.n, 8}, "the header does not begin with \"{\"");
    r.buffer = (Bytes){b.data + c.at, b.n - c.at};
    r.buffer_at = c.at;
    TRY(json_open(e, w->arena, file, header, (size_t)n, HEADER_DEPTH, &r.scan));
    TRY(read_header(e, &r));
    return check_tiling(e, &r);
}
/* SPDX-License-Identifier: MIT */
