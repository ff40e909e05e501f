/* shards.c - model.safetensors.index.json and pytorch_model.bin.index.json:
 * {"metadata": {..}, "weight_map": {tensor: file}}.  A file is a plain name in the same folder; the tensors
 * of the index and those of the shards must be the same set, each where the index says. */
#include "formats/weights.h"

#include <string.h>

#define INDEX_DEPTH 8 /* levels of JSON; metadata may nest a little */

typedef struct IndexReader {
    const char *file;
    Weights *w;
    JsonScan *scan;
    ShardIndex *index;
    Map *files, *tensors;
} IndexReader;

/* Letters, digits, dot, dash and underscore, not starting with a dot: no other folder can be named. */
static bool plain_name(const char *s, size_t n)
{
    if (n == 0 || n > SHARD_NAME_MAX || s[0] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        bool letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z');
        bool digit = s[i] >= '0' && s[i] <= '9';

        if (!letter && !digit && s[i] != '.' && s[i] != '-' && s[i] != '_')
            return false;
    }
    return true;
}

/* The position of a shard's name in index->files; added when new. */
static Status shard_number(Err *e, IndexReader *r, const JsonToken *t, int *out)
{
    ShardIndex *x = r->index;
    int64_t i;

    if (!plain_name(t->text, t->len)) {
        json_fail(e, r->scan, t->offset, "the shard \"%.*s\" is not a plain file name",
                  (int)(t->len < 80 ? t->len : 80), t->text);
        return err_note(e, "expected", "letters, digits, '.', '-' and '_', at most %d",
                        SHARD_NAME_MAX);
    }
    if (!map_get(r->files, t->text, t->len, &i)) {
        if (x->n_files == SHARDS_MAX)
            return json_fail(e, r->scan, t->offset, "more than %d shards", SHARDS_MAX);
        TRY(GROW(e, r->w->arena, x->files, x->cap_files, x->n_files + 1));
        const char *name = arena_strndup(e, r->w->arena, t->text, t->len);

        if (!name)
            return err_failed(e->code);
        i = (int64_t)x->n_files;
        x->files[x->n_files++] = name;
        TRY(map_put(e, r->files, name, t->len, i));
    }
    *out = (int)i;
    return E_OK;
}

static Status read_weight_map(Err *e, IndexReader *r)
{
    ShardIndex *x = r->index;
    JsonToken t;
    int64_t other;

    TRY(json_expect(e, r->scan, JSON_OBJECT, &t));
    for (;;) {
        TRY(json_next(e, r->scan, &t));
        if (t.kind != JSON_KEY)
            break;
        TRY(weights_check_name(e, r->file, t.text, t.len));
        const char *name = arena_strndup(e, r->w->arena, t.text, t.len);

        if (!name)
            return err_failed(e->code);
        if (map_get(r->tensors, name, t.len, &other))
            return json_fail(e, r->scan, t.offset, "tensor \"%s\" is mapped twice", name);
        if (x->n_tensors == WEIGHTS_MAX)
            return json_fail(e, r->scan, t.offset, "more than %d tensors", WEIGHTS_MAX);
        TRY(map_put(e, r->tensors, name, t.len, 1));
        TRY(json_next(e, r->scan, &t));
        if (t.kind != JSON_STRING)
            return json_fail(e, r->scan, t.offset, "the shard of tensor \"%s\" is not a string",
                             name);
        TRY(GROW(e, r->w->arena, x->tensors, x->cap_tensors, x->n_tensors + 1));
        TRY(GROW(e, r->w->arena, x->file_of, x->cap_file_of, x->n_tensors + 1));
        TRY(shard_number(e, r, &t, &x->file_of[x->n_tensors]));
        x->tensors[x->n_tensors++] = name;
    }
    return E_OK;
}

/* total_size and the like, as written; lists and objects are skipped. */
static Status read_index_metadata(Err *e, IndexReader *r)
{
    Arena *a = r->w->arena;
    JsonToken t, key;
    int64_t other;

    TRY(json_expect(e, r->scan, JSON_OBJECT, &t));
    for (;;) {
        TRY(json_next(e, r->scan, &key));
        if (key.kind != JSON_KEY)
            break;
        const char *name = arena_strndup(e, a, key.text, key.len), *value;

        if (!name)
            return err_failed(e->code);
        if (!weights_utf8(name, key.len))
            return json_fail(e, r->scan, key.offset, "a metadata key is not UTF-8");
        if (map_get(r->w->keys, name, key.len, &other))
            return json_fail(e, r->scan, key.offset, "metadata key \"%.100s\" appears twice", name);
        TRY(json_next(e, r->scan, &t));
        if (t.kind != JSON_STRING && t.kind != JSON_NUMBER) {
            TRY(json_skip(e, r->scan, &t));
            continue;
        }
        if (!weights_utf8(t.text, t.len))
            return json_fail(e, r->scan, t.offset, "metadata \"%.100s\" is not UTF-8", name);
        value = arena_strndup(e, a, t.text, t.len);
        if (!value)
            return err_failed(e->code);
        TRY(weights_add_metadata(e, r->w, name, value));
    }
    return E_OK;
}

Status shards_parse(Err *e, Weights *w, const char *file, Bytes b, ShardIndex *out)
{
    IndexReader r = {.file = file, .w = w, .index = out};
    bool seen = false, told = false;
    JsonToken t;

    r.files = map_new(e, w->arena, 16);
    r.tensors = map_new(e, w->arena, 256);
    if (!r.files || !r.tensors)
        return err_failed(e->code);
    TRY(json_open(e, w->arena, file, b.data, b.n, INDEX_DEPTH, &r.scan));
    TRY(json_expect(e, r.scan, JSON_OBJECT, &t));
    for (;;) {
        TRY(json_next(e, r.scan, &t));
        if (t.kind != JSON_KEY)
            break;
        if (t.len == 10 && memcmp(t.text, "weight_map", 10) == 0) {
            if (seen)
                return json_fail(e, r.scan, t.offset, "\"weight_map\" appears twice");
            seen = true;
            TRY(read_weight_map(e, &r));
        } else if (t.len == 8 && memcmp(t.text, "metadata", 8) == 0) {
            if (told)
                return json_fail(e, r.scan, t.offset, "\"metadata\" appears twice");
            told = true;
            TRY(read_index_metadata(e, &r));
        } else {
            TRY(json_next(e, r.scan, &t));
            TRY(json_skip(e, r.scan, &t));
        }
    }
    TRY(json_expect(e, r.scan, JSON_END, &t));
    if (!seen || out->n_tensors == 0) {
        fail(e, E_DATA,
             seen ? "\"weight_map\" is empty" : "no \"weight_map\": not a list of shards");
        return err_note(e, "file", "%s", file);
    }
    return E_OK;
}

/* Every tensor of the index came from the shard that the index names. */
static Status check_mapped(Err *e, const Weights *w, const char *file, const ShardIndex *x)
{
    for (size_t i = 0; i < x->n_tensors; i++) {
        const Weight *found = weights_find(w, x->tensors[i]);
        const char *want = x->files[x->file_of[i]];

        if (found && strcmp(path_base(found->file), want) == 0)
            continue;
        fail(e, E_DATA, "tensor \"%s\" is not in the shard that the index names", x->tensors[i]);
        err_note(e, "file", "%s", file);
        err_note(e, "expected", "in %s", want);
        return err_note(e, "found", found ? "in %s" : "in no shard",
                        found ? path_base(found->file) : "");
    }
    return E_OK;
}

/* ... and the shards hold no other. */
static Status check_unmapped(Err *e, const Weights *w, const char *file, const Map *mapped)
{
    int64_t i;

    for (int k = 0; k < weights_count(w); k++) {
        const Weight *at = weights_at(w, k);

        if (map_get(mapped, at->name, strlen(at->name), &i))
            continue;
        fail(e, E_DATA, "tensor \"%s\" is not in the index", at->name);
        err_note(e, "file", "%s", file);
        return err_note(e, "found", "in %s", at->file);
    }
    return E_OK;
}

static Status open_shard(Err *e, Weights *w, const char *index, const char *name)
{
    size_t dir = (size_t)(path_base(index) - index);
    char *path = arena_printf(e, w->arena, "%.*s%s", (int)dir, index, name);
    Bytes b;

    if (!path)
        return err_failed(e->code);
    PathKind kind = path_kind(arena_sys(w->arena), path);
    if (kind == PATH_NONE || kind == PATH_DIR) {
        fail(e, E_NOINPUT, "the shard %s %s", name,
             kind ? "is a folder, not a file" : "is missing");
        err_note(e, "file", "%s", path);
        return err_note(e, "named in", "%s", index);
    }
    TRY(weights_map(e, w, path, &b));
    return weights_parse(e, w, path, b);
}

Status shards_open(Err *e, Weights *w, const char *path, Bytes b)
{
    ShardIndex x = {0};
    Map *mapped = map_new(e, w->arena, 256);

    if (!mapped)
        return err_failed(e->code);
    TRY(shards_parse(e, w, path, b, &x));
    for (size_t i = 0; i < x.n_tensors; i++)
        TRY(map_put(e, mapped, x.tensors[i], strlen(x.tensors[i]), (int64_t)i));
    for (size_t i = 0; i < x.n_files; i++) {
        Status s = open_shard(e, w, path, x.files[i]);

        if (s)
            return err_while(e, "reading shard %zu of %zu", i + 1, x.n_files);
    }
    TRY(check_mapped(e, w, path, &x));
    return check_unmapped(e, w, path, mapped);
}
/* SPDX-License-Identifier: MIT */
