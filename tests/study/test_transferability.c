/* test_transferability.c - a study in small, end to end: its rows, the same ones when it is cut off at each network and for
 * any number of threads, what is taken and what stays, how classes are cut, and what is refused. */
#include "study/inside.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

enum { SIDE = 28, CLASSES = 4, LEARN = 10, JUDGE = 6, NETWORKS = 22 };

typedef struct Bench {
    Arena *a;
    TaskContext c;
    const char *folder, *data;
    int stop_at; /* raise the flag after so many networks; 0: never */
    int made, warned;
    volatile sig_atomic_t stop;
    char warning[300];
} Bench;

static char *path(const Bench *b, const char *name)
{
    Err err = {0};

    return path_join(&err, b->a, b->folder, name);
}

static void on_event(void *arg, const Event *event)
{
    Bench *b = arg;

    if (event->kind == EVENT_SAY && strstr(event->text, "  seed "))
        b->stop |= ++b->made == b->stop_at;
    if (event->kind == EVENT_WARN) {
        b->warned++;
        snprintf(b->warning, sizeof b->warning, "%s", event->text);
    }
}

static void put_file(const Bench *b, const char *name, const void *data, size_t n)
{
    Err err = {0};
    Writer *w;

    CHECK_OK(writer_open(&err, b->a, path(b, name), &w));
    CHECK_OK(writer_put(&err, w, data, n));
    CHECK_OK(writer_commit(&err, w));
}

static const char *text_of(const Bench *b, const char *name)
{
    Err err = {0};
    Bytes x;

    CHECK_OK(file_read_all(&err, b->a, path(b, name), 1 << 22, &x));
    return (const char *)x.data;
}

/* Bars across or down, near or far from one another, and noise: four classes of grey pictures as IDX. */
static void put_idx(const Bench *b, const char *part, int each)
{
    int n = CLASSES * each;
    Err err = {0};
    uint8_t *x = arena_alloc(&err, b->a, 16 + (size_t)(n * SIDE * SIDE));
    uint8_t *y = arena_alloc(&err, b->a, 8 + (size_t)n);
    const uint8_t pictures[16] = {0, 0, 8, 3, 0, 0, 0, (uint8_t)n, 0, 0, 0, SIDE, 0, 0, 0, SIDE};
    const uint8_t labels[8] = {0, 0, 8, 1, 0, 0, 0, (uint8_t)n};

    CHECK(x && y);
    memcpy(x, pictures, sizeof pictures);
    memcpy(y, labels, sizeof labels);
    for (int i = 0; i < n; i++) {
        y[8 + i] = (uint8_t)(i % CLASSES);
        for (int at = 0; at < SIDE * SIDE; at++) {
            int along = i % 2 ? at / SIDE : at % SIDE, step = i % CLASSES < 2 ? 4 : 9;
            double noise = random_uniform(7, random_purpose(part) + (uint64_t)i, (uint64_t)at);

            x[16 + i * SIDE * SIDE + at] =
                (uint8_t)(((along + i) % step < step / 2 ? 150 : 20) + 100 * noise);
        }
    }
    char name[80];
    snprintf(name, sizeof name, "data/%s-images-idx3-ubyte", part);
    put_file(b, name, x, 16 + (size_t)(n * SIDE * SIDE));
    snprintf(name, sizeof name, "data/%s-labels-idx1-ubyte", part);
    put_file(b, name, y, 8 + (size_t)n);
}

static void bench_open(Bench *b, int threads)
{
    static const char names[] = "ants\nbees\ncows\ndogs\n";
    Err err = {0};

    *b = (Bench){.a = test_arena(), .folder = test_folder()};
    CHECK_OK(pool_new(&err, b->a, threads, &b->c.pool));
    b->c.sys = sys_real();
    b->c.isa = isa_best();
    b->c.events = (Events){on_event, b, &b->stop};
    b->data = path(b, "data");
    CHECK_OK(dir_make(&err, sys_real(), b->data));
    put_idx(b, "train", LEARN);
    put_idx(b, "t10k", JUDGE);
    put_file(b, "data/labels.txt", names, sizeof names - 1);
}

static StudyOptions options(const Bench *b, const char *output)
{
    return (StudyOptions){.data = b->data,
                          .variant = "alexnet_small",
                          .output = path(b, output),
                          .layers = "1,6",
                          .seeds = 2,
                          .epochs = 1,
                          .batch = 8};
}

static Status study(Err *e, Bench *b, const StudyOptions *o, StudyResult *r)
{
    Arena *a = arena_child(e, b->a); /* its lock ends with it */
    Status s = a ? study_transferability(e, a, &b->c, o, r) : e->code;

    arena_free(a);
    return s;
}

static void same_file(const Bench *b, const char *x, const char *y, const char *name)
{
    char first[200], second[200];

    snprintf(first, sizeof first, "%s/%s", x, name);
    snprintf(second, sizeof second, "%s/%s", y, name);
    CHECK_TEXT(text_of(b, first), text_of(b, second));
}

TEST(study_transferability_end_to_end)
{
    Err err = {0};
    Bench b;
    StudyResult r;
    int lines = 0;

    bench_open(&b, 2);
    StudyOptions o = options(&b, "out");
    CHECK_OK(study(&err, &b, &o, &r));
    CHECK_INT(r.networks, NETWORKS);
    CHECK_INT(r.trained, NETWORKS);
    CHECK_INT(r.findings, 6); /* no n lies in the middle */
    CHECK_INT(r.finding[0].n, 2);
    const char *rows = text_of(&b, "out/networks.csv");
    for (const char *at = rows; (at = strchr(at, '\n')); at++)
        lines++;
    CHECK_INT(lines, 1 + NETWORKS);
    CHECK_HAS(rows, "classes,seed,network,layers,right,pictures,accuracy,loss,probe,weights,");
    CHECK_HAS(rows, "\nrandom,1,AnB+,6,");
    CHECK_HAS(text_of(&b, "out/summary.csv"), "\nrandom,AnB,6,2,");
    CHECK_HAS(text_of(&b, "out/report.html"), "What of the paper holds");
    CHECK_HAS(text_of(&b, "out/report.html"), "The first layer's filters");
    CHECK_HAS(text_of(&b, "out/study.json"), "\"epochs\": \"1\"");
    CHECK_INT(study(&err, &b, &o, &r), E_TAKEN);
    CHECK_HAS(err.text, "--resume");
    o.resume = true; /* nothing is missing */
    b.made = 0;
    CHECK_OK(study(&err, &b, &o, &r));
    CHECK_INT(r.trained, 0);
    CHECK_TEXT(text_of(&b, "out/networks.csv"), rows);
}

TEST(study_goes_on_to_the_same_rows_from_each_network)
{
    Err err = {0};
    Bench b;
    StudyResult r;

    bench_open(&b, 2);
    StudyOptions whole = options(&b, "a/out"), parts = options(&b, "b/out");
    CHECK_OK(study(&err, &b, &whole, &r));
    for (int i = 1; i < NETWORKS; i++) {
        b.stop = 0;
        b.made = 0;
        b.stop_at = 1;
        CHECK_INT(study(&err, &b, &parts, &r), E_STOPPED);
        CHECK_HAS(err.text, "--resume");
        CHECK_INT(b.made, 1);
        parts.resume = true;
    }
    b.stop = b.stop_at = 0;
    CHECK_OK(study(&err, &b, &parts, &r));
    CHECK_INT(r.trained, 1);
    same_file(&b, "a/out", "b/out", "networks.csv");
    same_file(&b, "a/out", "b/out", "summary.csv");
    same_file(&b, "a/out", "b/out", "report.html");
    CHECK_INT(b.warned, 0);
}

TEST(study_same_bits_for_any_number_of_threads)
{
    Err err = {0};
    StudyResult r;
    Bench b[2];

    for (int i = 0; i < 2; i++) {
        bench_open(&b[i], i ? 3 : 1);
        StudyOptions o = options(&b[i], i ? "three" : "one");
        o.seeds = 1;
        CHECK_OK(study(&err, &b[i], &o, &r));
    }
    same_file(&b[0], "one", "three", "networks.csv");
}

/* ---- what is taken ---- */

static Study *opened(Bench *b, const StudyOptions *o, StudyResult *r)
{
    Err err = {0};
    Study *s = NEW(&err, b->a, Study);

    *s = (Study){.a = b->a, .c = &b->c, .o = *o, .r = r};
    CHECK_OK(study_open(&err, s));
    return s;
}

static bool equal(const Param *x, const float *data)
{
    return memcmp(x->data, data, (size_t)shape_size(&x->shape) * sizeof *data) == 0;
}

/* What was base's before is base's after, and the taken layers are (or are not) those numbers. */
static void check_taken(Bench *b, Study *s, const Half *h, Params *base, const Learn *how)
{
    Err err = {0};
    Trial trial;
    Params *p;
    float *before[14];

    for (int i = 0; i < params_count(base); i++) {
        const Param *x = params_at(base, i);
        size_t n = (size_t)shape_size(&x->shape) * sizeof(float);

        CHECK((before[i] = arena_alloc(&err, b->a, n)) != NULL);
        memcpy(before[i], x->data, n);
    }
    CHECK_OK(study_learn(&err, b->a, s, how, &trial, &p));
    CHECK_INT(trial.pictures, h->tests);
    CHECK_INT(trial.probe >= 0, !how->tuned);
    for (int i = 0; i < params_count(base); i++) {
        const Param *x = params_at(base, i), *y = params_find(p, x->name);
        bool taken = model_depth(s->model, x->name) < how->n;

        CHECK(equal(x, before[i]));
        CHECK_INT(y->data == x->data, taken && !how->tuned);
        CHECK_INT(equal(y, before[i]), taken && !how->tuned);
    }
}

TEST(study_frozen_layers_are_the_bits_of_their_base)
{
    Err err = {0};
    Half half[2];
    Trial trial;
    Params *base;
    StudyResult r;
    Bench b;

    bench_open(&b, 1);
    StudyOptions o = options(&b, "out");
    Study *s = opened(&b, &o, &r);
    CHECK_OK(study_halves(&err, b.a, s, HALVES_RANDOM, 0, half));
    Learn how = {.half = &half[0], .tuned = true, .seed = 3};
    CHECK_OK(study_learn(&err, b.a, s, &how, &trial, &base));
    CHECK_INT(params_count(base), 14);
    how.from = base;
    for (how.n = 1; how.n <= 6; how.n++) { /* AnA: all six is the whole network but its head */
        how.seed = 4;
        how.tuned = false;
        check_taken(&b, s, &half[0], base, &how);
        how.tuned = true;
        check_taken(&b, s, &half[0], base, &how);
    }
    CHECK_INT(study_learn(&err, b.a, s, &how, &trial, &base), E_USAGE);
    CHECK_HAS(err.text, "the first 7 layers cannot be taken");
}

TEST(study_halves_are_disjoint_and_of_their_seed)
{
    Err err = {0};
    StudyResult r;
    Bench b;
    int differ = 0;

    bench_open(&b, 1);
    StudyOptions o = options(&b, "out");
    Study *s = opened(&b, &o, &r);
    for (int seed = 0; seed < 20; seed++) {
        Half x[2], again[2], next[2];
        int64_t learns = 0, judges = 0;

        CHECK_OK(study_halves(&err, b.a, s, HALVES_RANDOM, seed, x));
        CHECK_OK(study_halves(&err, b.a, s, HALVES_RANDOM, seed, again));
        CHECK_OK(study_halves(&err, b.a, s, HALVES_RANDOM, seed + 1, next));
        CHECK_INT(x[0].classes, 2);
        CHECK_INT(x[1].classes, 2);
        for (int64_t i = 0; i < s->n; i++) {
            CHECK_INT((x[0].label[i] >= 0) + (x[1].label[i] >= 0), 1);
            CHECK_INT(x[0].label[i], again[0].label[i]);
            for (int k = 0; k < 2; k++)
                if (x[k].label[i] >= 0)
                    CHECK_TEXT(x[k].name[x[k].label[i]], s->labels.name[s->label[i]]);
        }
        for (int k = 0; k < 2; k++) {
            learns += x[k].trains;
            judges += x[k].tests;
        }
        CHECK_INT(learns, CLASSES * LEARN);
        CHECK_INT(judges, CLASSES * JUDGE);
        differ += memcmp(x[0].of, next[0].of, 2 * sizeof(int)) != 0;
    }
    CHECK(differ > 10);
}

TEST(study_far_halves_beside_random_ones)
{
    Err err = {0};
    StudyResult r;
    Bench b;

    bench_open(&b, 2);
    StudyOptions o = options(&b, "out");
    o.a = "cows,ants";
    o.b = "dogs,bees";
    o.far = true;
    o.layers = "2";
    CHECK_OK(study(&err, &b, &o, &r));
    CHECK_INT(r.networks, 2 * 2 * 7);
    CHECK_HAS(r.finding[r.findings - 1].claim, "distant");
    CHECK_HAS(text_of(&b, "out/networks.csv"), "\nnamed,1,AnB+,2,");
    CHECK_HAS(text_of(&b, "out/report.html"), "A is cows,ants; B is dogs,bees");
}

/* ---- what is refused ---- */

TEST(study_refuses_what_makes_no_sense)
{
    static const struct {
        StudyOptions o;
        Status code;
        const char *why;
    } cases[] = {
        {{.a = "ants,ants", .b = "cows,dogs"}, E_USAGE, "--a names the class \"ants\" twice"},
        {{.a = "ants,bees", .b = "bees,cows"}, E_USAGE, "\"bees\" is in both halves"},
        {{.a = "ants,birds", .b = "cows,dogs"}, E_USAGE, "no class is called \"birds\""},
        {{.a = "ants,birds", .b = "cows,dogs"}, E_USAGE, "ants, bees, cows, dogs"},
        {{.a = "ants,", .b = "cows,dogs"}, E_USAGE, "no class is called \"\""},
        {{.a = "ants,bees", .b = "cows"}, E_USAGE, "--b names fewer than 2 classes"},
        {{.a = "ants,bees"}, E_USAGE, "--a is given without --b"},
        {{.far = true}, E_USAGE, "which classes are far from which?"},
        {{.layers = "0"}, E_USAGE, "1 to 6 (alexnet_small has so many"},
        {{.layers = "7"}, E_USAGE, "cannot be \"7\""},
        {{.layers = "2,1"}, E_USAGE, "cannot be \"2,1\""},
        {{.layers = "1,,2"}, E_USAGE, "cannot be \"1,,2\""},
        {{.layers = "1,"}, E_USAGE, "cannot be \"1,\""},
        {{.layers = ""}, E_USAGE, "cannot be \"\""},
        {{.seeds = 101}, E_USAGE, "101 seeds cannot be"},
        {{.epochs = -1}, E_USAGE, "-1 epochs cannot be"},
        {{.batch = -1}, E_USAGE, "a batch of -1 cannot be"},
        {{.lr = 11}, E_USAGE, "a rate of 11 cannot be"},
        {{.size = 4}, E_USAGE, "pictures of 4 pixels a side cannot be"},
        {{.variant = "alexnet_tiny"}, E_UNAVAILABLE, "alexnet_small"},
        {{.data = "/nowhere"}, E_NOINPUT, "/nowhere"},
    };
    Bench b;
    StudyResult r;

    bench_open(&b, 1);
    for (size_t i = 0; i < LEN(cases); i++) {
        StudyOptions o = cases[i].o;
        Err err = {0};
        char name[20];

        snprintf(name, sizeof name, "out%zu", i);
        o.data = o.data ? o.data : b.data;
        o.variant = o.variant ? o.variant : "alexnet_small";
        o.output = path(&b, name);
        CHECK_INT(study(&err, &b, &o, &r), cases[i].code);
        CHECK_HAS(err.text, cases[i].why);
    }
}

/* A study of one seed is there; then its rows are `rows`. */
static Status with_rows(Err *e, Bench *b, const char *rows, StudyResult *r)
{
    StudyOptions o = options(b, "out");

    put_file(b, "out/networks.csv", rows, strlen(rows));
    o.seeds = 1;
    o.resume = true;
    b->warned = 0;
    *e = (Err){0};
    return study(e, b, &o, r);
}

TEST(study_rows_that_are_not_its_own)
{
    Err err = {0};
    StudyResult r;
    Bench b;

    bench_open(&b, 1);
    StudyOptions o = options(&b, "out");
    o.seeds = 1;
    CHECK_OK(study(&err, &b, &o, &r));
    const char *good = text_of(&b, "out/networks.csv");
    const char *second = strchr(strchr(good, '\n') + 1, '\n') + 1;
    char *x = arena_printf(&err, b.a, "%s", good);
    x[strlen(x) - 9] ^= 1; /* in the last row's settings */
    CHECK_INT(with_rows(&err, &b, x, &r), E_DATA);
    CHECK_HAS(err.text, "other settings");
    CHECK_HAS(err.text, "networks.csv:12");
    CHECK_INT(with_rows(&err, &b, arena_printf(&err, b.a, "%s%s", good, second), &r), E_DATA);
    CHECK_HAS(err.text, "has a row already");
    CHECK_INT(with_rows(&err, &b, second, &r), E_DATA);
    CHECK_HAS(err.text, "names other columns");
    CHECK_INT(with_rows(&err, &b, arena_printf(&err, b.a, "%srandom,0\n", good), &r), E_DATA);
    CHECK_HAS(err.text, "number of fields");
    x = arena_printf(&err, b.a, "%s", good);
    *strstr(x, "random,0,baseB") = 'R';
    CHECK_INT(with_rows(&err, &b, x, &r), E_DATA);
    CHECK_HAS(err.text, "no such network");
    x = arena_printf(&err, b.a, "%.*s", (int)strlen(good) - 3, good); /* cut in the last row */
    CHECK_OK(with_rows(&err, &b, x, &r));
    CHECK_INT(b.warned, 1);
    CHECK_HAS(b.warning, "networks.csv:12 is cut off");
    CHECK_INT(r.trained, 1);
    CHECK_TEXT(text_of(&b, "out/networks.csv"), good);
}

TEST(study_settings_that_differ_are_named)
{
    Err err = {0};
    StudyResult r;
    Bench b;

    bench_open(&b, 1);
    StudyOptions o = options(&b, "out");
    o.seeds = 1;
    o.layers = "1";
    CHECK_OK(study(&err, &b, &o, &r));
    o.resume = true;
    o.epochs = 2;
    CHECK_INT(study(&err, &b, &o, &r), E_TAKEN);
    CHECK_HAS(err.text, "--epochs: 1 there, 2 asked for");
    o.epochs = 1;
    o.per_class = 5;
    CHECK_INT(study(&err, &b, &o, &r), E_TAKEN);
    CHECK_HAS(err.text, "--per-class: 400 there, 5 asked for");
    o.per_class = 0;
    o.seeds = 2; /* more of the same */
    CHECK_OK(study(&err, &b, &o, &r));
    CHECK_INT(r.trained, 7);
    o.output = path(&b, "data");
    CHECK_INT(study(&err, &b, &o, &r), E_TAKEN);
    CHECK_HAS(err.text, "holds other things");
}

TEST(study_makes_a_base_again_that_was_damaged)
{
    Err err = {0};
    StudyResult r;
    Bench b;

    bench_open(&b, 1);
    StudyOptions o = options(&b, "out");
    o.seeds = 1;
    o.layers = "1";
    b.stop_at = 4;
    CHECK_INT(study(&err, &b, &o, &r), E_STOPPED);
    b.stop = b.stop_at = 0;
    put_file(&b, "out/bases/random-0-A.safetensors", "damaged", 7);
    CHECK_OK(path_remove(&err, sys_real(), path(&b, "out/bases/random-0-B.safetensors")));
    o.resume = true;
    CHECK_OK(study(&err, &b, &o, &r));
    CHECK_INT(b.warned, 2);
    CHECK_INT(r.trained, 3);
    const char *rows = text_of(&b, "out/networks.csv");
    o.resume = false;
    o.overwrite = true;
    CHECK_OK(study(&err, &b, &o, &r));
    CHECK_TEXT(text_of(&b, "out/networks.csv"), rows);
}

/* SPDX-License-Identifier: MIT */
