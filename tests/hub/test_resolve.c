/* Names to folders. */
#include "hub/hub.h"
#include "test.h"

static void put(Err *err, Arena *a, const char *path, const char *text)
{
    Writer *w;

    check_ok_at(__FILE__, __LINE__, writer_open(err, a, path, &w), err);
    check_ok_at(__FILE__, __LINE__, writer_printf(err, w, "%s", text), err);
    check_ok_at(__FILE__, __LINE__, writer_commit(err, w), err);
}

TEST(hub_resolve_finds_our_cache_and_the_hugging_face_cache)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *root = test_folder(), *path;
    HubPlaces places = {path_join(&err, a, root, "models"), path_join(&err, a, root, "hub")};

    CHECK_OK(dir_make(&err, arena_sys(a), path_join(&err, a, places.models, "mine")));
    CHECK_OK(hub_resolve(&err, a, &places, "mine", &path));
    CHECK_TEXT(path, path_join(&err, a, places.models, "mine"));

    char *repo = path_join(&err, a, places.hf, "models--org--net");
    CHECK_OK(dir_make(&err, arena_sys(a), arena_printf(&err, a, "%s/snapshots/abc", repo)));
    CHECK_OK(dir_make(&err, arena_sys(a), arena_printf(&err, a, "%s/refs", repo)));
    put(&err, a, arena_printf(&err, a, "%s/refs/main", repo), "abc");
    CHECK_OK(hub_resolve(&err, a, &places, "org/net", &path));
    CHECK_HAS(path, "models--org--net/snapshots/abc");
    CHECK_OK(hub_resolve(&err, a, &places, "net", &path));
    CHECK_HAS(path, "models--org--net/snapshots/abc");
    arena_free(a);
}

TEST(hub_resolve_says_what_is_here_and_how_to_bring_a_name)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *root = test_folder(), *path;
    HubPlaces places = {path_join(&err, a, root, "models"), NULL};

    CHECK_OK(dir_make(&err, arena_sys(a), path_join(&err, a, places.models, "other")));
    CHECK_INT(hub_resolve(&err, a, &places, "all-MiniLM-L6-v2", &path), E_NOINPUT);
    CHECK_HAS(err.text, "other");
    CHECK_HAS(err.text, places.models);
    CHECK_HAS(err.text, "engraft pull all-MiniLM-L6-v2");
    CHECK_INT(hub_resolve(&err, a, &places, "all-minilm-l6-v2", &path), E_NOINPUT);
    CHECK_HAS(err.text, "Names are exact");
    CHECK_INT(hub_resolve(&err, a, &places, "../models/other", &path), E_NOINPUT);
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
