/* winograd_grad_w.simd.c - dw of 3 x 3 convolutions of stride 1 by F(3 x 3, 4 x 4): x and dy are transformed tile by tile,
 * K_BLOCK tiles at a time, and multiplied at each of the 36 spots; the sums are transformed to dw at the end.  The sums
 * run over tiles as in every product: a chain within a K_BLOCK, then blocks in order. */
#include "cpu/winograd.h"

typedef struct Grad {
    Tiling x, dy;
    const float *px, *pdy;
    float *dw, *zeros;
    float *input, *output,
        *sums; /* [spot][tile][channel of x], [spot][tile][channel of dy], [spot][o][c] */
    int64_t x_row, dy_row, input_step, output_step, sums_step;
    int64_t first, tiles; /* those at hand */
} Grad;

static void transform_output(const Grad *n, int64_t tile, float *to)
{
    const float *from[OUTS * OUTS];
    f32x v[SPOTS];

    for (int i = 0; i < OUTS * OUTS; i++) {
        int64_t at = tile_pixel(&n->dy, tile, i / OUTS, i % OUTS);

        from[i] = at < 0 ? n->zeros : n->pdy + at;
    }
    for (int64_t c = 0; c < n->dy.channels; c += LANES) {
        for (int i = 0; i < OUTS * OUTS; i++)
            v[i / OUTS * WIDE + i % OUTS] = f_get(from[i] + c, n->dy.channels - c);
        for (int i = 0; i < OUTS; i++)
            wino_spread(v + i, WIDE);
        for (int i = 0; i < WIDE; i++)
            wino_spread(v + i * WIDE, 1);
        for (int i = 0; i < SPOTS; i++)
            f_store(to + i * n->output_step + c, v[i]);
    }
}

static void transform_tiles(void *arg, int64_t begin, int64_t end, int thread)
{
    const Grad *n = arg;

    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        transform_input(&n->x, n->px, n->zeros, n->first + i, n->input + i * n->x_row,
                        n->input_step, K_BLOCK);
        transform_output(n, n->first + i, n->output + i * n->dy_row);
    }
}

#define SPOT_ROWS 84 /* output channels of a piece of work: whole tiles of 6 and of 14 */

static int64_t spot_pieces(const Grad *n)
{
    return panels(n->dy.channels, SPOT_ROWS);
}

static void multiply_spots(void *arg, int64_t begin, int64_t end, int thread)
{
    const Grad *n = arg;
    int64_t pieces = spot_pieces(n);

    (void)thread;
    for (int64_t u = begin; u < end; u++) {
        int64_t spot = u / pieces, o0 = u % pieces * SPOT_ROWS;
        int64_t o1 = min_of(o0 + SPOT_ROWS, n->dy.channels), height = tile_rows(o1 - o0);
        Tile t = {.depth = n->tiles,
                  .a_step = n->dy_row,
                  .b_step = n->x_row,
                  .c_step = n->x_row,
                  .add = n->first > 0};

        for (int64_t j = 0; j < n->x.channels; j += TILE_N) {
            t.b = n->input + spot * n->input_step + j;
            t.cols = min_of(TILE_N, panels(n->x.channels, LANES) * LANES - j);
            for (int64_t o = o0; o < o1; o += height) {
                t.a = n->output + spot * n->output_step + o;
                t.c = n->sums + spot * n->sums_step + o * n->x_row + j;
                K(tile)(&t, (int)min_of(height, o1 - o));
            }
        }
    }
}

/* begin .. end: output channels of dw */
static void put_filters(void *arg, int64_t begin, int64_t end, int thread)
{
    const Grad *n = arg;
    float g[9][LANES];
    f32x v[SPOTS];

    (void)thread;
    for (int64_t o = begin; o < end; o++)
        for (int64_t c = 0; c < n->x.channels; c += LANES) {
            float *to = n->dw + (o * n->x.channels + c) * 9;
            int64_t count = min_of(LANES, n->x.channels - c);

            for (int i = 0; i < SPOTS; i++)
                v[i] = f_load(n->sums + i * n->sums_step + o * n->x_row + c);
            for (int i = 0; i < WIDE; i++)
                wino_filter_back(v + i, WIDE);
            for (int i = 0; i < 3; i++)
                wino_filter_back(v + i * WIDE, 1);
            for (int t = 0; t < 9; t++)
                f_store(g[t], v[t / 3 * WIDE + t % 3]);
            for (int64_t i = 0; i < count; i++)
                for (int t = 0; t < 9; t++)
                    to[i * 9 + t] = g[t][i];
        }
}

void K(k_winograd_grad_w)(const OpCall *c)
{
    Grad n = {.x = tiling_of(&c->in[1].shape),
              .dy = tiling_of(&c->in[0].shape),
              .px = in_f(c, 1),
              .pdy = in_f(c, 0),
              .dw = out_f(c, 0)};

    n.x_row = wino_row(n.x.channels), n.dy_row = wino_row(n.dy.channels);
    n.input_step = K_BLOCK * n.x_row + LINE, n.output_step = K_BLOCK * n.dy_row + LINE;
    n.sums_step = n.dy.channels * n.x_row;
    n.zeros = c->scratch;
    n.input = n.zeros + max_of(n.x_row, n.dy_row);
    n.output = n.input + SPOTS * n.input_step;
    n.sums = n.output + SPOTS * n.output_step;
    memset(n.zeros, 0, (size_t)(n.input - n.zeros) * sizeof *n.zeros);
    for (; n.first == 0 || n.first < n.x.tiles; n.first += K_BLOCK) {
        n.tiles = min_of(K_BLOCK, n.x.tiles - n.first);
        par_for(c->pool, n.tiles, 8, transform_tiles, &n);
        par_for(c->pool, SPOTS * spot_pieces(&n), 1, multiply_spots, &n);
    }
    par_for(c->pool, n.dy.channels, 4, put_filters, &n);
}
/* SPDX-License-Identifier: MIT */
