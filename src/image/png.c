/* png.c - PNG by libpng: every checksum is checked, nothing but pixels, palette and EXIF is looked at, and no gamma or profile is applied, as PIL does it.  The library ends a failing call by longjmp, so all that must
 * outlive the jump is in one struct; its memory comes from our table. */
#include <setjmp.h>
#include <string.h>

#include <png.h>

#include "base/sys.h"
#include "image/codec.h"

#define ALLOC_MAX ((png_alloc_size_t)16 << 20) /* a row of 65535 pixels has half a MiB */

typedef struct Png {
    png_structp lib;
    png_infop info;
    jmp_buf back;
    Err *e;
    Decode *d;
    const Sys *sys;
    size_t at;
    Status status;
} Png;

static void on_error(png_structp lib, png_const_charp text)
{
    Png *p = png_get_error_ptr(lib);

    if (!p->status)
        p->status = decode_fail(p->e, p->d, "the PNG picture is damaged: %s", text);
    longjmp(p->back, 1);
}

static void on_warning(png_structp lib, png_const_charp text)
{
    (void)lib;
    (void)text;
}

static png_voidp on_alloc(png_structp lib, png_alloc_size_t size)
{
    Png *p = png_get_mem_ptr(lib);
    void *memory = size > ALLOC_MAX ? NULL : p->sys->alloc(p->sys->user, size);

    if (!memory && size <= ALLOC_MAX)
        p->status = fail(p->e, E_INTERNAL, "out of memory while decoding \"%s\"", p->d->name);
    return memory;
}

static void on_free(png_structp lib, png_voidp memory)
{
    Png *p = png_get_mem_ptr(lib);

    p->sys->free(p->sys->user, memory);
}

static void on_read(png_structp lib, png_bytep to, size_t n)
{
    Png *p = png_get_io_ptr(lib);

    if (n > p->d->file.n - p->at)
        png_error(lib, "the file ends early");
    memcpy(to, p->d->file.data + p->at, n);
    p->at += n;
}

static uint32_t number(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Every chunk up to IEND lies in the file and has its checksum: length, name, data, CRC-32 of name and data.  EXIF is
 * found here too, since the library allocates what an eXIf chunk claims. */
static Status walk_chunks(Png *p)
{
    Bytes b = p->d->file;
    int exif = 0, xmp = 0;

    for (size_t at = 8, n; b.n - at >= 12; at += 12 + n) {
        const uint8_t *c = b.data + at;

        n = number(c);
        if (n > b.n - 12 - at)
            break;
        if (!p->d->head_only && hash_crc32(0, c + 4, n + 4) != number(c + 8 + n))
            return decode_fail(
                p->e, p->d,
                "the PNG picture is damaged: the chunk at byte %zu has another checksum", at);
        if (!memcmp(c + 4, "eXIf", 4))
            exif = exif_orientation((Bytes){c + 8, n});
        if (!memcmp(c + 4, "iTXt", 4) && n > 18 && !memcmp(c + 8, "XML:com.adobe.xmp", 18))
            xmp = xmp_orientation((Bytes){c + 8, n});
        p->d->orientation = exif ? exif : xmp;
        if (!memcmp(c + 4, "IEND", 4))
            return E_OK;
    }
    return decode_fail(p->e, p->d, "the PNG picture is damaged: the file ends early");
}

static Status read_header(Png *p)
{
    /* known to the library and of no use here; texts and profiles would be inflated */
    static const png_byte ignored[] =
        "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0"
        "sCAL\0sPLT\0sRGB\0tEXt\0tIME\0tRNS\0zTXt";
    png_structp lib = p->lib;

    png_set_read_fn(lib, p, on_read);
    png_set_crc_action(lib, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE); /* walk_chunks has them */
    png_set_keep_unknown_chunks(lib, PNG_HANDLE_CHUNK_NEVER, ignored, sizeof ignored / 5);
    png_set_user_limits(lib, 0x7fffffff, 0x7fffffff); /* decode_begin has ours */
    png_read_info(lib, p->info);
    return decode_begin(p->e, p->d, png_get_image_width(lib, p->info),
                        png_get_image_height(lib, p->info));
}

/* Indices at the front of each row become colours in place. */
static Status paint(Png *p)
{
    const Picture *out = &p->d->out;
    png_colorp palette = NULL;
    int colours = 0;

    (void)png_get_PLTE(p->lib, p->info, &palette, &colours);
    for (ptrdiff_t y = 0; y < out->height; y++) {
        uint8_t *row = out->rgb + y * out->width * 3;

        for (ptrdiff_t x = out->width - 1; x >= 0; x--) {
            uint8_t i = row[x];

            if (i >= colours)
                return decode_fail(p->e, p->d,
                                   "the PNG picture has a pixel of colour %d, its palette %d", i,
                                   colours);
            row[3 * x] = palette[i].red;
            row[3 * x + 1] = palette[i].green;
            row[3 * x + 2] = palette[i].blue;
        }
    }
    return E_OK;
}

static Status read_rows(Png *p)
{
    const Picture *out = &p->d->out;

    TRY(walk_chunks(p));
    TRY(read_header(p));
    if (p->d->head_only)
        return E_OK;

    int type = png_get_color_type(p->lib, p->info);
    png_set_strip_16(p->lib);
    png_set_packing(p->lib);
    if (type == PNG_COLOR_TYPE_GRAY)
        png_set_expand_gray_1_2_4_to_8(p->lib);
    if (type == PNG_COLOR_TYPE_GRAY || type == PNG_COLOR_TYPE_GRAY_ALPHA)
        png_set_gray_to_rgb(p->lib);
    png_set_strip_alpha(p->lib);
    int passes = png_set_interlace_handling(p->lib);
    png_read_update_info(p->lib, p->info);
    for (int pass = 0; pass < passes; pass++)
        for (ptrdiff_t y = 0; y < out->height; y++)
            png_read_row(p->lib, out->rgb + y * out->width * 3, NULL);
    /* What follows is not read: a stream that goes on after the last row may inflate for hours. */
    return type == PNG_COLOR_TYPE_PALETTE ? paint(p) : E_OK;
}

Status png_read(Err *e, Decode *d)
{
    Png p = {.e = e, .d = d, .sys = d->a ? arena_sys(d->a) : sys_real()};

    if (!setjmp(p.back)) {
        p.lib = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &p, on_error, on_warning, &p,
                                         on_alloc, on_free);
        p.info = p.lib ? png_create_info_struct(p.lib) : NULL;
        if (p.info)
            p.status = read_rows(&p);
        else if (!p.status)
            p.status = fail(e, E_INTERNAL, "out of memory while decoding \"%s\"", d->name);
    }
    png_destroy_read_struct(&p.lib, &p.info, NULL);
    return p.status;
}
/* SPDX-License-Identifier: MIT */
