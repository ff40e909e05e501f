/* word2vec.c - skip-gram and CBOW with negative sampling (Mikolov et al. 2013, arXiv:1301.3781 and 1310.4546): frequent
 * words left out at times, a window of random size, a rate that falls to nothing, negatives by frequency^0.75 (drawn by
 * Walker's alias method, 1977).
 * The original lets threads write over each other.  Here a batch of BATCH positions is computed against the rows as they
 * stand, then each row's changes are added in the batch's order, so that any number of threads gives the same bits.  All
 * random numbers are functions of seed, epoch and position. */
#include "cpu/words.h"
#include "words/learn.h"

#include <math.h>
#include <string.h>

enum { BATCH = 256, GRAIN = 16, BLOCK = 1 << 16 };

typedef struct Alias { /* of a word: stay below `stay`, else take `other` */
    uint32_t stay;
    int32_t other;
} Alias;

typedef struct Word2vec {
    const Corpus *c;
    const LearnOptions *o;
    const WordKernels *kernels;
    Alias *alias;           /* [vocabulary] */
    uint32_t *keep;         /* [vocabulary] a word is kept where its random number is not above */
    int32_t *block;         /* tokens of the block, those left out gone */
    int64_t block_n, first; /* first: the batch's position in it */
    uint64_t block_key;     /* keys the positions of the block */
    uint32_t key[2];
    WordBatch batch;
    int32_t *context, *contexts_of, *outs_row, *outs_of;
    int64_t done, total; /* running words */
} Word2vec;

/* Four random words for a position; `draw` tells the uses apart. */
static void random_words(const Word2vec *w, uint64_t position, uint32_t draw, uint32_t out[4])
{
    const uint32_t counter[4] = {(uint32_t)position, (uint32_t)(position >> 32),
                                 (uint32_t)w->block_key,
                                 (uint32_t)(w->block_key >> 32) ^ draw << 24};

    philox4x32(counter, w->key, out);
}

/* Walker's tables for the distribution count^0.75. */
static Status make_alias(Err *e, Arena *scratch, Word2vec *w)
{
    int64_t n = w->c->vocabulary, small = 0, large = 0;
    double *share = NEWS(e, scratch, double, n), sum = 0;
    int32_t *list = NEWS(e, scratch, int32_t, n); /* small from the front, large from the end */

    if (!share || !list)
        return err_failed(e->code);
    for (int64_t i = 0; i < n;
         i++) /* x^0.75 by square roots: exact by IEEE 754, so the same anywhere */
        sum += share[i] = sqrt((double)w->c->times[i]) * sqrt(sqrt((double)w->c->times[i]));
    for (int64_t i = 0; i < n; i++) {
        share[i] *= (double)n / sum;
        if (share[i] < 1)
            list[small++] = (int32_t)i;
        else
            list[n - ++large] = (int32_t)i;
        w->alias[i] = (Alias){UINT32_MAX, (int32_t)i};
    }
    while (small && large) {
        int32_t s = list[--small], l = list[n - large];

        w->alias[s] = (Alias){(uint32_t)(share[s] * 4294967295.0), l};
        share[l] -= 1 - share[s];
        if (share[l] < 1) {
            large--;
            list[small++] = l;
        }
    }
    return E_OK;
}

/* A word of frequency f is kept with probability sqrt(t / f) + t / f (the C tool's form). */
static void make_keep(Word2vec *w)
{
    for (int64_t i = 0; i < w->c->vocabulary; i++) {
        double part = w->o->sample * (double)w->c->words / (double)w->c->times[i];
        double p = w->o->sample > 0 ? sqrt(part) + part : 1;

        w->keep[i] = p >= 1 ? UINT32_MAX : (uint32_t)(p * 4294967295.0);
    }
}

/* Uniform within 1 / width, as gensim begins; what predicts nothing yet is 0. */
static Status make_rows(Err *e, Arena *scratch, Word2vec *w)
{
    WordBatch *b = &w->batch;
    int64_t n = w->c->vocabulary, width = w->o->width;
    uint64_t purpose = random_purpose("word vectors");
    void *in, *out;

    b->step = (width + 15) / 16 * 16;
    size_t size = (size_t)(n * b->step) * sizeof(float);
    TRY(block_alloc(e, scratch, size, "word vectors", &in));
    TRY(block_alloc(e, scratch, size, "word vectors, as those to be predicted", &out));
    b->in = in;
    b->out = out;
    memset(in, 0, size);
    memset(out, 0, size);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < width; k++)
            b->in[i * b->step + k] =
                (float)((2 * random_uniform(w->o->seed, purpose, (uint64_t)(i * width + k)) - 1) /
                        (double)width);
    return E_OK;
}

static Status make_batch(Err *e, Arena *a, Word2vec *w)
{
    WordBatch *b = &w->batch;

    b->groups = BATCH;
    b->contexts = 2 * w->o->window;
    b->outs = 1 + w->o->negative;
    b->mean = !strcmp(w->o->objective, "cbow");
    w->context = NEWS(e, a, int32_t, BATCH * b->contexts);
    w->contexts_of = NEWS(e, a, int32_t, BATCH);
    w->outs_row = NEWS(e, a, int32_t, BATCH * b->outs);
    w->outs_of = NEWS(e, a, int32_t, BATCH);
    b->d_in = NEWS(e, a, float, BATCH *(b->mean ? 1 : b->contexts) * b->step);
    b->d_out = NEWS(e, a, float, BATCH * b->outs * b->step);
    w->block = NEWS(e, a, int32_t, BLOCK);
    w->alias = NEWS(e, a, Alias, w->c->vocabulary);
    w->keep = NEWS(e, a, uint32_t, w->c->vocabulary);
    b->context = w->context;
    b->contexts_of = w->contexts_of;
    b->outs_row = w->outs_row;
    b->outs_of = w->outs_of;
    return w->context && w->contexts_of && w->outs_row && w->outs_of && b->d_in && b->d_out &&
                   w->block && w->alias && w->keep
               ? E_OK
               : err_failed(e->code);
}

/* ---- a batch ---- */

/* The words around position i of the block, at most `reach` to each side within the line. */
static int32_t gather(const Word2vec *w, int64_t i, int64_t reach, int32_t *to)
{
    int32_t n = 0;

    for (int64_t k = i - 1; k >= 0 && k >= i - reach && w->block[k] != LINE_END; k--)
        to[n++] = w->block[k];
    for (int64_t k = i + 1; k < w->block_n && k <= i + reach && w->block[k] != LINE_END; k++)
        to[n++] = w->block[k];
    return n;
}

static int32_t draw(const Word2vec *w, uint32_t random)
{
    uint64_t place = (uint64_t)random * (uint64_t)w->c->vocabulary;
    const Alias *a = &w->alias[place >> 32];

    return (uint32_t)place <= a->stay ? (int32_t)(place >> 32) : a->other;
}

static void make_group(Word2vec *w, int64_t at)
{
    const WordBatch *b = &w->batch;
    int64_t i = w->first + at;
    int32_t word = i < w->block_n ? w->block[i] : LINE_END, *outs = w->outs_row + at * b->outs;
    uint32_t random[4];

    w->contexts_of[at] = 0;
    if (word == LINE_END)
        return;
    random_words(w, (uint64_t)i, 0, random);
    int64_t reach = 1 + (int64_t)((uint64_t)random[0] * (uint64_t)w->o->window >> 32);
    w->contexts_of[at] = gather(w, i, reach, w->context + at * b->contexts);
    if (!w->contexts_of[at])
        return;
    int32_t n = 0;
    outs[n++] = word;
    for (int64_t k = 0; k < w->o->negative; k++) {
        if ((k + 1) % 4 == 0)
            random_words(w, (uint64_t)i, (uint32_t)(k + 1) / 4, random);
        int32_t other = draw(w, random[(k + 1) % 4]);
        if (other != word)
            outs[n++] = other;
    }
    w->outs_of[at] = n;
}

static void compute(void *arg, int64_t begin, int64_t end, int thread)
{
    Word2vec *w = arg;

    (void)thread;
    for (int64_t at = begin; at < end; at++)
        make_group(w, at);
    w->kernels->compute(&w->batch, begin, end);
}

/* A row belongs to one part: its changes come in the batch's order, however many parts there are. */
static void apply(void *arg, int64_t begin, int64_t end, int thread)
{
    Word2vec *w = arg;

    (void)thread;
    for (int64_t part = begin; part < end; part++)
        w->kernels->apply(&w->batch, part, pool_threads(w->o->pool));
}

/* ---- the text ---- */

/* Leaves frequent words out at times. */
static void thin_out(Word2vec *w)
{
    int64_t kept = 0;
    uint32_t random[4] = {0};

    for (int64_t i = 0; i < w->block_n; i++) {
        int32_t row = w->block[i];

        if (i % 4 == 0)
            random_words(w, (uint64_t)i / 4, 0x80, random);
        w->done += row != LINE_END;
        if (row == LINE_END || random[i % 4] <= w->keep[row])
            w->block[kept++] = row;
    }
    w->block_n = kept;
}

static Status learn_block(Err *e, Word2vec *w, int64_t epoch, int64_t at)
{
    int64_t n = w->c->count - at < BLOCK ? w->c->count - at : BLOCK, before = w->done;

    TRY(corpus_get(e, w->c, at, n, w->block, &w->block_n));
    w->block_key = (uint64_t)epoch << 32 | (uint64_t)(at / BLOCK);
    thin_out(w);
    for (w->first = 0; w->first < w->block_n; w->first += BATCH) {
        double here = (double)(w->done - before) * (double)w->first / (double)w->block_n;
        double left = 1 - ((double)before + here) / (double)w->total;

        w->batch.rate = (float)(w->o->rate * (left > 1e-4 ? left : 1e-4));
        par_for(w->o->pool, BATCH, GRAIN, compute, w);
        par_for(w->o->pool, pool_threads(w->o->pool), 1, apply, w);
    }
    return E_OK;
}

static Status learn(Err *e, Word2vec *w)
{
    event_send(w->o->events,
               &(Event){.kind = EVENT_STAGE, .text = "learning word vectors", .steps = w->total});
    for (int64_t epoch = 0; epoch < w->o->epochs; epoch++)
        for (int64_t at = 0; at < w->c->count; at += BLOCK) {
            if (event_stop(w->o->events))
                return fail(e, E_STOPPED, "stopped before the word vectors were learned");
            TRY(learn_block(e, w, epoch, at));
            event_send(w->o->events, &(Event){.kind = EVENT_STEP,
                                              .text = "learning word vectors",
                                              .step = w->done,
                                              .steps = w->total});
        }
    return E_OK;
}

static Status learned(Err *e, Arena *a, const Word2vec *w, Learned *out)
{
    int64_t n = w->c->vocabulary, width = w->o->width;
    void *block;

    TRY(block_alloc(e, a, (size_t)(n * width) * sizeof(float), "the word vectors", &block));
    float *value = block;
    for (int64_t i = 0; i < n; i++)
        memcpy(value + i * width, w->batch.in + i * w->batch.step, (size_t)width * sizeof(float));
    out->vectors = (Vectors){.n = n, .dim = width, .value = value, .word = w->c->word};
    out->words = w->c->words;
    out->epochs = w->o->epochs;
    return E_OK;
}

static Status run(Err *e, Arena *a, Arena *scratch, Word2vec *w, Learned *out)
{
    double began = clock_seconds();

    TRY(make_rows(e, scratch, w));
    TRY(make_batch(e, scratch, w));
    TRY(make_alias(e, scratch, w));
    make_keep(w);
    TRY(learn(e, w));
    out->seconds = clock_seconds() - began;
    return learned(e, a, w, out);
}

Status learn_word2vec(Err *e, Arena *a, const Corpus *c, const LearnOptions *o, Learned *out)
{
    Arena *scratch = arena_child(e, a);
    Word2vec w = {.c = c, .o = o, .kernels = word_kernels(o->isa)};

    if (!scratch)
        return err_failed(e->code);
    uint64_t purpose = random_purpose("word2vec");
    w.key[0] = (uint32_t)(o->seed ^ purpose);
    w.key[1] = (uint32_t)((o->seed ^ purpose) >> 32);
    w.total = c->words * o->epochs;
    Status s = run(e, a, scratch, &w, out);
    arena_free(scratch);
    return s;
}

/* SPDX-License-Identifier: MIT */
