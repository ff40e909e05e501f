/* activate.h - activations in references. */
#ifndef OPS_ACTIVATE_H
#define OPS_ACTIVATE_H

#include "ops/rules.h"

real act_value(Act kind, real x);
real act_slope(Act kind, real x);

#endif
/* SPDX-License-Identifier: MIT */
