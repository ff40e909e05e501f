/* test_released_pictures.c - released networks, as their files are, on real pictures: ResNet-20 on 1000 of CIFAR-10. */
#include "image/image.h"
#include "models/models.h"
#include "test.h"

#define BATCH 20

typedef struct Released {
    Arena *a;
    Model *m;
    Run *run;
} Released;

static Released open_released(const char *file, const char *variant, const char *loaded)
{
    Err err;
    Released l = {.a = test_arena()};
    ModelShape shape = {.pictures = BATCH};
    PlanOptions po = {.isa = isa_best(), .threads = 2};
    ModelOutputs out;
    LoadReport report;
    Pool *pool;
    Plan *plan;
    Params *p = params_new(&err, l.a);
    Graph *g = graph_new(&err, l.a, MODE_EVAL);

    CHECK_OK(model_open(&err, l.a, test_shared(file), &(ModelOptions){0}, &l.m));
    CHECK_TEXT(l.m->variant->name, variant);
    shape.height = shape.width = l.m->pre.size;
    CHECK_OK(model_build(&err, l.m, g, NULL, &shape, &out));
    CHECK_OK(model_load(&err, l.a, l.m, g, p, &report));
    CHECK_TEXT(report.text, loaded);
    CHECK_OK(pool_new(&err, l.a, 2, &pool));
    CHECK_OK(plan_make(&err, l.a, g, &po, &plan));
    CHECK_OK(run_new(&err, l.a, plan, p, pool, 0, &l.run));
    return l;
}

/* Picture `i` of the next run. */
static void put_picture(const Released *l, const char *path, int i)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());
    Bytes file;
    Picture whole, cut;
    const Preprocess *p = &l->m->pre;
    PictureEval how = {.resize = p->resize, .width = p->size, .height = p->size};
    float *to = run_input(l->run, "pixel_values");

    CHECK(filter_parse(p->interpolation, &how.filter));
    CHECK_OK(file_read_all(&err, a, path, 1 << 24, &file));
    CHECK_OK(picture_decode(&err, a, path, file, NULL, &whole));
    CHECK_OK(picture_eval(&err, a, &whole, &how, &cut));
    picture_tensor(&cut, p->mean, p->std, to + (int64_t)i * 3 * p->size * p->size);
    arena_free(a);
}

/* [n, labels] */
static const float *logits(const Released *l, int n)
{
    Err err;

    CHECK_OK(run_rows(&err, l->run, "batch", &(Rows){.count = n}));
    CHECK_OK(run_step(&err, l->run));
    return run_output(l->run, "logits").data;
}

static int best(const float *z, int labels)
{
    int top = 0;

    for (int k = 1; k < labels; k++)
        top = z[k] > z[top] ? k : top;
    return top;
}

/* ---- ResNet-20 ---- */

static int count_right(const Released *l, const char *folder, int label)
{
    Err err;
    char **names;
    size_t files;
    int right = 0;

    CHECK_OK(dir_list(&err, l->a, folder, &names, &files));
    CHECK_INT((int)files % BATCH, 0);
    for (size_t i = 0; i < files; i += BATCH) {
        for (int k = 0; k < BATCH; k++)
            put_picture(l, path_join(&err, l->a, folder, names[i + (size_t)k]), k);
        const float *z = logits(l, BATCH);
        for (int k = 0; k < BATCH; k++)
            right += best(z + k * 10, 10) == label;
    }
    return right;
}

/* 91.78 % of the test set by the file itself; these pictures went through JPEG. */
TEST(models_released_resnet20)
{
    Err err;
    char **classes;
    size_t n;
    int right = 0;
    Released l = open_released("data/models/resnet20-cifar10/resnet20-12fca82f.th", "resnet20",
                               "backbone 95 of 95 tensors; head 2 of 2 tensors");
    const char *folder =
        arena_printf(&err, l.a, "%s", test_shared("data/images/cifar10-subset/test"));

    CHECK_OK(dir_list(&err, l.a, folder, &classes, &n));
    CHECK_INT((int)n, 10);
    for (size_t i = 0; i < n; i++)
        right += count_right(&l, path_join(&err, l.a, folder, classes[i]), (int)i);
    CHECK_INT(right, 819);
}

/* SPDX-License-Identifier: MIT */
