/* bpe_config.c - reads tokenizer_config.json, special_tokens_map.json, added_tokens.json and the model_type of
 * config.json for a tokenizer that comes as vocab.json and merges.txt.  Later files win over earlier ones, but
 * where tokenizer_config.json has added_tokens_decoder the other two are not asked, as in the reference. */
#include "text/bpe_config.h"

#include "text/utf8.h"

#include <string.h>

#define CONFIG_LEVELS 32

const char *const bpe_name_keys[NAMES] = {"unk_token", "bos_token", "eos_token", "sep_token",
                                          "cls_token", "pad_token", "mask_token"};

/* Classes and model types of one kind: their released vocabularies are read the same way. */
static const struct {
    const char *class, *type;
    BpeKind kind;
} kinds[] = {
    {"GPT2Tokenizer", "gpt2", BPE_GPT2},
    {NULL, "gpt_neo", BPE_GPT2},
    {"RobertaTokenizer", "roberta", BPE_ROBERTA},
    {"BartTokenizer", "bart", BPE_ROBERTA},
    {"LongformerTokenizer", "longformer", BPE_ROBERTA},
    {"LEDTokenizer", "led", BPE_ROBERTA},
};

/* "<s>", or {"content": "<s>", "lstrip": false, ...} */
static Status token_read(Err *e, FieldReader *r, const JsonToken *v, SpecialName *out)
{
    static const Field field[] = {
        {"content", FIELD_TEXT, offsetof(SpecialName, name), NULL},
        {"lstrip", FIELD_BOOL, offsetof(SpecialName, lstrip), NULL},
        {"rstrip", FIELD_BOOL, offsetof(SpecialName, rstrip), NULL},
        {"single_word", FIELD_BOOL, offsetof(SpecialName, single_word), NULL},
        {"normalized", FIELD_BOOL, offsetof(SpecialName, normalized), NULL},
    };
    UnknownField unknown = {0};
    bool lstrip = out->lstrip;
    size_t at;

    if (v->kind == JSON_NULL) {
        *out = (SpecialName){0};
        return E_OK;
    }
    *out = (SpecialName){.given = true};
    if (v->kind == JSON_OBJECT)
        TRY(fields_read(e, r, v, FIELDS("a special token", field), out, &unknown));
    if (v->kind == JSON_STRING) {
        out->name = (Text){v->text, v->len};
        out->lstrip = lstrip; /* the kind's habit: RoBERTa's mask takes the space before it */
    }
    if (!out->name.n || out->name.n > TOKENIZER_ADDED_MAX ||
        !utf8_valid(out->name.s, out->name.n, &at))
        return json_fail(e, r->scan, v->offset, "this is not the name of a special token");
    return E_OK;
}

#define NAME_READER(function, index)                                                               \
    static Status function(Err *e, FieldReader *r, const JsonToken *v, void *into)                 \
    {                                                                                              \
        return token_read(e, r, v, &((BpeConfig *)into)->name[index]);                             \
    }
NAME_READER(read_unk, NAME_UNK)
NAME_READER(read_bos, NAME_BOS)
NAME_READER(read_eos, NAME_EOS)
NAME_READER(read_sep, NAME_SEP)
NAME_READER(read_cls, NAME_CLS)
NAME_READER(read_pad, NAME_PAD)
NAME_READER(read_mask, NAME_MASK)

static Status read_extra(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    BpeConfig *c = into;
    JsonToken x;

    if (v->kind != JSON_ARRAY)
        return json_skip(e, r->scan, v);
    for (;;) {
        TRY(json_next(e, r->scan, &x));
        if (x.kind == JSON_ARRAY_END)
            return E_OK;
        TRY(GROW(e, r->a, c->extra, c->extras_cap, c->extras + 1));
        c->extra[c->extras] = (SpecialName){0};
        TRY(token_read(e, r, &x, &c->extra[c->extras++]));
    }
}

/* The id that a key of added_tokens_decoder is, or -1. */
static int64_t number_of(const char *s, size_t n)
{
    int64_t id = 0;

    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9' || id >= TOKENIZER_ID_MAX)
            return -1;
        id = 10 * id + (s[i] - '0');
    }
    return n && id < TOKENIZER_ID_MAX ? id : -1;
}

static Status row_add(Err *e, FieldReader *r, BpeConfig *c, const NumberedToken *row, size_t offset)
{
    if (row->id < 0 || row->id >= TOKENIZER_ID_MAX)
        return json_fail(e, r->scan, offset, "the id of an added token is not in 0..%lld",
                         (long long)TOKENIZER_ID_MAX - 1);
    TRY(GROW(e, r->a, c->row, c->rows_cap, c->rows + 1));
    c->row[c->rows++] = *row;
    return E_OK;
}

static Status read_special(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    (void)r;
    ((NumberedToken *)into)->special = v->kind == JSON_TRUE;
    return v->kind == JSON_TRUE || v->kind == JSON_FALSE
               ? E_OK
               : json_fail(e, r->scan, v->offset, "\"special\" is not true or false");
}

/* {"50264": {"content": "<mask>", "special": true, ...}, ...} */
static Status read_decoder(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    static const Field field[] = {
        {"content", FIELD_TEXT, offsetof(NumberedToken, token.name), NULL},
        {"lstrip", FIELD_BOOL, offsetof(NumberedToken, token.lstrip), NULL},
        {"rstrip", FIELD_BOOL, offsetof(NumberedToken, token.rstrip), NULL},
        {"single_word", FIELD_BOOL, offsetof(NumberedToken, token.single_word), NULL},
        {"normalized", FIELD_BOOL, offsetof(NumberedToken, token.normalized), NULL},
        {"special", FIELD_READ, 0, read_special},
    };
    BpeConfig *c = into;
    JsonToken k, x;
    size_t at;

    if (v->kind != JSON_OBJECT)
        return json_fail(e, r->scan, v->offset, "\"added_tokens_decoder\" is not an object");
    c->has_decoder = true;
    for (;;) {
        NumberedToken row = {0};
        UnknownField unknown = {0};

        TRY(json_next(e, r->scan, &k));
        if (k.kind == JSON_OBJECT_END)
            return E_OK;
        row.id = number_of(k.text, k.len);
        TRY(json_next(e, r->scan, &x));
        TRY(fields_read(e, r, &x, FIELDS("an added token", field), &row, &unknown));
        Text name = row.token.name;
        if (!name.n || name.n > TOKENIZER_ADDED_MAX || !utf8_valid(name.s, name.n, &at))
            return json_fail(e, r->scan, x.offset, "this is not the name of an added token");
        TRY(row_add(e, r, c, &row, k.offset));
    }
}

static Status settings_read(Err *e, Arena *a, const SavedFile *f, const char *what, BpeConfig *c)
{
    static const Field field[] = {
        {"add_prefix_space", FIELD_MAYBE, offsetof(BpeConfig, add_prefix_space), NULL},
        {"trim_offsets", FIELD_MAYBE, offsetof(BpeConfig, trim_offsets), NULL},
        {"add_bos_token", FIELD_MAYBE, offsetof(BpeConfig, add_bos), NULL},
        {"add_eos_token", FIELD_MAYBE, offsetof(BpeConfig, add_eos), NULL},
        {"tokenizer_class", FIELD_TEXT, offsetof(BpeConfig, class), NULL},
        {"unk_token", FIELD_READ, 0, read_unk},
        {"bos_token", FIELD_READ, 0, read_bos},
        {"eos_token", FIELD_READ, 0, read_eos},
        {"sep_token", FIELD_READ, 0, read_sep},
        {"cls_token", FIELD_READ, 0, read_cls},
        {"pad_token", FIELD_READ, 0, read_pad},
        {"mask_token", FIELD_READ, 0, read_mask},
        {"additional_special_tokens", FIELD_READ, 0, read_extra},
        {"extra_special_tokens", FIELD_READ, 0, read_extra},
        {"added_tokens_decoder", FIELD_READ, 0, read_decoder},
    };

    return f ? fields_read_file(e, a, f->path, f->bytes, FIELDS(what, field), c) : E_OK;
}

static bool is_special(const BpeConfig *c, Text name)
{
    for (int i = 0; i < NAMES; i++)
        if (text_equal(c->name[i].name, name))
            return true;
    for (size_t i = 0; i < c->extras; i++)
        if (text_equal(c->extra[i].name, name))
            return true;
    return false;
}

/* {"<x>": 50265, ...} */
static Status added_json_read(Err *e, Arena *a, const SavedFile *f, BpeConfig *c)
{
    FieldReader r = {.a = a};
    JsonToken k, x;

    if (!f)
        return E_OK;
    TRY(json_open(e, a, f->path, f->bytes.data, f->bytes.n, CONFIG_LEVELS, &r.scan));
    TRY(json_next(e, r.scan, &x));
    if (x.kind != JSON_OBJECT)
        return json_fail(e, r.scan, x.offset, "added_tokens.json is not an object");
    for (;;) {
        NumberedToken row = {0};

        TRY(json_next(e, r.scan, &k));
        if (k.kind == JSON_OBJECT_END)
            return json_expect(e, r.scan, JSON_END, &x);
        JsonToken name = k;
        name.kind = JSON_STRING;
        TRY(token_read(e, &r, &name, &row.token));
        TRY(json_next(e, r.scan, &x));
        row.id = x.kind == JSON_NUMBER && x.is_integer ? x.integer : -1;
        row.special = is_special(c, row.token.name);
        row.token.normalized = !row.special;
        TRY(row_add(e, &r, c, &row, x.offset));
    }
}

/* tokenizer_class, with or without "Fast", says the kind; else model_type; else the vocabulary. */
static Status kind_find(Err *e, Arena *a, const Tokenizer *t, const BpeFiles *f, BpeConfig *c)
{
    static const Field field[] = {{"model_type", FIELD_TEXT, 0, NULL}};
    Text class = c->class, type = {0};
    FieldReader r = {.a = a};
    UnknownField unknown = {0};
    JsonToken v;

    if (class.n > 4 && !memcmp(class.s + class.n - 4, "Fast", 4))
        class.n -= 4;
    if (!class.s && f->model) {
        TRY(json_open(e, a, f->model->path, f->model->bytes.data, f->model->bytes.n, 0, &r.scan));
        TRY(json_next(e, r.scan, &v));
        TRY(fields_read(e, &r, &v, FIELDS("config.json", field), &type, &unknown));
    }
    for (size_t i = 0; i < LEN(kinds); i++)
        if ((class.s && kinds[i].class && text_is(class, kinds[i].class)) ||
            text_is(type, kinds[i].type)) {
            c->kind = kinds[i].kind;
            return E_OK;
        }
    if (class.s || type.s) {
        fail(e, E_DATA, "vocab.json and merges.txt of %s \"%.*s\" are not read yet",
             class.s ? "tokenizer_class" : "model_type", TEXT_SHOWN(class.s ? class : type));
        return err_note(e, "hint", "a tokenizer.json beside them would do");
    }
    c->kind = vocabulary_find(t, "<s>", 3) >= 0 && vocabulary_find(t, "</s>", 4) >= 0 ? BPE_ROBERTA
                                                                                      : BPE_GPT2;
    return E_OK;
}

static void habits(BpeConfig *c)
{
    static const char *const roberta[NAMES] = {"<unk>", "<s>",   "</s>",  "</s>",
                                               "<s>",   "<pad>", "<mask>"};
    static const char *const gpt2[NAMES] = {"<|endoftext|>", "<|endoftext|>", "<|endoftext|>"};
    const char *const *name = c->kind == BPE_ROBERTA ? roberta : gpt2;

    for (int i = 0; i < NAMES; i++)
        c->name[i] = (SpecialName){.name = {name[i], name[i] ? strlen(name[i]) : 0},
                                   .lstrip = i == NAME_MASK && c->kind == BPE_ROBERTA};
}

Status bpe_config_read(Err *e, Arena *a, const Tokenizer *t, const BpeFiles *f, BpeConfig *out)
{
    const BpeConfig none = {
        .add_prefix_space = -1, .trim_offsets = -1, .add_bos = -1, .add_eos = -1};

    *out = none;
    TRY(settings_read(e, a, f->config, "tokenizer_config.json", out)); /* for its class */
    TRY(kind_find(e, a, t, f, out));
    BpeKind kind = out->kind;
    *out = none;
    out->kind = kind;
    habits(out);
    TRY(settings_read(e, a, f->config, "tokenizer_config.json", out));
    if (out->has_decoder)
        return E_OK;
    TRY(settings_read(e, a, f->map, "special_tokens_map.json", out));
    return added_json_read(e, a, f->added, out);
}

/* SPDX-License-Identifier: MIT */
