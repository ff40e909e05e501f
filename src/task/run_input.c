/* run_input.c - tensors of a file that batches are made of, checked. */
#include "task/run_input.h"

#include <stdio.h>

const Weight *run_lookup(const RunReader *r, const char *name)
{
    char key[80];

    if (r->i < 0)
        return weights_find(r->file, name);
    snprintf(key, sizeof key, "%s.%d", name, r->i);
    return weights_find(r->file, key);
}

Status run_bad_shape(Err *e, const Weight *w, const Shape *wanted)
{
    fail(e, E_DATA, "input \"%s\" has the wrong shape", w->name);
    err_note(e, "file", "%s", w->file);
    err_note(e, "expected", "%s", SHAPE_TEXT(wanted));
    return err_note(e, "found", "%s", SHAPE_TEXT(&w->shape));
}

Status run_integers(Err *e, const RunReader *r, const char *name, Shape shape, int64_t low,
                    int64_t high, const int64_t **out)
{
    const Weight *w = run_lookup(r, name);
    int64_t n = shape_size(&shape), *x;

    if (!w)
        return E_OK;
    if (!shape_equal(&w->shape, &shape))
        return run_bad_shape(e, w, &shape);
    if (!(x = NEWS(e, r->a, int64_t, n + 1)))
        return e->code;
    TRY(weights_read_i64(e, w, x));
    for (int64_t i = 0; i < n; i++) {
        if (x[i] >= low && x[i] < high)
            continue;
        fail(e, E_DATA, "input \"%s\" holds %lld at %lld", w->name, (long long)x[i], (long long)i);
        err_note(e, "file", "%s", w->file);
        return err_note(e, "expected", "%lld to %lld", (long long)low, (long long)high - 1);
    }
    *out = x;
    return E_OK;
}

static Status read_numbers(Err *e, const RunReader *r, const Weight *w)
{
    RunBatch *b = r->b;
    Shape wide = SHAPE(b->sequences, r->m->labels), flat = SHAPE(b->sequences);
    bool good =
        shape_equal(&w->shape, &wide) || (r->m->labels == 1 && shape_equal(&w->shape, &flat));
    float *x;

    if (!good)
        return run_bad_shape(e, w, &wide);
    if (!(x = NEWS(e, r->a, float, shape_size(&wide) + 1)))
        return e->code;
    TRY(weights_read_f32(e, w, x));
    b->numbers = x;
    b->number_count = shape_size(&wide);
    return E_OK;
}

/* transformers tells several labels at once from one by the kind of number where the configuration does not. */
Status run_labels(Err *e, const RunReader *r, Model *m)
{
    const Weight *w = run_lookup(r, "labels");

    if (!w)
        return E_OK;
    bool real_numbers = w->dtype == DT_F32 || w->dtype == DT_F64 || w->dtype == DT_F16;
    if (real_numbers && m->problem == PROBLEM_SINGLE && !config_has(&m->config, "problem_type"))
        m->problem = PROBLEM_MULTI;
    if (m->problem != PROBLEM_SINGLE)
        return read_numbers(e, r, w);
    return run_integers(e, r, "labels", SHAPE(r->b->sequences), INT32_MIN, m->labels,
                        &r->b->labels);
}

/* SPDX-License-Identifier: MIT */
