/* token_rows.c - plain text as one stream of tokens, cut into rows without padding: documents follow one another with
 * a token between them (Radford et al. 2019; Liu et al. 2019, "full sentences"), and a row may hold the end of one and
 * the beginning of the next. */
#include "task/token_rows.h"

#include <string.h>

#define ROW_MIN 3 /* tokens of the text itself: of fewer there is little to ask */

typedef struct Stream {
    int32_t *id;
    size_t cap;
    int64_t n;
} Stream;

static Status add(Err *e, Arena *a, const Model *m, const int32_t *id, int64_t n, int32_t end,
                  Stream *s)
{
    TRY(GROW(e, a, s->id, s->cap, s->n + n + 1));
    for (int64_t k = 0; k < n; k++) {
        if (id[k] < 0 || id[k] >= m->vocab) {
            fail(e, E_DATA, "the tokenizer gives token %d, but the model knows %lld", id[k],
                 (long long)m->vocab);
            return err_note(e, "folder", "%s", m->folder);
        }
        s->id[s->n++] = id[k];
    }
    if (end >= 0)
        s->id[s->n++] = end;
    return E_OK;
}

/* What the tokenizer puts around a text, and what ends a document. */
static Status find_special(Err *e, Arena *a, const RowSource *from, TokenRows *r, Tokens *tokens)
{
    const Model *m = from->model;
    int64_t end = -1;

    TRY(tokenizer_encode(e, a, from->tokenizer, "", 0, NULL, 0, 0, tokens));
    r->before = tokens->n > 0 ? tokens->id[0] : -1;
    r->after = tokens->n > 1 ? tokens->id[tokens->n - 1] : -1;
    TRY(config_int(e, &m->config, "eos_token_id", 0, m->vocab - 1, &end));
    r->end = from->around ? r->after : (int32_t)end;
    return E_OK;
}

Status token_rows_read(Err *e, Arena *a, const RowSource *from, TokenRows *out)
{
    Arena *scratch = arena_child(e, a);
    Tokens tokens = {0};
    Documents d;
    Stream s = {0};
    Cell text;

    *out = (TokenRows){0};
    if (!scratch)
        return err_failed(e->code);
    TRY(find_special(e, scratch, from, out, &tokens));
    int64_t first = out->before >= 0, both = first + (out->after >= 0);
    TRY(documents_open(e, scratch, from->path, &d));
    while (documents_next(&d, &text)) {
        if (d.count % 64 == 0 && event_stop(from->events))
            return fail(e, E_STOPPED, "stopped while reading the texts");
        if (tokenizer_encode(e, scratch, from->tokenizer, text.s, text.n, NULL, 0, 0, &tokens))
            return err_while(e, "reading document %lld of \"%s\"", (long long)d.count, from->path);
        TRY(add(e, a, from->model, tokens.id + first, (int64_t)tokens.n - both, out->end, &s));
    }
    if (!from->around)
        out->before = out->after = -1;
    out->id = s.id;
    out->n = s.n;
    out->documents = d.count;
    out->bytes = d.bytes;
    out->encoding = arena_strndup(e, a, d.encoding, strlen(d.encoding));
    out->fingerprint = arena_strndup(e, a, d.fingerprint, 64);
    arena_free(scratch);
    return out->encoding && out->fingerprint ? E_OK : e->code;
}

/* Tokens of the text itself in a row. */
static int64_t inner(const TokenRows *r)
{
    return r->length - (r->before >= 0) - (r->after >= 0);
}

Status token_rows_cut(Err *e, TokenRows *r, const char *path, int64_t length, double share)
{
    r->length = length;
    r->rows = r->n / inner(r);
    r->rows += r->n - r->rows * inner(r) >= ROW_MIN;
    int64_t held = (int64_t)((double)r->rows * share + 0.5);
    if (share > 0 && held == 0)
        held = 1;
    r->train = r->rows - held;
    if (r->train > 0)
        return E_OK;
    fail(e, E_DATA, "there is too little text to learn from");
    err_note(e, "file", "%s", path);
    err_note(e, "found", "%lld tokens: rows of %lld: %lld, of them held out: %lld", (long long)r->n,
             (long long)length, (long long)r->rows, (long long)held);
    return err_note(e, "hint",
                    "--length makes rows shorter; --valid-share 0 learns from all of them");
}

int64_t token_row_inner(const TokenRows *r, int64_t row, const int32_t **id)
{
    int64_t at = row * inner(r), left = r->n - at;

    *id = r->id + at;
    return left < inner(r) ? left : inner(r);
}

int64_t token_row(const TokenRows *r, int64_t row, int32_t *id)
{
    const int32_t *from;
    int64_t n = token_row_inner(r, row, &from), k = 0;

    if (r->before >= 0)
        id[k++] = r->before;
    memcpy(id + k, from, (size_t)n * sizeof *id);
    k += n;
    if (r->after >= 0)
        id[k++] = r->after;
    return k;
}

/* SPDX-License-Identifier: MIT */
