/* weights.c - the list of named tensors that every reader fills, and reading one of them out.
 * Everything lives in the arena given to weights_open; tensor data stays in the mapped file. */
#include "formats/weights.h"

#include <string.h>

Status weights_new(Err *e, Arena *a, Weights **out)
{
    Weights *w = NEW(e, a, Weights);

    if (!w)
        return err_failed(e->code);
    w->arena = a;
    w->names = map_new(e, a, 256);
    w->keys = map_new(e, a, 8);
    if (!w->names || !w->keys)
        return err_failed(e->code);
    *out = w;
    return E_OK;
}

Status weights_map(Err *e, Weights *w, const char *path, Bytes *out)
{
    File *f;

    TRY(GROW(e, w->arena, w->map, w->cap_maps, w->n_maps + 1));
    TRY(file_open(e, w->arena, path, &f));
    w->map[w->n_maps++] = f;
    return file_map(e, f, out);
}

void weights_forget(const Weights *w)
{
    for (size_t i = 0; i < w->n_maps; i++)
        file_forget(w->map[i]);
}

/* The bytes of the well-formed UTF-8 sequence at s, or 0 (Unicode 15, table 3-7). */
static size_t utf8_sequence(const uint8_t *s, size_t n)
{
    uint8_t low = 0x80, high = 0xBF;
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;

    if (s[0] > 0xF4 || len > n)
        return 0;
    if (s[0] == 0xE0)
        low = 0xA0;
    if (s[0] == 0xED)
        high = 0x9F; /* no surrogates */
    if (s[0] == 0xF0)
        low = 0x90;
    if (s[0] == 0xF4)
        high = 0x8F;
    for (size_t i = 1; i < len; i++, low = 0x80, high = 0xBF)
        if (s[i] < low || s[i] > high)
            return 0;
    return len;
}

bool weights_utf8(const char *s, size_t n)
{
    for (size_t i = 0, step; i < n; i += step)
        if (!(step = utf8_sequence((const uint8_t *)s + i, n - i)))
            return false;
    return true;
}

Status weights_check_name(Err *e, const char *file, const char *name, size_t n)
{
    const uint8_t *s = (const uint8_t *)name;
    size_t step;

    if (n > WEIGHT_NAME_MAX) {
        fail(e, E_DATA, "a tensor name of %zu bytes is too long", n);
        err_note(e, "file", "%s", file);
        err_note(e, "expected", "at most %d bytes", WEIGHT_NAME_MAX);
        return err_note(e, "found", "\"%.40s...\"", name);
    }
    for (size_t i = 0; i < n; i += step) {
        step = utf8_sequence(s + i, n - i);
        if (step == 0 || s[i] < 0x20 || s[i] == 0x7F) {
            fail(e, E_DATA, "a tensor name holds %s",
                 step ? "a control character" : "bytes that are not UTF-8");
            err_note(e, "file", "%s", file);
            return err_note(e, "found", "byte 0x%02X at position %zu of the name", s[i], i);
        }
    }
    return E_OK;
}

Status weights_add(Err *e, Weights *w, const Weight *add)
{
    size_t len = strlen(add->name);
    int64_t other;

    if (map_get(w->names, add->name, len, &other)) {
        fail(e, E_DATA, "tensor \"%s\" appears twice", add->name);
        err_note(e, "file", "%s", add->file);
        if (w->at[other].file != add->file)
            err_note(e, "also in", "%s", w->at[other].file);
        return err_failed(e->code);
    }
    if (w->n >= WEIGHTS_MAX) {
        fail(e, E_DATA, "more than %d tensors", WEIGHTS_MAX);
        return err_note(e, "file", "%s", add->file);
    }
    TRY(GROW(e, w->arena, w->at, w->cap, w->n + 1));
    Weight *new = &w->at[w->n];

    *new = *add;
    new->name = arena_strndup(e, w->arena, add->name, len);
    if (!new->name)
        return err_failed(e->code);
    new->index = (int)w->n;
    TRY(map_put(e, w->names, new->name, len, (int64_t)w->n));
    w->n++;
    return E_OK;
}

Status weights_add_metadata(Err *e, Weights *w, const char *key, const char *value)
{
    size_t len = strlen(key);
    int64_t other;

    if (map_get(w->keys, key, len, &other))
        return E_OK;
    if (w->n_metadata >= WEIGHTS_METADATA_MAX)
        return fail(e, E_DATA, "more than %d entries of metadata", WEIGHTS_METADATA_MAX);
    TRY(GROW(e, w->arena, w->metadata, w->cap_metadata, w->n_metadata + 1));
    Metadata *m = &w->metadata[w->n_metadata];

    m->key = arena_strndup(e, w->arena, key, len);
    m->value = arena_strndup(e, w->arena, value, strlen(value));
    if (!m->key || !m->value)
        return err_failed(e->code);
    TRY(map_put(e, w->keys, m->key, len, (int64_t)w->n_metadata));
    w->n_metadata++;
    return E_OK;
}

const char *weights_format(const Weights *w)
{
    return w->format;
}

int weights_count(const Weights *w)
{
    return (int)w->n;
}

const Weight *weights_at(const Weights *w, int i)
{
    return &w->at[i];
}

const Weight *weights_find(const Weights *w, const char *name)
{
    int64_t i;

    return map_get(w->names, name, strlen(name), &i) ? &w->at[i] : NULL;
}

int weights_metadata_count(const Weights *w)
{
    return (int)w->n_metadata;
}

void weights_metadata_at(const Weights *w, int i, const char **key, const char **value)
{
    *key = w->metadata[i].key;
    *value = w->metadata[i].value;
}

void weights_sum(const Weights *w, WeightsSum *out)
{
    *out = (WeightsSum){.files = w->files, .file_bytes = w->file_bytes};
    for (size_t i = 0; i < w->n; i++) {
        const Weight *at = &w->at[i];
        out->tensors[at->dtype]++;
        out->elements[at->dtype] += shape_size(&at->shape);
    }
}

/* ---- reading: a walk over the elements in row-major order ---- */

enum { CHUNK = 256 };

typedef struct Walk {
    const Weight *w;
    int64_t at[SHAPE_MAX];
    int64_t offset; /* in elements from view->from */
} Walk;

/* Takes `run` elements along the last axis, then turns the axes before it as an odometer does. */
static void walk_step(Walk *k, int64_t run)
{
    const Shape *s = &k->w->shape;
    const int64_t *stride = k->w->view->stride;

    for (int d = s->rank - 1; d >= 0; d--, run = 1) {
        k->at[d] += run;
        k->offset += run * stride[d];
        if (k->at[d] < s->dim[d])
            return;
        k->offset -= s->dim[d] * stride[d];
        k->at[d] = 0;
    }
}

/* The next elements, packed; at most `room` of them and never across the last axis. */
static int64_t walk_take(Walk *k, int64_t room, uint8_t *packed)
{
    const Shape *s = &k->w->shape;
    const View *v = k->w->view;
    int last = s->rank - 1;
    size_t size = dtype_size(k->w->dtype);
    int64_t run = last < 0 ? 1 : s->dim[last] - k->at[last], step = last < 0 ? 0 : v->stride[last];

    if (run > room)
        run = room;
    for (int64_t i = 0; i < run; i++)
        memcpy(packed + (size_t)i * size, v->from + (size_t)(k->offset + i * step) * size, size);
    walk_step(k, run);
    return run;
}

/* Up to CHUNK elements in order, packed and aligned; 0 when all `total` have been taken. */
static int64_t walk_chunk(Walk *k, int64_t done, int64_t total, uint8_t *packed)
{
    int64_t n = 0, room = total - done < CHUNK ? total - done : CHUNK;
    size_t size = dtype_size(k->w->dtype);

    while (n < room)
        n += walk_take(k, room - n, packed + (size_t)n * size);
    return n;
}

Status weights_read_f32(Err *e, const Weight *w, float *dst)
{
    int64_t total = shape_size(&w->shape), n;
    Walk k = {.w = w};
    _Alignas(8) uint8_t packed[CHUNK * 8] = {0};

    (void)e; /* every number type has a float32 */
    if (w->data) {
        tensor_to_f32(w->dtype, w->data, total, dst);
        return E_OK;
    }
    for (int64_t done = 0; (n = walk_chunk(&k, done, total, packed)) > 0; done += n)
        tensor_to_f32(w->dtype, packed, n, dst + done);
    return E_OK;
}

static int64_t integer_at(DType t, const uint8_t *p)
{
    int64_t i64;
    int32_t i32;
    int16_t i16;

    switch (t) {
    case DT_I64:
        memcpy(&i64, p, 8);
        return i64;
    case DT_I32:
        memcpy(&i32, p, 4);
        return i32;
    case DT_I16:
        memcpy(&i16, p, 2);
        return i16;
    case DT_I8:
        return (int8_t)*p;
    case DT_BOOL:
        return *p != 0;
    default:
        return *p;
    }
}

Status weights_read_i64(Err *e, const Weight *w, int64_t *dst)
{
    int64_t total = shape_size(&w->shape), n;
    size_t size = dtype_size(w->dtype);
    Walk k = {.w = w};
    _Alignas(8) uint8_t packed[CHUNK * 8] = {0};

    if (w->dtype == DT_F32 || w->dtype == DT_F64 || w->dtype == DT_F16 || w->dtype == DT_BF16) {
        fail(e, E_DATA, "tensor \"%s\" does not hold integers", w->name);
        err_note(e, "file", "%s", w->file);
        return err_note(e, "found", "%s %s", dtype_name(w->dtype), SHAPE_TEXT(&w->shape));
    }
    if (w->data) {
        for (int64_t i = 0; i < total; i++)
            dst[i] = integer_at(w->dtype, (const uint8_t *)w->data + (size_t)i * size);
        return E_OK;
    }
    for (int64_t done = 0; (n = walk_chunk(&k, done, total, packed)) > 0; done += n)
        for (int64_t i = 0; i < n; i++)
            dst[done + i] = integer_at(w->dtype, packed + (size_t)i * size);
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
