/* gzip.h - a gzip file in memory, read from the front. */
#ifndef FORMATS_GZIP_H
#define FORMATS_GZIP_H

#include "base/base.h"

#define GZIP_RATIO_MAX 1032 /* what deflate can reach */

typedef struct Gzip Gzip;

bool gzip_is(Bytes b);
/* `file` is for messages; it and the bytes stay the caller's. */
Status gzip_open(Err *e, Arena *a, const char *file, Bytes packed, Gzip **out);
size_t gzip_most(const Gzip *g);                       /* it cannot unpack to more bytes */
Status gzip_read(Err *e, Gzip *g, void *to, size_t n); /* all n, or an error */
/* As many of n bytes as are left: *got < n is the end of what is packed. */
Status gzip_some(Err *e, Gzip *g, void *to, size_t n, size_t *got);
/* Nothing may be left, and the sums must agree. */
Status gzip_end(Err *e, Gzip *g);

#endif
/* SPDX-License-Identifier: MIT */
