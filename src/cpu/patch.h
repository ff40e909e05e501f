/* patch.h - the windows of a convolution as one side of a product, packed straight from the channels-last picture:
 * a row is a position of the window, k = (ky, kx, c) with zeros outside of the picture; and the same the other way
 * round, k the positions.  Included by *.simd.c. */
#ifndef PATCH_H
#define PATCH_H

#include "cpu/gemm.h"
#include "cpu/window.h"

typedef struct Patch {
    const float *at;         /* the first picture, at the group's first channel */
    int64_t channels, pixel; /* of the group; floats from one position to the next */
    Axis y, x;
    int64_t run;        /* taps across that lie side by side and are read as one */
    const float *zeros; /* `channels` of them, RUN_MAX at least */
} Patch;

#define RUN_MAX 128 /* floats of a run of several taps */

/* Few channels: a row of taps is one run. */
SIMD int64_t run_of(const Patch *p)
{
    return p->x.step == 1 && p->channels == p->pixel && p->channels < LANES &&
                   p->x.taps * p->channels <= RUN_MAX
               ? p->x.taps
               : 1;
}

typedef struct Spot { /* where a window's first tap stands */
    const float *picture;
    int64_t y, x;
} Spot;

typedef struct Walk { /* over positions, in order */
    const Patch *p;
    int64_t b, y, x;
} Walk;

SIMD Walk walk_from(const Patch *p, int64_t position)
{
    int64_t row = position / p->x.out;

    return (Walk){p, row / p->y.out, row % p->y.out, position % p->x.out};
}

SIMD Spot walk_spot(const Walk *w)
{
    const Patch *p = w->p;

    return (Spot){p->at + w->b * p->y.size * p->x.size * p->pixel, w->y * p->y.stride + p->y.first,
                  w->x * p->x.stride + p->x.first};
}

SIMD void walk_on(Walk *w)
{
    if (++w->x < w->p->x.out)
        return;
    w->x = 0;
    if (++w->y < w->p->y.out)
        return;
    w->y = 0, w->b++;
}

/* A run that leaves the picture, put together in `own`. */
static const float *run_cut(const Patch *p, const float *row, int64_t x, float *own)
{
    int64_t low = max_of(0, -x), high = min_of(p->run, p->x.size - x), c = p->channels;

    if (high <= low)
        return p->zeros;
    memset(own, 0, (size_t)(p->run * c) * sizeof *own);
    memcpy(own + low * c, row + (x + low) * c, (size_t)((high - low) * c) * sizeof *own);
    return own;
}

/* The run of taps ky and kx on at a spot; `own` is memory for RUN_MAX floats. */
SIMD const float *run_at(const Patch *p, const Spot *s, int64_t ky, int64_t kx, float *own)
{
    int64_t y = s->y + ky * p->y.step, x = s->x + kx * p->x.step;

    if (y < 0 || y >= p->y.size)
        return p->zeros;
    const float *row = s->picture + y * p->x.size * p->pixel;
    if (x >= 0 && x + p->run <= p->x.size)
        return row + x * p->pixel;
    return p->run == 1 ? p->zeros : run_cut(p, row, x, own);
}

/* k as its tap and channel: k0 .. within one run. */
typedef struct Stretch {
    int64_t ky, kx, c, n;
} Stretch;

SIMD Stretch stretch_at(const Patch *p, int64_t k, int64_t end)
{
    int64_t length = p->run * p->channels, across = p->x.taps / p->run, i = k / length;
    Stretch s = {i / across, i % across * p->run, k % length, 0};

    s.n = min_of(length - s.c, end - k);
    return s;
}

/* The stretches of k0 .. k0 + depth - 1: how many. */
SIMD int stretches_of(const Patch *p, int64_t k0, int64_t depth, Stretch *to)
{
    int count = 0;

    for (int64_t k = k0; k < k0 + depth; k += to[count++].n)
        to[count] = stretch_at(p, k, k0 + depth);
    return count;
}

/* About where a position's element is. */
static const float *near_position(const Patch *p, int64_t position, int64_t k)
{
    Stretch at = stretch_at(p, k, k + 1);
    Walk w = walk_from(p, position);
    Spot spot = walk_spot(&w);
    int64_t y = min_of(max_of(spot.y + at.ky * p->y.step, 0), p->y.size - 1);
    int64_t x = min_of(max_of(spot.x + at.kx * p->x.step, 0), p->x.size - 1);

    return spot.picture + (y * p->x.size + x) * p->pixel + at.c;
}

/* ---- rows are positions ---- */

static const float *near_patch(const Side *s, int64_t k, int64_t i)
{
    return near_position(s->from, i, k);
}

static void pack_patch(const Side *s, int64_t first, int64_t n, int64_t k0, int64_t depth,
                       const Panels *to)
{
    const Patch *p = s->from;
    Walk w = walk_from(p, first);
    Stretch stretch[K_BLOCK];
    float own[RUN_MAX];
    int count = stretches_of(p, k0, depth, stretch);

    for (int64_t i = 0; i < n; i++, walk_on(&w)) {
        Spot spot = walk_spot(&w);
        float *out = to->at + i * to->step;

        for (const Stretch *q = stretch; q < stretch + count; out += q->n, q++)
            copy_row(run_at(p, &spot, q->ky, q->kx, own) + q->c, q->n, out);
    }
}

/* ---- k are positions, columns k of the window ---- */

static const float *near_windows(const Side *s, int64_t k, int64_t i)
{
    return near_position(s->from, k, i);
}

typedef struct Piece { /* of a stretch, in one panel */
    Stretch s;
    bool first; /* of its stretch */
    float *to;  /* its place at the first position */
} Piece;

#define PIECES_MAX (UNIT_COLUMNS / 2 + UNIT_COLUMNS / 2 / TILE_N)

/* The pieces of columns first .. first + n - 1: how many. */
static int pieces_of(const Patch *p, int64_t first, int64_t n, const Panels *to, Piece *piece)
{
    int count = 0;

    for (int64_t at = 0; at < n;) {
        Stretch s = stretch_at(p, first + at, first + n);
        int64_t end = at + s.n;

        for (bool fresh = true; at < end; fresh = false) {
            int64_t room = min_of(end - at, TILE_N - at % TILE_N);
            Piece *q = &piece[count++];

            *q = (Piece){s, fresh, to->at + at / TILE_N * to->step + at % TILE_N};
            q->s.n = room;
            s.c += room, at += room;
        }
    }
    return count;
}

static void pack_windows(const Side *s, int64_t first, int64_t n, int64_t k0, int64_t depth,
                         const Panels *to)
{
    const Patch *p = s->from;
    Walk w = walk_from(p, k0);
    float own[RUN_MAX];
    Piece piece[PIECES_MAX];
    int count = pieces_of(p, first, n, to, piece);

    for (int64_t k = 0; k < depth; k++, walk_on(&w)) {
        Spot spot = walk_spot(&w);
        const float *from = NULL;

        for (const Piece *q = piece; q < piece + count; q++) {
            if (q->first)
                from = run_at(p, &spot, q->s.ky, q->s.kx, own);
            for (int64_t c = 0; c < q->s.n; c += LANES)
                f_put(q->to + k * TILE_N + c, f_get(from + q->s.c + c, q->s.n - c), q->s.n - c);
        }
    }
}

#endif
/* SPDX-License-Identifier: MIT */
