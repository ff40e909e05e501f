/* vocab_bpe.c - reads vocab.json and merges.txt (OpenAI: encoder.json and vocab.bpe), with what stands beside
 * them: tokenizer_config.json, special_tokens_map.json and added_tokens.json name the special tokens and how
 * they take spaces.  What none of them says follows from the kind of tokenizer: its class, or the model_type of
 * config.json, or, without either, whether the vocabulary has <s> and </s>. */
#include <string.h>

#include "text/bpe_config.h"
#include "text/model_json.h"
#include "text/utf8.h"

static Status file_fail(Err *e, const SavedFile *f, Status s)
{
    return s && !strstr(e->text, "\n  file ") ? err_note(e, "file", "%s", f->path) : s;
}

static Status vocab_read(Err *e, Arena *a, Tokenizer *t, const SavedFile *f)
{
    FieldReader r = {.a = a};
    PieceEntry *entry = NULL;
    JsonToken v;
    size_t n = 0;

    TRY(json_open(e, a, f->path, f->bytes.data, f->bytes.n, 2, &r.scan));
    TRY(json_next(e, r.scan, &v));
    if (v.kind != JSON_OBJECT)
        return json_fail(e, r.scan, v.offset, "the vocabulary is not an object");
    TRY(pieces_read(e, &r, &v, &entry, &n));
    TRY(json_expect(e, r.scan, JSON_END, &v));
    return vocabulary_build(e, a, t, entry, n, "byte");
}

/* One merge a line, "left right"; a line that begins with #version is none. */
static Status lines_read(Err *e, Arena *a, Bytes text, MergeRow **row, size_t *n)
{
    const char *p = (const char *)text.data, *end = p + text.n;
    size_t cap = 0, at;

    *n = 0;
    while (end > p && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    for (int64_t line = 1; p < end; line++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
        size_t len = (size_t)(stop - p);

        len -= len && nl && p[len - 1] == '\r';
        if (!utf8_valid(p, len, &at))
            return fail(e, E_DATA, "line %lld is not UTF-8 at column %zu", (long long)line, at + 1);
        if (len < 8 || memcmp(p, "#version", 8) != 0) {
            TRY(GROW(e, a, *row, cap, *n + 1));
            (*row)[*n].where = line;
            if (!merge_split(p, len, &(*row)[(*n)++]))
                return fail(e, E_DATA, "line %lld is not two pieces with one space between them",
                            (long long)line);
        }
        p = nl ? nl + 1 : end;
    }
    return E_OK;
}

static Status merges_read(Err *e, Arena *a, Tokenizer *t, const SavedFile *f, bool prefix_space)
{
    BpeOptions o = {.prefix_space = prefix_space, .words = true};
    MergeRow *row = NULL;
    size_t n;

    TRY(lines_read(e, a, f->bytes, &row, &n));
    return bpe_build(e, a, t, &o, row, n, "line");
}

static Status added_put(Err *e, Arena *a, Tokenizer *t, const SpecialName *x, int64_t id,
                        bool special)
{
    char *content = arena_strndup(e, a, x->name.s, x->name.n);

    if (!content)
        return err_failed(e->code);
    TRY(GROW(e, a, t->added, t->added_cap, t->added_n + 1));
    t->added[t->added_n++] = (AddedToken){.content = content,
                                          .n = x->name.n,
                                          .id = (int32_t)id,
                                          .special = special,
                                          .single_word = x->single_word,
                                          .lstrip = x->lstrip,
                                          .rstrip = x->rstrip,
                                          .normalized = x->normalized};
    return E_OK;
}

static bool is_added(const Tokenizer *t, Text name)
{
    for (size_t i = 0; i < t->added_n; i++)
        if (text_equal((Text){t->added[i].content, t->added[i].n}, name))
            return true;
    return false;
}

/* A named token is matched in the text; one that a file names must be there. */
static Status name_put(Err *e, Arena *a, Tokenizer *t, const SpecialName *x, const char *key)
{
    if (!x->name.s || is_added(t, x->name))
        return E_OK;
    int32_t id = vocabulary_find(t, x->name.s, x->name.n);
    if (id < 0 && !x->given)
        return E_OK;
    if (id < 0)
        return fail(e, E_DATA, "%s \"%.*s\" is not in the vocabulary", key, TEXT_SHOWN(x->name));
    return added_put(e, a, t, x, id, true);
}

static Status specials_apply(Err *e, Arena *a, Tokenizer *t, const BpeConfig *c)
{
    for (size_t i = 0; i < c->rows; i++)
        TRY(added_put(e, a, t, &c->row[i].token, c->row[i].id, c->row[i].special));
    for (int i = 0; i < NAMES; i++)
        TRY(name_put(e, a, t, &c->name[i], bpe_name_keys[i]));
    for (size_t i = 0; i < c->extras; i++)
        TRY(name_put(e, a, t, &c->extra[i], "additional_special_tokens"));
    return added_build(e, a, t);
}

/* The id of a token that the template puts around texts. */
static Status template_id(Err *e, const Tokenizer *t, const BpeConfig *c, int name, int32_t *id)
{
    Text x = c->name[name].name;

    *id = x.s ? vocabulary_find(t, x.s, x.n) : -1;
    return *id >= 0 ? E_OK
                    : fail(e, E_DATA, "%s \"%.*s\" is not in the vocabulary", bpe_name_keys[name],
                           TEXT_SHOWN(x));
}

/* GPT-2: nothing around a text, unless add_bos_token or add_eos_token ask for it. */
static Status template_gpt2(Err *e, Tokenizer *t, const BpeConfig *c)
{
    int32_t bos, eos;

    template_plain(t);
    if (c->add_bos == 1) {
        TRY(template_id(e, t, c, NAME_BOS, &bos));
        t->single = (Template){2, 1, {{PART_SPECIAL, bos, 0}, {PART_FIRST, -1, 0}}};
        t->pair = (Template){4,
                             2,
                             {{PART_SPECIAL, bos, 0},
                              {PART_FIRST, -1, 0},
                              {PART_SPECIAL, bos, 1},
                              {PART_SECOND, -1, 1}}};
    }
    if (c->add_eos != 1)
        return E_OK;
    TRY(template_id(e, t, c, NAME_EOS, &eos));
    t->single.part[t->single.n++] = (TemplatePart){PART_SPECIAL, eos, 0};
    t->single.specials++;
    Template *p = &t->pair, was = *p;
    int half = was.n / 2;
    for (int i = p->n = 0; i < was.n; i++) {
        p->part[p->n++] = was.part[i];
        if (i == half - 1)
            p->part[p->n++] = (TemplatePart){PART_SPECIAL, eos, 0};
    }
    p->part[p->n++] = (TemplatePart){PART_SPECIAL, eos, 1};
    p->specials += 2;
    return E_OK;
}

static Status template_apply(Err *e, Tokenizer *t, const BpeConfig *c)
{
    int32_t cls, sep;

    if (c->kind != BPE_ROBERTA)
        return template_gpt2(e, t, c);
    TRY(template_id(e, t, c, NAME_CLS, &cls));
    TRY(template_id(e, t, c, NAME_SEP, &sep));
    template_roberta(t, cls, sep);
    t->trim = c->trim_offsets != 0;
    t->trim_prefix = c->add_prefix_space == 1;
    return E_OK;
}

Status vocab_bpe_read(Err *e, Arena *a, Tokenizer *t, const BpeFiles *f)
{
    BpeConfig c;

    TRY(file_fail(e, f->vocab, vocab_read(e, a, t, f->vocab)));
    TRY(bpe_config_read(e, a, t, f, &c));
    TRY(file_fail(e, f->merges, merges_read(e, a, t, f->merges, c.add_prefix_space == 1)));
    TRY(specials_apply(e, a, t, &c));
    TRY(bpe_finish(e, a, t));
    t->decode = DECODE_BYTES;
    return template_apply(e, t, &c);
}

/* SPDX-License-Identifier: MIT */
