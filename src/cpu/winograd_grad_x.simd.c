/* winograd_grad_x.simd.c - dx of 3 x 3 convolutions of stride 1 by F(4 x 4, 3 x 3): dy under the turned window.  A unit is
 * some tiles: their inputs are transformed into the thread's own memory, multiplied by the transformed filters of some
 * channels at each of the 36 spots, and the sums transformed to results while they are near.  Sums run over channels as
 * in every product: a chain within a K_BLOCK, then blocks. */
#include "cpu/winograd.h"

typedef struct Wino {
    Tiling in, out;
    const float *dy, *w;
    float *dx;
    int64_t blocks, panels, panel_step, unit; /* K-blocks; panels of output channels; tiles */
    float *zeros, *filter, *own;
} Wino;

/* ---- filters: [spot][K-block][panel][channel][TILE_N] ---- */

static float *filter_at(const Wino *n, int64_t block, int64_t panel)
{
    return n->filter + (block * n->panels + panel) * n->panel_step;
}

/* Input channel `c` of a panel's filters. */
static void transform_filter(const Wino *n, int64_t c, int64_t panel)
{
    float g[9][TILE_N] = {{0}};
    int64_t first = panel * TILE_N, count = min_of(TILE_N, n->out.channels - first);
    int64_t spot_step = n->blocks * n->panels * n->panel_step;
    float *to = filter_at(n, c / K_BLOCK, panel) + c % K_BLOCK * TILE_N;
    f32x v[SPOTS];

    for (int64_t o = 0; o < count; o++) {
        const float *w = n->w + (c * n->out.channels + first + o) * 9;

        for (int t = 0; t < 9; t++)
            g[t][o] = w[8 - t];
    }
    for (int64_t o = 0; o < TILE_N; o += LANES) {
        for (int t = 0; t < 9; t++)
            v[t / 3 * WIDE + t % 3] = f_load(g[t] + o);
        for (int i = 0; i < 3; i++)
            wino_filter(v + i, WIDE);
        for (int i = 0; i < WIDE; i++)
            wino_filter(v + i * WIDE, 1);
        for (int i = 0; i < SPOTS; i++)
            f_store(to + i * spot_step + o, v[i]);
    }
}

static void transform_filters(void *arg, int64_t begin, int64_t end, int thread)
{
    const Wino *n = arg;

    (void)thread;
    for (int64_t i = begin; i < end; i++)
        transform_filter(n, i % n->in.channels, i / n->in.channels);
}

/* ---- units ---- */

/* Products of a spot: `tiles` rows of transformed inputs, the panels q0 .. q1 - 1 of filters. */
static void multiply_spot(const Wino *n, int64_t spot, int64_t tiles, int64_t q0, int64_t q1,
                          const float *input, float *sums)
{
    int64_t height = tile_rows(tiles), rows = panels(tiles, height);
    int64_t ahead = (TILE_N + rows - 1) / rows;
    Tile t = {.b_step = TILE_N, .c_step = WINO_COLUMNS, .cols = TILE_N, .next_step = ahead};

    for (int64_t b = 0; b < n->blocks; b++)
        for (int64_t q = q0; q < q1; q++) {
            t.depth = min_of(K_BLOCK, n->in.channels - b * K_BLOCK);
            t.add = b > 0;
            t.b = filter_at(n, spot * n->blocks + b, q);
            for (int64_t r = 0; r < rows; r++) {
                t.a = input + (b * WINO_TILES + r * height) * LEFT_STEP;
                t.c = sums + r * height * WINO_COLUMNS + (q - q0) * TILE_N;
                t.next = t.b + n->panel_step + r * ahead * t.depth;
                K(tile_along)(&t, (int)min_of(height, tiles - r * height));
            }
        }
}

/* Channels j .. j + m - 1 of a tile's results. */
static void put_outputs(const Wino *n, int64_t tile, const float *sums, int64_t j, int64_t m)
{
    float *to[OUTS * OUTS];
    f32x v[SPOTS];

    for (int i = 0; i < OUTS * OUTS; i++) {
        int64_t at = tile_pixel(&n->out, tile, i / OUTS, i % OUTS);

        to[i] = at < 0 ? NULL : n->dx + at + j;
    }
    for (int64_t c = 0; c < m; c += LANES) {
        for (int i = 0; i < SPOTS; i++)
            v[i] = f_load(sums + i * WINO_SUM_STEP + c);
        for (int i = 0; i < WIDE; i++)
            wino_output(v + i, WIDE);
        for (int i = 0; i < OUTS; i++)
            wino_output(v + i * WIDE, 1);
        for (int i = 0; i < OUTS * OUTS; i++)
            if (to[i])
                f_put(to[i] + c, v[i / OUTS * WIDE + i % OUTS], m - c);
    }
}

static void run_units(void *arg, int64_t begin, int64_t end, int thread)
{
    const Wino *n = arg;
    int64_t spot_step = WINO_INPUT_STEP(n->blocks), group = WINO_COLUMNS / TILE_N;
    float *input = n->own + thread * WINO_FLOATS(n->blocks), *sums = input + SPOTS * spot_step;

    for (int64_t u = begin; u < end; u++) {
        int64_t first = u * n->unit, tiles = min_of(n->unit, n->in.tiles - first);

        for (int64_t i = 0; i < tiles; i++)
            transform_input(&n->in, n->dy, n->zeros, first + i, input + i * LEFT_STEP, spot_step,
                            WINO_TILES * LEFT_STEP);
        for (int64_t q = 0; q < n->panels; q += group) {
            int64_t j = q * TILE_N, m = min_of(WINO_COLUMNS, n->out.channels - j);

            for (int64_t s = 0; s < SPOTS; s++)
                multiply_spot(n, s, tiles, q, min_of(q + group, n->panels), input + s * spot_step,
                              sums + s * WINO_SUM_STEP);
            for (int64_t i = 0; i < tiles; i++)
                put_outputs(n, first + i, sums + i * WINO_COLUMNS, j, m);
        }
    }
}

#define UNITS_WANTED 16

void K(k_winograd_grad_x)(const OpCall *c)
{
    Wino n = {.in = tiling_of(&c->in[0].shape),
              .out = tiling_of(&c->out[0].shape),
              .dy = in_f(c, 0),
              .w = in_f(c, 1),
              .dx = out_f(c, 0),
              .unit = WINO_TILES};
    int64_t channels = n.in.channels, depth = min_of(channels, K_BLOCK);

    if (n.in.tiles == 0)
        return;
    n.blocks = panels(channels, K_BLOCK), n.panels = panels(n.out.channels, TILE_N);
    n.panel_step = depth * TILE_N + TILE_PAD;
    while (n.unit > WINO_TILES / 2 && panels(n.in.tiles, n.unit) < UNITS_WANTED)
        n.unit /= 2;
    n.zeros = c->scratch;
    n.filter = n.zeros + panels(channels, LANES) * LANES;
    n.own = n.filter + SPOTS * n.blocks * n.panels * n.panel_step;
    memset(n.zeros, 0, (size_t)(n.filter - n.zeros) * sizeof *n.zeros);
    par_for(c->pool, n.panels * channels, 16, transform_filters, &n);
    par_for(c->pool, panels(n.in.tiles, n.unit), 1, run_units, &n);
}
/* SPDX-License-Identifier: MIT */
