/* adapter.c - which head a base needs under an adapter: PEFT names the task, its saved classifier says how many
 * classes. */
#include "task/adapter.h"
#include "task/sample.h"

/* Classes of the adapter's own head; 0 when it brings none. */
static Status adapter_labels(Err *e, Arena *a, const char *adapter, int *labels)
{
    static const char *const names[] = {PEFT_PREFIX "classifier.weight",
                                        PEFT_PREFIX "classifier.out_proj.weight",
                                        PEFT_PREFIX "score.weight",
                                        PEFT_PREFIX_FRONT "classifier.weight",
                                        PEFT_PREFIX_FRONT "classifier.out_proj.weight",
                                        PEFT_PREFIX_FRONT "score.weight"};
    Weights *file;

    TRY(weights_open(e, a, adapter, &file));
    const Weight *head = NULL;

    for (size_t i = 0; !head && i < LEN(names); i++)
        head = weights_find(file, names[i]);
    *labels = head && head->shape.rank == 2 ? (int)head->shape.dim[0] : 0;
    return E_OK;
}

Status adapter_open(Err *e, Arena *a, const char *folder, const char *adapter, Model **model,
                    Method **method)
{
    ModelOptions o = {.head = HEAD_AUTO};
    const char *task = "";
    int labels;

    TRY(model_open(e, a, folder, &o, model));
    TRY(peft_text(e, a, adapter, "task_type", &task));
    TRY(adapter_labels(e, a, adapter, &labels));
    HeadKind head = model_peft_head(task);
    bool other = head != HEAD_AUTO && head != HEAD_NONE && head != (*model)->head;
    if (other || (labels && labels != (*model)->labels)) {
        o = (ModelOptions){.head = other ? head : (*model)->head,
                           .labels = labels,
                           .problem = labels == 1 ? PROBLEM_REGRESSION : PROBLEM_SINGLE};
        TRY(model_open(e, a, folder, &o, model));
    }
    MethodTarget target = target_of_model(*model);
    TRY(peft_open(e, a, adapter, &target, method));
    return adapter_room(e, *method, *model);
}

Status adapter_room(Err *e, const Method *method, Model *m)
{
    int64_t taken = m->def->input == INPUT_TOKENS ? method_positions(method) : 0;

    if (taken && m->max_length - taken < 2) {
        fail(e, E_USAGE, "%lld tokens in front leave no room for a text", (long long)taken);
        return err_note(e, "model", "at most %lld tokens", (long long)m->max_length);
    }
    m->max_length -= taken;
    return E_OK;
}

Status adapter_beside(Err *e, Arena *a, const char *folder, Model *m, const char **adapter,
                      Method **method)
{
    MethodTarget target = target_of_model(m);
    const char *inner, *config;
    bool here;

    *adapter = NULL;
    *method = NULL;
    if (!folder || !*folder)
        return E_OK;
    if (!(inner = path_join(e, a, folder, "adapter")) ||
        !(config = path_join(e, a, inner, "adapter_config.json")))
        return e->code;
    if (path_kind(arena_sys(a), inner) != PATH_DIR)
        return E_OK;
    TRY(path_file(e, arena_sys(a), config, &here));
    if (!here)
        return E_OK;
    TRY(peft_open(e, a, inner, &target, method));
    if ((*method)->def->merge) { /* it is in the weights */
        *method = NULL;
        return E_OK;
    }
    *adapter = inner;
    return adapter_room(e, *method, m);
}

/* SPDX-License-Identifier: MIT */
