/* test_faults.c - each allocation and each file operation fails in turn, once and for ever after: an error
 * with a message or the right result, nothing leaked, and a committed file is the old one or the new one. */
#include <string.h>

#include "base/sys.h"
#include "test.h"

static Err err;

typedef Status (*Scenario)(Arena *a, const char *folder);

static Status use_arena(Arena *a, const char *folder)
{
    Arena *child = arena_child(&err, a);
    int64_t *array = NULL;
    size_t cap = 0;
    void *block;

    (void)folder;
    if (!child || !arena_printf(&err, child, "%8000d", 1) || !arena_alloc(&err, a, 1 << 20))
        return err.code;
    for (size_t n = 1; n < 300000; n = 3 * n)
        TRY(GROW(&err, child, array, cap, n));
    TRY(block_alloc(&err, a, 1 << 22, "a test", &block));
    Map *m = map_new(&err, a, 4);
    for (int i = 0; m && i < 5000; i++) {
        char *key = arena_printf(&err, a, "%d", i);
        if (!key)
            return err.code;
        TRY(map_put(&err, m, key, strlen(key), i));
    }
    arena_free(child);
    return m ? E_OK : err.code;
}

static Status use_json(Arena *a, const char *folder)
{
    static const char text[] = "{\"a\":[\"\\u00e9\", 1, {\"long\": \"text of some length\"}]}";
    JsonScan *s;
    JsonToken t;

    (void)folder;
    for (int i = 0; i < 300; i++) { /* enough to need new chunks */
        TRY(json_open(&err, a, "f", text, strlen(text), 0, &s));
        do
            TRY(json_next(&err, s, &t));
        while (t.kind != JSON_END);
    }
    return E_OK;
}

static Status use_pool(Arena *a, const char *folder)
{
    Pool *p;

    (void)folder;
    return pool_new(&err, a, 2, &p);
}

static Status use_files(Arena *a, const char *folder)
{
    const char *inside = path_join(&err, a, folder, "in/side");
    const char *path = inside ? path_join(&err, a, inside, "x") : NULL;
    char **names, hex[65];
    size_t n;
    Writer *w;
    File *f;
    Bytes b;

    if (!path)
        return err.code;
    TRY(dir_make(&err, arena_sys(a), inside));
    TRY(dir_lock(&err, a, inside));
    TRY(writer_open(&err, a, path, &w));
    TRY(writer_printf(&err, w, "%d", 12345));
    TRY(writer_commit(&err, w));
    TRY(dir_list(&err, a, inside, &names, &n));
    TRY(file_open(&err, a, path, &f));
    TRY(file_map(&err, f, &b));
    TRY(file_read_all(&err, a, path, 100, &b));
    TRY(sha256_file(&err, a, path, hex));
    return path_remove(&err, arena_sys(a), inside);
}

static void no_job(void *arg, int64_t job)
{
    (void)arg, (void)job;
}

static Status use_aside(Arena *a, const char *folder)
{
    char back[5];
    Helper *h;
    Spill *s;
    int64_t at;

    TRY(spill_open(&err, a, folder, &s));
    TRY(spill_put(&err, s, "1234", 5, &at));
    TRY(helper_new(&err, a, 1000, no_job, NULL, &h));
    helper_wait(h, helper_ask(h, 1));
    return spill_get(&err, s, at, back, sizeof back);
}

static Status run(Scenario scenario, SysFaults *f, const char *folder)
{
    sys_faulty(f, sys_real());
    Arena *a = arena_new(&err, &f->sys);
    Status status = a ? scenario(a, folder) : err.code;
    arena_free(a);
    return status;
}

static void fail_each(Scenario scenario, SysCall kind, bool for_ever, bool must_fail)
{
    const char *folder = test_folder();
    int64_t k = 1;

    for (;; k++) {
        SysFaults f = {.kind = kind, .at = k, .for_ever = for_ever};
        Status status = run(scenario, &f, folder);
        CHECK_INT(f.held, 0);
        if (status)
            CHECK(err.code == status && err.used > 0);
        if (f.calls < k) {
            CHECK_OK(status);
            break;
        }
        CHECK(status || !must_fail);
    }
    CHECK(k > 2); /* some calls were made to fail */
}

TEST(base_faults_memory_in_arenas)
{
    fail_each(use_arena, SYS_ANY, false, true);
    fail_each(use_arena, SYS_ALLOC, true, true);
}

TEST(base_faults_memory_in_json)
{
    fail_each(use_json, SYS_ALLOC, false, true);
    fail_each(use_json, SYS_ALLOC, true, true);
}

TEST(base_faults_memory_in_pools)
{
    SysFaults f = {.kind = SYS_ALLOC, .at = 1};

    CHECK(run(use_pool, &f, "") != E_OK);
    CHECK_INT(f.held, 0);
}

TEST(base_faults_memory_in_files)
{
    fail_each(use_files, SYS_ALLOC, false, true);
    fail_each(use_files, SYS_ALLOC, true, true);
}

TEST(base_faults_aside)
{
    fail_each(use_aside, SYS_ANY, false, true);
    fail_each(use_aside, SYS_ALLOC, true, true);
}

/* A refused mkdir of a folder that is there does no harm, so not every fault need be an error. */
TEST(base_faults_every_call_in_files)
{
    for (SysCall kind = SYS_ANY; kind < SYS_CALLS; kind++) {
        SysFaults count = {.kind = kind};
        CHECK_OK(run(use_files, &count, test_folder()));
        if (count.calls < 2)
            continue;
        fail_each(use_files, kind, false, false);
        fail_each(use_files, kind, true, false);
    }
}

static const char *const old_text = "the old text";
static const char *new_text(void)
{
    static char text[200001];

    memset(text, 'n', sizeof text - 1);
    return text;
}

static Status write_text(Arena *a, const char *path, const char *text)
{
    Writer *w;

    TRY(writer_open(&err, a, path, &w));
    for (size_t at = 0, n = strlen(text); at < n; at += 1000)
        TRY(writer_put(&err, w, text + at, n - at < 1000 ? n - at : 1000));
    return writer_commit(&err, w);
}

static Status commit_new(Arena *a, const char *folder)
{
    const char *path = path_join(&err, a, folder, "model");

    return path ? write_text(a, path, new_text()) : err.code;
}

/* 0: the old text, 1: the new text, whole. */
static int which(const char *folder)
{
    Arena *a = arena_new(&err, sys_real());
    Bytes b;

    CHECK_OK(file_read_all(&err, a, path_join(&err, a, folder, "model"), 1 << 20, &b));
    bool is_old = !strcmp((const char *)b.data, old_text);
    CHECK(is_old || !strcmp((const char *)b.data, new_text()));
    arena_free(a);
    return !is_old;
}

static void put_old(const char *folder)
{
    Arena *a = arena_new(&err, sys_real());

    CHECK_OK(write_text(a, path_join(&err, a, folder, "model"), old_text));
    arena_free(a);
}

static size_t leftovers(const char *folder)
{
    Arena *a = arena_new(&err, sys_real());
    char **names;
    size_t n;

    CHECK_OK(dir_list(&err, a, folder, &names, &n));
    arena_free(a);
    return n - 1;
}

static void commit_fails_at(int64_t k, bool for_ever, size_t piece, bool *over)
{
    const char *folder = test_folder();
    SysFaults f = {.at = k, .for_ever = for_ever, .piece = piece};

    put_old(folder);
    Status status = run(commit_new, &f, folder);
    *over = f.calls < k;
    CHECK_INT(f.held, 0);
    CHECK(*over ? !status : status != 0);
    int found = which(folder);
    if (*over)
        CHECK_INT(found, 1);
    if (found) /* renamed: only storing the folder can have failed after that */
        CHECK(!status || strstr(err.text, "folder"));
    if (!for_ever)
        CHECK_INT((int64_t)leftovers(folder), 0);
    while (leftovers(folder)) { /* a fault for ever also forbids the tidying */
        Arena *a = arena_new(&err, sys_real());
        char **names;
        size_t n;
        CHECK_OK(dir_list(&err, a, folder, &names, &n));
        for (size_t i = 0; i < n; i++)
            CHECK(!strncmp(names[i], "model", 5));
        CHECK_OK(path_remove(&err, sys_real(), path_join(&err, a, folder, names[n - 1])));
        arena_free(a);
    }
}

TEST(base_faults_commit_leaves_old_or_new)
{
    for (int for_ever = 0; for_ever < 2; for_ever++)
        for (size_t piece = 0; piece < 60000; piece += 50001) {
            bool over = false;
            for (int64_t k = 1; !over; k++)
                commit_fails_at(k, for_ever, piece, &over);
        }
}

TEST(base_faults_disk_full_says_so)
{
    SysFaults f = {.kind = SYS_PWRITE, .at = 2, .error = 28 /* ENOSPC */};

    CHECK_INT(run(commit_new, &f, test_folder()), E_IO);
    CHECK_HAS(err.text, "No space left on device");
    CHECK_INT((int64_t)leftovers(test_folder()), -1);
}
/* SPDX-License-Identifier: MIT */
