/* network.c - one network of a study: its first layers taken from another, the rest drawn anew, then trained and judged.
 * What frozen layers make of a picture is computed once. */
#include "study/inside.h"

#include <math.h>
#include <string.h>

#define KEPT_MAX ((size_t)1 << 30)

typedef struct Network {
    Arena *a;
    Study *s;
    const Learn *how;
    Model *model;
    Method *method;
    Params *params;
    Optim optim;
    TaskNet train, eval, begin;
    Feed feed;
    Events events; /* of the fit: its steps are part of all steps */
    int64_t stepped;
} Network;

Status study_model(Err *e, Arena *a, const Study *s, const Half *half, Model **out)
{
    ModelOptions o = {.head = HEAD_PICTURE, .variant = s->o.variant, .scratch = true};
    Model *m;

    if (half) {
        o.labels = half->classes;
        o.label = half->name;
    }
    TRY(model_open(e, a, s->o.model, &o, &m));
    if (m->def->input != INPUT_PICTURES)
        return fail(e, E_USAGE, "the pictures need a network of pictures, \"%s\" reads texts",
                    s->o.model);
    if (s->o.size && s->o.size != m->pre.size) {
        m->pre.size = (int)s->o.size;
        m->pre.resize = picture_resize_for(m->pre.size, m->pre.crop_pct);
    }
    *out = m;
    return E_OK;
}

uint64_t study_hash(const Graph *g, Params *p)
{
    uint64_t sum = 0;

    for (int i = 0; i < graph_param_count(g); i++) {
        const Param *x = params_find(p, graph_node(g, graph_param_at(g, i).id)->name);

        sum = hash_fnv1a(x->data, (size_t)shape_size(&x->shape) * sizeof *x->data, sum);
    }
    return sum;
}

/* ---- plans ---- */

static Status open_method(Err *e, Network *n)
{
    MethodTarget target = target_of_model(n->model);
    bool frozen = n->how->n > 0 && !n->how->tuned;
    const char *text = frozen ? arena_printf(e, n->a, "freeze:%d", n->how->n - 1) : "full";

    target.statistics = STATISTICS_ADAPT;
    return text ? method_parse(e, n->a, text, &target, &n->method) : err_failed(e->code);
}

static Status plan(Err *e, Network *n, NetPart part)
{
    const Study *s = n->s;
    int64_t batch = s->o.batch < n->how->half->trains ? s->o.batch : n->how->half->trains;
    NetOptions o = {.mode = MODE_TRAIN,
                    .part = part,
                    .samples = batch,
                    .units = batch,
                    .labels = true,
                    .optim = &n->optim};

    n->train = (TaskNet){.model = n->model, .method = n->method, .reader = &s->reader};
    TRY(tasknet_plan(e, n->a, s->c, &o, &n->train));
    o = tasknet_eval_options(&s->reader, 1);
    o.part = part;
    o.training = &n->train;
    n->eval = (TaskNet){.model = n->model, .method = n->method, .reader = &s->reader};
    return tasknet_plan(e, n->a, s->c, &o, &n->eval);
}

/* Training and evaluation begin alike, where they begin frozen at all, and what is kept has room. */
static Status make_plans(Err *e, Network *n)
{
    TRY(plan(e, n, NET_REST));
    if (!n->train.begin.op && !n->eval.begin.op)
        return E_OK;
    if (prefix_same(&n->train.begin, &n->eval.begin) &&
        (size_t)n->s->n * (size_t)n->eval.begin.size * sizeof(float) <= KEPT_MAX)
        return E_OK;
    return plan(e, n, NET_WHOLE);
}

static Status make_prefix(Err *e, Network *n)
{
    const Study *s = n->s;
    NetOptions o = tasknet_eval_options(&s->reader, 1);
    Feed plain;

    if (!n->eval.begin.op)
        return E_OK;
    o.part = NET_BEGINNING;
    o.training = &n->train;
    n->begin = (TaskNet){.model = n->model, .method = n->method, .reader = &s->reader};
    TRY(tasknet_plan(e, n->a, s->c, &o, &n->begin));
    TRY(tasknet_start(e, n->a, s->c, &n->begin, n->params, n->how->seed));
    TRY(feed_new(e, n->a, &s->set, o.samples, &plain));
    TRY(prefix_new(e, n->a, &n->begin, &plain, &n->eval.prefix));
    n->feed.prefix = n->train.prefix = n->eval.prefix;
    return E_OK;
}

static Status open_network(Err *e, Network *n)
{
    Study *s = n->s;
    const Learn *how = n->how;
    int given;

    TRY(optim_parse(e, "adamw:clip=1.0,schedule=linear,warmup=0.1", &n->optim));
    n->optim.lr = s->o.lr;
    n->optim.weight_decay = s->o.weight_decay;
    TRY(study_model(e, n->a, s, how->half, &n->model));
    TRY(open_method(e, n));
    TRY(make_plans(e, n));
    if (!(n->params = params_new(e, n->a)))
        return err_failed(e->code);
    if (how->n > 0)
        TRY(model_transplant(e, n->model, n->train.graph, how->from, how->n, n->params, &given));
    TRY(params_init_missing(e, n->params, n->train.graph, how->seed, &given));
    TRY(tasknet_start(e, n->a, s->c, &n->train, n->params, how->seed));
    TRY(tasknet_start(e, n->a, s->c, &n->eval, n->params, how->seed));
    TRY(feed_new(e, n->a, &s->set, s->o.batch, &n->feed));
    n->feed.row = how->half->train;
    n->feed.label = how->half->label;
    n->feed.classes = how->half->classes;
    return make_prefix(e, n);
}

/* ---- training ---- */

static void on_event(void *arg, const Event *event)
{
    Network *n = arg;

    if (event->kind == EVENT_WARN)
        event_say(&n->s->c->events, EVENT_WARN, "%s", event->text);
    if (event->kind != EVENT_STEP)
        return;
    n->stepped = event->step;
    event_send(&n->s->c->events, &(Event){.kind = EVENT_STEP,
                                          .text = "training",
                                          .step = n->s->updates_done + n->stepped,
                                          .steps = n->s->updates});
}

static Status train(Err *e, Network *n)
{
    const Study *s = n->s;
    Samples samples = {.n = n->how->half->trains, .set = &n->feed, .fill = feed_fill};
    Fit *f = NEW(e, n->a, Fit);

    if (!f)
        return err_failed(e->code);
    n->events = (Events){.fn = on_event, .arg = n, .stop = s->c->events.stop};
    *f = (Fit){
        .run = n->train.run,
        .params = n->params,
        .graph = n->train.graph,
        .optim = n->optim,
        .train = &samples,
        .loss = n->train.out.loss[0].name,
        .metric = "accuracy",
        .events = n->events,
        .opt = {.epochs = s->o.epochs, .batch = s->o.batch, .accumulate = 1, .seed = n->how->seed}};
    return fit(e, n->a, f);
}

/* ---- judging ---- */

static Status judge(Err *e, Network *n, Trial *trial)
{
    const Study *s = n->s;
    const Half *h = n->how->half;
    float *z = NEWS(e, n->a, float, h->tests * h->classes + 1);
    double loss = 0;

    if (!z)
        return err_failed(e->code);
    TRY(tasknet_each(e, s->c, &n->eval,
                     &(Ask){&s->set, h->test, h->tests, "logits", h->classes, NULL}, z));
    softmax_rows(z, h->tests, h->classes);
    trial->right = 0;
    trial->pictures = h->tests;
    for (int64_t i = 0; i < h->tests; i++) {
        const float *p = z + i * h->classes;
        int truth = h->label[h->test[i]], best = 0;

        for (int k = 1; k < h->classes; k++)
            best = p[k] > p[best] ? k : best;
        trial->right += best == truth;
        loss -= log(fmax((double)p[truth], 1e-12));
    }
    trial->loss = loss / (double)h->tests;
    return E_OK;
}

Status study_learn(Err *e, Arena *a, Study *s, const Learn *how, Trial *trial, Params **params)
{
    Network *n = NEW(e, a, Network); /* its nets know each other by address */

    if (!n)
        return err_failed(e->code);
    *n = (Network){.a = a, .s = s, .how = how};
    TRY(open_network(e, n));
    TRY(train(e, n));
    TRY(judge(e, n, trial));
    trial->probe = -1;
    if (n->eval.prefix)
        TRY(study_probe(e, a, s, how->half, &n->eval, &trial->probe));
    trial->weights = study_hash(n->train.graph, n->params);
    trial->done = true;
    s->updates_done += n->stepped;
    *params = n->params;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
