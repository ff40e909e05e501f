/* pretrain_save.c - the folder that learning from plain text leaves: the released layout, loaded afresh and compared before
 * it stands; what was done, and how well. */
#include "task/pretrain_inside.h"

#include <math.h>
#include <stdio.h>

static Status save_card(Err *e, const Pretraining *p, Arena *a, const char *folder)
{
    const char *path = path_join(e, a, folder, "README.md");
    Writer *w;

    if (!path)
        return err_failed(e->code);
    TRY(writer_open(e, a, path, &w));
    TRY(writer_printf(
        e, w, "---\nlibrary_name: transformers\npipeline_tag: %s\nlicense: %s\nbase_model: ",
        p->objective->pipeline, p->licence ? p->licence : "unknown"));
    TRY(card_quoted(e, w, p->o.model_name));
    TRY(writer_printf(e, w, "\nbase_model_relation: finetune\ntags:\n- engraft\n---\n\n# %s\n\n",
                      path_base(p->o.output)));
    TRY(writer_printf(e, w, "`%s` after %lld updates on plain text (%s, %lld tokens)",
                      p->o.model_name, (long long)p->r->updates, p->objective->summary,
                      (long long)p->r->tokens));
    if (p->r->held > 0)
        TRY(writer_printf(e, w, ": perplexity %.3f on %lld held-out tokens, %.3f before",
                          exp(p->r->after), (long long)p->r->held, exp(p->r->before)));
    TRY(writer_printf(e, w, ".\n"));
    return writer_commit(e, w);
}

/* The loss of the first row by the folder, against the network's. */
static Status prove(Err *e, Pretraining *p, Arena *a, const char *folder)
{
    Pretraining again = *p;
    double now, then;
    LoadReport report;
    RowNet net = {0};
    Model *m;

    again.o.batch = 1;
    if (!(again.params = params_new(e, a)))
        return err_failed(e->code);
    TRY(rownet_loss(e, p, &p->eval, 0, 1, &now));
    TRY(model_open(e, a, folder, &(ModelOptions){.head = HEAD_AUTO}, &m));
    TRY(rownet_open(e, a, &again, m, NULL, &net));
    TRY(model_load(e, a, m, net.graph, again.params, &report));
    TRY(run_new(e, a, net.plan, again.params, p->c->pool, 0, &net.run));
    TRY(rownet_loss(e, &again, &net, 0, 1, &then));
    p->r->saved_difference = fabs(now - then);
    if (p->r->saved_difference <= 1e-5 * fabs(now)) /* not so for NaN */
        return E_OK;
    fail(e, E_INTERNAL, "the saved model does not say what the network said");
    return err_note(e, "found", "losses of %g and %g", now, then);
}

static Status save_model(Err *e, Pretraining *p, Arena *a)
{
    TaskContext quiet = *p->c;
    const TaskContext *loud = p->c;
    const char *staged;

    quiet.events = (Events){0}; /* a stop does not keep what is done from being saved */
    p->c = &quiet;
    Status s = model_stage(e, a, p->o.output, &staged);
    if (!s)
        s = model_save(e, a, p->model, p->params, staged);
    if (!s)
        s = tokenizer_save(e, a, p->tokenizer, staged);
    if (!s)
        s = save_card(e, p, a, staged);
    if (!s)
        s = prove(e, p, a, staged);
    p->c = loud;
    TRY(s);
    return model_commit(e, a, p->o.output, staged);
}

static Status save_run(Err *e, const Pretraining *p)
{
    const PretrainOptions *o = &p->o;
    const char *path = arena_printf(e, p->a, "%s/engraft/run.json", o->output);
    Config c = config_new(e, p->a, path, NULL);
    char hex[24];

    if (!c.json || !path)
        return err_failed(e->code);
    TRY(config_set_text(e, &c, "task", "pretrain"));
    TRY(config_set_text(e, &c, "objective", p->objective->name));
    TRY(config_set_text(e, &c, "base_model", o->model_name));
    TRY(config_set_text(e, &c, "data", o->data));
    TRY(config_set_text(e, &c, "data_sha256", p->rows.fingerprint));
    TRY(config_set_int(e, &c, "tokens", p->rows.n));
    TRY(config_set_int(e, &c, "length", o->length));
    TRY(config_set_int(e, &c, "batch", o->batch));
    TRY(config_set_int(e, &c, "accumulate", o->accumulate));
    TRY(config_set_int(e, &c, "epochs", o->epochs));
    TRY(config_set_float(e, &c, "lr", (float)o->lr));
    TRY(config_set_text(e, &c, "schedule", o->schedule));
    TRY(config_set_int(e, &c, "seed", (int64_t)o->seed));
    if (p->r->held > 0) {
        TRY(config_set_float(e, &c, "loss_before", (float)p->r->before));
        TRY(config_set_float(e, &c, "loss", (float)p->r->after));
    }
    TRY(config_set_int(e, &c, "updates", p->r->updates));
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)p->r->weights_hash);
    TRY(config_set_text(e, &c, "weights_fnv1a", hex));
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)p->r->state_hash);
    TRY(config_set_text(e, &c, "optimizer_fnv1a", hex));
    return config_save(e, p->a, &c);
}

static Status save_history(Err *e, const Pretraining *p)
{
    const char *path = arena_printf(e, p->a, "%s/engraft/history.csv", p->o.output);
    Writer *w;

    if (!path)
        return err_failed(e->code);
    TRY(writer_open(e, p->a, path, &w));
    TRY(writer_printf(e, w, "epoch,step,lr,train_loss,valid_loss,best\n"));
    for (int i = 0; i < p->fit.rows; i++) {
        const FitRow *r = &p->fit.history[i];

        TRY(writer_printf(e, w, "%d,%lld,%.9g,%.9g,%.9g,%d\n", r->epoch, (long long)r->step, r->lr,
                          r->train_loss, r->valid_loss, r->best));
    }
    return writer_commit(e, w);
}

Status pretrain_save(Err *e, Pretraining *p)
{
    Arena *a = arena_child(e, p->a);

    if (!a)
        return err_failed(e->code);
    if (save_model(e, p, a))
        return err_while(e, "saving the model in \"%s\"", p->o.output);
    arena_free(a);
    TRY(save_run(e, p));
    TRY(save_history(e, p));
    event_send(&p->c->events, &(Event){.kind = EVENT_SAVED, .text = p->o.output});
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
