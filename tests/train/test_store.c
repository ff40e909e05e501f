/* test_store.c - the commit protocol: newest valid wins, damage is found and kept aside, a fault at any file
 * operation leaves an older checkpoint whole. */
#include "base/sys.h"
#include "test.h"
#include "train/train.h"

#include <errno.h>
#include <string.h>

static const StoreKey key = {"run-1", "data-1", "config-1", false};

static Status write_two(Err *e, void *arg, const char *folder)
{
    Arena *a = arg;
    static const char *const names[] = {"model.bin", "state.bin"};

    for (size_t i = 0; i < LEN(names); i++) {
        Writer *w;

        TRY(writer_open(e, a, path_join(e, a, folder, names[i]), &w));
        TRY(writer_printf(e, w, "%s of %s", names[i], path_base(folder)));
        TRY(writer_commit(e, w));
    }
    return E_OK;
}

static void put_text(Arena *a, const char *path, const char *text)
{
    Err err = {0};
    Writer *w;

    CHECK_OK(writer_open(&err, a, path, &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
}

static Store *open_at(Arena *a, const char *folder)
{
    Err err = {0};
    Store *s;

    CHECK_OK(store_open(&err, a, folder, &key, NULL, &s));
    return s;
}

TEST(train_store_keeps_the_two_newest)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *folder = test_folder();
    Store *s = open_at(a, folder);
    int64_t step;
    char *path, **names;
    size_t n;

    CHECK_OK(store_newest(&err, s, a, &step, &path));
    CHECK(!path);
    CHECK_INT(step, -1);
    for (int64_t i = 8; i <= 11; i++)
        CHECK_OK(store_save(&err, s, i, write_two, a));
    CHECK_OK(dir_list(&err, a, folder, &names, &n));
    CHECK_INT(n, 2);
    CHECK_TEXT(names[0], "step-10");
    s = open_at(a, folder);
    CHECK_OK(store_newest(&err, s, a, &step, &path));
    CHECK_INT(step, 11); /* by number, not by spelling */
    CHECK_HAS(path, "/step-11");
    arena_free(a);
}

/* Another empty folder of this test each time. */
static const char *fresh(Arena *a)
{
    static int n;
    Err err = {0};

    return arena_printf(&err, a, "%s/%d", test_folder(), n++);
}

static void damage(const char *file, const char *text)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *folder = fresh(a);
    Store *s = open_at(a, folder);
    int64_t step;
    char *path;

    CHECK_OK(store_save(&err, s, 5, write_two, a));
    CHECK_OK(store_save(&err, s, 6, write_two, a));
    CHECK_OK(dir_make(&err, sys_real(), path_join(&err, a, folder, "step-7.tmp.99")));
    put_text(a, arena_printf(&err, a, "%s/step-6/%s", folder, file), text);
    s = open_at(a, folder);
    CHECK_INT(path_kind(sys_real(), path_join(&err, a, folder, "step-7.tmp.99")), PATH_NONE);
    CHECK_OK(store_newest(&err, s, a, &step, &path));
    CHECK_INT(step, 5);
    CHECK_INT(path_kind(sys_real(), path_join(&err, a, folder, "step-6.bad")), PATH_DIR);
    arena_free(a);
}

TEST(train_store_falls_back_from_damage)
{
    damage("model.bin", "something else");
    damage("model.bin", "");
    damage("state.bin", "state.bin of step-6.tmp.0"); /* as long, or nearly */
    damage("MANIFEST", "");
    damage("MANIFEST", "engraft checkpoint 1\nstep 6\n");
    damage("MANIFEST", "engraft checkpoint 2\n");
}

TEST(train_store_finds_every_flipped_bit_of_a_manifest)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *folder = test_folder();
    Store *s = open_at(a, folder);
    int64_t step;
    char *path;
    Bytes b;

    CHECK_OK(store_save(&err, s, 6, write_two, a));
    const char *manifest = arena_printf(&err, a, "%s/step-6/MANIFEST", folder);
    CHECK_OK(file_read_all(&err, a, manifest, 65536, &b));
    char *text = arena_strndup(&err, a, (const char *)b.data, b.n);
    for (size_t i = 0; i < b.n; i += 3) {
        text[i] ^= (char)(1 << (i % 7));
        CHECK_OK(path_remove(&err, sys_real(), manifest));
        Writer *w;
        CHECK_OK(writer_open(&err, a, manifest, &w));
        CHECK_OK(writer_put(&err, w, text, b.n));
        CHECK_OK(writer_commit(&err, w));
        CHECK_OK(store_newest(&err, s, a, &step, &path));
        CHECK(!path);
        CHECK_OK(path_rename(&err, sys_real(), arena_printf(&err, a, "%s/step-6.bad", folder),
                             arena_printf(&err, a, "%s/step-6", folder)));
        text[i] ^= (char)(1 << (i % 7));
    }
    arena_free(a);
}

TEST(train_store_refuses_another_run_data_or_settings)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *folder = test_folder();
    Store *s = open_at(a, folder);
    StoreKey other[] = {{"run-2", "data-1", "config-1", false},
                        {"run-1", "data-2", "config-1", false},
                        {"run-1", "data-1", "config-2", false}};
    static const char *const says[] = {"another run", "data are not those",
                                       "settings are not those"};
    int64_t step;
    char *path;

    CHECK_OK(store_save(&err, s, 3, write_two, a));
    for (int i = 0; i < 3; i++) {
        CHECK_OK(store_open(&err, a, folder, &other[i], NULL, &s));
        CHECK_INT(store_newest(&err, s, a, &step, &path), i == 0 ? E_TAKEN : E_DATA);
        CHECK_HAS(err.text, says[i]);
    }
    arena_free(a);
}

/* Fails call k of a save, once and for ever after; the checkpoint before must be found whole. */
static bool save_with_fault(int64_t k, bool for_ever, int error)
{
    Err err = {0};
    SysFaults f = {.kind = SYS_ANY, .at = k, .for_ever = for_ever, .error = error};
    Arena *plain = arena_new(&err, sys_real());
    const char *folder = fresh(plain);
    Store *s = open_at(plain, folder);
    int64_t step;
    char *path;

    CHECK_OK(store_save(&err, s, 1, write_two, plain));
    f.at = 0;
    sys_faulty(&f, sys_real());
    Arena *a = arena_new(&err, &f.sys);
    s = open_at(a, folder);
    CHECK_OK(store_newest(&err, s, a, &step, &path));
    f.at = f.calls + k;
    Status code = store_save(&err, s, 2, write_two, a);
    bool hit = f.calls >= f.at;
    f.at = 0;
    arena_free(a);
    s = open_at(plain, folder);
    CHECK_OK(store_newest(&err, s, plain, &step, &path));
    CHECK(step == 2 || (step == 1 && code != E_OK));
    CHECK(code == E_OK || err.text[0]);
    arena_free(plain);
    return hit;
}

TEST(train_store_survives_a_fault_at_every_call)
{
    int64_t k = 1;

    while (save_with_fault(k, k % 2, k % 4 < 2 ? EIO : ENOSPC) && k < 2000)
        k++;
    CHECK(k > 40);
    CHECK(k < 2000);
}

/* SPDX-License-Identifier: MIT */
