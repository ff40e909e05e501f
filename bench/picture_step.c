/* picture_step.c - training steps of a network of pictures on demand, weights from random numbers: each line of stdin,
 * "N", runs N steps of 16 pictures and prints their seconds and peak memory, so that a rival can take turns.
 *     picture_step VARIANT SIZE [THREADS] */
#include "adapt/adapt.h"
#include "models/models.h"
#include "train/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

typedef struct Bench {
    Err err;
    Arena *arena;
    Run *run;
    Optim optim;
    int64_t size, step;
    const char *scale; /* input of the loss term */
} Bench;

enum { BATCH = 16, CLASSES = 1000 };

static Status build(Bench *b, const Model *model, Graph *g)
{
    ModelShape shape = {.pictures = BATCH, .height = b->size, .width = b->size, .labels = true};
    ModelOutputs out;
    Method *method;

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
    TRY(optim_parse(&b->err, "adamw:lr=5e-4,wd=0.01", &b->optim));
    return optim_build(&b->err, g, &b->optim, &(OptimBuild){0});
}

static Status open_bench(Bench *b, const char *variant, int threads)
{
    ModelOptions options = {.variant = variant, .scratch = true, .labels = CLASSES};
    PlanOptions plan_options = {.isa = isa_best()};
    Graph *g = graph_new(&b->err, b->arena, MODE_TRAIN);
    Params *params = params_new(&b->err, b->arena);
    Model *model;
    Plan *plan;
    Pool *pool;

    if (!g || !params)
        return err_failed(b->err.code);
    TRY(pool_new(&b->err, b->arena, threads, &pool));
    plan_options.threads = pool_threads(pool);
    TRY(model_open(&b->err, b->arena, NULL, &options, &model));
    TRY(build(b, model, g));
    TRY(plan_make(&b->err, b->arena, g, &plan_options, &plan));
    TRY(params_init_missing(&b->err, params, g, 1, NULL));
    return run_new(&b->err, b->arena, plan, params, pool, 1, &b->run);
}

static Status one_step(Bench *b)
{
    Rows rows = {.count = BATCH};
    int64_t n = BATCH * b->size * b->size * 3;

    TRY(run_rows(&b->err, b->run, "batch", &rows));
    float *x = run_input(b->run, "pixel_values");
    int32_t *labels = run_input(b->run, "labels");
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)((i * 7919 + b->step) % 512) / 256 - 1;
    for (int i = 0; i < BATCH; i++)
        labels[i] = (int32_t)((i * 61 + b->step) % CLASSES);
    TRY(run_scalar(&b->err, b->run, b->scale, 1.0F / BATCH));
    TRY(optim_set(&b->err, b->run, &b->optim, b->step++, 5e-4));
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
    b.size = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (b.size < 32 || !b.arena) {
        fputs("usage: picture_step VARIANT SIZE [THREADS]\n", stderr);
        return E_USAGE;
    }
    if (open_bench(&b, argv[1], argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0) || serve(&b)) {
        fprintf(stderr, "error: %s\n", b.err.text);
        return b.err.code;
    }
    arena_free(b.arena);
    return 0;
}

/* SPDX-License-Identifier: MIT */
