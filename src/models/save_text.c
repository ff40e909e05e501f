/* save_text.c - the layout of transformers: config.json and model.safetensors under released names.  A classifier over a
 * mean is laid out as sentence-transformers lays out its modules, so that the folder says how it pools. */
#include "models/inside.h"

#include <stdio.h>
#include <string.h>

static Status set_labels(Err *e, Arena *a, const Model *m, Config *c)
{
    static const char *const problem[] = {
        [PROBLEM_SINGLE] = "single_label_classification",
        [PROBLEM_MULTI] = "multi_label_classification",
        [PROBLEM_REGRESSION] = "regression",
    };
    Config names = config_new(e, a, c->path, NULL), ids = config_new(e, a, c->path, NULL);

    if (!names.json || !ids.json)
        return e->code;
    for (int i = 0; i < m->labels; i++) {
        char key[24];

        snprintf(key, sizeof key, "%d", i);
        TRY(config_set_text(e, &names, key, m->label[i]));
        TRY(config_set_int(e, &ids, m->label[i], i));
    }
    TRY(config_set(e, c, "id2label", &names));
    TRY(config_set(e, c, "label2id", &ids));
    config_drop(c, "num_labels");
    if (m->head != HEAD_TOKEN)
        return config_set_text(e, c, "problem_type", problem[m->problem]);
    config_drop(c, "problem_type");
    return E_OK;
}

/* transformers' classifiers over a decoder read the last token that is no padding, and take one text at a time where
 * the configuration does not say what padding is. */
static Status set_padding(Err *e, Config *c)
{
    int64_t end = -1;

    if (config_has(c, "pad_token_id"))
        return E_OK;
    TRY(config_int(e, c, "eos_token_id", 0, INT32_MAX, &end));
    return end < 0 ? E_OK : config_set_int(e, c, "pad_token_id", end);
}

Status model_save_text_config(Err *e, Arena *a, const Model *m, const char *folder)
{
    char *path = path_join(e, a, folder, "config.json");

    if (!path)
        return e->code;
    Config c = config_new(e, a, path, &m->config);
    if (!c.json)
        return e->code;
    TRY(config_set_texts(e, &c, "architectures", &m->def->architecture[m->head], 1));
    config_drop(&c, config_has(&c, "dtype") ? "torch_dtype" : "dtype");
    TRY(config_set_text(e, &c, config_has(&c, "dtype") ? "dtype" : "torch_dtype", "float32"));
    if (m->def->causal && m->head == HEAD_SEQUENCE)
        TRY(set_padding(e, &c));
    if (model_has_labels(m->head)) {
        TRY(set_labels(e, a, m, &c));
    } else { /* a span head has as many outputs as the configuration has labels: 2 by default */
        config_drop(&c, "id2label");
        config_drop(&c, "label2id");
        config_drop(&c, "num_labels");
        config_drop(&c, "problem_type");
    }
    return config_save(e, a, &c);
}

/* ---- modules of sentence-transformers ---- */

static Status add_module(Err *e, Arena *a, Config *list, int idx, const char *path)
{
    const char *kind = strchr(path, '_');
    Config item = config_new(e, a, "modules.json", NULL);
    char text[24];

    if (!item.json)
        return e->code;
    snprintf(text, sizeof text, "%d", idx);
    TRY(config_set_int(e, &item, "idx", idx));
    TRY(config_set_text(e, &item, "name", text));
    TRY(config_set_text(e, &item, "path", path));
    char *type =
        arena_printf(e, a, "sentence_transformers.models.%s", kind ? kind + 1 : "Transformer");
    if (!type)
        return e->code;
    TRY(config_set_text(e, &item, "type", type));
    return config_set(e, list, NULL, &item);
}

static Status open_part(Err *e, Arena *a, const char *folder, const char *part, Config *out)
{
    char *dir = path_join(e, a, folder, part);
    char *path = dir ? path_join(e, a, dir, "config.json") : NULL;

    if (!path)
        return e->code;
    TRY(dir_make(e, arena_sys(a), dir));
    *out = config_new(e, a, path, NULL);
    return out->json ? E_OK : e->code;
}

static Status save_pooling(Err *e, Arena *a, const Model *m, const char *folder)
{
    static const char *const mode[] = {"cls_token",           "mean_tokens",
                                       "max_tokens",          "mean_sqrt_len_tokens",
                                       "weightedmean_tokens", "lasttoken"};
    static const int of[] = {[POOL_CLS] = 0, [POOL_MEAN] = 1, [POOL_LAST] = 5};
    int own = of[m->head == HEAD_MEAN ? POOL_MEAN : m->pooling];
    Config c;

    TRY(open_part(e, a, folder, "1_Pooling", &c));
    TRY(config_set_int(e, &c, "word_embedding_dimension", m->dim));
    for (int i = 0; i < (int)LEN(mode); i++) {
        char key[60];

        snprintf(key, sizeof key, "pooling_mode_%s", mode[i]);
        TRY(config_set_bool(e, &c, key, i == own));
    }
    TRY(config_set_bool(e, &c, "include_prompt", true));
    return config_save(e, a, &c);
}

static Status save_dense(Err *e, Arena *a, const Model *m, Params *params, const char *folder)
{
    NamedTensor t[2];
    Config c;

    TRY(open_part(e, a, folder, "2_Dense", &c));
    TRY(config_set_int(e, &c, "in_features", m->dim));
    TRY(config_set_int(e, &c, "out_features", m->labels));
    TRY(config_set_bool(e, &c, "bias", true));
    TRY(config_set_text(e, &c, "activation_function", "torch.nn.modules.linear.Identity"));
    TRY(config_save(e, a, &c));
    for (int i = 0; i < 2; i++) {
        const Param *p = params_find(params, i ? "classifier.bias" : "classifier.weight");

        if (!p)
            return fail(e, E_INTERNAL, "the classifier has no value to save");
        t[i] = (NamedTensor){i ? "linear.bias" : "linear.weight", {DT_F32, p->shape, p->data}};
    }
    char *path = arena_printf(e, a, "%s/2_Dense/model.safetensors", folder);
    return path ? safetensors_write(e, a, path, t, 2, NULL) : e->code;
}

static Status save_modules(Err *e, Arena *a, const Model *m, Params *params, const char *folder)
{
    bool dense = m->head == HEAD_MEAN;
    Config list = config_list(e, a);

    if (!list.json || !(list.path = path_join(e, a, folder, "modules.json")))
        return e->code;
    TRY(add_module(e, a, &list, 0, ""));
    TRY(add_module(e, a, &list, 1, "1_Pooling"));
    if (dense)
        TRY(add_module(e, a, &list, 2, "2_Dense"));
    else if (m->normalize)
        TRY(add_module(e, a, &list, 2, "2_Normalize"));
    if (!dense && m->normalize) {
        char *dir = path_join(e, a, folder, "2_Normalize");

        if (!dir)
            return e->code;
        TRY(dir_make(e, arena_sys(a), dir));
    }
    TRY(save_pooling(e, a, m, folder));
    if (dense)
        TRY(save_dense(e, a, m, params, folder));
    Config length = config_new(e, a, path_join(e, a, folder, "sentence_bert_config.json"), NULL);
    if (!length.json || !length.path)
        return e->code;
    TRY(config_set_int(e, &length, "max_seq_length", m->usual_length));
    TRY(config_set_bool(e, &length, "do_lower_case", false));
    TRY(config_save(e, a, &length));
    return config_save(e, a, &list);
}

static int drop_head(const Model *m, NamedTensor *t, int n)
{
    int kept = 0;

    for (int i = 0; i < n; i++)
        if (!model_is_head(m, t[i].name))
            t[kept++] = t[i];
    return kept;
}

Status model_save_text(Err *e, Arena *a, const Model *m, Params *params, const char *folder)
{
    char *path = path_join(e, a, folder, "model.safetensors");
    NamedTensor *t;
    int n;

    if (!path)
        return e->code;
    TRY(model_tensors(e, a, m, params, &t, &n));
    if (m->head == HEAD_MEAN)
        n = drop_head(m, t, n);
    TRY(safetensors_write(e, a, path, t, n, NULL));
    if (m->def->input == INPUT_TOKENS && (m->head == HEAD_MEAN || m->head == HEAD_NONE))
        TRY(save_modules(e, a, m, params, folder));
    return model_save_text_config(e, a, m, folder);
}

/* SPDX-License-Identifier: MIT */
