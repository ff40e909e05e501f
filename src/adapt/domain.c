/* domain.c - methods of domain adaptation by name, their options, and the strength of an update. */
#include "adapt/domain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const DomainDef *const rows[] = {
#define DOMAIN(name) &domain_##name,
#include "adapt/domain.def"
#undef DOMAIN
};

int domain_count(void)
{
    return (int)LEN(rows);
}

const DomainDef *domain_at(int i)
{
    return rows[i];
}

/* ---- options as text ---- */

static Status number(Err *e, const char *key, const char *value, double most, double *out)
{
    char *end;

    *out = strtod(value, &end);
    if (end != value && !*end && *out >= 0 && *out <= most)
        return E_OK;
    return fail(e, E_USAGE, "%s wants a number from 0 to %g, not \"%s\"", key, most, value);
}

/* "0.1" or "0.01|0.1|1" */
static Status set_strengths(Err *e, Arena *a, Domain *d, const char *value)
{
    d->strengths = 0;
    for (const char *at = value;; at++) {
        size_t n = strcspn(at, "|");
        char *one = arena_strndup(e, a, at, n);

        if (!one)
            return e->code;
        if (d->strengths == DOMAIN_STRENGTHS_MAX)
            return fail(e, E_USAGE, "%d strengths at most can be tried", DOMAIN_STRENGTHS_MAX);
        TRY(number(e, "strength", one, 1000, &d->strength[d->strengths++]));
        at += n;
        if (!*at)
            return E_OK;
    }
}

static Status set_option(Err *e, Arena *a, Domain *d, const char *key, const char *value)
{
    double hidden;

    if (strcmp(key, "strength") == 0)
        return set_strengths(e, a, d, value);
    if (strcmp(key, "ramp") == 0)
        return number(e, key, value, 1000, &d->ramp);
    if (strcmp(key, "hidden") == 0) {
        TRY(number(e, key, value, 65536, &hidden));
        d->hidden = (int64_t)hidden;
        return E_OK;
    }
    fail(e, E_USAGE, "\"%s\" has no option \"%s\"", d->def->name, key);
    return err_note(e, "expected", "%s", d->def->usage);
}

static Status unknown(Err *e, const char *text, int n)
{
    fail(e, E_USAGE, "there is no domain adaptation \"%.*s\"", n, text);
    for (int i = 0; i < domain_count(); i++)
        err_note(e, "method", "%s - %s", rows[i]->usage, rows[i]->summary);
    return e->code;
}

Status domain_parse(Err *e, Arena *a, const char *text, Domain **out)
{
    size_t n = strcspn(text, ":");
    Domain *d = NEW(e, a, Domain);

    if (!d)
        return err_failed(e->code);
    for (int i = 0; i < domain_count(); i++)
        if (strlen(rows[i]->name) == n && memcmp(rows[i]->name, text, n) == 0)
            d->def = rows[i];
    if (!d->def)
        return unknown(e, text, (int)n);
    d->text = text;
    d->strength[d->strengths++] = d->def->strength;
    d->ramp = d->def->ramp;
    d->hidden = 100;
    for (const char *at = text + n; *at;) {
        size_t len = strcspn(++at, ",");
        char *key = arena_strndup(e, a, at, len);
        char *value = key ? strchr(key, '=') : NULL;

        if (!key)
            return err_failed(e->code);
        if (value)
            *value++ = 0;
        TRY(set_option(e, a, d, key, value ? value : ""));
        at += len;
    }
    *out = d;
    return E_OK;
}

/* ---- the network ---- */

static void on_param(const void *options, const char *name, ParamRule *rule)
{
    (void)options;
    (void)name;
    rule->trainable = true;
}

void domain_build(const Domain *d, Graph *g, const DomainParts *p)
{
    static const Rules learns = {.on_param = on_param};
    static const Hook hook = {&learns, NULL, NULL};

    d->def->build(d, nn_root(g, &hook), p);
}

bool domain_owns(const char *param)
{
    return strncmp(param, "domain.", 7) == 0;
}

/* exp(-x) for x >= 0: by halves to below 1/8, Taylor's polynomial there, squared back. */
static double exp_minus(double x)
{
    double sum = 1;
    int halves = 0;

    if (x > 700)
        return 0;
    while (x > 0.125)
        x /= 2, halves++;
    for (int k = 12; k >= 1; k--)
        sum = 1 - sum * x / k;
    for (; halves > 0; halves--)
        sum *= sum;
    return sum;
}

double domain_strength(const Domain *d, double top, int64_t step, int64_t steps)
{
    double p = steps > 0 ? (double)step / (double)steps : 0;

    return d->ramp > 0 ? top * (2 / (1 + exp_minus(d->ramp * p)) - 1) : top;
}

/* SPDX-License-Identifier: MIT */
