/* golden_case.h - cases written by the reference implementations: weights by a recipe, expected outputs, norms
 * and projections.  Cases lie in tests/golden/NAME; tolerances are those of case.json. */
#ifndef GOLDEN_CASE_H
#define GOLDEN_CASE_H

#include "formats/config.h"
#include "formats/formats.h"

typedef struct Golden {
    Arena *a;
    const char *dir;           /* the case */
    const char *model;         /* a folder with config.json and model.safetensors */
    double abs, rel, gradient; /* tolerances */
} Golden;

Golden golden_open(const char *name);
/* A folder with adapter_config.json and adapter_model.safetensors. */
const char *golden_adapter(const Golden *g);
const char *golden_file(const Golden *g, const char *name);
const char *golden_temp(const Golden *g, const char *name); /* a path in the test's own folder */
/* u(i) in [-1, 1) of the recipe, for n values of a name. */
void golden_uniform(const char *name, int64_t n, double *out);
/* Its tensors: offset + scale u(i), or whole numbers low <= x < high. */
float *golden_tensor(Arena *a, const char *name, int64_t n, double offset, double scale);
void golden_integers(const char *name, int64_t n, int64_t low, int64_t high, int64_t *out);
/* Every tensor of numbers of the case's outputs.safetensors is in ours and within abs + rel * |theirs|. */
void golden_check_outputs(const Golden *g, const char *ours);
/* One tensor of outputs.safetensors, which in ours has another name. */
void golden_check_output(const Golden *g, const char *wanted, const char *ours, const char *name);
/* Running statistics of batch norms: name -> {sum, norm}. */
void golden_check_running(const Golden *g, const Json *wanted, const char *ours);
/* `wanted`: name -> {norm, projection, tolerance if it has its own}; the projection is on the numbers of `what` + name.  ours: a file of
 * tensors, named as `rename` makes of the wanted name (NULL: alike).  skip: names not compared. */
void golden_check_norms(const Golden *g, const Json *wanted, const char *what, const char *ours,
                        const char *(*rename)(Arena *a, const char *name), const Json *skip);

#endif
/* SPDX-License-Identifier: MIT */
