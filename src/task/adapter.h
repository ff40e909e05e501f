/* adapter.h - a base folder with a PEFT adapter over it. */
#ifndef TASK_ADAPTER_H
#define TASK_ADAPTER_H

#include "adapt/adapt.h"
#include "models/models.h"

/* The base opened with the head that the adapter is for, and the adapter's method. */
Status adapter_open(Err *e, Arena *a, const char *folder, const char *adapter, Model **model,
                    Method **method);

#endif
/* SPDX-License-Identifier: MIT */
