/* model_json.c - reads the model section of tokenizer.json.  Its keys come in any order and the type may be the
 * last, so that all are read and then what does not belong to the type is refused. */
#include <string.h>

#include "text/model_json.h"

#define ABSENT (-2)

/* The pieces, {"[PAD]": 0, ...}; other models keep a list here, which their type will name. */
Status pieces_read(Err *e, FieldReader *r, const JsonToken *v, PieceEntry **entry, size_t *n)
{
    JsonToken k, x;
    size_t cap = 0;

    if (v->kind != JSON_OBJECT)
        return json_skip(e, r->scan, v);
    for (*n = 0;; ++*n) {
        TRY(json_next(e, r->scan, &k));
        if (k.kind == JSON_OBJECT_END)
            return E_OK;
        TRY(json_next(e, r->scan, &x));
        if (x.kind != JSON_NUMBER || !x.is_integer)
            return json_fail(e, r->scan, x.offset, "the id of piece \"%.*s\" is not an integer",
                             TEXT_SHOWN(((Text){k.text, k.len})));
        TRY(GROW(e, r->a, *entry, cap, *n + 1));
        (*entry)[*n] = (PieceEntry){k.text, k.len, x.integer, (int64_t)k.offset};
    }
}

static Status read_vocab(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    ModelSection *m = into;
    return pieces_read(e, r, v, &m->entry, &m->n);
}

bool merge_split(const char *s, size_t n, MergeRow *out)
{
    const char *gap = memchr(s, ' ', n);
    size_t k = gap ? (size_t)(gap - s) : n;

    if (!gap || memchr(gap + 1, ' ', n - k - 1))
        return false;
    out->left = (Text){s, k};
    out->right = (Text){gap + 1, n - k - 1};
    return true;
}

/* ["a", "b"] or "a b" */
static Status merge_read(Err *e, FieldReader *r, const JsonToken *v, MergeRow *out)
{
    JsonToken x;

    if (v->kind == JSON_STRING && merge_split(v->text, v->len, out))
        return E_OK;
    if (v->kind != JSON_ARRAY)
        return json_fail(e, r->scan, v->offset, "a merge is neither \"a b\" nor [\"a\", \"b\"]");
    TRY(json_expect(e, r->scan, JSON_STRING, &x));
    out->left = (Text){x.text, x.len};
    TRY(json_expect(e, r->scan, JSON_STRING, &x));
    out->right = (Text){x.text, x.len};
    return json_expect(e, r->scan, JSON_ARRAY_END, &x);
}

static Status read_merges(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    ModelSection *m = into;
    JsonToken x;

    m->has_merges = true;
    if (v->kind != JSON_ARRAY)
        return json_fail(e, r->scan, v->offset, "\"merges\" is not an array");
    for (;;) {
        TRY(json_next(e, r->scan, &x));
        if (x.kind == JSON_ARRAY_END)
            return E_OK;
        if (x.kind == JSON_STRING && !strncmp(x.text, "#version", 8))
            continue;
        TRY(GROW(e, r->a, m->merge, m->merges_cap, m->merges + 1));
        m->merge[m->merges] = (MergeRow){.where = (int64_t)x.offset};
        TRY(merge_read(e, r, &x, &m->merge[m->merges++]));
    }
}

/* A dropout of 0 is none. */
static Status read_dropout(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    ModelSection *m = into;
    bool none = v->kind == JSON_NULL || (v->kind == JSON_NUMBER && v->number == 0);

    if (!none)
        m->dropout = (UnknownField){{"dropout", 7}, v->offset};
    return json_skip(e, r->scan, v);
}

Status model_read(Err *e, FieldReader *r, const JsonToken *v, ModelSection *m)
{
    static const Field field[] = {
        {"type", FIELD_TEXT, offsetof(ModelSection, type), NULL},
        {"unk_token", FIELD_TEXT, offsetof(ModelSection, unk_token), NULL},
        {"continuing_subword_prefix", FIELD_TEXT, offsetof(ModelSection, prefix), NULL},
        {"end_of_word_suffix", FIELD_TEXT, offsetof(ModelSection, suffix), NULL},
        {"max_input_chars_per_word", FIELD_INT, offsetof(ModelSection, max_chars), NULL},
        {"fuse_unk", FIELD_MAYBE, offsetof(ModelSection, fuse_unk), NULL},
        {"byte_fallback", FIELD_MAYBE, offsetof(ModelSection, byte_fallback), NULL},
        {"ignore_merges", FIELD_MAYBE, offsetof(ModelSection, ignore_merges), NULL},
        {"dropout", FIELD_READ, 0, read_dropout},
        {"vocab", FIELD_READ, 0, read_vocab},
        {"merges", FIELD_READ, 0, read_merges},
    };

    *m = (ModelSection){.present = true,
                        .offset = v->offset,
                        .max_chars = -1,
                        .fuse_unk = ABSENT,
                        .byte_fallback = ABSENT,
                        .ignore_merges = ABSENT};
    return fields_read(e, r, v, FIELDS("model", field), m, &m->unknown);
}

static Status foreign(Err *e, const FieldReader *r, size_t offset, const char *name)
{
    return json_fail(e, r->scan, offset, "model has \"%s\", which is not read yet", name);
}

static Status check_wordpiece(Err *e, const FieldReader *r, const ModelSection *m)
{
    const struct {
        const char *name;
        bool given;
    } row[] = {
        {"fuse_unk", m->fuse_unk != ABSENT},
        {"byte_fallback", m->byte_fallback != ABSENT},
        {"ignore_merges", m->ignore_merges != ABSENT},
        {"end_of_word_suffix", m->suffix.s},
        {"dropout", m->dropout.name.s},
        {"merges", m->has_merges},
    };

    for (size_t i = 0; i < LEN(row); i++)
        if (row[i].given)
            return foreign(e, r, m->offset, row[i].name);
    return E_OK;
}

static Status check_bpe(Err *e, const FieldReader *r, const ModelSection *m)
{
    if (m->max_chars >= 0)
        return foreign(e, r, m->offset, "max_input_chars_per_word");
    if (m->dropout.name.s)
        return json_fail(e, r->scan, m->dropout.offset,
                         "a dropout of merges is not read yet; only null is");
    if (m->byte_fallback == 1)
        return json_fail(e, r->scan, m->offset, "byte_fallback of a BPE model is not read yet");
    if (m->prefix.n)
        return json_fail(e, r->scan, m->offset,
                         "continuing_subword_prefix \"%.*s\" of a BPE model is not read yet",
                         TEXT_SHOWN(m->prefix));
    if (m->suffix.n)
        return json_fail(e, r->scan, m->offset,
                         "end_of_word_suffix \"%.*s\" of a BPE model is not read yet",
                         TEXT_SHOWN(m->suffix));
    return m->has_merges ? E_OK : json_fail(e, r->scan, m->offset, "a BPE model has no \"merges\"");
}

Status model_check(Err *e, const FieldReader *r, ModelSection *m)
{
    if (!m->present)
        return json_fail(e, r->scan, 0, "there is no \"model\"");
    if (!m->type.s && m->max_chars >= 0) /* files of tokenizers before 0.8 do not say it */
        m->type = (Text){"WordPiece", 9};
    if (!m->type.s && m->has_merges)
        m->type = (Text){"BPE", 3};
    bool bpe = text_is(m->type, "BPE");
    if (!bpe && !text_is(m->type, "WordPiece"))
        return json_fail(e, r->scan, m->offset, "model type %s%.*s is not read yet",
                         m->type.s ? "" : "(none)", TEXT_SHOWN(m->type));
    if (m->unknown.name.s)
        return json_fail(e, r->scan, m->unknown.offset, "model has \"%.*s\", which is not read yet",
                         TEXT_SHOWN(m->unknown.name));
    return bpe ? check_bpe(e, r, m) : check_wordpiece(e, r, m);
}

Status model_wordpiece(Err *e, FieldReader *r, const ModelSection *m, Tokenizer *t)
{
    Text unk = m->unk_token.s ? m->unk_token : (Text){"[UNK]", 5};
    Text prefix = m->prefix.s ? m->prefix : (Text){"##", 2};
    int64_t most = m->max_chars >= 0 ? m->max_chars : 100;

    if (most < 1 || most > TOKENIZER_WORD_MAX)
        return json_fail(e, r->scan, m->offset, "max_input_chars_per_word is %lld; 1 to %d is read",
                         (long long)most, TOKENIZER_WORD_MAX);
    t->word_max = (int)most;
    TRY(vocabulary_build(e, r->a, t, m->entry, m->n, "byte"));
    t->unk = vocabulary_find(t, unk.s, unk.n);
    if (t->unk < 0)
        return json_fail(e, r->scan, m->offset, "unk_token \"%.*s\" is not in the vocabulary",
                         TEXT_SHOWN(unk));
    return vocabulary_prefix(e, r->a, t, prefix.s, prefix.n);
}

Status model_bpe(Err *e, FieldReader *r, const ModelSection *m, bool prefix_space, bool words,
                 Tokenizer *t)
{
    BpeOptions o = {.unk = m->unk_token,
                    .fuse_unk = m->fuse_unk == 1,
                    .ignore_merges = m->ignore_merges == 1,
                    .prefix_space = prefix_space,
                    .words = words};

    TRY(vocabulary_build(e, r->a, t, m->entry, m->n, "byte"));
    return bpe_build(e, r->a, t, &o, m->merge, m->merges, "byte");
}

/* SPDX-License-Identifier: MIT */
