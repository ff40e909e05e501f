/* torch_stream.c - what torch.save wrote before 1.6: five pickles (magic number, protocol version, system,
 * the object, storage keys), then for each key its element count and its bytes. */
#include "formats/torch.h"

#include <string.h>

#define STREAM_VERSION 1001

typedef struct StreamForm {
    Bytes *records; /* by the storage of first mention */
} StreamForm;

static Status stream_record(Err *e, TorchFile *t, const Storage *s, Bytes *out)
{
    const StreamForm *form = t->form;
    int64_t first = 0;

    map_get(t->pickle->keys, s->key, strlen(s->key), &first);
    *out = form->records[first];
    if (out->data)
        return E_OK;
    fail(e, E_DATA, "the bytes of storage \"%s\" are missing", s->key);
    return err_note(e, "file", "%s", t->file);
}

static Status check_head(Err *e, Pickle *p, Cursor *c)
{
    Value magic, version, system;

    TRY(pickle_run(e, p, c, &magic)); /* the bytes were compared when sniffing */
    TRY(pickle_run(e, p, c, &version));
    if (version.kind != V_INT || version.u.i != STREAM_VERSION)
        return pickle_fail(e, p, "the stream's version is not %d", STREAM_VERSION);
    TRY(pickle_run(e, p, c, &system));
    if (system.kind != V_DICT)
        return pickle_fail(e, p, "the stream does not describe its system");
    for (uint32_t at = p->boxes[system.u.i].first; at; at = p->cells[at].next) {
        const Value *key = &p->cells[at].value;
        const Value *v = &p->cells[at = p->cells[at].next].value;

        if (value_is(key, "little_endian") && (v->kind != V_BOOL || !v->u.i))
            return pickle_fail(e, p, "the file was saved on a big-endian computer; not read");
    }
    return E_OK;
}

/* One record: u64 elements, then the bytes. */
static Status read_record(Err *e, const Pickle *p, Cursor *c, const Value *key, Bytes *records)
{
    uint64_t count, bytes;
    int64_t first;
    const uint8_t *data;

    if (key->kind != V_STRING || !map_get(p->keys, key->u.s, key->n, &first))
        return cur_fail(e, c, "the stream holds a storage that no tensor uses");
    const Storage *s = &p->storages[first];

    if (records[first].data)
        return cur_fail(e, c, "the stream lists storage \"%s\" twice", s->key);
    TRY(cur_u64(e, c, &count));
    if (count != (uint64_t)s->count) {
        cur_fail(e, c, "storage \"%s\" has another size than its tensors say", s->key);
        err_note(e, "expected", "%lld elements", (long long)s->count);
        return err_note(e, "found", "%llu", (unsigned long long)count);
    }
    if (__builtin_mul_overflow(count, dtype_size(s->dtype), &bytes) || bytes > c->n - c->at)
        return cur_fail(e, c, "storage \"%s\" reaches beyond the end of the file", s->key);
    TRY(cur_bytes(e, c, (size_t)bytes, &data));
    records[first] = (Bytes){data, (size_t)bytes};
    return E_OK;
}

static Status read_records(Err *e, const Pickle *p, Cursor *c, const Value *keys, Bytes *records)
{
    if (keys->kind != V_LIST)
        return pickle_fail(e, p, "the stream does not list its storages");
    for (uint32_t at = p->boxes[keys->u.i].first; at; at = p->cells[at].next)
        TRY(read_record(e, p, c, &p->cells[at].value, records));
    if (c->at != c->n)
        return cur_fail(e, c, "%zu bytes after the last storage", c->n - c->at);
    return E_OK;
}

Status torch_stream_parse(Err *e, Weights *w, const char *file, Bytes b)
{
    StreamForm form = {0};
    TorchFile t = {.file = file, .w = w, .record = stream_record, .form = &form};
    Cursor c = {.file = file, .data = b.data, .n = b.n};
    Value saved, keys;

    w->format = "PyTorch stream";
    TRY(pickle_new(e, w->arena, NULL, &t.pickle));
    TRY(check_head(e, t.pickle, &c));
    TRY(pickle_run(e, t.pickle, &c, &saved));
    TRY(pickle_run(e, t.pickle, &c, &keys));
    form.records = NEWS(e, w->arena, Bytes, t.pickle->n_storages + 1);
    if (!form.records)
        return err_failed(e->code);
    TRY(read_records(e, t.pickle, &c, &keys, form.records));
    return torch_collect(e, &t, &saved);
}
/* SPDX-License-Identifier: MIT */
