/* test_vectors.c - tables of word vectors: the same from every form that gensim writes (tools/golden/vectors.py), the
 * numbers to the last bit, and each file under tests/hostile/vectors refused. */
#include "base/sys.h"
#include "formats/vectors.h"
#include "test.h"
#include "tsv.h"

#include <stdio.h>
#include <stdlib.h>

#define GOLDEN  "tests/golden/vectors/"
#define SEEDS   "fuzz/seeds/vectors/"
#define HOSTILE "tests/hostile/vectors/"

static Err err;
static size_t taken; /* all that was asked of the system since it was cleared */

static void *counting_alloc(void *user, size_t size)
{
    taken += size;
    return sys_real()->alloc(user, size);
}

static Vectors *golden(const char *name)
{
    Vectors *v = NULL;

    CHECK_OK(vectors_open(&err, test_arena(), arena_printf(&err, test_arena(), "%s", name), &v));
    return v;
}

static void check_same(const Vectors *v, const Vectors *w)
{
    CHECK_INT(v->n, w->n);
    CHECK_INT(v->dim, w->dim);
    for (int64_t i = 0; i < v->n; i++) {
        CHECK_TEXT(v->word[i], w->word[i]);
        CHECK_INT(vectors_find(v, w->word[i]), i);
    }
    CHECK(memcmp(v->value, w->value, (size_t)(v->n * v->dim) * sizeof(float)) == 0);
}

TEST(formats_vectors_by_gensim)
{
    Vectors *binary = golden(GOLDEN "word2vec.bin"), *text = golden(GOLDEN "word2vec.txt");
    Vectors *glove = golden(GOLDEN "glove.txt"), *packed = golden(GOLDEN "word2vec.txt.gz");

    CHECK_TEXT(binary->form, "word2vec binary");
    CHECK_TEXT(text->form, "word2vec text");
    CHECK_TEXT(glove->form, "GloVe text");
    CHECK_INT(binary->n, 26);
    CHECK_INT(binary->dim, 7);
    CHECK_TEXT(binary->word[20], "caf\xc3\xa9");
    check_same(binary, text);
    check_same(binary, glove);
    check_same(binary, packed);
    CHECK_INT(vectors_find(binary, "nowhere"), -1);
}

/* Words with spaces, CRLF and a gap at each line's end, rows twice, no line breaks in the binary form. */
TEST(formats_vectors_odd_forms)
{
    Vectors *glove = golden(SEEDS "glove.txt"), *twice = golden(SEEDS "twice.txt");

    CHECK_TEXT(glove->word[2], ". . .");
    check_same(glove, golden(SEEDS "word2vec.txt"));
    check_same(glove, golden(SEEDS "fasttext.vec"));
    check_same(glove, golden(SEEDS "glove.gz"));
    check_same(glove, twice);
    CHECK_INT(twice->duplicates, 3);
    CHECK_INT(glove->duplicates, 0);
    check_same(golden(SEEDS "binary"), golden(SEEDS "binary_without_breaks"));
    check_same(golden(SEEDS "binary"), golden(SEEDS "binary.gz"));
}

TEST(formats_vectors_written_and_read)
{
    Vectors *v = golden(GOLDEN "word2vec.bin"), *w;
    Arena *a = test_arena();

    for (int binary = 0; binary < 2; binary++) {
        const char *path =
            path_join(&err, a, test_folder(), binary ? "vectors.bin" : "vectors.txt");
        CHECK_OK(vectors_write(&err, a, path, v, binary));
        CHECK_OK(vectors_open(&err, a, path, &w));
        check_same(v, w);
    }
    CHECK_OK(vectors_open(&err, a, test_folder(), &w)); /* a folder: the exact one */
    CHECK_TEXT(w->form, "word2vec binary");
    CHECK_INT(vectors_open(&err, a, "tests/golden", &w), E_NOINPUT);
    CHECK_HAS(err.text, "vectors.bin or vectors.txt");
}

/* The double that strtod finds, through the short way and the long one. */
TEST(formats_decimal_is_nearest)
{
    static const char *const odd[] = {
        "0",     "-0",     "1e22",    "1e23",  "123456789012345678901234567890e-10",
        ".5",    "5.",     "1E-22",   "1e-23", "9007199254740993",
        "1e308", "5e-324", "1e-9999", "+7.25", "0.000000000000000000000000000001",
    };
    double x, mean = 0;
    char text[60];

    for (size_t i = 0; i < LEN(odd); i++) {
        CHECK(decimal_parse(odd[i], strlen(odd[i]), &x));
        CHECK(x == strtod(odd[i], NULL));
    }
    for (uint64_t i = 0; i < 20000; i++) {
        double u = random_normal(1, 2, i) * (i % 3 ? 1 : 1e-30);

        (void)snprintf(text, sizeof text, i % 2 ? "%.6g" : "%.17g", u);
        CHECK(decimal_parse(text, strlen(text), &x));
        CHECK(x == strtod(text, NULL));
        mean += x / 20000;
    }
    CHECK_NEAR(mean, 0, 0.05);
    CHECK(!decimal_parse("", 0, &x));
    CHECK(!decimal_parse(".", 1, &x));
    CHECK(!decimal_parse("1e400", 5, &x));
}

TEST(formats_hostile_vectors)
{
    Sys sys = *sys_real();
    Bytes list;
    int n = 0;

    sys.alloc = counting_alloc;
    Arena *a = arena_new(&err, &sys);
    CHECK_OK(file_read_all(&err, a, HOSTILE "expected.tsv", 1 << 20, &list));
    for (Tsv t = {.at = arena_strndup(&err, a, (const char *)list.data, list.n)}; tsv_next(&t);
         n++) {
        const char *path = arena_printf(&err, a, HOSTILE "%s", t.field[0]);
        Arena *one = arena_child(&err, a);
        double start = clock_seconds();
        Vectors *v;

        taken = 0;
        check_int_at(t.field[0], 0, "status", vectors_open(&err, one, path, &v), E_DATA);
        check_has_at(t.field[0], 0, err.text, t.field[1]);
        check_has_at(t.field[0], 0, err.text, "file      " HOSTILE);
        check_at(t.field[0], 0, clock_seconds() - start < 0.5, "in half a second");
        check_at(t.field[0], 0, taken < 4 << 20, "in 4 MiB");
        arena_free(one);
    }
    CHECK(n >= 60);
    arena_free(a);
}

/* Cut at every byte: refused, or (text without a first line, cut behind a row or within the last number) shorter. */
TEST(formats_vectors_cut_anywhere)
{
    static const char *const files[] = {GOLDEN "word2vec.bin",    GOLDEN "word2vec.txt",
                                        GOLDEN "word2vec.txt.gz", GOLDEN "glove.txt",
                                        SEEDS "binary",           SEEDS "fasttext.vec"};
    Arena *a = test_arena();
    Bytes b;

    for (size_t k = 0; k < LEN(files); k++) {
        CHECK_OK(file_read_all(&err, a, files[k], 1 << 20, &b));
        for (size_t n = 0; n < b.n; n++) {
            Arena *one = arena_child(&err, a);
            uint8_t *copy = arena_alloc(&err, one, n + 1);
            Vectors *v;

            memcpy(copy, b.data, n);
            Status s = vectors_read(&err, one, "cut", (Bytes){copy, n}, &v);
            CHECK(s == E_OK || s == E_DATA);
            if (s)
                CHECK_HAS(err.text, "file      cut");
            if (strstr(files[k], ".gz"))
                CHECK_INT(s, E_DATA);
            arena_free(one);
        }
    }
}

/* Twice the bytes take at most some more than twice the time: the best of five, so that the machine has little say. */
TEST(formats_vectors_linear)
{
    Arena *a = test_arena();
    double best[2] = {1e9, 1e9};

    for (int round = 0; round < 10; round++) {
        int rows = round % 2 ? 80000 : 40000;
        char *text = arena_alloc(&err, a, (size_t)rows * 60);
        size_t n = 0;
        Vectors *v;

        for (int i = 0; i < rows; i++)
            n += (size_t)snprintf(text + n, 60, "w%06d 0.125 -1.5 3.14159 0.00027 -0.5\n", i);
        Arena *one = arena_child(&err, a);
        double start = clock_seconds();
        CHECK_OK(vectors_read(&err, one, "rows", (Bytes){(uint8_t *)text, n}, &v));
        double took = clock_seconds() - start;
        CHECK_INT(v->n, rows);
        best[round % 2] = took < best[round % 2] ? took : best[round % 2];
        arena_free(one);
    }
    CHECK(best[1] < 4 * best[0]);
}

/* The released table in both its forms. */
TEST(formats_vectors_glove)
{
    const char *folder = test_shared("data/models/glove-6b-50d-trimmed/README.md");
    Arena *a = test_arena();
    char *dir = arena_strndup(&err, a, folder, strlen(folder) - strlen("README.md"));
    Vectors *t = golden(arena_printf(&err, a, "%sglove.6B.50d.trimmed.txt", dir));
    Vectors *b = golden(arena_printf(&err, a, "%sglove.6B.50d.trimmed.word2vec.bin", dir));

    CHECK_INT(t->n, 20330);
    CHECK_INT(t->dim, 50);
    check_same(t, b);
}

/* SPDX-License-Identifier: MIT */
