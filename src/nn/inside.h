/* inside.h - what files of this room share. */
#ifndef NN_INSIDE_H
#define NN_INSIDE_H

#include "nn/nn.h"

/* nn_param of a normalisation. */
Node nn_norm_param(Net n, const char *name, Shape shape, Init init);
uint32_t nn_site(Net n); /* the number that keys random masks at this place */

#endif
/* SPDX-License-Identifier: MIT */
