/* pickle.c - the pickle machine (Python's pickletools.py, protocol 2), with the opcodes that saved weights
 * use and no others.  GLOBAL yields a row of a table, REDUCE one of a few builders (pickle_build.c). */
#include "formats/pickle.h"

#include <string.h>

typedef struct Op {
    const char *name;
    Status (*run)(Err *e, Pickle *p); /* NULL: known and refused */
} Op;

Status pickle_new(Err *e, Arena *a, const PickleLimits *limits, Pickle **out)
{
    static const PickleLimits usual = {PICKLE_STACK_MAX, PICKLE_MEMO_MAX, PICKLE_OBJECTS_MAX,
                                       PICKLE_DEPTH_MAX};
    Pickle *p = NEW(e, a, Pickle);

    if (!p)
        return err_failed(e->code);
    p->arena = a;
    p->limits = limits ? *limits : usual;
    p->marks = NEWS(e, a, size_t, p->limits.depth);
    p->keys = map_new(e, a, 64);
    if (!p->marks || !p->keys)
        return err_failed(e->code);
    TRY(GROW(e, a, p->cells, p->cap_cells, 1));
    p->n_cells = 1;
    *out = p;
    return E_OK;
}

/* ---- the stack ---- */

static Status push(Err *e, Pickle *p, Value v)
{
    if (p->n_stack == p->limits.stack)
        return pickle_fail(e, p, "the pickle stacks more than %zu values", p->limits.stack);
    TRY(GROW(e, p->arena, p->stack, p->cap_stack, p->n_stack + 1));
    p->stack[p->n_stack++] = v;
    return E_OK;
}

/* Never below the last mark: what lies there belongs to an unfinished container. */
static Status pop(Err *e, Pickle *p, Value *out)
{
    size_t floor = p->n_marks ? p->marks[p->n_marks - 1] : 0;

    if (p->n_stack == floor)
        return pickle_fail(e, p, "the pickle takes a value from an empty stack");
    *out = p->stack[--p->n_stack];
    return E_OK;
}

static Status top(Err *e, Pickle *p, Value *out)
{
    TRY(pop(e, p, out));
    p->n_stack++;
    return E_OK;
}

static Status push_plain(Err *e, Pickle *p, ValueKind kind, int64_t i)
{
    return push(e, p, (Value){.kind = kind, .u.i = i});
}

/* ---- opcodes ---- */

static Status op_proto(Err *e, Pickle *p)
{
    uint8_t version;

    TRY(cur_u8(e, p->in, &version));
    if (version < 2 || version > 5)
        return pickle_fail(e, p, "pickle protocol %d is not one of 2 to 5", version);
    return E_OK;
}

static Status op_stop(Err *e, Pickle *p)
{
    if (p->n_stack != 1 || p->n_marks)
        return pickle_fail(e, p, "the pickle stops with %zu values and %zu open marks", p->n_stack,
                           p->n_marks);
    p->stopped = true;
    return E_OK;
}

static Status op_mark(Err *e, Pickle *p)
{
    if (p->n_marks == p->limits.depth)
        return pickle_fail(e, p, "the pickle opens more than %zu marks", p->limits.depth);
    p->marks[p->n_marks++] = p->n_stack;
    return E_OK;
}

static Status op_none(Err *e, Pickle *p)
{
    return push_plain(e, p, V_NONE, 0);
}

static Status op_true(Err *e, Pickle *p)
{
    return push_plain(e, p, V_BOOL, 1);
}

static Status op_false(Err *e, Pickle *p)
{
    return push_plain(e, p, V_BOOL, 0);
}

static Status op_binint(Err *e, Pickle *p)
{
    uint32_t v;

    TRY(cur_u32(e, p->in, &v));
    return push_plain(e, p, V_INT, (int32_t)v);
}

static Status op_binint1(Err *e, Pickle *p)
{
    uint8_t v;

    TRY(cur_u8(e, p->in, &v));
    return push_plain(e, p, V_INT, v);
}

static Status op_binint2(Err *e, Pickle *p)
{
    uint16_t v;

    TRY(cur_u16(e, p->in, &v));
    return push_plain(e, p, V_INT, v);
}

/* Little-endian two's complement of any length; what int64 cannot hold is no size and is only listed. */
static Status op_long1(Err *e, Pickle *p)
{
    const uint8_t *bytes;
    uint64_t v = 0;
    uint8_t n;

    TRY(cur_u8(e, p->in, &n));
    TRY(cur_bytes(e, p->in, n, &bytes));
    if (n > 8)
        return push_plain(e, p, V_OPAQUE, 0);
    if (n && bytes[n - 1] & 0x80)
        v = UINT64_MAX;
    for (int i = n - 1; i >= 0; i--)
        v = v << 8 | bytes[i];
    return push_plain(e, p, V_INT, (int64_t)v);
}

static Status op_binfloat(Err *e, Pickle *p)
{
    const uint8_t *b;
    uint64_t bits = 0;
    Value v = {.kind = V_FLOAT};

    TRY(cur_bytes(e, p->in, 8, &b));
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | b[i];
    memcpy(&v.u.f, &bits, 8);
    return push(e, p, v);
}

static Status push_string(Err *e, Pickle *p, uint32_t n)
{
    const uint8_t *s;

    TRY(cur_bytes(e, p->in, n, &s));
    return push(e, p, (Value){.kind = V_STRING, .n = n, .u.s = (const char *)s});
}

static Status op_binunicode(Err *e, Pickle *p)
{
    uint32_t n;

    TRY(cur_u32(e, p->in, &n));
    return push_string(e, p, n);
}

static Status op_short_binstring(Err *e, Pickle *p)
{
    uint8_t n;

    TRY(cur_u8(e, p->in, &n));
    return push_string(e, p, n);
}

static Status push_box(Err *e, Pickle *p, ValueKind kind)
{
    Value box;

    TRY(pickle_box(e, p, kind, &box));
    return push(e, p, box);
}

static Status op_empty_tuple(Err *e, Pickle *p)
{
    return push_box(e, p, V_TUPLE);
}

static Status op_empty_list(Err *e, Pickle *p)
{
    return push_box(e, p, V_LIST);
}

static Status op_empty_dict(Err *e, Pickle *p)
{
    return push_box(e, p, V_DICT);
}

/* The last n values become a tuple. */
static Status make_tuple(Err *e, Pickle *p, size_t n)
{
    Value box;
    size_t floor = p->n_marks ? p->marks[p->n_marks - 1] : 0;

    if (n > p->n_stack - floor)
        return pickle_fail(e, p, "the pickle takes a value from an empty stack");
    TRY(pickle_box(e, p, V_TUPLE, &box));
    for (size_t i = p->n_stack - n; i < p->n_stack; i++)
        TRY(pickle_push_item(e, p, &box, p->stack[i]));
    p->n_stack -= n;
    return push(e, p, box);
}

static Status op_tuple1(Err *e, Pickle *p)
{
    return make_tuple(e, p, 1);
}

static Status op_tuple2(Err *e, Pickle *p)
{
    return make_tuple(e, p, 2);
}

static Status op_tuple3(Err *e, Pickle *p)
{
    return make_tuple(e, p, 3);
}

/* Closes the last mark; the values above it are stack[*from ..]. */
static Status close_mark(Err *e, Pickle *p, size_t *from)
{
    if (p->n_marks == 0)
        return pickle_fail(e, p, "the pickle closes a mark that was never opened");
    *from = p->marks[--p->n_marks];
    return E_OK;
}

static Status op_tuple(Err *e, Pickle *p)
{
    size_t from = 0;

    TRY(close_mark(e, p, &from));
    return make_tuple(e, p, p->n_stack - from);
}

/* Moves stack[from ..] into the container below it. */
static Status fill(Err *e, Pickle *p, ValueKind kind, size_t from)
{
    size_t floor = p->n_marks ? p->marks[p->n_marks - 1] : 0;

    if (from == floor || p->stack[from - 1].kind != kind)
        return pickle_fail(e, p, "the pickle adds items to something that is not a %s",
                           kind == V_DICT ? "dict" : "list");
    if (kind == V_DICT && (p->n_stack - from) % 2)
        return pickle_fail(e, p, "the pickle sets a dict key without a value");
    for (size_t i = from; i < p->n_stack; i++)
        TRY(pickle_push_item(e, p, &p->stack[from - 1], p->stack[i]));
    p->n_stack = from;
    return E_OK;
}

static Status fill_last(Err *e, Pickle *p, ValueKind kind, size_t n)
{
    size_t floor = p->n_marks ? p->marks[p->n_marks - 1] : 0;

    if (p->n_stack - floor < n)
        return pickle_fail(e, p, "the pickle takes a value from an empty stack");
    return fill(e, p, kind, p->n_stack - n);
}

static Status fill_marked(Err *e, Pickle *p, ValueKind kind)
{
    size_t from = 0;

    TRY(close_mark(e, p, &from));
    return fill(e, p, kind, from);
}

static Status op_append(Err *e, Pickle *p)
{
    return fill_last(e, p, V_LIST, 1);
}

static Status op_appends(Err *e, Pickle *p)
{
    return fill_marked(e, p, V_LIST);
}

static Status op_setitem(Err *e, Pickle *p)
{
    return fill_last(e, p, V_DICT, 2);
}

static Status op_setitems(Err *e, Pickle *p)
{
    return fill_marked(e, p, V_DICT);
}

/* Picklers number the memo from 0 or 1 upwards, so a place far ahead is a lie. */
static Status memo_put(Err *e, Pickle *p, uint32_t i)
{
    Value v;

    TRY(top(e, p, &v));
    if (i > p->n_memo + 1)
        return pickle_fail(e, p, "the pickle skips from memo %zu to memo %u", p->n_memo, i);
    if (i >= p->limits.memo)
        return pickle_fail(e, p, "the pickle remembers more than %zu values", p->limits.memo);
    TRY(GROW(e, p->arena, p->memo, p->cap_memo, i + 1));
    for (; p->n_memo <= i; p->n_memo++)
        p->memo[p->n_memo] = (Value){.kind = V_UNSET};
    p->memo[i] = v;
    return E_OK;
}

static Status memo_get(Err *e, Pickle *p, uint32_t i)
{
    if (i >= p->n_memo || p->memo[i].kind == V_UNSET)
        return pickle_fail(e, p, "the pickle recalls memo %u, which was never set", i);
    return push(e, p, p->memo[i]);
}

static Status op_binput(Err *e, Pickle *p)
{
    uint8_t i;

    TRY(cur_u8(e, p->in, &i));
    return memo_put(e, p, i);
}

static Status op_long_binput(Err *e, Pickle *p)
{
    uint32_t i;

    TRY(cur_u32(e, p->in, &i));
    return memo_put(e, p, i);
}

static Status op_binget(Err *e, Pickle *p)
{
    uint8_t i;

    TRY(cur_u8(e, p->in, &i));
    return memo_get(e, p, i);
}

static Status op_long_binget(Err *e, Pickle *p)
{
    uint32_t i;

    TRY(cur_u32(e, p->in, &i));
    return memo_get(e, p, i);
}

/* A line of GLOBAL, without its end. */
static Status read_line(Err *e, Pickle *p, const char **line, size_t *n)
{
    uint8_t c = 0;

    *line = (const char *)p->in->data + p->in->at;
    for (*n = 0; *n <= PICKLE_NAME_MAX; (*n)++) {
        TRY(cur_u8(e, p->in, &c));
        if (c == '\n')
            return E_OK;
    }
    return pickle_fail(e, p, "the pickle names something of more than %d bytes", PICKLE_NAME_MAX);
}

static Status op_global(Err *e, Pickle *p)
{
    const char *module, *name;
    size_t n, m;
    Value v;

    TRY(read_line(e, p, &module, &n));
    TRY(read_line(e, p, &name, &m));
    TRY(pickle_global(e, p, module, n, name, m, &v));
    return push(e, p, v);
}

static Status op_reduce(Err *e, Pickle *p)
{
    Value callee = {0}, args = {0}, v = {0};

    TRY(pop(e, p, &args));
    TRY(pop(e, p, &callee));
    TRY(pickle_reduce(e, p, callee, args, &v));
    return push(e, p, v);
}

static Status op_build(Err *e, Pickle *p)
{
    Value object = {0}, state = {0};

    TRY(pop(e, p, &state));
    TRY(top(e, p, &object));
    return pickle_build(e, p, object, state);
}

static Status op_binpersid(Err *e, Pickle *p)
{
    Value id = {0}, v = {0};

    TRY(pop(e, p, &id));
    TRY(pickle_persistent(e, p, id, &v));
    return push(e, p, v);
}

static const Op ops[256] = {
#define READ(code, name, run) [code] = {#name, run},
#define REFUSED(code, name)   [code] = {#name, NULL},
#include "formats/pickle_ops.def"
#undef READ
#undef REFUSED
};

Status pickle_run(Err *e, Pickle *p, Cursor *c, Value *out)
{
    uint8_t code;

    p->in = c;
    p->n_stack = p->n_memo = p->n_marks = 0;
    for (p->stopped = false; !p->stopped;) {
        TRY(cur_u8(e, c, &code));
        const Op *op = &ops[code];

        if (!op->run) {
            pickle_fail(e, p, "pickle opcode %s (0x%02x) is not read",
                        op->name ? op->name : "unknown", code);
            return err_note(e, "hint",
                            "torch.save writes protocol 2; save the weights with its default");
        }
        TRY(op->run(e, p));
    }
    *out = p->stack[0];
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
