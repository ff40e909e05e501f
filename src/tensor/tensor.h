/* tensor.h - what a block of numbers is: element type, shape in the checkpoint's order, data. */
#ifndef TENSOR_H
#define TENSOR_H

#include "base/base.h"

#define SHAPE_MAX 16

typedef enum DType {
#define DTYPE(name, size, st, np) DT_##name,
#include "tensor/dtypes.def"
#undef DTYPE
    DT_COUNT
} DType;

typedef struct Shape {
    int rank;
    int64_t dim[SHAPE_MAX];
} Shape;

#define SHAPE(...)                                                                                 \
    ((Shape){.rank = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), .dim = {__VA_ARGS__}})
#define SHAPE0 ((Shape){0})

typedef struct Tensor {
    DType dtype;
    Shape shape;
    void *data; /* row-major, no gaps */
} Tensor;

size_t dtype_size(DType t);
const char *dtype_name(DType t); /* "F32", as safetensors writes it */
bool dtype_parse(const char *name, size_t len, DType *out);
bool shape_count(const Shape *s, int64_t *out); /* false when the product overflows */
int64_t shape_size(const Shape *s);             /* of a shape already checked */
bool shape_equal(const Shape *a, const Shape *b);
int64_t shape_last(const Shape *s);                          /* 1 for rank 0 */
const char *shape_text(const Shape *s, char *buf, size_t n); /* "[768, 3072]" */
#define SHAPE_TEXT(s) shape_text((s), (char[200]){0}, 200)

/* Any number type to float32: f16, bf16 and f64 round to nearest even; integers and bool by value. */
void tensor_to_f32(DType from, const void *src, int64_t n, float *dst);
float f16_to_f32(uint16_t h);
float bf16_to_f32(uint16_t h);
uint16_t f32_to_bf16(float f);
uint16_t f32_to_f16(float f);

/* The largest |a - b| and where; NaN counts as infinity. */
double tensor_difference(const float *a, const float *b, int64_t n, int64_t *where);

#endif
/* SPDX-License-Identifier: MIT */
