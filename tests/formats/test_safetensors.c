/* test_safetensors.c - writing and reading back, and the caps of the reader at, below and above. */
#include "formats/weights.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static Arena *arena;
static Err err;

static const char *begin(const char *name)
{
    arena = arena_new(&err, sys_real());
    CHECK(arena != NULL);
    return path_join(&err, arena, test_folder(), name);
}

TEST(formats_safetensors_round_trip)
{
    const char *path = begin("out.safetensors"), *key, *value;
    float a[6] = {1, -2, 3.5f, 0, 5, 6}, back[6];
    int64_t ids[2] = {-((int64_t)1 << 40), 7}, ids_back[2];
    uint8_t flag = 1;
    NamedTensor t[] = {
        {"flag", {DT_BOOL, SHAPE0, &flag}},
        {"a \"quoted\" \\ naïve", {DT_F32, SHAPE(2, 3), a}},
        {"empty", {DT_F16, SHAPE(0, 4), a}},
        {"ids", {DT_I64, SHAPE(2), ids}},
    };
    const char *metadata[] = {"format", "tf", "note", "line\nand \"quote\"", NULL};
    Weights *w;

    CHECK_OK(safetensors_write(&err, arena, path, t, LEN(t), metadata));
    CHECK_OK(weights_open(&err, arena, path, &w));
    CHECK_TEXT(weights_format(w), "safetensors");
    CHECK_INT(weights_count(w), 4);
    CHECK_INT(weights_metadata_count(w), 2);
    weights_metadata_at(w, 0, &key, &value);
    CHECK_TEXT(key, "format");
    CHECK_TEXT(value, "pt"); /* whatever the caller says: transformers wants it */
    weights_metadata_at(w, 1, &key, &value);
    CHECK_TEXT(value, "line\nand \"quote\"");
    for (int i = 0; i < 4; i++) {
        CHECK_TEXT(weights_at(w, i)->name, t[i].name);
        CHECK_INT(weights_at(w, i)->index, i);
    }
    CHECK_OK(weights_read_f32(&err, weights_find(w, t[1].name), back));
    CHECK(memcmp(a, back, sizeof(a)) == 0);
    CHECK_OK(weights_read_i64(&err, weights_find(w, "ids"), ids_back));
    CHECK(memcmp(ids, ids_back, sizeof(ids)) == 0);
    CHECK_OK(weights_read_i64(&err, weights_find(w, "flag"), ids_back));
    CHECK_INT(ids_back[0], 1);
    CHECK_INT(weights_read_i64(&err, weights_find(w, t[1].name), ids_back), E_DATA);
    CHECK_HAS(err.text, "does not hold integers");
    arena_free(arena);
}

TEST(formats_safetensors_sums)
{
    const char *path = begin("out.safetensors");
    float x[12] = {0};
    NamedTensor t[] = {
        {"a", {DT_F32, SHAPE(3, 4), x}}, {"b", {DT_F32, SHAPE(5), x}}, {"c", {DT_U8, SHAPE(7), x}}};
    WeightsSum sum;
    Weights *w;
    File *f;

    CHECK_OK(safetensors_write(&err, arena, path, t, LEN(t), NULL));
    CHECK_OK(weights_open(&err, arena, path, &w));
    CHECK_OK(file_open(&err, arena, path, &f));
    weights_sum(w, &sum);
    CHECK_INT(sum.files, 1);
    CHECK_INT(sum.file_bytes, file_size(f));
    CHECK_INT(sum.elements[DT_F32], 17);
    CHECK_INT(sum.tensors[DT_F32], 2);
    CHECK_INT(sum.elements[DT_U8], 7);
    CHECK_INT(sum.tensors[DT_I64], 0);
    arena_free(arena);
}

TEST(formats_safetensors_write_refuses)
{
    const char *path = begin("out.safetensors");
    float x = 0;
    NamedTensor twice[] = {{"a", {DT_F32, SHAPE0, &x}}, {"a", {DT_F32, SHAPE0, &x}}};
    NamedTensor reserved = {"__metadata__", {DT_F32, SHAPE0, &x}};
    NamedTensor odd = {"new\nline", {DT_F32, SHAPE0, &x}};

    CHECK_INT(safetensors_write(&err, arena, path, twice, 2, NULL), E_INTERNAL);
    CHECK_HAS(err.text, "second tensor \"a\"");
    CHECK_INT(safetensors_write(&err, arena, path, &reserved, 1, NULL), E_INTERNAL);
    CHECK_INT(safetensors_write(&err, arena, path, &odd, 1, NULL), E_DATA);
    CHECK_HAS(err.text, "control character");
    CHECK_INT(path_kind(sys_real(), path), PATH_NONE);
    arena_free(arena);
}

/* A file in memory: `header`, then n bytes. */
static Status parse(const char *header, size_t n, Weights **w)
{
    size_t len = strlen(header);
    uint8_t *b = arena_alloc(&err, arena, 8 + len + n);

    CHECK(b != NULL);
    for (int i = 0; i < 8; i++)
        b[i] = (uint8_t)((uint64_t)len >> (8 * i));
    memcpy(b + 8, header, len);
    CHECK_OK(weights_new(&err, arena, w));
    return safetensors_parse(&err, *w, "memory", (Bytes){b, 8 + len + n});
}

TEST(formats_safetensors_rank_cap)
{
    const char *ones = "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1";
    Weights *w;

    (void)begin("");
    for (int rank = SHAPE_MAX - 1; rank <= SHAPE_MAX + 1; rank++) {
        char *h = arena_printf(
            &err, arena, "{\"a\":{\"dtype\":\"U8\",\"shape\":[%.*s%s],\"data_offsets\":[0,1]}}",
            2 * (rank > SHAPE_MAX ? SHAPE_MAX : rank) - 1, ones, rank > SHAPE_MAX ? ",1" : "");
        Status s = parse(h, 1, &w);

        CHECK_INT(s, rank <= SHAPE_MAX ? E_OK : E_DATA);
        if (s)
            CHECK_HAS(err.text, "more than 16 dimensions");
        else
            CHECK_INT(weights_at(w, 0)->shape.rank, rank);
    }
    arena_free(arena);
}

TEST(formats_safetensors_name_cap)
{
    Weights *w;

    (void)begin("");
    for (int n = WEIGHT_NAME_MAX - 1; n <= WEIGHT_NAME_MAX + 1; n++) {
        char *name = arena_alloc(&err, arena, (size_t)n + 1);

        memset(name, 'x', (size_t)n);
        char *h = arena_printf(
            &err, arena, "{\"%s\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", name);
        Status s = parse(h, 1, &w);

        CHECK_INT(s, n <= WEIGHT_NAME_MAX ? E_OK : E_DATA);
        if (s)
            CHECK_HAS(err.text, "name of 1025 bytes");
    }
    arena_free(arena);
}

TEST(formats_safetensors_header_cap)
{
    Weights *w;

    (void)begin("");
    for (int64_t n = 100000000 - 1; n <= 100000000 + 1; n++) {
        Arena *a = arena_child(&err, arena);
        uint8_t *b = arena_alloc(&err, a, 8 + (size_t)n);

        CHECK(b != NULL);
        memset(b, ' ', 8 + (size_t)n);
        for (int i = 0; i < 8; i++)
            b[i] = (uint8_t)((uint64_t)n >> (8 * i));
        memcpy(b + 8, "{}", 2);
        CHECK_OK(weights_new(&err, a, &w));
        Status s = safetensors_parse(&err, w, "memory", (Bytes){b, 8 + (size_t)n});

        CHECK_INT(s, n <= 100000000 ? E_OK : E_DATA);
        if (s)
            CHECK_HAS(err.text, "header claims 100000001 bytes");
        arena_free(a);
    }
    arena_free(arena);
}
/* SPDX-License-Identifier: MIT */
