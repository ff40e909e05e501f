/* names.c - what tensors are called: prefixes, old spellings, heads, classes of transformers. */
#include "models/inside.h"

#include <string.h>

const char *model_prefix(const Model *m)
{
    return m->head == HEAD_NONE || m->head == HEAD_MEAN ? "" : m->def->prefix;
}

bool model_name_in(const char *const *list, const char *plain)
{
    for (; list && *list; list++) {
        size_t n = strlen(*list);

        if (strncmp(plain, *list, n) == 0 && (plain[n] == '.' || plain[n] == 0))
            return true;
    }
    return false;
}

bool model_name_is_head(const ModelDef *def, const char *plain)
{
    return model_name_in(def->head_names, plain);
}

static bool ends(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);

    return n >= k && strcmp(s + n - k, end) == 0;
}

bool model_name_is_ignored(const ModelDef *def, const char *plain)
{
    for (int i = 0; def->ignored && def->ignored[i]; i++)
        if (ends(plain, def->ignored[i]))
            return true;
    return false;
}

const char *model_plain_name(Err *e, Arena *a, const ModelDef *def, const char *name)
{
    size_t n = strlen(def->prefix);

    if (strncmp(name, def->prefix, n) == 0 && name[n] == '.')
        name += n + 1;
    for (int i = 0; def->renames && def->renames[i][0]; i++)
        if (ends(name, def->renames[i][0]))
            return arena_printf(e, a, "%.*s%s", (int)(strlen(name) - strlen(def->renames[i][0])),
                                name, def->renames[i][1]);
    return name;
}

Status model_activation(Err *e, const Config *c, const char *key, const char *name, Act *out)
{
    static const struct {
        const char *name;
        Act act;
    } known[] = {{"gelu", ACT_GELU},
                 {"gelu_new", ACT_GELU_TANH},
                 {"relu", ACT_RELU},
                 {"gelu_pytorch_tanh", ACT_GELU_TANH},
                 {"silu", ACT_SILU},
                 {"swish", ACT_SILU},
                 {"quick_gelu", ACT_QUICK_GELU},
                 {"tanh", ACT_TANH}};

    for (size_t i = 0; i < LEN(known); i++)
        if (strcmp(known[i].name, name) == 0) {
            *out = known[i].act;
            return E_OK;
        }
    return config_fail(e, c, key, "\"%s\" is not known", name);
}

HeadKind model_head_of(const ModelDef *def, const char *architecture)
{
    for (int i = HEAD_NONE; architecture && i < HEAD_COUNT; i++)
        if (def->architecture[i] && strcmp(def->architecture[i], architecture) == 0)
            return (HeadKind)i;
    return HEAD_AUTO;
}

bool model_has_labels(HeadKind head)
{
    return head == HEAD_SEQUENCE || head == HEAD_MEAN || head == HEAD_TOKEN || head == HEAD_PICTURE;
}

/* The model's own name without prefix; methods add parts after it, never before. */
static const char *own(const ModelDef *def, const char *name)
{
    size_t n = strlen(def->prefix);

    return strncmp(name, def->prefix, n) == 0 && name[n] == '.' ? name + n + 1 : name;
}

int model_depth(const void *model, const char *name)
{
    const Model *m = model;

    return m->def->depth(m, own(m->def, name));
}

bool model_is_head(const void *model, const char *name)
{
    const Model *m = model;
    const char *plain = own(m->def, name);

    /* A pooler that the release lacks is as new as the head. */
    return model_name_is_head(m->def, plain) ||
           (!m->optional && model_name_in(m->def->optional, plain));
}

bool model_is_turned(const void *model, const char *name)
{
    const Model *m = model;

    for (; name; name = strchr(name, '.') ? strchr(name, '.') + 1 : NULL)
        if (model_name_in(m->def->turned, name))
            return true;
    return false;
}

/* SPDX-License-Identifier: MIT */
