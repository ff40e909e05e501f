/* fit.c - the loop: forward, backward, update, report; evaluate each epoch, keep the best, stop early. */
#include "train/fit_inside.h"

/* One pass over the training set; a window is the batches of one update (fewer at the epoch's end). */
static Status fit_epoch(Err *e, Fit *f)
{
    while (f->window < f->in->loader.windows) {
        Window w = loader_window(&f->in->loader, f->epoch, f->window);
        double normaliser = fit_normaliser(f, &w), loss = 0;
        double lr = schedule_at(&f->in->schedule, f->step);
        bool good;

        if (event_stop(&f->events))
            return fail(e, E_STOPPED, "stopped at update %lld", (long long)f->step);
        run_clock(f->run, (uint32_t)f->step);
        optim_clear(f->run);
        TRY(fit_window(e, f, &w));
        for (int64_t i = 0; i < w.batches; i++)
            TRY(fit_batch(e, f, &w, i, normaliser, &loss)); /* forward, backward, add up */

        TRY(fit_check(e, f, &w, loss, &good));
        if (good) {
            TRY(optim_set(e, f->run, &f->optim, f->step, lr));
            TRY(run_update(e, f->run)); /* clips and updates in one pass */
            f->in->loss += loss;
            f->in->weight += normaliser;
        }
        f->step++;
        f->window++;
        event_send(
            &f->events,
            &(Event){.kind = EVENT_STEP,
                     .step = f->step,
                     .steps = f->in->schedule.total,
                     .epoch = f->epoch + 1,
                     .epochs = f->opt.epochs,
                     .loss = loss / normaliser,
                     .lr = lr,
                     .norm = good ? (double)*(float *)run_output(f->run, "grad.norm").data : 0});
        if (f->window < f->in->loader.windows)
            TRY(fit_save_due(e, f));
    }
    return E_OK;
}

static Status fit_epochs(Err *e, Fit *f)
{
    while (f->epoch < f->opt.epochs && !(f->opt.patience > 0 && f->worse >= f->opt.patience)) {
        TRY(fit_epoch(e, f));
        TRY(fit_evaluate(e, f));
        f->epoch++;
        f->window = 0;
        f->in->loss = f->in->weight = 0;
        TRY(fit_save_due(e, f));
    }
    return E_OK;
}

Status fit(Err *e, Arena *a, Fit *f)
{
    TRY(fit_start(e, a, f));
    Status code = fit_epochs(e, f);
    if (code == E_STOPPED && f->store) {
        Err saving = {0};

        if (fit_save(&saving, f))
            event_say(&f->events, EVENT_WARN, "%s", saving.text);
    }
    if (code == E_OK || code == E_STOPPED) {
        f->finished = code == E_OK;
        fit_hash(f);
        fit_restore_best(f);
    }
    return code;
}

/* SPDX-License-Identifier: MIT */
