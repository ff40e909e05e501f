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

static void good(Err *e, Arena *a, const char *path, SavedFile *out)
{
    *out = (SavedFile){.path = path};
    check_ok_at(__FILE__, __LINE__, file_read_all(e, a, path, 1 << 20, &out->bytes), e);
}

/* One of the files of a pair is bad: "what.KIND". */
static Status open_pair(Err *e, Arena *a, Tokenizer *t, const char *path)
{
    BpeFiles f = {0};
    struct {
        const char *end, *good;
        const SavedFile **to;
    } part[] = {
        {".vocab.json", FOLDER "good_vocab.json", &f.vocab},
        {".merges.txt", FOLDER "good_merges.txt", &f.merges},
        {".settings.json", NULL, &f.config},
        {".added.json", NULL, &f.added},
        {".model.json", NULL, &f.model},
    };
    SavedFile file[LEN(part)];

    for (size_t i = 0; i < LEN(part); i++) {
        const char *from = ends_with(path, part[i].end) ? path : part[i].good;

        if (from)
            good(e, a, from, &file[i]);
        *part[i].to = from ? &file[i] : NULL;
    }
    t->path = path;
    return vocab_bpe_read(e, a, t, &f);
}

/* A config is read beside the good vocabulary, a part of a pair beside the other, the others by themselves. */
static Status open_case(Err *e, Arena *a, const char *path)
{
    static const char *const parts[] = {".vocab.json", ".merges.txt", ".settings.json",
                                        ".added.json", ".model.json"};
    Tokenizer *t = NEW(e, a, Tokenizer);
    SavedFile config = {"tokenizer_config.json", path, {NULL, 0}}, vocab;
    bool pair = false;
    Status s;

    CHECK(t != NULL);
    for (size_t i = 0; i < LEN(parts); i++)
        pair = pair || ends_with(path, parts[i]);
    if (!pair && !ends_with(path, ".config.json"))
        return tokenizer_open(e, a, path, &t);
    if (pair) {
        s = open_pair(e, a, t, path);
    } else {
        good(e, a, FOLDER "good.txt", &vocab);
        good(e, a, path, &config);
        t->path = path;
        s = vocab_txt_read(e, a, t, vocab.bytes, &config);
    }
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
    CHECK_OK(tokenizer_open(&err, a, FOLDER "good_bpe.json", &t));
    CHECK_OK(tokenizer_open(&err, a, FOLDER "good.txt", &t));
    CHECK_OK(open_pair(&err, a, NEW(&err, a, Tokenizer), ""));
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
