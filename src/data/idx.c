/* idx.c - IDX files (LeCun, the form of MNIST): two zeros, the type, the number of dimensions, each as 32 bits
 * big-endian, then the values. */
#include "data/idx.h"

#include "formats/gzip.h"

#define IDX_HEAD_MAX (4 + 4 * IDX_DIMS_MAX)
#define IDX_UBYTE    0x08

static Status idx_fail(Err *e, const char *file, const char *what)
{
    fail(e, E_DATA, "%s", what);
    return err_note(e, "file", "%s", file);
}

static const char *type_name(uint8_t type)
{
    switch (type) {
    case IDX_UBYTE:
        return "unsigned bytes";
    case 0x09:
        return "signed bytes";
    case 0x0b:
        return "16-bit integers";
    case 0x0c:
        return "32-bit integers";
    case 0x0d:
        return "floats";
    case 0x0e:
        return "doubles";
    default:
        return "an unknown type";
    }
}

static Status head_check(Err *e, const char *file, const uint8_t *h, int dims)
{
    if (h[0] || h[1]) {
        idx_fail(e, file, "this is no IDX file");
        err_note(e, "expected", "00 00 08 %02x", (unsigned)dims);
        return err_note(e, "found", "%02x %02x %02x %02x", h[0], h[1], h[2], h[3]);
    }
    if (h[2] != IDX_UBYTE) {
        idx_fail(e, file, "an IDX file of another type");
        err_note(e, "expected", "%s", type_name(IDX_UBYTE));
        return err_note(e, "found", "%s (0x%02x)", type_name(h[2]), h[2]);
    }
    if (h[3] != dims) {
        idx_fail(e, file, "an IDX file of another number of dimensions");
        err_note(e, "expected", "%d, of %s", dims, dims == 1 ? "labels" : "grey pictures");
        return err_note(e, "found", "%d", h[3]);
    }
    return E_OK;
}

/* The dimensions, and how many bytes of values they ask for. */
static Status dims_read(Err *e, const char *file, const uint8_t *h, Idx *x, uint64_t *size)
{
    *size = 1;
    for (int i = 0; i < x->dims; i++) {
        const uint8_t *p = h + 4 + 4 * (ptrdiff_t)i;
        uint32_t n = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];

        x->dim[i] = n;
        if (n == 0)
            return idx_fail(e, file,
                            i ? "pictures without a pixel" : "an IDX file that holds nothing");
        if (i && n > IDX_SIDE_MAX) {
            idx_fail(e, file, "pictures that are too large");
            err_note(e, "expected", "at most %d on a side", IDX_SIDE_MAX);
            return err_note(e, "found", "%u", n);
        }
        if (__builtin_mul_overflow(*size, (uint64_t)n, size))
            return idx_fail(e, file, "dimensions whose product is too large");
    }
    return E_OK;
}

static Status size_fail(Err *e, const char *file, const Idx *x, uint64_t size, uint64_t found)
{
    idx_fail(e, file,
             found < size ? "the file is shorter than its dimensions say"
                          : "the file is longer than its dimensions say");
    if (x->dims == 1)
        err_note(e, "expected", "%lld labels", (long long)x->dim[0]);
    else
        err_note(e, "expected", "%lld pictures of %lld x %lld, %llu bytes", (long long)x->dim[0],
                 (long long)x->dim[1], (long long)x->dim[2], (unsigned long long)size);
    return err_note(e, "found", "%llu bytes%s", (unsigned long long)found,
                    found < size ? " at most" : "");
}

static Status plain_read(Err *e, const char *file, Bytes b, size_t head, Idx *x)
{
    uint64_t size;

    if (b.n < head)
        return idx_fail(e, file, "the file ends too early to be an IDX file");
    TRY(head_check(e, file, b.data, x->dims));
    TRY(dims_read(e, file, b.data, x, &size));
    if (b.n - head != size)
        return size_fail(e, file, x, size, b.n - head);
    x->data = b.data + head;
    return E_OK;
}

static Status packed_read(Err *e, Arena *a, const char *file, Bytes b, size_t head, Idx *x)
{
    uint8_t h[IDX_HEAD_MAX], *data;
    uint64_t size;
    Gzip *g;

    TRY(gzip_open(e, a, file, b, &g));
    TRY(gzip_read(e, g, h, head));
    TRY(head_check(e, file, h, x->dims));
    TRY(dims_read(e, file, h, x, &size));
    if (size > gzip_most(g))
        return size_fail(e, file, x, size, gzip_most(g));
    if (!(data = NEWS(e, a, uint8_t, size)))
        return err_failed(e->code);
    TRY(gzip_read(e, g, data, (size_t)size));
    x->data = data;
    return gzip_end(e, g);
}

Status idx_read(Err *e, Arena *a, const char *file, Bytes b, int dims, Idx *out)
{
    size_t head = 4 + 4 * (size_t)dims;

    *out = (Idx){.dims = dims};
    return gzip_is(b) ? packed_read(e, a, file, b, head, out) : plain_read(e, file, b, head, out);
}

/* SPDX-License-Identifier: MIT */
