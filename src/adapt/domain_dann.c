/* domain_dann.c - domain-adversarial training (Ganin et al. 2016, JMLR 17(59), arXiv:1505.07818): a classifier learns to
 * tell source from target by the features, and its gradient comes back reversed, so that the features learn to hide it. */
#include "adapt/domain.h"

/* x: [B, D] -> [B, 2] */
static Node classifier(const Domain *d, Net at, Node x)
{
    if (d->hidden > 0)
        x = op_activate(nn_linear(at, "0", x, d->hidden), ACT_RELU);
    return nn_linear(at, d->hidden > 0 ? "2" : "0", x, 2);
}

static void build(const Domain *d, Net root, const DomainParts *p)
{
    Graph *g = root.g;
    bool training = graph_mode(g) == MODE_TRAIN;
    Node x = p->features;

    if (training)
        x = op_reverse(x, graph_input(g, DOMAIN_STRENGTH, DT_F32, SHAPE0, SPACE_NONE));
    Node z = classifier(d, nn_at(root, "domain"), x);
    graph_output(g, DOMAIN_LOGITS, z);
    if (!training)
        return;
    Node y = graph_input(g, DOMAIN_LABELS, DT_I32, SHAPE(node_dim(z, 0)), node_space(z));
    graph_loss(g, DOMAIN_LOSS, op_xent(z, y, NO_NODE, 0));
}

const DomainDef domain_dann = {
    .name = "dann",
    .usage = "dann:strength=1,ramp=10,hidden=100",
    .summary = "a domain classifier whose gradient is reversed",
    .paper = "Ganin et al. 2016, arXiv:1505.07818",
    .strength = 1,
    .ramp = 10,
    .build = build,
};

/* SPDX-License-Identifier: MIT */
