/* fold_conv.c - what only a convolution's result goes through on its way to memory is done before it gets there:
 * batch normalisation by given statistics, a residual, an activation (conv2d_act).  Nothing but the end is stored;
 * backward, an activation's slope is found from its output.  Same arithmetic, same order, same bits. */
#include "passes/inside.h"

typedef struct Fold {
    Graph *g;
    Reads reads;
} Fold;

static const NodeInfo *op_of(const Fold *f, Node n, const OpDef *op)
{
    return live_op(&f->reads, f->g, n, op);
}

/* Whether all that reads `before`, besides the activation at its end, are slopes which that tells; they then move. */
static bool slopes_move(const Fold *f, Node before, Node end, bool move)
{
    const NodeInfo *act = op_of(f, end, &opdef_activate);
    Act kind = act ? ((const ActivateAttr *)act->attr)->kind : 0;
    int left = reads_of(&f->reads, before) - 1;

    for (int id = before.id + 1; id < graph_count(f->g) && left > 0; id++) {
        const NodeInfo *n = op_of(f, (Node){f->g, id, 0}, &opdef_activate_grad);

        if (!act || !output_tells_slope(kind) || !n || !node_same(n->in[0], before) ||
            ((const ActivateAttr *)n->attr)->kind != kind)
            continue;
        if (move)
            graph_node_edit(f->g, id)->in[0] = end;
        left--;
    }
    return left == 0;
}

/* An end's part in the chain behind the convolution `conv`; false: it has none. */
static bool take(const NodeInfo *end, Node conv, Node in[5], Conv2dActAttr *a)
{
    if (end->op == &opdef_activate) {
        a->activate = true;
        a->kind = ((const ActivateAttr *)end->attr)->kind;
    } else if (end->op == &opdef_batchnorm) {
        a->eps = ((const NormAttr *)end->attr)->eps;
    } else if (end->op == &opdef_batchnorm_act) {
        const BatchnormActAttr *b = end->attr;

        if (b->rstd_given)
            return false;
        a->eps = b->eps;
        a->activate = b->activate;
        a->kind = b->kind;
        in[4] = end->ins > 5 ? end->in[5] : NO_NODE;
    } else if (end->op == &opdef_add &&
               shape_equal(&node_desc(end->in[0])->shape, &node_desc(end->in[1])->shape)) {
        in[4] = end->in[node_same(end->in[0], conv) ? 1 : 0];
    } else {
        return false;
    }
    for (int i = 0; i < 4 && (end->op == &opdef_batchnorm || end->op == &opdef_batchnorm_act); i++)
        in[i] = end->in[1 + i];
    return true;
}

/* The convolution that the end reads, and that nothing else needs. */
static Node conv_before(const Fold *f, const NodeInfo *end)
{
    for (int i = 0; i < end->ins && i < (end->op == &opdef_add ? 2 : 1); i++)
        if (op_of(f, end->in[i], &opdef_conv2d))
            return end->in[i];
    return NO_NODE;
}

static Status fold(Err *e, Fold *f, int id)
{
    NodeInfo *end = graph_node_edit(f->g, id);
    Node self = {f->g, id, 0}, conv = NO_NODE;
    Node in[5] = {NO_NODE, NO_NODE, NO_NODE, NO_NODE, NO_NODE};
    Conv2dActAttr a = {.eps = 0};

    if (end->kind == NODE_OP && f->reads.live[id])
        conv = conv_before(f, end);
    if (!node_valid(conv) || !take(end, conv, in, &a) || !slopes_move(f, conv, self, false))
        return E_OK;
    const NodeInfo *c = graph_node(f->g, conv.id);
    Conv2dActAttr *kept = NEW(e, graph_arena(f->g), Conv2dActAttr);
    if (!kept)
        return err_failed(e->code);
    a.conv = *(const Conv2dAttr *)c->attr;
    *kept = a;
    (void)slopes_move(f, conv, self, true);
    for (int i = 0; i < 3; i++)
        end->in[i] = i < c->ins ? c->in[i] : NO_NODE;
    for (int i = 0; i < 5; i++)
        end->in[3 + i] = in[i];
    end->ins = 8;
    end->op = &opdef_conv2d_act;
    end->attr = kept;
    return E_OK;
}

Status pass_fold_conv(Err *e, Graph *g, Arena *scratch)
{
    Fold f = {.g = g};

    TRY(value_reads(e, g, scratch, &f.reads));
    for (int id = 0; id < graph_count(g); id++)
        TRY(fold(e, &f, id));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
