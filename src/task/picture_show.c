/* picture_show.c - a picture on a page that needs nothing else: small, as a data URI. */
#include "task/picture.h"
#include "task/report.h"

#include <string.h>

#define SHOWN_SIDE    176
#define SHOWN_QUALITY 80

static Status put_base64(Err *e, Writer *w, Bytes b)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < b.n; i += 3) {
        size_t n = b.n - i < 3 ? b.n - i : 3;
        uint32_t v = (uint32_t)b.data[i] << 16 | (n > 1 ? (uint32_t)b.data[i + 1] << 8 : 0) |
                     (n > 2 ? b.data[i + 2] : 0);
        char four[4] = {digit[v >> 18], digit[v >> 12 & 63], digit[v >> 6 & 63], digit[v & 63]};

        if (n < 3)
            four[3] = '=';
        if (n < 2)
            four[2] = '=';

        TRY(writer_put(e, w, four, 4));
    }
    return E_OK;
}

static Status small_jpeg(Err *e, Arena *a, const Job *j, int64_t i, Bytes *out)
{
    PictureSet one = {.n = 1, .at = &j->picture[i]};
    Picture p, small;

    TRY(pictureset_load(e, a, &one, 0, &p));
    int longer = p.width > p.height ? p.width : p.height;
    int side = longer < SHOWN_SIDE ? longer : SHOWN_SIDE;
    int width = (p.width * side + longer - 1) / longer;
    int height = (p.height * side + longer - 1) / longer;
    TRY(picture_resize(e, a, &p, width, height, FILTER_BOX, &small));
    return picture_jpeg(e, a, &small, SHOWN_QUALITY, out);
}

/* A file that has gone since it was learned from is named without its picture. */
Status picture_show(Err *e, Writer *w, const Job *j, int64_t i)
{
    Arena *scratch = arena_child(e, j->a);
    Err gone = {0};
    Bytes jpeg;

    if (!scratch)
        return err_failed(e->code);
    if (!small_jpeg(&gone, scratch, j, i, &jpeg)) {
        TRY(writer_printf(e, w, "<img alt=\"\" src=\"data:image/jpeg;base64,"));
        TRY(put_base64(e, w, jpeg));
        TRY(writer_printf(e, w, "\">"));
    }
    TRY(writer_printf(e, w, "<p class=\"soft small name\">"));
    TRY(put_text(e, w, j->first[i].s, j->first[i].n));
    TRY(writer_printf(e, w, "</p>"));
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
