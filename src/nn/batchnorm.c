/* batchnorm.c - Ioffe & Szegedy 2015, arXiv:1502.03167.  x: [B, C, H, W] -> [B, C, H, W].  When training, the
 * batch's statistics normalise and move the running ones, once a step whatever else is frozen; in evaluation, and
 * where a method keeps them, the running ones normalise. */
#include "nn/inside.h"

Node nn_batchnorm(Net n, const char *name, Node x, float eps, float momentum)
{
    Net at = nn_at(n, "%s", name);
    Shape channels = SHAPE(node_dim(x, 1));
    Node w = nn_norm_param(at, "weight", channels, INIT_ONE);
    Node b = nn_norm_param(at, "bias", channels, INIT_ZERO);
    bool fixed = graph_mode(n.g) != MODE_TRAIN;
    Node mean = nn_statistic(at, "running_mean", channels, INIT_ZERO, &fixed);
    Node var = nn_statistic(at, "running_var", channels, INIT_ONE, &fixed);

    graph_path(at.g, at.path);
    if (fixed)
        return op_batchnorm(x, w, b, mean, var, eps);
    Node y = op_batchnorm_train(x, w, b, eps);

    graph_store(n.g, mean, op_running(mean, node_out(y, 1), momentum));
    graph_store(n.g, var, op_running(var, node_out(y, 3), momentum));
    return y;
}

/* SPDX-License-Identifier: MIT */
