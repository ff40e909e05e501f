/* 3 x 3 convolutions by transforms: against the plain sums in double, at the scale of a network: inputs of order one,
 * weights such that results are too.  The transforms' error follows the size of what is added, not of the result. */
#include "cpu/cpu.h"
#include "test.h"

#include <math.h>
#include <string.h>

#define TOL 2e-5 /* as of every other kernel */

typedef struct Case {
    int64_t b, c, h, w, o;
} Case;

static const Case cases[] = {
    {2, 33, 12, 13, 35},  /* channels and tiles cut short */
    {1, 260, 14, 12, 32}, /* two K-blocks */
    {5, 33, 27, 30, 40},  /* several units; 280 tiles: two K-blocks of dw */
    {1, 32, 12, 12, 300}, /* several groups of columns */
};

enum { DX, DW };
static const char *const name[] = {"k_winograd_grad_x", "k_winograd_grad_w"};
static const OpDef *const op[] = {&opdef_conv2d_grad_x, &opdef_conv2d_grad_w};

typedef struct Attrs {
    Conv2dGradXAttr x;
    Conv2dGradWAttr w;
} Attrs;

static Attrs attrs_of(const Case *c)
{
    Conv2dAttr a = {.stride = {1, 1}, .pad = {1, 1, 1, 1}, .dilation = {1, 1}, .groups = 1};

    return (Attrs){{a, c->h, c->w}, {a, SHAPE(c->o, c->c, 3, 3)}};
}

static Tensor tensor(Arena *a, Shape s, DType type)
{
    Err err = {0};
    size_t each = type == DT_F32 ? sizeof(float) : sizeof(double);
    Tensor t = {type, s, arena_alloc(&err, a, (size_t)shape_size(&s) * each + 64)};

    CHECK(t.data != NULL);
    memset(t.data, 0xFF, (size_t)shape_size(&s) * each + 64);
    return t;
}

/* Uniform numbers of this standard deviation, and the same as doubles. */
static void fill(const Tensor *f, const Tensor *d, double deviation, uint32_t seed)
{
    for (int64_t i = 0; i < shape_size(&f->shape); i++) {
        seed = seed * 1664525U + 1013904223U;
        double x = ((double)(seed >> 8) / (1 << 23) - 1.0) * sqrt(3.0) * deviation;

        ((float *)f->data)[i] = (float)x;
        ((double *)d->data)[i] = (double)(float)x;
    }
}

typedef struct Pair {
    OpCall f, d;
} Pair;

static Pair pair_of(const Case *k, int direction, const Attrs *attrs, Arena *a)
{
    Shape x = SHAPE(k->b, k->c, k->h, k->w), y = SHAPE(k->b, k->o, k->h, k->w);
    Shape w = SHAPE(k->o, k->c, 3, 3);
    Shape in[2] = {y, direction == DW ? x : w}, out = direction == DX ? x : w;
    double terms = direction == DX ? 9.0 * (double)k->o : (double)(k->b * k->h * k->w);
    Pair p = {.f = {.ins = 2, .outs = 1}};

    p.f.attr = direction == DX ? (const void *)&attrs->x : &attrs->w;
    p.d = p.f;
    for (int i = 0; i < 2; i++) {
        p.f.in[i] = tensor(a, in[i], DT_F32), p.d.in[i] = tensor(a, in[i], DT_F64);
        fill(&p.f.in[i], &p.d.in[i], i == 1 ? 1 / sqrt(terms) : 1, (uint32_t)i + 1);
    }
    p.f.out[0] = tensor(a, out, DT_F32), p.d.out[0] = tensor(a, out, DT_F64);
    return p;
}

static const Kernel *kernel_named(const char *wanted)
{
    for (int i = 0; i < kernel_count(); i++)
        if (!strcmp(kernel_at(i)->name, wanted))
            return kernel_at(i);
    return NULL;
}

static uint64_t run(const Kernel *k, OpCall *c, Isa isa, int threads, Arena *a)
{
    Err err = {0};
    size_t n = (size_t)shape_size(&c->out[0].shape) * sizeof(float), bytes;

    CHECK_OK(pool_new(&err, a, threads, &c->pool));
    bytes = k->scratch(c, pool_threads(c->pool));
    c->scratch = arena_alloc(&err, a, bytes + 64);
    CHECK(c->scratch != NULL);
    memset(c->scratch, 0xFF, bytes + 64);
    memset(c->out[0].data, 0xFF, n);
    k->fn[isa](c);
    for (size_t i = 0; i < 64; i++)
        CHECK_INT(((const uint8_t *)c->scratch)[bytes + i], 0xFF);
    return hash_fnv1a(c->out[0].data, n, 0);
}

static void check_direction(const Case *k, int direction)
{
    static const int threads[] = {1, 2, 3, 8};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Attrs attrs = attrs_of(k);
    Pair p = pair_of(k, direction, &attrs, a);
    const Kernel *kernel = kernel_choose(op[direction], &p.f);

    CHECK(!strcmp(kernel->name, name[direction]));
    op[direction]->ref(&p.d);
    uint64_t first = run(kernel, &p.f, ISA_SCALAR, 1, a);
    for (int64_t i = 0; i < shape_size(&p.f.out[0].shape); i++) {
        double want = ((const double *)p.d.out[0].data)[i];

        CHECK_NEAR(((const float *)p.f.out[0].data)[i], want, TOL * fmax(1, fabs(want)));
    }
    for (int isa = 0; isa <= (int)isa_best(); isa++)
        for (size_t t = 0; t < LEN(threads); t++)
            CHECK(run(kernel, &p.f, (Isa)isa, threads[t], a) == first);
    arena_free(a);
}

static void check_all(int direction)
{
    for (size_t i = 0; i < LEN(cases); i++)
        check_direction(&cases[i], direction);
}

TEST(cpu_winograd_dx)
{
    check_all(DX);
}

TEST(cpu_winograd_dw)
{
    check_all(DW);
}

/* A picture's bits do not depend on what else is in the batch. */
TEST(cpu_winograd_pictures_are_their_own)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Attrs attrs = attrs_of(&cases[2]);

    Pair p = pair_of(&cases[2], DX, &attrs, a);
    const Kernel *k = kernel_named(name[DX]);
    OpCall one = p.f;
    int64_t in = shape_size(&p.f.in[0].shape) / cases[2].b;
    int64_t out = shape_size(&p.f.out[0].shape) / cases[2].b;

    run(k, &p.f, isa_best(), 2, a);
    one.in[0].shape.dim[0] = 1, one.out[0].shape.dim[0] = 1;
    one.in[0].data = (float *)p.f.in[0].data + 3 * in;
    one.out[0] = tensor(a, one.out[0].shape, DT_F32);
    run(k, &one, isa_best(), 2, a);
    CHECK(
        !memcmp(one.out[0].data, (float *)p.f.out[0].data + 3 * out, (size_t)out * sizeof(float)));
    arena_free(a);
}

/* An empty batch: nothing is read, dw is zero. */
TEST(cpu_winograd_of_no_picture)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Case none = cases[0];
    Attrs attrs = attrs_of(&none);

    none.b = 0;
    for (int direction = DX; direction <= DW; direction++) {
        Pair p = pair_of(&none, direction, &attrs, a);

        run(kernel_named(name[direction]), &p.f, isa_best(), 2, a);
        for (int64_t i = 0; i < shape_size(&p.f.out[0].shape); i++)
            CHECK(((const float *)p.f.out[0].data)[i] == 0);
    }
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
