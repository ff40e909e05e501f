/* optim.h - what an optimiser is: a row of options' defaults and two functions. */
#ifndef OPTIM_H
#define OPTIM_H

#include "train/train.h"

struct OptimDef {
    const char *name;
    Optim defaults; /* PyTorch's */
    /* Emits the update of one parameter.  coef: rank 0, the clipping factor; hyper: f32 [4]. */
    void (*build)(Graph *g, const Optim *o, Node param, Node grad, Node coef, Node hyper,
                  float rate);
    void (*hyper)(const Optim *o, int64_t step, double lr, float out[4]);
};

#define OPTIM(name) extern const OptimDef optim_##name;
#include "train/optim.def"
#undef OPTIM

/* State "KIND.NAME" of the parameter's shape, zero at first. */
Node optim_state(Graph *g, const char *kind, Node param);
double power(double x, int64_t n); /* x^n by squaring: the same on every machine */

#endif
/* SPDX-License-Identifier: MIT */
