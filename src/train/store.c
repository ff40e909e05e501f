/* store.c - checkpoints that a crash at any instant cannot spoil: step-N.tmp.PID is filled, every file synced and
 * hashed as it reads back (so nothing older goes before the new one was read), MANIFEST written last, the folder renamed to step-N and its parent synced.  The newest
 * is the highest N whose MANIFEST verifies; times of files are never read.
 *
 * MANIFEST:  engraft checkpoint 1 / step N / parent N / run ID / data SHA / config SHA /
 *            file BYTES SHA NAME (each) / end SHA-of-all-above */
#include "train/train.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MANIFEST_MAX 65536
#define KEEP         2
#define HEX          64

struct Store {
    Arena *arena;
    const char *folder;
    StoreKey key;
    const Events *events;
    int64_t newest; /* -1: none yet */
};

typedef struct Manifest { /* as found; text points into the file read */
    int64_t step;
    char run[200], data[200], config[200];
} Manifest;

/* ---- names ---- */

/* N of "step-N", -1 for any other name. */
static int64_t step_of(const char *name)
{
    int64_t n = 0;

    if (strncmp(name, "step-", 5) != 0 || !name[5])
        return -1;
    for (const char *c = name + 5; *c; c++) {
        if (*c < '0' || *c > '9' || n > INT64_MAX / 10 - 1)
            return -1;
        n = n * 10 + (*c - '0');
    }
    return n;
}

/* All steps in the folder, rising. */
static Status list_steps(Err *e, Store *s, Arena *a, int64_t **steps, size_t *n)
{
    char **name;
    size_t names;

    *n = 0;
    TRY(dir_list(e, a, s->folder, &name, &names));
    *steps = NEWS(e, a, int64_t, names + 1);
    if (!*steps)
        return err_failed(e->code);
    for (size_t i = 0; i < names; i++) {
        int64_t step = step_of(name[i]);
        size_t at = *n;

        if (step < 0)
            continue;
        for (; at > 0 && (*steps)[at - 1] > step; at--)
            (*steps)[at] = (*steps)[at - 1];
        (*steps)[at] = step;
        ++*n;
    }
    return E_OK;
}

static char *step_path(Err *e, Store *s, Arena *a, int64_t step, const char *more)
{
    return arena_printf(e, a, "%s/step-%lld%s", s->folder, (long long)step, more);
}

/* ---- reading a MANIFEST ---- */

typedef struct Lines {
    const char *at, *end;
} Lines;

/* The rest of the next line when it begins with `word` and a blank. */
static bool line_next(Lines *l, const char *word, const char **text, size_t *n)
{
    size_t w = strlen(word), left = (size_t)(l->end - l->at);
    const char *stop = memchr(l->at, '\n', left);

    if (!stop || (size_t)(stop - l->at) < w + 1 || memcmp(l->at, word, w) != 0 || l->at[w] != ' ')
        return false;
    *text = l->at + w + 1;
    *n = (size_t)(stop - *text);
    l->at = stop + 1;
    return true;
}

static bool line_text(Lines *l, const char *word, char *out, size_t cap)
{
    const char *text;
    size_t n;

    if (!line_next(l, word, &text, &n) || n >= cap)
        return false;
    memcpy(out, text, n);
    out[n] = 0;
    return true;
}

static bool number(const char **at, const char *end, int64_t *out)
{
    const char *from = *at;

    for (*out = 0; *at < end && **at >= '0' && **at <= '9'; ++*at) {
        if (*out > INT64_MAX / 10 - 1)
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return *at > from;
}

static Status damaged(Err *e, const char *path, const char *why)
{
    fail(e, E_DATA, "a checkpoint is damaged: %s", why);
    return err_note(e, "folder", "%s", path);
}

/* "BYTES SHA NAME": the file is there, as long and with that sum. */
static Status check_file(Err *e, Arena *a, const char *folder, const char *text, size_t n)
{
    const char *end = text + n, *at = text;
    char hex[HEX + 1];
    int64_t size;
    File *f;

    if (!number(&at, end, &size) || end - at < HEX + 3 || *at != ' ' || at[HEX + 1] != ' ' ||
        memchr(at + HEX + 2, '/', (size_t)(end - at) - HEX - 2))
        return damaged(e, folder, "a line of its MANIFEST is not as written");
    const char *name = arena_strndup(e, a, at + HEX + 2, (size_t)(end - at) - HEX - 2);
    const char *path = name ? path_join(e, a, folder, name) : NULL;
    if (!path)
        return err_failed(e->code);
    if (file_open(e, a, path, &f))
        return damaged(e, folder, "a file of its MANIFEST cannot be opened");
    if (file_size(f) != size)
        return damaged(e, path, "the file has another length than its MANIFEST says");
    TRY(sha256_file(e, a, path, hex));
    if (memcmp(hex, at + 1, HEX) != 0)
        return damaged(e, path, "the file has another SHA-256 than its MANIFEST says");
    return E_OK;
}

static Status manifest_check(Err *e, Arena *a, const char *folder, Manifest *m)
{
    const char *path = path_join(e, a, folder, "MANIFEST"), *text;
    char hex[HEX + 1], number_text[40];
    size_t n;
    Bytes b;
    Sha256 sha;

    if (!path)
        return err_failed(e->code);
    if (file_read_all(e, a, path, MANIFEST_MAX, &b))
        return damaged(e, folder, "it has no MANIFEST that can be read");
    Lines l = {(const char *)b.data, (const char *)b.data + b.n}, whole = l;
    if (!line_next(&l, "engraft", &text, &n) || n != 12 || memcmp(text, "checkpoint 1", 12) != 0 ||
        !line_text(&l, "step", number_text, sizeof number_text))
        return damaged(e, folder, "its MANIFEST does not begin as one");
    const char *at = number_text;
    if (!number(&at, at + strlen(at), &m->step) || *at ||
        !line_text(&l, "parent", number_text, sizeof number_text) ||
        !line_text(&l, "run", m->run, sizeof m->run) ||
        !line_text(&l, "data", m->data, sizeof m->data) ||
        !line_text(&l, "config", m->config, sizeof m->config))
        return damaged(e, folder, "its MANIFEST lacks a line");
    Lines files = l;
    while (line_next(&l, "file", &text, &n))
        ;
    sha256_start(&sha);
    sha256_add(&sha, whole.at, (size_t)(l.at - whole.at));
    sha256_end(&sha, hex);
    if (!line_next(&l, "end", &text, &n) || n != HEX || memcmp(text, hex, HEX) != 0 ||
        l.at != l.end)
        return damaged(e, folder, "its MANIFEST was cut or changed");
    while (line_next(&files, "file", &text, &n))
        TRY(check_file(e, a, folder, text, n));
    return E_OK;
}

/* ---- opening ---- */

Status store_open(Err *e, Arena *a, const char *folder, const StoreKey *key, const Events *ev,
                  Store **out)
{
    Store *s = NEW(e, a, Store);
    Arena *scratch = s ? arena_child(e, a) : NULL;
    char **name;
    size_t n;

    if (!scratch)
        return err_failed(e->code);
    *s = (Store){.arena = a, .folder = folder, .key = *key, .events = ev, .newest = -1};
    TRY(dir_make(e, arena_sys(a), folder));
    TRY(dir_list(e, scratch, folder, &name, &n));
    for (size_t i = 0; i < n; i++)
        if (strncmp(name[i], "step-", 5) == 0 && strstr(name[i], ".tmp.")) {
            const char *path = path_join(e, scratch, folder, name[i]);

            if (!path)
                return err_failed(e->code);
            TRY(path_remove(e, arena_sys(a), path));
        }
    arena_free(scratch);
    *out = s;
    return E_OK;
}

static Status key_check(Err *e, const Store *s, const Manifest *m, const char *folder)
{
    const char *what = NULL;
    Status code = E_DATA;

    if (!s->key.any_data && strcmp(m->data, s->key.data) != 0)
        what = "the data are not those the run began with";
    if (strcmp(m->config, s->key.config) != 0)
        what = "the settings are not those the run began with";
    if (strcmp(m->run, s->key.run_id) != 0) {
        what = "the checkpoints here belong to another run";
        code = E_TAKEN;
    }
    if (!what)
        return E_OK;
    fail(e, code, "%s", what);
    err_note(e, "folder", "%s", folder);
    return err_note(e, "hint",
                    "go on with the same data and settings, or choose another output folder");
}

Status store_newest(Err *e, Store *s, Arena *a, int64_t *step, char **folder)
{
    const Sys *sys = arena_sys(s->arena);
    int64_t *steps;
    size_t n;

    *step = -1;
    *folder = NULL;
    TRY(list_steps(e, s, a, &steps, &n));
    while (n > 0) {
        Manifest m;
        Err why = {0};
        char *path = step_path(e, s, a, steps[--n], ""),
             *bad = step_path(e, s, a, steps[n], ".bad");

        if (!path || !bad)
            return err_failed(e->code);
        if (manifest_check(&why, a, path, &m) == E_OK) {
            TRY(key_check(e, s, &m, path));
            s->newest = *step = steps[n];
            *folder = path;
            return E_OK;
        }
        event_say(s->events, EVENT_WARN, "%s; it is kept as %s", why.text, path_base(bad));
        if (path_kind(sys, bad) != PATH_NONE)
            TRY(path_remove(e, sys, bad));
        TRY(path_rename(e, sys, path, bad));
    }
    return E_OK;
}

/* ---- saving ---- */

static Status manifest_put(Err *e, Arena *a, Writer *w, Sha256 *sha, const char *line)
{
    if (!line)
        return err_failed(e->code);
    (void)a;
    sha256_add(sha, line, strlen(line));
    return writer_put(e, w, line, strlen(line));
}

static Status manifest_files(Err *e, Arena *a, Writer *w, Sha256 *sha, const char *folder)
{
    char **name, hex[HEX + 1];
    size_t n;

    TRY(dir_list(e, a, folder, &name, &n));
    for (size_t i = 0; i < n; i++) {
        const char *path = path_join(e, a, folder, name[i]);
        File *f;

        if (!path)
            return err_failed(e->code);
        if (strncmp(name[i], "MANIFEST", 8) == 0) /* the one being written */
            continue;
        TRY(file_open(e, a, path, &f));
        TRY(sha256_file(e, a, path, hex));
        TRY(manifest_put(
            e, a, w, sha,
            arena_printf(e, a, "file %lld %s %s\n", (long long)file_size(f), hex, name[i])));
    }
    return E_OK;
}

static Status manifest_write(Err *e, Store *s, Arena *a, const char *folder, int64_t step)
{
    char hex[HEX + 1];
    Sha256 sha;
    Writer *w;

    sha256_start(&sha);
    TRY(writer_open(e, a, path_join(e, a, folder, "MANIFEST"), &w));
    TRY(manifest_put(e, a, w, &sha,
                     arena_printf(e, a,
                                  "engraft checkpoint 1\nstep %lld\nparent %lld\nrun %s\ndata %s\n"
                                  "config %s\n",
                                  (long long)step, (long long)s->newest, s->key.run_id, s->key.data,
                                  s->key.config)));
    TRY(manifest_files(e, a, w, &sha, folder));
    sha256_end(&sha, hex);
    TRY(writer_printf(e, w, "end %s\n", hex));
    return writer_commit(e, w);
}

static Status prune(Err *e, Store *s, Arena *a)
{
    int64_t *steps;
    size_t n;

    TRY(list_steps(e, s, a, &steps, &n));
    for (size_t i = 0; i + KEEP < n; i++) {
        char *path = step_path(e, s, a, steps[i], "");

        if (!path)
            return err_failed(e->code);
        TRY(path_remove(e, arena_sys(s->arena), path));
    }
    return E_OK;
}

static Status save_into(Err *e, Store *s, Arena *a, int64_t step, StoreWrite fill, void *arg)
{
    const Sys *sys = arena_sys(s->arena);
    char more[40];

    snprintf(more, sizeof more, ".tmp.%ld", (long)getpid());
    char *tmp = step_path(e, s, a, step, more), *path = step_path(e, s, a, step, "");

    if (!tmp || !path)
        return err_failed(e->code);
    if (path_kind(sys, tmp) !=
        PATH_NONE) /* of an attempt that failed: written afresh, never repaired */
        TRY(path_remove(e, sys, tmp));
    TRY(dir_make(e, sys, tmp));
    TRY(fill(e, arg, tmp));
    TRY(manifest_write(e, s, a, tmp, step));
    TRY(dir_sync(e, sys, tmp));
    TRY(path_rename(e, sys, tmp, path));
    TRY(dir_sync(e, sys, s->folder));
    s->newest = step;
    return prune(e, s, a);
}

Status store_save(Err *e, Store *s, int64_t step, StoreWrite write, void *arg)
{
    Arena *scratch;

    if (step == s->newest)
        return E_OK;
    scratch = arena_child(e, s->arena);
    if (!scratch)
        return err_failed(e->code);
    Status code = save_into(e, s, scratch, step, write, arg);
    arena_free(scratch);
    return code ? err_while(e, "saving a checkpoint of step %lld", (long long)step) : E_OK;
}

Status store_clear(Err *e, Store *s)
{
    return path_remove(e, arena_sys(s->arena), s->folder);
}

/* SPDX-License-Identifier: MIT */
