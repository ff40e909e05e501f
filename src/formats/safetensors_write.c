/* safetensors_write.c - writes a safetensors file as the reference does: header padded with spaces to 8
 * bytes, {"format": "pt"} in the metadata (transformers refuses files without it), tensors in order. */
#include "formats/weights.h"

#include <string.h>

typedef struct Text {
    Arena *arena;
    char *at;
    size_t n, cap;
} Text;

static Status put(Err *e, Text *t, const char *s, size_t n)
{
    TRY(GROW(e, t->arena, t->at, t->cap, t->n + n));
    memcpy(t->at + t->n, s, n);
    t->n += n;
    return E_OK;
}

static Status put_text(Err *e, Text *t, const char *s)
{
    return put(e, t, s, strlen(s));
}

/* A JSON string; everything but quotes, backslashes and control characters stands for itself. */
static Status put_string(Err *e, Text *t, const char *s)
{
    static const char hex[] = "0123456789abcdef";

    TRY(put(e, t, "\"", 1));
    for (; *s; s++) {
        uint8_t c = (uint8_t)*s;

        if (c == '"' || c == '\\')
            TRY(put(e, t, (char[]){'\\', (char)c}, 2));
        else if (c < 0x20)
            TRY(put(e, t, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6));
        else
            TRY(put(e, t, s, 1));
    }
    return put(e, t, "\"", 1);
}

static Status put_count(Err *e, Text *t, uint64_t v)
{
    char digits[20];
    size_t n = sizeof(digits);

    do
        digits[--n] = (char)('0' + v % 10);
    while (v /= 10);
    return put(e, t, digits + n, sizeof(digits) - n);
}

static Status put_metadata(Err *e, Text *t, const char *const *metadata)
{
    TRY(put_text(e, t, "{\"__metadata__\":{\"format\":\"pt\""));
    for (; metadata && *metadata; metadata += 2) {
        if (strcmp(metadata[0], "format") == 0)
            continue;
        TRY(put(e, t, ",", 1));
        TRY(put_string(e, t, metadata[0]));
        TRY(put(e, t, ":", 1));
        TRY(put_string(e, t, metadata[1]));
    }
    return put(e, t, "}", 1);
}

static Status put_tensor(Err *e, Text *t, const NamedTensor *nt, uint64_t *at)
{
    const Tensor *x = &nt->tensor;
    uint64_t end = *at + (uint64_t)shape_size(&x->shape) * dtype_size(x->dtype);

    TRY(put(e, t, ",", 1));
    TRY(put_string(e, t, nt->name));
    TRY(put_text(e, t, ":{\"dtype\":"));
    TRY(put_string(e, t, dtype_name(x->dtype)));
    TRY(put_text(e, t, ",\"shape\":["));
    for (int d = 0; d < x->shape.rank; d++) {
        TRY(put(e, t, ",", d > 0));
        TRY(put_count(e, t, (uint64_t)x->shape.dim[d]));
    }
    TRY(put_text(e, t, "],\"data_offsets\":["));
    TRY(put_count(e, t, *at));
    TRY(put(e, t, ",", 1));
    TRY(put_count(e, t, end));
    *at = end;
    return put_text(e, t, "]}");
}

static Status check_names(Err *e, Arena *a, const char *path, const NamedTensor *t, int n)
{
    Map *names = map_new(e, a, (size_t)n);
    int64_t other;

    if (!names)
        return err_failed(e->code);
    for (int i = 0; i < n; i++) {
        size_t len = strlen(t[i].name);

        TRY(weights_check_name(e, path, t[i].name, len));
        if (map_get(names, t[i].name, len, &other) || strcmp(t[i].name, "__metadata__") == 0) {
            fail(e, E_INTERNAL, "cannot write a second tensor \"%s\"", t[i].name);
            return err_note(e, "file", "%s", path);
        }
        TRY(map_put(e, names, t[i].name, len, i));
    }
    return E_OK;
}

Status safetensors_write(Err *e, Arena *a, const char *path, const NamedTensor *t, int n,
                         const char *const *metadata)
{
    Text header = {.arena = a};
    uint64_t at = 0;
    uint8_t length[8];
    Writer *w;

    TRY(check_names(e, a, path, t, n));
    TRY(put_metadata(e, &header, metadata));
    for (int i = 0; i < n; i++)
        TRY(put_tensor(e, &header, &t[i], &at));
    TRY(put(e, &header, "}", 1));
    while (header.n % 8)
        TRY(put(e, &header, " ", 1));

    TRY(writer_open(e, a, path, &w));
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)header.n >> (8 * i));
    TRY(writer_put(e, w, length, 8));
    TRY(writer_put(e, w, header.at, header.n));
    for (int i = 0; i < n; i++)
        TRY(writer_put(e, w, t[i].tensor.data,
                       (size_t)shape_size(&t[i].tensor.shape) * dtype_size(t[i].tensor.dtype)));
    return writer_commit(e, w);
}
/* SPDX-License-Identifier: MIT */
