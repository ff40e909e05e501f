/* vectors.c - tables of word vectors, asked and judged. */
#include "api/inside.h"
#include "words/words.h"

struct eg_vectors {
    eg_ctx *ctx;
    Arena *arena;
    Vectors *table;
    WordSpace *space;
};

static Status open_vectors(Err *e, eg_ctx *ctx, Arena *a, const char *path, eg_vectors **out)
{
    eg_vectors *v = NEW(e, a, eg_vectors);

    if (!v)
        return err_failed(e->code);
    *v = (eg_vectors){.ctx = ctx, .arena = a};
    TRY(vectors_open(e, a, path, &v->table));
    TRY(space_open(e, a, v->table, ctx->pool, ctx->isa, &v->space));
    *out = v;
    return E_OK;
}

int eg_vectors_open(eg_ctx *ctx, const char *path, eg_vectors **vectors)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;

    if (!a)
        return ctx->err.code;
    Status s = open_vectors(&ctx->err, ctx, a, path, vectors);
    if (s)
        arena_free(a);
    return s;
}

void eg_vectors_close(eg_vectors *vectors)
{
    if (vectors)
        arena_free(vectors->arena);
}

void eg_vectors_about(const eg_vectors *vectors, eg_vectors_info *info)
{
    const Vectors *v = vectors->table;

    *info = (eg_vectors_info){v->file, v->form, v->n, v->dim, v->duplicates};
}

const char *eg_vectors_word(const eg_vectors *vectors, int64_t i)
{
    return vectors->table->word[i];
}

const float *eg_vectors_of(const eg_vectors *vectors, const char *word)
{
    int64_t row = vectors_find(vectors->table, word);

    return row < 0 ? NULL : vectors->table->value + row * vectors->table->dim;
}

static Status ask(eg_vectors *v, Arena *a, const WordAsk *q, eg_word *out, int *found)
{
    Err *e = &v->ctx->err;
    WordScore *best = NEWS(e, a, WordScore, q->most);

    if (!best)
        return err_failed(e->code);
    TRY(space_answer(e, a, v->space, q, best));
    for (*found = 0; *found < q->most && best[*found].row >= 0; ++*found)
        out[*found] = (eg_word){v->table->word[best[*found].row], best[*found].score};
    return E_OK;
}

static int ask_once(eg_vectors *v, const WordQuery *query, bool by_product, int n, eg_word *out,
                    int *found)
{
    Err *e = &v->ctx->err;
    int64_t all = v->table->n;
    WordAsk q = {query, 1, all < n ? (int)all : n, by_product, false};

    if (n < 1)
        return fail(e, E_USAGE, "%d answers cannot be given", n);
    Arena *a = arena_child(e, v->arena);
    if (!a)
        return err_failed(e->code);
    Status s = ask(v, a, &q, out, found);
    arena_free(a);
    return s;
}

int eg_vectors_similar(eg_vectors *vectors, const char *word, int n, eg_word *out, int *found)
{
    WordQuery q = {{-1, -1}, -1};

    TRY(space_word(&vectors->ctx->err, vectors->space, word, &q.plus[0]));
    return ask_once(vectors, &q, false, n, out, found);
}

int eg_vectors_analogy(eg_vectors *vectors, const char *const abc[3], bool by_product, int n,
                       eg_word *out, int *found)
{
    Err *e = &vectors->ctx->err;
    WordQuery q;

    TRY(space_word(e, vectors->space, abc[0], &q.plus[0]));
    TRY(space_word(e, vectors->space, abc[1], &q.minus));
    TRY(space_word(e, vectors->space, abc[2], &q.plus[1]));
    return ask_once(vectors, &q, by_product, n, out, found);
}

int eg_vectors_judge(eg_vectors *vectors, const char *file, bool by_product,
                     eg_words_judged *result)
{
    Err *e = &vectors->ctx->err;
    WordJudged j;

    /* sections and their names live as long as the table */
    TRY(words_judge(e, vectors->arena, vectors->space, file, by_product, &j));
    eg_words_section *section = NEWS(e, vectors->arena, eg_words_section, j.sections + 1);
    if (!section)
        return err_failed(e->code);
    for (int i = 0; i < j.sections; i++)
        section[i] = (eg_words_section){j.section[i].name, j.section[i].right, j.section[i].asked,
                                        j.section[i].unknown};
    *result = (eg_words_judged){.name = j.name,
                                .analogies = j.analogies,
                                .sections = j.sections,
                                .section = section,
                                .pairs = j.pairs,
                                .unknown = j.unknown,
                                .spearman = j.spearman,
                                .low = j.low,
                                .high = j.high,
                                .tag = j.tag,
                                .seconds = j.seconds};
    return api_keep(vectors->ctx, &result->name);
}

/* SPDX-License-Identifier: MIT */
