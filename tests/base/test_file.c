/* test_file.c - reading, committing, folders, locks. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "test.h"

static Err err;

static const char *put(Arena *a, const char *name, const char *text)
{
    const char *path = path_join(&err, a, test_folder(), name);
    Writer *w;

    CHECK_OK(writer_open(&err, a, path, &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
    return path;
}

static size_t names_in(Arena *a, const char *path)
{
    char **names;
    size_t n;

    CHECK_OK(dir_list(&err, a, path, &names, &n));
    return n;
}

TEST(base_file_reads_what_was_written)
{
    SysFaults f = {.piece = 7};
    char buf[5];
    Bytes b;
    File *file;

    sys_faulty(&f, sys_real());
    Arena *a = arena_new(&err, &f.sys);
    const char *path = put(a, "x", "hello, files");
    CHECK_OK(file_open(&err, a, path, &file));
    CHECK_TEXT(file_path(file), path);
    CHECK_INT(file_size(file), 12);
    CHECK_OK(file_read_at(&err, file, 7, buf, 5));
    CHECK(!memcmp(buf, "files", 5));
    CHECK_INT(file_read_at(&err, file, 8, buf, 5), E_DATA);
    CHECK_INT(file_read_at(&err, file, -1, buf, 1), E_DATA);
    CHECK_INT(file_read_at(&err, file, INT64_MAX, buf, 1), E_DATA);
    CHECK_OK(file_map(&err, file, &b));
    CHECK(b.n == 12 && !memcmp(b.data, "hello, files", 12));
    file_forget(file); /* comes back from the file */
    CHECK(!memcmp(b.data, "hello, files", 12));
    CHECK_OK(file_read_all(&err, a, path, 12, &b));
    CHECK_TEXT((const char *)b.data, "hello, files");
    CHECK_INT(file_read_all(&err, a, path, 11, &b), E_DATA);
    CHECK_HAS(err.text, "at most 11 bytes");
    arena_free(a);
    CHECK_INT(f.held, 0);
}

TEST(base_file_empty_and_absent)
{
    Arena *a = arena_new(&err, sys_real());
    const char *path = put(a, "empty", "");
    Bytes b;
    File *f;

    CHECK_OK(file_open(&err, a, path, &f));
    CHECK_OK(file_map(&err, f, &b));
    CHECK_INT((int64_t)b.n, 0);
    CHECK_OK(file_read_all(&err, a, path, 0, &b));
    CHECK_INT((int64_t)b.n, 0);
    CHECK_INT(file_open(&err, a, "/no/such/file", &f), E_NOINPUT);
    CHECK_TEXT(err.text, "could not open /no/such/file: No such file or directory");
    CHECK_INT(file_open(&err, a, test_folder(), &f), E_NOINPUT);
    CHECK_HAS(err.text, "is a folder, not a file");
    CHECK_INT(file_open(&err, a, "/dev/zero", &f), E_NOINPUT);
    arena_free(a);
}

TEST(base_file_a_pipe_does_not_hang)
{
    Arena *a = arena_new(&err, sys_real());
    const char *path = path_join(&err, a, test_folder(), "pipe");
    File *f;

    CHECK(mkfifo(path, 0600) == 0);
    CHECK_INT(file_open(&err, a, path, &f), E_NOINPUT);
    CHECK_HAS(err.text, "a device or pipe");
    arena_free(a);
}

TEST(base_file_that_shrank_is_an_error)
{
    Arena *a = arena_new(&err, sys_real());
    const char *path = put(a, "x", "0123456789");
    char buf[10];
    File *f;

    CHECK_OK(file_open(&err, a, path, &f));
    CHECK(truncate(path, 4) == 0);
    CHECK_INT(file_read_at(&err, f, 0, buf, 10), E_IO);
    CHECK_HAS(err.text, "became shorter");
    arena_free(a);
}

TEST(base_file_writer_shows_nothing_before_commit)
{
    Arena *a = arena_new(&err, sys_real()), *run = arena_child(&err, a);
    const char *path = put(a, "x", "old");
    Bytes b;
    Writer *w;

    CHECK_OK(writer_open(&err, run, path, &w));
    CHECK_OK(writer_printf(&err, w, "new %d", 1));
    CHECK_INT((int64_t)names_in(a, test_folder()), 2);
    CHECK_OK(file_read_all(&err, a, path, 100, &b));
    CHECK_TEXT((const char *)b.data, "old");
    arena_free(run); /* given up: the temporary file goes */
    CHECK_INT((int64_t)names_in(a, test_folder()), 1);

    run = arena_child(&err, a);
    CHECK_OK(writer_open(&err, run, path, &w));
    CHECK_OK(writer_put(&err, w, "new", 3));
    CHECK_OK(writer_commit(&err, w));
    CHECK_INT(writer_put(&err, w, "more", 4), E_INTERNAL);
    CHECK_INT(writer_commit(&err, w), E_INTERNAL);
    arena_free(run);
    CHECK_OK(file_read_all(&err, a, path, 100, &b));
    CHECK_TEXT((const char *)b.data, "new");
    CHECK_INT((int64_t)names_in(a, test_folder()), 1);
    arena_free(a);
}

TEST(base_file_writer_large_pieces_keep_order)
{
    enum { N = 300000 };
    Arena *a = arena_new(&err, sys_real());
    const char *path = path_join(&err, a, test_folder(), "big");
    uint8_t *data = arena_alloc(&err, a, N);
    size_t piece = 1;
    Bytes b;
    Writer *w;

    for (size_t i = 0; i < N; i++)
        data[i] = (uint8_t)(i * 2654435761u >> 13);
    CHECK_OK(writer_open(&err, a, path, &w));
    for (size_t at = 0, n; at < N; at += n, piece = piece * 3 + 1) {
        n = piece < N - at ? piece : N - at;
        CHECK_OK(writer_put(&err, w, data + at, n));
    }
    CHECK_OK(writer_commit(&err, w));
    CHECK_OK(file_read_all(&err, a, path, N, &b));
    CHECK(b.n == N && !memcmp(b.data, data, N));
    arena_free(a);
}

TEST(base_dir_makes_lists_and_removes)
{
    Arena *a = arena_new(&err, sys_real());
    const char *top = path_join(&err, a, test_folder(), "top");
    const char *deep = path_join(&err, a, top, "a/b//c/");
    const Sys *sys = sys_real();
    char **names;
    size_t n;

    CHECK_OK(dir_make(&err, sys, deep));
    CHECK_OK(dir_make(&err, sys, deep));
    CHECK_INT(path_kind(sys, deep), PATH_DIR);
    (void)put(a, "top/b", "x");
    (void)put(a, "top/B", "x");
    (void)put(a, "top/a/.hidden", "x");
    (void)put(a, "outside", "x");
    CHECK(symlink(test_folder(), path_join(&err, a, deep, "link")) == 0);
    CHECK_OK(dir_list(&err, a, top, &names, &n));
    CHECK_INT((int64_t)n, 3);
    CHECK_TEXT(names[0], "B");
    CHECK_TEXT(names[1], "a");
    CHECK_TEXT(names[2], "b");
    CHECK_INT(dir_make(&err, sys, path_join(&err, a, top, "b/x")), E_TAKEN);
    CHECK_OK(path_remove(&err, sys, top));
    CHECK_INT(path_kind(sys, top), PATH_NONE);
    CHECK_INT(path_kind(sys, path_join(&err, a, test_folder(), "outside")), PATH_FILE);
    CHECK_INT(path_remove(&err, sys, top), E_NOINPUT);
    CHECK_INT(dir_list(&err, a, top, &names, &n), E_NOINPUT);
    CHECK_INT(dir_sync(&err, sys, top), E_NOINPUT);
    arena_free(a);
}

TEST(base_dir_paths)
{
    Arena *a = arena_new(&err, sys_real());

    CHECK_TEXT(path_join(&err, a, "a", "b"), "a/b");
    CHECK_TEXT(path_join(&err, a, "a/", "b"), "a/b");
    CHECK_TEXT(path_join(&err, a, "", "b"), "b");
    CHECK_TEXT(path_base("x/y.txt"), "y.txt");
    CHECK_TEXT(path_base("y.txt"), "y.txt");
    arena_free(a);
}

/* Any text may be asked for as a path. */
TEST(base_dir_a_text_is_no_file)
{
    char text[6000];
    bool here = true;

    for (size_t n = 200; n < sizeof text; n += 1900) {
        memset(text, 'x', n);
        text[n] = 0;
        CHECK_OK(path_file(&err, sys_real(), text, &here));
        CHECK(!here);
    }
}

TEST(base_dir_lock_names_its_owner)
{
    Arena *first = arena_new(&err, sys_real()), *second = arena_new(&err, sys_real());
    char process[64];

    CHECK_OK(dir_lock(&err, first, test_folder()));
    CHECK_INT(dir_lock(&err, second, test_folder()), E_TAKEN);
    (void)snprintf(process, sizeof process, "process %ld", (long)getpid());
    CHECK_HAS(err.text, process);
    arena_free(first);
    CHECK_OK(dir_lock(&err, second, test_folder()));
    arena_free(second);
}
/* SPDX-License-Identifier: MIT */
