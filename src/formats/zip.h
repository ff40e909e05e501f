/* zip.h - an archive in memory: its entries proven to agree, to be disjoint and to lie inside the file. */
#ifndef FORMATS_ZIP_H
#define FORMATS_ZIP_H

#include "formats/weights.h"

#define ZIP_ENTRIES_MAX (1 << 20)
#define ZIP_NAME_MAX    1024
#define ZIP_RATIO_MAX   1032 /* what deflate can reach */

typedef struct ZipEntry {
    const char *name;
    uint16_t flags, method;
    uint32_t crc;
    uint64_t packed, size; /* bytes in the file, bytes unpacked */
    uint64_t header, end;  /* of the local header, and after the last byte of the entry */
    const uint8_t *data;   /* packed bytes */
} ZipEntry;

typedef struct Zip {
    const char *file;
    Arena *arena;
    Bytes bytes;
    ZipEntry *at; /* in the directory's order */
    size_t n;
    Map *names;
} Zip;

Status zip_open(Err *e, Arena *a, const char *file, Bytes b, Zip **out);
const ZipEntry *zip_find(const Zip *z, const char *name);
/* The bytes of a stored entry, in place; the checksum is checked unless it is 0, as some writers leave it. */
Status zip_stored(Err *e, const Zip *z, const ZipEntry *entry, Bytes *out);
/* Stored or deflated; refused when larger than `cap`. */
Status zip_unpack(Err *e, Arena *a, const Zip *z, const ZipEntry *entry, size_t cap, Bytes *out);

#endif
/* SPDX-License-Identifier: MIT */
