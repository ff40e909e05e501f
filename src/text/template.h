/* template.h - what stands around the texts: [CLS] first [SEP] second [SEP]. */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "text/fields.h"
#include "text/tokenizer.h"

typedef struct SpecialRow {
    Text name;
    int n;
    int32_t id[TOKENIZER_PARTS_MAX];
} SpecialRow;

typedef struct TemplateItem {
    bool special;
    Text name; /* of the special token; "A" or "B" */
    int64_t type;
    size_t offset;
} TemplateItem;

/* The section as it stands in the file; -1: not said. */
typedef struct PostProcessor {
    bool present, is_sequence;
    Text type;
    UnknownField unknown;
    size_t offset;
    int single_n, pair_n, specials;
    TemplateItem single[TOKENIZER_PARTS_MAX], pair[TOKENIZER_PARTS_MAX];
    SpecialRow special[TOKENIZER_PARTS_MAX];
    Text sep, cls; /* BertProcessing, RobertaProcessing */
    int64_t sep_id, cls_id;
    int trim_offsets, add_prefix_space, use_regex; /* RobertaProcessing, ByteLevel */
    struct PostProcessor *trimming,
        *framing; /* of a Sequence: ByteLevel, and what is not; or NULL */
} PostProcessor;

Status post_processor_read(Err *e, FieldReader *r, const JsonToken *v, PostProcessor *out);
/* After the vocabulary stands: fills t->single and t->pair, every id checked. */
Status post_processor_resolve(Err *e, FieldReader *r, const PostProcessor *p, Tokenizer *t);

#endif

/* SPDX-License-Identifier: MIT */
