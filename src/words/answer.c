/* answer.c - the rows nearest to what is asked, for many questions at once: questions times a block of the table is one
 * matrix product, and each question keeps its best so far.
 * 3CosAdd (Mikolov et al. 2013) is the cosine with b - a + c; 3CosMul (Levy and Goldberg, CoNLL 2014) is
 * cos(d, b) cos(d, c) / (cos(d, a) + 1e-6), cosines moved into 0..1: three products a question. */
#include "cpu/cpu.h"
#include "words/space.h"

#include <math.h>

enum { BLOCK = 2048, TOGETHER = 384, PARTS = 3, QUESTIONS_GRAIN = 8 }; /* TOGETHER / 3 questions */

typedef struct Asking {
    const WordSpace *s;
    const WordAsk *ask;
    const WordQuery *query; /* of this round */
    WordScore *best;
    int64_t n;
    int parts;           /* vectors a question */
    float *wanted;       /* [n * parts, dim] */
    float *score;        /* [n * parts, rows of the block] */
    int64_t first, rows; /* the block */
} Asking;

static void add_row(const WordSpace *s, int64_t row, float sign, float *to)
{
    for (int64_t k = 0; row >= 0 && k < s->v->dim; k++)
        to[k] += sign * s->unit[row * s->v->dim + k];
}

/* The sum of a question's words at length 1, so that scores are cosines. */
static void set_sum(const WordSpace *s, const WordQuery *q, float *to)
{
    double square = 0;

    for (int64_t k = 0; k < s->v->dim; k++)
        to[k] = 0;
    add_row(s, q->plus[0], 1, to);
    add_row(s, q->minus, -1, to);
    add_row(s, q->plus[1], 1, to);
    for (int64_t k = 0; k < s->v->dim; k++)
        square += (double)to[k] * (double)to[k];
    for (int64_t k = 0; square > 0 && k < s->v->dim; k++)
        to[k] = (float)((double)to[k] / sqrt(square));
}

static void set_parts(const WordSpace *s, const WordQuery *q, float *to)
{
    const int64_t row[PARTS] = {q->plus[0], q->plus[1], q->minus};

    for (int i = 0; i < PARTS; i++) {
        for (int64_t k = 0; k < s->v->dim; k++)
            to[i * s->v->dim + k] = 0;
        add_row(s, row[i], 1, to + i * s->v->dim);
    }
}

static bool asked_with(const Asking *g, const WordQuery *q, int64_t row)
{
    const int64_t word[PARTS] = {q->plus[0], q->plus[1], q->minus};
    const int64_t *fold = g->s->fold;

    for (int i = 0; i < PARTS; i++)
        if (word[i] >= 0 && (word[i] == row || (g->ask->any_case && fold[word[i]] == fold[row])))
            return true;
    return false;
}

static void keep(WordScore *best, int most, int64_t row, float score)
{
    int at = most - 1;

    for (; at > 0 && score > best[at - 1].score; at--)
        best[at] = best[at - 1];
    best[at] = (WordScore){row, score};
}

/* score[3][rows], rows of b, c and a, into the first of them. */
static void by_product(const Asking *g, float *score)
{
    const float *c = score + g->rows, *a = score + 2 * g->rows;

    for (int64_t i = 0; i < g->rows; i++)
        score[i] = (1 + score[i]) / 2 * ((1 + c[i]) / 2) / ((1 + a[i]) / 2 + 1e-6F);
}

static void keep_best(void *arg, int64_t begin, int64_t end, int thread)
{
    const Asking *g = arg;
    int most = g->ask->most;

    (void)thread;
    for (int64_t q = begin; q < end; q++) {
        float *score = g->score + q * g->parts * g->rows;
        WordScore *best = g->best + q * most;

        if (g->parts > 1)
            by_product(g, score);
        for (int64_t i = 0; i < g->rows; i++)
            if (score[i] > best[most - 1].score && !asked_with(g, &g->query[q], g->first + i))
                keep(best, most, g->first + i, score[i]);
    }
}

static OpCall product(const Asking *g, const MatmulAttr *attr, int64_t rows)
{
    int64_t dim = g->s->v->dim;
    OpCall c = {.attr = attr, .ins = 2, .outs = 1, .pool = g->s->pool};

    c.in[0] = (Tensor){DT_F32, SHAPE(g->n * g->parts, dim), g->wanted};
    c.in[1] = (Tensor){DT_F32, SHAPE(rows, dim), g->s->unit + g->first * dim};
    c.out[0] = (Tensor){DT_F32, SHAPE(g->n * g->parts, rows), g->score};
    return c;
}

static void answer_some(Asking *g, const Kernel *kernel, void *scratch)
{
    static const MatmulAttr attr = {.tb = true};
    const WordSpace *s = g->s;

    for (int64_t q = 0; q < g->n; q++) {
        float *to = g->wanted + q * g->parts * s->v->dim;

        if (g->parts > 1)
            set_parts(s, &g->query[q], to);
        else
            set_sum(s, &g->query[q], to);
        for (int i = 0; i < g->ask->most; i++)
            g->best[q * g->ask->most + i] = (WordScore){-1, -INFINITY};
    }
    for (g->first = 0; g->first < s->v->n; g->first += BLOCK) {
        g->rows = s->v->n - g->first < BLOCK ? s->v->n - g->first : BLOCK;
        OpCall c = product(g, &attr, g->rows);
        c.scratch = scratch;
        kernel->fn[s->isa](&c);
        par_for(s->pool, g->n, QUESTIONS_GRAIN, keep_best, g);
    }
}

static Status answer(Err *e, Arena *a, Asking *g)
{
    static const MatmulAttr attr = {.tb = true};
    const WordAsk *ask = g->ask;
    int64_t together = TOGETHER / g->parts;
    const Kernel *kernel;
    void *scratch = NULL;

    g->wanted = NEWS(e, a, float, TOGETHER * g->s->v->dim);
    g->score = NEWS(e, a, float, (int64_t)TOGETHER *BLOCK);
    if (!g->wanted || !g->score)
        return err_failed(e->code);
    g->n = together;
    OpCall c = product(g, &attr, BLOCK);
    if (!(kernel = kernel_choose(&opdef_matmul, &c)))
        return fail(e, E_INTERNAL, "no kernel multiplies matrices");
    if (kernel->scratch) {
        size_t size = kernel->scratch(&c, pool_threads(g->s->pool));
        TRY(block_alloc(e, a, size ? size : 1, "products of word vectors", &scratch));
    }
    for (int64_t at = 0; at < ask->n; at += together) {
        g->n = ask->n - at < together ? ask->n - at : together;
        g->query = ask->query + at;
        answer_some(g, kernel, scratch);
        g->best += g->n * ask->most;
    }
    return E_OK;
}

Status space_answer(Err *e, Arena *a, const WordSpace *s, const WordAsk *ask, WordScore *best)
{
    Arena *scratch = arena_child(e, a);
    Asking g = {.s = s, .ask = ask, .best = best, .parts = ask->by_product ? PARTS : 1};

    if (!scratch)
        return err_failed(e->code);
    Status status = answer(e, scratch, &g);
    arena_free(scratch);
    return status;
}

/* SPDX-License-Identifier: MIT */
