/* tiny_pictures.c - makes the small pictures and their network, from numbers of our own. */
#include "tiny_pictures.h"

#include <string.h>

#include "image/image.h"
#include "models/models.h"

static const char *const name[TINY_CLASSES] = {"dots", "rings", "stripes"};

static bool inked(int k, int x, int y, int shift)
{
    int dx = x - TINY_SIDE / 2, dy = y - TINY_SIDE / 2, far = dx * dx + dy * dy;

    if (k == 0)
        return (x + shift) % 8 < 3 && (y + shift) % 8 < 3;
    if (k == 1)
        return (far / 40 + shift) % 3 == 0;
    return (x + y + shift) % 8 < 4;
}

/* Ink of a colour that says nothing of the class, on a ground of another; a little noise. */
static void draw(Picture *p, int k, uint64_t i)
{
    int shift = (int)(random_uniform(3, i, 0) * 8);

    for (int y = 0; y < TINY_SIDE; y++)
        for (int x = 0; x < TINY_SIDE; x++)
            for (int c = 0; c < 3; c++) {
                uint64_t at = (uint64_t)((y * TINY_SIDE + x) * 3 + c);
                double ink = random_uniform(4, i, (uint64_t)c), ground = 0.3 * ink + 0.1;
                double v = (inked(k, x, y, shift) ? 0.4 + 0.6 * ink : ground) +
                           0.1 * random_uniform(5 + i, (uint64_t)k, at);

                p->rgb[at] = (uint8_t)(255 * (v < 1 ? v : 1));
            }
}

void tiny_picture_put(const Tiny *t, const char *path, int k, uint64_t i)
{
    Err err = {0};
    Arena *a = arena_child(&err, t->a);
    Picture p = {TINY_SIDE, TINY_SIDE, NULL};
    Writer *w;
    Bytes b;

    CHECK(a && (p.rgb = arena_alloc(&err, a, (size_t)3 * TINY_SIDE * TINY_SIDE)));
    draw(&p, k, i * TINY_CLASSES + (uint64_t)k);
    CHECK_OK(picture_jpeg(&err, a, &p, 92, &b));
    CHECK_OK(writer_open(&err, a, path, &w));
    CHECK_OK(writer_put(&err, w, b.data, b.n));
    CHECK_OK(writer_commit(&err, w));
    arena_free(a);
}

static void make_data(Tiny *t)
{
    Err err = {0};

    CHECK_OK(dir_make(&err, sys_real(), t->data));
    for (int k = 0; k < TINY_CLASSES; k++) {
        char *folder = path_join(&err, t->a, t->data, name[k]);

        CHECK_OK(dir_make(&err, sys_real(), folder));
        for (uint64_t i = 0; i < TINY_EACH; i++)
            tiny_picture_put(
                t, arena_printf(&err, t->a, "%s/%02llu.jpg", folder, (unsigned long long)i), k, i);
    }
}

void tiny_network(Tiny *t, const char *variant)
{
    ModelOptions o = {.head = HEAD_NONE, .variant = variant, .scratch = true};
    ModelShape shape = {.pictures = 1, .height = TINY_SIDE, .width = TINY_SIDE};
    Err err = {0};
    ModelOutputs out;
    Model *m;
    int made;

    CHECK_OK(model_open(&err, t->a, NULL, &o, &m));
    m->pre.size = m->pre.resize = TINY_SIDE;
    Graph *g = graph_new(&err, t->a, MODE_EVAL);
    Params *p = params_new(&err, t->a);
    CHECK_OK(model_build(&err, m, g, NULL, &shape, &out));
    CHECK_OK(params_init_missing(&err, p, g, 11, &made));
    CHECK_OK(model_save(&err, t->a, m, p, t->model));
}

void tiny_pictures_make(Tiny *t, int threads)
{
    tiny_open(t, threads);
    t->data = tiny_path(t, "pictures");
    t->model = tiny_path(t, "network");
    make_data(t);
    tiny_network(t, "resnet20");
}

TrainOptions tiny_picture_options(const Tiny *t, const char *output)
{
    return (TrainOptions){.data = t->data,
                          .model = t->model,
                          .output = tiny_path(t, output),
                          .augment = "none",
                          .epochs = 2,
                          .batch = 8,
                          .patience = -1,
                          .seed = 5};
}

/* SPDX-License-Identifier: MIT */
