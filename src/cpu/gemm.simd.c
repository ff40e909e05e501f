/* gemm.simd.c - matrix products as in BLIS (Van Zee & van de Geijn 2015): both factors packed into panels per
 * K-block, a register tile over the panels.  When one side is a few rows only, the other is streamed through
 * panels of one thread.  c[i, j] = sum over k of l(i, k) r(j, k): one fma chain within each K_BLOCK from 0, block
 * sums added in order, the bias last; so the bits depend on K alone, on no tile, chunk or thread. */
#include "cpu/gemm.h"

TILE_FAMILY(tile, 0)

void K(tile)(const Tile *t, int rows)
{
    tile(t, rows);
}

typedef struct Gemm {
    Side l, r;
    int64_t depth, c_step;
    float *c;
    const float *bias;
    float *pl, *pr;                   /* packed panels, [K-block][panel] */
    int64_t height, pl_step, pr_step; /* rows of a left panel, floats from panel to panel */
    int64_t l_panels, r_panels;
    int64_t b0, b1;           /* the K-blocks at hand */
    int64_t l_group, r_group; /* panels of a chunk */
    bool turned;              /* few rows: c is written as its transpose */
    float *part, *buffer;     /* few rows: sums of K-blocks; panels of the threads */
} Gemm;

static int64_t k_blocks(const Gemm *g)
{
    return max_of(1, panels(g->depth, K_BLOCK));
}

/* Length of K-block b. */
static int64_t block_depth(const Gemm *g, int64_t b)
{
    return min_of(K_BLOCK, g->depth - b * K_BLOCK);
}

/* ---- both sides long: K-blocks are packed as many at a time as PACKED_MAX holds, and a chunk of c stays in the
 * cache while they are added to it ---- */

#define PACK_WIDTH                                                                                 \
    256 /* elements packed by one chunk: as much as a page holds of a row is good for the TLB */

static int64_t pack_chunks(int64_t panel_count, int64_t height)
{
    return panels(panel_count, max_of(1, PACK_WIDTH / height));
}

/* The panels of one side at K-block b that chunk number `at` holds. */
static void pack_chunk(const Gemm *g, int64_t b, bool left, int64_t at)
{
    const Side *s = left ? &g->l : &g->r;
    int64_t height = left ? g->height : TILE_N, step = left ? g->pl_step : g->pr_step;
    int64_t group = max_of(1, PACK_WIDTH / height), first = at * group * height;
    int64_t panel = (b - g->b0) * (left ? g->l_panels : g->r_panels) + at * group;
    Panels to = {(left ? g->pl : g->pr) + panel * step, height, step};

    pack(s, first, min_of(group * height, s->count - first), b * K_BLOCK, block_depth(g, b), &to);
}

static void pack_both(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gemm *g = arg;
    int64_t left = pack_chunks(g->l_panels, g->height);
    int64_t both = left + pack_chunks(g->r_panels, TILE_N);

    (void)thread;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t b = g->b0 + chunk / both, at = chunk % both;

        pack_chunk(g, b, at < left, at < left ? at : at - left);
    }
}

/* Panels p0 .. p1 - 1 of the left side times panel q of the right one.  Meanwhile the next panel of the right side
 * comes nearer, a part with each tile. */
static void multiply_panels(const Gemm *g, int64_t b, int64_t p0, int64_t p1, int64_t q)
{
    int64_t j = q * TILE_N, nth = b - g->b0, step = (TILE_N + p1 - p0 - 1) / (p1 - p0);
    bool last = (b + 1) * K_BLOCK >= g->depth;
    Tile t = {.depth = block_depth(g, b),
              .b = g->pr + (nth * g->r_panels + q) * g->pr_step,
              .a_step = g->height,
              .b_step = TILE_N,
              .c_step = g->c_step,
              .cols = min_of(TILE_N, g->r.count - j),
              .add = b > 0,
              .next_step = step,
              .bias = last && g->bias ? g->bias + j : NULL};

    for (int64_t p = p0; p < p1; p++) {
        int64_t i = p * g->height;

        t.a = g->pl + (nth * g->l_panels + p) * g->pl_step;
        t.c = g->c + i * g->c_step + j;
        t.next = t.b + g->pr_step + (p - p0) * step * t.depth;
        tile(&t, (int)min_of(g->height, g->l.count - i));
    }
}

static void multiply_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gemm *g = arg;
    int64_t across = panels(g->r_panels, g->r_group);

    (void)thread;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t p0 = chunk / across * g->l_group, q0 = chunk % across * g->r_group;
        int64_t p1 = min_of(p0 + g->l_group, g->l_panels),
                q1 = min_of(q0 + g->r_group, g->r_panels);

        for (int64_t b = g->b0; b < g->b1; b++)
            for (int64_t q = q0; q < q1; q++)
                multiply_panels(g, b, p0, p1, q);
    }
}

#define CHUNKS_WANTED 32 /* enough for eight threads; chunks of one shape are the same everywhere */
#define CHUNK_ROWS    168
#define CHUNK_COLUMNS 192

static void gemm_long(Gemm *g, const OpCall *c)
{
    int64_t kn = min_of(g->depth, K_BLOCK), blocks = k_blocks(g);

    g->height = tile_rows(g->l.count);
    g->l_panels = panels(g->l.count, g->height), g->r_panels = panels(g->r.count, TILE_N);
    g->pl_step = g->height * kn + TILE_PAD, g->pr_step = TILE_N * kn + TILE_PAD;
    int64_t at_once = packed_blocks(g->l.count + g->r.count, g->depth);
    g->pl = c->scratch, g->pr = g->pl + at_once * g->l_panels * g->pl_step;
    g->l_group = max_of(1, CHUNK_ROWS / g->height);
    int64_t down = panels(g->l_panels, g->l_group);
    g->r_group = max_of(1, min_of(CHUNK_COLUMNS / TILE_N, g->r_panels * down / CHUNKS_WANTED));
    int64_t chunks = down * panels(g->r_panels, g->r_group);
    int64_t packs = pack_chunks(g->l_panels, g->height) + pack_chunks(g->r_panels, TILE_N);

    for (g->b0 = 0; g->b0 < blocks; g->b0 = g->b1) {
        g->b1 = min_of(g->b0 + at_once, blocks);
        par_for(c->pool, (g->b1 - g->b0) * packs, 1, pack_both, g);
        par_for(c->pool, chunks, 1, multiply_chunk, g);
    }
}

/* ---- few rows on the left: the right side is read once, its panels live in the first cache ---- */

#define FEW_BUFFER (K_BLOCK * TILE_N + TILE_PAD + FEW_MAX * TILE_N)

static void pack_few(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gemm *g = arg;

    (void)thread;
    for (int64_t b = begin; b < end; b++) {
        Panels to = {g->pl + b * g->l_panels * g->pl_step, g->height, g->pl_step};

        pack(&g->l, 0, g->l.count, b * K_BLOCK, block_depth(g, b), &to);
    }
}

/* The rows of K-block b times a packed or readable panel of the right side. */
static void multiply_few(const Gemm *g, int64_t b, Tile t)
{
    float *c = t.c;

    t.depth = block_depth(g, b);
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
    float *panel = g->buffer + thread * FEW_BUFFER, *sum = panel + K_BLOCK * TILE_N + TILE_PAD;
    int64_t blocks = k_blocks(g);

    for (int64_t q = begin; q < end; q++) {
        int64_t j = q * TILE_N, n = min_of(TILE_N, g->r.count - j);
        Tile t = {.b = panel, .b_step = TILE_N, .c = sum, .c_step = TILE_N, .cols = n};

        if (!g->turned)
            t.c = g->c + j, t.c_step = g->c_step;
        for (int64_t b = 0; b < blocks; b++) {
            pack(&g->r, j, n, b * K_BLOCK, block_depth(g, b), &(Panels){panel, TILE_N, 0});
            t.add = b > 0;
            if (b + 1 == blocks && g->bias && !g->turned)
                t.bias = g->bias + j;
            multiply_few(g, b, t);
        }
        if (g->turned)
            write_few(g, sum, TILE_N, j, n);
    }
}

/* Right side stored along j: each K-block's rows are read once, its sums go to g->part. */
static void stream_straight(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gemm *g = arg;
    float *panel = g->buffer + thread * FEW_BUFFER;
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
                pack(&g->r, j, n, k0, block_depth(g, b), &(Panels){panel, TILE_N, 0});
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
    int64_t blocks = k_blocks(g);

    g->height = tile_rows(g->l.count);
    g->l_panels = panels(g->l.count, g->height), g->r_panels = panels(g->r.count, TILE_N);
    g->pl_step = g->height * min_of(K_BLOCK, g->depth) + TILE_PAD;
    g->pl = c->scratch;
    g->buffer = g->pl + blocks * g->l_panels * g->pl_step;
    g->part = g->buffer + pool_threads(c->pool) * FEW_BUFFER;
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
    Side a = matrix(in_f(c, 0), m, last, !t->ta);
    Side b = matrix(in_f(c, 1), n, t->tb ? k : n, t->tb);
    Gemm g = {.l = a, .r = b, .depth = k, .c = out_f(c, 0), .c_step = n};

    g.bias = c->ins > 2 ? in_f(c, 2) : NULL;
    if (m == 0 || n == 0)
        return;
    if (n < m && n <= FEW_MAX)
        g.l = b, g.r = a, g.turned = true;
    if (g.l.count <= (g.r.turned ? STREAM_MAX : FEW_MAX))
        gemm_few(&g, c);
    else
        gemm_long(&g, c);
}
/* SPDX-License-Identifier: MIT */
