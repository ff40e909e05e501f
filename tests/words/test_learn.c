/* test_learn.c - learning word vectors: a batch against the formulas in double, the same bits from any number of threads
 * and instruction set, words of one topic that end up near each other, and texts that are refused. */
#include "cpu/words.h"
#include "test.h"
#include "words/learn.h"
#include "words/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static Err err;

/* ---- one batch ---- */

enum { GROUPS = 5, ROWS = 7, STEP = 32, CONTEXTS = 6, OUTS = 6 };

typedef struct Tables {
    float in[ROWS * STEP], out[ROWS * STEP];
} Tables;

static void make_tables(Tables *t)
{
    for (int64_t i = 0; i < ROWS * STEP; i++) {
        t->in[i] = i % STEP < 20 ? (float)random_normal(1, 1, (uint64_t)i) : 0;
        t->out[i] = i % STEP < 20 ? (float)random_normal(1, 2, (uint64_t)i) * 0.3F : 0;
    }
}

static const int32_t context[GROUPS * CONTEXTS] = {1, 2, 3, 1, 0, 6, 0, 0, 0, 0, 0, 0, 4, 5, 0,
                                                   0, 0, 0, 2, 2, 2, 2, 2, 0, 6, 0, 0, 0, 0, 0};
static const int32_t contexts_of[GROUPS] = {6, 0, 2, 5, 1};
static const int32_t outs_row[GROUPS * OUTS] = {0, 3, 4, 5, 6, 1, 1, 0, 0, 0, 0, 0, 2, 3, 0,
                                                0, 0, 0, 6, 1, 1, 4, 0, 0, 5, 0, 2, 3, 4, 6};
static const int32_t outs_of[GROUPS] = {6, 1, 2, 4, 6};

static void run_batch(Tables *t, bool mean, Isa isa, int64_t parts)
{
    static float d_in[GROUPS * CONTEXTS * STEP], d_out[GROUPS * OUTS * STEP];
    WordBatch b = {.groups = GROUPS,
                   .contexts = CONTEXTS,
                   .outs = OUTS,
                   .context = context,
                   .contexts_of = contexts_of,
                   .outs_row = outs_row,
                   .outs_of = outs_of,
                   .in = t->in,
                   .out = t->out,
                   .step = STEP,
                   .mean = mean,
                   .rate = 0.3F,
                   .d_in = d_in,
                   .d_out = d_out};

    for (int64_t i = GROUPS; i > 0; i--) /* in any order */
        word_kernels(isa)->compute(&b, i - 1, i);
    for (int64_t part = parts; part > 0; part--)
        word_kernels(isa)->apply(&b, part - 1, parts);
}

/* The gradient of one pair of x and u: what moves u by x, and x by u. */
static double pull(const double *x, const float *u, bool label)
{
    double f = 0;

    for (int k = 0; k < STEP; k++)
        f += x[k] * (double)u[k];
    return 0.3 * (label - 1 / (1 + exp(-f)));
}

/* What a group adds to the tables, its rows taken from `t`. */
static void add_group(const Tables *t, int g, bool mean, double *in, double *out)
{
    int n = contexts_of[g], xs = n && mean ? 1 : n;

    for (int i = 0; i < xs; i++)
        for (int j = 0; j < outs_of[g]; j++) {
            const float *u = t->out + outs_row[g * OUTS + j] * STEP;
            double x[STEP] = {0};

            for (int m = mean ? 0 : i; m < (mean ? n : i + 1); m++)
                for (int k = 0; k < STEP; k++)
                    x[k] += (double)t->in[context[g * CONTEXTS + m] * STEP + k] / (mean ? n : 1);
            double c = pull(x, u, j == 0);
            for (int k = 0; k < STEP; k++)
                out[outs_row[g * OUTS + j] * STEP + k] += c * x[k];
            for (int m = mean ? 0 : i; m < (mean ? n : i + 1); m++)
                for (int k = 0; k < STEP; k++)
                    in[context[g * CONTEXTS + m] * STEP + k] += c * (double)u[k];
        }
}

TEST(words_batch_is_its_formula)
{
    for (int mean = 0; mean < 2; mean++) {
        static double in[ROWS * STEP], out[ROWS * STEP];
        Tables t, first;

        make_tables(&t);
        memset(in, 0, sizeof in);
        memset(out, 0, sizeof out);
        for (int g = 0; g < GROUPS; g++)
            add_group(&t, g, mean, in, out);
        first = t;
        run_batch(&first, mean, isa_best(), 1);
        for (int i = 0; i < ROWS * STEP; i++) {
            CHECK_NEAR(first.in[i], (double)t.in[i] + in[i], 2e-5);
            CHECK_NEAR(first.out[i], (double)t.out[i] + out[i], 2e-5);
        }
        for (Isa isa = ISA_SCALAR; isa <= isa_best(); isa++)
            for (int64_t parts = 1; parts <= 5; parts++) {
                Tables again = t;

                run_batch(&again, mean, isa, parts);
                CHECK(memcmp(&again, &first, sizeof first) == 0);
            }
    }
}

/* ---- a text ---- */

static const char *write_text(const char *name, const char *text, size_t n)
{
    const char *path = path_join(&err, test_arena(), test_folder(), name);
    Writer *w;

    CHECK_OK(writer_open(&err, test_arena(), path, &w));
    CHECK_OK(writer_put(&err, w, text, n));
    CHECK_OK(writer_commit(&err, w));
    return path;
}

/* Lines of eight words of one of two topics, and a word that stands everywhere. */
static const char *two_topics(void)
{
    enum { LINES = 3000, LINE = 8 * 4 + 6 };
    char *text = NEWS(&err, test_arena(), char, LINES *LINE + 1);
    size_t n = 0;

    for (uint64_t i = 0; i < LINES; i++) {
        for (uint64_t k = 0; k < 8; k++)
            n += (size_t)snprintf(text + n, 8, "%c%d ", i % 2 ? 'a' : 'b',
                                  (int)(random_uniform(3, i, k) * 10));
        n += (size_t)snprintf(text + n, 8, "the\n");
    }
    return write_text("topics.txt", text, n);
}

static Learned learn(const char *path, const char *objective, int threads, Isa isa)
{
    Arena *a = test_arena();
    LearnOptions o = {
        .objective = objective, .width = 20, .epochs = 8, .seed = 5, .isa = isa, .overwrite = true};
    Learned r = {0};

    CHECK_OK(pool_new(&err, a, threads, &o.pool));
    CHECK_OK(words_pretrain(&err, a, path, path_join(&err, a, test_folder(), "out"), &o, &r));
    return r;
}

static double cosine(const Vectors *v, int64_t i, int64_t j)
{
    double xy = 0, xx = 0, yy = 0;

    for (int64_t k = 0; k < v->dim; k++) {
        double x = (double)v->value[i * v->dim + k], y = (double)v->value[j * v->dim + k];
        xy += x * y, xx += x * x, yy += y * y;
    }
    return xy / sqrt(xx * yy);
}

static void check_topics(const Vectors *v)
{
    double same = 0, other = 0;

    CHECK_INT(v->n, 21);
    CHECK_TEXT(v->word[0], "the");
    for (int64_t i = 1; i < v->n; i++)
        for (int64_t j = 1; j < i; j++)
            if (v->word[i][0] == v->word[j][0])
                same += cosine(v, i, j) / 90;
            else
                other += cosine(v, i, j) / 100;
    CHECK(same > other + 0.3);
}

static void check_bits(const char *objective)
{
    const char *path = two_topics();
    Learned first = learn(path, objective, 1, isa_best());
    size_t size = (size_t)(first.vectors.n * first.vectors.dim) * sizeof(float);

    check_topics(&first.vectors);
    CHECK_INT(first.words, 27000);
    for (int threads = 2; threads <= 3; threads++)
        for (Isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
            Learned r = learn(path, objective, threads, isa);
            CHECK(memcmp(r.vectors.value, first.vectors.value, size) == 0);
        }
}

TEST(words_learn_skipgram)
{
    check_bits("skipgram");
}

TEST(words_learn_cbow)
{
    check_bits("cbow");
}

TEST(words_learn_refuses)
{
    static char with_nul[] = "a b c\nd e\0f\n", nothing[] = "\n\n";
    static const struct {
        const char *text;
        size_t n;
        const char *message;
    } bad[] = {{with_nul, sizeof with_nul - 1, "a NUL byte in the text"},
               {nothing, 2, "no two words appear 5 times"},
               {"a b a b a b", 11, "no two words appear 5 times"}};
    Arena *a = test_arena();
    LearnOptions o = {.objective = "skipgram", .overwrite = true};
    const char *folder = path_join(&err, a, test_folder(), "out");
    Learned r;

    CHECK_OK(pool_new(&err, a, 1, &o.pool));
    for (size_t i = 0; i < LEN(bad); i++) {
        const char *path = write_text("bad.txt", bad[i].text, bad[i].n);
        CHECK_INT(words_pretrain(&err, a, path, folder, &o, &r), E_DATA);
        CHECK_HAS(err.text, bad[i].message);
        CHECK_HAS(err.text, "bad.txt");
    }
    CHECK_INT(words_pretrain(&err, a, "nowhere.txt", folder, &o, &r), E_NOINPUT);
    o.window = 33;
    CHECK_INT(words_pretrain(&err, a, "nowhere.txt", folder, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "--window cannot be 33");
}

/* SPDX-License-Identifier: MIT */
