/* gemm.simd.c - matrix products as in BLIS (Van Zee & van de Geijn 2015): both factors packed into panels per
 * K-block, a register tile over the panels.  When one side is a few rows only, the other is streamed through
 * panels of one thread.  c[i, j] = sum over k of l(i, k) r(j, k): one fma chain within each K_BLOCK from 0, block
 * sums added in order, the bias last; so the bits depend on K alone, on no tile, chunk or thread. */
#include "cpu/kernels.h"
#include "cpu/tile.h"

TILE_FAMILY(tile, 0)

typedef struct Gemm {
    Side l, r;
    int64_t depth, c_step;
    float *c;
    const float *bias;
    float *pl, *pr;                    /* packed panels */
    int64_t height, pl_step, pr_step;  /* rows of a left panel, floats from panel to panel */
    int64_t l_panels, r_panels;
    int64_t k0, kn;                    /* the K-block at hand */
    int64_t l_group, r_group;          /* panels of a chunk */
    bool turned;                       /* few rows: c is written as its transpose */
    float *part, *buffer;              /* few rows: sums of K-blocks; panels of the threads */
} Gemm;

static int64_t panels(int64_t n, int64_t size)
{
    return (n + size - 1) / size;
}

/* ---- both sides long ---- */

#define PACK_GRAIN 8

static void pack_panels(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gemm *g = arg;

    (void)thread;
    for (int64_t p = begin; p < end; p++) {
        if (p < g->l_panels) {
            int64_t i = p * g->height;

            pack(&g->l, i, min_of(g->height, g->l.count - i), g->k0, g->kn,
                 g->pl + p * g->pl_step, g->height);
        } else {
            int64_t q = p - g->l_panels, j = q * TILE_N;

            pack(&g->r, j, min_of(TILE_N, g->r.count - j), g->k0, g->kn, g->pr + q * g->pr_step,
                 TILE_N);
        }
    }
}

static void multiply_panels(const Gemm *g, int64_t p, int64_t q)
{
    int64_t i = p * g->height, j = q * TILE_N;
    bool last = g->k0 + g->kn >= g->depth;
    Tile t = {.depth = g->kn,
              .a = g->pl + p * g->pl_step,
              .b = g->pr + q * g->pr_step,
              .a_step = g->height,
              .b_step = TILE_N,
              .c = g->c + i * g->c_step + j,
              .c_step = g->c_step,
              .cols = min_of(TILE_N, g->r.count - j),
              .add = g->k0 > 0,
              .bias = last && g->bias ? g->bias + j : NULL};

    tile(&t, (int)min_of(g->height, g->l.count - i));
}

static void multiply_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gemm *g = arg;
    int64_t across = panels(g->r_panels, g->r_group);

    (void)thread;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t p0 = chunk / across * g->l_group, q0 = chunk % across * g->r_group;
        int64_t p1 = min_of(p0 + g->l_group, g->l_panels), q1 = min_of(q0 + g->r_group, g->r_panels);

        for (int64_t q = q0; q < q1; q++)
            for (int64_t p = p0; p < p1; p++)
                multiply_panels(g, p, q);
    }
}

#define CHUNKS_WANTED 32 /* enough for eight threads; chunks of one shape are the same everywhere */

static void gemm_long(Gemm *g, const OpCall *c)
{
    int64_t kn = min_of(g->depth, K_BLOCK);

    g->height = tile_rows(g->l.count);
    g->l_panels = panels(g->l.count, g->height), g->r_panels = panels(g->r.count, TILE_N);
    g->pl_step = g->height * kn + TILE_PAD, g->pr_step = TILE_N * kn + TILE_PAD;
    g->pl = c->scratch, g->pr = g->pl + g->l_panels * g->pl_step;
    g->l_group = max_of(1, 168 / g->height);
    int64_t down = panels(g->l_panels, g->l_group);
    g->r_group = max_of(1, min_of(384 / TILE_N, g->r_panels * down / CHUNKS_WANTED));
    int64_t chunks = down * panels(g->r_panels, g->r_group);

    for (g->k0 = 0; g->k0 == 0 || g->k0 < g->depth; g->k0 += K_BLOCK) {
        g->kn = min_of(K_BLOCK, g->depth - g->k0);
        par_for(c->pool, g->l_panels + g->r_panels, PACK_GRAIN, pack_panels, g);
        par_for(c->pool, chunks, 1, multiply_chunk, g);
    }
}

/* ---- few rows on the left ---- */

static void pack_few(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gemm *g = arg;

    (void)thread;
    for (int64_t b = begin; b < end; b++) {
        int64_t k0 = b * K_BLOCK, kn = min_of(K_BLOCK, g->depth - k0);

        for (int64_t p = 0; p < g->l_panels; p++)
            pack(&g->l, p * g->height, min_of(g->height, g->l.count - p * g->height), k0, kn,
                 g->pl + (b * g->l_panels + p) * g->pl_step, g->height);
    }
}

/* The few rows of K-block b times a packed or readable panel of the right side. */
static void multiply_few(const Gemm *g, int64_t b, Tile t)
{
    float *c = t.c;

    t.depth = min_of(K_BLOCK, g->depth - b * K_BLOCK);
    t.a_step = g->height;
    for (int64_t p = 0; p < g->l_panels; p++) {
        t.a = g->pl + (b * g->l_panels + p) * g->pl_step;
        t.c = c + p * g->height * t.c_step;
        tile(&t, (int)min_of(g->height, g->l.count - p * g->height));
    }
}

/* Columns j .. j + n - 1 of the result, from[i * step + column]. */
static void write_few(const Gemm *g, const float *from, int64_t step, int64_t j, int64_t n)
{
    for (int64_t i = 0; i < g->l.count; i++, from += step) {
        if (!g->turned) {
            float *c = g->c + i * g->c_step + j;

            for (int64_t x = 0; x < n; x += LANES) {
                f32x v = f_get(from + x, n - x);

                if (g->bias)
                    v = f_add(v, f_get(g->bias + j + x, n - x));
                f_put(c + x, v, n - x);
            }
        } else {
            for (int64_t x = 0; x < n; x++)
                g->c[(j + x) * g->c_step + i] = g->bias ? from[x] + g->bias[i] : from[x];
        }
    }
}

/* Right side stored along k: a panel is turned in the thread's own buffer, all K-blocks one after the other. */
static void stream_turned(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gemm *g = arg;
    float *panel = g->buffer + thread * (K_BLOCK * TILE_N + TILE_PAD + FEW_MAX * TILE_N);
    float *sum = panel + K_BLOCK * TILE_N + TILE_PAD;

    for (int64_t q = begin; q < end; q++) {
        int64_t j = q * TILE_N, n = min_of(TILE_N, g->r.count - j);

        for (int64_t k0 = 0; k0 == 0 || k0 < g->depth; k0 += K_BLOCK) {
            pack(&g->r, j, n, k0, min_of(K_BLOCK, g->depth - k0), panel, TILE_N);
            multiply_few(g, k0 / K_BLOCK,
                         (Tile){.b = panel, .b_step = TILE_N, .c = sum, .c_step = TILE_N, .cols = n,
                                .add = k0 > 0});
        }
        write_few(g, sum, TILE_N, j, n);
    }
}

/* Right side stored along j: each K-block's rows are read once, its sums go to g->part. */
static void stream_straight(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gemm *g = arg;
    float *panel = g->buffer + thread * (K_BLOCK * TILE_N + TILE_PAD + FEW_MAX * TILE_N);
    int64_t across = panels(g->r_panels, g->r_group);

    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t b = chunk / across, q0 = chunk % across * g->r_group, k0 = b * K_BLOCK;
        float *part = g->part + b * g->l.count * g->r.count;

        for (int64_t q = q0; q < min_of(q0 + g->r_group, g->r_panels); q++) {
            int64_t j = q * TILE_N, n = min_of(TILE_N, g->r.count - j);
            Tile t = {.c = part + j, .c_step = g->r.count, .cols = n, .b_step = TILE_N, .b = panel};

            if (n % LANES == 0)
                t.b = g->r.at + k0 * g->r.step + j, t.b_step = g->r.step;
            else
                pack(&g->r, j, n, k0, min_of(K_BLOCK, g->depth - k0), panel, TILE_N);
            multiply_few(g, b, t);
        }
    }
}

/* Adds the K-blocks' sums in order. */
static void combine_few(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gemm *g = arg;
    int64_t plane = g->l.count * g->r.count, n = end - begin;

    (void)thread;
    for (int64_t i = 0; i < g->l.count; i++) {
        float *sum = g->part + i * g->r.count + begin;

        for (int64_t b = 1; b * K_BLOCK < g->depth; b++)
            for (int64_t x = 0; x < n; x += LANES) {
                f32x v = f_add(f_get(sum + x, n - x), f_get(sum + b * plane + x, n - x));

                f_put(sum + x, v, n - x);
            }
    }
    write_few(g, g->part + begin, g->r.count, begin, n);
}

static void gemm_few(Gemm *g, const OpCall *c)
{
    int64_t blocks = max_of(1, panels(g->depth, K_BLOCK));

    g->height = tile_rows(g->l.count);
    g->l_panels = panels(g->l.count, g->height), g->r_panels = panels(g->r.count, TILE_N);
    g->pl_step = g->height * min_of(K_BLOCK, g->depth) + TILE_PAD;
    g->pl = c->scratch;
    g->buffer = g->pl + blocks * g->l_panels * g->pl_step;
    g->part = g->buffer + pool_threads(c->pool) * (K_BLOCK * TILE_N + TILE_PAD + FEW_MAX * TILE_N);
    par_for(c->pool, blocks, 16, pack_few, g);
    if (g->r.turned) {
        par_for(c->pool, g->r_panels, 2, stream_turned, g);
        return;
    }
    g->r_group = max_of(1, 256 / TILE_N);
    par_for(c->pool, blocks * panels(g->r_panels, g->r_group), 1, stream_straight, g);
    par_for(c->pool, g->r.count, 1024, combine_few, g);
}

void K(k_matmul)(const OpCall *c)
{
    const MatmulAttr *t = c->attr;
    int64_t last = tensor_width(&c->in[0]), rows = tensor_rows(&c->in[0]);
    int64_t m = t->ta ? last : rows, k = t->ta ? rows : last, n = tensor_width(&c->out[0]);
    Side a = {in_f(c, 0), m, last, !t->ta}, b = {in_f(c, 1), n, t->tb ? k : n, t->tb};
    Gemm g = {.l = a, .r = b, .depth = k, .c = out_f(c, 0), .c_step = n};

    g.bias = c->ins > 2 ? in_f(c, 2) : NULL;
    if (m == 0 || n == 0)
        return;
    if (n < m && n <= FEW_MAX)
        g.l = b, g.r = a, g.turned = true;
    if (g.l.count <= FEW_MAX)
        gemm_few(&g, c);
    else
        gemm_long(&g, c);
}
/* SPDX-License-Identifier: MIT */
