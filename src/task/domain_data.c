/* domain_data.c - what adaptation to an unlabelled target asks: settings that go together, and a target to learn from. */
#include "task/inside.h"

#include <string.h>

Status job_domain_settings(Err *e, Job *j)
{
    TrainOptions *o = &j->o;
    Domain *d;

    if (!o->target && !o->adapt)
        return E_OK;
    if (!o->target) {
        fail(e, E_USAGE, "--adapt adapts to an unlabelled target, and there is none");
        return err_note(e, "expected", "--target DATA: rows of that domain, without labels");
    }
    o->adapt = o->adapt ? o->adapt : "dann";
    TRY(domain_parse(e, j->a, o->adapt, &d));
    if (o->seeds > 1)
        return fail(e, E_USAGE, "--adapt takes one seed; run it once for each");
    if (o->no_tuning && !o->scratch)
        return fail(e, E_USAGE, "--adapt changes the network: it does not go with --no-tuning");
    if (method_is(o, "head"))
        return fail(e, E_USAGE,
                    "--adapt changes what the classifier reads; --method head lets nothing of it "
                    "change");
    j->domain = d;
    event_say(&j->c->events, EVENT_SAY, "adapt     %s (%s)", o->adapt, d->def->paper);
    return E_OK;
}

/* Labels of the target are none, whatever its files say. */
static Status no_labels(Err *e, Job *j)
{
    int32_t *label = NEWS(e, j->a, int32_t, j->n + j->targets + 1);

    j->target_row = NEWS(e, j->a, int64_t, j->targets + 1);
    if (!label || !j->target_row)
        return err_failed(e->code);
    memcpy(label, j->label, (size_t)j->n * sizeof *label);
    for (int64_t i = 0; i < j->targets; i++) {
        label[j->n + i] = -1;
        j->target_row[i] = j->n + i;
    }
    j->label = label;
    return E_OK;
}

Status job_domain_data(Err *e, Job *j)
{
    if (j->regression) {
        fail(e, E_USAGE, "--adapt is for classes, and the label is a measurement");
        return err_note(e, "column", "%s", j->label_name);
    }
    if (!j->kind->target)
        return fail(e, E_UNAVAILABLE, "--adapt is not there for %s yet", j->kind->many);
    TRY(j->kind->target(e, j));
    if (j->targets < 2) {
        fail(e, E_DATA, "the target has too few rows to adapt to");
        err_note(e, "file", "%s", j->o.target);
        return err_note(e, "found", "%lld", (long long)j->targets);
    }
    return no_labels(e, j);
}

/* SPDX-License-Identifier: MIT */
