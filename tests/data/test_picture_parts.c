/* test_picture_parts.c - parts by seed, groups that stay together, few labels a class, and real sets. */
#include <stdio.h>
#include <string.h>

#include "picture_tree.h"

#define FASHION "/usr/share/datasets/fashion-mnist"

static PictureSet many(Arena *a, int classes, int each)
{
    static const char *names[16] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    PictureSet s = {.n = (int64_t)classes * each, .path = "made"};

    s.at = NEWS(&tree_err, a, PictureSample, s.n);
    s.labels = (Labels){.n = classes,
                        .name = names,
                        .of_row = NEWS(&tree_err, a, int32_t, s.n),
                        .count = NEWS(&tree_err, a, int64_t, classes)};
    CHECK(s.at && s.labels.of_row && s.labels.count);
    for (int64_t i = 0; i < s.n; i++) {
        s.at[i] = (PictureSample){.name = "x", .file = "x", .id = i};
        s.labels.of_row[i] = (int32_t)(i / each);
    }
    for (int k = 0; k < classes; k++)
        s.labels.count[k] = each;
    return s;
}

static int64_t count(const PictureSet *s, Part part, int class)
{
    int64_t n = 0;

    for (int64_t i = 0; i < s->n; i++)
        n += s->at[i].part == part && s->labels.of_row[i] == class;
    return n;
}

TEST(data_picture_parts_by_seed)
{
    Arena *a = test_arena();
    PictureSet s = many(a, 4, 50), t = many(a, 4, 50);
    int64_t changed = 0;

    CHECK_INT(pictureset_split(&tree_err, a, &s, 0.6, 0.4, 1, NULL), E_USAGE);
    check_ok_at("split", 0, pictureset_split(&tree_err, a, &s, 0.2, 0.1, 1, NULL), &tree_err);
    check_ok_at("split", 0, pictureset_split(&tree_err, a, &t, 0.2, 0.1, 2, NULL), &tree_err);
    for (int k = 0; k < 4; k++) {
        CHECK_INT(count(&s, PART_VALID, k), 10);
        CHECK_INT(count(&s, PART_TEST, k), 5);
    }
    for (int64_t i = 0; i < s.n; i++)
        changed += s.at[i].part != t.at[i].part;
    CHECK(changed > 20);
}

TEST(data_picture_parts_groups_stay_together)
{
    Arena *a = test_arena();
    PictureSet s = many(a, 4, 50);
    int64_t group[200], valid = 0;

    for (int i = 0; i < 200; i++)
        group[i] = -7 * (int64_t)(i / 5 % 20); /* across classes too */
    check_ok_at("split", 0, pictureset_split(&tree_err, a, &s, 0.2, 0.1, 1, group), &tree_err);
    for (int i = 0; i < 200; i++) {
        for (int k = 0; k < i; k++)
            CHECK(group[i] != group[k] || s.at[i].part == s.at[k].part);
        valid += s.at[i].part == PART_VALID;
    }
    CHECK(valid >= 20 && valid <= 60);
}

TEST(data_picture_parts_given_stay)
{
    Arena *a = test_arena();
    PictureSet s = many(a, 2, 40);

    for (int64_t i = 0; i < s.n; i += 4)
        s.at[i].part = PART_TEST;
    s.given[PART_TRAIN] = s.given[PART_TEST] = true;
    check_ok_at("split", 0, pictureset_split(&tree_err, a, &s, 0.2, 0.5, 1, NULL), &tree_err);
    for (int64_t i = 0; i < s.n; i++)
        CHECK_INT(s.at[i].part == PART_TEST, i % 4 == 0);
    CHECK_INT(count(&s, PART_VALID, 0), 6);
    CHECK_INT(count(&s, PART_TRAIN, 0), 24);
}

TEST(data_picture_parts_few_of_each_class)
{
    Arena *a = test_arena();
    PictureSet s = many(a, 4, 50), t = many(a, 4, 50), u = many(a, 4, 3);
    int64_t same = 0;

    for (int64_t i = 0; i < s.n; i += 10)
        s.at[i].part = t.at[i].part = PART_TEST;
    check_ok_at("limit", 0, pictureset_limit(&tree_err, a, &s, 5, 1), &tree_err);
    check_ok_at("limit", 0, pictureset_limit(&tree_err, a, &t, 5, 2), &tree_err);
    CHECK_INT(s.n, 4 * (5 + 5));
    for (int k = 0; k < 4; k++) {
        CHECK_INT(count(&s, PART_TRAIN, k), 5);
        CHECK_INT(count(&s, PART_TEST, k), 5);
        CHECK_INT(s.labels.count[k], 10);
    }
    for (int64_t i = 1; i < s.n; i++)
        CHECK(s.at[i].id > s.at[i - 1].id);
    for (int64_t i = 0; i < s.n; i++)
        same += s.at[i].id == t.at[i].id;
    CHECK(same < 30);
    check_ok_at("limit", 0, pictureset_limit(&tree_err, a, &u, 5, 1), &tree_err);
    CHECK_INT(u.n, 12);
    CHECK_INT(pictureset_limit(&tree_err, a, &u, 0, 1), E_USAGE);
}

static PictureSet shared(const char *path)
{
    static const PictureOptions labelled = {.want_label = true};
    PictureSet s;

    check_ok_at(path, 0, pictureset_open(&tree_err, test_arena(), test_shared(path), &labelled, &s),
                &tree_err);
    return s;
}

static void check_set(const char *name, int classes, const int64_t parts[3])
{
    char path[200];
    int64_t n[3] = {0, 0, 0};
    Picture p;

    CHECK(snprintf(path, sizeof path, "data/images/%s", name) < (int)sizeof path);
    PictureSet s = shared(path);
    check_int_at(name, 0, "classes", s.labels.n, classes);
    check_int_at(name, 0, "notes", s.notes, 0);
    for (int64_t i = 0; i < s.n; i++)
        n[s.at[i].part]++;
    for (int k = 0; k < 3; k++)
        check_int_at(name, k, "pictures", n[k], parts[k]);
    for (int64_t i = 0; i < s.n; i += 37) {
        Arena *a = test_arena();
        check_ok_at(s.at[i].name, 0, pictureset_load(&tree_err, a, &s, i, &p), &tree_err);
        CHECK(p.width >= 32 && p.height >= 32);
    }
}

TEST(data_picture_sets_real)
{
    check_set("hymenoptera", 2, (int64_t[]){244, 153, 0});
    check_set("neu-steel-subset", 6, (int64_t[]){240, 0, 120});
    check_set("ucmerced-subset", 21, (int64_t[]){420, 0, 168});
    check_set("lc25000-colon-subset", 2, (int64_t[]){200, 0, 100});
}

TEST(data_picture_sets_real_table)
{
    PictureSet s;
    PictureOptions o = {.want_label = false};
    const char *path = test_shared("data/images/imagenet-samples/labels.tsv");

    check_ok_at(path, 0, pictureset_open(&tree_err, test_arena(), path, &o, &s), &tree_err);
    CHECK_INT(s.n, 120);
    CHECK_TEXT(s.form, "table");
    CHECK_TEXT(s.at[0].name, "n01531178_goldfinch.jpg");
}

TEST(data_picture_sets_fashion)
{
    PictureOptions o = {.want_label = true};
    PictureSet s;
    Picture p;
    Err *e = &tree_err;
    uint32_t crc = 0;

    if (path_kind(sys_real(), FASHION) != PATH_DIR)
        test_skip("no " FASHION " (Debian: dataset-fashion-mnist)");
    check_ok_at(FASHION, 0, pictureset_open(e, test_arena(), FASHION, &o, &s), e);
    CHECK_INT(s.n, 70000);
    CHECK_INT(s.labels.n, 10);
    for (int k = 0; k < 10; k++) {
        CHECK_INT(s.labels.count[k], 7000);
        CHECK_INT(count(&s, PART_TEST, k), 1000);
    }
    CHECK_TEXT(s.labels.name[9], "9");
    check_ok_at("load", 0, pictureset_load(e, test_arena(), &s, 69999, &p), e);
    CHECK_INT(p.width * p.height, 784);
    for (int64_t i = 0; i < s.n; i++) /* of the file as Python's gzip unpacks it */
        crc = hash_crc32(crc, s.at[i].grey, 784);
    CHECK_INT(crc, 0x3803899e);
}

/* SPDX-License-Identifier: MIT */
