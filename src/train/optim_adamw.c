/* optim_adamw.c - Adam with decoupled weight decay (Loshchilov & Hutter 2017, arXiv:1711.05101). */
#include "train/optim.h"

static void adamw_build(Graph *g, const Optim *o, Node param, Node grad, Node coef, Node hyper,
                        float rate)
{
    Node m = optim_state(g, "adamw.m", param), v = optim_state(g, "adamw.v", param);
    Node y = op_adamw(param, grad, m, v, coef, hyper,
                      (AdamwAttr){.beta1 = (float)o->beta1,
                                  .beta2 = (float)o->beta2,
                                  .eps = (float)o->eps,
                                  .lr_scale = rate,
                                  .wd_scale = 1});

    graph_store(g, param, node_out(y, 0));
    graph_store(g, m, node_out(y, 1));
    graph_store(g, v, node_out(y, 2));
}

static void adamw_hyper(const Optim *o, int64_t step, double lr, float out[4])
{
    out[0] = (float)lr;
    out[1] = (float)o->weight_decay;
    out[2] = (float)(1 - power(o->beta1, step + 1));
    out[3] = (float)(1 - power(o->beta2, step + 1));
}

const OptimDef optim_adamw = {
    .name = "adamw",
    .defaults = {.lr = 1e-3, .weight_decay = 0.01, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8},
    .build = adamw_build,
    .hyper = adamw_hyper,
};

/* SPDX-License-Identifier: MIT */
