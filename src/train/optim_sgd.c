/* optim_sgd.c - gradient descent with momentum as PyTorch does it (Sutskever et al. 2013, with the rate outside). */
#include "train/optim.h"

static void sgd_build(Graph *g, const Optim *o, Node param, Node grad, Node coef, Node hyper,
                      float rate)
{
    Node buf = optim_state(g, "sgd.buf", param);
    Node y = op_sgd(param, grad, buf, coef, hyper,
                    (SgdAttr){.momentum = (float)o->momentum,
                              .dampening = (float)o->dampening,
                              .lr_scale = rate,
                              .wd_scale = 1,
                              .nesterov = o->nesterov});

    graph_store(g, param, node_out(y, 0));
    graph_store(g, buf, node_out(y, 1));
}

static void sgd_hyper(const Optim *o, int64_t step, double lr, float out[4])
{
    out[0] = (float)lr;
    out[1] = (float)o->weight_decay;
    out[2] =
        step == 0 ? 1.0F : 0.0F; /* the first update fills the buffer with the gradient itself */
    out[3] = 0;
}

const OptimDef optim_sgd = {
    .name = "sgd",
    .defaults = {.lr = 1e-3},
    .build = sgd_build,
    .hyper = sgd_hyper,
};

/* SPDX-License-Identifier: MIT */
