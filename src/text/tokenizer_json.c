/* tokenizer_json.c - reads tokenizer.json: normalizer, pre_tokenizer, model, post_processor, decoder and
 * added_tokens of a WordPiece or a byte-level BPE tokenizer.  A component of another type is a named error, never ignored;
 * truncation and padding are the caller's affair and are skipped.  Sections come in any order, so all is
 * collected first and put together at the end. */
#include <string.h>

#include "text/fields.h"
#include "text/model_json.h"
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

typedef struct PreSection { /* pre_tokenizer; -1: not said */
    bool present;
    size_t offset;
    Text type;
    int add_prefix_space, trim_offsets, use_regex;
    UnknownField unknown;
} PreSection;

typedef struct DecoderSection {
    bool present, cleanup;
    int add_prefix_space, trim_offsets, use_regex; /* ByteLevel has them and does not look */
    size_t offset;
    Text type, prefix;
    UnknownField unknown;
} DecoderSection;

typedef struct Sections {
    NormalizerSection normalizer;
    PreSection pre;
    DecoderSection decoder;
    ModelSection model;
    PostProcessor post;
    AddedToken *added;
    size_t added_n, added_cap;
    UnknownField normalized; /* an added token matched in normalised text */
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

#define BYTE_LEVEL_FIELDS(Section)                                                                 \
    {"add_prefix_space", FIELD_MAYBE, offsetof(Section, add_prefix_space), NULL},                  \
        {"trim_offsets", FIELD_MAYBE, offsetof(Section, trim_offsets), NULL},                      \
    {                                                                                              \
        "use_regex", FIELD_MAYBE, offsetof(Section, use_regex), NULL                               \
    }

static Status read_pre_tokenizer(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    static const Field field[] = {{"type", FIELD_TEXT, offsetof(PreSection, type), NULL},
                                  BYTE_LEVEL_FIELDS(PreSection)};
    PreSection *s = &((Sections *)into)->pre;

    *s = (PreSection){
        .offset = v->offset, .add_prefix_space = -1, .trim_offsets = -1, .use_regex = -1};
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
        BYTE_LEVEL_FIELDS(DecoderSection),
    };
    DecoderSection *s = &((Sections *)into)->decoder;

    if (v->kind == JSON_NULL)
        return E_OK;
    *s = (DecoderSection){.present = true, .offset = v->offset, .cleanup = true};
    return fields_read(e, r, v, FIELDS("decoder", field), s, &s->unknown);
}

static Status read_model(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    return model_read(e, r, v, &((Sections *)into)->model);
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
                         row.single_word, row.lstrip,    row.rstrip,      row.normalized};
        if (row.normalized)
            s->normalized = (UnknownField){row.content, x.offset};
    }
}

static Status read_post_processor(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    return post_processor_read(e, r, v, &((Sections *)into)->post);
}

/* A section must be of the type that goes with the model and hold nothing unknown. */
static Status type_check(Err *e, const FieldReader *r, const char *what, Text type,
                         const char *wanted, size_t offset, const UnknownField *unknown)
{
    if (!text_is(type, wanted))
        return json_fail(e, r->scan, offset, "%s type %s%.*s is not read yet%s", what,
                         type.s ? "" : "(none)", TEXT_SHOWN(type),
                         !strcmp(wanted, "ByteLevel") ? " beside a BPE model" : "");
    if (unknown->name.s)
        return json_fail(e, r->scan, unknown->offset, "%s has \"%.*s\", which is not read yet",
                         what, TEXT_SHOWN(unknown->name));
    return E_OK;
}

static Status types_wordpiece(Err *e, const FieldReader *r, const Sections *s)
{
    if (s->normalizer.present)
        TRY(type_check(e, r, "normalizer", s->normalizer.type, "BertNormalizer",
                       s->normalizer.offset, &s->normalizer.unknown));
    TRY(type_check(e, r, "pre_tokenizer", s->pre.type, "BertPreTokenizer", s->pre.offset,
                   &s->pre.unknown));
    if (s->decoder.present)
        TRY(type_check(e, r, "decoder", s->decoder.type, "WordPiece", s->decoder.offset,
                       &s->decoder.unknown));
    if (s->normalized.name.s)
        return json_fail(
            e, r->scan, s->normalized.offset,
            "added token \"%.*s\" is matched in normalised text, which is not read yet",
            TEXT_SHOWN(s->normalized.name));
    return E_OK;
}

static Status types_bpe(Err *e, const FieldReader *r, const Sections *s)
{
    if (s->normalizer.present)
        return json_fail(e, r->scan, s->normalizer.offset,
                         "normalizer type %.*s is not read yet beside a BPE model",
                         TEXT_SHOWN(s->normalizer.type));
    TRY(type_check(e, r, "pre_tokenizer", s->pre.type, "ByteLevel", s->pre.offset,
                   &s->pre.unknown));
    if (s->decoder.present)
        TRY(type_check(e, r, "decoder", s->decoder.type, "ByteLevel", s->decoder.offset,
                       &s->decoder.unknown));
    return E_OK;
}

static void normalizer_resolve(const NormalizerSection *s, BertNormalizer *n)
{
    n->clean = s->present && s->clean_text;
    n->han = s->present && s->handle_chinese_chars;
    n->lower = s->present && s->lowercase;
    n->strip = s->present && (s->strip_accents < 0 ? s->lowercase : s->strip_accents);
    bert_prepare(n);
}

static Status decoder_resolve(Err *e, FieldReader *r, const DecoderSection *d, bool bpe,
                              Tokenizer *t)
{
    if (!d->present)
        return E_OK; /* pieces with a space between them */
    t->decode = bpe ? DECODE_BYTES : DECODE_WORDPIECE;
    t->decode_cleanup = !bpe && d->cleanup;
    if (!bpe && d->prefix.s && !text_is(d->prefix, t->prefix))
        return json_fail(e, r->scan, d->offset, "decoder prefix \"%.*s\" is not the model's \"%s\"",
                         TEXT_SHOWN(d->prefix), t->prefix);
    return E_OK;
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
    TRY(model_check(e, &r, &s->model));
    bool bpe = text_is(s->model.type, "BPE");
    TRY(bpe ? types_bpe(e, &r, s) : types_wordpiece(e, &r, s));
    if (bpe) {
        TRY(model_bpe(e, &r, &s->model, s->pre.add_prefix_space != 0, s->pre.use_regex != 0, t));
    } else {
        normalizer_resolve(&s->normalizer, &t->norm);
        TRY(model_wordpiece(e, &r, &s->model, t));
    }
    t->added = s->added;
    t->added_n = s->added_n;
    TRY(added_build(e, a, t));
    if (bpe)
        TRY(bpe_finish(e, a, t));
    TRY(decoder_resolve(e, &r, &s->decoder, bpe, t));
    return post_processor_resolve(e, &r, &s->post, t);
}

/* SPDX-License-Identifier: MIT */
