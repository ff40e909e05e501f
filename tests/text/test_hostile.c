/* test_hostile.c - every file under tests/hostile/tokenizer is refused with the message that expected.tsv
 * names (tools/golden/hostile_text.py), with its file, in no time and little memory. */
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "formats/tsv.h"
#include "test.h"
#include "text/tokenizer.h"

#define FOLDER "tests/hostile/tokenizer/"

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);

    return n >= k && !strcmp(s + n - k, end);
}

/* A config is read beside the good vocabulary, the others by themselves. */
static Status open_case(Err *e, Arena *a, const char *path)
{
    Tokenizer *t = NEW(e, a, Tokenizer);
    SavedFile config = {"tokenizer_config.json", path, {NULL, 0}};
    Bytes vocab;

    CHECK(t != NULL);
    if (!ends_with(path, ".config.json"))
        return tokenizer_open(e, a, path, &t);
    check_ok_at(__FILE__, __LINE__, file_read_all(e, a, FOLDER "good.txt", 1 << 20, &vocab), e);
    check_ok_at(__FILE__, __LINE__, file_read_all(e, a, path, 1 << 20, &config.bytes), e);
    t->path = path;
    Status s = vocab_txt_read(e, a, t, vocab, &config);
    return s && !strstr(e->text, "\n  file ") ? err_note(e, "file", "%s", path) : s;
}

/* All that was asked of the system since `taken` was cleared. */
static size_t taken;

static void *counting_alloc(void *user, size_t size)
{
    taken += size;
    return sys_real()->alloc(user, size);
}

TEST(text_hostile_tokenizers)
{
    Err err = {0};
    Sys sys = *sys_real();
    Bytes list;
    Tokenizer *t;
    int n = 0;

    sys.alloc = counting_alloc;
    Arena *a = arena_new(&err, &sys);
    CHECK_OK(tokenizer_open(&err, a, FOLDER "good.json", &t));
    CHECK_OK(tokenizer_open(&err, a, FOLDER "good.txt", &t));
    CHECK_OK(file_read_all(&err, a, FOLDER "expected.tsv", 1 << 20, &list));
    for (Tsv v = {.at = arena_strndup(&err, a, (const char *)list.data, list.n)}; tsv_next(&v);
         n++) {
        Arena *one = arena_child(&err, a);
        double start = clock_seconds();

        taken = 0;
        Status s = open_case(&err, one, arena_printf(&err, one, FOLDER "%s", v.field[0]));
        check_int_at(v.field[0], 0, "status", s, E_DATA);
        check_has_at(v.field[0], 0, err.text, v.field[1]);
        check_has_at(v.field[0], 0, err.text, "file      " FOLDER);
        check_at(v.field[0], 0, clock_seconds() - start < 0.5, "in half a second");
        check_at(v.field[0], 0, taken < 32 << 20, "in 32 MiB");
        arena_free(one);
    }
    CHECK(n >= 100);
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
