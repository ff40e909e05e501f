/* hub.c - AdapterHub's folders (Pfeiffer et al. 2020, arXiv:2007.07779; the library "adapters"): adapter_config.json with
 * the network's form under "config", tensors in adapter.safetensors or pytorch_adapter.bin.  The head lies in files
 * of its own there, which are not read.  What would change the numbers and is not computed is refused by name. */
#include "adapt/hub.h"

#include <string.h>

/* ---- names ---- */

char *hub_name(Err *e, Arena *a, const Method *m, const char *param)
{
    const BottleneckOptions *o = m->options;
    const char *at = strstr(param, HUB_TAIL);
    int n = at ? (int)(at - param) : 0;

    return at ? arena_printf(e, a, "%.*s.adapters.%s.%s", n, param, o->name,
                             at + strlen(".adapters."))
              : arena_printf(e, a, "%s", param);
}

Status hub_own_name(Err *e, Arena *a, const Method *m, const char *disk, const char **out)
{
    const BottleneckOptions *o = m->options;
    const char *middle = arena_printf(e, a, ".adapters.%s.", o->name);

    *out = NULL;
    if (!middle)
        return e->code;
    const char *at = strstr(disk, middle);
    if (!at)
        return E_OK;
    *out = arena_printf(e, a, "%.*s.adapters.%s", (int)(at - disk), disk, at + strlen(middle));
    return *out ? E_OK : e->code;
}

/* ---- reading ---- */

static Status refuse_unsupported(Err *e, const Config *c)
{
    static const char *const off[] = {"ln_before",  "ln_after",  "is_parallel",
                                      "use_gating", "phm_layer", "cross_adapter"};
    static const char *const on[] = {"original_ln_after", "residual_before_ln"};
    bool is;

    if (config_has(c, "architecture"))
        return config_fail(e, c, "architecture", "only bottleneck adapters are supported");
    for (size_t i = 0; i < LEN(off); i++) {
        is = false;
        TRY(config_bool(e, c, off[i], &is));
        if (is)
            return config_fail(e, c, off[i], "this variant of a bottleneck is not supported");
    }
    for (size_t i = 0; i < LEN(on); i++) {
        is = true;
        TRY(config_bool(e, c, on[i], &is));
        if (!is)
            return config_fail(e, c, on[i], "this variant of a bottleneck is not supported");
    }
    if (config_has(c, "inv_adapter"))
        return config_fail(e, c, "inv_adapter", "invertible adapters are not supported");
    if (json_count(config_get(c, "leave_out")))
        return config_fail(e, c, "leave_out", "layers without an adapter are not supported");
    if (json_text(config_get(c, "scaling")))
        return config_fail(e, c, "scaling", "a learned scale is not supported");
    return E_OK;
}

/* Files older than the library's own versions say "gelu" for what is now "gelu_new". */
static Status read_act(Err *e, const Config *c, bool old, BottleneckOptions *o)
{
    static const struct {
        const char *name;
        Act act;
    } known[] = {{"relu", ACT_RELU},
                 {"gelu", ACT_GELU},
                 {"gelu_new", ACT_GELU_TANH},
                 {"gelu_orig", ACT_GELU},
                 {"silu", ACT_SILU},
                 {"swish", ACT_SILU},
                 {"quick_gelu", ACT_QUICK_GELU},
                 {"tanh", ACT_TANH}};
    const char *name = o->act_name;

    TRY(config_text(e, c, "non_linearity", &name));
    if (old && strcmp(name, "gelu") == 0)
        name = "gelu_new";
    for (size_t i = 0; i < LEN(known); i++)
        if (strcmp(known[i].name, name) == 0) {
            o->act = known[i].act;
            o->act_name = strcmp(name, "gelu_orig") == 0 ? "gelu" : known[i].name;
            return E_OK;
        }
    return config_fail(e, c, "non_linearity", "\"%.60s\" is not known", name);
}

static Status read_form(Err *e, const Config *c, bool old, BottleneckOptions *o)
{
    TRY(refuse_unsupported(e, c));
    TRY(config_need(e, c, "mh_adapter"));
    TRY(config_need(e, c, "output_adapter"));
    TRY(config_need(e, c, "reduction_factor"));
    TRY(config_bool(e, c, "mh_adapter", &o->after_attention));
    TRY(config_bool(e, c, "output_adapter", &o->after_feedforward));
    o->reads_sum = false;
    TRY(config_bool(e, c, "original_ln_before", &o->reads_sum));
    TRY(config_float(e, c, "reduction_factor", 1e-3, 1e6, &o->reduction));
    TRY(config_float(e, c, "scaling", -1e6, 1e6, &o->scaling));
    TRY(config_float(e, c, "dropout", 0, 0.99, &o->dropout));
    return read_act(e, c, old, o);
}

Status hub_open(Err *e, Arena *a, const Config *c, const MethodTarget *target, Method **out)
{
    Config form = {0};
    int64_t dim = target->dim;

    TRY(config_part(e, c, "config", &form));
    if (!form.json)
        return config_fail(e, c, "config", "expected the adapter's form");
    TRY(method_make(e, a, &adapt_adapter, NULL, target, out));
    BottleneckOptions *o = (*out)->options;
    TRY(config_need(e, c, "name"));
    TRY(config_text(e, c, "name", &o->name));
    if (!*o->name || strlen(o->name) > 200)
        return config_fail(e, c, "name", "expected the adapter's name");
    if (!(o->name = arena_printf(e, a, "%s", o->name)))
        return e->code;
    TRY(config_int(e, c, "hidden_size", 1, 1 << 20, &dim));
    if (target->dim && dim != target->dim)
        return config_fail(e, c, "hidden_size", "an adapter of width %lld, the model has %lld",
                           (long long)dim, (long long)target->dim);
    return read_form(e, &form, !config_has(c, "version"), o);
}

/* ---- writing ---- */

static Status write_form(Err *e, Config *c, const BottleneckOptions *o)
{
    static const char *const off[] = {"ln_before",    "ln_after",   "adapter_residual_before_ln",
                                      "is_parallel",  "use_gating", "phm_layer",
                                      "cross_adapter"};

    TRY(config_set_bool(e, c, "mh_adapter", o->after_attention));
    TRY(config_set_bool(e, c, "output_adapter", o->after_feedforward));
    TRY(config_set_float(e, c, "reduction_factor", o->reduction));
    TRY(config_set_text(e, c, "non_linearity", o->act_name));
    TRY(config_set_bool(e, c, "original_ln_before", o->reads_sum));
    TRY(config_set_bool(e, c, "original_ln_after", true));
    TRY(config_set_bool(e, c, "residual_before_ln", true));
    for (size_t i = 0; i < LEN(off); i++)
        TRY(config_set_bool(e, c, off[i], false));
    TRY(config_set_text(e, c, "init_weights", "bert"));
    TRY(config_set_text(e, c, "inv_adapter", NULL));
    TRY(config_set_texts(e, c, "leave_out", NULL, 0));
    TRY(config_set_float(e, c, "dropout", o->dropout));
    return config_set_float(e, c, "scaling", o->scaling);
}

/* "version" says which words for activations are meant. */
Status hub_write(Err *e, Arena *a, Config *c, const Method *m, const char *base)
{
    const BottleneckOptions *o = m->options;
    Config form = config_new(e, a, c->path, NULL);

    if (!form.json)
        return err_failed(e->code);
    TRY(write_form(e, &form, o));
    TRY(config_set(e, c, "config", &form));
    TRY(config_set_int(e, c, "hidden_size", m->target.dim));
    TRY(config_set_text(e, c, "model_name", base));
    TRY(config_set_text(e, c, "name", o->name));
    return config_set_text(e, c, "version", "adapters.1.3.0");
}

/* SPDX-License-Identifier: MIT */
