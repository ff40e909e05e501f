/* unzip.c - the bytes of a zip entry: stored ones in place, deflated ones (RFC 1951) through zlib. */
#include "formats/pocket.h"
#include "formats/zip.h"

static Status check_crc(Err *e, const Zip *z, const ZipEntry *t, Bytes b)
{
    uint32_t crc;

    if (t->crc == 0) /* not written, as torch.save may be told; or no bytes */
        return E_OK;
    crc = hash_crc32(0, b.data, b.n);
    if (crc == t->crc)
        return E_OK;
    fail(e, E_DATA, "zip entry \"%s\" is damaged: its checksum is wrong", t->name);
    err_note(e, "file", "%s", z->file);
    err_note(e, "expected", "%08x", t->crc);
    err_note(e, "found", "%08x", crc);
    return err_note(e, "hint", "fetch the file again");
}

Status zip_stored(Err *e, const Zip *z, const ZipEntry *entry, Bytes *out)
{
    if (entry->method != 0) {
        fail(e, E_DATA, "zip entry \"%s\" is compressed", entry->name);
        err_note(e, "file", "%s", z->file);
        return err_note(e, "expected", "stored bytes, as torch.save writes them");
    }
    *out = (Bytes){entry->data, (size_t)entry->size};
    return check_crc(e, z, entry, *out);
}

static Status inflate_all(Err *e, const Zip *z, const ZipEntry *t, z_stream *s, uint8_t *to)
{
    int code = inflateInit2(s, -15);

    s->next_out = to;
    /* zlib counts in 32 bits; pieces of 1 GiB keep larger entries right */
    for (uint64_t in = t->packed, room = t->size; code == Z_OK;) {
        if (s->avail_in == 0 && in > 0) {
            s->next_in = (uint8_t *)(uintptr_t)(t->data + (t->packed - in));
            s->avail_in = in < 1u << 30 ? (unsigned)in : 1u << 30;
            in -= s->avail_in;
        }
        if (s->avail_out == 0 && room > 0) {
            s->next_out = to + (t->size - room);
            s->avail_out = room < 1u << 30 ? (unsigned)room : 1u << 30;
            room -= s->avail_out;
        }
        code = inflate(s, Z_NO_FLUSH);
    }
    uint64_t made = s->total_out, used = s->total_in;

    inflateEnd(s);
    if (code == Z_STREAM_END && made == t->size && used == t->packed)
        return E_OK;
    if (code == Z_MEM_ERROR)
        return err_failed(e->code); /* set by the arena */
    fail(e, E_DATA, "zip entry \"%s\" does not unpack to what it claims", t->name);
    err_note(e, "file", "%s", z->file);
    err_note(e, "expected", "%llu bytes", (unsigned long long)t->size);
    return err_note(e, "found", "%llu bytes%s", (unsigned long long)made,
                    code == Z_STREAM_END ? "" : ", then damage");
}

Status zip_unpack(Err *e, Arena *a, const Zip *z, const ZipEntry *entry, size_t cap, Bytes *out)
{
    uint8_t *to;

    if (entry->size > cap) {
        fail(e, E_DATA, "zip entry \"%s\" is too large", entry->name);
        err_note(e, "file", "%s", z->file);
        err_note(e, "expected", "at most %zu bytes", cap);
        return err_note(e, "found", "%llu bytes", (unsigned long long)entry->size);
    }
    if (entry->method == 0)
        return zip_stored(e, z, entry, out);
    Arena *pocket = arena_child(e, a);

    if (!pocket || !(to = arena_alloc(e, a, (size_t)entry->size + 1)))
        return err_failed(e->code);
    Pocket p = {e, pocket};
    z_stream s = {.zalloc = pocket_alloc, .zfree = pocket_free, .opaque = &p};
    Status status = inflate_all(e, z, entry, &s, to);

    arena_free(pocket);
    TRY(status);
    *out = (Bytes){to, (size_t)entry->size};
    return check_crc(e, z, entry, *out);
}

Status zip_read(Err *e, Arena *a, const char *path, const char *member, size_t cap, Bytes *out)
{
    const ZipEntry *entry;
    File *f;
    Bytes b;
    Zip *z;

    TRY(file_open(e, a, path, &f));
    TRY(file_map(e, f, &b));
    TRY(zip_open(e, a, path, b, &z));
    if (!(entry = zip_find(z, member))) {
        fail(e, E_NOINPUT, "no \"%s\" in this archive", member);
        return err_note(e, "file", "%s", path);
    }
    return zip_unpack(e, a, z, entry, cap, out);
}
/* SPDX-License-Identifier: MIT */
