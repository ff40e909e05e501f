/* rows.simd.c - rows moved by number or by sequence: embedding, gather, segment means, rows in front. */
#include "cpu/kernels.h"

static void copy_rows(float *to, const float *from, int64_t rows, int64_t width)
{
    if (rows > 0)
        memcpy(to, from, (size_t)(rows * width) * sizeof *to);
}

static void zero_rows(float *to, int64_t rows, int64_t width)
{
    if (rows > 0)
        memset(to, 0, (size_t)(rows * width) * sizeof *to);
}

/* to += from, all times by */
SIMD void add_row(float *to, const float *from, int64_t n, f32x by)
{
    for (int64_t i = 0; i < n; i += LANES)
        f_put(to + i, f_fma(by, f_get(from + i, n - i), f_get(to + i, n - i)), n - i);
}

static void each(const OpCall *c, int64_t n, int64_t width, ParFn fn)
{
    OpCall call = *c;

    par_for(c->pool, n, row_grain(width), fn, &call);
}

/* ---- gather, embed ---- */

static void gather_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const int32_t *index = c->in[1].data;
    int64_t n = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t m = begin; m < end; m++)
        copy_rows(out_f(c, 0) + m * n, in_f(c, 0) + index[m] * n, 1, n);
}

void K(k_embed)(const OpCall *c)
{
    each(c, tensor_dim0(&c->in[1]), tensor_width(&c->in[0]), gather_chunk);
}

void K(k_gather)(const OpCall *c)
{
    each(c, tensor_dim0(&c->in[1]), tensor_width(&c->in[0]), gather_chunk);
}

/* ---- their gradients: a chunk owns rows of the result and looks for them among all indices, in order ---- */

typedef struct Scatter {
    const float *dy;
    const int32_t *index;
    float *dx;
    int64_t n, width, skip; /* skip: an index that gets nothing, -1: none */
} Scatter;

static void scatter_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Scatter *s = arg;
    uint64_t rows = (uint64_t)(end - begin);

    (void)thread;
    zero_rows(s->dx + begin * s->width, end - begin, s->width);
    for (int64_t t = 0; t < s->n; t++)
        if ((uint64_t)(s->index[t] - begin) < rows && s->index[t] != s->skip)
            add_row(s->dx + s->index[t] * s->width, s->dy + t * s->width, s->width, f_set(1.0F));
}

static void scatter(const OpCall *c, int64_t skip)
{
    int64_t rows = tensor_dim0(&c->out[0]), width = tensor_width(&c->out[0]);
    Scatter s = {in_f(c, 0), c->in[1].data, out_f(c, 0), tensor_dim0(&c->in[1]), width, skip};
    int64_t grain = max_of(row_grain(width), rows / 256); /* each chunk reads all indices */

    par_for(c->pool, rows, grain, scatter_chunk, &s);
}

void K(k_embed_grad)(const OpCall *c)
{
    const EmbedGradAttr *a = c->attr;

    scatter(c, a->pad);
}

void K(k_gather_grad)(const OpCall *c)
{
    scatter(c, -1);
}

/* ---- numbers of rows ---- */

void K(k_row_position)(const OpCall *c)
{
    const RowsAttr *a = c->attr;
    const Rows *r = c->out_rows[0];
    int32_t *y = c->out[0].data;

    for (int64_t g = 0; g < r->groups; g++)
        for (int64_t i = r->offset[g]; i < r->offset[g + 1]; i++)
            y[i] = (int32_t)(a->value + i - r->offset[g]);
}

void K(k_row_start)(const OpCall *c)
{
    const Rows *r = c->in_rows[0];
    int32_t *y = c->out[0].data;

    for (int64_t g = 0; g < r->groups; g++)
        y[g] = r->offset[g];
}

void K(k_row_last)(const OpCall *c)
{
    const Rows *r = c->in_rows[0];
    int32_t *y = c->out[0].data;

    for (int64_t g = 0; g < r->groups; g++)
        y[g] = (int32_t)(r->offset[g] + max_of(0, group_visible(r, g) - 1));
}

/* ---- three values side by side ---- */

static void split_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    int64_t wide = tensor_width(&c->in[0]), n = wide / 3;

    (void)thread;
    for (int64_t i = begin; i < end; i++)
        for (int k = 0; k < 3; k++)
            if (out_f(c, k))
                copy_rows(out_f(c, k) + i * n, in_f(c, 0) + i * wide + k * n, 1, n);
}

void K(k_split3)(const OpCall *c)
{
    each(c, tensor_rows(&c->in[0]), tensor_width(&c->in[0]), split_chunk);
}

static void join_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    int64_t wide = tensor_width(&c->out[0]), n = wide / 3;

    (void)thread;
    for (int64_t i = begin; i < end; i++)
        for (int k = 0; k < 3; k++)
            copy_rows(out_f(c, 0) + i * wide + k * n, in_f(c, k) + i * n, 1, n);
}

void K(k_split3_grad)(const OpCall *c)
{
    each(c, tensor_rows(&c->out[0]), tensor_width(&c->out[0]), join_chunk);
}

/* ---- some of the columns ---- */

static void columns_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const ColumnsAttr *a = c->attr;
    int64_t wide = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t i = begin; i < end; i++)
        copy_rows(out_f(c, 0) + i * a->n, in_f(c, 0) + i * wide + a->from, 1, a->n);
}

void K(k_columns)(const OpCall *c)
{
    each(c, tensor_rows(&c->out[0]), tensor_width(&c->out[0]), columns_chunk);
}

static void columns_grad_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const ColumnsAttr *a = c->attr;
    int64_t n = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        float *y = out_f(c, 0) + i * a->n;

        zero_rows(y, 1, a->from);
        copy_rows(y + a->from, in_f(c, 0) + i * n, 1, n);
        zero_rows(y + a->from + n, 1, a->n - a->from - n);
    }
}

void K(k_columns_grad)(const OpCall *c)
{
    each(c, tensor_rows(&c->out[0]), tensor_width(&c->out[0]), columns_grad_chunk);
}

/* ---- means over sequences: the sum in order of rows, times 1 / rows ---- */

static void segment_mean_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const Rows *r = c->in_rows[0];
    int64_t n = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t g = begin; g < end; g++) {
        int64_t rows = group_visible(r, g);
        const float *x = in_f(c, 0) + r->offset[g] * n;
        f32x by = f_set(rows > 0 ? 1.0F / (float)rows : 0.0F);

        for (int64_t i = 0; i < n; i += LANES) {
            f32x sum = f_zero();

            for (int64_t t = 0; t < rows; t++)
                sum = f_add(sum, f_get(x + t * n + i, n - i));
            f_put(out_f(c, 0) + g * n + i, f_mul(sum, by), n - i);
        }
    }
}

void K(k_segment_mean)(const OpCall *c)
{
    OpCall call = *c;

    par_for(c->pool, c->in_rows[0]->groups, 1, segment_mean_chunk, &call);
}

static void segment_mean_grad_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const Rows *r = c->out_rows[0];
    int64_t n = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t g = begin; g < end; g++) {
        int64_t rows = group_visible(r, g), all = group_length(r, g);
        const float *dy = in_f(c, 0) + g * n;
        float *dx = out_f(c, 0) + r->offset[g] * n;
        f32x by = f_set(rows > 0 ? 1.0F / (float)rows : 0.0F);

        for (int64_t t = 0; t < rows; t++)
            for (int64_t i = 0; i < n; i += LANES)
                f_put(dx + t * n + i, f_mul(f_get(dy + i, n - i), by), n - i);
        zero_rows(dx + rows * n, all - rows, n);
    }
}

void K(k_segment_mean_grad)(const OpCall *c)
{
    OpCall call = *c;

    par_for(c->pool, c->out_rows[0]->groups, 1, segment_mean_grad_chunk, &call);
}

/* ---- rows in front of every sequence ---- */

/* The rows of base at the end of each sequence of the longer space, `front` rows before them. */
static void rows_prepend_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const Rows *from = c->in_rows[1], *to = c->out_rows[0];
    int64_t n = tensor_width(&c->in[1]), front = tensor_dim0(&c->in[0]);

    (void)thread;
    for (int64_t g = begin; g < end; g++) {
        float *y = out_f(c, 0) + to->offset[g] * n;

        copy_rows(y, in_f(c, 0), front, n);
        copy_rows(y + front * n, in_f(c, 1) + from->offset[g] * n, group_length(from, g), n);
    }
}

static void rows_drop_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const Rows *from = c->in_rows[0], *to = c->out_rows[0];
    int64_t n = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t g = begin; g < end; g++) {
        int64_t rows = group_length(to, g);

        copy_rows(out_f(c, 0) + to->offset[g] * n, in_f(c, 0) + (from->offset[g + 1] - rows) * n,
                  rows, n);
    }
}

static void rows_pad_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const Rows *from = c->in_rows[0], *to = c->out_rows[0];
    int64_t n = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t g = begin; g < end; g++) {
        int64_t rows = group_length(from, g), front = group_length(to, g) - rows;
        float *y = out_f(c, 0) + to->offset[g] * n;

        zero_rows(y, front, n);
        copy_rows(y + front * n, in_f(c, 0) + from->offset[g] * n, rows, n);
    }
}

static void rows_lead_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const RowsAttr *a = c->attr;
    const Rows *from = c->in_rows[0], *to = c->out_rows[0];
    const int32_t *x = c->in[0].data;
    int32_t *out = c->out[0].data;

    (void)thread;
    for (int64_t g = begin; g < end; g++) {
        int64_t rows = group_length(from, g), front = group_length(to, g) - rows;
        int32_t *y = out + to->offset[g];

        for (int64_t i = 0; i < front; i++)
            y[i] = (int32_t)a->value;
        memcpy(y + front, x + from->offset[g], (size_t)rows * sizeof *y);
    }
}

static void each_group(const OpCall *c, ParFn fn)
{
    OpCall call = *c;

    par_for(c->pool, c->out_rows[0]->groups, 4, fn, &call);
}

void K(k_rows_prepend)(const OpCall *c)
{
    each_group(c, rows_prepend_chunk);
}

void K(k_rows_drop)(const OpCall *c)
{
    each_group(c, rows_drop_chunk);
}

void K(k_rows_pad)(const OpCall *c)
{
    each_group(c, rows_pad_chunk);
}

void K(k_rows_lead)(const OpCall *c)
{
    each_group(c, rows_lead_chunk);
}

void K(k_rows_prefix_sum)(const OpCall *c)
{
    const Rows *r = c->in_rows[0];
    int64_t n = shape_size(&c->out[0].shape), width = tensor_width(&c->in[0]);
    float *y = out_f(c, 0);

    zero_rows(y, 1, n);
    for (int64_t g = 0; g < r->groups; g++)
        add_row(y, in_f(c, 0) + r->offset[g] * width, n, f_set(1.0F));
}
/* SPDX-License-Identifier: MIT */
