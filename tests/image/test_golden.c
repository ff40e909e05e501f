/* test_golden.c - pictures decoded, resized, cropped and made into tensors, bit for bit as PIL and torchvision do it:
 * tests/golden/images (its README says from where). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/tsv.h"
#include "pictures.h"

static Err err;

static int number(const char **text)
{
    char *end;
    long n = strtol(*text, &end, 10);

    check_at(__FILE__, __LINE__, end > *text, *text);
    *text = end;
    return (int)n;
}

static double real(const char **text)
{
    char *end;
    double x = strtod(*text, &end);

    check_at(__FILE__, __LINE__, end > *text, *text);
    *text = end;
    return x;
}

static Filter filter_word(const char **text)
{
    char word[16];
    Filter f = FILTER_BOX;

    *text += strspn(*text, " ");
    size_t n = strcspn(*text, " ");
    CHECK(n < sizeof word);
    memcpy(word, *text, n);
    word[n] = 0;
    CHECK(filter_parse(word, &f));
    *text += n;
    return f;
}

static void adjust(Picture *p, const char *what)
{
    what += strlen("adjust");
    int n = number(&what);

    picture_adjust(p, (Adjust)n, real(&what));
}

/* what: "decode", "stored", "adjust WHAT FACTOR", "flip WHICH", "resize FILTER LEFT TOP WIDTH HEIGHT", "eval RESIZE SQUASH" */
static Picture do_what(const char *path, const char *what, int width, int height)
{
    Arena *a = arena();
    Picture out = {0};

    if (!strcmp(what, "stored"))
        return picture_stored(path);
    Picture p = picture_of(path);
    if (!strncmp(what, "resize ", 7)) {
        what += 7;
        Cut cut = {.width = width, .height = height, .filter = filter_word(&what)};
        cut.from.left = number(&what);
        cut.from.top = number(&what);
        cut.from.width = number(&what);
        cut.from.height = number(&what);
        CHECK_OK(picture_cut(&err, a, &p, &cut, &out));
        return out;
    }
    if (!strncmp(what, "eval ", 5)) {
        PictureEval how = {.width = width, .height = height, .filter = FILTER_BICUBIC};
        what += 5;
        how.resize = number(&what);
        how.squash = number(&what);
        CHECK_OK(picture_eval(&err, a, &p, &how, &out));
        return out;
    }
    if (!strncmp(what, "adjust ", 7))
        adjust(&p, what);
    else if (!strcmp(what, "flip 0"))
        picture_flip_across(&p);
    else if (!strcmp(what, "flip 1"))
        picture_flip_down(&p);
    else
        CHECK_TEXT(what, "decode");
    return p;
}

/* what: "tensor MEAN MEAN MEAN STD STD STD", of a ramp of the 256 greys */
static uint32_t tensor_crc(const char *what)
{
    float mean[3], std[3], out[768];
    uint8_t ramp[768];
    Picture p = {16, 16, ramp};

    what += strlen("tensor");
    for (int i = 0; i < 3; i++)
        mean[i] = (float)real(&what);
    for (int i = 0; i < 3; i++)
        std[i] = (float)real(&what);
    for (int i = 0; i < 768; i++)
        ramp[i] = (uint8_t)(i / 3);
    picture_tensor(&p, mean, std, out);
    return hash_crc32(0, out, sizeof out);
}

static void check_kind(const char *kind, int at_least)
{
    Arena *a = arena();
    Bytes list;
    int n = 0;

    CHECK_OK(file_read_all(&err, a, GOLDEN "made/made.tsv", 1 << 20, &list));
    for (Tsv t = {.at = arena_strndup(&err, a, (const char *)list.data, list.n)}; tsv_next(&t);) {
        const char *what = t.field[1];
        const char *w = t.field[2], *h = t.field[3];
        int width = number(&w), height = number(&h);
        char found[9];

        if (strncmp(what, kind, strlen(kind)) != 0)
            continue;
        if (!strcmp(kind, "tensor")) {
            (void)snprintf(found, sizeof found, "%08x", tensor_crc(what));
        } else {
            const char *path = arena_printf(&err, a, GOLDEN "made/%s", t.field[0]);
            Picture p = do_what(path, what, width, height);

            check_int_at(t.field[0], 0, what, p.width, width);
            check_int_at(t.field[0], 0, what, p.height, height);
            (void)snprintf(found, sizeof found, "%08x", picture_crc(&p));
        }
        check_text_at(t.field[0], 0, what, found, t.field[4]);
        n++;
    }
    CHECK(n >= at_least);
}

TEST(image_golden_decode)
{
    check_kind("decode", 55);
    check_kind("stored", 9);
}

TEST(image_golden_resize)
{
    check_kind("resize", 160);
}

TEST(image_golden_eval)
{
    check_kind("eval", 16);
}

TEST(image_golden_adjust)
{
    check_kind("adjust", 90);
    check_kind("flip", 6);
}

TEST(image_golden_tensor)
{
    check_kind("tensor", 3);
}

/* cases.tsv: source ("../": of the shared folder, as is its result), plan, expected */
static void check_case(const Tsv *t)
{
    Arena *a = arena();
    const char *source = t->field[0], *plan = t->field[1], *name = t->field[2];
    PictureEval how = {.width = 224, .height = 224};
    Picture out;

    if (!strncmp(source, "../", 3)) {
        source =
            arena_printf(&err, a, "%s", test_shared(arena_printf(&err, a, "data/%s", source + 3)));
        name = test_shared(arena_printf(&err, a, "golden/images/%s", name));
    } else {
        source = arena_printf(&err, a, GOLDEN "%s", source);
        name = arena_printf(&err, a, GOLDEN "%s", name);
    }
    how.resize = strstr(plan, "resize256") ? 256 : 224;
    how.filter = strstr(plan, "bicubic") ? FILTER_BICUBIC : FILTER_BILINEAR;
    Picture p = picture_stored(source), wanted = picture_of(name);
    CHECK_OK(picture_eval(&err, a, &p, &how, &out));
    check_same(name, &out, &wanted);
}

static int check_cases(bool here)
{
    Arena *a = arena();
    Bytes list;
    int n = 0;

    CHECK_OK(file_read_all(&err, a, GOLDEN "cases.tsv", 1 << 20, &list));
    for (Tsv t = {.at = arena_strndup(&err, a, (const char *)list.data, list.n)}; tsv_next(&t);)
        if (strncmp(t.field[0], "../", 3) == 0 ? !here : here) {
            check_case(&t);
            n++;
        }
    return n;
}

TEST(image_golden_shared_cases)
{
    CHECK_INT(check_cases(true), 13);
}

TEST(image_golden_shared_photos)
{
    CHECK_INT(check_cases(false), 9);
}
/* SPDX-License-Identifier: MIT */
