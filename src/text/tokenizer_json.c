/* tokenizer_json.c - reads tokenizer.json: normalizer, pre_tokenizer, model, post_processor, decoder and
 * added_tokens of a WordPiece tokenizer.  A component of another type is a named error, never ignored;
 * truncation and padding are the caller's affair and are skipped.  Sections come in any order, so all is
 * collected first and put together at the end. */
#include <string.h>

#include "text/fields.h"
#include "text/template.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

#define JSON_LEVELS 32

typedef struct NormalizerSection {
    bool present;
    size_t offset;
    Text type;
    bool clean_text, handle_chinese_chars, lowercase;
    int strip_accents;
    UnknownField unknown;
} NormalizerSection;

typedef struct PlainSection { /* pre_tokenizer */
    bool present;
    size_t offset;
    Text type;
    UnknownField unknown;
} PlainSection;

typedef struct DecoderSection {
    bool present, cleanup;
    size_t offset;
    Text type, prefix;
    UnknownField unknown;
} DecoderSection;

typedef struct ModelSection {
    bool present;
    size_t offset;
    Text type, unk_token, prefix;
    int64_t max_chars;
    PieceEntry *entry;
    size_t n, cap;
    UnknownField unknown;
} ModelSection;

typedef struct Sections {
    NormalizerSection normalizer;
    PlainSection pre;
    DecoderSection decoder;
    ModelSection model;
    PostProcessor post;
    AddedToken *added;
    size_t added_n, added_cap;
} Sections;

static Status read_normalizer(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    static const Field field[] = {
        {"type", FIELD_TEXT, offsetof(NormalizerSection, type), NULL},
        {"clean_text", FIELD_BOOL, offsetof(NormalizerSection, clean_text), NULL},
        {"handle_chinese_chars", FIELD_BOOL, offsetof(NormalizerSection, handle_chinese_chars),
         NULL},
        {"strip_accents", FIELD_MAYBE, offsetof(NormalizerSection, strip_accents), NULL},
        {"lowercase", FIELD_BOOL, offsetof(NormalizerSection, lowercase), NULL},
    };
    NormalizerSection *s = &((Sections *)into)->normalizer;

    if (v->kind == JSON_NULL)
        return E_OK;
    *s = (NormalizerSection){.present = true,
                             .offset = v->offset,
                             .clean_text = true,
                             .handle_chinese_chars = true,
                             .lowercase = true,
                             .strip_accents = -1};
    return fields_read(e, r, v, FIELDS("normalizer", field), s, &s->unknown);
}

static Status read_pre_tokenizer(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    static const Field field[] = {{"type", FIELD_TEXT, offsetof(PlainSection, type), NULL}};
    PlainSection *s = &((Sections *)into)->pre;

    s->offset = v->offset;
    if (v->kind == JSON_NULL)
        return E_OK;
    s->present = true;
    return fields_read(e, r, v, FIELDS("pre_tokenizer", field), s, &s->unknown);
}

static Status read_decoder(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    static const Field field[] = {
        {"type", FIELD_TEXT, offsetof(DecoderSection, type), NULL},
        {"prefix", FIELD_TEXT, offsetof(DecoderSection, prefix), NULL},
        {"cleanup", FIELD_BOOL, offsetof(DecoderSection, cleanup), NULL},
    };
    DecoderSection *s = &((Sections *)into)->decoder;

    if (v->kind == JSON_NULL)
        return E_OK;
    *s = (DecoderSection){.present = true, .offset = v->offset, .cleanup = true};
    return fields_read(e, r, v, FIELDS("decoder", field), s, &s->unknown);
}

/* The pieces, {"[PAD]": 0, ...}; other models keep a list here, which their type will name. */
static Status read_vocab(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    ModelSection *m = into;
    JsonToken k, x;

    if (v->kind != JSON_OBJECT)
        return json_skip(e, r->scan, v);
    for (;;) {
        TRY(json_next(e, r->scan, &k));
        if (k.kind == JSON_OBJECT_END)
            return E_OK;
        TRY(json_next(e, r->scan, &x));
        if (x.kind != JSON_NUMBER || !x.is_integer)
            return json_fail(e, r->scan, x.offset, "the id of piece \"%.*s\" is not an integer",
                             TEXT_SHOWN(((Text){k.text, k.len})));
        TRY(GROW(e, r->a, m->entry, m->cap, m->n + 1));
        m->entry[m->n++] = (PieceEntry){k.text, k.len, x.integer, (int64_t)k.offset};
    }
}

static Status read_model(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    static const Field field[] = {
        {"type", FIELD_TEXT, offsetof(ModelSection, type), NULL},
        {"unk_token", FIELD_TEXT, offsetof(ModelSection, unk_token), NULL},
        {"continuing_subword_prefix", FIELD_TEXT, offsetof(ModelSection, prefix), NULL},
        {"max_input_chars_per_word", FIELD_INT, offsetof(ModelSection, max_chars), NULL},
        {"vocab", FIELD_READ, 0, read_vocab},
    };
    ModelSection *m = &((Sections *)into)->model;

    *m = (ModelSection){.present = true, .offset = v->offset, .max_chars = -1};
    return fields_read(e, r, v, FIELDS("model", field), m, &m->unknown);
}

typedef struct AddedRow {
    int64_t id;
    Text content;
    bool single_word, lstrip, rstrip, normalized, special;
} AddedRow;

static Status added_check(Err *e, FieldReader *r, const JsonToken *v, const AddedRow *row)
{
    size_t at;

    if (!row->content.n)
        return json_fail(e, r->scan, v->offset, "an added token is empty");
    if (row->content.n > TOKENIZER_ADDED_MAX)
        return json_fail(e, r->scan, v->offset, "an added token of %zu bytes; at most %zu are read",
                         row->content.n, TOKENIZER_ADDED_MAX);
    if (!utf8_valid(row->content.s, row->content.n, &at))
        return json_fail(e, r->scan, v->offset, "an added token is not UTF-8 at its byte %zu",
                         at + 1);
    if (row->id < 0 || row->id >= TOKENIZER_ID_MAX)
        return json_fail(
            e, r->scan, v->offset, "added token \"%.*s\" has id %lld; ids lie in 0..%lld",
            TEXT_SHOWN(row->content), (long long)row->id, (long long)TOKENIZER_ID_MAX - 1);
    if (row->normalized)
        return json_fail(
            e, r->scan, v->offset,
            "added token \"%.*s\" is matched in normalised text, which is not read yet",
            TEXT_SHOWN(row->content));
    return E_OK;
}

static Status read_added(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    static const Field field[] = {
        {"id", FIELD_INT, offsetof(AddedRow, id), NULL},
        {"content", FIELD_TEXT, offsetof(AddedRow, content), NULL},
        {"single_word", FIELD_BOOL, offsetof(AddedRow, single_word), NULL},
        {"lstrip", FIELD_BOOL, offsetof(AddedRow, lstrip), NULL},
        {"rstrip", FIELD_BOOL, offsetof(AddedRow, rstrip), NULL},
        {"normalized", FIELD_BOOL, offsetof(AddedRow, normalized), NULL},
        {"special", FIELD_BOOL, offsetof(AddedRow, special), NULL},
    };
    Sections *s = into;
    JsonToken x;

    if (v->kind == JSON_NULL)
        return E_OK;
    if (v->kind != JSON_ARRAY)
        return json_fail(e, r->scan, v->offset, "\"added_tokens\" is not an array");
    for (;;) {
        AddedRow row = {.id = -1};

        TRY(json_next(e, r->scan, &x));
        if (x.kind == JSON_ARRAY_END)
            return E_OK;
        TRY(fields_read(e, r, &x, FIELDS("an added token", field), &row, NULL));
        TRY(added_check(e, r, &x, &row));
        TRY(GROW(e, r->a, s->added, s->added_cap, s->added_n + 1));
        char *content = arena_strndup(e, r->a, row.content.s, row.content.n);
        if (!content)
            return err_failed(e->code);
        s->added[s->added_n++] =
            (AddedToken){content,         row.content.n, (int32_t)row.id, row.special,
                         row.single_word, row.lstrip,    row.rstrip};
    }
}

static Status read_post_processor(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    return post_processor_read(e, r, v, &((Sections *)into)->post);
}

/* A section must be of the type that is read here and hold nothing unknown. */
static Status type_check(Err *e, const FieldReader *r, const char *what, Text type,
                         const char *wanted, size_t offset, const UnknownField *unknown)
{
    if (!text_is(type, wanted))
        return json_fail(e, r->scan, offset, "%s type %s%.*s is not read yet", what,
                         type.s ? "" : "(none)", TEXT_SHOWN(type));
    if (unknown->name.s)
        return json_fail(e, r->scan, unknown->offset, "%s has \"%.*s\", which is not read yet",
                         what, TEXT_SHOWN(unknown->name));
    return E_OK;
}

static Status types_check(Err *e, const FieldReader *r, Sections *s)
{
    ModelSection *m = &s->model;

    if (!m->present)
        return json_fail(e, r->scan, 0, "there is no \"model\"");
    if (!m->type.s && m->max_chars >= 0) /* files of tokenizers before 0.8 do not say it */
        m->type = (Text){"WordPiece", 9};
    TRY(type_check(e, r, "model", m->type, "WordPiece", m->offset, &m->unknown));
    if (s->normalizer.present)
        TRY(type_check(e, r, "normalizer", s->normalizer.type, "BertNormalizer",
                       s->normalizer.offset, &s->normalizer.unknown));
    TRY(type_check(e, r, "pre_tokenizer", s->pre.type, "BertPreTokenizer", s->pre.offset,
                   &s->pre.unknown));
    if (s->decoder.present)
        TRY(type_check(e, r, "decoder", s->decoder.type, "WordPiece", s->decoder.offset,
                       &s->decoder.unknown));
    return E_OK;
}

static Status model_resolve(Err *e, FieldReader *r, const ModelSection *m, Tokenizer *t)
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

static void normalizer_resolve(const NormalizerSection *s, BertNormalizer *n)
{
    n->clean = s->present && s->clean_text;
    n->han = s->present && s->handle_chinese_chars;
    n->lower = s->present && s->lowercase;
    n->strip = s->present && (s->strip_accents < 0 ? s->lowercase : s->strip_accents);
    bert_prepare(n);
}

Status tokenizer_json_read(Err *e, Arena *a, Tokenizer *t, Bytes text)
{
    static const Field field[] = {
        {"version", FIELD_SKIP, 0, NULL},
        {"truncation", FIELD_SKIP, 0, NULL},
        {"padding", FIELD_SKIP, 0, NULL},
        {"added_tokens", FIELD_READ, 0, read_added},
        {"normalizer", FIELD_READ, 0, read_normalizer},
        {"pre_tokenizer", FIELD_READ, 0, read_pre_tokenizer},
        {"post_processor", FIELD_READ, 0, read_post_processor},
        {"decoder", FIELD_READ, 0, read_decoder},
        {"model", FIELD_READ, 0, read_model},
    };
    Sections *s = NEW(e, a, Sections);
    FieldReader r = {.a = a};
    JsonToken v;

    if (!s)
        return err_failed(e->code);
    TRY(json_open(e, a, t->path, text.data, text.n, JSON_LEVELS, &r.scan));
    TRY(json_next(e, r.scan, &v));
    TRY(fields_read(e, &r, &v, FIELDS("tokenizer.json", field), s, NULL));
    TRY(json_expect(e, r.scan, JSON_END, &v));
    TRY(types_check(e, &r, s));
    normalizer_resolve(&s->normalizer, &t->norm);
    TRY(model_resolve(e, &r, &s->model, t));
    t->added = s->added;
    t->added_n = s->added_n;
    TRY(added_build(e, a, t));
    t->decode_pieces = s->decoder.present;
    t->decode_cleanup = s->decoder.present && s->decoder.cleanup;
    if (s->decoder.present && s->decoder.prefix.s && !text_is(s->decoder.prefix, t->prefix))
        return json_fail(e, r.scan, s->decoder.offset,
                         "decoder prefix \"%.*s\" is not the model's \"%s\"",
                         TEXT_SHOWN(s->decoder.prefix), t->prefix);
    return post_processor_resolve(e, &r, &s->post, t);
}

/* SPDX-License-Identifier: MIT */
