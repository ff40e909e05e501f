/* pretrain_net.c - a network over rows of tokens: its graphs, what fills them, and its loss on what is held out. */
#include "task/pretrain_inside.h"

#include <math.h>
#include <stdio.h>

/* The most labels that rows of the full length have. */
static int64_t labelled(const Pretraining *p)
{
    int64_t most = 0, n;

    for (int64_t i = 0; p->objective->few && i < p->rows.rows; i++)
        if ((n = p->objective->labels(&p->rows, i)) > most)
            most = n;
    return most * p->o.batch;
}

Status rownet_open(Err *e, Arena *a, const Pretraining *p, const Model *m, const Optim *optim,
                   RowNet *out)
{
    const Hook *hooks = optim ? p->method->hooks : NULL;
    ModelShape shape = {.sequences = p->o.batch,
                        .tokens = p->o.batch * p->rows.length,
                        .labelled = labelled(p),
                        .labels = true};
    PlanOptions po = {.isa = p->c->isa, .threads = pool_threads(p->c->pool)};

    if (!(out->graph = graph_new(e, a, optim ? MODE_TRAIN : MODE_EVAL)))
        return err_failed(e->code);
    TRY(model_build(e, m, out->graph, hooks, &shape, &out->out));
    if (optim) {
        OptimBuild b = {.accumulate = p->o.accumulate > 1,
                        .hooks = hooks,
                        .rate = method_rate,
                        .rate_arg = p->method};

        TRY(graph_backward(e, out->graph));
        TRY(optim_build(e, out->graph, optim, &b));
    }
    TRY(graph_finish(e, out->graph));
    return plan_make(e, a, out->graph, &po, &out->plan);
}

static Status fill(Err *e, void *set, Run *r, const int64_t *row, int64_t n)
{
    Pretraining *p = set;
    Asked asked = {.id = run_input(r, "input_ids"),
                   .label = run_input(r, "labels"),
                   .label_row = run_input(r, "label_rows")};
    Rows rows = {.groups = n, .offset = p->offset, .sample = p->sample};
    int32_t *type = run_input(r, "token_type_ids");

    for (int64_t i = 0; i < n; i++) {
        int64_t key[2] = {p->epoch, row[i]};

        p->offset[i] = (int32_t)asked.tokens;
        p->sample[i] = (uint32_t)row[i];
        p->objective->fill(&p->rows, &p->vocabulary, row[i],
                           hash_fnv1a(key, sizeof key, p->o.seed + 1), &asked);
    }
    p->offset[n] = (int32_t)asked.tokens;
    for (int64_t i = 0; type && i < asked.tokens; i++)
        type[i] = 0;
    p->learned += asked.tokens;
    rows.count = asked.tokens;
    TRY(run_rows(e, r, "tokens", &rows));
    return p->objective->few ? run_rows(e, r, "labelled", &(Rows){.count = asked.labels}) : E_OK;
}

static double weight(const void *set, int64_t row)
{
    const Pretraining *p = set;

    return (double)p->objective->labels(&p->rows, row);
}

/* Labels that are drawn are others in each epoch. */
static Status window(Err *e, void *set, Run *r, const SamplesWindow *w)
{
    Pretraining *p = set;

    (void)e;
    (void)r;
    p->epoch = 1 + w->step / p->updates;
    return E_OK;
}

Samples pretrain_samples(Pretraining *p)
{
    return (Samples){
        .n = p->rows.train, .set = p, .weight = weight, .fill = fill, .window = window};
}

Status rownet_loss(Err *e, Pretraining *p, RowNet *net, int64_t first, int64_t n, double *loss)
{
    int64_t *row = p->row, learned = p->learned;
    double sum = 0, labels = 0;
    char name[60];

    p->epoch = 0;
    snprintf(name, sizeof name, "loss.%s", net->out.loss[0].name);
    for (int64_t at = 0; at < n; at += p->o.batch) {
        int64_t some = n - at < p->o.batch ? n - at : p->o.batch;

        if (event_stop(&p->c->events))
            return fail(e, E_STOPPED, "stopped while evaluating");
        for (int64_t i = 0; i < some; i++) {
            row[i] = first + at + i;
            labels += weight(p, row[i]);
        }
        TRY(fill(e, p, net->run, row, some));
        TRY(run_step(e, net->run));
        sum += (double)*(float *)run_output(net->run, name).data;
    }
    p->learned = learned;
    *loss = labels > 0 ? sum / labels : (double)NAN;
    return E_OK;
}

Status pretrain_evaluate(Err *e, void *arg, FitScore *out)
{
    Pretraining *p = arg;
    const TokenRows *t = &p->rows;
    double seconds = clock_seconds() - p->began, loss;

    p->r->tokens_per_second = seconds > 0 ? (double)p->learned / seconds : 0;
    TRY(rownet_loss(e, p, &p->eval, t->train, t->rows - t->train, &loss));
    event_say(&p->c->events, EVENT_SAY, "held out  perplexity %.3f; %.0f tokens/s", exp(loss),
              p->r->tokens_per_second);
    p->began = clock_seconds() - seconds; /* evaluation is not learning */
    *out = (FitScore){.loss = loss, .score = -loss};
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
