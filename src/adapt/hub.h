/* hub.h - AdapterHub's folders (hub.c) and the bottlenecks that they hold (bottleneck.c). */
#ifndef ADAPT_HUB_H
#define ADAPT_HUB_H

#include "adapt/adapt.h"

#define HUB_FILE "adapter.safetensors"
#define HUB_TAIL ".adapters.adapter_" /* on disk the adapter's name stands between the two */

typedef struct BottleneckOptions {
    bool after_attention, after_feedforward;
    bool
        reads_sum; /* the sublayer's output joined with the residual and normalised; else it alone */
    float reduction, scaling, dropout;
    Act act;
    const char *act_name; /* as AdapterHub writes it */
    const char *name;     /* the adapter's own */
} BottleneckOptions;

/* c: an adapter_config.json without "peft_type". */
Status hub_open(Err *e, Arena *a, const Config *c, const MethodTarget *target, Method **out);
Status hub_write(Err *e, Arena *a, Config *c, const Method *m, const char *base);
/* "..adapters.adapter_up.bias" and "..adapters.NAME.adapter_up.bias"; *out NULL: it is none of this adapter's. */
char *hub_name(Err *e, Arena *a, const Method *m, const char *param);
Status hub_own_name(Err *e, Arena *a, const Method *m, const char *disk, const char **out);

#endif
/* SPDX-License-Identifier: MIT */
