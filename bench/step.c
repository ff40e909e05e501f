/* step.c - training steps on demand: each line of stdin, "N", runs N steps and prints their seconds, so that a rival
 * can take turns.    step MODEL_FOLDER rows:16x128 | lengths:FILE [THREADS]
 * lengths FILE: one text length (in tokens) a line; batches of 16 in the file's order, no padding. */
#include "adapt/adapt.h"
#include "models/models.h"
#include "train/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

typedef struct Bench {
    Err err;
    Arena *arena;
    Run *run;
    Optim optim;
    int32_t *length;
    int64_t lengths, at, most;
    int64_t step;
    const char *scale; /* input of the loss term */
} Bench;

enum { BATCH = 16 };

static Status read_lengths(Bench *b, const char *what)
{
    Bytes text;
    int64_t cap = 100000;

    b->length = NEWS(&b->err, b->arena, int32_t, cap);
    if (strncmp(what, "rows:", 5) == 0) {
        for (int i = 0; i < BATCH; i++)
            b->length[i] = 128;
        b->lengths = BATCH;
    } else {
        TRY(file_read_all(&b->err, b->arena, what + 8, 1 << 20, &text));
        for (const char *p = (const char *)text.data; *p && b->lengths < cap;) {
            char *end;

            b->length[b->lengths] = (int32_t)strtol(p, &end, 10);
            if (end == p)
                break;
            b->lengths++;
            p = end;
        }
        b->lengths -= b->lengths % BATCH;
    }
    for (int64_t i = 0; i < b->lengths; i += BATCH) {
        int64_t sum = 0;

        for (int64_t k = i; k < i + BATCH; k++)
            sum += b->length[k];
        b->most = sum > b->most ? sum : b->most;
    }
    return b->most ? E_OK : fail(&b->err, E_DATA, "no lengths in %s", what);
}

static Status open_bench(Bench *b, const char *folder, int threads)
{
    ModelOptions options = {.head = HEAD_SEQUENCE, .labels = 2};
    ModelShape shape = {.sequences = BATCH, .tokens = b->most, .labels = true};
    PlanOptions plan_options = {.isa = isa_best()};
    ModelOutputs out;
    LoadReport report;
    Method *method;
    Model *model;
    Plan *plan;
    Pool *pool;
    Graph *g = graph_new(&b->err, b->arena, MODE_TRAIN);
    Params *params = params_new(&b->err, b->arena);

    TRY(pool_new(&b->err, b->arena, threads, &pool));
    plan_options.threads = pool_threads(pool);
    TRY(model_open(&b->err, b->arena, folder, &options, &model));
    TRY(method_parse(&b->err, b->arena, "full",
                     &(MethodTarget){.layers = model->layers,
                                     .depth = model_depth,
                                     .is_head = model_is_head,
                                     .lora_targets = model->def->lora_targets,
                                     .model = model},
                     &method));
    TRY(model_build(&b->err, model, g, method->hook, &shape, &out));
    b->scale = arena_printf(&b->err, b->arena, "loss.%s.scale", out.loss[0].name);
    TRY(graph_backward(&b->err, g));
    TRY(optim_parse(&b->err, "adamw:lr=5e-5,wd=0.01,clip=1.0", &b->optim));
    TRY(optim_build(&b->err, g, &b->optim, &(OptimBuild){0}));
    TRY(plan_make(&b->err, b->arena, g, &plan_options, &plan));
    TRY(model_load(&b->err, b->arena, model, g, params, &report));
    TRY(params_init_missing(&b->err, params, g, 1, NULL));
    return run_new(&b->err, b->arena, plan, params, pool, 1, &b->run);
}

static Status one_step(Bench *b)
{
    int32_t offset[BATCH + 1] = {0};
    Rows rows = {.groups = BATCH, .offset = offset};
    int32_t *ids = run_input(b->run, "input_ids"), *types = run_input(b->run, "token_type_ids");
    int32_t *labels = run_input(b->run, "labels");

    for (int i = 0; i < BATCH; i++)
        offset[i + 1] = offset[i] + b->length[b->at + i];
    b->at = (b->at + BATCH) % b->lengths;
    rows.count = offset[BATCH];
    TRY(run_rows(&b->err, b->run, "tokens", &rows));
    for (int64_t t = 0; t < rows.count; t++) {
        ids[t] = (int32_t)(1000 + (t * 7919 + b->step) % 20000);
        if (types)
            types[t] = 0;
    }
    for (int i = 0; i < BATCH; i++)
        labels[i] = i % 2;
    TRY(run_scalar(&b->err, b->run, b->scale, 1.0F / BATCH));
    TRY(optim_set(&b->err, b->run, &b->optim, b->step++, 5e-5));
    TRY(run_step(&b->err, b->run));
    return run_update(&b->err, b->run);
}

static Status serve(Bench *b)
{
    char line[100];

    while (fgets(line, sizeof line, stdin)) {
        double start = clock_seconds();
        struct rusage usage;

        for (long n = strtol(line, NULL, 10); n > 0; n--)
            TRY(one_step(b));
        getrusage(RUSAGE_SELF, &usage);
        printf("%.6f %ld\n", clock_seconds() - start, usage.ru_maxrss);
        fflush(stdout);
    }
    return E_OK;
}

int main(int argc, char **argv)
{
    Bench b = {0};

    b.arena = arena_new(&b.err, sys_real());
    if (argc < 3 || !b.arena) {
        fputs("usage: step MODEL_FOLDER rows:16x128|lengths:FILE [THREADS]\n", stderr);
        return E_USAGE;
    }
    if (read_lengths(&b, argv[2]) ||
        open_bench(&b, argv[1], argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0) || serve(&b)) {
        fprintf(stderr, "error: %s\n", b.err.text);
        return b.err.code;
    }
    arena_free(b.arena);
    return 0;
}

/* SPDX-License-Identifier: MIT */
