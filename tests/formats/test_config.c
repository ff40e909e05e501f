/* test_config.c - small JSON documents: keys read, refused by name, changed and written. */
#include "formats/config.h"
#include "test.h"

#include <string.h>

static Arena *arena(void)
{
    static Arena *a;

    if (!a)
        a = test_arena();
    return a;
}

static const char *in_folder(const char *name)
{
    Err err;
    const char *path = path_join(&err, arena(), test_folder(), name);

    CHECK(path != NULL);
    return path;
}

static Status open_text(Err *e, const char *text, Config *c)
{
    Err err;
    Writer *w;
    const char *path = in_folder("c.json");

    CHECK_OK(writer_open(&err, arena(), path, &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
    return config_open(e, arena(), path, c);
}

TEST(formats_config_reads)
{
    Err err;
    Config c;
    int64_t n = 7, kept = 7;
    float x = 0;
    bool b = false;
    const char *s = NULL;

    CHECK_OK(
        open_text(&err, "{\"n\": 3, \"x\": 1e-12, \"b\": true, \"s\": \"a\", \"z\": null}", &c));
    CHECK_OK(config_int(&err, &c, "n", 0, 9, &n));
    CHECK_OK(config_int(&err, &c, "z", 0, 9, &kept));
    CHECK_OK(config_int(&err, &c, "absent", 0, 9, &kept));
    CHECK_OK(config_float(&err, &c, "x", 0, 1, &x));
    CHECK_OK(config_float(&err, &c, "n", 0, 9, &x));
    CHECK_OK(config_bool(&err, &c, "b", &b));
    CHECK_OK(config_text(&err, &c, "s", &s));
    CHECK_INT(n, 3);
    CHECK_INT(kept, 7);
    CHECK_NEAR((double)x, 3, 0);
    CHECK(b && config_has(&c, "s") && !config_has(&c, "z"));
    CHECK_TEXT(s, "a");
    CHECK_TEXT(json_key(c.json, 1), "x");
    CHECK(json_key(c.json, 5) == NULL);
}

TEST(formats_config_refuses)
{
    static const char *const broken[] = {
        "", "{", "{\"a\": 1, \"a\": 2}", "[1,]", "{\"a\": 01}", "\"text\"x", "{} {}"};
    Err err;
    Config c;
    int64_t n = 0;
    float x = 0;
    bool b;
    const char *s;

    for (size_t i = 0; i < LEN(broken); i++) {
        CHECK_INT(open_text(&err, broken[i], &c), E_DATA);
        CHECK_HAS(err.text, "not valid JSON");
        CHECK_HAS(err.text, "line");
    }
    CHECK_OK(open_text(&err, "{\"n\": 30, \"x\": \"1\", \"b\": 1, \"s\": []}", &c));
    CHECK_INT(config_int(&err, &c, "n", 0, 9, &n), E_DATA);
    CHECK_HAS(err.text, "\"n\" in c.json: 30 is outside 0 to 9");
    CHECK_INT(config_float(&err, &c, "x", 0, 9, &x), E_DATA);
    CHECK_HAS(err.text, "expected a number");
    CHECK_INT(config_float(&err, &c, "n", 0, 9, &x), E_DATA);
    CHECK_HAS(err.text, "\"n\" in c.json: 30 is outside 0 to 9");
    CHECK_INT(config_int(&err, &c, "s", 0, 9, &n), E_DATA);
    CHECK_HAS(err.text, "expected a whole number");
    CHECK_INT(config_bool(&err, &c, "b", &b), E_DATA);
    CHECK_HAS(err.text, "true or false");
    CHECK_INT(config_text(&err, &c, "s", &s), E_DATA);
    CHECK_HAS(err.text, "expected a text");
    CHECK_INT(config_need(&err, &c, "absent"), E_DATA);
    CHECK_HAS(err.text, "\"absent\" in c.json: the key is missing");
    CHECK_INT(config_open(&err, arena(), in_folder("absent.json"), &c), E_NOINPUT);
}

TEST(formats_config_reads_lists_and_parts)
{
    Err err;
    Config c, part = {0};
    float x[2] = {7, 7};

    CHECK_OK(open_text(&err,
                       "{\"mean\": [0.5, 1], \"words\": [\"a\", 1], \"far\": [0, 9], "
                       "\"deep\": {\"n\": 3}, \"null\": null}",
                       &c));
    CHECK_OK(config_floats(&err, &c, "null", 2, 0, 1, x));
    CHECK_NEAR((double)x[0], 7, 0);
    CHECK_OK(config_floats(&err, &c, "mean", 2, 0, 1, x));
    CHECK_NEAR((double)x[0], 0.5, 0);
    CHECK_NEAR((double)x[1], 1, 0);
    CHECK_INT(config_floats(&err, &c, "mean", 3, 0, 1, x), E_DATA);
    CHECK_HAS(err.text, "\"mean\" in c.json: expected a list of 3 numbers");
    CHECK_INT(config_floats(&err, &c, "deep", 1, 0, 1, x), E_DATA);
    CHECK_HAS(err.text, "expected a list of 1 numbers");
    CHECK_INT(config_floats(&err, &c, "words", 2, 0, 1, x), E_DATA);
    CHECK_HAS(err.text, "item 0 is no number from 0 to 1");
    CHECK_INT(config_floats(&err, &c, "far", 2, 0, 1, x), E_DATA);
    CHECK_HAS(err.text, "item 1 is no number from 0 to 1");
    CHECK_OK(config_part(&err, &c, "absent", &part));
    CHECK(part.json == NULL);
    CHECK_OK(config_part(&err, &c, "deep", &part));
    CHECK(config_has(&part, "n"));
    CHECK_TEXT(part.path, c.path);
    CHECK_INT(config_part(&err, &c, "mean", &part), E_DATA);
    CHECK_HAS(err.text, "expected an object");
    CHECK_INT((int64_t)json_count(config_get(&c, "absent")), 0);
}

TEST(formats_config_writes)
{
    static const char *const words[] = {"one", "two"};
    Err err;
    Config old, c;
    Bytes text;

    CHECK_OK(open_text(&err, "{\"keep\": {\"deep\": [1, 2]}, \"gone\": 1, \"n\": 1}", &old));
    c = config_new(&err, arena(), in_folder("new.json"), &old);
    CHECK(c.json != NULL);
    config_drop(&c, "gone");
    config_drop(&c, "absent");
    CHECK_OK(config_set_int(&err, &c, "n", 2));
    CHECK_OK(config_set_float(&err, &c, "x", 0.1F));
    CHECK_OK(config_set_text(&err, &c, "none", NULL));
    CHECK_OK(config_set_texts(&err, &c, "words", words, 2));
    CHECK_OK(config_save(&err, arena(), &c));
    CHECK_OK(file_read_all(&err, arena(), in_folder("new.json"), 4096, &text));
    CHECK_HAS((const char *)text.data, "\"x\": 0.1,"); /* not 0.100000001 */
    CHECK_HAS((const char *)text.data, "\"none\": null");
    CHECK(!strstr((const char *)text.data, "gone"));
    CHECK_OK(config_open(&err, arena(), in_folder("new.json"), &c));
    CHECK_INT((int64_t)json_count(config_get(&c, "words")), 2);
    CHECK_INT((int64_t)json_double(json_item(json_member(config_get(&c, "keep"), "deep"), 1)), 2);
    CHECK_INT((int64_t)json_double(config_get(&old, "n")), 1); /* a copy was changed */
}

TEST(formats_config_writes_lists)
{
    static const int64_t whole[] = {3, -4};
    static const float part[] = {0.1F, 2};
    static const char *const broken[] = {"one", "\xff"};
    Err err;
    Arena *a = test_arena();
    Config c = config_new(&err, a, in_folder("lists.json"), NULL);
    Config list = config_list(&err, a), row = config_new(&err, a, "row", NULL);
    Bytes text;

    CHECK(c.json && list.json && row.json);
    CHECK_OK(config_set_ints(&err, &c, "whole", whole, 2));
    CHECK_OK(config_set_floats(&err, &c, "part", part, 2));
    CHECK_OK(config_set_bool(&err, &row, "yes", true));
    CHECK_OK(config_set(&err, &list, NULL, &row));
    CHECK_OK(config_set(&err, &c, "rows", &list));
    CHECK_INT(config_set_text(&err, &c, "name", broken[1]), E_INTERNAL);
    CHECK_HAS(err.text, "\"name\" in ");
    CHECK_INT(config_set_texts(&err, &c, "names", broken, 2), E_INTERNAL);
    CHECK_HAS(err.text, "cannot be set");
    CHECK_OK(config_save(&err, a, &c));
    CHECK_OK(file_read_all(&err, a, c.path, 4096, &text));
    CHECK_TEXT((const char *)text.data,
               "{\n  \"whole\": [\n    3,\n    -4\n  ],\n"
               "  \"part\": [\n    0.1,\n    2.0\n  ],\n"
               "  \"rows\": [\n    {\n      \"yes\": true\n    }\n  ]\n}\n");
    c.path = in_folder("no/such/folder.json");
    CHECK(config_save(&err, a, &c) != E_OK);
}

/* SPDX-License-Identifier: MIT */
