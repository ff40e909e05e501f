/* batchnorm.simd.c - batch normalisation by given statistics and by the batch's own; ops/batchnorm.c and
 * ops/batchnorm_train.c have the formulas.  A channel's sums run over positions in blocks, each in order, and
 * block results are combined in order.  y = fma(x - mean, w rstd, b) in all of them. */
#include "cpu/act.h"
#include "cpu/pictures.h"

#define STRIP 4 /* vectors of columns that are summed side by side */

/* 1 / sqrt(var + eps) */
SIMD f32x rstd_of(f32x var, float eps)
{
    return f_div(f_set(1.0F), f_sqrt(f_add(var, f_set(eps))));
}

/* ---- y = f(fma(x - mean, scale, shift) + residual) over memory ---- */

typedef struct Affine {
    const float *x, *residual; /* or NULL */
    float *y;
    const float *mean, *scale, *shift; /* [period] */
    int64_t period;
    bool activate;
    Act kind;
} Affine;

SIMD f32x same(f32x x)
{
    return x;
}

SIMD void affine_run(const Affine *a, int64_t begin, int64_t end, const bool add, Map1 act)
{
    while (begin < end) {
        int64_t at = begin % a->period, n = min_of(a->period - at, end - begin), i = 0;
        const float *x = a->x + begin, *m = a->mean + at, *s = a->scale + at, *b = a->shift + at;
        const float *r = add ? a->residual + begin : NULL;
        float *y = a->y + begin;

        for (; i + LANES <= n; i += LANES) {
            f32x v = f_fma(f_sub(f_load(x + i), f_load(m + i)), f_load(s + i), f_load(b + i));

            f_store(y + i, act(add ? f_add(v, f_load(r + i)) : v));
        }
        if (i < n) {
            f32x v =
                f_fma(f_sub(f_load_n(x + i, n - i), f_load(m + i)), f_load(s + i), f_load(b + i));

            f_store_n(y + i, act(add ? f_add(v, f_load_n(r + i, n - i)) : v), n - i);
        }
        begin += n;
    }
}

static void affine_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Affine *a = arg;

    (void)thread;
#define DO(fn, slope)                                                                              \
    if (a->residual)                                                                               \
        affine_run(a, begin, end, true, fn);                                                       \
    else                                                                                           \
        affine_run(a, begin, end, false, fn)
    if (!a->activate) {
        DO(same, same);
        return;
    }
    ACT_SWITCH(a->kind, DO)
#undef DO
}

/* a: what is not yet known of it; the numbers of a channel; table: scratch of 3 periods */
static void affine(const OpCall *c, Affine a, const float *mean, const float *scale,
                   const float *shift, float *table)
{
    int64_t n = channels_of(&c->in[0]), period = channel_period(n);

    repeat(mean, n, table, period);
    repeat(scale, n, table + period, period);
    repeat(shift, n, table + 2 * period, period);
    a.x = in_f(c, 0), a.y = out_f(c, 0), a.period = period;
    a.mean = table, a.scale = table + period, a.shift = table + 2 * period;
    par_for(c->pool, shape_size(&c->in[0].shape), ELEMENT_GRAIN, affine_chunk, &a);
}

/* y = x by, for vectors of n; y may be NULL */
SIMD void times(const float *x, const float *by, float *y, int64_t n)
{
    for (int64_t i = 0; y && i < n; i += LANES)
        f_put(y + i, f_mul(f_get(x + i, n - i), f_get(by + i, n - i)), n - i);
}

/* scale = w / sqrt(var + eps) */
SIMD void scales(const float *w, const float *var, float eps, float *scale, int64_t n)
{
    for (int64_t i = 0; i < n; i += LANES)
        f_put(scale + i, f_mul(f_get(w + i, n - i), rstd_of(f_get(var + i, n - i), eps)), n - i);
}

/* scratch: scale [C], table [3][period] */
void K(k_batchnorm)(const OpCall *c)
{
    const NormAttr *a = c->attr;
    int64_t n = channels_of(&c->in[0]);
    float *scale = c->scratch;

    if (n == 0)
        return;
    scales(in_f(c, 1), in_f(c, 4), a->eps, scale, n);
    affine(c, (Affine){0}, in_f(c, 3), scale, in_f(c, 2), scale + n);
}

void K(k_batchnorm_act)(const OpCall *c)
{
    const BatchnormActAttr *a = c->attr;
    int64_t n = channels_of(&c->in[0]);
    float *scale = c->scratch;
    Affine how = {.residual = in_f(c, 5), .activate = a->activate, .kind = a->kind};

    if (n == 0)
        return;
    if (a->rstd_given)
        times(in_f(c, 1), in_f(c, 4), scale, n);
    else
        scales(in_f(c, 1), in_f(c, 4), a->eps, scale, n);
    affine(c, how, in_f(c, 3), scale, in_f(c, 2), scale + n);
}

/* ---- statistics: mean and sum of squared distances of each block, then of all ---- */

typedef struct Stats {
    Cut cut;
    const float *x;
    float *
        part; /* [blocks][2][C]: means as distances from the first row, squared distances from them */
    float eps;
    float *mean, *rstd, *var; /* var may be NULL */
} Stats;

/* k vectors of columns, or one of n columns.  Distances are added: within a block from its first row, of blocks
 * from the first of all, so that a mean far from 0 costs no digits. */
SIMD void block_stats(const Stats *s, const CutItem *b, int64_t column, const int k, int64_t n)
{
    int64_t step = s->cut.columns, rows = b->r1 - b->r0;
    const float *first = s->x + column, *x = first + b->r0 * step;
    float *shift = s->part + 2 * b->block * step + column, *spread = shift + step;
    f32x sum[STRIP], mean[STRIP], by = f_set((float)rows);

    UNROLL for (int j = 0; j < k; j++) sum[j] = f_zero();
    for (int64_t r = 0; r < rows; r++) {
        UNROLL for (int j = 0; j < k; j++) sum[j] =
            f_add(sum[j], f_sub(f_get(x + r * step + j * LANES, n), f_get(x + j * LANES, n)));
    }
    UNROLL for (int j = 0; j < k; j++)
    {
        f32x x0 = f_get(x + j * LANES, n), d = f_div(sum[j], by);

        f_put(shift + j * LANES, f_add(f_sub(x0, f_get(first + j * LANES, n)), d), n);
        mean[j] = f_add(x0, d);
        sum[j] = f_zero();
    }
    for (int64_t r = 0; r < rows; r++) {
        UNROLL for (int j = 0; j < k; j++)
        {
            f32x d = f_sub(f_get(x + r * step + j * LANES, n), mean[j]);

            sum[j] = f_fma(d, d, sum[j]);
        }
    }
    UNROLL for (int j = 0; j < k; j++) f_put(spread + j * LANES, sum[j], n);
}

static void stats_items(void *arg, int64_t begin, int64_t end, int thread)
{
    const Stats *s = arg;

    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        CutItem b = cut_item(&s->cut, i);
        int64_t c = b.c0;

        for (; c + STRIP * LANES <= b.c1; c += STRIP * LANES)
            block_stats(s, &b, c, STRIP, LANES);
        for (; c + LANES <= b.c1; c += LANES)
            block_stats(s, &b, c, 1, LANES);
        if (c < b.c1)
            block_stats(s, &b, c, 1, b.c1 - c);
    }
}

/* The mean as a distance from the first row. */
SIMD f32x stats_shift(const Stats *s, int64_t c, int64_t n)
{
    int64_t blocks = cut_blocks(&s->cut), step = 2 * s->cut.columns;
    f32x sum = f_zero();

    for (int64_t b = 0; b < blocks; b++) {
        int64_t rows = min_of(s->cut.block, s->cut.rows - b * s->cut.block);

        sum = f_fma(f_set((float)rows), f_get(s->part + b * step + c, n), sum);
    }
    return f_div(sum, f_set((float)s->cut.rows));
}

/* Squared distances from the mean of all: a block's own, and those of its mean.  In two levels. */
SIMD f32x stats_spread(const Stats *s, f32x shift, int64_t c, int64_t n)
{
    int64_t blocks = cut_blocks(&s->cut), step = 2 * s->cut.columns;
    f32x all = f_zero();

    for (int64_t b0 = 0; b0 < blocks; b0 += STATS_FOLD) {
        f32x sum = f_zero();

        for (int64_t b = b0; b < min_of(b0 + STATS_FOLD, blocks); b++) {
            const float *part = s->part + b * step + c;
            int64_t rows = min_of(s->cut.block, s->cut.rows - b * s->cut.block);
            f32x d = f_sub(f_get(part, n), shift);

            d = f_fma(f_mul(f_set((float)rows), d), d, f_get(part + s->cut.columns, n));
            sum = f_add(sum, d);
        }
        all = f_add(all, sum);
    }
    return all;
}

static void stats_combine(void *arg, int64_t begin, int64_t end, int thread)
{
    const Stats *s = arg;
    float rows = (float)s->cut.rows;

    (void)thread;
    for (int64_t c = begin; c < end; c += LANES) {
        int64_t n = end - c;
        f32x shift = stats_shift(s, c, n), spread = stats_spread(s, shift, c, n);

        f_put(s->mean + c, f_add(f_get(s->x + c, n), shift), n);
        f_put(s->rstd + c, rstd_of(f_div(spread, f_set(rows)), s->eps), n);
        if (s->var)
            f_put(s->var + c, f_div(spread, f_set(rows - 1)), n);
    }
}

/* Of no positions: not numbers. */
static void no_statistics(const OpCall *c)
{
    for (int out = 1; out < 4; out++)
        for (int64_t i = 0; out_f(c, out) && i < channels_of(&c->in[0]); i++)
            f_store_n(out_f(c, out) + i, f_from_bits(i_set(0x7FC00000U)), 1);
}

/* scratch: parts [blocks][2][C], mean, rstd, scale [C], table [3][period] */
void K(k_batchnorm_train)(const OpCall *c)
{
    const NormAttr *a = c->attr;
    int64_t n = channels_of(&c->in[0]);
    Stats s = {.cut = cut_of(positions_of(&c->in[0]), n, STATS_BLOCK),
               .x = in_f(c, 0),
               .part = c->scratch,
               .eps = a->eps,
               .var = out_f(c, 3)};
    int64_t blocks = cut_blocks(&s.cut);
    float *more = s.part + 2 * blocks * n, *scale = more + 2 * n;

    if (blocks == 0)
        no_statistics(c);
    if (n == 0 || blocks == 0)
        return;
    s.mean = out_f(c, 1) ? out_f(c, 1) : more;
    s.rstd = out_f(c, 2) ? out_f(c, 2) : more + n;
    par_for(c->pool, blocks * s.cut.groups, 1, stats_items, &s);
    par_for(c->pool, n, COLUMN_GROUP, stats_combine, &s);
    if (!out_f(c, 0))
        return;
    times(in_f(c, 1), s.rstd, scale, n);
    affine(c, (Affine){0}, s.mean, scale, in_f(c, 2), scale + n);
}

/* ---- sums of dy and of dy (x - mean), and dx where it needs no sums ---- */

typedef struct Sums {
    Cut cut;
    const float *dy, *x, *mean, *scale; /* scale [C]: for dx or with shift */
    const float *shift; /* [C]: dy is that of f(fma(x - mean, scale, shift)); or NULL */
    Act kind;           /* f */
    float *dx;          /* dy scale, or NULL */
    float *part;        /* [blocks][2][C] */
    float *sum, *dot;   /* [C] */
} Sums;

typedef enum { SUMS_ONLY, SUMS_DX, SUMS_ACT } SumsKind;

/* k vectors of columns, or one of n columns */
SIMD void block_sums(const Sums *s, const CutItem *b, int64_t column, const int k, int64_t n,
                     const SumsKind how, Map1 slope)
{
    int64_t step = s->cut.columns;
    const float *dy = s->dy + column, *x = s->x + column, *mean = s->mean + column;
    float *part = s->part + 2 * b->block * step + column;
    f32x sum[STRIP], dot[STRIP];

    UNROLL for (int j = 0; j < k; j++) sum[j] = dot[j] = f_zero();
    for (int64_t r = b->r0 * step; r < b->r1 * step; r += step) {
        UNROLL for (int64_t j = 0; j < k * LANES; j += LANES)
        {
            f32x d = f_get(dy + r + j, n), h = f_sub(f_get(x + r + j, n), f_get(mean + j, n));

            if (how == SUMS_ACT)
                d = f_mul(d, slope(f_fma(h, f_get(s->scale + column + j, n),
                                         f_get(s->shift + column + j, n))));
            sum[j / LANES] = f_add(sum[j / LANES], d);
            dot[j / LANES] = f_fma(d, h, dot[j / LANES]);
            if (how == SUMS_DX)
                f_put(s->dx + column + r + j, f_mul(d, f_get(s->scale + column + j, n)), n);
        }
    }
    UNROLL for (int j = 0; j < k; j++)
    {
        f_put(part + j * LANES, sum[j], n);
        f_put(part + step + j * LANES, dot[j], n);
    }
}

SIMD void sums_run(const Sums *s, int64_t begin, int64_t end, const SumsKind how, Map1 slope)
{
    for (int64_t i = begin; i < end; i++) {
        CutItem b = cut_item(&s->cut, i);
        int64_t c = b.c0;

        for (; c + 2 * LANES <= b.c1; c += 2 * LANES)
            block_sums(s, &b, c, 2, LANES, how, slope);
        for (; c + LANES <= b.c1; c += LANES)
            block_sums(s, &b, c, 1, LANES, how, slope);
        if (c < b.c1)
            block_sums(s, &b, c, 1, b.c1 - c, how, slope);
    }
}

static void sums_items(void *arg, int64_t begin, int64_t end, int thread)
{
    const Sums *s = arg;

    (void)thread;
    if (!s->shift) {
        if (s->dx)
            sums_run(s, begin, end, SUMS_DX, same);
        else
            sums_run(s, begin, end, SUMS_ONLY, same);
        return;
    }
#define DO(fn, slope) sums_run(s, begin, end, SUMS_ACT, slope)
    ACT_SWITCH(s->kind, DO)
#undef DO
}

static void sums_combine(void *arg, int64_t begin, int64_t end, int thread)
{
    const Sums *s = arg;
    int64_t blocks = cut_blocks(&s->cut), step = 2 * s->cut.columns;

    (void)thread;
    for (int64_t c = begin; c < end; c += LANES) {
        f32x sum = f_zero(), dot = f_zero();

        for (int64_t b = 0; b < blocks; b++) {
            sum = f_add(sum, f_get(s->part + b * step + c, end - c));
            dot = f_add(dot, f_get(s->part + b * step + s->cut.columns + c, end - c));
        }
        f_put(s->sum + c, sum, end - c);
        f_put(s->dot + c, dot, end - c);
    }
}

static void sums(const OpCall *c, Sums *s)
{
    par_for(c->pool, cut_blocks(&s->cut) * s->cut.groups, 1, sums_items, s);
    par_for(c->pool, s->cut.columns, COLUMN_GROUP, sums_combine, s);
}

/* ---- gradient by given statistics ---- */

typedef struct Scaled { /* dx = dy scale, or dy f'(y) scale by f(y) */
    const float *dy, *scale, *f;
    float *dx;
    int64_t period;
    Act kind;
} Scaled;

SIMD void scaled_run(const Scaled *a, int64_t begin, int64_t end, const bool act, Map1 slope)
{
    while (begin < end) {
        int64_t at = begin % a->period, n = min_of(a->period - at, end - begin);
        const float *dy = a->dy + begin, *s = a->scale + at, *f = act ? a->f + begin : NULL;
        float *dx = a->dx + begin;

        for (int64_t i = 0; i < n; i += LANES) {
            f32x d = f_get(dy + i, n - i);

            if (act)
                d = f_mul(d, slope(f_get(f + i, n - i)));
            f_put(dx + i, f_mul(d, f_load(s + i)), n - i);
        }
        begin += n;
    }
}

static void scaled_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Scaled *a = arg;

    (void)thread;
    if (!a->f) {
        scaled_run(a, begin, end, false, same);
        return;
    }
#define DO(fn, slope) scaled_run(a, begin, end, true, slope)
    ACT_SWITCH(a->kind, DO)
#undef DO
}

/* scratch: scale, rstd, sum, dot [C], then a table [period] or parts [blocks][2][C] */
void K(k_batchnorm_grad)(const OpCall *c)
{
    const BatchnormGradAttr *a = c->attr;
    int64_t n = channels_of(&c->in[0]), count = shape_size(&c->in[0].shape);
    float *scale = c->scratch, *rstd = scale + n, *more = rstd + n;

    if (n == 0)
        return;
    scales(in_f(c, 1), in_f(c, 2), a->eps, scale, n);
    if (c->outs == 1 || (!out_f(c, 1) && !out_f(c, 2))) {
        Scaled s = {in_f(c, 0), more, in_f(c, 5), out_f(c, 0), channel_period(n), a->kind};

        repeat(scale, n, more, s.period);
        par_for(c->pool, count, ELEMENT_GRAIN, scaled_chunk, &s);
        return;
    }
    Sums s = {.cut = cut_of(positions_of(&c->in[0]), n, SUM_BLOCK),
              .dy = in_f(c, 0),
              .x = in_f(c, 3),
              .mean = in_f(c, 4),
              .part = more + 2 * n,
              .sum = out_f(c, 2) ? out_f(c, 2) : more,
              .dot = more + n,
              .scale = scale,
              .dx = out_f(c, 0)};
    sums(c, &s);
    for (int64_t i = 0; i < n; i += LANES)
        f_put(rstd + i, rstd_of(f_get(in_f(c, 2) + i, n - i), a->eps), n - i);
    times(s.dot, rstd, out_f(c, 1), n);
}

/* ---- gradient by the batch's statistics: dx = scale (dy - avg(dy) - (x - mean) rstd^2 avg(dy (x - mean))) ---- */

typedef struct TrainGrad {
    const float *dy, *x;
    float *dx;
    const float *mean, *scale, *plain, *bent; /* [period]; plain: avg(dy), bent: - rstd^2 avg(..) */
    const float *shift;                       /* [period], as in Sums, or NULL */
    Act kind;
    int64_t period;
} TrainGrad;

SIMD f32x train_dx(const TrainGrad *g, f32x dy, f32x x, int64_t at, const bool act, Map1 slope)
{
    f32x h = f_sub(x, f_load(g->mean + at)), scale = f_load(g->scale + at);

    if (act)
        dy = f_mul(dy, slope(f_fma(h, scale, f_load(g->shift + at))));
    dy = f_sub(dy, f_load(g->plain + at));
    return f_mul(f_fma(h, f_load(g->bent + at), dy), scale);
}

SIMD void train_grad_run(const TrainGrad *g, int64_t begin, int64_t end, const bool act, Map1 slope)
{
    while (begin < end) {
        int64_t at = begin % g->period, n = min_of(g->period - at, end - begin), i = 0;
        const float *dy = g->dy + begin, *x = g->x + begin;
        float *dx = g->dx + begin;

        for (; i + LANES <= n; i += LANES)
            f_store(dx + i, train_dx(g, f_load(dy + i), f_load(x + i), at + i, act, slope));
        if (i < n) {
            f32x d = f_load_n(dy + i, n - i), v = f_load_n(x + i, n - i);

            f_store_n(dx + i, train_dx(g, d, v, at + i, act, slope), n - i);
        }
        begin += n;
    }
}

static void train_grad_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const TrainGrad *g = arg;

    (void)thread;
    if (!g->shift) {
        train_grad_run(g, begin, end, false, same);
        return;
    }
#define DO(fn, slope) train_grad_run(g, begin, end, true, slope)
    ACT_SWITCH(g->kind, DO)
#undef DO
}

/* plain: [2][C] to use up; table: 5 periods */
static void train_grad_dx(const OpCall *c, const Sums *s, float *plain, float *table)
{
    int64_t n = s->cut.columns, period = channel_period(n);
    float *bent = plain + n;
    f32x share = f_set(1.0F / (float)s->cut.rows);
    TrainGrad g = {s->dy,
                   s->x,
                   out_f(c, 0),
                   table,
                   table + period,
                   table + 2 * period,
                   table + 3 * period,
                   s->shift ? table + 4 * period : NULL,
                   s->kind,
                   period};

    for (int64_t i = 0; i < n; i += LANES) {
        f32x r = f_get(in_f(c, 4) + i, n - i), dot = f_get(s->dot + i, n - i);

        f_put(plain + i, f_mul(f_get(s->sum + i, n - i), share), n - i);
        f_put(bent + i, f_neg(f_mul(f_mul(f_mul(dot, share), r), r)), n - i);
    }
    repeat(s->mean, n, table, period);
    repeat(s->scale, n, table + period, period);
    repeat(plain, n, table + 2 * period, period);
    repeat(bent, n, table + 3 * period, period);
    if (s->shift)
        repeat(s->shift, n, table + 4 * period, period);
    par_for(c->pool, shape_size(&c->in[0].shape), ELEMENT_GRAIN, train_grad_chunk, &g);
}

/* scratch: sum, dot, scale, plain, bent [C], table [5][period], parts [blocks][2][C] */
void K(k_batchnorm_train_grad)(const OpCall *c)
{
    const ActivateAttr *a = c->attr;
    int64_t n = channels_of(&c->in[0]), period = channel_period(n);
    float *more = c->scratch, *scale = more + 2 * n, *table = more + 5 * n;
    Sums s = {.cut = cut_of(positions_of(&c->in[0]), n, SUM_BLOCK),
              .dy = in_f(c, 0),
              .x = in_f(c, 1),
              .mean = in_f(c, 3),
              .scale = scale,
              .shift = in_f(c, 5),
              .kind = a->kind,
              .part = table + 5 * period,
              .sum = out_f(c, 2) ? out_f(c, 2) : more,
              .dot = more + n};

    if (n == 0)
        return;
    times(in_f(c, 2), in_f(c, 4), scale, n);
    sums(c, &s);
    times(s.dot, in_f(c, 4), out_f(c, 1), n);
    if (out_f(c, 0) && s.cut.rows > 0)
        train_grad_dx(c, &s, more + 3 * n, table);
}
/* SPDX-License-Identifier: MIT */
