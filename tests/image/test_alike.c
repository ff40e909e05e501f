/* test_alike.c - the perceptual hash: copies of a picture lie within PICTURE_ALIKE, others far; groups against the plain
 * comparison of all pairs; real sets where the shared folder is. */
#include <string.h>

#include "base/sys.h"
#include "pictures.h"

static Err err;

static uint64_t hash_of(const Picture *p)
{
    uint64_t h;

    CHECK_OK(picture_hash(&err, arena(), p, &h));
    return h;
}

static uint64_t hash_file(const char *path)
{
    Picture p = picture_of(path);

    return hash_of(&p);
}

static int apart(uint64_t a, uint64_t b)
{
    return __builtin_popcountll(a ^ b);
}

TEST(image_alike_copies)
{
    static const char *const copies[] = {
        "jpeg/444.jpg",       "jpeg/422.jpg",  "jpeg/420.jpg",  "jpeg/progressive.jpg",
        "jpeg/restarts.jpg",  "jpeg/grey.jpg", "jpeg/cmyk.jpg", "webp/lossy.webp",
        "webp/lossless.webp", "png/rgb16.png", "png/grey8.png"};
    Picture p = picture_of(GOLDEN "made/png/rgb8.png"), q;
    uint64_t first = hash_of(&p);

    for (size_t i = 0; i < LEN(copies); i++) {
        int d = apart(first, hash_file(arena_printf(&err, arena(), GOLDEN "made/%s", copies[i])));
        check_at(copies[i], d, d <= PICTURE_ALIKE, "alike");
    }
    CHECK_OK(picture_resize(&err, arena(), &p, 30, 23, FILTER_BILINEAR, &q));
    CHECK(apart(first, hash_of(&q)) <= PICTURE_ALIKE);
    picture_adjust(&p, ADJUST_BRIGHTNESS, 0.9);
    CHECK(apart(first, hash_of(&p)) <= PICTURE_ALIKE);
    picture_flip_across(&p);
    CHECK(apart(first, hash_of(&p)) > 20);
    CHECK(apart(first, hash_file(GOLDEN "src-gray.png")) > 20);
    CHECK(apart(first, hash_file(GOLDEN "made/png/colours.png")) > 20);
}

TEST(image_alike_flat)
{
    uint8_t rgb[3 * 40 * 30];
    Picture p = {40, 30, rgb};

    for (int v = 0; v < 256; v += 51) { /* nothing but exact zeros, whatever the level */
        memset(rgb, v, sizeof rgb);
        CHECK(hash_of(&p) == 0);
    }
}

enum { MANY = 3000 };

static int64_t plain_root(const int64_t *group, int64_t i)
{
    while (group[i] != i)
        i = group[i];
    return i;
}

static void plain_groups(const uint64_t *hash, int64_t n, int distance, int64_t *group)
{
    for (int64_t i = 0; i < n; i++)
        group[i] = i;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++)
            if (apart(hash[i], hash[j]) <= distance) {
                int64_t a = plain_root(group, i), b = plain_root(group, j);
                group[a > b ? a : b] = a > b ? b : a;
            }
    for (int64_t i = 0; i < n; i++)
        group[i] = plain_root(group, i);
}

static uint64_t bits(uint64_t purpose, uint64_t i)
{
    return (uint64_t)(random_uniform(3, purpose, i) * 0x1p32) << 32 |
           (uint64_t)(random_uniform(4, purpose, i) * 0x1p32);
}

/* A third alone, a third copies of each other, a third with a few bits changed. */
TEST(image_alike_groups_of_all_pairs)
{
    static uint64_t hash[MANY];
    static int64_t found[MANY], wanted[MANY];

    for (uint64_t i = 0; i < MANY; i++) {
        hash[i] = bits(1, i % 3 ? i % 40 : i);
        for (uint64_t k = 0; i % 3 == 2 && k < i % 7; k++)
            hash[i] ^= (uint64_t)1 << (int)(random_uniform(5, i, k) * 64);
    }
    for (int distance = 0; distance < 9; distance++) {
        plain_groups(hash, MANY, distance, wanted);
        CHECK_OK(picture_groups(&err, arena(), hash, MANY, distance, found));
        for (int i = 0; i < MANY; i++)
            check_int_at("distance", distance, "group", found[i], wanted[i]);
    }
}

TEST(image_alike_groups_small)
{
    uint64_t chain[] = {0, 0xff00ff00ff, 0xf, 0xff, 0xff00ff00ff};
    int64_t group[5];

    CHECK_OK(picture_groups(&err, arena(), chain, 0, 4, group));
    CHECK_OK(picture_groups(&err, arena(), chain, 1, 4, group));
    CHECK_INT(group[0], 0);
    CHECK_OK(
        picture_groups(&err, arena(), chain, 5, 4, group)); /* 0 - 2 - 3 by way of one another */
    CHECK_INT(group[2], 0);
    CHECK_INT(group[3], 0);
    CHECK_INT(group[1], 1);
    CHECK_INT(group[4], 1);
    CHECK_OK(picture_groups(&err, arena(), chain, 5, 64, group));
    CHECK_INT(group[4], 0);
}

typedef struct Hashes {
    uint64_t hash[800];
    const char *name[800];
    int64_t n;
} Hashes;

static void hash_folder(const char *path, Hashes *h)
{
    char **names;
    size_t n;

    CHECK_OK(dir_list(&err, arena(), path, &names, &n));
    for (size_t i = 0; i < n; i++) {
        const char *full = path_join(&err, arena(), path, names[i]), *dot = strrchr(names[i], '.');

        if (path_kind(sys_real(), full) == PATH_DIR) {
            hash_folder(full, h);
        } else if (dot && (!strcmp(dot, ".jpg") || !strcmp(dot, ".jpeg"))) {
            CHECK(h->n < (int64_t)LEN(h->hash));
            h->name[h->n] = names[i];
            h->hash[h->n++] = hash_file(full);
        }
    }
}

static int pairs_in(const char *set, Hashes *h)
{
    static int64_t group[800];
    int united = 0;

    hash_folder(test_shared(arena_printf(&err, arena(), "data/images/%s", set)), h);
    CHECK(h->n > 200);
    CHECK_OK(picture_groups(&err, arena(), h->hash, h->n, PICTURE_ALIKE, group));
    for (int64_t i = 0; i < h->n; i++)
        united += group[i] != i;
    return united;
}

TEST(image_alike_finds_the_pair_in_lc25000)
{
    static Hashes h;
    uint64_t pair[2] = {1, 2};

    CHECK_INT(pairs_in("lc25000-colon-subset", &h), 1);
    for (int64_t i = 0; i < h.n; i++) {
        if (!strncmp(h.name[i], "colonca358.", 11))
            pair[0] = h.hash[i];
        if (!strncmp(h.name[i], "colonca833.", 11))
            pair[1] = h.hash[i];
    }
    CHECK(pair[0] == pair[1]);
}

TEST(image_alike_leaves_others_alone)
{
    static Hashes a, b;

    CHECK_INT(pairs_in("hymenoptera", &a), 0);
    CHECK_INT(pairs_in("ucmerced-subset", &b), 0);
}
/* SPDX-License-Identifier: MIT */
