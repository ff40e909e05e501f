/* gemm_units.simd.c - long products: a unit of rows, columns and K-blocks is packed and multiplied by one thread, its
 * panels in the second cache.  A right side that all units read (a weight) is packed once before. */
#include "cpu/gemm.h"

#define LEFT_STEP                                                                                  \
    272 /* K_BLOCK and a line: rows of a left side that lies along k, as the tile reads them */
TILE_FAMILY(tile_along, LEFT_STEP)

typedef struct Units {
    const Product *p;
    int64_t height, group_l, group_r;  /* rows of a left panel; panels of a unit */
    int64_t down, across, spans, span; /* units, K-blocks of a span */
    int64_t l_panels, r_panels, r_step;
    float *right; /* [K-block][panel], packed before; NULL: by each unit */
    float *buffer;
} Units;

static int64_t depth_of(const Product *p, int64_t b)
{
    return min_of(K_BLOCK, p->depth - b * K_BLOCK);
}

static void pack_panels(const Side *s, int64_t first, int64_t n, const Product *p, int64_t b,
                        const Panels *to)
{
    if (s->pack)
        s->pack(s, first, n, b * K_BLOCK, depth_of(p, b), to);
    else
        pack(s, first, n, b * K_BLOCK, depth_of(p, b), to);
}

/* The left side's rows first .. one after the other. */
static void pack_rows(const Product *p, int64_t first, int64_t n, int64_t b, float *to)
{
    const Side *s = &p->l;
    int64_t k0 = b * K_BLOCK, depth = depth_of(p, b);

    if (s->pack) {
        s->pack(s, first, n, k0, depth, &(Panels){.at = to, .step = LEFT_STEP});
        return;
    }
    for (int64_t i = 0; i < n; i++)
        copy_row(s->at + (first + i) * s->step + k0, depth, to + i * LEFT_STEP);
}

/* begin .. end: panels of all K-blocks */
static void pack_right(void *arg, int64_t begin, int64_t end, int thread)
{
    const Units *u = arg;

    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        int64_t j = i % u->r_panels * TILE_N;
        Panels to = {.at = u->right + i * u->r_step, .height = TILE_N, .step = u->r_step};

        pack_panels(&u->p->r, j, min_of(TILE_N, u->p->r.count - j), u->p, i / u->r_panels, &to);
    }
}

typedef struct Unit {
    int64_t i, n, j, m; /* rows and columns */
    int64_t b, end;     /* K-blocks: the one at hand */
    bool add;
    float *left, *right, *c; /* panels of its own; the result */
    int64_t c_step;
} Unit;

static Unit unit_at(const Units *u, int64_t n, float *own)
{
    const Product *p = u->p;
    int64_t blocks = max_of(1, panels(p->depth, K_BLOCK)), cols = u->group_r * TILE_N;
    int64_t s = n / u->across / u->down;
    Unit at = {.j = n % u->across * cols, .i = n / u->across % u->down * u->group_l * u->height};

    at.m = min_of(cols, p->r.count - at.j);
    at.n = min_of(u->group_l * u->height, p->l.count - at.i);
    at.b = s * u->span, at.end = min_of(at.b + u->span, blocks);
    at.left = own, at.right = own + UNIT_LEFT;
    at.c = p->put ? at.right + UNIT_RIGHT : p->c + s * p->span_step + at.i * p->c_step + at.j;
    at.c_step = p->put ? cols : p->c_step;
    return at;
}

/* Share number `at` of `of` of what a side packs next comes nearer. */
static void fetch_share(const Side *s, int64_t first, int64_t n, const Product *p, int64_t b,
                        const int64_t share[2])
{
    int64_t k0 = b * K_BLOCK, depth = depth_of(p, b), all = s->turned ? n : depth;
    int64_t size = panels(all, share[1]), low = share[0] * size;

    if (low >= all)
        return;
    size = min_of(size, all - low);
    if (s->turned)
        first += low, n = size;
    else
        k0 += low, depth = size;
    if (s->pack)
        s->pack(s, first, n, k0, depth, NULL);
    else
        fetch(s, first, n, k0, depth);
}

/* A matrix stored along its elements is read where it lies, but for a right panel of less than whole vectors. */
static bool lies(const Side *s)
{
    return !s->pack && !s->turned;
}

static const float *place(const Side *s, int64_t k, int64_t i)
{
    return s->near ? s->near(s, k, i) : s->at + k * s->step + i;
}

/* What the tile brings nearer meanwhile: with each k a line of the next K-block's row. */
static void next_lines(const Units *u, const Unit *next, int64_t nth, Tile *t)
{
    const Product *p = u->p;

    t->next = NULL;
    if (!next)
        return;
    int64_t right = panels(next->m, LINE), left = panels(next->n, LINE), k0 = next->b * K_BLOCK;

    if (nth < right)
        t->next = place(&p->r, k0, next->j + nth * LINE), t->next_step = p->r.step;
    else if (nth < right + left)
        t->next = place(&p->l, k0, next->i + (nth - right) * LINE), t->next_step = p->l.step;
}

/* The next part of the next right panel, and of what is packed next. */
static void next_panels(const Units *u, const Unit *next, const int64_t share[2], int64_t rows,
                        Tile *t)
{
    int64_t step = (TILE_N + rows - 1) / rows;

    t->next = t->b + u->r_step + share[0] % rows * step * t->depth;
    t->next_step = step;
    if (next)
        fetch_share(&u->p->l, next->i, next->n, u->p, next->b, share);
}

static void right_panel(const Units *u, const Unit *at, int64_t j, const float *right, Tile *t)
{
    const Product *p = u->p;
    bool last = (at->b + 1) * K_BLOCK >= p->depth;

    t->cols = min_of(TILE_N, at->m - j);
    t->bias = last && p->bias ? p->bias + at->j + j : NULL;
    t->b = right + j / TILE_N * u->r_step, t->b_step = TILE_N;
    if (!u->right && lies(&p->r) && t->cols % LANES == 0)
        t->b = place(&p->r, at->b * K_BLOCK, at->j + j), t->b_step = p->r.step;
}

/* All left panels times a right one at a time.  With each tile a part of what is read next comes nearer: the
 * processor does not guess such steps. */
static void multiply(const Units *u, const Unit *at, const Unit *next, const float *left,
                     const float *right)
{
    const Product *p = u->p;
    int64_t rows = panels(at->n, u->height), share[2] = {0, rows * panels(at->m, TILE_N)};
    Tile t = {.depth = depth_of(p, at->b), .c_step = at->c_step, .add = at->add};

    for (int64_t j = 0; j < at->m; j += TILE_N) {
        right_panel(u, at, j, right, &t);
        for (int64_t r = 0; r < rows; r++, share[0]++) {
            t.a = left + r * u->height * LEFT_STEP;
            if (!p->l.turned)
                t.a = place(&p->l, at->b * K_BLOCK, at->i + r * u->height), t.a_step = p->l.step;
            t.c = at->c + r * u->height * at->c_step + j;
            if (u->right)
                next_panels(u, next, share, rows, &t);
            else
                next_lines(u, next, share[0], &t);
            if (p->l.turned)
                tile_along(&t, (int)min_of(u->height, at->n - r * u->height));
            else
                K(tile)(&t, (int)min_of(u->height, at->n - r * u->height));
        }
    }
}

/* The K-block at hand of a unit. */
static void run_block(const Units *u, const Unit *at, const Unit *next)
{
    const Product *p = u->p;
    Panels right = {at->right, TILE_N, u->r_step};
    int64_t whole = !lies(&p->r) ? 0 : at->m % LANES ? at->m / TILE_N : panels(at->m, TILE_N);

    if (p->l.turned)
        pack_rows(p, at->i, at->n, at->b, at->left);
    if (!u->right && at->m > whole * TILE_N) {
        Panels rest = right;

        rest.at += whole * u->r_step;
        pack_panels(&p->r, at->j + whole * TILE_N, at->m - whole * TILE_N, p, at->b, &rest);
    }
    if (u->right)
        right.at = u->right + (at->b * u->r_panels + at->j / TILE_N) * u->r_step;
    multiply(u, at, next, at->left, right.at);
}

static void units_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Units *u = arg;
    float *own = u->buffer + thread * UNIT_FLOATS;

    for (int64_t n = begin; n < end; n++) {
        Unit at = unit_at(u, n, own), later = unit_at(u, n + 1, own);

        for (; at.b < at.end; at.b++, at.add = true) {
            Unit next = at;

            next.b++;
            run_block(u, &at, next.b < at.end ? &next : n + 1 < end ? &later : NULL);
        }
        if (u->p->put)
            u->p->put(u->p, &(Part){at.i, at.n, at.j, at.m, at.c_step, at.c});
    }
}

#define UNITS_WANTED 32 /* enough for eight threads */

/* Units as large as the cache likes, smaller ones where that leaves too few. */
static void cut(Units *u, int64_t blocks)
{
    int64_t rows = u->right ? 168 : UNIT_ROWS, cols = u->right ? UNIT_COLUMNS : UNIT_COLUMNS / 2;

    u->span = u->p->span > 0 ? u->p->span : blocks;
    u->spans = panels(blocks, u->span);
    for (;;) {
        u->down = panels(u->p->l.count, rows), u->across = panels(u->p->r.count, cols);
        if (u->down * u->across * u->spans >= UNITS_WANTED || (rows <= 56 && cols <= 128))
            break;
        if (rows > 56)
            rows /= 2;
        else
            cols /= 2;
    }
    u->group_l = min_of(panels(u->l_panels, u->down), max_of(1, UNIT_ROWS / u->height));
    u->group_r = panels(u->r_panels, u->across);
    u->down = panels(u->l_panels, u->group_l), u->across = panels(u->r_panels, u->group_r);
}

void K(gemm_units)(const Product *p, bool shared, Pool *pool, float *scratch)
{
    int64_t blocks = max_of(1, panels(p->depth, K_BLOCK)), kn = min_of(p->depth, K_BLOCK);
    Units u = {.p = p, .height = tile_rows(p->l.count), .right = shared ? scratch : NULL};

    u.l_panels = panels(p->l.count, u.height), u.r_panels = panels(p->r.count, TILE_N);
    u.r_step = TILE_N * kn + TILE_PAD;
    u.buffer = scratch + (shared ? blocks * u.r_panels * u.r_step : 0);
    cut(&u, blocks);
    if (shared)
        par_for(pool, blocks * u.r_panels, 1, pack_right, &u);
    int64_t units = u.down * u.across * u.spans;
    par_for(pool, units, max_of(1, units / 64), units_chunk, &u);
}
/* SPDX-License-Identifier: MIT */
