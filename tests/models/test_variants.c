/* test_variants.c - every row of a picture family against what torchvision and timm say of the network of that name: its
 * tensors' names and shapes, batch norms, preprocessing; and depths that rise from stem to head. */
#include "models/models.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Wanted { /* a line of variants.tsv */
    char name[40], library[20], hash[65], how[12];
    int tensors, size, resize;
    long long values;
    float eps, momentum, mean, std;
} Wanted;

static const char *folder_of(const Wanted *w)
{
    Err err;
    Writer *f;
    const char *folder = test_folder();
    const char *path = path_join(&err, test_arena(), folder, "config.json");

    CHECK_OK(writer_open(&err, test_arena(), path, &f));
    CHECK_OK(writer_printf(&err, f, "{\"architecture\": \"%s\", \"library\": \"%s\"}", w->name,
                           w->library));
    CHECK_OK(writer_commit(&err, f));
    return folder;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of the sorted lines "name [shape]". */
static void hash_params(Arena *a, const Graph *g, char hex[65], long long *values)
{
    Err err;
    Sha256 sum;
    int n = graph_param_count(g);
    char **line = NEWS(&err, a, char *, n);

    CHECK(line != NULL);
    *values = 0;
    for (int i = 0; i < n; i++) {
        const NodeInfo *p = graph_node(g, graph_param_at(g, i).id);

        line[i] = arena_printf(&err, a, "%s %s\n", p->name, SHAPE_TEXT(&p->desc[0].shape));
        *values += shape_size(&p->desc[0].shape);
    }
    qsort(line, (size_t)n, sizeof *line, by_text);
    sha256_start(&sum);
    for (int i = 0; i < n; i++)
        sha256_add(&sum, line[i], strlen(line[i]));
    sha256_end(&sum, hex);
}

/* Stem 0, then blocks none of which is left out, then what is after them. */
static void check_depths(const Model *m, const Graph *g)
{
    int last = 0;

    for (int i = 0; i < graph_param_count(g); i++) {
        const char *name = graph_node(g, graph_param_at(g, i).id)->name;
        int depth = model_depth(m, name);

        check_at(__FILE__, __LINE__, depth == last || depth == last + 1, name);
        last = depth;
        if (model_is_head(m, name))
            CHECK_INT(depth, m->layers + 1);
    }
    CHECK_INT(last, m->layers + 1);
}

static void check_row(const Wanted *w)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());
    ModelShape shape = {.pictures = 2, .height = 96, .width = 128};
    ModelOutputs out;
    long long values;
    char hash[65];
    Model *m;
    Graph *g = graph_new(&err, a, MODE_EVAL);

    CHECK_OK(model_open(&err, a, folder_of(w), &(ModelOptions){.scratch = true}, &m));
    CHECK_TEXT(m->variant->name, w->name);
    CHECK_TEXT(m->variant->library, w->library);
    CHECK_INT(m->labels, 1000);
    CHECK_INT(m->pre.size, w->size);
    CHECK_INT(m->pre.resize, w->resize);
    CHECK_TEXT(m->pre.interpolation, w->how);
    CHECK_NEAR(m->pre.mean[0], w->mean, 0);
    CHECK_NEAR(m->pre.std[0], w->std, 0);
    CHECK_NEAR(m->eps, w->eps, 0);
    CHECK_NEAR(m->momentum, w->momentum, 0);
    CHECK_OK(model_build(&err, m, g, NULL, &shape, &out));
    CHECK_INT(node_dim(out.logits, 1), 1000);
    hash_params(a, g, hash, &values);
    CHECK_INT(graph_param_count(g), w->tensors);
    CHECK_INT(values, w->values);
    CHECK_TEXT(hash, w->hash);
    check_depths(m, g);
    arena_free(a);
}

TEST(models_variants_are_torchvisions_and_timms)
{
    FILE *f = fopen("tests/golden/pictures/variants.tsv", "r");
    int rows = 0;
    Wanted w;

    CHECK(f != NULL);
    while (fscanf(f, "%39s %19s %d %lld %64s %f %f %d %d %11s %f %f", w.name, w.library, &w.tensors,
                  &w.values, w.hash, &w.eps, &w.momentum, &w.size, &w.resize, w.how, &w.mean,
                  &w.std) == 12) {
        check_row(&w);
        rows++;
    }
    fclose(f);
    CHECK_INT(rows, 85);
}

/* SPDX-License-Identifier: MIT */
