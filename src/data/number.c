/* number.c - plain decimal numbers in cells, whatever the host's locale. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/table.h"

#define NUMBER_MAX 300 /* characters */

Cell cell_trim(Cell c)
{
    while (c.n && memchr(" \t\r\n", c.s[0], 4)) {
        c.s++;
        c.n--;
    }
    while (c.n && memchr(" \t\r\n", c.s[c.n - 1], 4))
        c.n--;
    return c;
}

static bool digit(const Cell *c, size_t i)
{
    return i < c->n && c->s[i] >= '0' && c->s[i] <= '9';
}

/* The exponent behind the digits; false when it is not one. */
static bool exponent_parse(const Cell *c, size_t i, long *out)
{
    bool negative = i < c->n && c->s[i] == '-';

    i += i < c->n && (c->s[i] == '-' || c->s[i] == '+');
    if (!digit(c, i))
        return false;
    for (*out = 0; digit(c, i); i++)
        *out = *out < 100000 ? *out * 10 + (c->s[i] - '0') : *out;
    *out = negative ? -*out : *out;
    return i == c->n;
}

bool number_parse(Cell c, bool comma, double *value, bool *whole)
{
    char text[NUMBER_MAX + 40];
    size_t i = 0, used = 0;
    long fraction = 0, exponent = 0;
    bool nonzero_fraction = false;

    c = cell_trim(c);
    if (!c.n || c.n > NUMBER_MAX)
        return false;
    if (c.s[0] == '-' || c.s[0] == '+')
        text[used++] = c.s[i++];
    size_t first = used;
    while (digit(&c, i))
        text[used++] = c.s[i++];
    if (i < c.n && (c.s[i] == '.' || (comma && c.s[i] == ',')))
        for (i++; digit(&c, i); fraction++) {
            nonzero_fraction |= c.s[i] != '0';
            text[used++] = c.s[i++];
        }
    if (used == first)
        return false;
    bool plain = i == c.n;
    if (!plain && ((c.s[i] != 'e' && c.s[i] != 'E') || !exponent_parse(&c, i + 1, &exponent)))
        return false;
    /* the point is moved into the exponent: strtod then meets no character that a locale changes */
    (void)snprintf(text + used, sizeof text - used, "e%ld", exponent - fraction);
    *value = strtod(text, NULL);
    *whole = plain ? !nonzero_fraction : fabs(*value) < 1e15 && floor(*value) == *value;
    return isfinite(*value);
}

bool table_comma(const Table *t)
{
    return !strcmp(t->form, "CSV with ;");
}

/* SPDX-License-Identifier: MIT */
