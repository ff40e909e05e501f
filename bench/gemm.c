/* gemm.c - GFLOP/s of matrix products at the shapes of transformer steps: ours per instruction set, and a rival
 * when one is linked (-DRIVAL -lopenblas).  Sides alternate within each shape; the median of `rounds` is printed.
 * usage: gemm [threads [rounds [isa [first case [end]]]]] */
#include "cpu/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef RIVAL
#include <cblas.h>
#endif

typedef struct Case {
    int64_t m, n, k;
    bool ta, tb;
} Case;

#define THREE(m, n, k)                                                                             \
    {m, n, k, false, true}, {m, k, n, false, false},                                               \
    {                                                                                              \
        n, k, m, true, false                                                                       \
    }

static const Case cases[] = {
    THREE(2048, 384, 384),       THREE(2048, 1536, 384),     THREE(2048, 384, 1536),
    THREE(2048, 768, 768),       THREE(2048, 3072, 768),     THREE(2048, 768, 3072),
    THREE(128, 768, 768),        THREE(128, 3072, 768),      THREE(128, 768, 3072),
    THREE(16, 768, 768),         THREE(16, 3072, 768),       THREE(2048, 8, 768),
    THREE(2048, 768, 8),         {1, 768, 768, false, true}, {1, 3072, 768, false, true},
    {1, 768, 3072, false, true},
};

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

static OpCall call_of(const Case *c, const MatmulAttr *attr, float *a, float *b, float *y)
{
    OpCall o = {.attr = attr, .ins = 2, .outs = 1};

    o.in[0] = (Tensor){DT_F32, c->ta ? SHAPE(c->k, c->m) : SHAPE(c->m, c->k), a};
    o.in[1] = (Tensor){DT_F32, c->tb ? SHAPE(c->n, c->k) : SHAPE(c->k, c->n), b};
    o.out[0] = (Tensor){DT_F32, SHAPE(c->m, c->n), y};
    return o;
}

static void rival(const Case *c, const float *a, const float *b, float *y)
{
#ifdef RIVAL
    cblas_sgemm(CblasRowMajor, c->ta ? CblasTrans : CblasNoTrans, c->tb ? CblasTrans : CblasNoTrans,
                (int)c->m, (int)c->n, (int)c->k, 1, a, (int)(c->ta ? c->m : c->k), b,
                (int)(c->tb ? c->k : c->n), 0, y, (int)c->n);
#else
    (void)c, (void)a, (void)b, (void)y;
#endif
}

static float *block(Arena *a, size_t n)
{
    Err err = {0};
    void *p;

    if (block_alloc(&err, a, n * sizeof(float), "a matrix", &p)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    return p;
}

static void measure(const Case *c, Pool *pool, KernelFn fn, const Kernel *k, int rounds)
{
    size_t na = (size_t)(c->m * c->k), nb = (size_t)(c->k * c->n), ny = (size_t)(c->m * c->n);
    MatmulAttr attr = {c->ta, c->tb};
    Err err = {0};
    Arena *arena = arena_new(&err, sys_real());
    float *a = block(arena, na), *b = block(arena, nb), *y = block(arena, ny);
    OpCall call = call_of(c, &attr, a, b, y);
    double flops = 2.0 * (double)c->m * (double)c->n * (double)c->k, t[2][64];
    int repeat = (int)(4e8 / flops) + 1;

    call.pool = pool;
    call.scratch = block(arena, k->scratch(&call, pool_threads(pool)) / sizeof(float));
    for (size_t i = 0; i < na; i++)
        a[i] = (float)(i % 13) - 6;
    for (size_t i = 0; i < nb; i++)
        b[i] = (float)(i % 11) - 5;
    for (int r = 0; r < rounds; r++) {
        double start = now(pool);

        for (int i = 0; i < repeat; i++)
            fn(&call);
        t[0][r] = now(pool) - start;
        start = now(pool);
        for (int i = 0; i < repeat; i++)
            rival(c, a, b, y);
        t[1][r] = now(pool) - start;
    }
    for (int side = 0; side < 2; side++)
        qsort(t[side], (size_t)rounds, sizeof(double), by_size);
    double ours = flops * repeat / t[0][rounds / 2] / 1e9;
    double best = flops * repeat / t[0][0] / 1e9;
    double other = flops * repeat / t[1][rounds / 2] / 1e9,
           other_best = flops * repeat / t[1][0] / 1e9;
    printf("%5lld x %5lld x %5lld %c%c  %7.1f [%7.1f]", (long long)c->m, (long long)c->n,
           (long long)c->k, c->ta ? 'T' : 'N', c->tb ? 'T' : 'N', ours, best);
#ifdef RIVAL
    printf("  OpenBLAS %7.1f [%7.1f]  ratio %.2f [%.2f]", other, other_best, ours / other,
           best / other_best);
#else
    (void)other, (void)other_best;
#endif
    printf("\n");
    arena_free(arena);
}

int main(int argc, char **argv)
{
    int threads = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 9;
    Isa isa = isa_best();
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Pool *pool;
    const Kernel *k = kernel_choose(&opdef_matmul, NULL);

    if (argc > 3 && (!isa_parse(argv[3], &isa) || isa > isa_best()))
        return 2;
    if (!a || pool_new(&err, a, threads, &pool)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
#ifdef RIVAL
    openblas_set_num_threads(pool_threads(pool));
#endif
    rounds = rounds < 1 ? 1 : rounds > 64 ? 64 : rounds;
    printf("%d threads, %s, GFLOP/s: median [best] of %d\n", pool_threads(pool), isa_name(isa),
           rounds);
    size_t first = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    size_t end = argc > 5 ? strtoul(argv[5], NULL, 10) : LEN(cases);
    for (size_t i = first; i < end && i < LEN(cases); i++)
        measure(&cases[i], pool, k->fn[isa], k, rounds);
    arena_free(a);
    return 0;
}
/* SPDX-License-Identifier: MIT */
