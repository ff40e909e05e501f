/* torch.c - from what torch.save stored to named tensors.  A dict of tensors is taken as it is; of a dict
 * of dicts the one that holds the weights ({"state_dict": ..}); anything else is flattened with dots. */
#include "formats/torch.h"

#include <string.h>

/* Where training programs keep the weights, if several dicts hold tensors. */
static const char *const wrappers[] = {
    "state_dict", "model_state_dict", "model", "module", "net", "network", "weights", "params",
};

static Status bad(Err *e, const TorchFile *t, const char *what)
{
    fail(e, E_DATA, "%s", what);
    return err_note(e, "file", "%s", t->file);
}

/* ---- one tensor ---- */

static Status find_record(Err *e, TorchFile *t, const Storage *s, Bytes *out)
{
    int64_t first = 0, bytes;

    if (__builtin_mul_overflow(s->count, (int64_t)dtype_size(s->dtype), &bytes)) {
        fail(e, E_DATA, "storage \"%s\" has a size that overflows", s->key);
        return err_note(e, "file", "%s", t->file);
    }
    map_get(t->pickle->keys, s->key, strlen(s->key), &first);
    Bytes *known = &t->records[first];

    if (!known->data)
        TRY(t->record(e, t, s, known));
    if ((uint64_t)bytes != known->n) {
        fail(e, E_DATA, "storage \"%s\" claims another size than its record has", s->key);
        err_note(e, "file", "%s", t->file);
        err_note(e, "expected", "%zu bytes", known->n);
        return err_note(e, "found", "%lld bytes", (long long)bytes);
    }
    *out = *known;
    return E_OK;
}

/* Row-major without gaps; axes of one element do not matter. */
static bool is_plain(const PickleTensor *p)
{
    int64_t wanted = 1;

    for (int d = p->shape.rank - 1; d >= 0; d--) {
        if (p->shape.dim[d] > 1 && p->stride[d] != wanted)
            return false;
        wanted *= p->shape.dim[d];
    }
    return true;
}

static Status add_tensor(Err *e, TorchFile *t, const char *name, const Value *v)
{
    const PickleTensor *p = &t->pickle->tensors[v->u.i];
    const Storage *s = &t->pickle->storages[p->storage];
    Weight w = {.name = name, .dtype = s->dtype, .shape = p->shape, .file = t->file};
    View *view;
    Bytes record = {0};

    TRY(weights_check_name(e, t->file, name, strlen(name)));
    TRY(find_record(e, t, s, &record));
    if (shape_size(&p->shape) == 0) { /* an empty tensor's offset is not proven, and not needed */
        w.data = record.data;
        return weights_add(e, t->w, &w);
    }
    const uint8_t *from = record.data + (size_t)p->offset * dtype_size(s->dtype);

    if (is_plain(p) && (uintptr_t)from % dtype_size(s->dtype) == 0) {
        w.data = from;
        return weights_add(e, t->w, &w);
    }
    if (!(view = NEW(e, t->w->arena, View)))
        return err_failed(e->code);
    view->from = from;
    memcpy(view->stride, p->stride, sizeof(view->stride));
    w.view = view;
    return weights_add(e, t->w, &w);
}

/* ---- what is not a tensor: a line of metadata ---- */

static Status value_text(Err *e, const TorchFile *t, const Value *v, const char **out)
{
    Arena *a = t->w->arena;
    const Box *boxes = t->pickle->boxes;

    switch (v->kind) {
    case V_NONE:
        *out = "none";
        break;
    case V_BOOL:
        *out = v->u.i ? "true" : "false";
        break;
    case V_INT:
        *out = arena_printf(e, a, "%lld", (long long)v->u.i);
        break;
    case V_FLOAT:
        *out = arena_printf(e, a, "%.15g", v->u.f);
        break;
    case V_STRING:
        *out = arena_strndup(e, a, v->u.s, v->n < 1024 ? v->n : 1024);
        break;
    case V_DICT:
        *out = arena_printf(e, a, "a dict of %u", boxes[v->u.i].n / 2);
        break;
    case V_LIST:
    case V_TUPLE:
        *out = arena_printf(e, a, "a list of %u", boxes[v->u.i].n);
        break;
    case V_TENSOR:
        *out = arena_printf(e, a, "a tensor %s", SHAPE_TEXT(&t->pickle->tensors[v->u.i].shape));
        break;
    default:
        *out = "not read";
    }
    return *out ? E_OK : e->code;
}

/* A dict's key, or a list's position, as text. */
static Status key_text(Err *e, const TorchFile *t, const Value *key, const char **out)
{
    Arena *a = t->w->arena;

    if (key->kind == V_STRING) {
        TRY(weights_check_name(e, t->file, key->u.s, key->n));
        *out = arena_strndup(e, a, key->u.s, key->n);
    } else if (key->kind == V_INT) {
        *out = arena_printf(e, a, "%lld", (long long)key->u.i);
    } else {
        return bad(e, t, "a dict has a key that is neither text nor number");
    }
    return *out ? E_OK : e->code;
}

static Status add_note(Err *e, TorchFile *t, const Value *key, const Value *v)
{
    const char *name, *text;

    TRY(key_text(e, t, key, &name));
    TRY(value_text(e, t, v, &text));
    return weights_add_metadata(e, t->w, name, text);
}

/* ---- which dict ---- */

/* The items of a dict in turn: for (at = first; item(..);) */
static bool next_pair(const Pickle *p, uint32_t *at, Value *key, Value *v)
{
    if (!*at)
        return false;
    *key = p->cells[*at].value;
    *at = p->cells[*at].next;
    *v = p->cells[*at].value; /* dicts hold pairs */
    *at = p->cells[*at].next;
    return true;
}

static bool holds_tensors(const Pickle *p, const Value *dict)
{
    Value key, v;

    if (dict->kind != V_DICT)
        return false;
    for (uint32_t at = p->boxes[dict->u.i].first; next_pair(p, &at, &key, &v);)
        if (v.kind == V_TENSOR)
            return true;
    return false;
}

/* The position of a wrapper's name; later ones are preferred less, unknown names least. */
static size_t rank_of(const Value *key)
{
    size_t i = 0;

    while (i < LEN(wrappers) && !value_is(key, wrappers[i]))
        i++;
    return i;
}

/* The child dict that holds the weights: one of a known name, even beside tensors (a step counter); else
 * the only one, if no tensor stands beside it. */
static bool choose(const Pickle *p, const Value *dict, Value *out)
{
    Value key, v;
    size_t best = LEN(wrappers) + 1, found = 0;

    for (uint32_t at = p->boxes[dict->u.i].first; next_pair(p, &at, &key, &v);) {
        if (!holds_tensors(p, &v))
            continue;
        found++;
        if (rank_of(&key) < best) {
            best = rank_of(&key);
            *out = v;
        }
    }
    return best < LEN(wrappers) || (found == 1 && !holds_tensors(p, dict));
}

/* Tensors of one dict become weights, the rest notes. */
static Status add_dict(Err *e, TorchFile *t, const Value *dict)
{
    Value key, v;
    const char *name;

    for (uint32_t at = t->pickle->boxes[dict->u.i].first; next_pair(t->pickle, &at, &key, &v);) {
        if (v.kind != V_TENSOR) {
            TRY(add_note(e, t, &key, &v));
            continue;
        }
        TRY(key_text(e, t, &key, &name));
        TRY(add_tensor(e, t, name, &v));
    }
    return E_OK;
}

static Status add_siblings(Err *e, TorchFile *t, const Value *dict, const Value *chosen)
{
    Value key, v;

    for (uint32_t at = t->pickle->boxes[dict->u.i].first; next_pair(t->pickle, &at, &key, &v);)
        if (v.kind != V_DICT || v.u.i != chosen->u.i)
            TRY(add_note(e, t, &key, &v));
    return E_OK;
}

/* ---- anything else: every tensor in it, its name the way to it ---- */

typedef struct Level {
    const char *prefix;
    uint32_t at;
    bool dict;
    int64_t index;
} Level;

static Status enter(Err *e, TorchFile *t, Level *levels, int *depth, const char *prefix,
                    const Value *v)
{
    Box *b = &t->pickle->boxes[v->u.i];

    if (b->seen)
        return b->n ? bad(e, t, "a list or dict appears twice, or inside itself") : E_OK;
    if (*depth == PICKLE_DEPTH_MAX) {
        bad(e, t, "lists and dicts are nested too deeply");
        return err_note(e, "expected", "at most %d levels", PICKLE_DEPTH_MAX);
    }
    b->seen = true;
    levels[(*depth)++] = (Level){prefix, b->first, v->kind == V_DICT, 0};
    return E_OK;
}

static Status next_name(Err *e, const TorchFile *t, Level *l, Value *v, const char **name)
{
    Value key = {.kind = V_INT, .u.i = l->index++};
    const char *text;

    if (l->dict) {
        next_pair(t->pickle, &l->at, &key, v);
    } else {
        *v = t->pickle->cells[l->at].value;
        l->at = t->pickle->cells[l->at].next;
    }
    TRY(key_text(e, t, &key, &text));
    *name = *l->prefix ? arena_printf(e, t->w->arena, "%s.%s", l->prefix, text) : text;
    return *name ? weights_check_name(e, t->file, *name, strlen(*name)) : e->code;
}

static Status flatten(Err *e, TorchFile *t, const Value *top)
{
    Level levels[PICKLE_DEPTH_MAX];
    int depth = 0;
    const char *name;
    Value v = *top;

    TRY(enter(e, t, levels, &depth, "", &v));
    while (depth > 0) {
        Level *l = &levels[depth - 1];

        if (!l->at) {
            depth--;
            continue;
        }
        TRY(next_name(e, t, l, &v, &name));
        if (v.kind == V_TENSOR)
            TRY(add_tensor(e, t, name, &v));
        else if (v.kind == V_DICT || v.kind == V_LIST || v.kind == V_TUPLE)
            TRY(enter(e, t, levels, &depth, name, &v));
    }
    return E_OK;
}

Status torch_collect(Err *e, TorchFile *t, const Value *saved)
{
    Value chosen = *saved;

    t->records = NEWS(e, t->w->arena, Bytes, t->pickle->n_storages + 1);
    if (!t->records)
        return err_failed(e->code);
    if (saved->kind == V_TENSOR)
        return add_tensor(e, t, "tensor", saved);
    if (saved->kind == V_DICT && choose(t->pickle, saved, &chosen)) {
        TRY(add_siblings(e, t, saved, &chosen));
        return add_dict(e, t, &chosen);
    }
    if (holds_tensors(t->pickle, saved))
        return add_dict(e, t, saved);
    size_t before = t->w->n;

    if (saved->kind == V_DICT || saved->kind == V_LIST || saved->kind == V_TUPLE)
        TRY(flatten(e, t, saved));
    if (t->w->n == before)
        return bad(e, t, "the file holds no tensors");
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
