/* infer.c - answers of a model on demand (work.h): embeddings of texts, or the classes of pictures from random weights.
 *     infer MODEL_FOLDER rows:1x8 | lengths:32:FILE [THREADS]
 *     infer VARIANT pictures:1 [THREADS] */
#include "models/models.h"
#include "work.h"

typedef struct Bench {
    Arena *arena;
    Model *model;
    Run *run;
    Lengths lengths;
    int32_t *offset;
    int64_t pictures, step;
} Bench;

static Status open_model(Err *e, Bench *b, const char *name, ModelShape *shape)
{
    ModelOptions picture = {.variant = name, .scratch = true, .labels = 1000};
    ModelOptions text = {.head = HEAD_NONE};

    if (!b->pictures) {
        *shape = (ModelShape){.sequences = b->lengths.batch, .tokens = b->lengths.most};
        return model_open(e, b->arena, name, &text, &b->model);
    }
    TRY(model_open(e, b->arena, NULL, &picture, &b->model));
    *shape = (ModelShape){
        .pictures = b->pictures, .height = b->model->pre.size, .width = b->model->pre.size};
    return E_OK;
}

static Status open_bench(Err *e, Bench *b, const char *name, int threads)
{
    PlanOptions options = {.isa = isa_best()};
    ModelShape shape;
    ModelOutputs out;
    LoadReport report;
    Plan *plan;
    Pool *pool;
    Graph *g = graph_new(e, b->arena, MODE_EVAL);
    Params *params = params_new(e, b->arena);

    b->offset = NEWS(e, b->arena, int32_t, b->lengths.batch + 1);
    if (!g || !params || !b->offset)
        return err_failed(e->code);
    TRY(pool_new(e, b->arena, threads, &pool));
    options.threads = pool_threads(pool);
    TRY(open_model(e, b, name, &shape));
    TRY(model_build(e, b->model, g, NULL, &shape, &out));
    TRY(graph_finish(e, g));
    TRY(plan_make(e, b->arena, g, &options, &plan));
    if (b->model->weights)
        TRY(model_load(e, b->arena, b->model, g, params, &report));
    TRY(params_init_missing(e, params, g, 1, NULL));
    return run_new(e, b->arena, plan, params, pool, 1, &b->run);
}

static Status texts(Err *e, Bench *b)
{
    Rows rows = {.groups = b->lengths.batch, .offset = b->offset};
    int32_t *ids = run_input(b->run, "input_ids"), *types = run_input(b->run, "token_type_ids");

    rows.count = lengths_next(&b->lengths, b->offset);
    TRY(run_rows(e, b->run, "tokens", &rows));
    for (int64_t t = 0; t < rows.count; t++) {
        ids[t] = (int32_t)(1000 + (t * 7919 + b->step) % 20000);
        if (types)
            types[t] = 0;
    }
    return E_OK;
}

static Status pictures(Err *e, Bench *b)
{
    int64_t n = b->pictures * b->model->pre.size * b->model->pre.size * 3;

    TRY(run_rows(e, b->run, "batch", &(Rows){.count = b->pictures}));
    float *x = run_input(b->run, "pixel_values");
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)((i * 7919 + b->step) % 512) / 256 - 1;
    return E_OK;
}

static Status answer(Err *e, void *arg)
{
    Bench *b = arg;

    TRY(b->pictures ? pictures(e, b) : texts(e, b));
    b->step++;
    return run_step(e, b->run);
}

int main(int argc, char **argv)
{
    Err err = {0};
    Bench b = {.arena = arena_new(&err, sys_real())};
    bool seen = argc > 2 && strncmp(argv[2], "pictures:", 9) == 0;

    if (argc < 3 || !b.arena) {
        fputs("usage: infer MODEL_FOLDER rows:1x8|lengths:32:FILE [THREADS]\n"
              "       infer VARIANT pictures:1 [THREADS]\n",
              stderr);
        return E_USAGE;
    }
    b.pictures = seen ? strtol(argv[2] + 9, NULL, 10) : 0;
    if ((!seen && lengths_read(&err, b.arena, argv[2], &b.lengths)) ||
        open_bench(&err, &b, argv[1], argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0) ||
        work_serve(&err, answer, &b)) {
        fprintf(stderr, "error: %s\n", err.text);
        return err.code;
    }
    arena_free(b.arena);
    return 0;
}

/* SPDX-License-Identifier: MIT */
