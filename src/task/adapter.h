/* adapter.h - a base folder with a PEFT adapter over it. */
#ifndef TASK_ADAPTER_H
#define TASK_ADAPTER_H

#include "adapt/adapt.h"
#include "models/models.h"

/* The base opened with the head that the adapter is for, and the adapter's method. */
Status adapter_open(Err *e, Arena *a, const char *folder, const char *adapter, Model **model,
                    Method **method);

/* The adapter that stands in a saved folder because it cannot be merged into the weights: it belongs to the model.
 * NULL: there is none. */
Status adapter_beside(Err *e, Arena *a, const char *folder, Model *m, const char **adapter,
                      Method **method);
/* Positions that the method takes are the texts' no longer. */
Status adapter_room(Err *e, const Method *method, Model *m);

#endif
/* SPDX-License-Identifier: MIT */
