/* test_augment.c - variation: a function of its key alone, distributed as torchvision's (its numbers are of 60000 and
 * 20000 draws of RandomResizedCrop.get_params with area 0.08 to 1, aspect 3/4 to 4/3), each step as its parts say. */
#include <math.h>
#include <string.h>

#include "pictures.h"

static Err err;

typedef struct Moments {
    double area, area_sd, log_aspect, log_sd, left, top;
} Moments;

static Moments measure(int width, int height, const PictureVary *how)
{
    enum { N = 20000 };
    double sum[6] = {0};

    for (int i = 0; i < N; i++) {
        PictureKey key = {7, (uint64_t)i / 4, (uint32_t)i % 4};
        Box b = picture_vary_box(width, height, how, key);
        double area = (double)b.width * b.height / ((double)width * height);
        double aspect = log((double)b.width / b.height);
        double v[6] = {area, area * area, aspect, aspect * aspect, b.left, b.top};

        CHECK(b.width > 0 && b.height > 0 && b.left >= 0 && b.top >= 0 &&
              b.left + b.width <= width && b.top + b.height <= height);
        for (int k = 0; k < 6; k++)
            sum[k] += v[k] / N;
    }
    return (Moments){sum[0], sqrt(sum[1] - sum[0] * sum[0]),
                     sum[2], sqrt(sum[3] - sum[2] * sum[2]),
                     sum[4], sum[5]};
}

static void check_moments(int width, int height, Moments wanted)
{
    Moments m = measure(width, height, &(PictureVary){0});

    CHECK_NEAR(m.area, wanted.area, 0.007); /* four standard errors */
    CHECK_NEAR(m.area_sd, wanted.area_sd, 0.005);
    CHECK_NEAR(m.log_aspect, wanted.log_aspect, 0.006);
    CHECK_NEAR(m.log_sd, wanted.log_sd, 0.004);
    CHECK_NEAR(m.left, wanted.left, 0.03 * width);
    CHECK_NEAR(m.top, wanted.top, 0.03 * height);
}

TEST(image_augment_boxes_like_torchvision)
{
    check_moments(100, 80, (Moments){0.4568, 0.2289, 0.0277, 0.1634, 20.23, 11.27});
    check_moments(300, 60, (Moments){0.1752, 0.0630, 0.1008, 0.1749, 120.65, 3.88});
    check_moments(60, 200, (Moments){0.2128, 0.0858, -0.0517, 0.1691, 5.91, 74.69});
}

TEST(image_augment_box_of_settings)
{
    PictureVary how = {.area = {0.25, 0.25}, .aspect = {1, 1}};

    for (uint64_t i = 0; i < 50; i++) {
        Box b = picture_vary_box(80, 80, &how, (PictureKey){.seed = i});
        CHECK_INT(b.width, 40);
        CHECK_INT(b.height, 40);
    }
    how = (PictureVary){.area = {1, 1}}; /* fits in no try: the middle */
    Box b = picture_vary_box(900, 30, &how, (PictureKey){.seed = 1});
    CHECK_INT(b.width, 40);
    CHECK_INT(b.height, 30);
    CHECK_INT(b.left, 430);
    b = picture_vary_box(30, 900, &how, (PictureKey){.seed = 1});
    CHECK_INT(b.height, 40);
    CHECK_INT(b.top, 430);
    b = picture_vary_box(1, 1, &(PictureVary){0}, (PictureKey){.seed = 1});
    CHECK_INT(b.width, 1);
}

static const PictureVary full = {.width = 24,
                                 .height = 20,
                                 .filter = FILTER_BICUBIC,
                                 .flip_across = 0.5,
                                 .flip_down = 0.25,
                                 .adjust = {0.4, 0.4, 0.4, 0.1}};

static uint32_t crc_of(const Picture *p, const PictureVary *how, PictureKey key)
{
    Arena *one = arena_child(&err, arena());
    Picture out;

    CHECK_OK(picture_vary(&err, one, p, how, key, &out));
    uint32_t crc = picture_crc(&out);
    arena_free(one);
    return crc;
}

/* In any order the same bits, which stay what they were when this was written; each part of the key counts. */
TEST(image_augment_is_a_function_of_the_key)
{
    Picture p = picture_of(GOLDEN "made/png/rgb8.png");
    uint32_t before = picture_crc(&p), crc[40], seen = 0;

    for (int i = 0; i < 40; i++)
        crc[i] = crc_of(&p, &full, (PictureKey){5, (uint64_t)i % 20, (uint32_t)i / 20});
    for (int i = 39; i >= 0; i--)
        CHECK_INT(crc_of(&p, &full, (PictureKey){5, (uint64_t)i % 20, (uint32_t)i / 20}), crc[i]);
    for (int i = 0; i < 40; i++)
        for (int j = 0; j < i; j++)
            CHECK(crc[i] != crc[j]);
    CHECK(crc_of(&p, &full, (PictureKey){6, 0, 0}) != crc[0]);
    CHECK(crc_of(&p, &full, (PictureKey){5, (uint64_t)1 << 40, 0}) != crc[0]);
    CHECK_INT(picture_crc(&p), before);
    seen = hash_crc32(0, crc, sizeof crc);
    CHECK_INT(seen, 0xd79bb9f1);
}

/* The result is put together from the parts that other tests hold against PIL. */
TEST(image_augment_steps)
{
    Picture p = picture_of(GOLDEN "made/png/rgb8.png"), cut, out;
    PictureVary how = full;
    int across = 0, down = 0;

    memset(how.adjust, 0, sizeof how.adjust);
    for (uint64_t i = 0; i < 2000; i++) {
        Arena *one = arena_child(&err, arena());
        PictureKey key = {11, i, 3};
        Cut c = {picture_vary_box(p.width, p.height, &how, key), 24, 20, FILTER_BICUBIC};

        CHECK_OK(picture_vary(&err, one, &p, &how, key, &out));
        CHECK_OK(picture_cut(&err, one, &p, &c, &cut));
        int which = 0;
        for (; which < 4 && picture_crc(&cut) != picture_crc(&out); which++) {
            picture_flip_across(&cut);
            if (which == 1)
                picture_flip_down(&cut);
        }
        CHECK(which < 4); /* as it is, across, both ways (across undone, then down), .. */
        across += which & 1;
        down += which >= 2;
        arena_free(one);
    }
    CHECK_NEAR(across, 1000, 90); /* four standard errors */
    CHECK_NEAR(down, 500, 78);
}

/* The whole picture at its own size is copied, not changed in place. */
TEST(image_augment_leaves_its_source)
{
    Picture p = picture_of(GOLDEN "made/png/rgb8.png"), out;
    PictureVary how = {.width = 61, .height = 47, .area = {1, 1}, .aspect = {61.0 / 47, 61.0 / 47}};
    uint32_t before = picture_crc(&p);

    how.flip_down = 1;
    how.adjust[ADJUST_BRIGHTNESS] = 0.5;
    CHECK_OK(picture_vary(&err, arena(), &p, &how, (PictureKey){1, 2, 3}, &out));
    CHECK(out.rgb != p.rgb);
    CHECK(picture_crc(&out) != before);
    CHECK_INT(picture_crc(&p), before);
}

/* Factors lie in 1 - x to 1 + x and fill it; the four come in every order. */
TEST(image_augment_factors)
{
    uint8_t rgb[3] = {100, 100, 100};
    Picture p = {1, 1, rgb}, out;
    PictureVary how = {.width = 1, .height = 1, .adjust = {0.4}};
    int least = 255, most = 0;
    double sum = 0;

    for (uint64_t i = 0; i < 2000; i++) {
        Arena *one = arena_child(&err, arena());
        CHECK_OK(picture_vary(&err, one, &p, &how, (PictureKey){1, i, 0}, &out));
        least = out.rgb[0] < least ? out.rgb[0] : least;
        most = out.rgb[0] > most ? out.rgb[0] : most;
        sum += out.rgb[0];
        arena_free(one);
    }
    CHECK(least >= 60 && least <= 61 && most >= 138 && most <= 139);
    CHECK_NEAR(sum / 2000, 99.5, 2.1); /* four standard errors */
}
/* SPDX-License-Identifier: MIT */
