/* adapter.c - which head a base needs under an adapter: PEFT names the task, its saved classifier says how many
 * classes. */
#include "task/adapter.h"
#include "task/sample.h"

/* Classes of the adapter's own head; 0 when it brings none. */
static Status adapter_labels(Err *e, Arena *a, const char *adapter, int *labels)
{
    static const char *const names[] = {PEFT_PREFIX "classifier.weight",
                                        PEFT_PREFIX "classifier.out_proj.weight",
                                        PEFT_PREFIX "score.weight"};
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
    return peft_open(e, a, adapter, &target, method);
}

/* SPDX-License-Identifier: MIT */
