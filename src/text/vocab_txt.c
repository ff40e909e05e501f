/* vocab_txt.c - reads vocab.txt, one piece a line, id = line - 1, with what tokenizer_config.json says of
 * it: do_lower_case, strip_accents, tokenize_chinese_chars and the names of the special tokens. */
#include <string.h>

#include "text/fields.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

/* The keys that matter here; the others are other tools' and skipped. */
typedef struct Config {
    int lower, strip, han; /* -1: absent or null */
    Text unk, cls, sep, pad, mask;
} Config;

/* One piece a line; a final line end, LF or CRLF, and a byte order mark are not part of any. */
static Status lines_read(Err *e, Arena *a, Bytes text, PieceEntry **entry, size_t *n)
{
    const char *p = (const char *)text.data, *end = p + text.n;
    size_t cap = 0, at;

    *n = 0;
    if (text.n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
        p += 3;
    while (end > p && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    while (p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
        size_t len = (size_t)(stop - p);
        long long line = (long long)*n + 1;

        len -= len && nl && p[len - 1] == '\r';
        if (!len)
            return fail(e, E_DATA, "line %lld is empty", line);
        if (memchr(p, '\r', len))
            return fail(e, E_DATA, "line %lld holds a carriage return", line);
        if (!utf8_valid(p, len, &at))
            return fail(e, E_DATA, "line %lld is not UTF-8 at column %zu", line, at + 1);
        TRY(GROW(e, a, *entry, cap, *n + 1));
        (*entry)[*n] = (PieceEntry){p, len, (int64_t)*n, line};
        ++*n;
        p = nl ? nl + 1 : end;
    }
    return E_OK;
}

/* Without a config, a vocabulary that has capitals beyond its [SPECIAL] tokens keeps case. */
static bool looks_cased(const PieceEntry *entry, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (entry[i].s[0] != '[' && entry[i].s[0] != '<')
            for (size_t k = 0; k < entry[i].n; k++)
                if (entry[i].s[k] >= 'A' && entry[i].s[k] <= 'Z')
                    return true;
    return false;
}

/* "[CLS]", or {"content": "[CLS]", ...} as newer files write it. */
static Status name_read(Err *e, FieldReader *r, const JsonToken *v, Text *out)
{
    static const Field field[] = {{"content", FIELD_TEXT, 0, NULL}};
    UnknownField unknown = {0};

    if (v->kind == JSON_NULL)
        return E_OK;
    *out = (Text){0};
    if (v->kind == JSON_OBJECT)
        TRY(fields_read(e, r, v, FIELDS("a special token", field), out, &unknown));
    if (v->kind == JSON_STRING)
        *out = (Text){v->text, v->len};
    if (!out->s || !out->n || out->n > TOKENIZER_ADDED_MAX || memchr(out->s, 0, out->n))
        return json_fail(e, r->scan, v->offset, "this is not the name of a special token");
    return E_OK;
}

static Status read_unk(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    return name_read(e, r, v, &((Config *)into)->unk);
}

static Status read_cls(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    return name_read(e, r, v, &((Config *)into)->cls);
}

static Status read_sep(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    return name_read(e, r, v, &((Config *)into)->sep);
}

static Status read_pad(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    return name_read(e, r, v, &((Config *)into)->pad);
}

static Status read_mask(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    return name_read(e, r, v, &((Config *)into)->mask);
}

static Status config_read(Err *e, Arena *a, const SavedFile *f, Config *out)
{
    static const Field field[] = {
        {"do_lower_case", FIELD_MAYBE, offsetof(Config, lower), NULL},
        {"strip_accents", FIELD_MAYBE, offsetof(Config, strip), NULL},
        {"tokenize_chinese_chars", FIELD_MAYBE, offsetof(Config, han), NULL},
        {"unk_token", FIELD_READ, 0, read_unk},
        {"cls_token", FIELD_READ, 0, read_cls},
        {"sep_token", FIELD_READ, 0, read_sep},
        {"pad_token", FIELD_READ, 0, read_pad},
        {"mask_token", FIELD_READ, 0, read_mask},
    };

    return f ? fields_read_file(e, a, f->path, f->bytes, FIELDS("tokenizer_config.json", field),
                                out)
             : E_OK;
}

/* A special token is matched in the text as written.  id: -1 when it is not there and need not be. */
static Status special_add(Err *e, Arena *a, Tokenizer *t, const char *key, Text name, int32_t *id)
{
    bool needed = *id >= 0;

    *id = vocabulary_find(t, name.s, name.n);
    if (*id < 0 && needed)
        return fail(e, E_DATA, "%s \"%.*s\" is not in the vocabulary", key, TEXT_SHOWN(name));
    for (size_t i = 0; i < t->added_n; i++)
        if (t->added[i].id == *id)
            return E_OK;
    if (*id < 0)
        return E_OK;
    TRY(GROW(e, a, t->added, t->added_cap, t->added_n + 1));
    t->added[t->added_n++] =
        (AddedToken){.content = t->piece[*id], .n = name.n, .id = *id, .special = true};
    return E_OK;
}

static Status config_apply(Err *e, Arena *a, Tokenizer *t, const Config *c, bool cased)
{
    BertNormalizer *n = &t->norm;
    int32_t cls = 0, sep = 0, pad = -1, mask = -1;

    n->clean = true;
    n->lower = c->lower < 0 ? !cased : c->lower;
    n->strip = c->strip < 0 ? n->lower : c->strip;
    n->han = c->han != 0;
    bert_prepare(n);
    TRY(special_add(e, a, t, "unk_token", c->unk, &t->unk));
    TRY(special_add(e, a, t, "cls_token", c->cls, &cls));
    TRY(special_add(e, a, t, "sep_token", c->sep, &sep));
    TRY(special_add(e, a, t, "pad_token", c->pad, &pad));
    TRY(special_add(e, a, t, "mask_token", c->mask, &mask));
    template_bert(t, cls, sep);
    return added_build(e, a, t);
}

Status vocab_txt_read(Err *e, Arena *a, Tokenizer *t, Bytes text, const SavedFile *config)
{
    Config c = {-1, -1, -1, {"[UNK]", 5}, {"[CLS]", 5}, {"[SEP]", 5}, {"[PAD]", 5}, {"[MASK]", 6}};
    PieceEntry *entry = NULL;
    size_t n;

    TRY(config_read(e, a, config, &c));
    TRY(lines_read(e, a, text, &entry, &n));
    TRY(vocabulary_build(e, a, t, entry, n, "line"));
    TRY(vocabulary_prefix(e, a, t, "##", 2));
    t->word_max = 100;
    t->decode = DECODE_WORDPIECE;
    t->decode_cleanup = true;
    return config_apply(e, a, t, &c, looks_cased(entry, n));
}

/* SPDX-License-Identifier: MIT */
