/* resolve.c - a model's name to its folder: as given, our cache, the Hugging Face cache (its layout: models--org--name/
 * refs/main names the commit, snapshots/COMMIT holds the files). */
#include "hub/hub.h"

#include <stdio.h>
#include <string.h>

static bool is_model(const Sys *sys, const char *path)
{
    PathKind kind = path_kind(sys, path);

    return kind == PATH_DIR || kind == PATH_FILE;
}

static bool plain_name(const char *name)
{
    return name[0] && name[0] != '.' && name[0] != '/' && !strstr(name, "..") && strlen(name) < 200;
}

/* "models--org--name" matches "org/name", and "name" alone. */
static bool hf_matches(const char *dir, const char *name)
{
    char want[300];
    const char *slash = strchr(name, '/');

    if (strncmp(dir, "models--", 8) != 0)
        return false;
    if (slash) {
        snprintf(want, sizeof want, "%.*s--%s", (int)(slash - name), name, slash + 1);
        return strcmp(dir + 8, want) == 0;
    }
    const char *last = strstr(dir + 8, "--");
    return strcmp(last ? last + 2 : dir + 8, name) == 0;
}

/* The snapshot that refs/main names, or the only one there is. */
static Status hf_snapshot(Err *e, Arena *a, const char *repo, const char **path)
{
    char *ref = arena_printf(e, a, "%s/refs/main", repo);
    char *snapshots = arena_printf(e, a, "%s/snapshots", repo);
    Bytes commit;
    char **names;
    size_t n;

    *path = NULL;
    if (!ref || !snapshots)
        return err_failed(e->code);
    if (path_kind(arena_sys(a), ref) == PATH_FILE) {
        TRY(file_read_all(e, a, ref, 200, &commit));
        const char *text = (const char *)commit.data;
        size_t len = strcspn(text, "\r\n");
        if (memchr(text, '/', len) || len == 0)
            return fail(e, E_DATA, "%s does not name a commit", ref);
        *path = arena_printf(e, a, "%s/%.*s", snapshots, (int)len, text);
    } else if (path_kind(arena_sys(a), snapshots) == PATH_DIR) {
        TRY(dir_list(e, a, snapshots, &names, &n));
        if (n == 1)
            *path = path_join(e, a, snapshots, names[0]);
    }
    if (*path && path_kind(arena_sys(a), *path) != PATH_DIR)
        *path = NULL;
    return E_OK;
}

static Status look_in_hf(Err *e, Arena *a, const char *hf, const char *name, const char **path)
{
    char **names;
    size_t n;

    if (!hf || path_kind(arena_sys(a), hf) != PATH_DIR)
        return E_OK;
    TRY(dir_list(e, a, hf, &names, &n));
    for (size_t i = 0; i < n && !*path; i++) {
        char *repo = hf_matches(names[i], name) ? path_join(e, a, hf, names[i]) : NULL;

        if (repo)
            TRY(hf_snapshot(e, a, repo, path));
    }
    return E_OK;
}

/* What `pull` works in stands beside what it has brought. */
static bool unfinished(const char *name)
{
    size_t n = strlen(name);

    return name[0] == '.' || (n > 5 && strcmp(name + n - 5, ".part") == 0) ||
           (n > 4 && strcmp(name + n - 4, ".old") == 0);
}

typedef struct Names {
    const char **at;
    size_t n, cap;
} Names;

/* A folder that holds files is a model; one that holds only folders is an organisation of models. */
static Status add_present(Err *e, Arena *a, const char *folder, const char *name, Names *out)
{
    char *path = path_join(e, a, folder, name);
    bool files = false;
    char **inside;
    size_t n;

    if (!path)
        return err_failed(e->code);
    if (unfinished(name) || path_kind(arena_sys(a), path) != PATH_DIR)
        return E_OK;
    TRY(dir_list(e, a, path, &inside, &n));
    TRY(GROW(e, a, out->at, out->cap, out->n + n + 1));
    size_t before = out->n;
    for (size_t i = 0; i < n && !files; i++) {
        char *full = path_join(e, a, path, inside[i]);
        if (!full)
            return err_failed(e->code);
        files = path_kind(arena_sys(a), full) == PATH_FILE;
        if (!files && !unfinished(inside[i]))
            out->at[out->n++] = arena_printf(e, a, "%s/%s", name, inside[i]);
    }
    if (files || !n) {
        out->n = before;
        out->at[out->n++] = name;
    }
    return E_OK;
}

Status hub_present(Err *e, Arena *a, const HubPlaces *places, const char ***names, size_t *n)
{
    Names found = {0};
    char **top;
    size_t tops;

    *names = NULL;
    *n = 0;
    if (!places->models || path_kind(arena_sys(a), places->models) != PATH_DIR)
        return E_OK;
    TRY(dir_list(e, a, places->models, &top, &tops));
    for (size_t i = 0; i < tops; i++)
        TRY(add_present(e, a, places->models, top[i], &found));
    for (size_t i = 0; i < found.n; i++)
        if (!found.at[i])
            return err_failed(e->code);
    *names = found.at;
    *n = found.n;
    return E_OK;
}

static void note_present(Err *e, Arena *a, const HubPlaces *places)
{
    Err ignored = {0};
    char list[500] = "";
    const char **names;
    size_t n, used = 0;

    if (hub_present(&ignored, a, places, &names, &n))
        n = 0;
    for (size_t i = 0; i < n && used < sizeof list - 100; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.80s", used ? ", " : "",
                                 names[i]);
    err_note(e, "here", "%s", used ? list : "no model yet");
}

static Status absent(Err *e, Arena *a, const HubPlaces *places, const char *name)
{
    if (!plain_name(name) || name[strlen(name) - 1] == '/')
        return fail(e, E_NOINPUT, "there is no file or folder \"%s\"", name);
    fail(e, E_NOINPUT, "there is no model \"%s\" on this computer", name);
    err_note(e, "looked", "for a folder or file of that name");
    if (places->models)
        err_note(e, "", "in %s", places->models);
    if (places->hf)
        err_note(e, "", "in %s", places->hf);
    note_present(e, a, places);
    if (hub_model_find(name))
        return err_note(e, "hint", "engraft pull %s", name);
    for (int i = 0; i < hub_model_count(); i++)
        if (strcasecmp(hub_model_at(i)->name, name) == 0)
            return err_note(e, "hint", "Names are exact: engraft pull %s", hub_model_at(i)->name);
    return err_note(e, "hint", "engraft pull %s brings it if the hub has it; or give a folder.",
                    name);
}

Status hub_resolve(Err *e, Arena *a, const HubPlaces *places, const char *name, const char **path)
{
    *path = NULL;
    if (is_model(arena_sys(a), name)) {
        *path = arena_printf(e, a, "%s", name);
        return *path ? E_OK : e->code;
    }
    if (!plain_name(name))
        return absent(e, a, places, name);
    if (places->models) {
        char *cached = path_join(e, a, places->models, name);
        if (!cached)
            return err_failed(e->code);
        if (path_kind(arena_sys(a), cached) == PATH_DIR)
            *path = cached;
    }
    if (!*path)
        TRY(look_in_hf(e, a, places->hf, name, path));
    return *path ? E_OK : absent(e, a, places, name);
}

/* SPDX-License-Identifier: MIT */
