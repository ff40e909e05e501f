/* pickle_build.c - what a pickle may make: dicts, tuples, storages, tensors (torch/_utils.py,
 * torch/serialization.py).  A builder only fills a struct; every view is proven to lie inside its storage. */
#include "formats/pickle.h"

#include <string.h>

typedef enum GlobalKind {
    G_DICT,
    G_NAMESPACE,
    G_TUPLE,
    G_OPAQUE,
    G_STORAGE,
    G_TENSOR,
    G_TENSOR_V2,
    G_PARAMETER,
    G_FOREIGN,
} GlobalKind;

typedef struct Global {
    const char *module, *name;
    GlobalKind kind;
    DType dtype;
    const char *what; /* of a foreign one */
} Global;

static const Global globals[] = {
#define GLOBAL(module, name, kind, dtype) {module, name, kind, dtype, NULL},
#define FOREIGN(module, name, what)       {module, name, G_FOREIGN, 0, what},
#include "formats/globals.def"
#undef GLOBAL
#undef FOREIGN
};

static bool same(const char *name, const char *s, size_t n)
{
    return strlen(name) == n && memcmp(name, s, n) == 0;
}

Status pickle_global(Err *e, Pickle *p, const char *module, size_t n, const char *name, size_t m,
                     Value *out)
{
    for (size_t i = 0; i < LEN(globals); i++) {
        const Global *g = &globals[i];

        if (!same(g->module, module, n) || !same(g->name, name, m))
            continue;
        if (g->kind == G_FOREIGN)
            return pickle_fail(e, p, "the pickle holds %s, which is not read", g->what);
        *out = (Value){.kind = V_GLOBAL, .u.i = (int64_t)i};
        return E_OK;
    }
    pickle_fail(e, p, "the pickle names %.*s.%.*s, which no weights need", (int)n, module, (int)m,
                name);
    return err_note(e, "hint",
                    "nothing in it was run; a model saved whole must be saved as its state_dict()");
}

/* OrderedDict(), OrderedDict([[key, value], ..]), defaultdict(factory), Counter({..}) */
static Status reduce_dict(Err *e, Pickle *p, const Value *args, int n, Value *out)
{
    const Value *from = n ? &args[0] : NULL;

    if (from && from->kind == V_DICT) {
        *out = *from;
        return E_OK;
    }
    TRY(pickle_box(e, p, V_DICT, out));
    if (!from || from->kind == V_GLOBAL)
        return E_OK;
    if (from->kind != V_LIST)
        return pickle_fail(e, p, "the pickle makes a dict of something that is not a list");
    for (uint32_t at = p->boxes[from->u.i].first; at; at = p->cells[at].next) {
        Value pair[2];
        int found = 0;

        if (!pickle_items(p, &p->cells[at].value, pair, 2, &found) || found != 2)
            return pickle_fail(e, p, "the pickle makes a dict of something that is not a pair");
        TRY(pickle_push_item(e, p, out, pair[0]));
        TRY(pickle_push_item(e, p, out, pair[1]));
    }
    return E_OK;
}

/* A tuple of counts into at most SHAPE_MAX numbers. */
static Status read_counts(Err *e, Pickle *p, const Value *tuple, const char *what, Shape *out)
{
    Value items[SHAPE_MAX];

    if (!pickle_items(p, tuple, items, SHAPE_MAX, &out->rank))
        return pickle_fail(e, p, "a tensor's %s is not a tuple of at most %d numbers", what,
                           SHAPE_MAX);
    for (int i = 0; i < out->rank; i++) {
        if (items[i].kind != V_INT || items[i].u.i < 0)
            return pickle_fail(e, p, "a tensor's %s holds something that is not a count", what);
        out->dim[i] = items[i].u.i;
    }
    return E_OK;
}

/* Every element lies inside its storage, and there are no more of them than the storage has. */
static Status prove_view(Err *e, Pickle *p, const PickleTensor *t)
{
    const Storage *s = &p->storages[t->storage];
    int64_t count, last = t->offset, step;

    if (!shape_count(&t->shape, &count))
        return pickle_fail(e, p, "a tensor's shape overflows");
    if (count == 0)
        return E_OK;
    for (int d = 0; d < t->shape.rank; d++)
        if (__builtin_mul_overflow(t->shape.dim[d] - 1, t->stride[d], &step) ||
            __builtin_add_overflow(last, step, &last))
            return pickle_fail(e, p, "a tensor's strides overflow");
    if (last >= s->size) {
        pickle_fail(e, p, "a tensor reaches beyond its storage");
        err_note(e, "expected", "at most %lld elements of storage \"%s\"", (long long)s->size,
                 s->key);
        return err_note(e, "found", "element %lld, shape %s", (long long)last,
                        SHAPE_TEXT(&t->shape));
    }
    if (count > s->size) {
        pickle_fail(e, p, "a tensor has more elements than its storage");
        err_note(e, "expected", "at most %lld", (long long)s->size);
        err_note(e, "found", "shape %s", SHAPE_TEXT(&t->shape));
        return err_note(e, "hint", "save expanded tensors with .contiguous()");
    }
    return E_OK;
}

/* _rebuild_tensor(storage, offset, size, stride); v2 adds requires_grad, hooks and may add metadata. */
static Status reduce_tensor(Err *e, Pickle *p, const Value *args, Value *out)
{
    PickleTensor t = {.storage = args[0].u.i, .offset = args[1].u.i};
    Shape stride = {0};

    if (args[0].kind != V_STORAGE)
        return pickle_fail(e, p, "a tensor is not built on a storage");
    if (args[1].kind != V_INT || args[1].u.i < 0)
        return pickle_fail(e, p, "a tensor's storage offset is not a count");
    TRY(read_counts(e, p, &args[2], "shape", &t.shape));
    TRY(read_counts(e, p, &args[3], "stride", &stride));
    if (stride.rank != t.shape.rank)
        return pickle_fail(e, p, "a tensor has %d dimensions and %d strides", t.shape.rank,
                           stride.rank);
    for (int d = 0; d < stride.rank; d++)
        t.stride[d] = t.shape.dim[d] > 1 ? stride.dim[d] : 0;
    TRY(prove_view(e, p, &t));
    if (__builtin_add_overflow(t.offset, p->storages[t.storage].offset, &t.offset))
        return pickle_fail(e, p, "a tensor's storage offset overflows");
    TRY(GROW(e, p->arena, p->tensors, p->cap_tensors, p->n_tensors + 1));
    p->tensors[p->n_tensors] = t;
    *out = (Value){.kind = V_TENSOR, .u.i = (int64_t)p->n_tensors++};
    return E_OK;
}

Status pickle_reduce(Err *e, Pickle *p, Value callee, Value args, Value *out)
{
    Value a[8];
    int n = 0;

    if (callee.kind != V_GLOBAL)
        return pickle_fail(e, p, "the pickle calls something that is not a name");
    const Global *g = &globals[callee.u.i];

    if (!pickle_items(p, &args, a, LEN(a), &n))
        return pickle_fail(e, p, "the pickle calls %s without a short tuple", g->name);
    if ((g->kind == G_TENSOR && n == 4) || (g->kind == G_TENSOR_V2 && (n == 6 || n == 7)))
        return reduce_tensor(e, p, a, out);
    if (g->kind == G_PARAMETER && n >= 1 && a[0].kind == V_TENSOR) {
        *out = a[0];
        return E_OK;
    }
    if (g->kind == G_TUPLE && n == 1 && (a[0].kind == V_TUPLE || a[0].kind == V_LIST)) {
        *out = (Value){.kind = V_TUPLE, .u.i = a[0].u.i};
        return E_OK;
    }
    if (g->kind == G_OPAQUE) {
        *out = (Value){.kind = V_OPAQUE};
        return E_OK;
    }
    if ((g->kind == G_DICT && n <= 1) || (g->kind == G_NAMESPACE && n == 0)) {
        TRY(reduce_dict(e, p, a, n, out));
        p->boxes[out->u.i].namespace = g->kind == G_NAMESPACE;
        return E_OK;
    }
    return pickle_fail(e, p, "the pickle calls %s.%s with arguments that it does not take",
                       g->module, g->name);
}

/* A namespace's state becomes its items; attributes of a dict (state_dict's _metadata) are not weights. */
Status pickle_build(Err *e, Pickle *p, Value object, Value state)
{
    if (object.kind == V_OPAQUE)
        return E_OK;
    if (object.kind != V_DICT || state.kind != V_DICT)
        return pickle_fail(e, p, "the pickle sets attributes of something that is not a dict");
    if (!p->boxes[object.u.i].namespace)
        return E_OK;
    if (object.u.i == state.u.i)
        return pickle_fail(e, p, "the pickle adds a dict to itself");
    for (uint32_t at = p->boxes[state.u.i].first; at; at = p->cells[at].next)
        TRY(pickle_push_item(e, p, &object, p->cells[at].value));
    return E_OK;
}

/* ("storage", type, key, place, count) and, in the stream form, None or (view key, offset, size). */
static Status read_storage(Err *e, Pickle *p, const Value *id, int n, Storage *s)
{
    Value view[3];
    int m = 0;

    if (id[1].kind != V_GLOBAL || globals[id[1].u.i].kind != G_STORAGE)
        return pickle_fail(e, p, "a storage has no element type");
    if (id[2].kind != V_STRING || id[2].n == 0 || id[2].n > PICKLE_NAME_MAX ||
        memchr(id[2].u.s, 0, id[2].n))
        return pickle_fail(e, p, "a storage's key is not a short string");
    if (id[4].kind != V_INT || id[4].u.i < 0)
        return pickle_fail(e, p, "a storage's size is not a count");
    s->dtype = globals[id[1].u.i].dtype;
    s->key = arena_strndup(e, p->arena, id[2].u.s, id[2].n);
    s->count = s->size = id[4].u.i;
    if (!s->key)
        return err_failed(e->code);
    if (n == 5 || id[5].kind == V_NONE)
        return E_OK;
    if (!pickle_items(p, &id[5], view, 3, &m) || m != 3 || view[1].kind != V_INT ||
        view[2].kind != V_INT)
        return pickle_fail(e, p, "a storage's view is not (key, offset, size)");
    s->offset = view[1].u.i;
    s->size = view[2].u.i;
    if (s->offset < 0 || s->size < 0 || s->offset > s->count || s->size > s->count - s->offset)
        return pickle_fail(e, p, "a storage's view reaches beyond the storage");
    return E_OK;
}

Status pickle_persistent(Err *e, Pickle *p, Value id, Value *out)
{
    Storage s = {.key = ""};
    Value items[6];
    int64_t first;
    int n = 0;

    if (!pickle_items(p, &id, items, 6, &n) || n < 1)
        return pickle_fail(e, p, "the pickle names an outside object that is no storage");
    if (value_is(&items[0], "module")) {
        pickle_fail(e, p, "the file holds a whole model with its program, not only weights");
        return err_note(e, "hint", "save its state_dict() instead");
    }
    if (!value_is(&items[0], "storage") || n < 5)
        return pickle_fail(e, p, "the pickle names an outside object that is no storage");
    TRY(read_storage(e, p, items, n, &s));
    if (map_get(p->keys, s.key, strlen(s.key), &first)) {
        const Storage *known = &p->storages[first];

        if (known->dtype != s.dtype || known->count != s.count)
            return pickle_fail(e, p, "storage \"%s\" is described in two ways", s.key);
    } else {
        TRY(map_put(e, p->keys, s.key, strlen(s.key), (int64_t)p->n_storages));
    }
    TRY(GROW(e, p->arena, p->storages, p->cap_storages, p->n_storages + 1));
    p->storages[p->n_storages] = s;
    *out = (Value){.kind = V_STORAGE, .u.i = (int64_t)p->n_storages++};
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
