/* broadcast.h - elementwise ops of two inputs: b has a's shape, or a suffix of it, or rank 0. */
#ifndef OPS_BROADCAST_H
#define OPS_BROADCAST_H

#include "ops/rules.h"

bool broadcast_shape(ShapeCall *c, const char *op);
/* The gradient of b from that of what b was spread to. */
Node broadcast_back(Node d, Node b);

#endif
/* SPDX-License-Identifier: MIT */
