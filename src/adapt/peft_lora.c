/* peft_lora.c - LoRA's part of adapter_config.json. */
#include "adapt/adapt.h"

#include <string.h>

static Status refuse_off(Err *e, const Config *c, const char *key)
{
    bool on = false;

    TRY(config_bool(e, c, key, &on));
    return on ? config_fail(e, c, key, "this variant of LoRA is not supported") : E_OK;
}

/* "fan_in_fan_out" is not asked: the family says how its weights lie, as PEFT itself corrects the key by the layer. */
static Status refuse_unsupported(Err *e, const Config *c)
{
    static const char *const flags[] = {"use_qalora", "lora_bias", "use_bdlora"};
    static const char *const values[] = {
        "layers_to_transform", "layer_replication", "target_parameters", "trainable_token_indices",
        "megatron_config",     "kasa_config",       "velora_config",     "alora_invocation_tokens"};
    static const char *const lists[] = {"exclude_modules"};

    for (size_t i = 0; i < LEN(flags); i++)
        TRY(refuse_off(e, c, flags[i]));
    for (size_t i = 0; i < LEN(values); i++)
        if (config_has(c, values[i]))
            return config_fail(e, c, values[i], "this variant of LoRA is not supported");
    for (size_t i = 0; i < LEN(lists); i++)
        if (json_count(config_get(c, lists[i])) || json_text(config_get(c, lists[i])))
            return config_fail(e, c, lists[i], "this variant of LoRA is not supported");
    return E_OK;
}

Status lora_peft_read(Err *e, Arena *a, const Config *c, Method *m)
{
    LoraOptions *o = m->options;
    const char *bias = "none";
    int64_t rank = 8;

    o->alpha = 8;
    TRY(config_int(e, c, "r", 1, 4096, &rank));
    TRY(config_float(e, c, "lora_alpha", 0, 1e6, &o->alpha));
    TRY(config_float(e, c, "lora_dropout", 0, 0.99, &o->dropout));
    TRY(config_bool(e, c, "use_rslora", &o->rslora));
    TRY(config_text(e, c, "bias", &bias));
    if (lora_bias_parse(e, bias, &o->bias))
        return config_fail(e, c, "bias", "expected none, all or lora_only, found \"%.60s\"", bias);
    TRY(lora_pattern_read(e, a, c, "rank_pattern", &o->ranks));
    TRY(lora_pattern_read(e, a, c, "alpha_pattern", &o->alphas));
    o->rank = (int)rank;
    TRY(refuse_unsupported(e, c));
    return modules_read(e, a, c, "target_modules", &o->target, &o->targets);
}

/* ---- writing ---- */

/* PEFT knows "all-linear" where it stands alone; a list with a word of ours is written as the modules that it chose. */
static Status set_targets(Err *e, Arena *a, Config *c, const LoraOptions *o, Params *params)
{
    static const char tail[] = ".lora_A.weight";
    const char **module = NEWS(e, a, const char *, params_count(params) + 1);
    bool ours = false;
    size_t modules = 0;

    if (!module)
        return e->code;
    if (o->targets == 1 && strcmp(o->target[0], "all-linear") == 0)
        return config_set_text(e, c, "target_modules", "all-linear");
    for (int i = 0; i < o->targets; i++)
        ours |= strncmp(o->target[i], "all-", 4) == 0;
    if (!ours)
        return config_set_texts(e, c, "target_modules", o->target, (size_t)o->targets);
    for (int i = 0; i < params_count(params); i++) {
        const char *name = params_at(params, i)->name;
        size_t n = strlen(name);

        if (n < sizeof tail || strcmp(name + n - (sizeof tail - 1), tail) != 0)
            continue;
        if (!(module[modules++] = arena_strndup(e, a, name, n - (sizeof tail - 1))))
            return e->code;
    }
    return config_set_texts(e, c, "target_modules", module, modules);
}

static Status set_fixed(Err *e, Config *c, bool turned, bool dora)
{
    TRY(config_set_bool(e, c, "fan_in_fan_out", turned));
    TRY(config_set_bool(e, c, "use_dora", dora));
    TRY(config_set_bool(e, c, "init_lora_weights", true));
    TRY(config_set_text(e, c, "layers_to_transform", NULL));
    return config_set_text(e, c, "layers_pattern", NULL);
}

Status lora_peft_write(Err *e, Arena *a, Config *c, const Method *m, Params *params)
{
    const LoraOptions *o = m->options;

    TRY(config_set_int(e, c, "r", o->rank));
    TRY(config_set_float(e, c, "lora_alpha", o->alpha));
    TRY(config_set_float(e, c, "lora_dropout", o->dropout));
    TRY(config_set_bool(e, c, "use_rslora", o->rslora));
    TRY(config_set_text(e, c, "bias", lora_bias_text(o->bias)));
    TRY(lora_pattern_write(e, a, c, "rank_pattern", &o->ranks));
    TRY(lora_pattern_write(e, a, c, "alpha_pattern", &o->alphas));
    TRY(set_targets(e, a, c, o, params));
    return set_fixed(e, c, modules_turned(m, params), o->dora);
}

/* SPDX-License-Identifier: MIT */
