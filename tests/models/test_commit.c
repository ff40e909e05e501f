/* test_commit.c - one saved model replaces another: with a fault at any call, and without any call after it, the folder
 * holds all of one and nothing of the other. */
#include "base/sys.h"
#include "models/models.h"
#include "test.h"

#include <string.h>

static const char *const before[] = {"config.json", "modules.json", "2_Dense/config.json", NULL};
static const char *const after[] = {"config.json", "adapter/config.json", NULL};

static Status put(Err *e, Arena *a, const char *folder, const char *const *names, const char *text)
{
    for (; *names; names++) {
        const char *path = path_join(e, a, folder, *names);
        const char *dir = path ? arena_strndup(e, a, path, (size_t)(path_base(path) - path)) : NULL;
        Writer *w;

        if (!dir)
            return e->code;
        TRY(dir_make(e, arena_sys(a), dir));
        TRY(writer_open(e, a, path, &w));
        TRY(writer_printf(e, w, "%s", text));
        TRY(writer_commit(e, w));
    }
    return E_OK;
}

static Status replace(Err *e, Arena *a, const char *folder)
{
    const char *staged;

    TRY(model_stage(e, a, folder, &staged));
    TRY(put(e, a, staged, after, "new"));
    return model_commit(e, a, folder, staged);
}

static bool holds(Arena *a, const char *folder, const char *const *names, const char *text)
{
    bool all = true;

    for (; *names; names++) {
        Err err;
        Bytes b;
        Status s = file_read_all(&err, a, path_join(&err, a, folder, *names), 100, &b);

        all &= !s && strcmp((const char *)b.data, text) == 0;
    }
    return all;
}

static bool is_there(Arena *a, const char *folder, const char *name)
{
    Err err;

    return path_kind(sys_real(), path_join(&err, a, folder, name)) != PATH_NONE;
}

static const char *old_folder(Arena *a)
{
    Err err;
    const char *folder = path_join(&err, a, test_folder(), "out");

    if (path_kind(sys_real(), folder) != PATH_NONE)
        CHECK_OK(path_remove(&err, sys_real(), folder));
    CHECK_OK(put(&err, a, folder, before, "old"));
    CHECK_OK(dir_make(&err, sys_real(), path_join(&err, a, folder, "engraft")));
    return folder;
}

/* All of one model and nothing of the other: whether it is the new one. */
static bool is_new(Arena *a, const char *folder)
{
    bool now = holds(a, folder, after, "new");

    CHECK(now != holds(a, folder, before, "old"));
    CHECK(is_there(a, folder, "modules.json") == !now && is_there(a, folder, "2_Dense") == !now);
    CHECK(is_there(a, folder, "adapter") == now);
    CHECK(!is_there(a, folder, "engraft/saved"));
    return now;
}

/* False when the fault came after the last call. */
static bool fault_at(SysFaults f, int *new, int *old)
{
    Arena *a = arena_child(&(Err){0}, test_arena());
    const char *folder = old_folder(a);
    Err err = {0};

    sys_faulty(&f, sys_real());
    Arena *b = arena_new(&err, &f.sys);
    Status s = b ? replace(&err, b, folder) : err.code;
    arena_free(b);
    CHECK_INT(f.held, 0);
    CHECK_OK(model_settle(&err, a, folder));
    bool now = is_new(a, folder);
    CHECK(now || s); /* done means done */
    ++*(now ? new : old);
    CHECK(s == E_OK || err.text[0]);
    arena_free(a);
    return f.calls >= f.at;
}

TEST(models_commit_one_or_the_other_at_every_call)
{
    int new = 0, old = 0;

    for (int for_ever = 0; for_ever < 2; for_ever++) {
        int64_t at = 1;

        while (fault_at((SysFaults){.kind = SYS_ANY, .at = at, .for_ever = for_ever}, &new, &old))
            at += for_ever ? 1 : 3; /* for ever: as if killed there */
        CHECK(at > 60);
    }
    CHECK(new > 30 && old > 30);
}

/* Who completes a switch holds the lock: a reader beside the writer does not move files under its hands. */
TEST(models_commit_is_completed_by_one)
{
    Err err = {0};
    Arena *a = test_arena(), *other = arena_child(&err, a);
    const char *folder = old_folder(a);

    CHECK_OK(put(&err, a, path_join(&err, a, folder, "engraft/saved"), after, "new"));
    CHECK_OK(dir_lock(&err, other, folder));
    CHECK_INT(model_settle(&err, a, folder), E_TAKEN);
    CHECK_HAS(err.text, "completing what was saved");
    CHECK(holds(a, folder, before, "old"));
    arena_free(other);
    CHECK_OK(model_settle(&err, a, folder));
    CHECK(holds(a, folder, after, "new"));
}

/* SPDX-License-Identifier: MIT */
