/* fold_batchnorm.c - batch normalisation, the residual added to it and the activation become one pass over memory
 * (batchnorm_act).  Backward, the slope of the activation is found again: from what the normalisation reads
 * (batchnorm_train_grad with a bias), or from the activation's output where that tells it (batchnorm_grad with it, or
 * activate_grad); what lay between is not kept.  Each is the same arithmetic in the same order: the bits are those of the plain composition. */
#include "passes/inside.h"

typedef struct Fold {
    Graph *g;
    Reads reads;
    bool *done; /* [nodes] is part of a fold already */
} Fold;

typedef struct Chain {           /* what becomes one node, at `end` */
    Node bn, sum, residual, end; /* sum: of bn and residual; no sum: end reads bn */
    bool activate;
    Act kind;
} Chain;

static const NodeInfo *op_of(const Fold *f, Node n, const OpDef *op)
{
    return live_op(&f->reads, f->g, n, op);
}

static bool is_batchnorm(const Fold *f, Node n)
{
    return node_valid(n) && n.out == 0 &&
           (op_of(f, n, &opdef_batchnorm) || op_of(f, n, &opdef_batchnorm_train));
}

/* sum = batchnorm + residual, or the other way round */
static bool take_sum(const Fold *f, Node sum, Chain *c)
{
    const NodeInfo *n = op_of(f, sum, &opdef_add);

    if (!n || f->done[sum.id] ||
        !shape_equal(&node_desc(n->in[0])->shape, &node_desc(n->in[1])->shape))
        return false;
    for (int i = 0; i < 2; i++)
        if (is_batchnorm(f, n->in[i]) && reads_of(&f->reads, n->in[i]) == 1) {
            c->bn = n->in[i];
            c->residual = n->in[1 - i];
            return true;
        }
    return false;
}

/* ---- backward ---- */

/* The one gradient of this batchnorm, and of it alone, that reads `slope` as its dy; -1 when there is none. */
static int gradient_of(const Fold *f, const Chain *c, Node slope)
{
    const NodeInfo *bn = graph_node(f->g, c->bn.id);
    bool train = bn->op == &opdef_batchnorm_train;
    const OpDef *op = train ? &opdef_batchnorm_train_grad : &opdef_batchnorm_grad;

    if (node_valid(c->sum) || reads_of(&f->reads, slope) != 1)
        return -1;
    for (int id = slope.id + 1; id < graph_count(f->g); id++) {
        const NodeInfo *n = op_of(f, (Node){f->g, id, 0}, op);

        if (!n || !node_same(n->in[0], slope))
            continue;
        if (train)
            return id;
        return output_tells_slope(c->kind) && !node_valid(n->in[3]) ? id : -1;
    }
    return -1;
}

/* Whether reader `id` of the value before the activation can do without it. */
static bool can_do_without(const Fold *f, const Chain *c, Node before, int id)
{
    Node self = {f->g, id, 0};
    const NodeInfo *n = op_of(f, self, &opdef_activate_grad);

    if (!n || !c->activate || !node_same(n->in[0], before) ||
        ((const ActivateAttr *)n->attr)->kind != c->kind)
        return false;
    return output_tells_slope(c->kind) || gradient_of(f, c, self) >= 0;
}

static bool reads(const NodeInfo *n, Node value)
{
    for (int i = 0; i < n->ins; i++)
        if (node_same(n->in[i], value))
            return true;
    return false;
}

/* All that reads the value before the end is the end itself, and slopes that can be found otherwise. */
static bool value_can_go(const Fold *f, const Chain *c, Node before)
{
    int left = reads_of(&f->reads, before) - 1;

    for (int id = before.id + 1; id < graph_count(f->g) && left > 0; id++)
        if (id != c->end.id && f->reads.live[id] && reads(graph_node(f->g, id), before)) {
            if (!can_do_without(f, c, before, id))
                return false;
            left--;
        }
    return left == 0;
}

/* Gradient `at` of the batchnorm takes the place of `slope`. */
static Status take_slope(Err *e, Fold *f, const Chain *c, int at, const NodeInfo *slope)
{
    NodeInfo *grad = graph_node_edit(f->g, at);

    grad->in[0] = slope->in[1];
    grad->ins = 6;
    if (grad->op == &opdef_batchnorm_train_grad) {
        grad->in[5] = graph_node(f->g, c->bn.id)->in[2];
        grad->attr = slope->attr; /* the kind */
        return E_OK;
    }
    BatchnormGradAttr *a = NEW(e, graph_arena(f->g), BatchnormGradAttr);
    if (!a)
        return err_failed(e->code);
    *a = (BatchnormGradAttr){((const BatchnormGradAttr *)grad->attr)->eps, c->kind};
    grad->in[5] = c->end;
    grad->attr = a;
    return E_OK;
}

/* The slope comes from what the normalisation reads; else from the activation's output. */
static Status redirect(Err *e, Fold *f, const Chain *c, Node before)
{
    for (int id = before.id + 1; id < graph_count(f->g); id++) {
        Node self = {f->g, id, 0};

        if (id == c->end.id || !op_of(f, self, &opdef_activate_grad) ||
            !reads(graph_node(f->g, id), before))
            continue;
        int at = gradient_of(f, c, self);
        if (at < 0)
            graph_node_edit(f->g, id)->in[0] = c->end;
        else
            TRY(take_slope(e, f, c, at, graph_node(f->g, id)));
    }
    return E_OK;
}

/* ---- forward ---- */

static Status fold(Err *e, Fold *f, const Chain *c)
{
    BatchnormActAttr *a = NEW(e, graph_arena(f->g), BatchnormActAttr);
    const NodeInfo *bn = graph_node(f->g, c->bn.id);
    bool train = bn->op == &opdef_batchnorm_train;
    NodeInfo *end = graph_node_edit(f->g, c->end.id);

    if (!a)
        return err_failed(e->code);
    *a = (BatchnormActAttr){((const NormAttr *)bn->attr)->eps, train, c->activate, c->kind};
    TRY(redirect(e, f, c, node_valid(c->sum) ? c->sum : c->bn));
    for (int i = 0; i < 3; i++)
        end->in[i] = bn->in[i];
    end->in[3] = train ? node_out(c->bn, 1) : bn->in[3];
    end->in[4] = train ? node_out(c->bn, 2) : bn->in[4];
    end->in[5] = c->residual;
    end->ins = node_valid(c->residual) ? 6 : 5;
    end->op = &opdef_batchnorm_act;
    end->attr = a;
    f->done[c->bn.id] = f->done[c->end.id] = true;
    if (node_valid(c->sum))
        f->done[c->sum.id] = true;
    return E_OK;
}

/* An activation of a batchnorm, or of its sum with a residual. */
static Status fold_activation(Err *e, Fold *f, Node end)
{
    const NodeInfo *n = op_of(f, end, &opdef_activate);
    Chain c = {.sum = NO_NODE, .residual = NO_NODE, .end = end, .activate = true};

    if (!n)
        return E_OK;
    c.kind = ((const ActivateAttr *)n->attr)->kind;
    c.bn = n->in[0];
    if (!is_batchnorm(f, c.bn)) {
        c.sum = n->in[0];
        if (!take_sum(f, c.sum, &c))
            return E_OK;
    }
    return value_can_go(f, &c, n->in[0]) ? fold(e, f, &c) : E_OK;
}

/* A sum with a residual that no activation follows. */
static Status fold_sum(Err *e, Fold *f, Node end)
{
    Chain c = {.sum = NO_NODE, .residual = NO_NODE, .end = end};

    return take_sum(f, end, &c) ? fold(e, f, &c) : E_OK;
}

Status pass_fold_batchnorm(Err *e, Graph *g, Arena *scratch)
{
    Fold f = {.g = g, .done = NEWS(e, scratch, bool, graph_count(g) + 1)};

    if (!f.done)
        return err_failed(e->code);
    TRY(value_reads(e, g, scratch, &f.reads));
    for (int id = 0; id < graph_count(g); id++)
        TRY(fold_activation(e, &f, (Node){g, id, 0}));
    for (int id = 0; id < graph_count(g); id++)
        TRY(fold_sum(e, &f, (Node){g, id, 0}));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
