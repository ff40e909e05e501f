/* golden_case.c - the recipe of the golden cases in C, and their comparison. */
#include "golden_case.h"

#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Arena *current; /* of the test, freed when its process ends */

static void close_current(void)
{
    arena_free(current);
}

/* u(i) = (splitmix64(key + i) >> 40) / 2^24 * 2 - 1; key = FNV-1a 64 of the name */
static double uniform(uint64_t key, int64_t i)
{
    uint64_t z = key + (uint64_t)i + 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    z ^= z >> 31;
    return (double)(z >> 40) / 16777216.0 * 2.0 - 1.0;
}

static uint64_t key_of(const char *name)
{
    return hash_fnv1a(name, strlen(name), 0);
}

void golden_uniform(const char *name, int64_t n, double *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = uniform(key_of(name), i);
}

void golden_integers(const char *name, int64_t n, int64_t low, int64_t high, int64_t *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = low + (int64_t)floor((uniform(key_of(name), i) + 1) / 2 * (double)(high - low));
}

float *golden_tensor(Arena *a, const char *name, int64_t n, double offset, double scale)
{
    Err err;
    float *x = NEWS(&err, a, float, n + 1);
    uint64_t key = key_of(name);

    CHECK(x != NULL);
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)(offset + scale * uniform(key, i));
    return x;
}

static Shape shape_of(const Json *list)
{
    Shape s = {.rank = (int)json_count(list)};

    for (int i = 0; i < s.rank; i++)
        s.dim[i] = (int64_t)json_double(json_item(list, (size_t)i));
    return s;
}

static NamedTensor make_tensor(Arena *a, const Json *spec)
{
    static int64_t zero;
    NamedTensor t = {json_text(json_member(spec, "name")),
                     {DT_F32, shape_of(json_member(spec, "shape")), NULL}};

    if (strcmp(json_text(json_member(spec, "dtype")), "I64") == 0) { /* num_batches_tracked */
        CHECK_INT(shape_size(&t.tensor.shape), 1);
        t.tensor.dtype = DT_I64;
        t.tensor.data = &zero;
        return t;
    }
    CHECK_TEXT(json_text(json_member(spec, "dtype")), "F32");
    t.tensor.data = golden_tensor(a, t.name, shape_size(&t.tensor.shape),
                                  json_double(json_member(spec, "offset")),
                                  json_double(json_member(spec, "scale")));
    return t;
}

static void write_weights(const Golden *g, const char *spec_name, const char *to)
{
    Err err;
    Config spec;

    CHECK_OK(config_open(&err, g->a, golden_file(g, spec_name), &spec));
    const Json *list = config_get(&spec, "tensors");
    NamedTensor *t = NEWS(&err, g->a, NamedTensor, json_count(list) + 1);
    CHECK(t && json_count(list) > 0);
    for (size_t i = 0; i < json_count(list); i++)
        t[i] = make_tensor(g->a, json_item(list, i));
    CHECK_OK(safetensors_write(&err, g->a, to, t, (int)json_count(list), NULL));
}

static void copy_file(const Golden *g, const char *from, const char *to)
{
    Err err;
    Bytes b;
    Writer *w;

    CHECK_OK(file_read_all(&err, g->a, from, 1 << 24, &b));
    CHECK_OK(writer_open(&err, g->a, to, &w));
    CHECK_OK(writer_put(&err, w, b.data, b.n));
    CHECK_OK(writer_commit(&err, w));
}

const char *golden_file(const Golden *g, const char *name)
{
    Err err;
    const char *path = path_join(&err, g->a, g->dir, name);

    CHECK(path != NULL);
    return path;
}

const char *golden_temp(const Golden *g, const char *name)
{
    Err err;
    const char *path = path_join(&err, g->a, test_folder(), name);

    CHECK(path != NULL);
    return path;
}

Golden golden_open(const char *name)
{
    Err err;
    Golden g = {.a = current = arena_new(&err, sys_real())};
    Config c, t = {0};

    CHECK(g.a != NULL && atexit(close_current) == 0);
    g.dir = arena_printf(&err, g.a, "tests/golden/%s", name);
    g.model = golden_temp(&g, "model");
    CHECK_OK(dir_make(&err, sys_real(), g.model));
    CHECK_OK(config_open(&err, g.a, golden_file(&g, "case.json"), &c));
    t.json = (Json *)(uintptr_t)config_get(&c, "tolerance");
    g.abs = json_double(json_member(t.json, "abs"));
    g.rel = json_double(json_member(t.json, "rel"));
    g.gradient = json_double(json_member(t.json, "gradient"));
    CHECK(g.abs > 0 && g.rel > 0); /* gradient 0: each has its own */
    copy_file(&g, golden_file(&g, "config.json"), golden_temp(&g, "model/config.json"));
    write_weights(&g, "weights.json", golden_temp(&g, "model/model.safetensors"));
    return g;
}

const char *golden_adapter(const Golden *g)
{
    Err err;
    const char *dir = golden_temp(g, "adapter");

    CHECK_OK(dir_make(&err, sys_real(), dir));
    copy_file(g, golden_file(g, "adapter_config.json"),
              golden_temp(g, "adapter/adapter_config.json"));
    write_weights(g, "adapter_weights.json", golden_temp(g, "adapter/adapter_model.safetensors"));
    return dir;
}

static float *read_f32(Arena *a, const Weight *w)
{
    Err err;
    float *x = NEWS(&err, a, float, shape_size(&w->shape) + 1);

    CHECK(x != NULL);
    CHECK_OK(weights_read_f32(&err, w, x));
    return x;
}

static void lacks(const char *where, const char *name)
{
    char text[300];

    snprintf(text, sizeof text, "%s has \"%s\"", where, name);
    check_at(__FILE__, __LINE__, false, text);
}

static void check_output(const Golden *g, const Weight *w, const Weights *have, const char *name)
{
    const Weight *h = weights_find(have, name);

    if (!h)
        lacks(g->dir, name);
    CHECK_TEXT(SHAPE_TEXT(&h->shape), SHAPE_TEXT(&w->shape));
    const float *x = read_f32(g->a, h), *y = read_f32(g->a, w);
    for (int64_t k = 0; k < shape_size(&w->shape); k++)
        check_near_at(__FILE__, __LINE__, w->name, (double)x[k], (double)y[k],
                      g->abs + g->rel * fabs((double)y[k]));
}

void golden_check_outputs(const Golden *g, const char *ours)
{
    Err err;
    Weights *want, *have;

    CHECK_OK(weights_open(&err, g->a, golden_file(g, "outputs.safetensors"), &want));
    CHECK_OK(weights_open(&err, g->a, ours, &have));
    CHECK(weights_count(want) > 0);
    for (int i = 0; i < weights_count(want); i++)
        if (weights_at(want, i)->dtype != DT_I64) /* tokens that were generated: of no one step */
            check_output(g, weights_at(want, i), have, weights_at(want, i)->name);
}

void golden_check_output(const Golden *g, const char *wanted, const char *ours, const char *name)
{
    Err err;
    Weights *want, *have;

    CHECK_OK(weights_open(&err, g->a, golden_file(g, "outputs.safetensors"), &want));
    CHECK_OK(weights_open(&err, g->a, ours, &have));
    check_output(g, weights_find(want, wanted), have, name);
}

/* A gradient below 1e-6 of the largest counts as zero: ours must be below 1e-5 of it. */
static void check_norm(const Golden *g, const char *what, const char *name, const Json *want,
                       const Weight *have, double top)
{
    Err err;
    char label[300];
    const char *key = arena_printf(&err, g->a, "%s%s", what, name);
    const float *x = read_f32(g->a, have);
    double norm = 0, projection = 0, wanted = json_double(json_member(want, "norm"));
    double own = json_double(json_member(want, "tolerance"));
    double tol = (own > 0 ? own : g->gradient) * wanted;

    CHECK(key != NULL);
    uint64_t hash = key_of(key);
    for (int64_t i = 0; i < shape_size(&have->shape); i++) {
        norm += (double)x[i] * (double)x[i];
        projection += (double)x[i] * uniform(hash, i);
    }
    norm = sqrt(norm);
    snprintf(label, sizeof label, "norm of %s", name);
    if (wanted < 1e-6 * top) {
        check_near_at(__FILE__, __LINE__, label, norm, 0, 1e-5 * top);
        return;
    }
    check_near_at(__FILE__, __LINE__, label, norm, wanted, tol);
    snprintf(label, sizeof label, "projection of %s", name);
    check_near_at(__FILE__, __LINE__, label, projection,
                  json_double(json_member(want, "projection")), tol);
}

static bool listed(const Json *list, const char *name)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_item(list, i)), name) == 0)
            return true;
    return false;
}

void golden_check_norms(const Golden *g, const Json *wanted, const char *what, const char *ours,
                        const char *(*rename)(Arena *a, const char *name), const Json *skip)
{
    Err err;
    Weights *have;
    double top = 0;

    CHECK_OK(weights_open(&err, g->a, ours, &have));
    CHECK(json_count(wanted) > 0);
    for (size_t i = 0; i < json_count(wanted); i++)
        top = fmax(top, json_double(json_member(json_member(wanted, json_key(wanted, i)), "norm")));
    for (size_t i = 0; i < json_count(wanted); i++) {
        const char *name = json_key(wanted, i);

        if (!json_member(json_member(wanted, name), "norm"))
            continue; /* running statistics, which golden_check_running holds */
        const Weight *w = weights_find(have, rename ? rename(g->a, name) : name);

        if (!w)
            lacks(ours, name);
        if (!listed(skip, name))
            check_norm(g, what, name, json_member(wanted, name), w, top);
    }
}

void golden_check_running(const Golden *g, const Json *wanted, const char *ours)
{
    Err err;
    Weights *have;
    char label[300];

    CHECK_OK(weights_open(&err, g->a, ours, &have));
    CHECK(json_count(wanted) > 0);
    for (size_t i = 0; i < json_count(wanted); i++) {
        const char *name = json_key(wanted, i);
        const Json *want = json_member(wanted, name);
        const Weight *w = weights_find(have, name);
        double sum = 0, squares = 0, norm = json_double(json_member(want, "norm"));

        if (!w)
            lacks(ours, name);
        const float *x = read_f32(g->a, w);
        for (int64_t k = 0; k < shape_size(&w->shape); k++) {
            sum += (double)x[k];
            squares += (double)x[k] * (double)x[k];
        }
        snprintf(label, sizeof label, "norm of %s", name);
        check_near_at(__FILE__, __LINE__, label, sqrt(squares), norm, g->abs + g->rel * norm);
        snprintf(label, sizeof label, "sum of %s", name);
        check_near_at(__FILE__, __LINE__, label, sum, json_double(json_member(want, "sum")),
                      (g->abs + g->rel * norm) * sqrt((double)shape_size(&w->shape)));
    }
}

/* SPDX-License-Identifier: MIT */
