/* webp.c - WebP, lossy and lossless, by libwebp.  Several frames are refused by name: which one is meant? */
#include <string.h>

#include <webp/decode.h>

#include "image/codec.h"

static const char *reason(VP8StatusCode code)
{
    switch (code) {
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return "the file ends early";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return "it uses a feature that the library lacks";
    default:
        return "its bits make no sense";
    }
}

/* RIFF: chunks of name, size and bytes, padded to an even size. */
static int find_orientation(Bytes file)
{
    int exif = 0, xmp = 0;

    for (size_t at = 12, n; file.n - at >= 8; at += n) {
        const uint8_t *c = file.data + at;

        n = c[4] | (size_t)c[5] << 8 | (size_t)c[6] << 16 | (size_t)c[7] << 24;
        at += 8;
        if (n > file.n - at)
            break;
        if (!exif && !memcmp(c, "EXIF", 4))
            exif = exif_orientation((Bytes){c + 8, n});
        if (!xmp && !memcmp(c, "XMP ", 4))
            xmp = xmp_orientation((Bytes){c + 8, n});
        n += (n & 1) && n < file.n - at;
    }
    return exif ? exif : xmp;
}

Status webp_read(Err *e, Decode *d)
{
    WebPDecoderConfig c;

    if (!WebPInitDecoderConfig(&c))
        return fail(e, E_INTERNAL, "libwebp is of another version than its header");
    VP8StatusCode code = WebPGetFeatures(d->file.data, d->file.n, &c.input);
    if (code)
        return decode_fail(e, d, "the WebP picture is damaged: %s", reason(code));
    if (c.input.has_animation) {
        decode_fail(e, d, "this is an animated WebP, not one picture");
        return err_note(e, "hint", "webpmux -get frame 1 FILE -o FILE.webp  (Debian: webp)");
    }
    TRY(decode_begin(e, d, c.input.width, c.input.height));
    d->orientation = find_orientation(d->file);
    if (d->head_only)
        return E_OK;

    c.output.colorspace = MODE_RGB;
    c.output.is_external_memory = 1;
    c.output.u.RGBA = (WebPRGBABuffer){d->out.rgb, 3 * d->out.width,
                                       (size_t)d->out.width * (size_t)d->out.height * 3};
    code = WebPDecode(d->file.data, d->file.n, &c);
    WebPFreeDecBuffer(&c.output);
    if (code == VP8_STATUS_OUT_OF_MEMORY)
        return fail(e, E_INTERNAL, "out of memory while decoding \"%s\"", d->name);
    if (code)
        return decode_fail(e, d, "the WebP picture is damaged: %s", reason(code));
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
