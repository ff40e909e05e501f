/* jpeg.c - JPEG by libjpeg-turbo, with its defaults as PIL has them: exact integer IDCT, smooth upsampling.
 * Four components are CMYK as Adobe writes it, inverted.  The library ends a failing call by longjmp, so all
 * that must outlive the jump is in one struct.  Its warnings are errors, but those that cost no pixel: a file
 * that ends early or whose codes make no sense is damaged.  Arithmetic coding, which no browser reads, is refused:
 * its files may claim any number of pixels. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#include "image/codec.h"

#define SCANS_MAX 64

typedef struct Jpeg {
    struct jpeg_decompress_struct lib;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    Err *e;
    Decode *d;
    uint8_t *line; /* CMYK */
    Status status;
} Jpeg;

static void on_error(j_common_ptr lib)
{
    Jpeg *j = lib->client_data;
    char text[JMSG_LENGTH_MAX];

    lib->err->format_message(lib, text);
    if (lib->err->msg_code == JERR_OUT_OF_MEMORY)
        j->status = fail(j->e, E_INTERNAL, "out of memory while decoding \"%s\"", j->d->name);
    else
        j->status = decode_fail(j->e, j->d, "the JPEG picture is damaged: %s", text);
    longjmp(j->back, 1);
}

static void on_message(j_common_ptr lib, int level)
{
    int code = lib->err->msg_code;

    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM &&
        code != JWRN_JFIF_MAJOR && code != JWRN_NOT_SEQUENTIAL)
        on_error(lib);
}

static void no_output(j_common_ptr lib)
{
    (void)lib;
}

static void on_progress(j_common_ptr lib)
{
    Jpeg *j = lib->client_data;

    if (j->lib.input_scan_number <= SCANS_MAX)
        return;
    decode_fail(j->e, j->d, "the JPEG picture has more than %d scans", SCANS_MAX);
    j->status = j->e->code;
    longjmp(j->back, 1);
}

static bool begins(Bytes b, const char *with, size_t n)
{
    return b.n >= n && !memcmp(b.data, with, n);
}

static void find_orientation(Jpeg *j)
{
    int exif = 0, xmp = 0;

    for (jpeg_saved_marker_ptr m = j->lib.marker_list; m; m = m->next) {
        Bytes b = {m->data, m->data_length};

        if (!exif && begins(b, "Exif\0\0", 6))
            exif = exif_orientation(b);
        else if (!xmp && begins(b, "http://ns.adobe.com/xap/1.0/", 29))
            xmp = xmp_orientation(b);
    }
    j->d->orientation = exif ? exif : xmp;
}

static Status check_header(Jpeg *j)
{
    const struct jpeg_decompress_struct *lib = &j->lib;

    if (lib->data_precision != 8)
        return decode_fail(j->e, j->d, "a JPEG picture of %d bits a sample is not read",
                           lib->data_precision);
    if (lib->num_components != 1 && lib->num_components != 3 && lib->num_components != 4)
        return decode_fail(j->e, j->d, "a JPEG picture of %d components is not read",
                           lib->num_components);
    if (lib->arith_code) {
        decode_fail(j->e, j->d, "a JPEG picture with arithmetic coding is not read");
        return err_note(j->e, "hint", "djpeg FILE | cjpeg -quality 95 > FILE.jpg");
    }
    find_orientation(j);
    return decode_begin(j->e, j->d, lib->image_width, lib->image_height);
}

/* A component that no scan brought would be grey. */
static Status check_scans(Jpeg *j)
{
    for (int i = 0; i < j->lib.num_components; i++)
        if (!j->lib.comp_info[i].quant_table) /* set by the component's first scan */
            return decode_fail(j->e, j->d, "the JPEG picture lacks the scan of component %d of %d",
                               i + 1, j->lib.num_components);
    return E_OK;
}

/* a b / 255, rounded */
static int mul255(int a, int b)
{
    int t = a * b + 128;

    return (t + (t >> 8)) >> 8;
}

/* PIL's cmyk2rgb: red = (1 - K) - C (1 - K); what is stored is 255 minus each. */
static void row_cmyk(uint8_t *rgb, const uint8_t *cmyk, int width)
{
    for (int x = 0; x < width; x++, rgb += 3, cmyk += 4)
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(cmyk[3] - mul255(255 - cmyk[c], cmyk[3]));
}

static Status read_rows(Jpeg *j)
{
    struct jpeg_decompress_struct *lib = &j->lib;
    Picture *p = &j->d->out;

    jpeg_mem_src(lib, j->d->file.data, j->d->file.n);
    jpeg_save_markers(lib, JPEG_APP0 + 1, 0xffff);
    (void)jpeg_read_header(lib, TRUE);
    TRY(check_header(j));
    if (j->d->head_only)
        return E_OK;

    size_t stride = (size_t)p->width * 3;
    lib->mem->max_memory_to_use = (long)(3 * stride * (size_t)p->height + (8 << 20));
    j->progress.progress_monitor = on_progress;
    lib->progress = &j->progress;
    lib->out_color_space = lib->num_components == 1   ? JCS_GRAYSCALE
                           : lib->num_components == 3 ? JCS_RGB
                                                      : JCS_CMYK;
    if (lib->num_components == 4 && !(j->line = NEWS(j->e, j->d->a, uint8_t, p->width * 4LL)))
        return j->e->code;
    (void)jpeg_start_decompress(lib);
    while (lib->output_scanline < lib->output_height) {
        uint8_t *row = p->rgb + lib->output_scanline * stride, *to = j->line ? j->line : row;

        (void)jpeg_read_scanlines(lib, &to, 1);
        if (j->line)
            row_cmyk(row, j->line, p->width);
        else if (lib->num_components == 1)
            row_grey(row, p->width);
    }
    TRY(check_scans(j));
    (void)jpeg_finish_decompress(lib);
    return E_OK;
}

Status jpeg_read(Err *e, Decode *d)
{
    Jpeg j = {.e = e, .d = d};

    j.lib.err = jpeg_std_error(&j.errors);
    j.errors.error_exit = on_error;
    j.errors.emit_message = on_message;
    j.errors.output_message = no_output;
    j.lib.client_data = &j;
    if (!setjmp(j.back)) {
        jpeg_create_decompress(&j.lib);
        j.status = read_rows(&j);
    }
    jpeg_destroy_decompress(&j.lib);
    return j.status;
}
/* SPDX-License-Identifier: MIT */
