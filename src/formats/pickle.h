/* pickle.h - a pickle decoded as data.  A value is 16 bytes; containers, storages and tensors are positions
 * in the tables of the Pickle that made them.  Nothing in a pickle is ever called. */
#ifndef FORMATS_PICKLE_H
#define FORMATS_PICKLE_H

#include "formats/weights.h"

#define PICKLE_STACK_MAX   (4 << 20)  /* values */
#define PICKLE_MEMO_MAX    (4 << 20)  /* values */
#define PICKLE_OBJECTS_MAX (16 << 20) /* containers and their items */
#define PICKLE_DEPTH_MAX   64         /* marks open at once, and containers inside each other */

#define PICKLE_NAME_MAX 255 /* bytes of a module's, a class's or a storage's name */

typedef enum ValueKind {
    V_UNSET, /* an empty memo place */
    V_NONE,
    V_BOOL,
    V_INT,
    V_FLOAT,
    V_STRING,
    V_GLOBAL,  /* i: row of globals.def */
    V_TUPLE,   /* i: box */
    V_LIST,    /* i: box */
    V_DICT,    /* i: box; keys and values in turn */
    V_STORAGE, /* i: storage */
    V_TENSOR,  /* i: tensor */
    V_OPAQUE,  /* a dtype, a device, a NumPy scalar, a large integer: listed, not read */
} ValueKind;

typedef struct Value {
    ValueKind kind;
    uint32_t n; /* bytes of a string */
    union {
        int64_t i;
        double f;
        const char *s; /* in the pickle, no NUL */
    } u;
} Value;

/* Items of a container are cells in a chain: dicts and lists grow in any order, and nothing is copied. */
typedef struct Cell {
    Value value;
    uint32_t next; /* 0: the last */
} Cell;

typedef struct Box {
    uint32_t first, last, n;
    bool seen;      /* by a walk */
    bool namespace; /* BUILD adds items; elsewhere it sets attributes, which are dropped */
} Box;

/* What BINPERSID names: part of a record of the file.  Several may show the same record. */
typedef struct Storage {
    const char *key;
    DType dtype;
    int64_t count;        /* elements of the whole record */
    int64_t offset, size; /* the part of it, in elements */
} Storage;

typedef struct PickleTensor {
    int64_t storage; /* a place in storages */
    int64_t offset;  /* in elements from the record's start */
    Shape shape;
    int64_t stride[SHAPE_MAX];
} PickleTensor;

typedef struct PickleLimits {
    size_t stack, memo, objects, depth;
} PickleLimits;

typedef struct Pickle {
    Arena *arena;
    Cursor *in;
    PickleLimits limits;
    bool stopped;

    Value *stack, *memo;
    size_t n_stack, cap_stack, n_memo, cap_memo;
    size_t *marks;
    size_t n_marks;

    Cell *cells; /* cells[0] is never used */
    Box *boxes;
    size_t n_cells, cap_cells, n_boxes, cap_boxes;

    Storage *storages;
    PickleTensor *tensors;
    size_t n_storages, cap_storages, n_tensors, cap_tensors;
    Map *keys; /* storage key to the first storage of that key */
} Pickle;

/* `limits` NULL: the constants above. */
Status pickle_new(Err *e, Arena *a, const PickleLimits *limits, Pickle **out);
/* Decodes one pickle from the cursor, which is left behind its STOP.  Tables go on growing over several. */
Status pickle_run(Err *e, Pickle *p, Cursor *c, Value *out);

/* ---- pickle_build.c: what REDUCE, NEWOBJ, BUILD and BINPERSID may make ---- */

Status pickle_global(Err *e, Pickle *p, const char *module, size_t n, const char *name, size_t m,
                     Value *out);
Status pickle_reduce(Err *e, Pickle *p, Value callee, Value args, Value *out);
Status pickle_build(Err *e, Pickle *p, Value object, Value state);
Status pickle_persistent(Err *e, Pickle *p, Value id, Value *out);

/* ---- shared by both, and by readers of the result ---- */

Status pickle_box(Err *e, Pickle *p, ValueKind kind, Value *out);
Status pickle_push_item(Err *e, Pickle *p, const Value *box, Value item);
/* The items of a container, at most `max`; false when it is none or holds more. */
bool pickle_items(const Pickle *p, const Value *box, Value *items, int max, int *n);
/* E_DATA with file and offset of the pickle. */
Status pickle_fail(Err *e, const Pickle *p, const char *fmt, ...) PRINTF(3, 4);
#define pickle_fail(...) err_failed(pickle_fail(__VA_ARGS__))
bool value_is(const Value *v, const char *text); /* a string equal to text */

#endif
/* SPDX-License-Identifier: MIT */
