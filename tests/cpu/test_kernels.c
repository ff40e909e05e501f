/* test_kernels.c - every kernel of every instruction set this CPU has against the double references, on the ops' own
 * cases and on larger ones; the same bits for any threads and instruction set; outputs left out; in place. */
#include "cpu/cpu.h"
#include "ref/standard.h"

#include "test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DIMS(...)                                                                                  \
    {                                                                                              \
        .rank = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), .dim = { __VA_ARGS__ }         \
    }

typedef struct
    Larger { /* beyond the ops' own cases: several K-blocks, tiles, chunks; tails of each */
    const OpDef *op;
    OpCase c;
} Larger;

static const MatmulAttr nt = {false, true}, nn = {false, false}, tn = {true, false},
                        tt = {true, true};
static const NormAttr norm = {1e-5F};
static const BatchnormGradAttr norm_grad = {1e-5F, ACT_RELU};
static const XentAttr plain = {0}, smooth = {0.1F};
static const Shape suffix = DIMS(77), none = {0};
static const ActivateAttr relu = {ACT_RELU}, silu = {ACT_SILU};
static const Conv2dActAttr
    around = {{.stride = {1, 1}, .pad = {1, 1, 1, 1}, .dilation = {1, 1}, .groups = 1},
              1e-5F,
              true,
              ACT_SILU},
    deep = {{.stride = {2, 2}, .pad = {1, 1, 1, 1}, .dilation = {1, 1}, .groups = 40},
            1e-5F,
            true,
            ACT_RELU};
static const DropoutAttr drop = {0.3F, 9};
static const EmbedGradAttr table = {500, 7};
static const AdamwAttr adamw = {0.9F, 0.999F, 1e-8F, 1, 1};
static const AttentionAttr wide = {.heads = 3, .scale = 0.2F, .dropout = 0.2F, .site = 4},
                           causal = {.heads = 1, .causal = true, .scale = 0.1F};

static const Pool2dAttr stem = {.k = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}};
static const PoolGradAttr stem_grad = {
    {.k = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}}, 33, 31};
#define MANY  DIMS(2, 5, 110, 110) /* 190 blocks of statistics, an odd period */
#define BROAD DIMS(2, 300, 13, 21) /* two groups of columns, blocks cut short */
#define CONV(s, pt, pl, pb, pr, d, g)                                                              \
    {                                                                                              \
        .stride = {s, s}, .pad = {pt, pl, pb, pr}, .dilation = {d, d}, .groups = g                 \
    }
/* F(name, attr, B, C, H, W, O, C / groups, k, H', W') */
#define EACH_CONV(F)                                                                               \
    F(point, CONV(1, 0, 0, 0, 0, 1, 1), 2, 300, 7, 8, 35, 300, 1, 7, 8)                            \
    F(point_wide, CONV(1, 0, 0, 0, 0, 1, 1), 1, 40, 5, 9, 600, 40, 1, 5, 9)                        \
    F(point_half, CONV(2, 0, 0, 0, 0, 1, 1), 2, 90, 9, 12, 65, 90, 1, 5, 6)                        \
    F(point_few, CONV(1, 0, 0, 0, 0, 1, 1), 3, 520, 1, 1, 20, 520, 1, 1, 1)                        \
    F(three, CONV(1, 1, 1, 1, 1, 1, 1), 1, 40, 13, 9, 33, 40, 3, 13, 9)                            \
    F(three_many, CONV(1, 1, 1, 1, 1, 1, 1), 4, 4, 40, 30, 5, 4, 3, 40, 30)                        \
    F(three_half, CONV(2, 0, 1, 1, 2, 1, 1), 2, 37, 17, 16, 40, 37, 3, 8, 9)                       \
    F(three_wide, CONV(1, 2, 2, 2, 2, 2, 1), 1, 100, 8, 7, 18, 100, 3, 8, 7)                       \
    F(stem_conv, CONV(2, 3, 3, 3, 3, 1, 1), 2, 3, 37, 33, 20, 3, 7, 19, 17)                        \
    F(five, CONV(2, 1, 1, 2, 2, 1, 1), 2, 5, 24, 25, 9, 5, 5, 12, 12)                              \
    F(patches, CONV(16, 0, 0, 0, 0, 1, 1), 2, 3, 48, 32, 40, 3, 16, 3, 2)                          \
    F(groups, CONV(1, 1, 1, 1, 1, 1, 3), 2, 48, 9, 9, 36, 16, 3, 9, 9)                             \
    F(group_pairs, CONV(2, 1, 1, 1, 1, 1, 8), 2, 32, 9, 9, 16, 4, 3, 5, 5)                         \
    F(depth, CONV(1, 1, 1, 1, 1, 1, 77), 2, 77, 15, 22, 77, 1, 3, 15, 22)                          \
    F(depth_half, CONV(2, 0, 0, 1, 1, 1, 40), 3, 40, 20, 30, 40, 1, 3, 10, 15)                     \
    F(depth_five, CONV(1, 2, 2, 2, 2, 1, 48), 2, 48, 14, 14, 48, 1, 5, 14, 14)                     \
    F(depth_five_half, CONV(2, 1, 2, 2, 2, 1, 33), 2, 33, 40, 27, 33, 1, 5, 20, 14)                \
    F(depth_seven, CONV(1, 3, 3, 3, 3, 1, 20), 1, 20, 9, 31, 20, 1, 7, 9, 31)                      \
    F(depth_wide, CONV(1, 2, 2, 2, 2, 2, 19), 1, 19, 12, 13, 19, 1, 3, 12, 13)

#define CONV_ATTRS(name, a, b_, c_, h_, w_, o_, g_, k, oh, ow)                                     \
    static const Conv2dAttr name = a;                                                              \
    static const Conv2dGradXAttr name##_x = {.conv = a, .h = (h_), .w = (w_)};                     \
    static const Conv2dGradWAttr name##_w = {.conv = a, .w = DIMS(o_, g_, k, k)};
EACH_CONV(CONV_ATTRS)
#define CONV_CASES(name, a, b_, c_, h_, w_, o_, g_, k, oh, ow)                                     \
    {&opdef_conv2d,                                                                                \
     {.in = {DIMS(b_, c_, h_, w_), DIMS(o_, g_, k, k), DIMS(o_)}, .attr = &(name)}},               \
        {&opdef_conv2d_grad_x,                                                                     \
         {.in = {DIMS(b_, o_, oh, ow), DIMS(o_, g_, k, k)}, .attr = &name##_x}},                   \
        {&opdef_conv2d_grad_w,                                                                     \
         {.in = {DIMS(b_, o_, oh, ow), DIMS(b_, c_, h_, w_)}, .attr = &name##_w}},

static const Larger larger[] = {
    EACH_CONV(CONV_CASES){&opdef_matmul,
                          {.in = {DIMS(130, 600), DIMS(99, 600), DIMS(99)}, .attr = &nt}},
    {&opdef_matmul, {.in = {DIMS(47, 257), DIMS(257, 64)}, .attr = &nn}},
    {&opdef_matmul, {.in = {DIMS(520, 34), DIMS(520, 65)}, .attr = &tn}},
    {&opdef_matmul, {.in = {DIMS(300, 20), DIMS(40, 300), DIMS(40)}, .attr = &tt}},
    {&opdef_matmul, {.in = {DIMS(16, 700), DIMS(100, 700), DIMS(100)}, .attr = &nt}},
    {&opdef_matmul, {.in = {DIMS(1, 300), DIMS(1031, 300), DIMS(1031)}, .attr = &nt}},
    {&opdef_matmul, {.in = {DIMS(7, 530), DIMS(530, 96), DIMS(96)}, .attr = &nn}},
    {&opdef_matmul, {.in = {DIMS(200, 384), DIMS(8, 384), DIMS(8)}, .attr = &nt}},
    {&opdef_matmul, {.in = {DIMS(200, 8), DIMS(384, 8)}, .attr = &nt}},
    {&opdef_matmul, {.in = {DIMS(600, 8), DIMS(600, 130)}, .attr = &tn}},
    {&opdef_matmul, {.in = {DIMS(600, 130), DIMS(600, 8)}, .attr = &tn}},
    {&opdef_matmul, {.in = {DIMS(64, 1), DIMS(1, 50)}, .attr = &nn}},
    {&opdef_add, {.in = {DIMS(300, 77), DIMS(77)}}},
    {&opdef_mul, {.in = {DIMS(300, 77), {0}}}},
    {&opdef_sum_to, {.in = {DIMS(1000, 77)}, .attr = &suffix}},
    {&opdef_sum_to, {.in = {DIMS(1000, 77)}, .attr = &none}},
    {&opdef_sqsum, {.in = {DIMS(700, 50)}}},
    {&opdef_layernorm, {.in = {DIMS(300, 384), DIMS(384), DIMS(384)}, .attr = &norm}},
    {&opdef_layernorm_grad, {.in = {DIMS(300, 90), DIMS(300, 90), DIMS(90), DIMS(300), DIMS(300)}}},
    {&opdef_sum_positions, {.in = {BROAD}}},
    {&opdef_sum_positions, {.in = {DIMS(2, 5, 30, 30)}}},
    {&opdef_batchnorm,
     {.in = {BROAD, DIMS(300), DIMS(300), DIMS(300), DIMS(300)},
      .attr = &norm,
      .fill = {0, 0, 0, CASE_FIXED, CASE_FIXED}}},
    {&opdef_conv2d_act, /* several units of rows and of columns */
     {.in = {DIMS(2, 9, 10, 10), DIMS(250, 9, 3, 3), DIMS(250), DIMS(250), DIMS(250), DIMS(250),
             DIMS(250), DIMS(2, 250, 10, 10)},
      .attr = &around,
      .fill = {[5] = CASE_FIXED, [6] = CASE_FIXED}}},
    {&opdef_conv2d_act,
     {.in = {DIMS(2, 40, 19, 21),
             DIMS(40, 1, 3, 3),
             {0},
             DIMS(40),
             DIMS(40),
             DIMS(40),
             DIMS(40),
             DIMS(2, 40, 10, 11)},
      .attr = &deep,
      .fill = {[5] = CASE_FIXED, [6] = CASE_FIXED}}},
    {&opdef_batchnorm_grad,
     {.in = {BROAD, DIMS(300), DIMS(300), BROAD, DIMS(300)},
      .attr = &norm_grad,
      .fill = {0, 0, CASE_FIXED}}},
    {&opdef_batchnorm_grad,
     {.in = {MANY, DIMS(5), DIMS(5)}, .attr = &norm_grad, .fill = {0, 0, CASE_FIXED}}},
    {&opdef_batchnorm_train, {.in = {BROAD, DIMS(300), DIMS(300)}, .attr = &norm}},
    {&opdef_batchnorm_train, {.in = {MANY, DIMS(5), DIMS(5)}, .attr = &norm}},
    {&opdef_batchnorm_train_grad,
     {.in = {BROAD, BROAD, DIMS(300), DIMS(300), DIMS(300)}, .attr = &relu}},
    {&opdef_batchnorm_train_grad,
     {.in = {BROAD, BROAD, DIMS(300), DIMS(300), DIMS(300), DIMS(300)}, .attr = &silu}},
    {&opdef_batchnorm_train_grad,
     {.in = {DIMS(2, 5, 30, 30), DIMS(2, 5, 30, 30), DIMS(5), DIMS(5), DIMS(5)}, .attr = &relu}},
    {&opdef_scale_channels, {.in = {BROAD, DIMS(2, 300)}}},
    {&opdef_scale_channels_grad, {.in = {BROAD, BROAD, DIMS(2, 300)}}},
    {&opdef_avgpool_all, {.in = {BROAD}}},
    {&opdef_maxpool2d, {.in = {DIMS(2, 50, 33, 31)}, .attr = &stem}},
    {&opdef_avgpool2d, {.in = {DIMS(2, 50, 33, 31)}, .attr = &stem}},
    {&opdef_maxpool2d_grad,
     {.in = {DIMS(2, 50, 17, 16), DIMS(2, 50, 17, 16)},
      .attr = &stem_grad,
      .fill = {0, CASE_INDEX},
      .below = 9}},
    {&opdef_avgpool2d_grad, {.in = {DIMS(2, 50, 17, 16)}, .attr = &stem_grad}},
    {&opdef_drop_path, {.in = {DIMS(9, 50, 33, 31)}, .attr = &drop}},
    {&opdef_softmax, {.in = {DIMS(40, 1000)}}},
    {&opdef_embed_grad,
     {.in = {DIMS(900, 33), DIMS(900)}, .attr = &table, .fill = {0, CASE_INDEX}, .below = 500}},
    {&opdef_dropout, {.in = {DIMS(50, 9, 77)}, .attr = &drop}},
    {&opdef_xent,
     {.in = {DIMS(5, 5000), DIMS(5)}, .attr = &plain, .fill = {0, CASE_LABEL}, .below = 5000}},
    {&opdef_xent,
     {.in = {DIMS(300, 19), DIMS(300), DIMS(19)},
      .attr = &smooth,
      .fill = {0, CASE_LABEL},
      .below = 19}},
    {&opdef_mse, {.in = {DIMS(700, 50), DIMS(700, 50)}}},
    {&opdef_attention,
     {.in = {DIMS(-CASE_T, 120), DIMS(-CASE_S, 120), DIMS(-CASE_S, 120)}, .attr = &wide}},
    {&opdef_attention,
     {.in = {DIMS(-CASE_S, 70), DIMS(-CASE_X, 70), DIMS(-CASE_X, 70)}, .attr = &causal}},
    {&opdef_adamw,
     {.in = {DIMS(200, 77), DIMS(200, 77), DIMS(200, 77), DIMS(200, 77), {0}, DIMS(4)},
      .attr = &adamw,
      .fill = {0, 0, 0, CASE_FIXED, CASE_FIXED, CASE_FIXED}}},
};

static const Kernel *kernel_of(const OpDef *op)
{
    for (int i = 0; i < kernel_count(); i++)
        if (!strcmp(kernel_at(i)->op, op->name))
            return kernel_at(i);
    return NULL;
}

static Pool *pools[4];
static const int pool_sizes[4] = {1, 2, 3, 8};

static void make_pools(Arena *a)
{
    Err err = {0};

    for (int i = 0; i < 4; i++)
        CHECK_OK(pool_new(&err, a, pool_sizes[i], &pools[i]));
}

/* A call on fresh memory, its outputs full of NaN, its scratch of the size asked for. */
static OpCall fresh_call(const Ref *r, int id, const Kernel *k, Pool *pool, Arena *a)
{
    Err err = {0};
    OpCall c = ref_call_f32(r, id, a);
    size_t bytes = k->scratch ? k->scratch(&c, pool_threads(pool)) : 0;

    c.pool = pool;
    c.scratch = arena_alloc(&err, a, bytes + 64);
    CHECK(c.scratch != NULL);
    memset(c.scratch, 0xFF, bytes + 64);
    for (int i = 0; i < c.outs; i++)
        memset(c.out[i].data, 0xFF, (size_t)shape_size(&c.out[i].shape) * 4);
    return c;
}

static void check_scratch(const OpCall *c, const Kernel *k, const char *what)
{
    size_t bytes = k->scratch ? k->scratch(c, pool_threads(c->pool)) : 0;

    for (size_t i = 0; i < 64; i++)
        check_int_at(__FILE__, __LINE__, what, ((const uint8_t *)c->scratch)[bytes + i], 0xFF);
}

static uint64_t hash_outputs(const OpCall *c)
{
    uint64_t h = 0;

    for (int i = 0; i < c->outs; i++)
        if (c->out[i].data)
            h = hash_fnv1a(c->out[i].data, (size_t)shape_size(&c->out[i].shape) * 4, h);
    return h;
}

static void check_values(const Ref *r, Node y, const OpCall *c, double tol, const char *what)
{
    for (int i = 0; i < c->outs; i++) {
        Tensor want = ref_value(r, (Node){y.g, y.id, i});

        for (int64_t j = 0; j < shape_size(&want.shape); j++) {
            if (want.dtype == DT_I32) {
                check_int_at(__FILE__, __LINE__, what, ((const int32_t *)c->out[i].data)[j],
                             ((const int32_t *)want.data)[j]);
                continue;
            }
            double w = ((const real *)want.data)[j], f = (double)((const float *)c->out[i].data)[j];
            if (isinf(w))
                check_at(__FILE__, __LINE__, f == w, what);
            else
                check_near_at(__FILE__, __LINE__, what, f, w, tol * fmax(1, fabs(w)));
        }
    }
}

/* One output left out at a time: the others keep their bits. */
static void check_left_out(const Ref *r, Node y, const Kernel *k, Isa isa, const OpCall *all,
                           Arena *a)
{
    for (int out = 0; all->outs > 1 && out < all->outs; out++) {
        OpCall c = fresh_call(r, y.id, k, all->pool, a);

        c.out[out].data = NULL;
        k->fn[isa](&c);
        for (int i = 0; i < c.outs; i++)
            if (i != out)
                CHECK(!memcmp(c.out[i].data, all->out[i].data,
                              (size_t)shape_size(&c.out[i].shape) * 4));
    }
}

static void check_in_place(const Ref *r, Node y, const Kernel *k, Isa isa, const OpCall *apart,
                           Arena *a)
{
    const OpDef *op = graph_node(y.g, y.id)->op;
    OpCall c = fresh_call(r, y.id, k, apart->pool, a);
    bool any = false;

    for (int i = 0; i < c.outs; i++)
        if (op->inplace[i])
            c.out[i].data = c.in[op->inplace[i] - 1].data, any = true;
    if (!any)
        return;
    k->fn[isa](&c);
    check_at(__FILE__, __LINE__, hash_outputs(&c) == hash_outputs(apart), op->name);
}

/* One kernel of a case: every instruction set with every number of threads. */
static void check_kernel(const Ref *r, Node y, const Kernel *kernel, const char *what, Arena *a)
{
    uint64_t first = 0;

    for (int isa = 0; isa <= (int)isa_best(); isa++) {
        for (int p = 0; p < 4; p++) {
            OpCall c = fresh_call(r, y.id, kernel, pools[p], a);

            kernel->fn[isa](&c);
            check_scratch(&c, kernel, what);
            if (isa == 0 && p == 0) {
                first = hash_outputs(&c);
                check_values(r, y, &c, 2e-5, what);
            }
            if (hash_outputs(&c) != first) {
                printf("%s: %s %s with %d threads\n", what, kernel->name, isa_name((Isa)isa),
                       pool_sizes[p]);
                check_values(r, y, &c, 2e-5, what);
                check_at(__FILE__, __LINE__, false, "the same bits as scalar on one thread");
            }
            if (p == 1) {
                check_left_out(r, y, kernel, (Isa)isa, &c, a);
                check_in_place(r, y, kernel, (Isa)isa, &c, a);
            }
        }
    }
}

static void check_case(const OpDef *op, const OpCase *oc, int rows, const char *what)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    CaseGraph k = case_graph(a, op, oc);
    Ref *r = ref_new(k.g);
    bool any = false;

    make_pools(a);
    standard_rows(r, rows);
    ref_clock(r, 0x123456789ABCDEF0U, 3);
    case_fill(r, &k, 1);
    ref_run(r);
    OpCall call = ref_call(r, k.y.id);
    for (int i = 0; i < kernel_count(); i++) {
        const Kernel *kernel = kernel_at(i);

        if (strcmp(kernel->op, op->name) != 0 || (kernel->refuse && kernel->refuse(&call)))
            continue;
        check_kernel(r, k.y, kernel, what, a);
        any = true;
    }
    check_at(__FILE__, __LINE__, any, what);
    arena_free(a);
}

static void each_case(int rows)
{
    char what[80];

    for (int i = 0; i < op_count(); i++) {
        const OpDef *op = op_at(i);

        for (int n = 0; n < op->case_count; n++) {
            snprintf(what, sizeof what, "%s, case %d, rows %d", op->name, n, rows);
            check_case(op, &op->cases[n], rows, what);
        }
    }
}

TEST(cpu_kernels_equal_references_short)
{
    each_case(STANDARD_SHORT);
}

TEST(cpu_kernels_equal_references_visible)
{
    each_case(STANDARD_VISIBLE);
}

TEST(cpu_kernels_equal_references_long)
{
    each_case(STANDARD_LONG);
}

TEST(cpu_kernels_equal_references_larger)
{
    char what[80];

    for (size_t i = 0; i < LEN(larger); i++) {
        snprintf(what, sizeof what, "%s, larger case %d", larger[i].op->name, (int)i);
        check_case(larger[i].op, &larger[i].c, STANDARD_LONG, what);
    }
}

TEST(cpu_kernels_cover_every_op)
{
    for (int i = 0; i < op_count(); i++)
        check_at(__FILE__, __LINE__, kernel_of(op_at(i)) != NULL, op_at(i)->name);
}

TEST(cpu_kernels_avx2)
{
    if (isa_best() < ISA_AVX2)
        test_skip("avx2: not run on this CPU");
}

TEST(cpu_kernels_avx512)
{
    if (isa_best() < ISA_AVX512)
        test_skip("avx512: not run on this CPU");
}

/* ---- a row's bits are its own ---- */

static void run_matmul(const float *x, int64_t m, const float *w, int64_t n, int64_t k, float *y,
                       Isa isa, Arena *a)
{
    Err err = {0};
    const Kernel *kernel = kernel_of(&opdef_matmul);
    OpCall c = {.attr = &nt, .ins = 2, .outs = 1, .pool = pools[1]};

    c.in[0] = (Tensor){DT_F32, SHAPE(m, k), (void *)x};
    c.in[1] = (Tensor){DT_F32, SHAPE(n, k), (void *)w};
    c.out[0] = (Tensor){DT_F32, SHAPE(m, n), y};
    c.scratch = arena_alloc(&err, a, kernel->scratch(&c, 2));
    kernel->fn[isa](&c);
}

TEST(cpu_kernels_rows_of_a_product_are_their_own)
{
    enum { M = 100, N = 45, K = 300 };
    static float x[M * K], w[N * K], all[M * N], few[M * N];
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    make_pools(a);
    for (int i = 0; i < M * K; i++)
        x[i] = (float)random_normal(1, 2, (uint64_t)i);
    for (int i = 0; i < N * K; i++)
        w[i] = (float)random_normal(1, 3, (uint64_t)i);
    for (int isa = 0; isa <= (int)isa_best(); isa++) {
        run_matmul(x, M, w, N, K, all, (Isa)isa, a);
        for (int m = 1; m < M; m = m * 2 + 1) {
            run_matmul(x + (M - m) * K, m, w, N, K, few, (Isa)isa, a);
            CHECK(!memcmp(few, all + (M - m) * N, sizeof(float) * (size_t)(m * N)));
        }
    }
    arena_free(a);
}

typedef struct Batch {
    int32_t offset[4], visible[3];
    uint32_t sample[3];
    Rows rows;
} Batch;

static void run_attention(const float *qkv, const Batch *b, float *y, float *lse, Isa isa, Arena *a)
{
    Err err = {0};
    const Kernel *kernel = kernel_of(&opdef_attention);
    OpCall c = {.attr = &wide, .ins = 3, .outs = 2, .pool = pools[1], .step = 5};

    for (int i = 0; i < 3; i++) {
        c.in[i] = (Tensor){DT_F32, SHAPE(b->rows.count, 60), (void *)qkv};
        c.in_rows[i] = &b->rows;
    }
    c.out[0] = (Tensor){DT_F32, SHAPE(b->rows.count, 60), y};
    c.out[1] = (Tensor){DT_F32, SHAPE(b->rows.count, 3), lse};
    c.out_rows[0] = c.out_rows[1] = &b->rows;
    c.scratch = arena_alloc(&err, a, kernel->scratch(&c, 2));
    kernel->fn[isa](&c);
}

TEST(cpu_kernels_sequences_of_attention_are_their_own)
{
    static float x[180 * 60], y[180 * 60], alone[180 * 60], lse[180 * 3], lse_alone[180 * 3];
    Batch all = {{0, 90, 91, 180}, {80, 1, 89}, {3, 4, 5}, {0}};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    make_pools(a);
    all.rows = (Rows){180, 3, all.offset, all.visible, all.sample};
    for (int i = 0; i < 180 * 60; i++)
        x[i] = (float)random_normal(1, 4, (uint64_t)i);
    for (int isa = 0; isa <= (int)isa_best(); isa++) {
        run_attention(x, &all, y, lse, (Isa)isa, a);
        for (int g = 0; g < 3; g++) {
            int first = all.offset[g], n = all.offset[g + 1] - first;
            Batch one = {{0, n}, {all.visible[g]}, {all.sample[g]}, {0}};

            one.rows = (Rows){n, 1, one.offset, one.visible, one.sample};
            run_attention(x + first * 60, &one, alone, lse_alone, (Isa)isa, a);
            CHECK(!memcmp(alone, y + first * 60, sizeof(float) * (size_t)(n * 60)));
            CHECK(!memcmp(lse_alone, lse + first * 3, sizeof(float) * (size_t)(n * 3)));
        }
    }
    arena_free(a);
}

/* ---- pictures: a mean far from 0 costs the variance nothing; NaN is not lost ---- */

static OpCall picture_call(const OpDef *op, const void *attr, Shape shape, float *x, Arena *a)
{
    Err err = {0};
    const Kernel *kernel = kernel_of(op);
    OpCall c = {.attr = attr, .ins = op->inputs, .outs = op->outputs, .pool = pools[2]};

    c.in[0] = (Tensor){DT_F32, shape, x};
    c.scratch = arena_alloc(&err, a, kernel->scratch ? kernel->scratch(&c, 3) + 1 : 1);
    return c;
}

TEST(cpu_kernels_variance_far_from_zero)
{
    enum { N = 3 * 50 * 60, C = 8 };
    static float x[N * C], w[C], rstd[C], mean[C], var[C];
    Arena *a = test_arena();

    make_pools(a);
    for (int i = 0; i < N * C; i++)
        x[i] = (float)random_normal(1, 5, (uint64_t)i) + 10000;
    for (int isa = 0; isa <= (int)isa_best(); isa++) {
        OpCall c = picture_call(&opdef_batchnorm_train, &norm, SHAPE(3, C, 50, 60), x, a);

        c.in[1] = c.in[2] = (Tensor){DT_F32, SHAPE(C), w};
        c.out[1] = (Tensor){DT_F32, SHAPE(C), mean};
        c.out[2] = (Tensor){DT_F32, SHAPE(C), rstd};
        c.out[3] = (Tensor){DT_F32, SHAPE(C), var};
        kernel_of(&opdef_batchnorm_train)->fn[isa](&c);
        for (int k = 0; k < C; k++) {
            double m = 0, v = 0;

            for (int i = 0; i < N; i++)
                m += (double)x[i * C + k] / N;
            for (int i = 0; i < N; i++)
                v += ((double)x[i * C + k] - m) * ((double)x[i * C + k] - m) / (N - 1);
            CHECK_NEAR(mean[k], m, 6e-4); /* half a unit in its last place */
            CHECK_NEAR(var[k], v, 2e-6 * v);
        }
    }
}

TEST(cpu_kernels_maximum_of_nan)
{
    enum { C = 19 };
    float x[4 * C], y[C];
    Arena *a = test_arena();
    Pool2dAttr all = {.k = {2, 2}, .stride = {2, 2}};

    make_pools(a);
    for (int isa = 0; isa <= (int)isa_best(); isa++) {
        for (int at = 0; at < 4; at++) {
            OpCall c = picture_call(&opdef_maxpool2d, &all, SHAPE(1, C, 2, 2), x, a);

            c.out[0] = (Tensor){DT_F32, SHAPE(1, C, 1, 1), y};
            c.out[1] = (Tensor){DT_I32, SHAPE(1, C, 1, 1), NULL};
            for (int i = 0; i < 4 * C; i++)
                x[i] = i % C == 7 ? -INFINITY : i % C == 3 && i / C == at ? NAN : (float)i;
            kernel_of(&opdef_maxpool2d)->fn[isa](&c);
            for (int k = 0; k < C; k++)
                CHECK(k == 3 ? isnan(y[k]) : y[k] == (k == 7 ? -INFINITY : (float)(3 * C + k)));
        }
    }
}

/* ---- nothing to do ---- */

TEST(cpu_kernels_of_no_rows)
{
    float w[20 * 7] = {0}, y[20], bias[20] = {1, 2, 3};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const Kernel *kernel = kernel_of(&opdef_matmul);

    make_pools(a);
    for (int isa = 0; isa <= (int)isa_best(); isa++) {
        OpCall c = {.attr = &nt, .ins = 3, .outs = 1, .pool = pools[1]};

        c.in[0] = (Tensor){DT_F32, SHAPE(0, 7), w};
        c.in[1] = (Tensor){DT_F32, SHAPE(20, 7), w};
        c.in[2] = (Tensor){DT_F32, SHAPE(20), bias};
        c.out[0] = (Tensor){DT_F32, SHAPE(0, 20), y};
        c.scratch = arena_alloc(&err, a, 1 << 20);
        kernel->fn[isa](&c); /* no rows: nothing written */
        c.attr = &tn;
        c.in[0] = (Tensor){DT_F32, SHAPE(0, 1), w};
        c.in[1] = (Tensor){DT_F32, SHAPE(0, 20), w};
        c.out[0] = (Tensor){DT_F32, SHAPE(1, 20), y};
        kernel->fn[isa](&c); /* a sum over no rows: the bias */
        for (int i = 0; i < 20; i++)
            CHECK_NEAR((double)y[i], (double)bias[i], 0);
    }
    arena_free(a);
}
/* SPDX-License-Identifier: MIT */
