/* picture.c - a picture's format by its bytes, its claims against the limits, its orientation. */
#include "image/codec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SIDE_MAX   65535
#define PIXELS_MAX ((int64_t)64 << 20)
#define FILE_MAX   ((size_t)256 << 20)

/* A file may claim FREE_PIXELS whatever its size; beyond that no more than its bytes can carry.  The densest
 * honest form is PNG with one bit a pixel: deflate gives at most 1032 bytes a byte, 8256 pixels.  Huffman-coded
 * JPEG gives at most a block of 64 for a bit; lossless WebP has no bound of its own. */
#define FREE_PIXELS      ((int64_t)4 << 20)
#define PIXELS_FROM_BYTE 8256

typedef struct Format {
    size_t at, n; /* these bytes, there */
    const char *magic;
    Status (*read)(Err *e, Decode *d);
    const char *what, *hint; /* of those that are only recognised */
} Format;

#define BY_MAGICK "convert FILE FILE.png  (ImageMagick)"
#define BY_HEIF   "heif-convert FILE FILE.jpg  (Debian: libheif-examples)"
#define WAS_PAGE  "Was it downloaded by its page's address instead of the file's?"

static const Format formats[] = {
    {0, 3, "\xff\xd8\xff", jpeg_read, NULL, NULL},
    {0, 8, "\x89PNG\r\n\x1a\n", png_read, NULL, NULL},
    {8, 4, "WEBP", webp_read, NULL, NULL},
    {4, 8, "ftypheic", NULL, "a HEIC picture", BY_HEIF},
    {4, 8, "ftypheix", NULL, "a HEIC picture", BY_HEIF},
    {4, 8, "ftyphevc", NULL, "a HEIC picture", BY_HEIF},
    {4, 8, "ftypmif1", NULL, "a HEIF picture", BY_HEIF},
    {4, 8, "ftypmsf1", NULL, "a HEIF picture", BY_HEIF},
    {4, 8, "ftypavif", NULL, "an AVIF picture", "avifdec FILE FILE.png  (Debian: libavif-bin)"},
    {4, 4, "ftyp", NULL, "a video or another MP4 file", "ffmpeg -i FILE -frames:v 1 FILE.png"},
    {0, 4, "II*", NULL, "a TIFF picture", BY_MAGICK}, /* with the NUL after it */
    {0, 4, "MM\0*", NULL, "a TIFF picture", BY_MAGICK},
    {0, 4, "GIF8", NULL, "a GIF picture", "convert 'FILE[0]' FILE.png  (ImageMagick)"},
    {0, 2, "BM", NULL, "a BMP picture", BY_MAGICK},
    {0, 4, "\0\0\1", NULL, "an icon (.ico)", BY_MAGICK},
    {0, 4, "8BPS", NULL, "a Photoshop document", "convert 'FILE[0]' FILE.png  (ImageMagick)"},
    {4, 8, "jP  \r\n\x87\n", NULL, "a JPEG 2000 picture", "opj_decompress -i FILE -o FILE.png"},
    {0, 2, "\xff\x0a", NULL, "a JPEG XL picture", "djxl FILE FILE.png  (Debian: libjxl-tools)"},
    {4, 8, "JXL \r\n\x87\n", NULL, "a JPEG XL picture",
     "djxl FILE FILE.png  (Debian: libjxl-tools)"},
    {0, 2, "P5", NULL, "a PGM picture", BY_MAGICK},
    {0, 2, "P6", NULL, "a PPM picture", BY_MAGICK},
    {0, 4, "%PDF", NULL, "a PDF document", "pdftoppm -png FILE FILE"},
    {0, 4, "<svg", NULL, "an SVG drawing", "rsvg-convert FILE -o FILE.png"},
    {0, 9, "<!DOCTYPE", NULL, "a web page", WAS_PAGE},
    {0, 9, "<!doctype", NULL, "a web page", WAS_PAGE},
    {0, 5, "<html", NULL, "a web page", WAS_PAGE},
};

Status(decode_fail)(Err *e, const Decode *d, const char *fmt, ...)
{
    char text[400];
    va_list list;

    va_start(list, fmt);
    (void)vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    fail(e, E_DATA, "%s", text);
    return err_note(e, "file", "%s", d->name);
}

static const Format *format_of(Bytes b)
{
    for (size_t i = 0; i < LEN(formats); i++) {
        const Format *f = &formats[i];

        if (b.n >= f->at + f->n && !memcmp(b.data + f->at, f->magic, f->n))
            return f;
    }
    return NULL;
}

PictureForm picture_form(Bytes head)
{
    const Format *f = format_of(head);

    return f ? (PictureForm){f->read != NULL, f->what, f->hint} : (PictureForm){false, NULL, NULL};
}

/* The codec, or an error that says what the file is instead. */
static Status find_format(Err *e, const Decode *d, const Format **out)
{
    const Bytes b = d->file;

    if (!b.n)
        return decode_fail(e, d, "the file is empty");
    if (b.n > d->limits.file_max) {
        decode_fail(e, d, "the picture's file has %zu bytes", b.n);
        return err_note(e, "expected", "at most %zu", d->limits.file_max);
    }
    *out = format_of(b);
    if (!*out) {
        decode_fail(e, d, "not a picture of a known form");
        return err_note(e, "expected", "JPEG, PNG or WebP");
    }
    if ((*out)->read)
        return E_OK;
    decode_fail(e, d, "this is %s, which is not read", (*out)->what);
    err_note(e, "expected", "JPEG, PNG or WebP");
    return err_note(e, "hint", "%s", (*out)->hint);
}

Status decode_begin(Err *e, Decode *d, int64_t width, int64_t height)
{
    const PictureLimits *l = &d->limits;

    if (width < 1 || height < 1 || width > l->side_max || height > l->side_max) {
        decode_fail(e, d, "the picture claims %lld x %lld pixels", (long long)width,
                    (long long)height);
        return err_note(e, "expected", "1 to %lld on a side", (long long)l->side_max);
    }
    if (width * height > l->pixels_max) {
        decode_fail(e, d, "the picture claims %lld x %lld pixels", (long long)width,
                    (long long)height);
        return err_note(e, "expected", "at most %lld pixels", (long long)l->pixels_max);
    }
    if (width * height - FREE_PIXELS > (int64_t)d->file.n * PIXELS_FROM_BYTE)
        return decode_fail(e, d, "the picture claims %lld x %lld pixels, more than %zu bytes hold",
                           (long long)width, (long long)height, d->file.n);
    d->out.width = (int)width;
    d->out.height = (int)height;
    if (d->head_only)
        return E_OK;
    d->out.rgb = NEWS(e, d->a, uint8_t, width * height * 3);
    return d->out.rgb ? E_OK : e->code;
}

void row_grey(uint8_t *row, int width)
{
    for (ptrdiff_t x = width - 1; x >= 0; x--)
        row[3 * x] = row[3 * x + 1] = row[3 * x + 2] = row[x];
}

static PictureLimits limits_or_defaults(const PictureLimits *given)
{
    PictureLimits l = {0};

    if (given)
        l = *given;
    l.side_max = l.side_max ? l.side_max : SIDE_MAX;
    l.pixels_max = l.pixels_max ? l.pixels_max : PIXELS_MAX;
    l.file_max = l.file_max ? l.file_max : FILE_MAX;
    return l;
}

static Status read_oriented(Err *e, Arena *a, Decode *d, Picture *out)
{
    const Format *f = NULL;

    TRY(find_format(e, d, &f));
    TRY(f->read(e, d));
    *out = d->out;
    if (d->orientation > 1 && !d->limits.as_stored)
        return picture_orient(e, a, &d->out, d->orientation, out);
    return E_OK;
}

Status picture_decode(Err *e, Arena *a, const char *name, Bytes file, const PictureLimits *limits,
                      Picture *out)
{
    Decode d = {.a = a, .name = name, .file = file, .limits = limits_or_defaults(limits)};

    return read_oriented(e, a, &d, out);
}

Status picture_size(Err *e, const char *name, Bytes file, int *width, int *height)
{
    Decode d = {.name = name, .file = file, .limits = limits_or_defaults(NULL), .head_only = true};
    const Format *f = NULL;

    TRY(find_format(e, &d, &f));
    TRY(f->read(e, &d));
    bool turned = d.orientation >= 5;
    *width = turned ? d.out.height : d.out.width;
    *height = turned ? d.out.width : d.out.height;
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
