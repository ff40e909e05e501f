/* zip.c - a zip archive read as strictly as its users deserve (APPNOTE.TXT 6.3.10): one end record, central
 * directory and local headers agree on every field, entries do not overlap.  What two readers could read in
 * two ways is refused.  Unpacking is in unzip.c. */
#include "formats/zip.h"

#include <string.h>

enum {
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    CENTRAL_SIZE = 46,
    COMMENT_MAX = 65535,
    FLAG_ENCRYPTED = 1,
    FLAG_DESCRIPTOR = 8,
    FLAG_STRONG = 0x40,
    FLAG_UTF8 = 0x800,
    FLAG_MASKED = 0x2000,
    EXTRA_ZIP64 = 1,
    MODE_TYPE = 0170000,
    MODE_LINK = 0120000,
};

#define SIG_LOCAL      0x04034b50u
#define SIG_CENTRAL    0x02014b50u
#define SIG_END        0x06054b50u
#define SIG_END64      0x06064b50u
#define SIG_LOCATOR    0x07064b50u
#define SIG_DESCRIPTOR 0x08074b50u
#define IN_ZIP64       0xffffffffu /* the real value is in the zip64 record */

static uint32_t le16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t le32(const uint8_t *p)
{
    return le16(p) | le16(p + 2) << 16;
}

static uint64_t le64(const uint8_t *p)
{
    return le32(p) | (uint64_t)le32(p + 4) << 32;
}

static Status bad(Err *e, const Zip *z, const char *what)
{
    fail(e, E_DATA, "the zip archive %s", what);
    return err_note(e, "file", "%s", z->file);
}

static Status bad_entry(Err *e, const Zip *z, const char *name, const char *what)
{
    fail(e, E_DATA, "zip entry \"%s\" %s", name, what);
    return err_note(e, "file", "%s", z->file);
}

typedef struct Directory {
    uint64_t at, size, entries;
} Directory;

/* The one end record whose comment reaches exactly to the end of the file. */
static Status find_end(Err *e, const Zip *z, size_t *out)
{
    Bytes b = z->bytes;
    size_t found = 0, lowest;

    if (b.n < END_SIZE)
        return bad(e, z, "is too short to be one");
    lowest = b.n - END_SIZE > COMMENT_MAX ? b.n - END_SIZE - COMMENT_MAX : 0;
    for (size_t at = b.n - END_SIZE + 1; at-- > lowest;) {
        if (le32(b.data + at) != SIG_END || le16(b.data + at + 20) != b.n - at - END_SIZE)
            continue;
        if (found++)
            return bad(e, z, "has two end records");
        *out = at;
    }
    return found ? E_OK : bad(e, z, "has no end record: it is cut off or damaged");
}

/* Values too large for the end record, and those that writers put into zip64 for all files. */
static Status read_end64(Err *e, const Zip *z, size_t end, Directory *d)
{
    const uint8_t *p = z->bytes.data;
    uint64_t at;

    if (end < LOCATOR_SIZE || le32(p + end - LOCATOR_SIZE) != SIG_LOCATOR)
        return d->entries == 0xffff || d->at == IN_ZIP64 || d->size == IN_ZIP64
                   ? bad(e, z, "needs a zip64 end record and has none")
                   : E_OK;
    at = le64(p + end - LOCATOR_SIZE + 8);
    if (end < LOCATOR_SIZE + END64_SIZE || at != end - LOCATOR_SIZE - END64_SIZE ||
        le32(p + at) != SIG_END64)
        return bad(e, z, "has a zip64 locator that points nowhere");
    if (le64(p + at + 24) != le64(p + at + 32) || le32(p + at + 16) || le32(p + at + 20))
        return bad(e, z, "is split over several disks");
    Directory big = {le64(p + at + 48), le64(p + at + 40), le64(p + at + 32)};

    if ((d->entries != 0xffff && d->entries != big.entries) ||
        (d->at != IN_ZIP64 && d->at != big.at) || (d->size != IN_ZIP64 && d->size != big.size))
        return bad(e, z, "has two end records that disagree");
    *d = big;
    return E_OK;
}

static Status read_end(Err *e, const Zip *z, Directory *d)
{
    const uint8_t *p;
    size_t end = 0;

    TRY(find_end(e, z, &end));
    p = z->bytes.data + end;
    if (le16(p + 4) || le16(p + 6) || le16(p + 8) != le16(p + 10))
        return bad(e, z, "is split over several disks");
    *d = (Directory){le32(p + 16), le32(p + 12), le16(p + 10)};
    TRY(read_end64(e, z, end, d));
    if (d->at > end || d->size > end - d->at)
        return bad(e, z, "has a directory outside the file");
    if (d->entries > d->size / CENTRAL_SIZE || d->entries > ZIP_ENTRIES_MAX) {
        bad(e, z, "claims more entries than its directory can hold");
        return err_note(e, "found", "%llu entries in %llu bytes", (unsigned long long)d->entries,
                        (unsigned long long)d->size);
    }
    return E_OK;
}

/* One value of the zip64 extra field, present only for a field that says IN_ZIP64. */
static Status take64(Err *e, Cursor *extra, uint64_t *value)
{
    return *value == IN_ZIP64 ? cur_u64(e, extra, value) : E_OK;
}

/* Finds the zip64 values among the extra fields, in their fixed order; no `header` in local ones. */
static Status read_extra(Err *e, Cursor *c, size_t n, uint64_t *size, uint64_t *packed,
                         uint64_t *header)
{
    const uint8_t *p;
    bool seen = false;

    for (size_t end = c->at + n; c->at + 4 <= end;) {
        uint16_t id, len;

        TRY(cur_u16(e, c, &id));
        TRY(cur_u16(e, c, &len));
        if (len > end - c->at)
            return cur_fail(e, c, "a zip extra field is longer than its header says");
        TRY(cur_bytes(e, c, len, &p));
        if (id != EXTRA_ZIP64 || seen)
            continue;
        seen = true;
        Cursor extra = {c->file, c->data, c->at, c->at - len};

        TRY(take64(e, &extra, size));
        TRY(take64(e, &extra, packed));
        if (header)
            TRY(take64(e, &extra, header));
    }
    return E_OK;
}

static Status check_name(Err *e, const Zip *z, const char *name, size_t n)
{
    if (n == 0 || n > ZIP_NAME_MAX || strlen(name) != n)
        return bad_entry(e, z, name, "has an empty, overlong or cut name");
    if (name[0] == '/' || strchr(name, '\\') || (n > 1 && name[1] == ':'))
        return bad_entry(e, z, name, "has an absolute path as its name");
    for (const char *p = name; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (p[0] == '.' && p[1] == '.' && (p[2] == '/' || p[2] == 0))
            return bad_entry(e, z, name, "climbs out of the archive");
    }
    return E_OK;
}

static Status check_kind(Err *e, const Zip *z, const ZipEntry *t, uint32_t made_by, uint32_t mode)
{
    const uint16_t known = FLAG_DESCRIPTOR | FLAG_UTF8 | 6; /* 6: how hard deflate tried */

    if (t->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED))
        return bad_entry(e, z, t->name, "is encrypted");
    if (t->flags & ~known)
        return bad_entry(e, z, t->name, "has unknown flags");
    if (made_by == 3 && (mode & MODE_TYPE) == MODE_LINK)
        return bad_entry(e, z, t->name, "is a symbolic link");
    if (t->method != 0 && t->method != 8) {
        bad_entry(e, z, t->name, "is packed with an unknown method");
        return err_note(e, "found", "method %d; 0 (stored) and 8 (deflate) are read", t->method);
    }
    if (t->method == 0 && t->packed != t->size)
        return bad_entry(e, z, t->name, "is stored but has two sizes");
    if (t->size > 0 && (t->size - 1) / ZIP_RATIO_MAX >= t->packed) {
        bad_entry(e, z, t->name, "claims to unpack to more than deflate can");
        return err_note(e, "found", "%llu bytes from %llu", (unsigned long long)t->size,
                        (unsigned long long)t->packed);
    }
    return E_OK;
}

static Status read_central(Err *e, Zip *z, Cursor *c, ZipEntry *t)
{
    const uint8_t *p, *name;
    uint64_t size, packed, header;
    char *copy;

    TRY(cur_bytes(e, c, CENTRAL_SIZE, &p));
    if (le32(p) != SIG_CENTRAL)
        return cur_fail(e, c, "a directory entry has the wrong signature");
    size = le32(p + 24);
    packed = le32(p + 20);
    header = le32(p + 42);
    *t = (ZipEntry){.name = "",
                    .flags = (uint16_t)le16(p + 8),
                    .method = (uint16_t)le16(p + 10),
                    .crc = le32(p + 16)};
    TRY(cur_bytes(e, c, le16(p + 28), &name));
    if (!(copy = arena_strndup(e, z->arena, (const char *)name, le16(p + 28))))
        return err_failed(e->code);
    t->name = copy;
    TRY(check_name(e, z, copy, le16(p + 28)));
    TRY(read_extra(e, c, le16(p + 30), &size, &packed, &header));
    TRY(cur_bytes(e, c, le16(p + 32), &name)); /* a comment */
    t->size = size;
    t->packed = packed;
    t->header = header;
    if (le16(p + 34))
        return bad(e, z, "is split over several disks");
    return check_kind(e, z, t, p[5], le32(p + 38) >> 16);
}

/* The record after the data repeats checksum and sizes, in 32 or 64 bits; true when it agrees. */
static bool descriptor_agrees(const ZipEntry *t, const uint8_t *p, size_t left, uint64_t *end)
{
    if (left < 16 || le32(p) != SIG_DESCRIPTOR || le32(p + 4) != t->crc)
        return false;
    if (left >= 24 && le64(p + 8) == t->packed && le64(p + 16) == t->size) {
        *end += 24;
        return true;
    }
    *end += 16;
    return le32(p + 8) == t->packed && le32(p + 12) == t->size;
}

static Status check_sizes(Err *e, const Zip *z, ZipEntry *t, uint32_t crc, uint64_t packed,
                          uint64_t size)
{
    bool later = t->flags & FLAG_DESCRIPTOR;
    size_t at = (size_t)t->end;

    if ((crc != t->crc && !(later && crc == 0)) ||
        (packed != t->packed && !(later && packed == 0)) ||
        (size != t->size && !(later && size == 0))) {
        bad_entry(e, z, t->name, "has a local header that disagrees with the directory");
        return err_note(e, "found", "%llu bytes with checksum %08x; the directory says %llu, %08x",
                        (unsigned long long)size, crc, (unsigned long long)t->size, t->crc);
    }
    if (later && !descriptor_agrees(t, z->bytes.data + at, z->bytes.n - at, &t->end))
        return bad_entry(e, z, t->name, "has a data descriptor that disagrees with the directory");
    return E_OK;
}

/* The local header must say what the directory says; then the data follows. */
static Status read_local(Err *e, Zip *z, ZipEntry *t)
{
    Cursor c = {.file = z->file, .data = z->bytes.data, .n = z->bytes.n};
    const uint8_t *p, *name = NULL;
    uint64_t size, packed;

    TRY(cur_seek(e, &c, t->header));
    TRY(cur_bytes(e, &c, 30, &p));
    if (le32(p) != SIG_LOCAL)
        return bad_entry(e, z, t->name, "has no local header where the directory says");
    packed = le32(p + 18);
    size = le32(p + 22);
    TRY(cur_bytes(e, &c, le16(p + 26), &name));
    if (le16(p + 26) != strlen(t->name) || memcmp(name, t->name, le16(p + 26)) != 0)
        return bad_entry(e, z, t->name, "has another name in its local header");
    if (le16(p + 6) != t->flags || le16(p + 8) != t->method)
        return bad_entry(e, z, t->name, "has other flags or another method in its local header");
    TRY(read_extra(e, &c, le16(p + 28), &size, &packed, NULL));
    TRY(cur_seek(e, &c, (uint64_t)(name - c.data) + le16(p + 26) + le16(p + 28)));
    if (t->packed > c.n - c.at)
        return bad_entry(e, z, t->name, "reaches beyond the end of the file");
    TRY(cur_bytes(e, &c, (size_t)t->packed, &t->data));
    t->end = c.at;
    return check_sizes(e, z, t, le32(p + 14), packed, size);
}

/* No byte belongs to two entries, and none of them to the directory. */
static Status check_disjoint(Err *e, Zip *z, uint64_t directory)
{
    Span *s = NEWS(e, z->arena, Span, z->n + 1);

    if (!s)
        return err_failed(e->code);
    for (size_t i = 0; i < z->n; i++)
        s[i] = (Span){z->at[i].header, z->at[i].end, i};
    spans_sort(s, z->n);
    s[z->n] = (Span){directory, directory, z->n};
    for (size_t i = 0; i < z->n; i++)
        if (s[i].end > s[i + 1].begin)
            return bad_entry(e, z, z->at[s[i].index].name,
                             i + 1 < z->n ? "overlaps another entry" : "overlaps the directory");
    return E_OK;
}

Status zip_open(Err *e, Arena *a, const char *file, Bytes b, Zip **out)
{
    Zip *z = NEW(e, a, Zip);
    Directory d = {0};
    int64_t other;

    if (!z)
        return err_failed(e->code);
    *z = (Zip){.file = file, .arena = a, .bytes = b};
    TRY(read_end(e, z, &d));
    z->at = NEWS(e, a, ZipEntry, d.entries + 1);
    z->names = map_new(e, a, (size_t)d.entries);
    if (!z->at || !z->names)
        return err_failed(e->code);

    Cursor c = {file, b.data, (size_t)(d.at + d.size), (size_t)d.at};

    for (; z->n < d.entries; z->n++) {
        ZipEntry *t = &z->at[z->n];

        TRY(read_central(e, z, &c, t));
        TRY(read_local(e, z, t));
        if (map_get(z->names, t->name, strlen(t->name), &other))
            return bad_entry(e, z, t->name, "appears twice");
        TRY(map_put(e, z->names, t->name, strlen(t->name), (int64_t)z->n));
    }
    if (c.at != c.n)
        return bad(e, z, "has bytes in its directory that no entry owns");
    TRY(check_disjoint(e, z, d.at));
    *out = z;
    return E_OK;
}

const ZipEntry *zip_find(const Zip *z, const char *name)
{
    int64_t i;

    return map_get(z->names, name, strlen(name), &i) ? &z->at[i] : NULL;
}
/* SPDX-License-Identifier: MIT */
