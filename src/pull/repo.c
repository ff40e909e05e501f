/* repo.c - a repository of the hub: the files that a model here is read from, by their usual names.  The first answer
 * names the commit, and all others are asked for at that commit, so that no two versions are mixed. */
#include "pull/pull.h"

#include "formats/weights.h"

#include <stdio.h>
#include <string.h>

#define JSON_MAX ((size_t)64 << 20)

static const char *const small_files[] = {
    "README.md", /* the card: its licence */
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
    "source.spm",
    "target.spm",
    "preprocessor_config.json",
    "generation_config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
};

static const char *const weight_files[] = {
    "model.safetensors",         "model.safetensors.index.json",
    "pytorch_model.bin",         "pytorch_model.bin.index.json",
    "adapter_model.safetensors", "adapter_model.bin",
};

typedef struct Repo {
    Pull *pull;
    const char *name, *revision;
    Place *at;
} Repo;

/* Brings one file; *have: the repository has it. */
static Status bring(Err *e, Arena *a, Repo *r, const char *file, bool optional, bool *have)
{
    HubRecord *record = &r->at->record;
    const HubSum *pin = r->pull->lock ? hub_record_find(r->pull->lock, file) : NULL;
    const char *commit = record->commit, *sha = pin ? pin->sha256 : NULL;
    Got got;

    TRY(repo_check_file(e, file));
    TRY(place_has(e, a, r->at, file, sha, have));
    if (*have)
        return E_OK;
    Want w = {.model = r->name, .name = file, .bytes = -1, .token = true, .optional = optional};
    w.sha256 = sha;
    w.commit = commit;
    w.url = repo_url(e, a, r->pull->endpoint, r->name, commit ? commit : r->revision, file);
    w.path = path_join(e, a, r->at->part, file);
    if (!w.url || !w.path)
        return err_failed(e->code);
    const char *slash = strrchr(file, '/');
    if (slash) {
        char *sub = arena_strndup(e, a, w.path, strlen(w.path) - strlen(slash));
        if (!sub)
            return err_failed(e->code);
        TRY(dir_make(e, arena_sys(a), sub));
    }
    TRY(fetch_file(e, a, r->pull, &w, &got));
    *have = !got.absent;
    if (!commit && got.commit[0]) {
        TRY(repo_check_revision(e, got.commit));
        record->commit = arena_strndup(e, a, got.commit, strlen(got.commit));
        if (!record->commit)
            return err_failed(e->code);
    }
    if (got.absent)
        return E_OK;
    return place_add(e, a, r->at, &got.sum);
}

static Status read_file(Err *e, Arena *a, const Repo *r, const char *file, Bytes *out)
{
    char *path = path_join(e, a, r->at->part, file);

    return path ? file_read_all(e, a, path, JSON_MAX, out) : err_failed(e->code);
}

/* `license:` in the front matter of the card. */
static Status take_licence(Err *e, Arena *a, Repo *r)
{
    HubRecord *record = &r->at->record;
    Bytes b;

    TRY(read_file(e, a, r, "README.md", &b));
    const char *at = (const char *)b.data, *end = b.n > 4 ? strstr(at + 3, "\n---") : NULL;
    const char *key = end && !strncmp(at, "---", 3) ? strstr(at, "\nlicense:") : NULL;
    if (!key || key > end)
        return E_OK;
    key += 9 + strspn(key + 9, " \t\"'");
    size_t n = strcspn(key, "\"'\r\n");
    if (n == 0 || n > 100)
        return E_OK;
    record->licence = arena_strndup(e, a, key, n);
    return record->licence ? E_OK : err_failed(e->code);
}

/* A file that must be JSON and is not says more now than when the model is loaded. */
static Status check_json(Err *e, Arena *a, const Repo *r, const char *file)
{
    JsonScan *scan;
    JsonToken t;
    Bytes b;

    TRY(read_file(e, a, r, file, &b));
    TRY(json_open(e, a, file, b.data, b.n, 0, &scan));
    do
        TRY(json_next(e, scan, &t));
    while (t.kind != JSON_END);
    return E_OK;
}

/* ---- sentence-transformers: modules.json names folders ---- */

static Status bring_module(Err *e, Arena *a, Repo *r, const char *folder)
{
    static const char *const inside[] = {"config.json", "model.safetensors", "pytorch_model.bin"};
    bool have = false;

    for (size_t i = 0; i < LEN(inside); i++) {
        char *file = path_join(e, a, folder, inside[i]);

        if (!file)
            return err_failed(e->code);
        if (i == 2 && have)
            break; /* the same weights once are enough */
        TRY(bring(e, a, r, file, true, &have));
    }
    return E_OK;
}

/* "path" of each module; "" is the encoder itself. */
static Status bring_modules(Err *e, Arena *a, Repo *r)
{
    int depth = 0;
    JsonScan *scan;
    JsonToken t;
    Bytes b;

    TRY(read_file(e, a, r, "modules.json", &b));
    TRY(json_open(e, a, "modules.json", b.data, b.n, 8, &scan));
    do {
        TRY(json_next(e, scan, &t));
        depth += (t.kind == JSON_OBJECT || t.kind == JSON_ARRAY) -
                 (t.kind == JSON_OBJECT_END || t.kind == JSON_ARRAY_END);
        if (t.kind != JSON_KEY || depth != 2 || strcmp(t.text, "path") != 0)
            continue;
        TRY(json_expect(e, scan, JSON_STRING, &t));
        if (t.len)
            TRY(bring_module(e, a, r, t.text));
    } while (t.kind != JSON_END);
    return E_OK;
}

/* ---- weights ---- */

static Status bring_shards(Err *e, Arena *a, Repo *r, const char *index)
{
    ShardIndex x = {0};
    Weights *w;
    Bytes b;
    bool have;

    TRY(read_file(e, a, r, index, &b));
    TRY(weights_new(e, a, &w));
    TRY(shards_parse(e, w, index, b, &x));
    for (size_t i = 0; i < x.n_files; i++) {
        pull_note(r->pull, "%s: shard %zu of %zu", r->name, i + 1, x.n_files);
        TRY(bring(e, a, r, x.files[i], false, &have));
    }
    return E_OK;
}

static Status bring_weights(Err *e, Arena *a, Repo *r)
{
    bool have = false;

    for (size_t i = 0; i < LEN(weight_files); i++) {
        TRY(bring(e, a, r, weight_files[i], true, &have));
        if (have && strstr(weight_files[i], ".index.json"))
            return bring_shards(e, a, r, weight_files[i]);
        if (have)
            return E_OK;
    }
    fail(e, E_UNAVAILABLE, "the repository %s has no weights that are read here", r->name);
    err_note(e, "url", "%s/%s", r->pull->endpoint, r->name);
    err_note(e, "expected", "model.safetensors, pytorch_model.bin, or the index of their shards");
    return err_note(e, "found", "none of them at revision %s", r->revision);
}

static Status bring_all(Err *e, Arena *a, Repo *r)
{
    bool have;

    TRY(bring(e, a, r, "config.json", true, &have));
    const char *first = have ? "config.json" : "adapter_config.json";
    if (!have)
        TRY(bring(e, a, r, first, false, &have));
    TRY(check_json(e, a, r, first));
    for (size_t i = 0; i < LEN(small_files); i++) {
        TRY(bring(e, a, r, small_files[i], true, &have));
        if (i == 0 && have)
            TRY(take_licence(e, a, r));
    }
    pull_note(r->pull, "%s: licence %s", r->name,
              r->at->record.licence ? r->at->record.licence : "not stated");
    TRY(bring(e, a, r, "modules.json", true, &have));
    if (have)
        TRY(bring_modules(e, a, r));
    return bring_weights(e, a, r);
}

Status pull_repo(Err *e, Arena *a, Pull *p, const char *repo, Place *at)
{
    const HubRecord *lock = p->lock;
    Repo r = {.pull = p, .name = repo, .revision = at->record.revision, .at = at};
    bool have;

    if (!lock)
        return bring_all(e, a, &r);
    for (size_t i = 0; i < lock->files; i++)
        TRY(bring(e, a, &r, lock->file[i].name, false, &have));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
