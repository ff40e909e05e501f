/* merge_files.c - a base with its adapter in the weights written as a plain folder, then opened again: both ways must
 * say the same of random tokens but for rounding, and how much they differ is told. */
#include "task/merge_files.h"

#include "task/adapter.h"
#include "task/inside.h"

#include <math.h>
#include <string.h>

#define PROBES  8
#define ROUNDED 1e-3 /* of the largest output: more than rounding explains */

typedef struct Side { /* one of the two that are compared */
    Model *model;
    Graph *graph;
    Params *params;
    Run *run;
} Side;

static ModelShape probe_shape(const Model *m)
{
    int64_t longest = m->max_length < 48 ? m->max_length : 48;

    return (ModelShape){.sequences = PROBES, .tokens = PROBES * longest};
}

static Status build(Err *e, Arena *a, Side *s, const Method *method)
{
    ModelShape shape = probe_shape(s->model);
    ModelOutputs out;

    s->graph = graph_new(e, a, MODE_EVAL);
    s->params = params_new(e, a);
    if (!s->graph || !s->params)
        return err_failed(e->code);
    return model_build(e, s->model, s->graph, method ? method->hooks : NULL, &shape, &out);
}

/* Sequences of different lengths of random tokens, the same for both sides. */
static Status probe(Err *e, Arena *a, Pool *pool, Isa isa, Side *s)
{
    ModelShape shape = probe_shape(s->model);
    PlanOptions po = {.isa = isa, .threads = pool_threads(pool)};
    int32_t *offset = NEWS(e, a, int32_t, PROBES + 1);
    Plan *plan;

    if (!offset)
        return err_failed(e->code);
    TRY(plan_make(e, a, s->graph, &po, &plan));
    TRY(run_new(e, a, plan, s->params, pool, 0, &s->run));
    for (int i = 0; i < PROBES; i++)
        offset[i + 1] = offset[i] + (int32_t)(shape.tokens / PROBES * (i + 1) / PROBES);
    TRY(run_rows(e, s->run, "tokens",
                 &(Rows){.count = offset[PROBES], .groups = PROBES, .offset = offset}));
    int32_t *ids = run_input(s->run, "input_ids"), *type = run_input(s->run, "token_type_ids");
    for (int32_t i = 0; i < offset[PROBES]; i++) {
        ids[i] = (int32_t)(random_uniform(1, random_purpose("probe"), (uint64_t)i) *
                           (double)s->model->vocab);
        if (type)
            type[i] = 0;
    }
    return run_step(e, s->run);
}

static void compare(const Side *x, const Side *y, MergeReport *r)
{
    Tensor p = run_output(x->run, "logits"), q;

    r->output = p.data ? "logits" : "last_hidden_state";
    p = run_output(x->run, r->output);
    q = run_output(y->run, r->output);
    const float *u = p.data;
    int64_t n = shape_size(&p.shape), where;
    r->difference = tensor_difference(u, q.data, n, &where);
    for (int64_t i = 0; i < n; i++)
        r->largest = fmax(r->largest, fabs((double)u[i]));
}

/* ---- where things are ---- */

Status merge_about(Err *e, Arena *a, const char *given, const char **adapter, const char **base)
{
    const char *inner = path_join(e, a, given, "adapter");
    const char *config = inner ? path_join(e, a, given, "adapter_config.json") : NULL;

    if (!config)
        return e->code;
    bool run =
        path_kind(arena_sys(a), config) == PATH_NONE && path_kind(arena_sys(a), inner) == PATH_DIR;
    *adapter = run ? inner : given;
    *base = NULL;
    return peft_text(e, a, *adapter, "base_model_name_or_path", base);
}

/* Nothing that is there is overwritten. */
static Status new_folder(Err *e, Arena *a, const char *out)
{
    PathKind kind = path_kind(arena_sys(a), out);
    char **name;
    size_t n = 0;

    if (kind == PATH_DIR)
        TRY(dir_list(e, a, out, &name, &n));
    if (n > 0 || (kind != PATH_DIR && kind != PATH_NONE)) {
        fail(e, E_TAKEN, "\"%s\" is already there", out);
        return err_note(e, "hint", "-o chooses another folder; nothing is overwritten");
    }
    return dir_make(e, arena_sys(a), out);
}

/* ---- what stands beside the weights ---- */

static Status save_tokenizer(Err *e, Arena *a, const MergeOptions *o, bool *saved)
{
    Tokenizer *t;
    Status s = tokenizer_open(e, a, o->folder, &t);

    *saved = s == E_OK;
    if (s == E_NOINPUT) /* a folder of weights alone */
        return E_OK;
    TRY(s);
    return tokenizer_save(e, a, t, o->output);
}

static Status save_card(Err *e, Arena *a, const MergeOptions *o)
{
    const char *base = o->base_name ? o->base_name : path_base(o->folder);
    const char *licence = read_licence(e, a, o->folder);
    const char *path = path_join(e, a, o->output, "README.md");
    Writer *w;

    if (!path)
        return e->code;
    TRY(writer_open(e, a, path, &w));
    TRY(writer_printf(e, w, "---\nlibrary_name: transformers\nlicense: %s\nbase_model: ",
                      licence ? licence : "unknown"));
    TRY(card_quoted(e, w, base));
    TRY(writer_printf(e, w,
                      "\nbase_model_relation: finetune\ntags:\n- engraft\n---\n\n# %s\n\n"
                      "`%s` with the adapter `%s` merged into its weights by engraft.\n",
                      path_base(o->output), base, path_base(o->adapter)));
    return writer_commit(e, w);
}

/* ---- merging ---- */

static Status merge_and_save(Err *e, Arena *a, Pool *pool, const MergeOptions *o, Side *with,
                             MergeReport *report)
{
    Method *method;
    PeftReport peft;
    LoadReport base;

    TRY(adapter_open(e, a, o->folder, o->adapter, &with->model, &method));
    if (!method->def->merge) {
        fail(e, E_USAGE, "%s %s cannot be merged: it is not in the weights",
             *method->def->name == 'a' ? "an" : "a", method->def->name);
        return err_note(e, "hint", "eval, predict and embed take a trained folder as it is");
    }
    TRY(build(e, a, with, method));
    TRY(peft_load(e, a, o->adapter, method, with->graph, with->params, &peft));
    TRY(model_load(e, a, with->model, with->graph, with->params, &base));
    if (base.head_new)
        return fail(e, E_DATA, "neither the base nor the adapter has the head: %s", base.text);
    TRY(probe(e, a, pool, o->isa, with));
    TRY(method_merge(e, method, with->params, &report->merged));
    TRY(save_tokenizer(e, a, o, &report->tokenizer));
    TRY(save_card(e, a, o));
    return model_save(e, a, with->model, with->params, o->output);
}

static Status open_and_compare(Err *e, Arena *a, Pool *pool, const MergeOptions *o,
                               const Side *with, MergeReport *report)
{
    Side merged = {0};
    LoadReport loaded;

    TRY(model_open(e, a, o->output, &(ModelOptions){.head = HEAD_AUTO}, &merged.model));
    TRY(build(e, a, &merged, NULL));
    TRY(model_load(e, a, merged.model, merged.graph, merged.params, &loaded));
    TRY(probe(e, a, pool, o->isa, &merged));
    compare(with, &merged, report);
    if (report->difference <= ROUNDED * report->largest) /* not so for NaN */
        return E_OK;
    fail(e, E_INTERNAL, "the merged model does not say what base and adapter say");
    return err_note(e, "found", "%s that differ by %g, the largest is %g", report->output,
                    report->difference, report->largest);
}

Status merge_files(Err *e, Arena *a, Pool *pool, const MergeOptions *o, MergeReport *report)
{
    Side with = {0};
    Err ignored;

    *report = (MergeReport){0};
    TRY(new_folder(e, a, o->output));
    Status s = merge_and_save(e, a, pool, o, &with, report);
    if (!s)
        s = open_and_compare(e, a, pool, o, &with, report);
    if (s) /* half a model would look like one */
        (void)path_remove(&ignored, arena_sys(a), o->output);
    return s ? err_while(e, "merging \"%s\"", o->adapter) : E_OK;
}

/* SPDX-License-Identifier: MIT */
