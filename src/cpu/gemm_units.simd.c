/* gemm_units.simd.c - long products: a unit of rows, columns and K-blocks is packed and multiplied by one thread, its
 * panels in the second cache.  A right side that all units read (a weight) is packed once before. */
#include "cpu/gemm.h"

TILE_FAMILY(tile_along, LEFT_STEP)

void K(tile_along)(const Tile *t, int rows)
{
    tile_along(t, rows);
}

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
    Unit at = {.j = n % u->across * cols,
               .i = n / u->across % u->down * u->group_l * u->height,
               .add = p->add};

    at.m = min_of(cols, p->r.count - at.j);
    at.n = min_of(u->group_l * u->height, p->l.count - at.i);
    at.b = s * u->span, at.end = min_of(at.b + u->span, blocks);
    at.left = own, at.right = own + UNIT_LEFT;
    at.c = p->put ? at.right + UNIT_RIGHT : p->c + s * p->span_step + at.i * p->c_step + at.j;
    at.c_step = p->put ? cols : p->c_step;
    return at;
}

/* A matrix stored along its elements is read where it lies, but for a right panel of less than whole vectors. */
static bool lies(const Side *s)
{
    return !s->pack && !s->turned;
}

/* About where element (i, k) is. */
static const float *place(const Side *s, int64_t k, int64_t i)
{
    if (s->near)
        return s->near(s, k, i);
    return s->turned ? s->at + i * s->step + k : s->at + k * s->step + i;
}

/* ---- what comes nearer while tiles are computed, a line with each k: the processor does not guess such steps, and
 * many requests at a time are lost ---- */

typedef struct Ahead { /* lines of `rows` rows, each `length` floats */
    const Side *s;
    int64_t first, k0, rows, length, row, line;
} Ahead;

static Ahead ahead_of(const Side *s, int64_t first, int64_t n, const Product *p, int64_t b)
{
    int64_t depth = depth_of(p, b);

    return (Ahead){s, first, b * K_BLOCK, s->turned ? n : depth, s->turned ? depth : n, 0, 0};
}

/* What the next tile brings nearer: false when there is nothing left. */
static bool ahead_next(Ahead *a, Tile *t)
{
    const Side *s = a->s;

    if (a->row >= a->rows)
        return false;
    t->next = s->turned ? place(s, a->k0 + a->line, a->first + a->row)
                        : place(s, a->k0 + a->row, a->first + a->line);
    t->next_step = s->step;
    a->line += LINE;
    if (a->line >= a->length)
        a->line = 0, a->row += max_of(t->depth, 1);
    return true;
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

/* Panel r of the left side times the right one of column j. */
static void multiply_one(const Units *u, const Unit *at, int64_t r, int64_t j, Tile *t)
{
    const Product *p = u->p;
    int64_t i = r * u->height;

    t->c = at->c + i * at->c_step + j;
    if (p->l.turned) {
        t->a = at->left + i * LEFT_STEP;
        tile_along(t, (int)min_of(u->height, at->n - i));
    } else {
        t->a = place(&p->l, at->b * K_BLOCK, at->i + i), t->a_step = p->l.step;
        K(tile)(t, (int)min_of(u->height, at->n - i));
    }
}

/* All left panels times a right one at a time. */
static void multiply(const Units *u, const Unit *at, const Unit *next, const float *right)
{
    const Product *p = u->p;
    int64_t rows = panels(at->n, u->height);
    Tile t = {.depth = depth_of(p, at->b), .c_step = at->c_step, .add = at->add};
    Ahead l = {0}, x = {0};

    if (next)
        l = ahead_of(&p->l, next->i, next->n, p, next->b);
    if (next && !u->right)
        x = ahead_of(&p->r, next->j, next->m, p, next->b);
    for (int64_t j = 0; j < at->m; j += TILE_N) {
        right_panel(u, at, j, right, &t);
        for (int64_t r = 0; r < rows; r++) {
            t.next = NULL;
            if (u->right && r < TILE_N / LINE && j + TILE_N < at->m) /* the next right panel */
                t.next = t.b + u->r_step + r * t.depth * LINE, t.next_step = LINE;
            else if (!ahead_next(&x, &t))
                (void)ahead_next(&l, &t);
            multiply_one(u, at, r, j, &t);
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
    multiply(u, at, next, right.at);
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
