/* test_picture_cache.c - what the cache hands out is the same however it is kept; it decodes once; what cannot be
 * decoded is named. */
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "data/picture_cache.h"
#include "picture_tree.h"

#define LARGE 5

static const PictureEval eval = {.resize = 64, .width = 56, .height = 56, .filter = FILTER_BICUBIC};

/* Small ones, wide, tall, exactly at the limit of 112, beyond, and a large one that is dear to decode. */
static PictureSet make_set(void)
{
    tree_picture("p/a/1.png", 40, 30);
    tree_picture("p/a/2.png", 112, 400);
    tree_picture("p/a/3.png", 113, 300);
    tree_picture("p/b/4.png", 300, 200);
    tree_picture("p/b/5.png", 64, 64);
    tree_picture("p/b/6.png", 1200, 900);
    return tree_open("p", NULL);
}

static void check_picture(const char *what, const Picture *found, const Picture *wanted)
{
    check_int_at(what, 0, "width", found->width, wanted->width);
    check_int_at(what, 0, "height", found->height, wanted->height);
    check_at(what, 0,
             !memcmp(found->rgb, wanted->rgb, 3 * (size_t)wanted->width * (size_t)wanted->height),
             "the same pixels");
}

/* The rule of picture_cache.h, written out. */
static Picture want(const PictureSet *s, int64_t i, PictureUse use)
{
    static const int sides[][2] = {{40, 30},   {112, 400}, {112, 297},
                                   {168, 112}, {64, 64},   {149, 112}};
    Arena *a = test_arena();
    Picture whole, p;

    check_ok_at("load", 0, pictureset_load(&tree_err, a, s, i, &whole), &tree_err);
    if (use == USE_EVAL)
        check_ok_at("eval", 0, picture_eval(&tree_err, a, &whole, &eval, &p), &tree_err);
    else
        check_ok_at(
            "resize", 0,
            picture_resize(&tree_err, a, &whole, sides[i][0], sides[i][1], FILTER_BICUBIC, &p),
            &tree_err);
    return p;
}

static Picture wanted(const PictureSet *s, int64_t i, PictureUse use)
{
    static Picture known[6][USES];

    if (!known[i][use].rgb)
        known[i][use] = want(s, i, use);
    return known[i][use];
}

static void check_all(PictureCache *c, const PictureSet *s)
{
    for (int use = 0; use < USES; use++)
        for (int64_t i = 0; i < s->n; i++) {
            Arena *a = test_arena();
            Picture p, w = wanted(s, i, (PictureUse)use);

            check_ok_at("get", 0,
                        picturecache_get(&tree_err, a, c, s->at[i].id, (PictureUse)use, &p),
                        &tree_err);
            check_picture(s->at[i].name, &p, &w);
        }
}

static PictureCache *cache_of(const PictureSet *s, PictureCacheOptions o)
{
    PictureCache *c;

    o.eval = eval;
    o.train_side = 112;
    check_ok_at("cache", 0, picturecache_new(&tree_err, test_arena(), s, &o, &c), &tree_err);
    return c;
}

TEST(data_picture_cache_hands_out_the_same)
{
    PictureSet s = make_set();
    PictureCacheOptions ways[] = {
        {.memory = 0},
        {.memory = 1 << 28},
        {.memory = 60000},
        {.memory = 0, .folder = test_folder()},
        {.memory = 100000, .folder = test_folder(), .ahead = 3},
        {.memory = 0, .ahead = 64},
        {.memory = 1 << 28, .ahead = 2},
    };

    for (size_t k = 0; k < LEN(ways); k++) {
        PictureCache *c = cache_of(&s, ways[k]);

        for (int round = 0; round < 3; round++) {
            int64_t id[6] = {5, 4, 3, 2, 1, 0};

            picturecache_ahead(c, id, 6, round == 1 ? USE_EVAL : USE_TRAIN);
            check_all(c, &s);
        }
        if (!ways[k].memory && !ways[k].folder)
            CHECK_INT(picturecache_facts(c).in_memory, 0);
    }
}

TEST(data_picture_cache_decodes_once)
{
    PictureSet s = make_set();
    PictureCache *c = cache_of(&s, (PictureCacheOptions){.memory = 1 << 28});

    for (int round = 0; round < 3; round++)
        check_all(c, &s);
    PictureCacheFacts f = picturecache_facts(c);
    CHECK_INT(f.decoded, 12);
    CHECK_INT(f.in_memory, 12);
    CHECK_INT(f.in_file, 0);
    CHECK(f.memory > 6 * 56 * 56 * 3 && f.memory < 1 << 20);
    for (int64_t i = 0; i < s.n; i++)
        picturecache_forget(c, i, USE_TRAIN);
    f = picturecache_facts(c);
    CHECK_INT(f.in_memory, 6);
    CHECK_INT((int64_t)f.memory, 6 * (56 * 56 * 3 + 4096));
    check_all(c, &s);
    CHECK_INT(picturecache_facts(c).decoded, 18);
}

TEST(data_picture_cache_large_ones_go_to_the_file)
{
    PictureSet s = make_set();
    PictureCache *c = cache_of(&s, (PictureCacheOptions){.folder = test_folder()});

    for (int round = 0; round < 3; round++)
        check_all(c, &s);
    PictureCacheFacts f = picturecache_facts(c);
    CHECK_INT(f.in_file, 2);
    CHECK_INT(f.in_memory, 0);
    CHECK_INT(f.decoded, 3 * 10 + 2);
    CHECK_INT((int64_t)f.file, 56 * 56 * 3 + 149 * 112 * 3);
}

TEST(data_picture_cache_whole_pictures)
{
    PictureSet s = make_set();
    PictureCacheOptions o = {.eval = eval, .memory = 1 << 28};
    PictureCache *c;
    Picture p;

    check_ok_at("cache", 0, picturecache_new(&tree_err, test_arena(), &s, &o, &c), &tree_err);
    check_ok_at("get", 0, picturecache_get(&tree_err, test_arena(), c, 5, USE_TRAIN, &p),
                &tree_err);
    CHECK_INT(p.width, 1200);
    CHECK_INT(p.height, 900);
}

typedef struct Shown {
    _Atomic int64_t n, pixels, ids;
    int64_t done, stop_at;
} Shown;

static Status show(Err *e, Arena *a, void *arg, const PictureSample *s, const Picture *whole)
{
    Shown *x = arg;

    x->n++;
    x->pixels += (int64_t)whole->width * whole->height;
    x->ids += s->id;
    return arena_alloc(e, a, 10) ? E_OK : e->code;
}

static bool go_on(void *arg, int64_t done, int64_t n)
{
    Shown *x = arg;

    CHECK(done <= n);
    x->done = done;
    return !x->stop_at || done < x->stop_at;
}

static Pool *pool(int threads)
{
    Pool *p;

    check_ok_at("pool", 0, pool_new(&tree_err, test_arena(), threads, &p), &tree_err);
    return p;
}

TEST(data_picture_visit_fills_the_cache)
{
    PictureSet s = make_set();
    PictureCache *c = cache_of(&s, (PictureCacheOptions){.memory = 1 << 28, .ahead = 4});
    Shown x = {0};
    PictureVisit v = {.cache = c, .show = show, .go_on = go_on, .arg = &x};

    check_ok_at("visit", 0, pictureset_visit(&tree_err, test_arena(), pool(3), &s, &v), &tree_err);
    CHECK_INT(x.n, 6);
    CHECK_INT(x.done, 6);
    CHECK_INT(x.ids, 15);
    CHECK_INT(x.pixels, 40 * 30 + 112 * 400 + 113 * 300 + 300 * 200 + 64 * 64 + 1200 * 900);
    CHECK_INT(picturecache_facts(c).decoded, 6);
    check_all(c, &s);
    picturecache_ahead(c, (int64_t[]){0, 1, 2}, 3, USE_TRAIN);
    check_all(c, &s);
    CHECK_INT(picturecache_facts(c).decoded, 6); /* a warm cache decodes nothing */
}

TEST(data_picture_visit_stops)
{
    PictureSet s = make_set();
    Shown x = {.stop_at = 1};
    PictureVisit v = {.go_on = go_on, .arg = &x};

    CHECK_INT(pictureset_visit(&tree_err, test_arena(), pool(1), &s, &v), E_STOPPED);
}

TEST(data_picture_visit_names_the_bad)
{
    PictureVisit v = {.bad = BAD_FAIL};
    char name[40];

    for (int i = 0; i < 12; i++) {
        CHECK(snprintf(name, sizeof name, "p/a/%02d.jpg", i) < (int)sizeof name);
        tree_write(name, i % 2 ? "" : "no picture at all");
    }
    tree_make("p/a/x.png p/b/y.png p/b/z.png");
    PictureSet s = tree_open("p", NULL);
    CHECK_INT(pictureset_visit(&tree_err, test_arena(), pool(2), &s, &v), E_DATA);
    CHECK_HAS(tree_err.text, "12 of 15 pictures cannot be read");
    CHECK_HAS(tree_err.text, "a/00.jpg: not a picture of a known form");
    CHECK_HAS(tree_err.text, "a/09.jpg: the file is empty");
    CHECK(!strstr(tree_err.text, "a/10.jpg"));
    CHECK_HAS(tree_err.text, "--on-bad=skip");
    CHECK_INT(s.n, 15);
    v.bad = BAD_SKIP;
    check_ok_at("visit", 0, pictureset_visit(&tree_err, test_arena(), pool(2), &s, &v), &tree_err);
    CHECK_TEXT(tree_text(&s), "t/0/a/x.png t/1/b/y.png t/1/b/z.png");
    CHECK_INT(s.at[2].id, 14);
    CHECK_INT(s.labels.count[0], 1);
    CHECK_HAS(tree_notes(&s), "12 pictures cannot be read, left out: a/00.jpg (not a picture "
                              "of a known form), a/01.jpg (the file is empty), ");
    CHECK_HAS(tree_notes(&s), "a/09.jpg (the file is empty), ..\n");
    PictureCache *c = cache_of(&s, (PictureCacheOptions){.memory = 1 << 20});
    Picture p;
    check_ok_at("get", 0, picturecache_get(&tree_err, test_arena(), c, 14, USE_EVAL, &p),
                &tree_err);
}

TEST(data_picture_visit_nothing_left)
{
    PictureVisit v = {.bad = BAD_SKIP};

    tree_write("p/a/1.jpg", "x");
    tree_write("p/b/2.jpg", "x");
    PictureSet s = tree_open("p", NULL);
    CHECK_INT(pictureset_visit(&tree_err, test_arena(), pool(2), &s, &v), E_DATA);
    CHECK_HAS(tree_err.text, "2 of 2 pictures cannot be read");
}

/* A disk that is full, or gives nothing back, costs time and nothing else. */
TEST(data_picture_cache_without_a_disk)
{
    PictureSet s = make_set();
    SysCall kinds[] = {SYS_PWRITE, SYS_PREAD};

    for (size_t k = 0; k < LEN(kinds); k++) {
        SysFaults f = {.kind = SYS_ANY};
        PictureCacheOptions o = {.eval = eval, .train_side = 112, .folder = test_folder()};
        PictureCache *c;

        sys_faulty(&f, sys_real());
        Arena *a = arena_new(&tree_err, &f.sys);
        check_ok_at("cache", 0, picturecache_new(&tree_err, a, &s, &o, &c), &tree_err);
        for (int round = 0; round < 4; round++) {
            Picture p, w = wanted(&s, LARGE, USE_TRAIN);

            f.kind = kinds[k];
            f.calls = 0;
            f.at = kinds[k] == SYS_PREAD && round == 0 ? 0 : 1; /* the first read fails */
            check_ok_at("get", 0, picturecache_get(&tree_err, a, c, LARGE, USE_TRAIN, &p),
                        &tree_err);
            check_picture("without a disk", &p, &w);
        }
        arena_free(a);
        CHECK_INT(f.held, 0);
    }
}

/* SPDX-License-Identifier: MIT */
