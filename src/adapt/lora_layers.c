/* lora_layers.c - what LoRA is in one layer: its rank and alpha where a pattern names the layer, whether its bias learns.
 * A pattern's key is the last parts of a path ("value", "layer.0.output.dense") or, behind "^", all of it; the first
 * key that fits counts, as in PEFT, whose keys may be more: such are refused by name. */
#include "adapt/adapt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RANK_MAX 4096

/* ---- asked by a layer's path ---- */

static float number_at(const LoraPattern *p, const char *path, float usual)
{
    for (int i = 0; i < p->n; i++) {
        const char *key = p->key[i];

        if (*key == '^' ? strcmp(key + 1, path) == 0 : module_is(path, &key, 1))
            return p->value[i];
    }
    return usual;
}

int lora_rank(const LoraOptions *o, const char *path)
{
    return (int)number_at(&o->ranks, path, (float)o->rank);
}

float lora_scale(const LoraOptions *o, const char *path)
{
    int rank = lora_rank(o, path);
    float alpha = number_at(&o->alphas, path, o->alpha);

    return o->rslora ? (float)((double)alpha / sqrt(rank)) : alpha / (float)rank;
}

bool lora_wants(const LoraOptions *o, const char *path, const char *all)
{
    if (o->of.is_head && o->of.is_head(o->of.model, path))
        return false;
    for (int i = 0; i < o->targets; i++)
        if (strcmp(o->target[i], all) == 0)
            return true;
    return module_is(path, o->target, o->targets);
}

/* ---- asked by a bias's name ---- */

/* The layer of "..query.bias" in out; false: it is no bias, or the head's, which learns anyway. */
static bool layer_of_bias(const Method *m, const char *name, char *out, size_t size)
{
    static const char tail[] = ".bias";
    size_t n = strlen(name), k = sizeof tail - 1;

    if (n <= k || n - k >= size || strcmp(name + n - k, tail) != 0 ||
        (m->target.is_head && m->target.is_head(m->target.model, name)))
        return false;
    memcpy(out, name, n - k);
    out[n - k] = 0;
    return true;
}

/* Names alone do not tell every linear layer from norms and embeddings. */
Status lora_check(Err *e, const Method *m)
{
    const LoraOptions *o = m->options;

    for (int i = 0; i < o->targets && o->bias != LORA_BIAS_NONE; i++)
        if (strncmp(o->target[i], "all-", 4) == 0) {
            fail(e, E_USAGE, "bias=%s does not go together with \"%s\"", lora_bias_text(o->bias),
                 o->target[i]);
            return err_note(e, "hint", "name the layers: targets=query|value");
        }
    return E_OK;
}

bool lora_trains_bias(const Method *m, const char *name)
{
    const LoraOptions *o = m->options;
    char layer[500];

    if (o->bias == LORA_BIAS_NONE || !layer_of_bias(m, name, layer, sizeof layer))
        return false;
    return o->bias == LORA_BIAS_ALL || lora_wants(o, layer, "");
}

bool lora_wraps(const Method *m, const char *name)
{
    const LoraOptions *o = m->options;
    char layer[500];

    return o->bias != LORA_BIAS_NONE && layer_of_bias(m, name, layer, sizeof layer) &&
           lora_wants(o, layer, "");
}

/* ---- from text: "value:16|layer.0.output.dense:4" ---- */

static bool is_plain(const char *key)
{
    const char *own = key + (*key == '^');

    return *own &&
           own[strspn(own, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] ==
               0;
}

static Status pattern_new(Err *e, Arena *a, size_t most, LoraPattern *out)
{
    out->n = 0;
    out->key = NEWS(e, a, const char *, most + 1);
    out->value = NEWS(e, a, float, most + 1);
    return out->key && out->value ? E_OK : err_failed(e->code);
}

static bool fits(float x, bool whole)
{
    return whole ? x >= 1 && x <= RANK_MAX && x == floorf(x) : x >= 0 && x <= 1e6F;
}

Status lora_pattern_parse(Err *e, Arena *a, const char *key, const char *text, LoraPattern *out)
{
    bool whole = strcmp(key, "rank_pattern") == 0;
    size_t most = 1;

    for (const char *s = text; *s; s++)
        most += *s == '|';
    TRY(pattern_new(e, a, most, out));
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, "|");
        char *item = arena_strndup(e, a, s, n), *colon = item ? strrchr(item, ':') : NULL, *end;

        if (!item)
            return e->code;
        if (colon)
            *colon = 0;
        float x = colon ? strtof(colon + 1, &end) : 0;
        if (!colon || end == colon + 1 || *end || !is_plain(item) || !fits(x, whole))
            return fail(e, E_USAGE, "%s wants layers and numbers as in %s=query:4|value:16", key,
                        key);
        out->key[out->n] = item;
        out->value[out->n++] = x;
        s += n + (s[n] == '|');
    }
    return out->n ? E_OK
                  : fail(e, E_USAGE, "%s wants layers and numbers as in %s=query:4|value:16", key,
                         key);
}

Status lora_bias_parse(Err *e, const char *value, LoraBias *out)
{
    static const char *const names[] = {"none", "all", "lora_only"};

    for (int i = 0; i < (int)LEN(names); i++)
        if (strcmp(value, names[i]) == 0) {
            *out = (LoraBias)i;
            return E_OK;
        }
    fail(e, E_USAGE, "\"%s\" is no choice of biases", value);
    return err_note(e, "expected", "none, all or lora_only");
}

const char *lora_bias_text(LoraBias bias)
{
    return bias == LORA_BIAS_NONE ? "none" : bias == LORA_BIAS_ALL ? "all" : "lora_only";
}

/* ---- adapter_config.json ---- */

Status lora_pattern_read(Err *e, Arena *a, const Config *c, const char *key, LoraPattern *out)
{
    bool whole = strcmp(key, "rank_pattern") == 0;
    Config part = {0};
    size_t n = 0;

    TRY(config_part(e, c, key, &part));
    if (part.json)
        n = json_count(part.json);
    TRY(pattern_new(e, a, n, out));
    for (size_t i = 0; i < n; i++) {
        const char *layer = json_key(part.json, i);
        float x = 0;

        TRY(config_float(e, &part, layer, whole ? 1 : 0, whole ? RANK_MAX : 1e6, &x));
        if (!fits(x, whole))
            return config_fail(e, c, key, "expected whole numbers");
        if (!is_plain(layer))
            return config_fail(e, c, key, "a pattern (\"%.60s\") is not supported", layer);
        out->key[out->n] = arena_printf(e, a, "%s", layer);
        out->value[out->n] = x;
        if (!out->key[out->n++])
            return e->code;
    }
    return E_OK;
}

Status lora_pattern_write(Err *e, Arena *a, Config *c, const char *key, const LoraPattern *p)
{
    Config part = config_new(e, a, c->path, NULL);

    if (!part.json)
        return e->code;
    for (int i = 0; i < p->n; i++) {
        if (strcmp(key, "rank_pattern") == 0)
            TRY(config_set_int(e, &part, p->key[i], (int64_t)p->value[i]));
        else
            TRY(config_set_float(e, &part, p->key[i], p->value[i]));
    }
    return config_set(e, c, key, &part);
}

/* SPDX-License-Identifier: MIT */
