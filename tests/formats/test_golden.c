/* test_golden.c - every tensor of files written by PyTorch and safetensors, and of released models, has
 * the name, type, shape and values that the reference sees (tools/golden/formats.py). */
#include "formats/weights.h"
#include "test.h"
#include "tsv.h"

#include <stdlib.h>

static Arena *arena;
static Err err;

static char *read_text(const char *path)
{
    Bytes b;

    CHECK_OK(file_read_all(&err, arena, path, 1 << 20, &b));
    char *text = arena_strndup(&err, arena, (const char *)b.data, b.n);

    CHECK(text != NULL);
    return text;
}

/* One row: the tensor is there and its float32 bytes hash to what the reference's do. */
static void check_row(const Weights *w, const Tsv *t)
{
    const Weight *at = weights_find(w, t->field[2]);
    Arena *a = arena_child(&err, arena);
    Sha256 sha;
    char hex[65];

    check_at(__FILE__, __LINE__, at != NULL, t->field[2]);
    CHECK_INT(weights_count(w), strtoll(t->field[1], NULL, 10));
    CHECK_TEXT(dtype_name(at->dtype), t->field[3]);
    CHECK_TEXT(SHAPE_TEXT(&at->shape), t->field[4]);
    int64_t n = shape_size(&at->shape);
    float *values = NEWS(&err, a, float, n + 1);

    CHECK(values != NULL);
    CHECK_OK(weights_read_f32(&err, at, values));
    sha256_start(&sha);
    sha256_add(&sha, values, (size_t)n * sizeof(float));
    sha256_end(&sha, hex);
    check_text_at(__FILE__, __LINE__, t->field[2], hex, t->field[5]);
    arena_free(a);
}

static void begin(void)
{
    arena = arena_new(&err, sys_real());
    CHECK(arena != NULL);
}

TEST(formats_golden_values)
{
    const char *file = "";
    Weights *w = NULL;
    int rows = 0;

    begin();
    for (Tsv t = {.at = read_text("tests/golden/formats/expected.tsv")}; tsv_next(&t); rows++) {
        if (strcmp(file, t.field[0]) != 0) {
            file = t.field[0];
            CHECK_OK(weights_open(&err, arena, path_join(&err, arena, "tests/golden/formats", file),
                                  &w));
        }
        check_row(w, &t);
    }
    CHECK(rows > 150);
    arena_free(arena);
}

/* Released files of the shared folder, and those inside the wheels of .whl/ when they were fetched. */
static bool open_released(const char *name, Weights **w)
{
    const char *member = strchr(name, '!');
    char *wheel;
    Bytes b;

    if (!member) {
        CHECK_OK(weights_open(&err, arena, test_shared(name), w));
        return true;
    }
    wheel = arena_printf(&err, arena, ".whl/%.*s", (int)(member - name), name);
    if (path_kind(sys_real(), wheel) != PATH_FILE)
        return false;
    CHECK_OK(zip_read(&err, arena, wheel, member + 1, (size_t)1 << 30, &b));
    CHECK_OK(weights_new(&err, arena, w));
    CHECK_OK(weights_parse(&err, *w, name, b));
    return true;
}

TEST(formats_golden_released)
{
    const char *file = "";
    bool here = false;
    Weights *w = NULL;
    int rows = 0;

    begin();
    for (Tsv t = {.at = read_text("tests/golden/formats/released.tsv")}; tsv_next(&t);) {
        if (strcmp(file, t.field[0]) != 0) {
            file = t.field[0];
            here = open_released(file, &w);
        }
        if (here)
            check_row(w, &t);
        rows += here;
    }
    CHECK(rows > 50);
    arena_free(arena);
}

/* ---- the same files, cut after every byte ---- */

static Status parse_any(Err *e, Arena *a, const char *name, Bytes b)
{
    const char *what, *hint;
    ShardIndex x = {0};
    Weights *w;

    TRY(weights_new(e, a, &w));
    if (weights_sniff(b, &what, &hint) == SNIFF_INDEX)
        return shards_parse(e, w, name, b, &x);
    return weights_parse(e, w, name, b);
}

static void check_cuts(const char *name, const char *path)
{
    Bytes b;

    CHECK_OK(file_read_all(&err, arena, path, 1 << 20, &b));
    CHECK_OK(parse_any(&err, arena, name, b));
    for (size_t n = 0; n < b.n; n++) {
        Arena *a = arena_child(&err, arena);
        uint8_t *cut =
            malloc(n + 1); /* its own block, so that a sanitizer sees a read past its end */

        CHECK(a && cut);
        memcpy(cut, b.data, n);
        cut = realloc(cut, n ? n : 1);
        Status s = parse_any(&err, a, name, (Bytes){cut, n});

        check_int_at(__FILE__, __LINE__, name, s, E_DATA);
        CHECK_HAS(err.text, name);
        free(cut);
        arena_free(a);
    }
}

TEST(formats_golden_cut_at_every_byte)
{
    static const char *const files[] = {"edges.safetensors",
                                        "by_hand.safetensors",
                                        "module.pt",
                                        "module.stream.pth",
                                        "trained.stream.pth",
                                        "list.pt",
                                        "sharded/model.safetensors.index.json"};

    begin();
    for (size_t i = 0; i < LEN(files); i++)
        check_cuts(files[i], path_join(&err, arena, "tests/golden/formats", files[i]));
    arena_free(arena);
}
/* SPDX-License-Identifier: MIT */
