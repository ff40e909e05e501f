/* fit_state.c - what a fit needs to go on as if nothing had happened: the numbers that change, the optimiser's
 * state, the best so far, where it stands, and the history.  Order and random numbers are computed, not saved. */
#include "formats/formats.h"
#include "train/fit_inside.h"

#include <string.h>

#define COUNTERS    8
#define ROW_NUMBERS 8
#define SAVE_TRIES  5

/* ---- buffers ---- */

/* What a run leaves with other numbers: what trains, and what is stored to (running statistics). */
static Status find_trained(Err *e, Arena *a, Fit *f)
{
    FitInside *in = f->in;

    in->trained = NEWS(e, a, Param *, graph_param_count(f->graph) + 1);
    if (!in->trained)
        return err_failed(e->code);
    for (int i = 0; i < graph_param_count(f->graph); i++) {
        const NodeInfo *n = graph_node(f->graph, graph_param_at(f->graph, i).id);
        Param *p = graph_changes(f->graph, n->name) ? params_find(f->params, n->name) : NULL;

        if (p) {
            in->trained[in->trained_n++] = p;
            in->best_n += shape_size(&p->shape);
        }
    }
    return E_OK;
}

static void copy_best(Fit *f, bool keep)
{
    float *at = f->in->best;

    for (int i = 0; i < f->in->trained_n; i++) {
        Param *p = f->in->trained[i];
        size_t n = (size_t)shape_size(&p->shape);

        memcpy(keep ? at : p->data, keep ? p->data : at, n * sizeof *at);
        at += n;
    }
}

void fit_keep_best(Fit *f)
{
    f->in->has_best = true;
    if (f->in->best)
        copy_best(f, true);
}

void fit_restore_best(Fit *f)
{
    if (f->in->best && f->in->has_best)
        copy_best(f, false);
}

void fit_hash(Fit *f)
{
    f->weights_hash = f->state_hash = 0;
    for (int i = 0; i < f->in->trained_n; i++) {
        const Param *p = f->in->trained[i];

        f->weights_hash =
            hash_fnv1a(p->data, (size_t)shape_size(&p->shape) * sizeof(float), f->weights_hash);
    }
    for (int i = 0; i < run_state_count(f->run); i++) {
        const char *name = run_state_name(f->run, i);
        int64_t n;
        const float *data = run_state(f->run, name, &n);

        if (strncmp(name, "grad.", 5) != 0)
            f->state_hash = hash_fnv1a(data, (size_t)n * sizeof *data, f->state_hash);
    }
}

/* ---- writing ---- */

static Status save_params(Err *e, Arena *a, Fit *f, const char *path, const float *best)
{
    NamedTensor *t = NEWS(e, a, NamedTensor, f->in->trained_n + 1);

    if (!t)
        return err_failed(e->code);
    for (int i = 0; i < f->in->trained_n; i++) {
        const Param *p = f->in->trained[i];

        t[i] = (NamedTensor){p->name, {DT_F32, p->shape, best ? (void *)best : p->data}};
        best = best ? best + shape_size(&p->shape) : NULL;
    }
    return safetensors_write(e, a, path, t, f->in->trained_n, NULL);
}

/* The optimiser's states, and where the fit stands. */
static Status save_state(Err *e, Arena *a, Fit *f, const char *path)
{
    const FitInside *in = f->in;
    int states = run_state_count(f->run), n = 0;
    NamedTensor *t = NEWS(e, a, NamedTensor, states + 3);
    double *rows = NEWS(e, a, double, (size_t)f->rows *ROW_NUMBERS + 1);
    int64_t counters[COUNTERS] = {f->step,       f->epoch, f->window,    f->worse,
                                  f->best_epoch, in->bad,  in->has_best, f->rows};
    double sums[4] = {in->loss, in->weight, f->best_score, in->best_loss};

    if (!t || !rows)
        return err_failed(e->code);
    for (int i = 0; i < states; i++) {
        int64_t count;
        const char *name = run_state_name(f->run, i);
        float *data = run_state(f->run, name, &count);

        if (strncmp(name, "grad.", 5) != 0) /* empty between updates */
            t[n++] = (NamedTensor){name, {DT_F32, SHAPE(count), data}};
    }
    for (int i = 0; i < f->rows; i++) {
        const FitRow *r = &f->history[i];
        double row[ROW_NUMBERS] = {r->epoch,      (double)r->step, r->lr,  r->train_loss,
                                   r->valid_loss, r->valid_score,  r->best};

        memcpy(rows + (int64_t)i * ROW_NUMBERS, row, sizeof row);
    }
    t[n++] = (NamedTensor){"fit.counters", {DT_I64, SHAPE(COUNTERS), counters}};
    t[n++] = (NamedTensor){"fit.sums", {DT_F64, SHAPE(4), sums}};
    t[n++] = (NamedTensor){"fit.history", {DT_F64, SHAPE(f->rows, ROW_NUMBERS), rows}};
    return safetensors_write(e, a, path, t, n, NULL);
}

static Status write_files(Err *e, void *arg, const char *folder)
{
    Fit *f = arg;
    Arena *a = arena_child(e, f->in->arena);

    if (!a)
        return err_failed(e->code);
    Status code = save_params(e, a, f, path_join(e, a, folder, "model.safetensors"), NULL);
    if (!code)
        code = save_state(e, a, f, path_join(e, a, folder, "state.safetensors"));
    if (!code && f->in->best && f->in->has_best)
        code = save_params(e, a, f, path_join(e, a, folder, "best.safetensors"), f->in->best);
    arena_free(a);
    return code;
}

Status fit_save(Err *e, Fit *f)
{
    Status code = store_save(e, f->store, f->step, write_files, f);

    f->in->saved_at = clock_seconds();
    if (!code)
        event_send(&f->events,
                   &(Event){.kind = EVENT_SAVED, .text = "checkpoint", .step = f->step});
    return code;
}

/* After a failure it is tried again at 1, 2, 4 .. minutes; the fifth in a row ends the run with the last good
 * checkpoint where it was. */
Status fit_save_due(Err *e, Fit *f)
{
    FitInside *in = f->in;
    double wait = f->opt.checkpoint_seconds > 0 ? f->opt.checkpoint_seconds : 600;
    bool due = f->opt.checkpoint_steps > 0 && f->step % f->opt.checkpoint_steps == 0;

    if (!f->store)
        return E_OK;
    if (in->failures > 0) {
        wait = 60 * (double)(1 << (in->failures - 1));
        due = false;
    }
    if (!due && clock_seconds() - in->saved_at < wait)
        return E_OK;
    if (fit_save(e, f) == E_OK) {
        in->failures = 0;
        return E_OK;
    }
    if (++in->failures >= SAVE_TRIES) {
        err_note(e, "hint", "%d attempts in a row failed; the last good checkpoint is in place",
                 SAVE_TRIES);
        return e->code = E_IO;
    }
    event_say(&f->events, EVENT_WARN,
              "%s\n  note      training goes on; the next attempt comes in %d min", e->text,
              1 << (in->failures - 1));
    *e = (Err){0};
    return E_OK;
}

/* ---- going on ---- */

static Status need(Err *e, const Weights *w, const char *name, DType dtype, int64_t n,
                   const Weight **out)
{
    *out = weights_find(w, name);
    if (*out && (*out)->data && (*out)->dtype == dtype && shape_size(&(*out)->shape) == n)
        return E_OK;
    return fail(e, E_DATA,
                "a checkpoint does not fit the model: \"%s\" is missing or has another size", name);
}

static Status load_params(Err *e, Arena *a, Fit *f, const char *path, float *best)
{
    const Weight *have;
    Weights *w;

    TRY(weights_open(e, a, path, &w));
    for (int i = 0; i < f->in->trained_n; i++) {
        Param *p = f->in->trained[i];
        int64_t n = shape_size(&p->shape);

        TRY(need(e, w, p->name, DT_F32, n, &have));
        memcpy(best ? best : p->data, have->data, (size_t)n * sizeof(float));
        best = best ? best + n : NULL;
    }
    return E_OK;
}

static Status load_progress(Err *e, Fit *f, const Weights *w)
{
    FitInside *in = f->in;
    int64_t counters[COUNTERS];
    double sums[4];
    const Weight *have;

    TRY(need(e, w, "fit.counters", DT_I64, COUNTERS, &have));
    memcpy(counters, have->data, sizeof counters);
    TRY(need(e, w, "fit.sums", DT_F64, 4, &have));
    memcpy(sums, have->data, sizeof sums);
    f->step = counters[0];
    f->epoch = (int)counters[1];
    f->window = counters[2];
    f->worse = (int)counters[3];
    f->best_epoch = (int)counters[4];
    in->bad = (int)counters[5];
    in->has_best = counters[6] != 0;
    f->rows = (int)counters[7];
    in->loss = sums[0];
    in->weight = sums[1];
    f->best_score = sums[2];
    in->best_loss = sums[3];
    if (f->rows < 0 || f->rows > f->opt.epochs || f->epoch > f->opt.epochs || f->window < 0 ||
        f->window > in->loader.windows)
        return fail(e, E_DATA, "a checkpoint does not fit the run: it is beyond its end");
    TRY(need(e, w, "fit.history", DT_F64, (int64_t)f->rows * ROW_NUMBERS, &have));
    for (int i = 0; i < f->rows; i++) {
        double r[ROW_NUMBERS];

        memcpy(r, (const double *)have->data + (int64_t)i * ROW_NUMBERS, sizeof r);
        f->history[i] = (FitRow){(int)r[0], (int64_t)r[1], r[2], r[3], r[4], r[5], r[6] != 0};
    }
    return E_OK;
}

static Status load_state(Err *e, Arena *a, Fit *f, const char *path)
{
    const Weight *have;
    Weights *w;

    TRY(weights_open(e, a, path, &w));
    for (int i = 0; i < run_state_count(f->run); i++) {
        const char *name = run_state_name(f->run, i);
        int64_t n;
        float *data = run_state(f->run, name, &n);

        if (strncmp(name, "grad.", 5) == 0)
            continue;
        TRY(need(e, w, name, DT_F32, n, &have));
        memcpy(data, have->data, (size_t)n * sizeof *data);
    }
    return load_progress(e, f, w);
}

static Status resume(Err *e, Arena *a, Fit *f)
{
    int64_t step;
    char *folder;

    TRY(store_newest(e, f->store, a, &step, &folder));
    if (!folder)
        return E_OK;
    TRY(load_params(e, a, f, path_join(e, a, folder, "model.safetensors"), NULL));
    TRY(load_state(e, a, f, path_join(e, a, folder, "state.safetensors")));
    if (f->in->best && f->in->has_best)
        TRY(load_params(e, a, f, path_join(e, a, folder, "best.safetensors"), f->in->best));
    event_say(&f->events, EVENT_SAY, "goes on after update %lld (%s)", (long long)step, folder);
    return E_OK;
}

Status fit_start(Err *e, Arena *a, Fit *f)
{
    FitInside *in = f->in = NEW(e, a, FitInside);
    void *best = NULL;

    if (!in)
        return err_failed(e->code);
    in->arena = a;
    in->saved_at = clock_seconds();
    in->loss_output = arena_printf(e, a, "loss.%s", f->loss);
    in->scale_input = arena_printf(e, a, "loss.%s.scale", f->loss);
    f->history = NEWS(e, a, FitRow, f->opt.epochs + 1);
    if (!in->loss_output || !in->scale_input || !f->history)
        return err_failed(e->code);
    TRY(loader_new(e, a, f->train->n, f->opt.batch, f->opt.accumulate, f->opt.seed, &in->loader));
    in->schedule = optim_schedule(&f->optim, in->loader.windows * f->opt.epochs);
    TRY(find_trained(e, a, f));
    if (f->evaluate)
        TRY(block_alloc(e, a, (size_t)in->best_n * sizeof(float), "the best epoch's weights",
                        &best));
    in->best = best;
    if (!f->store)
        return E_OK;
    Arena *scratch = arena_child(e, a);
    if (!scratch)
        return err_failed(e->code);
    TRY(resume(e, scratch, f));
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
