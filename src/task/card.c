/* card.c - README.md of a saved model: what it is, from what, how good, under which terms. */
#include "task/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CARD_MAX (1 << 20)

/* `license:` of a README's front matter, NULL when it does not say. */
char *read_licence(Err *e, Arena *a, const char *folder)
{
    const char *path = path_join(e, a, folder, "README.md");
    Bytes b;

    if (!path || file_read_all(e, a, path, CARD_MAX, &b) || b.n < 4 ||
        memcmp(b.data, "---", 3) != 0)
        return NULL;
    const char *at = (const char *)b.data + 3, *end = strstr(at, "\n---");
    const char *key = strstr(at, "\nlicense:");
    if (!key || (end && key > end))
        return NULL;
    key += 9;
    key += strspn(key, " \t\"'");
    size_t n = strcspn(key, "\"'\r\n");
    return n && n < 100 ? arena_strndup(e, a, key, n) : NULL;
}

/* A YAML text between double quotes. */
Status card_quoted(Err *e, Writer *w, const char *s)
{
    TRY(writer_put(e, w, "\"", 1));
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            TRY(writer_put(e, w, "\\", 1));
        TRY(writer_put(e, w, (unsigned char)*s < ' ' ? " " : s, 1));
    }
    return writer_put(e, w, "\"", 1);
}

static Status front_matter(Err *e, const Job *j, Writer *w)
{
    const ScoreRow *best = NULL;

    for (int i = 0; i < j->r->rows; i++)
        if (j->r->row[i].chosen)
            best = &j->r->row[i];
    TRY(writer_printf(e, w, "---\nlibrary_name: %s\npipeline_tag: %s\n", j->kind->library,
                      j->kind->pipeline));
    TRY(writer_printf(e, w, "license: %s\nbase_model: ", j->licence ? j->licence : "unknown"));
    TRY(card_quoted(e, w, j->o.model_name));
    TRY(writer_printf(e, w, "\nbase_model_relation: finetune\ntags:\n- engraft\nmetrics:\n- %s\n",
                      j->regression ? "spearmanr" : "accuracy"));
    if (best)
        TRY(writer_printf(
            e, w,
            "model-index:\n- name: %s\n  results:\n  - task:\n      type: %s\n"
            "    dataset:\n      name: held-out part\n      type: private\n    metrics:\n"
            "    - type: %s\n      value: %.4f\n",
            path_base(j->o.output), j->kind->pipeline, j->regression ? "spearmanr" : "accuracy",
            best->held));
    return writer_printf(e, w, "---\n\n");
}

static Status table(Err *e, const Job *j, Writer *w)
{
    TRY(writer_printf(e, w,
                      "| | training | held out | 95 %% interval | n |\n|---|---|---|---|---|\n"));
    for (int i = 0; i < j->r->rows; i++) {
        const ScoreRow *r = &j->r->row[i];

        TRY(writer_printf(e, w, "| %s%s | %.3f | %.3f | %.3f to %.3f | %lld |\n", r->name,
                          r->chosen ? " (this model)" : "", r->train, r->held, r->interval.low,
                          r->interval.high, (long long)r->held_n));
    }
    return writer_printf(e, w, "\nFigures are %s. %s\n\n",
                         j->regression ? "Spearman's rank correlation" : "accuracy", j->r->verdict);
}

/* Other programs would take the weights for the whole. */
static Status beside(Err *e, const Job *j, Writer *w)
{
    const AdaptDef *def = adapt_named(j->o.method);

    if (j->r->tuned < 0 || !j->r->row[j->r->tuned].chosen || !def || !def->adds || def->merge)
        return E_OK;
    return writer_printf(
        e, w,
        "## In other programs\n\nThe weights are the base model's: the learned %s is "
        "in `adapter/`, which engraft uses by itself and others load with %s "
        "over `%s`.\n\n",
        def->name, def->hub ? "AdapterHub's library" : "PEFT", j->o.model_name);
}

Status job_card(Err *e, Job *j)
{
    const TrainOptions *o = &j->o;
    const char *path = path_join(e, j->a, o->output, "README.md");
    Writer *w;

    if (!path)
        return err_failed(e->code);
    TRY(writer_open(e, j->a, path, &w));
    TRY(front_matter(e, j, w));
    TRY(writer_printf(e, w, "# %s\n\n%s from the column `%s`, adapted from `%s` by engraft.\n\n",
                      path_base(o->output), j->regression ? "A number" : "One of several classes",
                      j->text_name, o->model_name));
    TRY(table(e, j, w));
    if (!j->regression) {
        TRY(writer_printf(e, w, "Classes:"));
        for (int k = 0; k < j->outputs; k++)
            TRY(writer_printf(e, w, "%s `%s`", k ? "," : "", j->labels.name[k]));
        TRY(writer_printf(e, w, "\n\n"));
    }
    TRY(writer_printf(e, w,
                      "## Terms\n\nBase model: `%s`, licence: %s. The %s it learned from are the "
                      "trainer's own (`%s`); their terms are not known to engraft.\n\n",
                      o->model_name, j->licence ? j->licence : "not stated in its folder",
                      j->kind->many, path_base(o->data)));
    TRY(beside(e, j, w));
    TRY(writer_printf(
        e, w,
        "## Use\n\n    engraft predict %s %s -o scored.csv\n\nSettings, history and the "
        "data's fingerprint are in `engraft/`; `report.html` shows them.\n",
        path_base(o->output), j->kind->example));
    return writer_commit(e, w);
}

/* SPDX-License-Identifier: MIT */
