/* job_settings.c - every setting that was not given gets its default, and is told. */
#include "task/adapter.h"
#include "task/inside.h"

#include <string.h>

/* Of running statistics, at least.  Networks born in TensorFlow have 0.01, made for thousands of updates an epoch: with
 * the few dozens of a small set the statistics that evaluation uses would lag behind the weights for many epochs. */
#define MOMENTUM_MIN 0.1F

double or_default(double given, double usual)
{
    return given < 0 ? 0 : given > 0 ? given : usual;
}

bool method_is(const TrainOptions *o, const char *name)
{
    size_t n = strlen(name);

    return strncmp(o->method, name, n) == 0 && (!o->method[n] || strchr(":,", o->method[n]));
}

double method_usual_rate(const TrainOptions *o, double full)
{
    const AdaptDef *def = adapt_named(o->method);

    return def && def->rate > 0 ? def->rate : full;
}

const char *method_name(const Job *j)
{
    return j->o.scratch ? "from scratch" : j->o.method;
}

/* The last part of a path, whatever slashes it ends in. */
static const char *folder_name(Err *e, Arena *a, const char *path)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    char *plain = arena_strndup(e, a, path, n);
    return plain ? path_base(plain) : NULL;
}

static Status check_words(Err *e, const TrainOptions *o)
{
    ScheduleKind kind;
    Optim optim;

    TRY(optim_parse(e, o->optimizer, &optim));
    if (!schedule_parse(o->schedule, strlen(o->schedule), &kind)) {
        fail(e, E_USAGE, "\"%s\" is no schedule", o->schedule);
        return err_note(e, "expected", "linear, cosine or constant");
    }
    if (strcmp(o->class_weights, "none") != 0 && strcmp(o->class_weights, "auto") != 0) {
        fail(e, E_USAGE, "\"%s\" is no choice of class weights", o->class_weights);
        return err_note(e, "expected", "none or auto");
    }
    return E_OK;
}

static Status check_numbers(Err *e, const TrainOptions *o)
{
    if (o->epochs < 1 || o->epochs > 10000)
        return fail(e, E_USAGE, "%d epochs cannot be; from 1 to 10000", o->epochs);
    if (o->batch < 1 || o->batch > 65536 || o->accumulate < 1 || o->accumulate > 65536)
        return fail(e, E_USAGE, "batch and accumulation lie from 1 to 65536");
    if (o->seeds < 1 || o->seeds > 100)
        return fail(e, E_USAGE, "%d seeds cannot be; from 1 to 100", o->seeds);
    if (!(o->lr > 0 && o->lr < 10))
        return fail(e, E_USAGE, "a rate of %g cannot be; above 0 and below 10", o->lr);
    if (!(o->valid_share + o->test_share < 0.9))
        return fail(e, E_USAGE,
                    "validation and test take %g of the rows; too few are left to learn",
                    o->valid_share + o->test_share);
    if (!(o->smoothing >= 0 && o->smoothing < 1) || !(o->dropout < 1))
        return fail(e, E_USAGE, "smoothing and dropout lie from 0 to below 1");
    if (!(o->layer_decay > 0 && o->layer_decay <= 1))
        return fail(e, E_USAGE, "a layer decay of %g cannot be; above 0, at most 1",
                    o->layer_decay);
    return E_OK;
}

static void say_settings(const Job *j)
{
    const TrainOptions *o = &j->o;
    const Events *ev = &j->c->events;

    if (o->no_tuning)
        return;
    event_say(ev, EVENT_SAY, "method    %s%s%s, %s", o->scratch ? "from scratch, " : "", o->method,
              o->layer_decay < 1 ? ", layer decay" : "", j->how);
    event_say(ev, EVENT_SAY,
              "settings  %d epoch%s, batch %lld%s, %s, rate %g %s, warm-up %g, decay %g, clip %g, "
              "stop after %d worse epochs",
              o->epochs, o->epochs == 1 ? "" : "s", (long long)o->batch,
              o->accumulate > 1 ? " (accumulated)" : "",
              strcmp(o->optimizer, "adamw") == 0 ? "AdamW" : o->optimizer, o->lr, o->schedule,
              o->warmup, o->weight_decay, o->clip, o->patience);
}

/* A small set's batches normalise otherwise than the released statistics, by which the first answer's head was fitted. */
Statistics job_statistics(const Job *j)
{
    return j->o.scratch ? STATISTICS_ADAPT : STATISTICS_FROZEN;
}

Status job_model(Err *e, const Job *j, Arena *a, const ModelOptions *o, Model **out)
{
    ModelOptions with = *o;
    Method *method;
    Model *m;

    with.variant = j->o.variant;
    with.numbers = j->kind->input == INPUT_NUMBERS ? j->reader.size : 0;
    TRY(model_open(e, a, j->o.model, &with, &m));
    if (m->def->input == INPUT_PICTURES && j->o.size && j->o.size != m->pre.size) {
        m->pre.size = (int)j->o.size;
        m->pre.resize = picture_resize_for(m->pre.size, m->pre.crop_pct);
    }
    if (j->o.method) {
        MethodTarget target = target_of_model(m);

        TRY(method_parse(e, a, j->o.method, &target, &method));
        TRY(adapter_room(e, method, m));
    }
    m->momentum = m->momentum < MOMENTUM_MIN ? MOMENTUM_MIN : m->momentum;
    *out = m;
    return E_OK;
}

Status refuse_option(Err *e, const Job *j, bool given, const char *flag)
{
    if (!given)
        return E_OK;
    fail(e, E_USAGE, "%s has no meaning here: the data are %s", flag, j->kind->many);
    return err_note(e, "data", "%s", j->o.data);
}

static Status check_input(Err *e, const Job *j, const Model *m)
{
    if (j->kind->input == m->def->input)
        return E_OK;
    fail(e, E_USAGE, "the data are %s, the model reads %s", j->kind->many,
         sample_kind(m->def->input)->many);
    err_note(e, "data", "%s", j->o.data);
    err_note(e, "model", "%s", j->o.model_name ? j->o.model_name : j->o.model);
    return err_note(e, "hint", "engraft pull lists models of each");
}

/* What a folder's adapter does would be left out silently. */
static Status check_base(Err *e, const Job *j, Model *m)
{
    const char *adapter;
    Method *method;

    TRY(adapter_beside(e, j->a, j->o.model, m, &adapter, &method));
    if (!adapter)
        return E_OK;
    fail(e, E_USAGE, "the model's %s stands beside its weights, where tuning cannot begin",
         method->def->name);
    err_note(e, "adapter", "%s", adapter);
    return err_note(e, "hint", "begin with the model that it was made for");
}

Status job_settings(Err *e, Job *j)
{
    ModelOptions shape = {.head = HEAD_NONE, .scratch = true};
    TrainOptions *o = &j->o;
    Model *m;

    TRY(job_model(e, j, j->a, &shape, &m));
    TRY(check_input(e, j, m));
    TRY(check_base(e, j, m));
    j->licence = m->variant ? m->variant->licence : NULL;
    o->method = o->method ? o->method : "full";
    o->optimizer = o->optimizer ? o->optimizer : "adamw";
    o->schedule = o->schedule ? o->schedule : "linear";
    o->class_weights = o->class_weights ? o->class_weights : "none";
    TRY(j->kind->settings(e, j, m));
    o->batch = o->batch ? o->batch : 16;
    o->accumulate = o->accumulate ? o->accumulate : 1;
    o->seeds = o->seeds ? o->seeds : 1;
    o->weight_decay = or_default(o->weight_decay, 0.01);
    o->clip = or_default(o->clip, 1.0);
    o->warmup = or_default(o->warmup, 0.1);
    o->layer_decay = or_default(o->layer_decay, 1);
    o->valid_share = or_default(o->valid_share, 0.15);
    o->test_share = or_default(o->test_share, 0.15);
    o->patience = o->patience < 0 ? 0 : o->patience > 0 ? o->patience : 3;
    if (!o->model_name || path_kind(arena_sys(j->a), o->model_name) == PATH_DIR)
        o->model_name = folder_name(e, j->a, o->model);
    if (!o->model_name)
        return err_failed(e->code);
    if (o->layer_decay < 1 && !strstr(o->method, "layer_decay"))
        o->method = arena_printf(e, j->a, "%s%slayer_decay=%g", o->method,
                                 strchr(o->method, ':') ? "," : ":", o->layer_decay);
    if (o->method && o->batch_norm && !strstr(o->method, "batch_norm"))
        o->method = arena_printf(e, j->a, "%s%sbatch_norm=%s", o->method,
                                 strchr(o->method, ':') ? "," : ":", o->batch_norm);
    if (!o->method)
        return err_failed(e->code);
    TRY(job_domain_settings(e, j));
    TRY(check_words(e, o));
    TRY(check_numbers(e, o));
    if (!(j->how = j->kind->how(e, j)))
        return err_failed(e->code);
    say_settings(j);
    return E_OK;
}

/* All that decides the bits of the result; how often it is saved does not. */
Status job_config_hash(Err *e, Job *j)
{
    const TrainOptions *o = &j->o;
    char hex[65];
    Sha256 sha;
    const char *text = arena_printf(
        e, j->a,
        "%s|%d|%s|%lld|%lld|%a|%a|%a|%a|%s|%a|%a|%s|%d|%lld|%a|%a|%llu|%d|%s|%s|%s|%s|%d|%s|%s|%"
        "lld",
        o->method, o->scratch, j->how, (long long)o->batch, (long long)o->accumulate, o->lr,
        o->weight_decay, o->clip, o->warmup, o->schedule, o->smoothing, o->dropout,
        o->class_weights, o->patience, (long long)o->max_length, o->valid_share, o->test_share,
        (unsigned long long)o->seed, o->epochs, j->text_name, j->second_name ? j->second_name : "",
        j->label_name, o->model_name, j->regression, o->adapt ? o->adapt : "", o->optimizer,
        (long long)o->labels);

    if (!text)
        return err_failed(e->code);
    sha256_start(&sha);
    sha256_add(&sha, text, strlen(text));
    sha256_end(&sha, hex);
    j->config_hash = arena_strndup(e, j->a, hex, 64);
    return j->config_hash ? E_OK : e->code;
}

/* SPDX-License-Identifier: MIT */
