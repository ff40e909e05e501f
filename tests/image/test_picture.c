/* test_picture.c - formats told by their bytes, limits, cuts at every byte, faults of memory. */
#include <string.h>

#include "base/sys.h"
#include "pictures.h"

static Err err;

static Status decode(const void *data, size_t n, const PictureLimits *limits, Picture *out)
{
    return picture_decode(&err, arena(), "a file", (Bytes){data, n}, limits, out);
}

TEST(image_picture_names_other_formats)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *message, *hint;
    } rows[] = {
        {"\0\0\0\x18"
         "ftypheic\0\0\0\0",
         16, "this is a HEIC picture, which is not read", "heif-convert FILE FILE.jpg"},
        {"\0\0\0\x18"
         "ftypmif1",
         12, "this is a HEIF picture", "heif-convert"},
        {"\0\0\0\x18"
         "ftypavif",
         12, "this is an AVIF picture", "avifdec FILE FILE.png"},
        {"\0\0\0\x18"
         "ftypisom",
         12, "this is a video", "ffmpeg"},
        {"II*\0\x08\0\0\0", 8, "this is a TIFF picture", "convert FILE FILE.png"},
        {"MM\0*\0\0\0\x08", 8, "this is a TIFF picture", "convert FILE FILE.png"},
        {"GIF87a", 6, "this is a GIF picture", "convert 'FILE[0]' FILE.png"},
        {"GIF89a", 6, "this is a GIF picture", "convert 'FILE[0]' FILE.png"},
        {"BM\x36\0\0\0", 6, "this is a BMP picture", "convert FILE FILE.png"},
        {"\xff\x0a\xfa", 3, "this is a JPEG XL picture", "djxl"},
        {"<!DOCTYPE html>", 15, "this is a web page", "downloaded"},
    };
    Picture p;
    int w, h;

    for (size_t i = 0; i < LEN(rows); i++) {
        CHECK_INT(decode(rows[i].bytes, rows[i].n, NULL, &p), E_DATA);
        CHECK_HAS(err.text, rows[i].message);
        CHECK_HAS(err.text, rows[i].hint);
        CHECK_HAS(err.text, "file      a file");
        CHECK_HAS(err.text, "expected  JPEG, PNG or WebP");
        CHECK_INT(picture_size(&err, "a file", (Bytes){(const uint8_t *)rows[i].bytes, rows[i].n},
                               &w, &h),
                  E_DATA);
    }
    CHECK_INT(decode("", 0, NULL, &p), E_DATA);
    CHECK_HAS(err.text, "is empty");
    CHECK_INT(decode("label,text\n", 11, NULL, &p), E_DATA);
    CHECK_HAS(err.text, "not a picture of a known form");
}

static Bytes file(const char *name)
{
    Arena *a = arena();
    Bytes b;

    CHECK_OK(file_read_all(&err, a, arena_printf(&err, a, GOLDEN "made/%s", name), 1 << 20, &b));
    return b;
}

static const char *const each[] = {
    "jpeg/420.jpg",     "jpeg/progressive.jpg",    "jpeg/cmyk.jpg",      "png/rgb8.png",
    "png/palette4.png", "png/rgb8-interlaced.png", "webp/lossless.webp", "webp/lossy.webp"};

TEST(image_picture_limits)
{
    for (size_t i = 0; i < LEN(each); i++) {
        Bytes b = file(each[i]); /* 61 x 47 */
        Picture p;

        CHECK_OK(decode(b.data, b.n, &(PictureLimits){.side_max = 61}, &p));
        CHECK_INT(decode(b.data, b.n, &(PictureLimits){.side_max = 60}, &p), E_DATA);
        CHECK_HAS(err.text, "claims 61 x 47 pixels");
        CHECK_HAS(err.text, "expected  1 to 60 on a side");
        CHECK_OK(decode(b.data, b.n, &(PictureLimits){.pixels_max = 2867}, &p));
        CHECK_INT(decode(b.data, b.n, &(PictureLimits){.pixels_max = 2866}, &p), E_DATA);
        CHECK_HAS(err.text, "expected  at most 2866 pixels");
        CHECK_OK(decode(b.data, b.n, &(PictureLimits){.file_max = b.n}, &p));
        CHECK_INT(decode(b.data, b.n, &(PictureLimits){.file_max = b.n - 1}, &p), E_DATA);
        CHECK_HAS(err.text, "bytes");
    }
}

/* No file that ends early is a picture; the end of the last chunk alone may be missing where a format pads it. */
TEST(image_picture_cut_anywhere)
{
    Arena *a = arena();

    for (size_t i = 0; i < LEN(each); i++) {
        Bytes b = file(each[i]);

        for (size_t n = 0; n + 2 < b.n; n++) {
            Arena *one = arena_child(&err, a);
            uint8_t *copy = arena_alloc(&err, one, n + 1);
            Picture p;

            memcpy(copy, b.data, n);
            Status s = picture_decode(&err, one, each[i], (Bytes){copy, n}, NULL, &p);
            check_int_at(each[i], (int)n, "status", s, E_DATA);
            arena_free(one);
        }
    }
}

TEST(image_picture_size_is_oriented)
{
    Bytes b = file("jpeg/exif6.jpg");
    int w, h;

    CHECK_OK(picture_size(&err, "a file", b, &w, &h));
    CHECK_INT(w, 11);
    CHECK_INT(h, 19);
}

static Status use_everything(Arena *a, Bytes b)
{
    PictureEval how = {.resize = 32, .width = 28, .height = 28, .filter = FILTER_BICUBIC};
    Picture p, out;

    TRY(picture_decode(&err, a, "a file", b, NULL, &p));
    return picture_eval(&err, a, &p, &how, &out);
}

TEST(image_picture_faults_of_memory)
{
    for (size_t i = 0; i < LEN(each); i++) {
        Bytes b = file(each[i]);

        for (int for_ever = 0; for_ever < 2; for_ever++)
            for (int64_t k = 1, over = 0; !over; k++) {
                SysFaults f = {.kind = SYS_ANY, .at = k, .for_ever = for_ever};

                sys_faulty(&f, sys_real());
                Arena *a = arena_new(&err, &f.sys);
                Status s = a ? use_everything(a, b) : err.code;
                arena_free(a);
                CHECK_INT(f.held, 0);
                over = f.calls < k;
                CHECK_INT(s, over ? E_OK : E_INTERNAL);
                CHECK(over || strstr(err.text, "out of memory"));
            }
    }
}
TEST(image_jpeg_write_says_what_it_cannot)
{
    Err e = {0};
    uint8_t *rgb = NEWS(&e, test_arena(), uint8_t, 3 * 65501);
    Bytes out;

    CHECK(rgb != NULL);
    CHECK_INT(picture_jpeg(&e, test_arena(), &(Picture){0, 4, rgb}, 90, &out), E_INTERNAL);
    CHECK_HAS(e.text, "a picture could not be written: Empty JPEG image");
    CHECK_INT(picture_jpeg(&e, test_arena(), &(Picture){65501, 1, rgb}, 90, &out), E_INTERNAL);
    CHECK_HAS(e.text, "a picture could not be written: Maximum supported image dimension");
    CHECK_OK(picture_jpeg(&e, test_arena(), &(Picture){65500, 1, rgb}, 90, &out));
    CHECK(out.n > 100 && out.data[0] == 0xff && out.data[1] == 0xd8);
}

/* SPDX-License-Identifier: MIT */
