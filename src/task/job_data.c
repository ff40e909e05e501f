/* job_data.c - what every kind of sample asks of its data: enough to learn and to judge, more than one class. */
#include "task/inside.h"

#include <string.h>

static Status need_rows(Err *e, const Job *j)
{
    static const char *const part[] = {"training", "validation", "test"};

    for (int p = 0; p < 3; p++) {
        if (j->part.n[p] > 0 || (p == PART_VALID && !j->o.valid && j->o.valid_share == 0))
            continue;
        fail(e, E_DATA, "the %s part has no rows", part[p]);
        err_note(e, "file", "%s",
                 p == 1 && j->o.valid  ? j->o.valid
                 : p == 2 && j->o.test ? j->o.test
                                       : j->o.data);
        err_note(e, "found", "%lld rows with a label in all", (long long)j->n);
        return err_note(e, "hint", "it takes a few dozen labelled examples to learn and to judge");
    }
    if (!j->regression && j->labels.n < 2) {
        fail(e, E_DATA, "all rows have the label \"%s\"", j->labels.n ? j->labels.name[0] : "");
        return err_note(e, "column", "%s", j->label_name);
    }
    return E_OK;
}

/* n / (classes * count), PyTorch's "balanced". */
static Status class_weights(Err *e, Job *j)
{
    int64_t *count = NEWS(e, j->a, int64_t, j->outputs + 1);

    j->weight = NEWS(e, j->a, float, j->outputs + 1);
    if (!count || !j->weight)
        return err_failed(e->code);
    for (int64_t i = 0; i < j->part.n[PART_TRAIN]; i++)
        count[j->label[j->part.row[PART_TRAIN][i]]]++;
    for (int k = 0; k < j->outputs; k++)
        j->weight[k] =
            count[k]
                ? (float)((double)j->part.n[PART_TRAIN] / ((double)j->outputs * (double)count[k]))
                : 1;
    return E_OK;
}

static void say_classes(const Job *j)
{
    int64_t count[3] = {0};
    const Events *ev = &j->c->events;

    for (int k = 0; k < j->outputs && !j->regression; k++) {
        for (int p = 0; p < 3; p++) {
            count[p] = 0;
            for (int64_t i = 0; i < j->part.n[p]; i++)
                count[p] += j->label[j->part.row[p][i]] == k;
        }
        if (count[0] == 0)
            event_say(ev, EVENT_WARN,
                      "class \"%s\" is only in the validation or test part: it cannot be learned",
                      j->labels.name[k]);
        else if (count[0] + count[1] + count[2] == 1)
            event_say(ev, EVENT_WARN,
                      "class \"%s\" has one example: it is learned from, but not judged",
                      j->labels.name[k]);
    }
}

Status job_data(Err *e, Job *j)
{
    TRY(j->kind->data(e, j));
    TRY(job_limit(e, j));
    TRY(need_rows(e, j));
    if (j->domain)
        TRY(job_domain_data(e, j));
    say_classes(j);
    if (!j->regression && j->o.class_weights && strcmp(j->o.class_weights, "auto") == 0)
        TRY(class_weights(e, j));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
