/* probe.c - a linear classifier over what frozen layers make of a picture (Alain and Bengio 2016, arXiv:1610.01644):
 * how much of the classes can be read off at that height.  Maps are averaged to 3 x 3 first, so that low layers are
 * not judged by their number of values. */
#include "study/inside.h"

#include <string.h>

#define SIDE  3
#define EVERY 5 /* one of so many learning pictures chooses the strength */

typedef struct Maps { /* of a picture, channels last; height and width 1: a row of numbers */
    int64_t height, width, channels;
} Maps;

static int64_t lower(int64_t n, int64_t most)
{
    return n < most ? n : most;
}

static Maps maps_of(const TaskNet *net)
{
    const Shape *s = &node_desc(net->begin.end)->shape;

    return s->rank == 4 ? (Maps){s->dim[2], s->dim[3], s->dim[1]} : (Maps){1, 1, net->begin.size};
}

/* Means over cells whose borders are those of adaptive pooling. */
static void shrink(const Maps *m, const float *x, float *out)
{
    int64_t down = lower(m->height, SIDE), across = lower(m->width, SIDE);

    for (int64_t cell = 0; cell < down * across; cell++) {
        int64_t r = cell / across, c = cell % across, n = 0;
        float *to = out + cell * m->channels;

        memset(to, 0, (size_t)m->channels * sizeof *to);
        for (int64_t y = r * m->height / down; y < ((r + 1) * m->height + down - 1) / down; y++)
            for (int64_t z = c * m->width / across; z < ((c + 1) * m->width + across - 1) / across;
                 z++, n++)
                for (int64_t k = 0; k < m->channels; k++)
                    to[k] += x[(y * m->width + z) * m->channels + k];
        for (int64_t k = 0; k < m->channels; k++)
            to[k] /= (float)n;
    }
}

typedef struct Probe {
    Matrix x;
    float *value;
    int32_t *label; /* [rows] learning pictures, then those to judge by */
    int64_t *learn, *choose, learns, chooses;
} Probe;

static Status fill(Err *e, Arena *a, const Half *h, const TaskNet *net, Probe *p)
{
    Maps m = maps_of(net);
    int64_t rows = h->trains + h->tests;
    int64_t columns = lower(m.height, SIDE) * lower(m.width, SIDE) * m.channels;

    p->value = NEWS(e, a, float, rows *columns + 1);
    p->label = NEWS(e, a, int32_t, rows + 1);
    p->learn = NEWS(e, a, int64_t, rows + 1);
    p->choose = NEWS(e, a, int64_t, rows + 1);
    if (!p->value || !p->label || !p->learn || !p->choose)
        return err_failed(e->code);
    for (int64_t i = 0; i < rows; i++) {
        int64_t picture = i < h->trains ? h->train[i] : h->test[i - h->trains];
        const float *x = prefix_value(net->prefix, picture);

        if (!x)
            return fail(e, E_INTERNAL, "a picture was never sent through the frozen layers");
        shrink(&m, x, p->value + i * columns);
        p->label[i] = h->label[picture];
        if (i >= h->trains)
            continue;
        if (i % EVERY == EVERY - 1)
            p->choose[p->chooses++] = i;
        else
            p->learn[p->learns++] = i;
    }
    p->x = (Matrix){rows, columns, p->value, NULL, NULL};
    return E_OK;
}

Status study_probe(Err *e, Arena *a, const Study *s, const Half *half, const TaskNet *net,
                   int64_t *right)
{
    Probe p = {0};
    Linear l;

    TRY(fill(e, a, half, net, &p));
    LinearFit f = {.x = &p.x,
                   .label = p.label,
                   .row = p.learn,
                   .rows = p.learns,
                   .outputs = half->classes,
                   .pool = s->c->pool};
    Events quiet = {.stop = s->c->events.stop};
    float *score = NEWS(e, a, float, half->classes);
    if (!score)
        return err_failed(e->code);
    TRY(linear_fit_best(e, a, &f, p.choose, p.chooses, &quiet, &l));
    *right = 0;
    for (int64_t i = half->trains; i < p.x.rows; i++) {
        int best = 0;

        linear_scores(&l, &p.x, i, score);
        for (int k = 1; k < half->classes; k++)
            best = score[k] > score[best] ? k : best;
        *right += best == p.label[i];
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
