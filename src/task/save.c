/* save.c - the folder a run leaves: the model in the released layout, what engraft needs beside it, and proof
 * that it loads again. */
#include "task/adapter.h"
#include "task/folder.h"
#include "task/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PROOF_SAMPLES 8

Status job_folder(Err *e, Job *j)
{
    return run_folder(e, j->a, j->o.output, j->o.overwrite, j->o.resume);
}

/* ---- the model ---- */

/* A method's own tensors go beside the model as an adapter, then into its weights. */
static Status save_adapter(Err *e, Job *j, Arena *a, const TaskNet *net, Params *p,
                           const char *output)
{
    const char *folder = path_join(e, a, output, "adapter");
    int merged;

    if (!folder)
        return err_failed(e->code);
    TRY(peft_save(e, a, folder, net->method, p, net->model->folder, model_peft_task(net->model)));
    if (!net->method->def->merge) {
        event_say(&j->c->events, EVENT_SAY,
                  "adapter   saved in %s/adapter (%s), and used with the model beside it",
                  j->o.output, net->method->def->hub ? "AdapterHub" : "PEFT");
        return E_OK;
    }
    TRY(method_merge(e, net->method, p, &merged));
    event_say(&j->c->events, EVENT_SAY,
              "adapter   saved in %s/adapter (PEFT); %d layers merged into the model beside it",
              j->o.output, merged);
    return E_OK;
}

/* Samples to compare on: validation's, else training's. */
static int64_t proof_rows(const Job *j, const int64_t **row)
{
    Part p = j->part.n[PART_VALID] > 0 ? PART_VALID : PART_TRAIN;

    *row = j->part.row[p];
    return j->part.n[p] < PROOF_SAMPLES ? j->part.n[p] : PROOF_SAMPLES;
}

static Status proof_raw(Err *e, const Job *j, Arena *a, const int64_t *row, int64_t n, Raw *out)
{
    Cell *first = NEWS(e, a, Cell, n + 1), *second = j->second ? NEWS(e, a, Cell, n + 1) : NULL;
    PictureSample *picture = j->picture ? NEWS(e, a, PictureSample, n + 1) : NULL;

    if (!first || (j->second && !second) || (j->picture && !picture))
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++) {
        first[i] = j->first[row[i]];
        if (second)
            second[i] = j->second[row[i]];
        if (picture)
            picture[i] = j->picture[row[i]];
    }
    *out = (Raw){first, second, picture, n};
    return E_OK;
}

/* The largest difference between what the network said and what the folder in which it is saved says. */
static Status compare(Err *e, Job *j, Arena *a, const char *folder, const float *said, bool merged)
{
    const int64_t *row;
    int64_t n = proof_rows(j, &row);
    ModelOptions o = {.head = HEAD_AUTO};
    Params *params = params_new(e, a);
    float *now = NEWS(e, a, float, n * j->outputs + 1);
    TaskContext quiet = *j->c;
    Reader reader;
    TaskNet net;
    SampleSet set;
    Raw raw;
    Model *m;
    int64_t where;

    if (!params || !now)
        return err_failed(e->code);
    quiet.events = (Events){0};
    TRY(proof_raw(e, j, a, row, n, &raw));
    TRY(model_open(e, a, folder, &o, &m));
    TRY(j->kind->open(e, a, m, j->reader.size, &reader));
    TRY(j->kind->make(e, a, &reader, &raw, &set));
    net = (TaskNet){.model = m, .reader = &reader};
    TRY(adapter_beside(e, a, folder, m, &net.adapter, &net.method));
    TRY(tasknet_eval(e, a, &quiet, &net, params, set.longest, 0));
    if (net.loaded.head_new)
        return fail(e, E_INTERNAL, "the saved folder lacks its head: %s", net.loaded.text);
    TRY(tasknet_each(e, &quiet, &net, &(Ask){&set, NULL, n, "logits", j->outputs, NULL}, now));
    double difference = tensor_difference(said, now, n * j->outputs, &where);
    j->r->saved_difference = difference;
    if (!(difference <= (merged ? 1e-3 : 0))) {
        fail(e, E_INTERNAL, "the saved model does not give what the network gave");
        return err_note(e, "found", "a difference of %g in %lld outputs", difference,
                        (long long)(n * j->outputs));
    }
    return E_OK;
}

static Status save_in(Err *e, Job *j, Arena *a, TaskNet *net, Params *p)
{
    bool adapter = net->method && net->method->def->adds;
    TaskContext quiet = *j->c;
    const int64_t *row;
    const char *staged;
    int64_t n = proof_rows(j, &row);
    float *said = NEWS(e, a, float, n * j->outputs + 1);
    if (!said)
        return err_failed(e->code);
    quiet.events = (Events){0};
    TRY(tasknet_each(e, &quiet, net, &(Ask){&j->set, row, n, "logits", j->outputs, NULL}, said));
    TRY(model_stage(e, a, j->o.output, &staged));
    if (adapter)
        TRY(save_adapter(e, j, a, net, p, staged));
    TRY(model_save(e, a, net->model, p, staged));
    TRY(j->kind->save(e, a, &j->reader, net->model, staged));
    TRY(compare(e, j, a, staged, said, adapter && net->method->def->merge));
    return model_commit(e, a, j->o.output, staged);
}

Status job_save_net(Err *e, Job *j, TaskNet *net, Params *p)
{
    Arena *a = arena_child(e, j->a);

    if (!a)
        return err_failed(e->code);
    if (save_in(e, j, a, net, p))
        return err_while(e, "saving the model in \"%s\"", j->o.output);
    event_send(&j->c->events, &(Event){.kind = EVENT_SAVED, .text = j->o.output});
    arena_free(a);
    return E_OK;
}

/* ---- what engraft keeps beside it ---- */

static Status save_scores(Err *e, Job *j, Config *c)
{
    Config list = config_list(e, j->a);

    if (!list.json)
        return err_failed(e->code);
    for (int i = 0; i < j->r->rows; i++) {
        const ScoreRow *r = &j->r->row[i];
        Config row = config_new(e, j->a, c->path, NULL);

        if (!row.json)
            return err_failed(e->code);
        TRY(config_set_text(e, &row, "name", r->name));
        TRY(config_set_float(e, &row, "train", (float)r->train));
        TRY(config_set_float(e, &row, "validation", (float)r->valid));
        TRY(config_set_float(e, &row, "test", (float)r->held));
        TRY(config_set_float(e, &row, "test_low", (float)r->interval.low));
        TRY(config_set_float(e, &row, "test_high", (float)r->interval.high));
        TRY(config_set_int(e, &row, "test_n", r->held_n));
        TRY(config_set_bool(e, &row, "saved", r->chosen));
        TRY(config_set(e, &list, NULL, &row));
    }
    return config_set(e, c, "scores", &list);
}

static Status save_settings(Err *e, Job *j, Config *c)
{
    const TrainOptions *o = &j->o;
    Config s = config_new(e, j->a, c->path, NULL);

    if (!s.json)
        return err_failed(e->code);
    TRY(config_set_text(e, &s, "method", o->method));
    TRY(config_set_bool(e, &s, "scratch", o->scratch));
    TRY(j->kind->keep(e, j, &s));
    TRY(config_set_int(e, &s, "epochs", o->epochs));
    TRY(config_set_int(e, &s, "batch", o->batch));
    TRY(config_set_int(e, &s, "accumulate", o->accumulate));
    TRY(config_set_float(e, &s, "lr", (float)o->lr));
    TRY(config_set_float(e, &s, "weight_decay", (float)o->weight_decay));
    TRY(config_set_float(e, &s, "clip", (float)o->clip));
    TRY(config_set_float(e, &s, "warmup", (float)o->warmup));
    TRY(config_set_text(e, &s, "optimizer", o->optimizer));
    TRY(config_set_text(e, &s, "schedule", o->schedule));
    TRY(config_set_text(e, &s, "target", o->target));
    TRY(config_set_text(e, &s, "adapt", o->adapt));
    TRY(config_set_float(e, &s, "label_smoothing", (float)o->smoothing));
    TRY(config_set_float(e, &s, "layer_decay", (float)o->layer_decay));
    TRY(config_set_text(e, &s, "class_weights", o->class_weights));
    TRY(config_set_int(e, &s, "patience", o->patience));
    TRY(config_set_int(e, &s, "seed", (int64_t)o->seed));
    TRY(config_set_int(e, &s, "seeds", o->seeds));
    return config_set(e, c, "settings", &s);
}

/* What the last update left, so that two runs can be held against each other bit for bit. */
static Status save_last_update(Err *e, Job *j, Config *c)
{
    Config last = config_new(e, j->a, c->path, NULL);
    char hex[24];

    if (!last.json)
        return err_failed(e->code);
    TRY(config_set_int(e, &last, "updates", j->updates));
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)j->weights_hash);
    TRY(config_set_text(e, &last, "weights_fnv1a", hex));
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)j->state_hash);
    TRY(config_set_text(e, &last, "optimizer_fnv1a", hex));
    return config_set(e, c, "last_update", &last);
}

static Status save_run_json(Err *e, Job *j)
{
    const TrainOptions *o = &j->o;
    Config c = config_new(e, j->a, arena_printf(e, j->a, "%s/engraft/run.json", o->output), NULL);

    if (!c.json || !c.path)
        return err_failed(e->code);
    TRY(config_set_text(e, &c, "task", j->regression ? "regression" : "classify"));
    TRY(config_set_text(e, &c, "base_model", o->model_name));
    TRY(config_set_text(e, &c, "base_licence", j->licence));
    TRY(config_set_text(e, &c, "data", o->data));
    TRY(config_set_text(e, &c, "data_sha256", j->fingerprint));
    TRY(config_set_text(e, &c, "text", j->text_name));
    TRY(config_set_text(e, &c, "second", j->second_name));
    TRY(config_set_text(e, &c, "label", j->label_name));
    if (o->max_length)
        TRY(config_set_int(e, &c, "max_length", o->max_length));
    TRY(config_set_text(e, &c, "metric", j->r->metric));
    for (int p = 0; p < 3; p++) {
        static const char *const key[] = {"train_rows", "validation_rows", "test_rows"};

        TRY(config_set_int(e, &c, key[p], j->part.n[p]));
    }
    TRY(save_settings(e, j, &c));
    if (j->updates)
        TRY(save_last_update(e, j, &c));
    TRY(save_scores(e, j, &c));
    return config_save(e, j->a, &c);
}

static Status save_history(Err *e, Job *j)
{
    const char *path = arena_printf(e, j->a, "%s/engraft/history.csv", j->o.output);
    Writer *w;

    if (!path)
        return err_failed(e->code);
    TRY(writer_open(e, j->a, path, &w));
    TRY(writer_printf(e, w, "epoch,step,lr,train_loss,valid_loss,valid_%s,best\n", j->r->metric));
    for (int i = 0; i < j->history_rows; i++) {
        const FitRow *r = &j->history[i];

        TRY(writer_printf(e, w, "%d,%lld,%.9g,%.9g,%.9g,%.9g,%d\n", r->epoch, (long long)r->step,
                          r->lr, r->train_loss, r->valid_loss, r->valid_score, r->best));
    }
    return writer_commit(e, w);
}

static Status put_field(Err *e, Writer *w, const char *s, size_t n, char after)
{
    TRY(writer_put(e, w, "\"", 1));
    for (size_t i = 0; i < n; i++)
        TRY(writer_put(e, w, s[i] == '"' ? "\"\"" : s + i, s[i] == '"' ? 2 : 1));
    return writer_printf(e, w, "\"%c", after);
}

/* The samples of a held-out part, so that `engraft eval` can repeat what the report says and others can cut the same. */
static Status save_part(Err *e, Job *j, Part part)
{
    const char *path = arena_printf(e, j->a, "%s/engraft/%s.csv", j->o.output,
                                    part == PART_TEST ? "test" : "valid");
    Writer *w;

    if (!path)
        return err_failed(e->code);
    TRY(writer_open(e, j->a, path, &w));
    TRY(put_field(e, w, j->text_name, strlen(j->text_name), ','));
    if (j->second)
        TRY(put_field(e, w, j->second_name, strlen(j->second_name), ','));
    TRY(put_field(e, w, j->label_name, strlen(j->label_name), '\n'));
    for (int64_t i = 0; i < j->part.n[part]; i++) {
        int64_t k = j->part.row[part][i];

        TRY(put_field(e, w, j->first[k].s, j->first[k].n, ','));
        if (j->second)
            TRY(put_field(e, w, j->second[k].s, j->second[k].n, ','));
        if (j->regression)
            TRY(writer_printf(e, w, "%.9g\n", (double)j->target[k]));
        else
            TRY(put_field(e, w, j->labels.name[j->label[k]], strlen(j->labels.name[j->label[k]]),
                          '\n'));
    }
    return writer_commit(e, w);
}

Status job_save_run(Err *e, Job *j)
{
    TRY(save_run_json(e, j));
    TRY(save_part(e, j, PART_VALID));
    TRY(save_part(e, j, PART_TEST));
    return save_history(e, j);
}

/* SPDX-License-Identifier: MIT */
