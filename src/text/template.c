/* template.c - the post_processor section: TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, or
 * a Sequence of ByteLevel and one of them. */
#include "text/template.h"

static Status item_id(Err *e, FieldReader *r, const JsonToken *v, TemplateItem *out)
{
    static const Field field[] = {
        {"id", FIELD_TEXT, offsetof(TemplateItem, name), NULL},
        {"type_id", FIELD_INT, offsetof(TemplateItem, type), NULL},
    };

    TRY(fields_read(e, r, v, FIELDS("a part of the template", field), out, NULL));
    if (!out->name.s)
        return json_fail(e, r->scan, v->offset, "a part of the template has no \"id\"");
    if (out->type < 0 || out->type > 1)
        return json_fail(e, r->scan, v->offset, "type_id is %lld; only 0 and 1 are read",
                         (long long)out->type);
    return E_OK;
}

static Status item_special(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    ((TemplateItem *)into)->special = true;
    return item_id(e, r, v, into);
}

static Status item_sequence(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    return item_id(e, r, v, into);
}

static Status items_read(Err *e, FieldReader *r, const JsonToken *v, TemplateItem *item, int *n)
{
    static const Field field[] = {
        {"SpecialToken", FIELD_READ, 0, item_special},
        {"Sequence", FIELD_READ, 0, item_sequence},
    };
    JsonToken x;

    if (v->kind != JSON_ARRAY)
        return json_fail(e, r->scan, v->offset, "a template is not an array");
    for (*n = 0;; (*n)++) {
        TRY(json_next(e, r->scan, &x));
        if (x.kind == JSON_ARRAY_END)
            return E_OK;
        if (*n == TOKENIZER_PARTS_MAX)
            return json_fail(e, r->scan, x.offset, "a template of more than %d parts",
                             TOKENIZER_PARTS_MAX);
        item[*n].offset = x.offset;
        TRY(fields_read(e, r, &x, FIELDS("a part of the template", field), &item[*n], NULL));
        if (!item[*n].name.s)
            return json_fail(e, r->scan, x.offset, "a part of the template is empty");
    }
}

static Status read_single(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    PostProcessor *p = into;
    return items_read(e, r, v, p->single, &p->single_n);
}

static Status read_pair(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    PostProcessor *p = into;
    return items_read(e, r, v, p->pair, &p->pair_n);
}

static Status special_ids(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    SpecialRow *s = into;
    JsonToken x;

    if (v->kind != JSON_ARRAY)
        return json_fail(e, r->scan, v->offset, "\"ids\" is not an array");
    for (s->n = 0;;) {
        TRY(json_next(e, r->scan, &x));
        if (x.kind == JSON_ARRAY_END)
            return E_OK;
        if (x.kind != JSON_NUMBER || !x.is_integer || x.integer < 0 ||
            x.integer >= TOKENIZER_ID_MAX)
            return json_fail(e, r->scan, x.offset, "an id of the template is not in 0..%lld",
                             (long long)TOKENIZER_ID_MAX - 1);
        if (s->n == TOKENIZER_PARTS_MAX)
            return json_fail(e, r->scan, x.offset, "more than %d ids for one token",
                             TOKENIZER_PARTS_MAX);
        s->id[s->n++] = (int32_t)x.integer;
    }
}

static Status read_specials(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    static const Field field[] = {
        {"id", FIELD_SKIP, 0, NULL},
        {"ids", FIELD_READ, 0, special_ids},
        {"tokens", FIELD_SKIP, 0, NULL},
    };
    PostProcessor *p = into;
    JsonToken k, x;

    if (v->kind != JSON_OBJECT)
        return json_fail(e, r->scan, v->offset, "\"special_tokens\" is not an object");
    for (;;) {
        TRY(json_next(e, r->scan, &k));
        if (k.kind == JSON_OBJECT_END)
            return E_OK;
        if (p->specials == TOKENIZER_PARTS_MAX)
            return json_fail(e, r->scan, k.offset, "more than %d special tokens",
                             TOKENIZER_PARTS_MAX);
        SpecialRow *s = &p->special[p->specials++];
        s->name = (Text){k.text, k.len};
        for (SpecialRow *before = p->special; before < s; before++)
            if (text_equal(before->name, s->name))
                return json_fail(e, r->scan, k.offset, "special token \"%.*s\" stands twice",
                                 TEXT_SHOWN(s->name));
        TRY(json_next(e, r->scan, &x));
        TRY(fields_read(e, r, &x, FIELDS("a special token", field), s, NULL));
    }
}

/* ["[SEP]", 102] */
static Status name_and_id(Err *e, FieldReader *r, const JsonToken *v, Text *name, int64_t *id)
{
    JsonToken x;

    if (v->kind != JSON_ARRAY)
        return json_fail(e, r->scan, v->offset, "not a pair of a token and its id");
    TRY(json_expect(e, r->scan, JSON_STRING, &x));
    *name = (Text){x.text, x.len};
    TRY(json_expect(e, r->scan, JSON_NUMBER, &x));
    if (!x.is_integer || x.integer < 0 || x.integer >= TOKENIZER_ID_MAX)
        return json_fail(e, r->scan, x.offset, "an id of the post-processor is not in 0..%lld",
                         (long long)TOKENIZER_ID_MAX - 1);
    *id = x.integer;
    return json_expect(e, r->scan, JSON_ARRAY_END, &x);
}

static Status read_sep(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    PostProcessor *p = into;
    return name_and_id(e, r, v, &p->sep, &p->sep_id);
}

static Status read_cls(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    PostProcessor *p = into;
    return name_and_id(e, r, v, &p->cls, &p->cls_id);
}

/* The members of a Sequence: at most one that trims and one that puts tokens around. */
static Status read_processors(Err *e, FieldReader *r, const JsonToken *v, void *into)
{
    PostProcessor *p = into;
    JsonToken x;

    p->is_sequence = true;
    if (v->kind != JSON_ARRAY)
        return json_fail(e, r->scan, v->offset, "\"processors\" is not an array");
    for (;;) {
        TRY(json_next(e, r->scan, &x));
        if (x.kind == JSON_ARRAY_END)
            return E_OK;
        PostProcessor *one = NEW(e, r->a, PostProcessor);
        if (!one)
            return err_failed(e->code);
        TRY(post_processor_read(e, r, &x, one));
        PostProcessor **to = text_is(one->type, "ByteLevel") ? &p->trimming : &p->framing;
        if (one->is_sequence || *to)
            return json_fail(e, r->scan, x.offset,
                             "post_processor: this Sequence of more than ByteLevel and another is "
                             "not read yet");
        *to = one;
    }
}

Status post_processor_read(Err *e, FieldReader *r, const JsonToken *v, PostProcessor *out)
{
    static const Field field[] = {
        {"type", FIELD_TEXT, offsetof(PostProcessor, type), NULL},
        {"single", FIELD_READ, 0, read_single},
        {"pair", FIELD_READ, 0, read_pair},
        {"special_tokens", FIELD_READ, 0, read_specials},
        {"sep", FIELD_READ, 0, read_sep},
        {"cls", FIELD_READ, 0, read_cls},
        {"trim_offsets", FIELD_MAYBE, offsetof(PostProcessor, trim_offsets), NULL},
        {"add_prefix_space", FIELD_MAYBE, offsetof(PostProcessor, add_prefix_space), NULL},
        {"use_regex", FIELD_MAYBE, offsetof(PostProcessor, use_regex), NULL},
        {"processors", FIELD_READ, 0, read_processors},
    };

    if (v->kind == JSON_NULL)
        return E_OK;
    *out = (PostProcessor){.present = true,
                           .offset = v->offset,
                           .trim_offsets = -1,
                           .add_prefix_space = -1,
                           .use_regex = -1};
    return fields_read(e, r, v, FIELDS("post_processor", field), out, &out->unknown);
}

static Status part_add(Err *e, FieldReader *r, const TemplateItem *item, TemplatePart part,
                       Template *out)
{
    if (out->n == TOKENIZER_PARTS_MAX)
        return json_fail(e, r->scan, item->offset, "a template of more than %d parts",
                         TOKENIZER_PARTS_MAX);
    out->specials += part.kind == PART_SPECIAL;
    out->part[out->n++] = part;
    return E_OK;
}

static Status special_add(Err *e, FieldReader *r, const PostProcessor *p, const TemplateItem *item,
                          const Tokenizer *t, Template *out)
{
    int i = 0;

    while (i < p->specials && !text_equal(p->special[i].name, item->name))
        i++;
    if (i == p->specials || !p->special[i].n)
        return json_fail(e, r->scan, item->offset,
                         "the template names \"%.*s\", which is not among its special_tokens",
                         TEXT_SHOWN(item->name));
    for (int k = 0; k < p->special[i].n; k++) {
        int32_t id = p->special[i].id[k];

        if (id >= t->pieces || !t->piece[id])
            return json_fail(e, r->scan, item->offset,
                             "special token \"%.*s\" has id %d, which is no piece",
                             TEXT_SHOWN(item->name), id);
        TRY(part_add(e, r, item, (TemplatePart){PART_SPECIAL, id, (int32_t)item->type}, out));
    }
    return E_OK;
}

static Status template_resolve(Err *e, FieldReader *r, const PostProcessor *p, const Tokenizer *t,
                               bool pair, Template *out)
{
    const TemplateItem *item = pair ? p->pair : p->single;
    int n = pair ? p->pair_n : p->single_n, texts[2] = {0, 0};

    for (int i = 0; i < n; i++) {
        if (item[i].special) {
            TRY(special_add(e, r, p, &item[i], t, out));
            continue;
        }
        bool second = text_is(item[i].name, "B");
        if (!second && !text_is(item[i].name, "A"))
            return json_fail(e, r->scan, item[i].offset,
                             "the template names sequence \"%.*s\"; there are only "
                             "A and B",
                             TEXT_SHOWN(item[i].name));
        texts[second]++;
        TRY(part_add(e, r, &item[i],
                     (TemplatePart){second ? PART_SECOND : PART_FIRST, -1, (int32_t)item[i].type},
                     out));
    }
    if (texts[0] != 1 || texts[1] != pair)
        return json_fail(e, r->scan, p->offset, "the template \"%s\" must hold %s once",
                         pair ? "pair" : "single", pair ? "A and B" : "A");
    return E_OK;
}

void template_bert(Tokenizer *t, int32_t cls, int32_t sep)
{
    t->single =
        (Template){3, 2, {{PART_SPECIAL, cls, 0}, {PART_FIRST, -1, 0}, {PART_SPECIAL, sep, 0}}};
    t->pair = (Template){5,
                         3,
                         {{PART_SPECIAL, cls, 0},
                          {PART_FIRST, -1, 0},
                          {PART_SPECIAL, sep, 0},
                          {PART_SECOND, -1, 1},
                          {PART_SPECIAL, sep, 1}}};
}

void template_roberta(Tokenizer *t, int32_t cls, int32_t sep)
{
    t->single =
        (Template){3, 2, {{PART_SPECIAL, cls, 0}, {PART_FIRST, -1, 0}, {PART_SPECIAL, sep, 0}}};
    t->pair = (Template){6,
                         4,
                         {{PART_SPECIAL, cls, 0},
                          {PART_FIRST, -1, 0},
                          {PART_SPECIAL, sep, 0},
                          {PART_SPECIAL, sep, 0},
                          {PART_SECOND, -1, 0},
                          {PART_SPECIAL, sep, 0}}};
}

void template_plain(Tokenizer *t)
{
    t->single = (Template){1, 0, {{PART_FIRST, -1, 0}}};
    t->pair = (Template){2, 0, {{PART_FIRST, -1, 0}, {PART_SECOND, -1, 1}}};
}

/* [CLS] and [SEP] must be the pieces of the ids given. */
static Status bert_resolve(Err *e, FieldReader *r, const PostProcessor *p, Tokenizer *t)
{
    if (!p->sep.s || !p->cls.s || vocabulary_find(t, p->sep.s, p->sep.n) != p->sep_id ||
        vocabulary_find(t, p->cls.s, p->cls.n) != p->cls_id)
        return json_fail(e, r->scan, p->offset,
                         "post_processor: sep or cls is not the piece of its id");
    if (text_is(p->type, "BertProcessing"))
        template_bert(t, (int32_t)p->cls_id, (int32_t)p->sep_id);
    else
        template_roberta(t, (int32_t)p->cls_id, (int32_t)p->sep_id);
    return E_OK;
}

static void trim_resolve(const PostProcessor *p, Tokenizer *t)
{
    t->trim = p->trim_offsets != 0;
    t->trim_prefix = p->add_prefix_space != 0;
}

static Status one_resolve(Err *e, FieldReader *r, const PostProcessor *p, Tokenizer *t)
{
    bool bert = text_is(p->type, "BertProcessing");
    bool roberta = t->bpe && text_is(p->type, "RobertaProcessing");
    bool bytes = t->bpe && text_is(p->type, "ByteLevel");

    if (!bert && !roberta && !bytes && !text_is(p->type, "TemplateProcessing"))
        return json_fail(e, r->scan, p->offset, "post_processor type \"%.*s\" is not read yet",
                         TEXT_SHOWN(p->type));
    if (p->unknown.name.s)
        return json_fail(e, r->scan, p->unknown.offset,
                         "post_processor has \"%.*s\", which is not read yet",
                         TEXT_SHOWN(p->unknown.name));
    if (!bytes && !roberta && p->trim_offsets != -1)
        return json_fail(e, r->scan, p->offset,
                         "post_processor has \"trim_offsets\", which is not read yet");
    if (bytes || roberta)
        trim_resolve(p, t);
    if (bytes)
        return E_OK;
    if (bert || roberta)
        return bert_resolve(e, r, p, t);
    TRY(template_resolve(e, r, p, t, false, &t->single));
    return template_resolve(e, r, p, t, true, &t->pair);
}

Status post_processor_resolve(Err *e, FieldReader *r, const PostProcessor *p, Tokenizer *t)
{
    const PostProcessor *part[2] = {p->present ? p : NULL, NULL};
    bool frames = p->present && !text_is(p->type, "ByteLevel");

    if (p->present && text_is(p->type, "Sequence") && p->is_sequence && t->bpe) {
        part[0] = p->trimming;
        part[1] = p->framing;
        frames = p->framing != NULL;
    }
    if (!frames)
        template_plain(t);
    for (size_t i = 0; i < LEN(part); i++)
        if (part[i])
            TRY(one_resolve(e, r, part[i], t));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
