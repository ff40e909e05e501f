/* formats.h - released weights as they are: safetensors (with shards), PyTorch zip and stream files.
 * A file is opened, listed and mapped; nothing is converted and nothing in it can run. */
#ifndef FORMATS_H
#define FORMATS_H

#include "tensor/tensor.h"

typedef struct Weight {
    const char *name;
    DType dtype;
    Shape shape;
    const void *data;        /* in the mapped file, row-major, aligned; NULL: must be gathered */
    const struct View *view; /* how weights_read_* gather it when data is NULL */
    const char *file;        /* the file that holds it */
    int index;
} Weight;

typedef struct Weights Weights;

/* path: a weight file, or a folder that holds model.safetensors, model.safetensors.index.json,
 * pytorch_model.bin, pytorch_model.bin.index.json, adapter_model.safetensors or adapter_model.bin. */
Status weights_open(Err *e, Arena *a, const char *path, Weights **out);
const char *weights_format(const Weights *w); /* "safetensors", "PyTorch zip", "PyTorch stream" */
int weights_count(const Weights *w);
const Weight *weights_at(const Weights *w, int i); /* in the file's order */
const Weight *weights_find(const Weights *w, const char *name);
int weights_metadata_count(const Weights *w);
void weights_metadata_at(const Weights *w, int i, const char **key, const char **value);

/* Pages of the files that were read take no memory until they are read again. */
void weights_forget(const Weights *w);

typedef struct WeightsSum {
    int files;
    int64_t file_bytes;         /* of the weight files, shards added up */
    int64_t elements[DT_COUNT]; /* a shared storage counts for each tensor that shows it */
    int tensors[DT_COUNT];
} WeightsSum;

void weights_sum(const Weights *w, WeightsSum *out);

Status weights_read_f32(Err *e, const Weight *w, float *dst);   /* converted, strides resolved */
Status weights_read_i64(Err *e, const Weight *w, int64_t *dst); /* integers and bool only */

typedef struct NamedTensor {
    const char *name;
    Tensor tensor;
} NamedTensor;

/* metadata: pairs key, value; NULL-terminated; {"format": "pt"} is always written.  Tensors are laid out in
 * the order given.  The file appears under its name only when it is whole (writer_commit). */
Status safetensors_write(Err *e, Arena *a, const char *path, const NamedTensor *t, int n,
                         const char *const *metadata);

/* zip.c: one member of an archive, stored or deflated, CRC checked.  Nothing is ever extracted to disk. */
Status zip_read(Err *e, Arena *a, const char *path, const char *member, size_t cap, Bytes *out);

#endif
/* SPDX-License-Identifier: MIT */
