/* step.c - training steps of a text classifier on demand (work.h); of a folder of GPT-2 and its like, of the next token.
 *     step MODEL_FOLDER rows:16x128 | lengths:FILE [THREADS [METHOD]] */
#include "adapt/adapt.h"
#include "models/models.h"
#include "train/train.h"
#include "work.h"

typedef struct Bench {
    Arena *arena;
    Run *run;
    Optim optim;
    Lengths lengths;
    int32_t *offset;
    int64_t step;
    const char *scale; /* input of the loss term */
    bool next;         /* labels are the tokens that follow */
} Bench;

static Status build(Err *e, Bench *b, const Model *model, const Method *method, Graph *g)
{
    ModelShape shape = {.sequences = b->lengths.batch, .tokens = b->lengths.most, .labels = true};
    OptimBuild how = {.hooks = method->hooks, .rate = method_rate, .rate_arg = method};
    ModelOutputs out;

    TRY(model_build(e, model, g, method->hooks, &shape, &out));
    b->scale = arena_printf(e, b->arena, "loss.%s.scale", out.loss[0].name);
    TRY(method_check(e, method, g));
    TRY(graph_backward(e, g));
    TRY(optim_parse(e, "adamw:lr=5e-5,wd=0.01,clip=1.0", &b->optim));
    return optim_build(e, g, &b->optim, &how);
}

static Status open_bench(Err *e, Bench *b, const char *folder, int threads, const char *how)
{
    ModelOptions options = {.head = HEAD_AUTO};
    PlanOptions plan_options = {.isa = isa_best()};
    LoadReport report;
    Method *method;
    Model *model;
    Plan *plan;
    Pool *pool;
    Graph *g = graph_new(e, b->arena, MODE_TRAIN);
    Params *params = params_new(e, b->arena);

    b->offset = NEWS(e, b->arena, int32_t, b->lengths.batch + 1);
    if (!g || !params || !b->offset)
        return err_failed(e->code);
    TRY(pool_new(e, b->arena, threads, &pool));
    plan_options.threads = pool_threads(pool);
    TRY(model_open(e, b->arena, folder, &options, &model));
    b->next = model->head == HEAD_CAUSAL;
    options = (ModelOptions){.head = HEAD_SEQUENCE, .labels = 2};
    if (!b->next)
        TRY(model_open(e, b->arena, folder, &options, &model));
    TRY(method_parse(e, b->arena, how,
                     &(MethodTarget){.layers = model->layers,
                                     .depth = model_depth,
                                     .is_head = model_is_head,
                                     .lora_targets = model->def->lora_targets,
                                     .model = model},
                     &method));
    TRY(build(e, b, model, method, g));
    TRY(plan_make(e, b->arena, g, &plan_options, &plan));
    TRY(model_load(e, b->arena, model, g, params, &report));
    TRY(params_init_missing(e, params, g, 1, NULL));
    return run_new(e, b->arena, plan, params, pool, 1, &b->run);
}

/* The loss term's scale. */
static float set_labels(const Bench *b, const Rows *rows, const int32_t *ids, int32_t *labels)
{
    for (int64_t s = 0; s < rows->groups; s++) {
        if (!b->next)
            labels[s] = s % 2;
        for (int32_t t = rows->offset[s]; b->next && t < rows->offset[s + 1]; t++)
            labels[t] = t + 1 < rows->offset[s + 1] ? ids[t + 1] : -1;
    }
    return 1.0F / (float)(b->next ? rows->count - rows->groups : rows->groups);
}

static Status one_step(Err *e, void *arg)
{
    Bench *b = arg;
    Rows rows = {.groups = b->lengths.batch, .offset = b->offset};
    int32_t *ids = run_input(b->run, "input_ids"), *types = run_input(b->run, "token_type_ids");
    int32_t *labels = run_input(b->run, "labels");

    rows.count = lengths_next(&b->lengths, b->offset);
    TRY(run_rows(e, b->run, "tokens", &rows));
    for (int64_t t = 0; t < rows.count; t++) {
        ids[t] = (int32_t)(1000 + (t * 7919 + b->step) % 20000);
        if (types)
            types[t] = 0;
    }
    TRY(run_scalar(e, b->run, b->scale, set_labels(b, &rows, ids, labels)));
    TRY(optim_set(e, b->run, &b->optim, b->step++, 5e-5));
    TRY(run_step(e, b->run));
    return run_update(e, b->run);
}

int main(int argc, char **argv)
{
    Err err = {0};
    Bench b = {.arena = arena_new(&err, sys_real())};

    if (argc < 3 || !b.arena) {
        fputs("usage: step MODEL_FOLDER rows:16x128|lengths:FILE [THREADS [METHOD]]\n", stderr);
        return E_USAGE;
    }
    if (lengths_read(&err, b.arena, argv[2], &b.lengths) ||
        open_bench(&err, &b, argv[1], argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0,
                   argc > 4 ? argv[4] : "full") ||
        work_serve(&err, one_step, &b)) {
        fprintf(stderr, "error: %s\n", err.text);
        return err.code;
    }
    arena_free(b.arena);
    return 0;
}

/* SPDX-License-Identifier: MIT */
