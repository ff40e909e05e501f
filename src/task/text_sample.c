/* text_sample.c - samples that are texts or pairs of texts: tokenised once, batches of them without padding. */
#include "task/report.h"

#include <string.h>

#define LENGTH_MAX 256
#define TEXT_SHOWN 400

typedef struct Words { /* all tokens, one text after another: SampleSet.start */
    int32_t *id, *type;
    size_t id_cap, type_cap;
} Words;

/* ---- settings ---- */

/* Narrow networks bear, and need, larger steps: 5e-5 at BERT-base's width, 2e-4 at half of it. */
static double usual_rate(const TrainOptions *o, const Model *m)
{
    double width = 768 / (double)m->dim, full = 5e-5 * width * width;

    return method_usual_rate(o, full > 5e-4 ? 5e-4 : full);
}

static Status settings(Err *e, Job *j, const Model *m)
{
    TrainOptions *o = &j->o;
    const char *own = m->def->causal ? "last" : "cls"; /* what the family's own head reads */

    TRY(refuse_option(e, j, o->size != 0, "--size"));
    TRY(refuse_option(e, j, o->augment != NULL, "--augment"));
    TRY(refuse_option(e, j, o->views != 0, "--views"));
    TRY(refuse_option(e, j, o->batch_norm != NULL, "--batch-norm"));
    TRY(refuse_option(e, j, o->per_class != 0, "--per-class"));

    if (!o->pool) {
        const AdaptDef *def = adapt_named(o->method);

        o->pool = def && def->in_mean && strcmp(own, "cls") == 0 ? "mean" : own;
    }
    o->epochs = o->epochs ? o->epochs : 5;
    o->lr = or_default(o->lr, usual_rate(o, m));
    if (strcmp(o->pool, own) != 0 && strcmp(o->pool, "mean") != 0) {
        fail(e, E_USAGE, "\"%s\" is no pooling of a %s", o->pool, m->def->name);
        return err_note(e, "expected", "%s or mean", own);
    }
    return E_OK;
}

static const char *how(Err *e, const Job *j)
{
    (void)e;
    if (strcmp(j->o.pool, "mean") == 0)
        return "pooling by mean";
    return strcmp(j->o.pool, "cls") == 0
               ? "pooling by [CLS] (BERT's own head; loads in transformers)"
               : "pooling by the last token (the family's own head; loads in transformers)";
}

static Status keep(Err *e, const Job *j, Config *settings)
{
    return config_set_text(e, settings, "pooling", j->o.pool);
}

static HeadKind head(const Job *j, bool frozen)
{
    return frozen || strcmp(j->o.pool, "mean") == 0 ? HEAD_MEAN : HEAD_SEQUENCE;
}

/* ---- from words to tokens ---- */

static Status open_reader(Err *e, Arena *a, const Model *m, int64_t size, Reader *out)
{
    Tokenizer *tokenizer;

    TRY(tokenizer_open(e, a, m->folder, &tokenizer));
    if (size == 0)
        size = m->usual_length;
    *out = (Reader){.kind = &sample_text,
                    .model = m,
                    .inside = tokenizer,
                    .size = size < m->max_length ? size : m->max_length};
    return E_OK;
}

static Status add_tokens(Err *e, Arena *a, const Model *m, const Tokens *t, SampleSet *s, Words *w,
                         int64_t i)
{
    int64_t at = s->start[i];

    TRY(GROW(e, a, w->id, w->id_cap, at + (int64_t)t->n));
    TRY(GROW(e, a, w->type, w->type_cap, at + (int64_t)t->n));
    for (size_t k = 0; k < t->n; k++) {
        if (t->id[k] < 0 || t->id[k] >= m->vocab) {
            fail(e, E_DATA, "the tokenizer gives token %d, but the model knows %lld", t->id[k],
                 (long long)m->vocab);
            return err_note(e, "folder", "%s", m->folder);
        }
        w->id[at + (int64_t)k] = t->id[k];
        w->type[at + (int64_t)k] = t->type[k] < m->types ? t->type[k] : 0;
    }
    s->start[i + 1] = at + (int64_t)t->n;
    if ((int64_t)t->n > s->longest)
        s->longest = (int64_t)t->n;
    return E_OK;
}

static Status make(Err *e, Arena *a, const Reader *r, const Raw *texts, SampleSet *out)
{
    Arena *scratch = arena_child(e, a);
    Words *w = NEW(e, a, Words);
    Tokens tokens = {0};

    *out = (SampleSet){.kind = r->kind, .n = texts->n, .inside = w};
    out->start = NEWS(e, a, int64_t, texts->n + 1);
    if (!scratch || !w || !out->start)
        return err_failed(e->code);
    for (int64_t i = 0; i < texts->n; i++) {
        const Cell *first = &texts->first[i], *other = texts->second ? &texts->second[i] : NULL;

        if (i % 64 == 0 && event_stop(r->events))
            return fail(e, E_STOPPED, "stopped while reading the texts");
        TRY(tokenizer_encode(e, scratch, r->inside, first->s, first->n, other ? other->s : NULL,
                             other ? other->n : 0, r->size, &tokens));
        if (tokens.n == 0) { /* a tokenizer without special tokens, and an empty text */
            fail(e, E_DATA, "a text has no tokens");
            err_note(e, "text", "number %lld of %lld", (long long)i + 1, (long long)texts->n);
            return err_note(e, "hint",
                            "It is empty, and the model's tokenizer puts nothing around a text: "
                            "leave the row out.");
        }
        out->cut += (int64_t)tokens.n == r->size;
        TRY(add_tokens(e, a, r->model, &tokens, out, w, i));
    }
    arena_free(scratch);
    return E_OK;
}

/* max_length: the model's, what the data needs, 256 at most unless asked for. */
static Status prepare(Err *e, Job *j)
{
    ModelOptions o = {.head = HEAD_NONE};
    int64_t cap = j->o.max_length > 0 ? j->o.max_length : LENGTH_MAX;
    Model *m;

    TRY(job_model(e, j, j->a, &o, &m));
    if (j->o.max_length > m->max_length) {
        fail(e, E_USAGE, "a length of %lld tokens is more than the model takes",
             (long long)j->o.max_length);
        return err_note(e, "expected", "at most %lld", (long long)m->max_length);
    }
    if (cap > m->max_length)
        cap = m->max_length;
    if (cap < 4)
        return fail(e, E_USAGE, "a length of %lld tokens cannot be", (long long)cap);
    TRY(open_reader(e, j->a, m, cap, &j->reader));
    j->reader.events = &j->c->events;
    TRY(make(e, j->a, &j->reader, &(Raw){j->first, j->second, NULL, j->n + j->targets}, &j->set));
    j->o.max_length = cap;
    event_say(&j->c->events, EVENT_SAY, "texts     %lld tokens, %lld in the longest%s",
              (long long)j->set.start[j->n], (long long)j->set.longest,
              j->set.cut ? "" : "; none was cut");
    if (j->set.cut)
        event_say(&j->c->events, EVENT_SAY,
                  "texts     %lld of %lld reach the limit of %lld tokens (--max-length)",
                  (long long)j->set.cut, (long long)j->n, (long long)cap);
    return E_OK;
}

/* ---- a batch ---- */

static void shape(const Reader *r, const NetOptions *o, ModelShape *shape)
{
    (void)r;
    shape->sequences = o->samples;
    shape->tokens = o->units;
}

static Status fill(Err *e, Feed *f, Run *r, int64_t n)
{
    const SampleSet *s = f->set;
    const Words *w = s->inside;
    int32_t *id = run_input(r, "input_ids"), *type = run_input(r, "token_type_ids"), at = 0;

    for (int64_t i = 0; i < n; i++) {
        f->offset[i] = at;
        at += (int32_t)set_units(s, f->sample[i]);
    }
    f->offset[n] = at;
    TRY(run_rows(e, r, "tokens",
                 &(Rows){.count = at, .groups = n, .offset = f->offset, .sample = f->sample}));
    for (int64_t i = 0; i < n; i++) { /* run_rows has checked that they fit */
        int64_t from = s->start[f->sample[i]];
        size_t bytes = (size_t)(f->offset[i + 1] - f->offset[i]) * sizeof *id;

        memcpy(id + f->offset[i], w->id + from, bytes);
        if (type)
            memcpy(type + f->offset[i], w->type + from, bytes);
    }
    return E_OK;
}

/* ---- for people ---- */

static Status save(Err *e, Arena *a, const Reader *r, const Model *m, const char *folder)
{
    (void)m;
    return tokenizer_save(e, a, r->inside, folder);
}

/* At most TEXT_SHOWN bytes, whole characters. */
static Status shorten(Err *e, Writer *w, Cell c)
{
    size_t n = c.n < TEXT_SHOWN ? c.n : TEXT_SHOWN;

    while (n > 0 && n < c.n && ((unsigned char)c.s[n] & 0xC0) == 0x80)
        n--;
    TRY(put_text(e, w, c.s, n));
    return n < c.n ? writer_put(e, w, " ...", 4) : E_OK;
}

static Status show(Err *e, Writer *w, const Job *j, int64_t i)
{
    TRY(writer_put(e, w, "<p>", 3));
    TRY(shorten(e, w, j->first[i]));
    if (j->second) {
        TRY(writer_put(e, w, "<br>", 4));
        TRY(shorten(e, w, j->second[i]));
    }
    return writer_put(e, w, "</p>", 4);
}

const SampleKind sample_text = {
    .input = INPUT_TOKENS,
    .one = "text",
    .many = "texts",
    .unit = "tokens",
    .model = "all-MiniLM-L6-v2",
    .model_why = "small, English, good features",
    .embedding = "embedding",
    .wrong_shown = 12,
    .library = "transformers",
    .pipeline = "text-classification",
    .example = "new.csv",
    .eval_samples = 64,
    .eval_units = 1024,
    .settings = settings,
    .how = how,
    .keep = keep,
    .data = text_data,
    .target = text_target,
    .prepare = prepare,
    .baseline = job_bag,
    .head = head,
    .open = open_reader,
    .make = make,
    .shape = shape,
    .fill = fill,
    .save = save,
    .show = show,
};

/* SPDX-License-Identifier: MIT */
