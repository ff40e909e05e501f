/* fit_steps.c - the parts of an update and of an evaluation. */
#include "train/fit_inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BAD_MAX 3

static double weight_of(const Fit *f, int64_t sample)
{
    return f->train->weight ? f->train->weight(f->train->set, sample) : 1;
}

double fit_normaliser(const Fit *f, const Window *w)
{
    double sum = 0;

    for (int64_t i = 0; i < w->samples; i++)
        sum += weight_of(f, w->index[i]);
    return sum > 0 ? sum : 1;
}

Status fit_window(Err *e, Fit *f, const Window *w)
{
    const Samples *s = f->train;

    if (!s->window)
        return E_OK;
    return s->window(e, s->set, f->run,
                     &(SamplesWindow){f->step, f->in->schedule.total, w->samples});
}

Status fit_batch(Err *e, Fit *f, const Window *w, int64_t i, double normaliser, double *loss)
{
    int64_t first = i * f->in->loader.batch, n = w->samples - first;

    if (n > f->in->loader.batch)
        n = f->in->loader.batch;
    TRY(f->train->fill(e, f->train->set, f->run, w->index + first, n));
    TRY(run_scalar(e, f->run, f->in->scale_input, (float)(1 / normaliser)));
    TRY(run_step(e, f->run));
    *loss += (double)*(float *)run_output(f->run, f->in->loss_output).data;
    return E_OK;
}

static const char *first_bad_gradient(const Fit *f)
{
    for (int p = 0; p < f->in->trained_n; p++) {
        Tensor g = run_gradient(f->run, f->in->trained[p]->name);

        for (int64_t i = 0; g.data && i < shape_size(&g.shape); i++)
            if (!isfinite(((float *)g.data)[i]))
                return f->in->trained[p]->name;
    }
    return NULL;
}

Status fit_check(Err *e, Fit *f, const Window *w, double loss, bool *good)
{
    double squares = (double)*(float *)run_output(f->run, "grad.sqsum").data;
    char samples[300] = "";
    size_t used = 0;

    *good = isfinite(loss) && isfinite(squares);
    if (*good) {
        f->in->bad = 0;
        return E_OK;
    }
    const char *tensor = first_bad_gradient(f);
    for (int64_t i = 0; i < w->samples && used + 30 < sizeof samples; i++)
        used += (size_t)snprintf(samples + used, sizeof samples - used, "%s%lld", i ? ", " : "",
                                 (long long)w->index[i] + 1);
    event_say(&f->events, EVENT_WARN,
              "update %lld left out: the loss is %g, the gradient's norm %g",
              (long long)f->step + 1, loss, sqrt(squares));
    if (++f->in->bad < BAD_MAX)
        return E_OK;
    fail(e, E_DATA, "%d updates in a row had a loss or gradient that is no number", BAD_MAX);
    err_note(e, "step", "%lld", (long long)f->step + 1);
    if (tensor)
        err_note(e, "tensor", "gradient of \"%s\"", tensor);
    err_note(e, "samples", "%s", samples);
    return err_note(e, "hint", "a lower --lr (now %g) is the usual cure", f->optim.lr);
}

Status fit_evaluate(Err *e, Fit *f)
{
    FitRow row = {.epoch = f->epoch + 1, .step = f->step, .best = true};
    FitScore score = {(double)NAN, (double)NAN};

    row.lr = schedule_at(&f->in->schedule, f->step > 0 ? f->step - 1 : 0);
    row.train_loss = f->in->weight > 0 ? f->in->loss / f->in->weight : (double)NAN;
    if (f->evaluate) {
        TRY(f->evaluate(e, f->evaluate_arg, &score));
        row.best = f->opt.last || !f->in->has_best || score.score > f->best_score ||
                   (score.score == f->best_score && score.loss < f->in->best_loss);
    }
    row.valid_loss = score.loss;
    row.valid_score = score.score;
    f->worse = row.best ? 0 : f->worse + 1;
    if (row.best) {
        f->best_score = score.score;
        f->in->best_loss = score.loss;
        f->best_epoch = row.epoch;
        fit_keep_best(f);
    }
    f->history[f->rows++] = row;
    event_send(&f->events, &(Event){.kind = EVENT_EVAL,
                                    .step = f->step,
                                    .steps = f->in->schedule.total,
                                    .epoch = row.epoch,
                                    .epochs = f->opt.epochs,
                                    .train_loss = row.train_loss,
                                    .valid_loss = row.valid_loss,
                                    .score = row.valid_score,
                                    .metric = f->metric,
                                    .best = row.best});
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
