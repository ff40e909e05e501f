/* models.c - the table of families, and building a model's graph. */
#include "models/inside.h"

#include <string.h>

static const ModelDef *const defs[] = {
#define MODEL(name) &model_##name,
#include "models/models.def"
#undef MODEL
};

int model_def_count(void)
{
    return (int)LEN(defs);
}

const ModelDef *model_def_at(int i)
{
    return defs[i];
}

const ModelDef *model_drawn(const char *text)
{
    size_t n = text ? strcspn(text, ":") : 0;

    if (n == 0)
        return NULL;
    for (int i = 0; i < model_def_count(); i++)
        if (defs[i]->draw && strlen(defs[i]->name) == n && memcmp(defs[i]->name, text, n) == 0)
            return defs[i];
    return NULL;
}

Status model_build(Err *e, const Model *m, Graph *g, const Hook *hooks, const ModelShape *shape,
                   ModelOutputs *out)
{
    Net root = nn_root(g, hooks);
    bool pictures = m->def->input == INPUT_PICTURES;

    *out = (ModelOutputs){.hidden = NO_NODE, .all = NO_NODE, .pooled = NO_NODE, .logits = NO_NODE};
    out->batch = graph_space(g, "batch", pictures ? shape->pictures : shape->sequences, SPACE_NONE);
    if (m->def->input == INPUT_TOKENS)
        out->tokens = graph_space(g, "tokens", shape->tokens, out->batch);
    m->def->build(m, root, shape, out);
    if (shape->labels)
        nn_on_loss(root);
    return graph_finish(e, g);
}

static const char *const peft_tasks[HEAD_COUNT] = {
    [HEAD_SEQUENCE] = "SEQ_CLS",        [HEAD_TOKEN] = "TOKEN_CLS",
    [HEAD_SPAN] = "QUESTION_ANS",       [HEAD_NONE] = "FEATURE_EXTRACTION",
    [HEAD_MEAN] = "FEATURE_EXTRACTION", [HEAD_CAUSAL] = "CAUSAL_LM",
};

const char *model_peft_task(const Model *m)
{
    return peft_tasks[m->head];
}

HeadKind model_peft_head(const char *task_type)
{
    for (int i = HEAD_NONE; i < HEAD_COUNT; i++)
        if (peft_tasks[i] && strcmp(peft_tasks[i], task_type) == 0)
            return (HeadKind)i;
    return HEAD_AUTO;
}

/* SPDX-License-Identifier: MIT */
