/* documents.c - a file of plain text as its documents: what stands between blank lines.  A longer one than DOCUMENT_MAX is
 * cut at the end of a line. */
#include "data/table.h"

#include <string.h>

#define DOCUMENT_MAX ((size_t)1 << 20) /* bytes */

Status documents_open(Err *e, Arena *a, const char *path, Documents *out)
{
    Arena *scratch = arena_child(e, a);
    Source source;
    File *f;
    Bytes b;

    *out = (Documents){.path = path};
    if (!scratch)
        return err_failed(e->code);
    TRY(file_open(e, a, path, &f));
    TRY(file_map(e, f, &b));
    if (source_read(e, a, path, b, &source))
        return err_while(e, "reading \"%s\" as plain text", path);
    out->bytes = (int64_t)b.n;
    out->encoding = source.encoding;
    out->text = source.text;
    out->n = source.n;
    TRY(sha256_file(e, scratch, path, out->fingerprint));
    arena_free(scratch);
    return E_OK;
}

/* The line at `at`: where the next begins; blank tells whether nothing stands in it. */
static size_t line_end(const Documents *d, size_t at, bool *blank)
{
    const char *nl = memchr(d->text + at, '\n', d->n - at);
    size_t end = nl ? (size_t)(nl - d->text) + 1 : d->n;

    *blank = true;
    for (size_t i = at; *blank && i < end; i++)
        *blank = memchr(" \t\r\n", d->text[i], 4) != NULL;
    return end;
}

bool documents_next(Documents *d, Cell *out)
{
    size_t begin = d->at, end;
    bool blank = true;

    while (begin < d->n && (end = line_end(d, begin, &blank), blank))
        begin = end;
    if (begin >= d->n)
        return false;
    for (size_t at = end = line_end(d, begin, &blank); at < d->n && at - begin < DOCUMENT_MAX;) {
        at = line_end(d, at, &blank);
        if (blank)
            break;
        end = at;
    }
    d->at = end;
    while (end > begin && memchr("\r\n", d->text[end - 1], 2))
        end--;
    *out = (Cell){d->text + begin, end - begin};
    d->count++;
    return true;
}

/* SPDX-License-Identifier: MIT */
