/* picture_step.c - training steps of a network of pictures on demand (work.h): 16 of them a step, weights from
 * random numbers.
 *     picture_step VARIANT SIZE [THREADS] */
#include "adapt/adapt.h"
#include "models/models.h"
#include "train/train.h"
#include "work.h"

typedef struct Bench {
    Arena *arena;
    Run *run;
    Optim optim;
    int64_t size, step;
    const char *scale; /* input of the loss term */
} Bench;

enum { BATCH = 16, CLASSES = 1000 };

static Status build(Err *e, Bench *b, const Model *model, Graph *g)
{
    ModelShape shape = {.pictures = BATCH, .height = b->size, .width = b->size, .labels = true};
    ModelOutputs out;
    Method *method;

    TRY(method_parse(e, b->arena, "full",
                     &(MethodTarget){.layers = model->layers,
                                     .depth = model_depth,
                                     .is_head = model_is_head,
                                     .lora_targets = model->def->lora_targets,
                                     .model = model},
                     &method));
    TRY(model_build(e, model, g, method->hook, &shape, &out));
    b->scale = arena_printf(e, b->arena, "loss.%s.scale", out.loss[0].name);
    TRY(graph_backward(e, g));
    TRY(optim_parse(e, "adamw:lr=5e-4,wd=0.01", &b->optim));
    return optim_build(e, g, &b->optim, &(OptimBuild){0});
}

static Status open_bench(Err *e, Bench *b, const char *variant, int threads)
{
    ModelOptions options = {.variant = variant, .scratch = true, .labels = CLASSES};
    PlanOptions plan_options = {.isa = isa_best()};
    Graph *g = graph_new(e, b->arena, MODE_TRAIN);
    Params *params = params_new(e, b->arena);
    Model *model;
    Plan *plan;
    Pool *pool;

    if (!g || !params)
        return err_failed(e->code);
    TRY(pool_new(e, b->arena, threads, &pool));
    plan_options.threads = pool_threads(pool);
    TRY(model_open(e, b->arena, NULL, &options, &model));
    TRY(build(e, b, model, g));
    TRY(plan_make(e, b->arena, g, &plan_options, &plan));
    TRY(params_init_missing(e, params, g, 1, NULL));
    return run_new(e, b->arena, plan, params, pool, 1, &b->run);
}

static Status one_step(Err *e, void *arg)
{
    Bench *b = arg;
    Rows rows = {.count = BATCH};
    int64_t n = BATCH * b->size * b->size * 3;

    TRY(run_rows(e, b->run, "batch", &rows));
    float *x = run_input(b->run, "pixel_values");
    int32_t *labels = run_input(b->run, "labels");
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)((i * 7919 + b->step) % 512) / 256 - 1;
    for (int i = 0; i < BATCH; i++)
        labels[i] = (int32_t)((i * 61 + b->step) % CLASSES);
    TRY(run_scalar(e, b->run, b->scale, 1.0F / BATCH));
    TRY(optim_set(e, b->run, &b->optim, b->step++, 5e-4));
    TRY(run_step(e, b->run));
    return run_update(e, b->run);
}

int main(int argc, char **argv)
{
    Err err = {0};
    Bench b = {.arena = arena_new(&err, sys_real())};

    b.size = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (b.size < 32 || !b.arena) {
        fputs("usage: picture_step VARIANT SIZE [THREADS]\n", stderr);
        return E_USAGE;
    }
    if (open_bench(&err, &b, argv[1], argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0) ||
        work_serve(&err, one_step, &b)) {
        fprintf(stderr, "error: %s\n", err.text);
        return err.code;
    }
    arena_free(b.arena);
    return 0;
}

/* SPDX-License-Identifier: MIT */
