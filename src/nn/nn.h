/* nn.h - named layers.  A Net is a place in the name tree: the joined path is the checkpoint's tensor name.
 * Everything a method may touch passes through nn_: a Rules is what a method may do, a list of Hooks which
 * methods do it.  nn does not know what they are for.  Nodes and paths live in the graph's arena. */
#ifndef NN_H
#define NN_H

#include "ops/ops.h"

typedef struct Hook Hook;

typedef struct Net { /* a value */
    Graph *g;
    const char *path;  /* "" at the root */
    const Hook *hooks; /* NULL: nothing trains, nothing is changed */
} Net;

typedef struct ParamRule {
    bool of_norm; /* told to the rules: the scale, the shift or a statistic of a normalisation */
    bool trainable;
    bool
        fixed_statistics; /* of a running statistic: no step moves it, and it normalises in training too */
} ParamRule;

typedef struct AttentionParts { /* spaces of k and v may be replaced by an extended one */
    Node q, k, v;
} AttentionParts;

typedef struct Join { /* where a sublayer's output goes: it is added to x */
    Node x;
    Net at;           /* of the norm of the sum */
    const char *norm; /* NULL: there is none */
    float eps;
} Join;

/* One function for each thing a method may change; any may be NULL.  `at` is the layer's place. */
typedef struct Rules {
    void (*on_param)(const void *options, const char *name, ParamRule *rule);
    Node (*on_input)(const void *options, Net at, Node x); /* of a linear layer or a convolution */
    /* wx: the product before the bias; w as the layer has it, b [out] or NO_NODE */
    Node (*on_linear)(const void *options, Net at, Node x, Node w, Node b, Node wx);
    /* y: the convolution, its bias in it; w [out, C / groups, k, k] */
    Node (*on_conv)(const void *options, Net at, Node x, Node w, Conv2dAttr attr, Node y);
    Node (*on_embed)(const void *options, Net at,
                     Node x); /* may return rows of an extended space */
    void (*on_attention)(const void *options, Net at, AttentionParts *p);
    int64_t (*on_position)(
        const void *options); /* how many positions are taken by what is in front, in no row */
    Node (*on_sublayer)(const void *options, Net at, Node y,
                        const Join *join); /* before it joins the residual */
    Node (*on_grad)(const void *options, const char *name, Node w,
                    Node grad);                     /* of a trained tensor */
    void (*on_loss)(const void *options, Net root); /* may add terms by graph_loss */
} Rules;

struct Hook {
    const Rules *rules;
    const void *options;
    const Hook *next;
};

typedef struct Attention {
    int heads;
    bool causal;
    float dropout;
    float scale; /* 0: 1 / sqrt(d) */
} Attention;

typedef struct Conv2d { /* 0 is 1 for stride, groups and dilation */
    int64_t out;
    int k, stride, pad, groups, dilation; /* the same down and across, pad on all sides */
    int k_across, pad_across; /* where they are others across; k_across 0: as k and pad */
    bool same;                /* TensorFlow's SAME instead of pad */
    bool bias;
} Conv2d;

Net nn_root(Graph *g, const Hook *hooks);
/* A deeper place; "" is the place itself. */
Net nn_at(Net n, const char *fmt, ...) PRINTF(2, 3);
/* The tensor `path.name`; trained only when a hook says so. */
Node nn_param(Net n, const char *name, Shape shape, Init init);
/* A tensor of the model that no method trains: state that steps move.  *fixed is set when a rule says that none does. */
Node nn_statistic(Net n, const char *name, Shape shape, Init init, bool *fixed);
/* y = x W^T + b, W: [out, in].  x: [.., in] -> [.., out] */
Node nn_linear(Net n, const char *name, Node x, int64_t out);
/* The same, its weight drawn otherwise than from N(0, 0.02). */
Node nn_linear_init(Net n, const char *name, Node x, int64_t out, Init init);
/* The same with W: [in, out], transformers' Conv1D. */
Node nn_conv1d(Net n, const char *name, Node x, int64_t out);
/* y = x W^T, W: [out, in] */
Node nn_product(Net n, const char *name, Node x, int64_t out);
/* "weight" [out, C / groups, k, k or k_across] and with bias "bias".  x: [B, C, H, W] -> [B, out, H', W'] */
Node nn_conv2d(Net n, const char *name, Node x, Conv2d c);
Node nn_layernorm(Net n, const char *name, Node x, float eps);
/* "weight", "bias", "running_mean", "running_var" [C].  x: [B, C, H, W].  A training step leaves
 * running = (1 - momentum) running + momentum (the batch's mean, its unbiased variance). */
Node nn_batchnorm(Net n, const char *name, Node x, float eps, float momentum);
/* ids i32 [T] -> [T, D].  pad: the row that learns nothing from being looked up, -1: none. */
Node nn_embedding(Net n, const char *name, Node ids, int64_t rows, int64_t dim, int64_t pad);
/* Attention over sequences at place n.  q: [Tq, D], k, v: [Tk, D] -> [Tq, D] */
Node nn_attention(Net n, Node q, Node k, Node v, Attention a);
/* Keyed by the place: the same mask for the same seed, step, sample and position, whatever is built around it. */
Node nn_dropout(Net n, const char *name, Node x, float p);
Node nn_drop_path(Net n, const char *name, Node x, float p); /* whole samples */

/* The hooks in turn; layers above call the first four, families the rest. */
Node nn_on_input(Net at, Node x);
Node nn_on_linear(Net at, Node x, Node w, Node b, Node wx);
Node nn_on_conv(Net at, Node x, Node w, Conv2dAttr attr, Node y);
void nn_on_attention(Net at, AttentionParts *p);
int64_t nn_on_position(Net at);
Node nn_on_embed(Net at, Node x);
Node nn_on_sublayer(Net at, Node y, Join join);
void nn_on_loss(Net root);
/* The gradient that the optimiser sees. */
Node nn_on_grad(const Hook *hooks, const char *name, Node w, Node grad);

#endif
/* SPDX-License-Identifier: MIT */
