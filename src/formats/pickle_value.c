/* pickle_value.c - containers of the pickle machine: boxes whose items are chained cells, so that dicts and
 * lists grow in any order and nothing is copied. */
#include "formats/pickle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

Status(pickle_fail)(Err *e, const Pickle *p, const char *fmt, ...)
{
    char text[400];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return cur_fail(e, p->in, "%s", text);
}

static Status count_object(Err *e, Pickle *p)
{
    if (p->n_boxes + p->n_cells > p->limits.objects)
        return pickle_fail(e, p, "the pickle makes more than %zu objects", p->limits.objects);
    return E_OK;
}

Status pickle_box(Err *e, Pickle *p, ValueKind kind, Value *out)
{
    TRY(count_object(e, p));
    TRY(GROW(e, p->arena, p->boxes, p->cap_boxes, p->n_boxes + 1));
    p->boxes[p->n_boxes] = (Box){0};
    *out = (Value){.kind = kind, .u.i = (int64_t)p->n_boxes++};
    return E_OK;
}

Status pickle_push_item(Err *e, Pickle *p, const Value *box, Value item)
{
    Box *b = &p->boxes[box->u.i];
    uint32_t at = (uint32_t)p->n_cells;

    TRY(count_object(e, p));
    TRY(GROW(e, p->arena, p->cells, p->cap_cells, p->n_cells + 1));
    p->cells[p->n_cells++] = (Cell){.value = item};
    if (b->n++)
        p->cells[b->last].next = at;
    else
        b->first = at;
    b->last = at;
    return E_OK;
}

bool pickle_items(const Pickle *p, const Value *box, Value *items, int max, int *n)
{
    if (box->kind != V_TUPLE && box->kind != V_LIST)
        return false;
    const Box *b = &p->boxes[box->u.i];

    if (b->n > (uint32_t)max)
        return false;
    *n = 0;
    for (uint32_t at = b->first; at; at = p->cells[at].next)
        items[(*n)++] = p->cells[at].value;
    return true;
}

bool value_is(const Value *v, const char *text)
{
    return v->kind == V_STRING && v->n == strlen(text) && memcmp(v->u.s, text, v->n) == 0;
}
/* SPDX-License-Identifier: MIT */
