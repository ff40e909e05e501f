/* test_shards.c - the index of a sharded model: metadata, and its caps at, below and above. */
#include "formats/weights.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static Err err;

static Arena *begin(void)
{
    Arena *a = arena_new(&err, sys_real());

    CHECK(a != NULL);
    return a;
}

TEST(formats_shards_of_a_folder)
{
    Arena *a = begin();
    const char *key, *value;
    WeightsSum sum;
    Weights *w;

    CHECK_OK(weights_open(&err, a, "tests/golden/formats/sharded", &w));
    weights_sum(w, &sum);
    CHECK_INT(sum.files, 2);
    CHECK_TEXT(weights_format(w), "safetensors");
    CHECK_HAS(weights_find(w, "b.bias")->file, "sharded/model-00002-of-00002.safetensors");
    CHECK_INT(weights_metadata_count(w), 2);
    weights_metadata_at(w, 0, &key, &value);
    CHECK_TEXT(key, "total_size");
    CHECK_TEXT(value, "40");
    arena_free(a);
}

TEST(formats_shards_metadata_of_any_kind)
{
    static const char text[] =
        "{\"metadata\":{\"a\":[1,{\"b\":2}],\"c\":null,\"d\":\"text\"},\"other\":[[]],"
        "\"weight_map\":{\"x\":\"s\"}}";
    Arena *a = begin();
    ShardIndex x = {0};
    Weights *w;

    CHECK_OK(weights_new(&err, a, &w));
    CHECK_OK(shards_parse(&err, w, "memory", (Bytes){(const uint8_t *)text, sizeof(text) - 1}, &x));
    CHECK_INT(weights_metadata_count(w), 1);
    CHECK_INT((int64_t)x.n_tensors, 1);
    CHECK_TEXT(x.files[x.file_of[0]], "s");
    arena_free(a);
}

/* An index of n tensors: each in a shard of its own, or all in one. */
static Status parse_many(int n, bool own, size_t *tensors)
{
    Arena *a = begin();
    size_t room = 40 * (size_t)n + 100;
    char *text = arena_alloc(&err, a, room), *p = text;
    ShardIndex x = {0};
    Weights *w;

    CHECK(text != NULL);
    memcpy(p, "{\"weight_map\":{", 15);
    p += 15;
    for (int i = 0; i < n; i++)
        p += snprintf(p, 40, "%s\"t%d\":\"s%d\"", i ? "," : "", i, own ? i : 0);
    memcpy(p, "}}", 2);
    CHECK_OK(weights_new(&err, a, &w));
    Status s =
        shards_parse(&err, w, "memory", (Bytes){(uint8_t *)text, (size_t)(p - text) + 2}, &x);

    *tensors = x.n_tensors;
    arena_free(a);
    return s;
}

TEST(formats_shards_cap)
{
    size_t n;

    CHECK_OK(parse_many(SHARDS_MAX - 1, true, &n));
    CHECK_OK(parse_many(SHARDS_MAX, true, &n));
    CHECK_INT(parse_many(SHARDS_MAX + 1, true, &n), E_DATA);
    CHECK_HAS(err.text, "more than 4096 shards");
}

TEST(formats_shards_tensor_cap)
{
    size_t n;

    CHECK_INT(parse_many(WEIGHTS_MAX + 1, false, &n), E_DATA);
    CHECK_HAS(err.text, "more than 1048576 tensors");
    CHECK_INT((int64_t)n, WEIGHTS_MAX); /* all up to the cap were taken */
}

TEST(formats_shards_metadata_cap)
{
    Arena *a = begin();
    Weights *w;

    CHECK_OK(weights_new(&err, a, &w));
    for (int i = 0; i <= WEIGHTS_METADATA_MAX; i++)
        CHECK_INT(weights_add_metadata(&err, w, arena_printf(&err, a, "k%d", i), "v"),
                  i < WEIGHTS_METADATA_MAX ? E_OK : E_DATA);
    CHECK_HAS(err.text, "more than 4096 entries of metadata");
    CHECK_OK(weights_add_metadata(&err, w, "k7", "other")); /* known: the first stays */
    arena_free(a);
}
/* SPDX-License-Identifier: MIT */
