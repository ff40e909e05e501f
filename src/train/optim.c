/* optim.c - optimisers by name, and the update segment of a graph: every gradient's squares, one clipping
 * factor, one optimiser op per trained parameter. */
#include "train/optim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const OptimDef *const optim_rows[] = {
#define OPTIM(name) &optim_##name,
#include "train/optim.def"
#undef OPTIM
};

double power(double x, int64_t n)
{
    double y = 1;

    for (; n > 0; n >>= 1, x *= x)
        if (n & 1)
            y *= x;
    return y;
}

/* ---- options as text ---- */

static double *optim_number(Optim *o, const char *key, size_t n)
{
    static const struct {
        const char *key;
        size_t at;
    } keys[] = {
        {"lr", offsetof(Optim, lr)},
        {"wd", offsetof(Optim, weight_decay)},
        {"weight_decay", offsetof(Optim, weight_decay)},
        {"clip", offsetof(Optim, clip)},
        {"beta1", offsetof(Optim, beta1)},
        {"beta2", offsetof(Optim, beta2)},
        {"eps", offsetof(Optim, eps)},
        {"momentum", offsetof(Optim, momentum)},
        {"dampening", offsetof(Optim, dampening)},
        {"warmup", offsetof(Optim, warmup)},
    };

    for (size_t i = 0; i < LEN(keys); i++)
        if (strlen(keys[i].key) == n && memcmp(keys[i].key, key, n) == 0)
            return (double *)((char *)o + keys[i].at);
    return NULL;
}

static Status parse_option(Err *e, const char *text, size_t n, Optim *o)
{
    const char *eq = memchr(text, '=', n);
    size_t key = eq ? (size_t)(eq - text) : n, len = eq ? n - key - 1 : 0;
    double *to = optim_number(o, text, key);
    char *end = NULL;

    if (eq && key == 8 && memcmp(text, "schedule", 8) == 0) {
        if (!schedule_parse(eq + 1, len, &o->schedule)) {
            fail(e, E_USAGE, "\"%.*s\" is no schedule", (int)len, eq + 1);
            return err_note(e, "expected", "linear, cosine or constant");
        }
        return E_OK;
    }
    double value = eq && len ? strtod(eq + 1, &end) : 0;
    bool good = eq && len && end == eq + 1 + len && isfinite(value) && value >= 0;
    if (eq && key == 8 && memcmp(text, "nesterov", 8) == 0 && good) {
        o->nesterov = value > 0;
        return E_OK;
    }
    if (!to) {
        fail(e, E_USAGE, "an optimiser has no option \"%.*s\"", (int)key, text);
        return err_note(e, "expected",
                        "lr, wd, clip, schedule, warmup, beta1, beta2, eps, "
                        "momentum, dampening or nesterov");
    }
    if (!good)
        return fail(e, E_USAGE, "\"%.*s\" wants a number of 0 or more", (int)n, text);
    *to = value;
    return E_OK;
}

Status optim_parse(Err *e, const char *text, Optim *out)
{
    size_t name = strcspn(text, ":");
    const OptimDef *def = NULL;

    for (size_t i = 0; i < LEN(optim_rows); i++)
        if (strlen(optim_rows[i]->name) == name && memcmp(optim_rows[i]->name, text, name) == 0)
            def = optim_rows[i];
    if (!def) {
        fail(e, E_USAGE, "there is no optimiser \"%.*s\"", (int)name, text);
        return err_note(e, "expected", "adamw or sgd, as in adamw:lr=1e-3,wd=0.01");
    }
    *out = def->defaults;
    out->def = def;
    out->schedule = SCHEDULE_CONSTANT;
    for (const char *at = text + name; *at;) {
        size_t n = strcspn(++at, ",");

        TRY(parse_option(e, at, n, out));
        at += n;
    }
    if (out->beta1 >= 1 || out->beta2 >= 1)
        return fail(e, E_USAGE, "beta1 and beta2 must be below 1");
    return E_OK;
}

const char *optim_name(const Optim *o)
{
    return o->def->name;
}

Schedule optim_schedule(const Optim *o, int64_t total)
{
    return (Schedule){.kind = o->schedule,
                      .lr = o->lr,
                      .warmup = o->warmup < 1 ? o->warmup * (double)total : o->warmup,
                      .total = total};
}

/* ---- the graph ---- */

Node optim_state(Graph *g, const char *kind, Node param)
{
    const NodeInfo *p = graph_node(g, param.id);
    Err e;
    char *name = arena_printf(&e, graph_arena(g), "%s.%s", kind, p->name);

    if (!name) {
        graph_fail(g, "no memory for the name of an optimiser's state");
        return NO_NODE;
    }
    return graph_state(g, name, p->desc[0].shape, INIT_ZERO);
}

/* The gradient that the update reads: this step's, or the sum over the steps since optim_clear. */
static Node update_gradient(Graph *g, const OptimBuild *b, Node param)
{
    Node grad = graph_gradient(g, param), sum;

    if (!node_valid(grad))
        return NO_NODE;
    grad = nn_on_grad(b->hooks, graph_node(g, param.id)->name, param, grad);
    if (!b->accumulate)
        return grad;
    Node kept = optim_state(g, "grad", param);
    sum = op_add(kept, grad);
    graph_store(g, kept, sum);
    return sum;
}

static bool is_apart(const OptimBuild *b, const char *param)
{
    return b->apart && b->apart(param);
}

/* Of the parameters that are clipped together. */
static Node add_squares(Graph *g, const OptimBuild *b, const Node *grad, bool apart)
{
    Node total = NO_NODE;

    for (int i = 0; i < graph_param_count(g); i++) {
        if (!node_valid(grad[i]) ||
            is_apart(b, graph_node(g, graph_param_at(g, i).id)->name) != apart)
            continue;
        Node part = op_sqsum(grad[i]);
        total = node_valid(total) ? op_add(total, part) : part;
    }
    return total;
}

typedef struct Clipped { /* the factor of each group */
    Node coef, apart;
} Clipped;

static Clipped clip_groups(Graph *g, Node together, Node apart)
{
    Clipped c = {NO_NODE, NO_NODE};

    graph_output(g, "grad.sqsum", node_valid(apart) ? op_add(together, apart) : together);
    graph_segment(g, SEG_UPDATE);
    Node most = graph_input(g, "optim.clip", DT_F32, SHAPE0, SPACE_NONE);
    Node clip = op_clip(together, most);
    graph_output(g, "grad.norm", node_out(clip, 1));
    c.coef = node_out(clip, 0);
    if (node_valid(apart))
        c.apart = node_out(op_clip(apart, most), 0);
    return c;
}

Status optim_build(Err *e, Graph *g, const Optim *o, const OptimBuild *b)
{
    Arena *scratch = arena_child(e, graph_arena(g));
    Node *grad = scratch ? NEWS(e, scratch, Node, graph_param_count(g) + 1) : NULL;

    if (!grad)
        return err_failed(e->code);
    graph_path(g, o->def->name);
    graph_segment(g, SEG_STEP);
    for (int i = 0; i < graph_param_count(g); i++) {
        Node p = graph_param_at(g, i);

        grad[i] = graph_node(g, p.id)->trainable ? update_gradient(g, b, p) : NO_NODE;
    }
    Node total = add_squares(g, b, grad, false), apart = add_squares(g, b, grad, true);
    TRY(graph_finish(e, g));
    if (!node_valid(total)) {
        fail(e, E_USAGE, "nothing is left to train");
        return err_note(e, "hint", "every parameter is frozen, or no loss reaches a trained one");
    }
    Clipped clip = clip_groups(g, total, apart);
    Node hyper = graph_input(g, "optim.hyper", DT_F32, SHAPE(4), SPACE_NONE);
    for (int i = 0; i < graph_param_count(g); i++) {
        Node p = graph_param_at(g, i);
        const char *name = graph_node(g, p.id)->name;

        if (node_valid(grad[i]))
            o->def->build(g, o, p, grad[i], is_apart(b, name) ? clip.apart : clip.coef, hyper,
                          b->rate ? b->rate(b->rate_arg, name) : 1.0F);
    }
    graph_segment(g, SEG_STEP);
    arena_free(scratch);
    return graph_finish(e, g);
}

/* ---- the run ---- */

Status optim_set(Err *e, Run *r, const Optim *o, int64_t step, double lr)
{
    float *hyper = run_input(r, "optim.hyper");

    if (!hyper)
        return fail(e, E_INTERNAL, "the plan has no update segment");
    o->def->hyper(o, step, lr, hyper);
    return run_scalar(e, r, "optim.clip", (float)o->clip);
}

void optim_clear(Run *r)
{
    for (int i = 0; i < run_state_count(r); i++) {
        const char *name = run_state_name(r, i);
        int64_t n;
        float *data;

        if (strncmp(name, "grad.", 5) != 0)
            continue;
        data = run_state(r, name, &n);
        memset(data, 0, (size_t)n * sizeof *data);
    }
}

/* SPDX-License-Identifier: MIT */
