/* attention.simd.c - softmax(scale q k') v and its gradient, one head of one sequence at a time.  Scores are held
 * turned, s[key][query of the block], so that lanes are queries: the softmax needs no sums over lanes, and a query's
 * bits do not depend on the others.  Two passes, no rescaling: all keys of a block of queries fit in the cache.
 * Chains: a score over d; the sum of exponentials, y and dq over KEY_BLOCK keys, dk and dv over QUERY_BLOCK queries. */
#include "cpu/kernels.h"
#include "cpu/simd_math.h"
#include "cpu/tile.h"

#define QB QUERY_BLOCK

TILE_FAMILY(tile, 0)
TILE_FAMILY(tile_across, QB)

typedef struct Head {
    const OpCall *c;
    const AttentionAttr *a;
    int64_t dim, d, wide; /* of a row, of a head, rounded up to whole vectors */
    int64_t head, q_row, k_row, queries, keys, all_keys;
    int64_t shift; /* causal: query i sees keys below i + shift */
    uint32_t sample;
    const float *q, *k, *v, *y, *dy, *lse; /* at the head's first row and column; lse: step heads */
    float *out_y, *out_lse, *dq, *dk, *dv;
    float *k_panels, *v_panels, *dense; /* dense: v forward, k backward */
    float *q_panels, *dy_panels, *q_dense, *dy_dense;
    float *s, *ds, *lane; /* s, ds: [keys][QB]; lane: one number per query of the block */
} Head;

static int64_t up16(int64_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

static float *cut(float **at, int64_t n)
{
    float *p = *at;

    *at += up16(n);
    return p;
}

/* Lays out the thread's scratch: as attention_floats in scratch.c counts. */
static void lay_out(Head *h, float *at, int64_t most_keys, bool backward)
{
    int64_t keys = most_keys, panels = keys / 4 + 1;
    int64_t a = (keys + panels) * h->wide + panels * TILE_PAD, block = QB * h->wide + 2 * TILE_PAD;

    h->k_panels = cut(&at, a);
    h->s = cut(&at, keys * QB);
    h->dense = cut(&at, keys * h->wide + TILE_PAD);
    h->q_panels = cut(&at, block);
    h->lane = cut(&at, 4 * QB);
    if (!backward)
        return;
    h->v_panels = cut(&at, a);
    h->ds = cut(&at, keys * QB);
    h->dy_panels = cut(&at, block);
    h->q_dense = cut(&at, block);
    h->dy_dense = cut(&at, block);
}

/* Head number `at` of the call, whose q and k are inputs iq and iq + 1. */
static Head head_at(const OpCall *c, int64_t at, int iq)
{
    const AttentionAttr *a = c->attr;
    const Rows *rq = c->in_rows[iq], *rk = c->in_rows[iq + 1];
    int64_t g = at / a->heads, dim = tensor_width(&c->in[iq]), d = dim / a->heads;
    Head h = {.c = c, .a = a, .dim = dim, .d = d, .wide = up16(d), .head = at % a->heads};
    int64_t column = h.head * d;

    h.q_row = rq->offset[g], h.k_row = rk->offset[g];
    h.queries = group_length(rq, g), h.keys = group_visible(rk, g);
    h.all_keys = group_length(rk, g);
    h.shift = h.all_keys - h.queries + 1;
    h.sample = sample_of(rq, g);
    h.q = in_f(c, iq) + h.q_row * dim + column;
    h.k = in_f(c, iq + 1) + h.k_row * dim + column;
    h.v = in_f(c, iq + 2) + h.k_row * dim + column;
    return h;
}

static void pack_keys(const Head *h, const float *from, float *to)
{
    Side side = matrix(from, h->keys, h->dim, true);
    int64_t height = tile_rows(h->keys);

    pack(&side, 0, h->keys, 0, h->d, &(Panels){to, height, height * h->d + TILE_PAD});
}

static void pack_dense(const Head *h, const float *from, int64_t rows, float *to)
{
    Side side = matrix(from, h->d, h->dim, false);

    pack(&side, 0, h->d, 0, rows, &(Panels){to, h->wide, 0});
}

static void pack_queries(const Head *h, const float *from, int64_t n, float *to)
{
    Side side = matrix(from, n, h->dim, true);

    pack(&side, 0, n, 0, h->d, &(Panels){to, TILE_N, TILE_N * h->d});
}

/* s[key][query] = rows of keys times n packed queries, for the first `keys` keys */
static void scores(const Head *h, const float *panels, const float *queries, int64_t n,
                   int64_t keys, float *s)
{
    int64_t height = tile_rows(h->keys), step = height * h->d + TILE_PAD;
    Tile t = {.depth = h->d, .a_step = height, .b_step = TILE_N, .c_step = QB};

    for (int64_t j = 0; j < n; j += TILE_N) {
        t.b = queries + j * h->d;
        t.cols = up16(min_of(TILE_N, n - j));
        for (int64_t i = 0; i < keys; i += height) {
            t.a = panels + i / height * step;
            t.c = s + i * QB + j;
            tile(&t, (int)min_of(height, keys - i));
        }
    }
}

/* out[query][column] = sum over keys of s[key][query] dense[key][column]; blocks of keys added in order */
static void sum_over_keys(const Head *h, const float *s, int64_t n, int64_t keys, float *out)
{
    int64_t height = tile_rows(n);
    Tile t = {.a_step = QB, .b_step = h->wide, .c_step = h->dim};

    for (int64_t k = 0; k == 0 || k < keys; k += KEY_BLOCK) {
        t.depth = min_of(KEY_BLOCK, keys - k);
        t.add = k > 0;
        for (int64_t j = 0; j < h->d; j += TILE_N)
            for (int64_t i = 0; i < n; i += height) {
                t.a = s + k * QB + i;
                t.b = h->dense + k * h->wide + j;
                t.c = out + i * h->dim + j;
                t.cols = min_of(TILE_N, h->d - j);
                tile(&t, (int)min_of(height, n - i));
            }
    }
}

/* out[key][column] += sum over the block's queries of s[key][query] rows[query][column] */
static void sum_over_queries(const Head *h, const float *s, const float *rows, int64_t n,
                             int64_t keys, float *out)
{
    int64_t height = tile_rows(keys);
    Tile t = {.depth = n, .b_step = h->wide, .c_step = h->dim, .add = true};

    for (int64_t j = 0; out && j < h->d; j += TILE_N)
        for (int64_t i = 0; i < keys; i += height) {
            t.a = s + i * QB;
            t.b = rows + j;
            t.c = out + i * h->dim + j;
            t.cols = min_of(TILE_N, h->d - j);
            tile_across(&t, (int)min_of(height, keys - i));
        }
}

SIMD f32x lowest(void)
{
    return f_from_bits(i_set(0xFF800000U)); /* -inf */
}

/* How many keys each of sixteen queries sees. */
SIMD i32x limits(const Head *h, int64_t query)
{
    uint32_t n[LANES];

    for (int64_t i = 0; i < LANES; i++)
        n[i] =
            (uint32_t)(h->a->causal ? max_of(0, min_of(h->keys, query + i + h->shift)) : h->keys);
    return i_load(n);
}

static int64_t keys_seen(const Head *h, int64_t last_query)
{
    return h->a->causal ? max_of(0, min_of(h->keys, last_query + h->shift)) : h->keys;
}

/* What dropout multiplies keys key .. key + 3 of sixteen queries with. */
SIMD void keep_four(const Head *h, int64_t query, int64_t key, f32x keep[4])
{
    static const uint32_t lanes[LANES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const OpCall *c = h->c;
    Philox p = {.counter = {i_set((uint32_t)key >> 2), i_add(i_load(lanes), i_set((uint32_t)query)),
                            i_set(h->sample), i_set(c->step)},
                .key = {c->seed[0] + (uint32_t)h->head * 0x9E3779B9U, c->seed[1] ^ h->a->site}};
    i32x word[4];

    philox(&p, word);
    UNROLL for (int i = 0; i < 4; i++) keep[i] =
        keep_scale(word[i], drop_threshold(h->a->dropout), 1.0F / (1.0F - h->a->dropout));
}

/* ---- forward ---- */

/* Scores of sixteen queries become exponentials; lane: 1 / their sum. */
static void softmax_lanes(const Head *h, int64_t query, int64_t keys, float *s, float *inverse,
                          float *lse)
{
    i32x limit = limits(h, query);
    f32x scale = f_set(h->a->scale), top = lowest(), sum = f_zero();

    for (int64_t j = 0; j < keys; j++) {
        f32x x = f_mul(f_load(s + j * QB), scale);

        if (h->a->causal)
            x = f_pick(u_at_least(limit, i_set((uint32_t)j + 1)), x, lowest());
        f_store(s + j * QB, x);
        top = f_max(top, x);
    }
    top = f_pick(f_less(lowest(), top), top, f_zero()); /* a query that sees nothing */
    for (int64_t k = 0; k < keys; k += KEY_BLOCK) {
        f32x part = f_zero();

        for (int64_t j = k; j < min_of(k + KEY_BLOCK, keys); j++) {
            f32x e = f_exp(f_sub(f_load(s + j * QB), top));

            f_store(s + j * QB, e);
            part = f_add(part, e);
        }
        sum = f_add(sum, part);
    }
    m32x some = f_less(f_zero(), sum);
    f32x safe = f_pick(some, sum, f_set(1.0F));
    f_store(lse, f_pick(some, f_add(top, f_log(safe)), lowest()));
    f_store(inverse, f_pick(some, f_div(f_set(1.0F), safe), f_sub(sum, sum)));
}

static void drop_lanes(const Head *h, int64_t query, int64_t keys, float *s)
{
    for (int64_t j = 0; j < keys; j += 4) {
        f32x keep[4];

        keep_four(h, query, j, keep);
        UNROLL for (int i = 0; i < 4; i++) if (j + i < keys)
            f_store(s + (j + i) * QB, f_mul(f_load(s + (j + i) * QB), keep[i]));
    }
}

static void attend_block(const Head *h, int64_t q0)
{
    int64_t n = min_of(QB, h->queries - q0), keys = keys_seen(h, q0 + n - 1);
    float *lse = h->lane + QB;

    pack_queries(h, h->q + q0 * h->dim, n, h->q_panels);
    scores(h, h->k_panels, h->q_panels, n, keys, h->s);
    for (int64_t i = 0; i < n; i += LANES) {
        softmax_lanes(h, q0 + i, keys, h->s + i, h->lane + i, lse + i);
        if (h->a->dropout > 0)
            drop_lanes(h, q0 + i, keys, h->s + i);
    }
    for (int64_t i = 0; h->out_lse && i < n; i++)
        h->out_lse[(q0 + i) * h->a->heads] = lse[i];
    if (!h->out_y)
        return;
    float *y = h->out_y + q0 * h->dim;

    sum_over_keys(h, h->s, n, keys, y);
    for (int64_t i = 0; i < n; i++, y += h->dim)
        for (int64_t x = 0; x < h->d; x += LANES)
            f_put(y + x, f_mul(f_get(y + x, h->d - x), f_set(h->lane[i])), h->d - x);
}

static void attention_heads(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const AttentionAttr *a = c->attr;
    int64_t most = tensor_dim0(&c->in[1]);

    for (int64_t at = begin; at < end; at++) {
        Head h = head_at(c, at, 0);
        float *base = c->scratch;

        lay_out(&h, base + thread * attention_floats(most, h.wide, false), most, false);
        if (out_f(c, 0))
            h.out_y = out_f(c, 0) + h.q_row * h.dim + h.head * h.d;
        if (out_f(c, 1))
            h.out_lse = out_f(c, 1) + h.q_row * a->heads + h.head;
        pack_keys(&h, h.k, h.k_panels);
        pack_dense(&h, h.v, h.keys, h.dense);
        for (int64_t q0 = 0; q0 < h.queries; q0 += QB)
            attend_block(&h, q0);
    }
}

void K(k_attention)(const OpCall *c)
{
    const AttentionAttr *a = c->attr;
    OpCall call = *c;

    par_for(c->pool, c->in_rows[0]->groups * a->heads, 1, attention_heads, &call);
}

/* ---- backward ---- */

/* lse and sum(dy y) of the block's queries, a row of lanes each. */
static void block_lanes(const Head *h, int64_t q0, int64_t n)
{
    float *lse = h->lane, *delta = h->lane + QB;

    for (int64_t i = 0; i < up16(n); i++)
        lse[i] = delta[i] = 0;
    for (int64_t i = 0; i < n; i++) {
        const float *dy = h->dy + (q0 + i) * h->dim, *y = h->y + (q0 + i) * h->dim;
        f32x sum = f_zero();

        for (int64_t x = 0; x < h->d; x += LANES)
            sum = f_fma(f_get(dy + x, h->d - x), f_get(y + x, h->d - x), sum);
        lse[i] = h->lse[(q0 + i) * h->a->heads];
        delta[i] = f_sum(sum);
    }
}

/* From scores s and dP: s becomes P M, ds the scores' gradient, for sixteen queries. */
static void softmax_back_lanes(const Head *h, int64_t query, int64_t keys, int64_t lane)
{
    i32x limit = limits(h, query);
    f32x scale = f_set(h->a->scale), lse = f_load(h->lane + lane);
    f32x delta = f_load(h->lane + QB + lane), keep[4];
    bool drop = h->a->dropout > 0;

    for (int64_t j = 0; j < keys; j++) {
        float *s = h->s + j * QB + lane, *ds = h->ds + j * QB + lane;
        f32x p = f_exp(f_sub(f_mul(f_load(s), scale), lse)), dp = f_load(ds), dropped = p;

        if (h->a->causal)
            dropped = p = f_pick(u_at_least(limit, i_set((uint32_t)j + 1)), p, f_zero());
        if (drop) {
            if (j % 4 == 0)
                keep_four(h, query, j, keep);
            dropped = f_mul(p, keep[j % 4]);
            dp = f_mul(dp, keep[j % 4]);
        }
        f_store(s, dropped);
        f_store(ds, f_mul(f_mul(p, f_sub(dp, delta)), scale));
    }
}

static void attend_back_block(const Head *h, int64_t q0)
{
    int64_t n = min_of(QB, h->queries - q0), keys = keys_seen(h, q0 + n - 1);
    const float *q = h->q + q0 * h->dim, *dy = h->dy + q0 * h->dim;

    block_lanes(h, q0, n);
    pack_queries(h, q, n, h->q_panels);
    pack_queries(h, dy, n, h->dy_panels);
    pack_dense(h, q, n, h->q_dense);
    pack_dense(h, dy, n, h->dy_dense);
    scores(h, h->k_panels, h->q_panels, n, keys, h->s);
    scores(h, h->v_panels, h->dy_panels, n, keys, h->ds);
    for (int64_t i = 0; i < n; i += LANES)
        softmax_back_lanes(h, q0 + i, keys, i);
    if (h->dq)
        sum_over_keys(h, h->ds, n, keys, h->dq + q0 * h->dim);
    sum_over_queries(h, h->ds, h->q_dense, n, keys, h->dk);
    sum_over_queries(h, h->s, h->dy_dense, n, keys, h->dv);
}

static float *head_out(const OpCall *c, int i, const Head *h, int64_t row)
{
    return out_f(c, i) ? out_f(c, i) + row * h->dim + h->head * h->d : NULL;
}

static void zero_head(const Head *h, float *out)
{
    for (int64_t j = 0; out && j < h->all_keys; j++)
        memset(out + j * h->dim, 0, (size_t)h->d * sizeof *out);
}

static void attention_grad_heads(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const AttentionAttr *a = c->attr;
    int64_t most = tensor_dim0(&c->in[2]);

    for (int64_t at = begin; at < end; at++) {
        Head h = head_at(c, at, 1);
        float *base = c->scratch;

        lay_out(&h, base + thread * attention_floats(most, h.wide, true), most, true);
        h.dy = in_f(c, 0) + h.q_row * h.dim + h.head * h.d;
        h.y = in_f(c, 4) + h.q_row * h.dim + h.head * h.d;
        h.lse = in_f(c, 5) + h.q_row * a->heads + h.head;
        h.dq = head_out(c, 0, &h, h.q_row);
        h.dk = head_out(c, 1, &h, h.k_row);
        h.dv = head_out(c, 2, &h, h.k_row);
        zero_head(&h, h.dk);
        zero_head(&h, h.dv);
        pack_keys(&h, h.k, h.k_panels);
        pack_keys(&h, h.v, h.v_panels);
        pack_dense(&h, h.k, h.keys, h.dense);
        for (int64_t q0 = 0; q0 < h.queries; q0 += QB)
            attend_back_block(&h, q0);
    }
}

void K(k_attention_grad)(const OpCall *c)
{
    const AttentionAttr *a = c->attr;
    OpCall call = *c;

    par_for(c->pool, c->in_rows[1]->groups * a->heads, 1, attention_grad_heads, &call);
}
/* SPDX-License-Identifier: MIT */
