/* weights.h - the inside of Weights: what the reader of each format fills in, and what readers share. */
#ifndef FORMATS_WEIGHTS_H
#define FORMATS_WEIGHTS_H

#include "formats/formats.h"

#define WEIGHTS_MAX          (1 << 20) /* tensors of one model */
#define WEIGHT_NAME_MAX      1024      /* bytes */
#define WEIGHTS_METADATA_MAX 4096
#define SHARDS_MAX           4096
#define SHARD_NAME_MAX       255

/* Element (i, j, ..) of a tensor is at from + (i * stride[0] + j * stride[1] + ..) elements; any alignment.
 * Strides are never negative, and 0 for axes of one or no element. */
typedef struct View {
    const uint8_t *from;
    int64_t stride[SHAPE_MAX];
} View;

typedef struct Metadata {
    const char *key, *value;
} Metadata;

struct Weights {
    Arena *arena;
    const char *format;
    Weight *at;
    size_t n, cap;
    Map *names;
    Metadata *metadata;
    size_t n_metadata, cap_metadata;
    Map *keys;
    File **map;
    size_t n_maps, cap_maps;
    int files;
    int64_t file_bytes;
};

Status weights_new(Err *e, Arena *a, Weights **out);
/* The name is copied; data and view stay where they are.  Refuses a second tensor of the same name. */
Status weights_add(Err *e, Weights *w, const Weight *add);
/* Key and value are copied; the first value of a key stays. */
Status weights_add_metadata(Err *e, Weights *w, const char *key, const char *value);
/* Fails unless the bytes can be a tensor's name: UTF-8 without control characters, not too long. */
Status weights_check_name(Err *e, const char *file, const char *name, size_t n);
bool weights_utf8(const char *s, size_t n);

/* The file, mapped; it lives as long as w. */
Status weights_map(Err *e, Weights *w, const char *path, Bytes *out);

/* The readers: add what `b`, the whole file, holds. */
Status weights_parse(Err *e, Weights *w, const char *file,
                     Bytes b); /* any of the below, by content */
Status safetensors_parse(Err *e, Weights *w, const char *file, Bytes b);
Status torch_zip_parse(Err *e, Weights *w, const char *file, Bytes b);
Status torch_stream_parse(Err *e, Weights *w, const char *file, Bytes b);

/* shards.c: an index.json whose text is b; adds every shard it names, from the folder that holds it. */
typedef struct ShardIndex {
    const char **files; /* plain names, in the order of first mention */
    size_t n_files, cap_files;
    const char **tensors;
    int *file_of; /* for each tensor */
    size_t n_tensors, cap_tensors, cap_file_of;
} ShardIndex;

Status shards_parse(Err *e, Weights *w, const char *file, Bytes b, ShardIndex *out);
Status shards_open(Err *e, Weights *w, const char *path, Bytes b);

typedef enum {
    SNIFF_UNKNOWN,
    SNIFF_SAFETENSORS,
    SNIFF_ZIP,
    SNIFF_STREAM,
    SNIFF_INDEX,
    SNIFF_OTHER
} Sniff;

/* `what` names a known form that is not read; NULL otherwise. */
Sniff weights_sniff(Bytes b, const char **what, const char **hint);

/* ---- spans.c: claims on the bytes of a file ---- */

typedef struct Span {
    uint64_t begin, end;
    size_t index; /* whose it is */
} Span;

void spans_sort(Span *s, size_t n); /* by begin, then end; nothing allocated */

#endif
/* SPDX-License-Identifier: MIT */
