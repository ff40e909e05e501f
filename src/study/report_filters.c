/* report_filters.c - the first layer's filters of a base network of each half, drawn: they look alike when they are general. */
#include "study/inside.h"

#include <math.h>
#include <string.h>

#define FILTERS_MAX 64
#define SIDE_MIN    3
#define SIDE_MAX    11

/* The first layer that sees pixels, as the file has it: [out, 3, k, k]; NULL when it is not worth drawing. */
static const Weight *first_filters(const Study *s, const Weights *w)
{
    for (int i = 0; i < weights_count(w); i++) {
        const Weight *t = weights_at(w, i);

        if (model_depth(s->model, t->name) == 0 && t->shape.rank == 4 && t->shape.dim[1] == 3 &&
            t->shape.dim[2] == t->shape.dim[3] && t->shape.dim[2] >= SIDE_MIN &&
            t->shape.dim[2] <= SIDE_MAX)
            return t;
    }
    return NULL;
}

/* The largest weight of the filter is black or white, 0 is grey; of grey pictures only the channels' sum matters. */
static Status filter(Err *e, Writer *w, const float *x, int side, bool grey)
{
    int cells = side * side;
    float v[3 * SIDE_MAX * SIDE_MAX] = {0}, most = 1e-12F;

    for (int i = 0; i < 3 * cells; i++) {
        v[i] = grey ? x[i % cells] + x[cells + i % cells] + x[2 * cells + i % cells] : x[i];
        most = fmaxf(most, fabsf(v[i]));
    }
    TRY(writer_printf(e, w, "<svg viewBox=\"0 0 %d %d\" shape-rendering=crispEdges>", side, side));
    for (int i = 0; i < cells; i++) {
        int c[3];

        for (int k = 0; k < 3; k++)
            c[k] = (int)lrintf(127.5F + 127.5F * v[k * cells + i] / most);
        TRY(writer_printf(e, w, "<rect x=%d y=%d width=1.02 height=1.02 fill=#%02x%02x%02x />",
                          i % side, i / side, c[0], c[1], c[2]));
    }
    return writer_printf(e, w, "</svg>");
}

static Status filters_of(Err *e, Arena *a, Writer *w, const Study *s, const Weight *t)
{
    int side = (int)t->shape.dim[2], n = (int)t->shape.dim[0], cells = side * side;
    float *x = NEWS(e, a, float, 3 * n * cells + 1);

    if (!x)
        return err_failed(e->code);
    TRY(weights_read_f32(e, t, x));
    TRY(writer_printf(e, w, "<div class=filters>"));
    for (int i = 0; i < n && i < FILTERS_MAX; i++)
        TRY(filter(e, w, x + (ptrdiff_t)3 * i * cells, side, s->grey));
    return writer_printf(e, w, "</div>");
}

Status study_filters(Err *e, Writer *w, Study *s)
{
    Arena *a = arena_child(e, s->a);
    const Weight *t[2];

    if (!a)
        return err_failed(e->code);
    for (int net = NET_A; net <= NET_B; net++) {
        const Trial *c = study_trial(s, study_first(s), 0, (StudyNet)net, 0);
        const char *path = study_base_file(e, s, c);
        Weights *file;

        if (!path)
            return err_failed(e->code);
        TRY(weights_open(e, a, path, &file));
        if (!(t[net] = first_filters(s, file)))
            return E_OK;
    }
    TRY(writer_printf(e, w, "<section><h2>The first layer's filters, seed 0</h2><div class=two>"));
    for (int net = NET_A; net <= NET_B; net++) {
        TRY(writer_printf(e, w, "<div><p class=key>%s</p>", net_name((StudyNet)net)));
        TRY(filters_of(e, a, w, s, t[net]));
        TRY(writer_printf(e, w, "</div>"));
    }
    TRY(writer_printf(e, w,
                      "</div><p class=\"soft small note\">Each square is one filter of %s, its "
                      "largest weight black or white.</p></section>\n",
                      t[0]->name));
    arena_free(a);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
