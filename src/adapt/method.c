/* method.c - methods by name: text to options, what trains, how fast. */
#include "adapt/adapt.h"

#include <stdlib.h>
#include <string.h>

static const AdaptDef *const rows[] = {
#define ADAPT(name) &adapt_##name,
#include "adapt/adapt.def"
#undef ADAPT
};

int adapt_count(void)
{
    return (int)LEN(rows);
}

const AdaptDef *adapt_at(int i)
{
    return rows[i];
}

/* Greedy with one point to return to: linear in practice, no recursion. */
bool name_matches(const char *pattern, const char *name)
{
    const char *star = NULL, *from = NULL;

    while (*name) {
        if (*pattern == '*') {
            star = pattern++;
            from = name;
        } else if (*pattern == '?' || *pattern == *name) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star + 1;
            name = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == 0;
}

bool method_trains(const Method *m, const char *param)
{
    const AdaptDef *def = m->def;

    if (m->target.is_head && m->target.is_head(m->target.model, param))
        return true;
    if (def->also && def->also(m, param))
        return true;
    return def->trains && name_matches(def->trains, param) &&
           !(def->frozen && def->frozen(m, param));
}

static void on_param(const void *method, const char *name, ParamRule *rule)
{
    const Method *m = method;

    rule->trainable = method_trains(method, name) || (rule->of_norm && m->def->norms);
    rule->fixed_statistics = m->statistics == STATISTICS_FROZEN ||
                             (m->statistics == STATISTICS_ADAPT && !rule->trainable);
}

static const Rules trains_rule = {.on_param = on_param};

Status method_make(Err *e, Arena *a, const AdaptDef *def, void *options, const MethodTarget *target,
                   Method **out)
{
    Method *m = NEW(e, a, Method);

    if (!m)
        return e->code;
    *m = (Method){.def = def,
                  .text = def->name,
                  .options = options,
                  .layer_decay = 1,
                  .statistics = target->statistics,
                  .target = *target};
    if (!options && def->start)
        TRY(def->start(e, a, m));
    m->hook[0] = (Hook){&trains_rule, m, &m->hook[1]};
    m->hook[1] = (Hook){&def->rules, m->options, NULL};
    m->hooks = m->hook;
    *out = m;
    return E_OK;
}

static Status unknown(Err *e, const char *text, int n)
{
    fail(e, E_USAGE, "there is no method \"%.*s\"", n, text);
    for (int i = 0; i < adapt_count(); i++)
        err_note(e, "method", "%s - %s", rows[i]->usage, rows[i]->summary);
    return e->code;
}

static Status set_statistics(Err *e, Method *m, const char *value)
{
    static const char *const names[] = {"adapt", "frozen", "train"};

    for (int i = 0; i < (int)LEN(names); i++)
        if (strcmp(value, names[i]) == 0) {
            m->statistics = (Statistics)i;
            return E_OK;
        }
    fail(e, E_USAGE, "batch norms cannot be \"%s\"", value);
    return err_note(e, "expected", "adapt (those of what trains), frozen (none) or train (all)");
}

static Status set_option(Err *e, Arena *a, Method *m, const char *key, const char *value)
{
    char *end;

    if (strcmp(key, "batch_norm") == 0)
        return set_statistics(e, m, value);
    if (strcmp(key, "layer_decay") != 0) {
        if (m->def->option)
            return m->def->option(e, a, m, key, value);
        fail(e, E_USAGE, "method \"%s\" has no option \"%s\"", m->def->name, key);
        return err_note(e, "expected", "%s,layer_decay=0.8", m->def->usage);
    }
    m->layer_decay = strtof(value, &end);
    if (end == value || *end || !(m->layer_decay > 0) || m->layer_decay > 1)
        return fail(e, E_USAGE, "layer_decay wants a number above 0 and at most 1, not \"%s\"",
                    value);
    return E_OK;
}

/* To the next comma that is not within quotation marks. */
static size_t option_length(const char *text)
{
    bool quoted = false;
    size_t n = 0;

    for (; text[n] && (quoted || text[n] != ','); n++)
        quoted ^= text[n] == '"';
    return n;
}

const AdaptDef *adapt_named(const char *text)
{
    size_t n = strcspn(text, ":");

    for (int i = 0; i < adapt_count(); i++)
        if (strlen(rows[i]->name) == n && memcmp(rows[i]->name, text, n) == 0)
            return rows[i];
    return NULL;
}

Status method_parse(Err *e, Arena *a, const char *text, const MethodTarget *target, Method **out)
{
    size_t n = strcspn(text, ":");
    const AdaptDef *def = adapt_named(text);

    if (!def)
        return unknown(e, text, (int)n);
    TRY(method_make(e, a, def, NULL, target, out));
    if (!((*out)->text = arena_printf(e, a, "%s", text)))
        return e->code;
    for (const char *at = text + n; *at;) {
        size_t len = option_length(++at);
        char *key = arena_strndup(e, a, at, len);
        char *value = key ? strchr(key, '=') : NULL;

        if (!key)
            return e->code;
        if (value)
            *value++ = 0;
        TRY(set_option(e, a, *out, key, value ? value : ""));
        at += len;
    }
    return E_OK;
}

float method_rate(const void *method, const char *param)
{
    const Method *m = method;
    int depth = m->target.depth ? m->target.depth(m->target.model, param) : -1;
    float rate = 1;

    for (int i = depth; depth >= 0 && i <= m->target.layers; i++)
        rate *= m->layer_decay;
    return rate;
}

Status method_check(Err *e, const Method *m, const Graph *g)
{
    if (m->def->check)
        TRY(m->def->check(e, m));
    if (!m->def->adds)
        return E_OK;
    for (int i = 0; i < graph_param_count(g); i++)
        if (name_matches(m->def->adds, graph_node(g, graph_param_at(g, i).id)->name))
            return E_OK;
    fail(e, E_USAGE, "method \"%s\" changes nothing: no layer has a name that it asks for",
         m->text);
    const char *usual = m->def->usual ? m->def->usual(&m->target) : NULL;
    if (!m->def->usual)
        return err_note(e, "hint", "this family has no place for it");
    return usual ? err_note(e, "hint", "this family's layers for it are %s", usual)
                 : err_note(e, "hint", "this family has no usual layers for it; name them: %s",
                            m->def->usage);
}

Status method_begin(Err *e, const Method *m, const Graph *g, Params *p, uint64_t seed)
{
    return m && m->def->begin ? m->def->begin(e, m, g, p, seed) : E_OK;
}

int64_t method_positions(const Method *m)
{
    return m && m->def->positions ? m->def->positions(m) : 0;
}

Status method_merge(Err *e, const Method *m, Params *p, int *merged)
{
    *merged = 0;
    return m->def->merge ? m->def->merge(e, m, p, merged) : E_OK;
}

/* SPDX-License-Identifier: MIT */
