/* conv.c - the convolutions of ResNet-50 (He et al. 2015) and EfficientNet-B0 (Tan & Le 2019) at 224 x 224, forward, for
 * the input and for the weight: milliseconds and GFLOP/s of each layer times how often it stands there, and their sums.
 * A rival runs in turn with us when one is linked (-DRIVAL -ldnnl: oneDNN in the layouts that it likes best); the
 * median of `rounds` is printed.
 * usage: conv [threads [rounds [isa [net [batch [first layer [end]]]]]]]   net: resnet50, efficientnet_b0, all */
#include "cpu/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef RIVAL
#include <dnnl.h>
#endif

typedef struct Layer {
    int64_t in, out;
    int k, stride, size, times; /* size: of x, square */
    bool depthwise;
} Layer;

static const Layer resnet50[] = {
    {3, 64, 7, 2, 224, 1, false},    {64, 64, 1, 1, 56, 1, false},
    {64, 64, 3, 1, 56, 3, false},    {64, 256, 1, 1, 56, 4, false},
    {256, 64, 1, 1, 56, 2, false},   {256, 128, 1, 1, 56, 1, false},
    {128, 128, 3, 2, 56, 1, false},  {256, 512, 1, 2, 56, 1, false},
    {128, 512, 1, 1, 28, 4, false},  {512, 128, 1, 1, 28, 3, false},
    {128, 128, 3, 1, 28, 3, false},  {512, 256, 1, 1, 28, 1, false},
    {256, 256, 3, 2, 28, 1, false},  {512, 1024, 1, 2, 28, 1, false},
    {256, 1024, 1, 1, 14, 6, false}, {1024, 256, 1, 1, 14, 5, false},
    {256, 256, 3, 1, 14, 5, false},  {1024, 512, 1, 1, 14, 1, false},
    {512, 512, 3, 2, 14, 1, false},  {1024, 2048, 1, 2, 14, 1, false},
    {512, 2048, 1, 1, 7, 3, false},  {2048, 512, 1, 1, 7, 2, false},
    {512, 512, 3, 1, 7, 2, false},
};

static const Layer efficientnet_b0[] = {
    {3, 32, 3, 2, 224, 1, false},   {32, 32, 3, 1, 112, 1, true},   {32, 16, 1, 1, 112, 1, false},
    {16, 96, 1, 1, 112, 1, false},  {96, 96, 3, 2, 112, 1, true},   {96, 24, 1, 1, 56, 1, false},
    {24, 144, 1, 1, 56, 2, false},  {144, 144, 3, 1, 56, 1, true},  {144, 24, 1, 1, 56, 1, false},
    {144, 144, 5, 2, 56, 1, true},  {144, 40, 1, 1, 28, 1, false},  {40, 240, 1, 1, 28, 2, false},
    {240, 240, 5, 1, 28, 1, true},  {240, 40, 1, 1, 28, 1, false},  {240, 240, 3, 2, 28, 1, true},
    {240, 80, 1, 1, 14, 1, false},  {80, 480, 1, 1, 14, 3, false},  {480, 480, 3, 1, 14, 2, true},
    {480, 80, 1, 1, 14, 2, false},  {480, 480, 5, 1, 14, 1, true},  {480, 112, 1, 1, 14, 1, false},
    {112, 672, 1, 1, 14, 3, false}, {672, 672, 5, 1, 14, 2, true},  {672, 112, 1, 1, 14, 2, false},
    {672, 672, 5, 2, 14, 1, true},  {672, 192, 1, 1, 7, 1, false},  {192, 1152, 1, 1, 7, 4, false},
    {1152, 1152, 5, 1, 7, 3, true}, {1152, 192, 1, 1, 7, 3, false}, {1152, 1152, 3, 1, 7, 1, true},
    {1152, 320, 1, 1, 7, 1, false}, {320, 1280, 1, 1, 7, 1, false},
};

enum { FORWARD, GRAD_X, GRAD_W, DIRECTIONS };
static const char *const direction_name[] = {"y", "dx", "dw"};
static const OpDef *const op_of[] = {&opdef_conv2d, &opdef_conv2d_grad_x, &opdef_conv2d_grad_w};

typedef struct Bench {
    Pool *pool;
    Isa isa;
    int rounds;
    int64_t batch;
    double flops[DIRECTIONS], ours[DIRECTIONS], other[DIRECTIONS]; /* sums over layers */
} Bench;

/* With one thread the process's own time, which other programs do not disturb. */
static double now(const Pool *pool)
{
    struct timespec t;

    if (pool_threads(pool) > 1)
        return clock_seconds();
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static float *block(Arena *a, size_t n)
{
    Err err = {0};
    void *p;

    if (block_alloc(&err, a, (n + 16) * sizeof(float), "a tensor", &p)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    for (size_t i = 0; i < n; i++)
        ((float *)p)[i] = (float)(i % 13) / 8 - 0.75F;
    return p;
}

typedef struct Case { /* a layer's tensors and attributes */
    Conv2dAttr attr;
    Conv2dGradXAttr attr_x;
    Conv2dGradWAttr attr_w;
    Tensor x, w, y;
} Case;

static Tensor tensor(Arena *a, Shape s)
{
    return (Tensor){DT_F32, s, block(a, (size_t)shape_size(&s))};
}

static Case case_of(const Layer *l, int64_t batch, Arena *a)
{
    int pad = (l->k - 1) / 2, groups = l->depthwise ? (int)l->in : 1;
    Case c = {.attr = {{l->stride, l->stride}, {pad, pad, pad, pad}, {1, 1}, groups}};
    int64_t out = conv2d_size(&c.attr, 0, l->size, l->k);

    c.x = tensor(a, SHAPE(batch, l->in, l->size, l->size));
    c.w = tensor(a, SHAPE(l->out, l->in / groups, l->k, l->k));
    c.y = tensor(a, SHAPE(batch, l->out, out, out));
    c.attr_x = (Conv2dGradXAttr){c.attr, l->size, l->size};
    c.attr_w = (Conv2dGradWAttr){c.attr, c.w.shape};
    return c;
}

static OpCall call_of(const Case *c, int direction)
{
    OpCall o = {.ins = 2, .outs = 1};

    o.attr = direction == FORWARD  ? (const void *)&c->attr
             : direction == GRAD_X ? (const void *)&c->attr_x
                                   : (const void *)&c->attr_w;
    o.in[0] = direction == FORWARD ? c->x : c->y;
    o.in[1] = direction == GRAD_W ? c->x : c->w;
    o.out[0] = direction == FORWARD ? c->y : direction == GRAD_X ? c->x : c->w;
    return o;
}

/* ---- the rival ---- */

typedef struct Rival {
#ifdef RIVAL
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_t run;
    dnnl_exec_arg_t arg[3];
#else
    int none;
#endif
} Rival;

#ifdef RIVAL
static void must(dnnl_status_t s)
{
    if (s != dnnl_success) {
        fprintf(stderr, "oneDNN: status %d\n", (int)s);
        exit(1);
    }
}

static dnnl_memory_desc_t any_desc(const Shape *s, int groups)
{
    dnnl_dims_t dims = {groups, s->dim[0] / groups, s->dim[1], s->dim[2], s->dim[3]};
    dnnl_memory_desc_t d;

    if (groups > 1)
        must(dnnl_memory_desc_init_by_tag(&d, 5, dims, dnnl_f32, dnnl_format_tag_any));
    else
        must(dnnl_memory_desc_init_by_tag(&d, 4, s->dim, dnnl_f32, dnnl_format_tag_any));
    return d;
}

static void rival_arg(Rival *r, int i, int name, const_dnnl_primitive_desc_t pd, dnnl_query_t what)
{
    dnnl_memory_t m;
    void *data;
    const dnnl_memory_desc_t *d = dnnl_primitive_desc_query_md(pd, what, 0);

    must(dnnl_memory_create(&m, d, r->engine, DNNL_MEMORY_ALLOCATE));
    must(dnnl_memory_get_data_handle(m, &data));
    memset(data, 0, dnnl_memory_desc_get_size(d));
    r->arg[i] = (dnnl_exec_arg_t){name, m};
}

static Rival rival_open(const Case *c, int direction)
{
    const Conv2dAttr *a = &c->attr;
    dnnl_dims_t stride = {a->stride[0], a->stride[1]}, pad = {a->pad[0], a->pad[1]};
    dnnl_memory_desc_t x = any_desc(&c->x.shape, 1), w = any_desc(&c->w.shape, a->groups),
                       y = any_desc(&c->y.shape, 1);
    dnnl_convolution_desc_t d;
    dnnl_primitive_desc_t forward, pd;
    Rival r;

    must(dnnl_engine_create(&r.engine, dnnl_cpu, 0));
    must(dnnl_stream_create(&r.stream, r.engine, dnnl_stream_default_flags));
    must(dnnl_convolution_forward_desc_init(&d, dnnl_forward_training, dnnl_convolution_direct, &x,
                                            &w, NULL, &y, stride, pad, pad));
    must(dnnl_primitive_desc_create(&forward, &d, NULL, r.engine, NULL));
    pd = forward;
    if (direction == GRAD_X)
        must(dnnl_convolution_backward_data_desc_init(&d, dnnl_convolution_direct, &x, &w, &y,
                                                      stride, pad, pad));
    else if (direction == GRAD_W)
        must(dnnl_convolution_backward_weights_desc_init(&d, dnnl_convolution_direct, &x, &w, NULL,
                                                         &y, stride, pad, pad));
    if (direction != FORWARD)
        must(dnnl_primitive_desc_create(&pd, &d, NULL, r.engine, forward));
    rival_arg(&r, 0, direction == GRAD_X ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, pd,
              direction == GRAD_X ? dnnl_query_diff_src_md : dnnl_query_src_md);
    rival_arg(&r, 1, direction == GRAD_W ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, pd,
              direction == GRAD_W ? dnnl_query_diff_weights_md : dnnl_query_weights_md);
    rival_arg(&r, 2, direction == FORWARD ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, pd,
              direction == FORWARD ? dnnl_query_dst_md : dnnl_query_diff_dst_md);
    must(dnnl_primitive_create(&r.run, pd));
    return r;
}

static void rival_run(const Rival *r)
{
    must(dnnl_primitive_execute(r->run, r->stream, 3, r->arg));
    must(dnnl_stream_wait(r->stream));
}

static void rival_close(Rival *r)
{
    for (int i = 0; i < 3; i++)
        must(dnnl_memory_destroy(r->arg[i].memory));
    must(dnnl_primitive_destroy(r->run));
    must(dnnl_stream_destroy(r->stream));
    must(dnnl_engine_destroy(r->engine));
}
#else
static Rival rival_open(const Case *c, int direction)
{
    return (Rival){c == NULL && direction};
}

static void rival_run(const Rival *r)
{
    (void)r;
}

static void rival_close(Rival *r)
{
    r->none = 0;
}
#endif

/* ---- measuring ---- */

static void print_speed(const char *name, double flops, double ours, double other)
{
    printf("  %s %7.2f ms %6.1f", name, ours * 1e3, flops / ours / 1e9);
#ifdef RIVAL
    printf(" (%7.2f %6.1f %4.2f)", other * 1e3, flops / other / 1e9, other / ours);
#else
    (void)other;
#endif
}

static void measure(Bench *b, const Layer *l, const Case *c, int direction, Arena *a)
{
    OpCall call = call_of(c, direction);
    const Kernel *k = kernel_choose(op_of[direction], &call);
    double flops = op_of[direction]->flops(&call), t[2][64], start;
    int repeat = (int)(1e9 / flops) + 1;
    size_t bytes = k->scratch ? k->scratch(&call, pool_threads(b->pool)) : 0;
    Rival r = rival_open(c, direction);

    call.pool = b->pool;
    call.scratch = block(a, bytes / sizeof(float));
    k->fn[b->isa](&call);
    rival_run(&r);
    for (int n = 0; n < b->rounds; n++) {
        start = now(b->pool);
        for (int i = 0; i < repeat; i++)
            k->fn[b->isa](&call);
        t[0][n] = (now(b->pool) - start) / repeat;
        start = now(b->pool);
        for (int i = 0; i < repeat; i++)
            rival_run(&r);
        t[1][n] = (now(b->pool) - start) / repeat;
    }
    rival_close(&r);
    for (int side = 0; side < 2; side++)
        qsort(t[side], (size_t)b->rounds, sizeof(double), by_size);
    print_speed(direction_name[direction], flops, t[0][b->rounds / 2], t[1][b->rounds / 2]);
    b->flops[direction] += l->times * flops;
    b->ours[direction] += l->times * t[0][b->rounds / 2];
    b->other[direction] += l->times * t[1][b->rounds / 2];
}

static void run_layer(Bench *b, const Layer *l)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Case c = case_of(l, b->batch, a);

    printf("%4d -> %4d  %d x %d / %d %s at %3d, %d times", (int)l->in, (int)l->out, l->k, l->k,
           l->stride, l->depthwise ? "deep" : "    ", l->size, l->times);
    for (int d = 0; d < DIRECTIONS; d++)
        measure(b, l, &c, d, a);
    printf("\n");
    (void)fflush(stdout);
    arena_free(a);
}

static void run_net(Bench *b, const char *name, const Layer *layer, size_t first, size_t end)
{
    double flops = 0, ours = 0, other = 0;

    memset(b->flops, 0, sizeof b->flops);
    memset(b->ours, 0, sizeof b->ours);
    memset(b->other, 0, sizeof b->other);
    printf("%s, batch %d, %d threads, %s: ms and GFLOP/s, median of %d\n", name, (int)b->batch,
           pool_threads(b->pool), isa_name(b->isa), b->rounds);
    for (size_t i = first; i < end; i++)
        run_layer(b, &layer[i]);
    printf("%s, all", name);
    for (int d = 0; d < DIRECTIONS; d++) {
        print_speed(direction_name[d], b->flops[d], b->ours[d], b->other[d]);
        flops += b->flops[d], ours += b->ours[d], other += b->other[d];
    }
    print_speed(" sum", flops, ours, other);
    printf("\n");
}

static long number(int argc, char **argv, int i, long otherwise)
{
    return argc > i ? strtol(argv[i], NULL, 10) : otherwise;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

int main(int argc, char **argv)
{
    Bench b = {.isa = isa_best(), .rounds = (int)number(argc, argv, 2, 5)};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *net = argc > 4 ? argv[4] : "all";
    size_t first = (size_t)number(argc, argv, 6, 0), end = (size_t)number(argc, argv, 7, 1000);

    b.batch = number(argc, argv, 5, 16);
    b.rounds = b.rounds < 1 ? 1 : b.rounds > 64 ? 64 : b.rounds;
    if ((argc > 3 && (!isa_parse(argv[3], &b.isa) || b.isa > isa_best())) || b.batch < 1)
        return 2;
    if (!a || pool_new(&err, a, (int)number(argc, argv, 1, 0), &b.pool)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    if (strcmp(net, "efficientnet_b0") != 0)
        run_net(&b, "resnet50", resnet50, first, least(end, LEN(resnet50)));
    if (strcmp(net, "resnet50") != 0)
        run_net(&b, "efficientnet_b0", efficientnet_b0, first, least(end, LEN(efficientnet_b0)));
    arena_free(a);
    return 0;
}
/* SPDX-License-Identifier: MIT */
