/* jpeg_write.c - a picture as JPEG by libjpeg-turbo, for pages that show it; nothing is learned from such bytes. */
#include <setjmp.h>
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>

#include "image/image.h"

#define HEADERS 4096 /* tables and markers, generously */

typedef struct Out {
    struct jpeg_compress_struct lib;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr to;
    jmp_buf back;
    Err *e;
    uint8_t *bytes;
    size_t cap;
    bool done;
} Out;

static void on_error(j_common_ptr lib)
{
    Out *o = lib->client_data;
    char text[JMSG_LENGTH_MAX];

    lib->err->format_message(lib, text);
    fail(o->e, E_INTERNAL, "a picture could not be written: %s", text);
    longjmp(o->back, 1);
}

static void no_message(j_common_ptr lib, int level)
{
    (void)lib;
    (void)level;
}

static void start(j_compress_ptr lib)
{
    Out *o = lib->client_data;

    o->to.next_output_byte = o->bytes;
    o->to.free_in_buffer = o->cap;
}

static boolean full(j_compress_ptr lib)
{
    ERREXIT(lib, JERR_BUFFER_SIZE);
    return FALSE;
}

static void end(j_compress_ptr lib)
{
    (void)lib;
}

static void write_rows(Out *o, const Picture *p, int quality)
{
    struct jpeg_compress_struct *lib = &o->lib;

    lib->dest = &o->to;
    lib->image_width = (JDIMENSION)p->width;
    lib->image_height = (JDIMENSION)p->height;
    lib->input_components = 3;
    lib->in_color_space = JCS_RGB;
    jpeg_set_defaults(lib);
    jpeg_set_quality(lib, quality, TRUE);
    jpeg_start_compress(lib, TRUE);
    while (lib->next_scanline < lib->image_height) {
        uint8_t *row = p->rgb + (size_t)lib->next_scanline * (size_t)p->width * 3;

        (void)jpeg_write_scanlines(lib, &row, 1);
    }
    jpeg_finish_compress(lib);
}

Status picture_jpeg(Err *e, Arena *a, const Picture *p, int quality, Bytes *out)
{
    Out o = {.e = e, .cap = (size_t)p->width * (size_t)p->height * 4 + HEADERS};

    if (!(o.bytes = arena_alloc(e, a, o.cap)))
        return e->code;
    o.to = (struct jpeg_destination_mgr){
        .init_destination = start, .empty_output_buffer = full, .term_destination = end};
    o.lib.err = jpeg_std_error(&o.errors);
    o.errors.error_exit = on_error;
    o.errors.emit_message = no_message;
    o.lib.client_data = &o;
    if (!setjmp(o.back)) {
        jpeg_create_compress(&o.lib);
        write_rows(&o, p, quality);
        o.done = true;
    }
    *out = (Bytes){o.bytes, o.cap - o.to.free_in_buffer};
    jpeg_destroy_compress(&o.lib);
    return o.done ? E_OK : e->code;
}

/* SPDX-License-Identifier: MIT */
