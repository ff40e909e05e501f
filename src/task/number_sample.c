/* number_sample.c - samples that are rows of numbers: features that somebody else computed (svmlight, tables of numbers).
 * Sparse rows are kept sparse and spread out for a batch; columns of a table of numbers are standardised by the training
 * part, and how is saved beside the model. */
#include "data/features.h"
#include "formats/formats.h"
#include "task/report.h"

#include <math.h>
#include <string.h>

#define SCALER     "scaler.safetensors"
#define CELL_SHOWN 200

typedef struct Scaler {  /* (x - mean) / scale */
    float *mean, *scale; /* [columns] */
} Scaler;

typedef struct Numbers {
    int64_t columns;
    int64_t *start; /* [n + 1] */
    int32_t *column;
    float *value;
    size_t column_cap, value_cap;
    const Scaler *scaler; /* NULL: as they are */
} Numbers;

/* ---- settings ---- */

static Status settings(Err *e, Job *j, const Model *m)
{
    TrainOptions *o = &j->o;

    (void)m;
    TRY(refuse_option(e, j, o->pool != NULL, "--pooling"));
    TRY(refuse_option(e, j, o->second != NULL, "--second"));
    TRY(refuse_option(e, j, o->text != NULL, "--text"));
    TRY(refuse_option(e, j, o->max_length != 0, "--max-length"));
    TRY(refuse_option(e, j, o->size != 0, "--size"));
    TRY(refuse_option(e, j, o->augment != NULL, "--augment"));
    TRY(refuse_option(e, j, o->views != 0, "--views"));
    TRY(refuse_option(e, j, o->batch_norm != NULL, "--batch-norm"));
    TRY(refuse_option(e, j, o->per_class != 0, "--per-class"));
    o->epochs = o->epochs ? o->epochs : 40;
    o->patience = o->patience ? o->patience : 10;
    o->lr = or_default(o->lr, 3e-3);
    return E_OK;
}

static const char *how(Err *e, const Job *j)
{
    (void)e;
    (void)j;
    return "rows of numbers";
}

static Status keep(Err *e, const Job *j, Config *settings)
{
    return config_set_int(e, settings, "features", j->reader.size);
}

static HeadKind head(const Job *j, bool frozen)
{
    (void)j;
    (void)frozen;
    return HEAD_SEQUENCE;
}

/* ---- from files to numbers ---- */

static Status read_scaler(Err *e, Arena *a, const Model *m, const Scaler **out)
{
    char *path = path_join(e, a, m->folder, SCALER);
    Scaler *s = NEW(e, a, Scaler);
    Weights *w;
    bool here;

    *out = NULL;
    if (!path || !s)
        return err_failed(e->code);
    TRY(path_file(e, arena_sys(a), path, &here));
    if (!here)
        return E_OK;
    TRY(weights_open(e, a, path, &w));
    for (int i = 0; i < 2; i++) {
        const Weight *t = weights_find(w, i ? "scale" : "mean");
        float **to = i ? &s->scale : &s->mean;

        if (!t || t->shape.rank != 1 || t->shape.dim[0] != m->numbers) {
            fail(e, E_DATA, "the scaler is of other features than the model");
            err_note(e, "file", "%s", path);
            return err_note(e, "expected", "\"mean\" and \"scale\" [%lld]", (long long)m->numbers);
        }
        if (!(*to = NEWS(e, a, float, m->numbers)))
            return err_failed(e->code);
        TRY(weights_read_f32(e, t, *to));
        for (int64_t k = 0; k < m->numbers; k++)
            if (!isfinite((*to)[k]) || (i && !((*to)[k] > 0)))
                return fail(e, E_DATA, "the scaler in %s holds what is no scale", path);
    }
    *out = s;
    return E_OK;
}

static Status open_reader(Err *e, Arena *a, const Model *m, int64_t size, Reader *out)
{
    const Scaler *s = NULL;

    (void)size;
    if (m->weights)
        TRY(read_scaler(e, a, m, &s));
    *out = (Reader){.kind = &sample_numbers, .model = m, .size = m->numbers, .inside = s};
    return E_OK;
}

static Status no_pair(Err *e, int64_t row, const FeatureScan *s)
{
    size_t n = (size_t)(s->end - s->at);

    fail(e, E_DATA, "row %lld has no features", (long long)row + 1);
    err_note(e, "expected", "column:value column:value ..");
    return err_note(e, "found", "%.*s", (int)(n < 40 ? n : 40), s->at);
}

static Status add_row(Err *e, Arena *a, Numbers *x, Cell c, int64_t row)
{
    FeatureScan s = feature_scan(c);
    int64_t at = x->start[row], column;
    float value;
    int found;

    while ((found = feature_next(&s, &column, &value)) > 0) {
        TRY(GROW(e, a, x->column, x->column_cap, at + 1));
        TRY(GROW(e, a, x->value, x->value_cap, at + 1));
        x->column[at] = (int32_t)column;
        x->value[at++] = value;
        if (column >= x->columns)
            x->columns = column + 1;
    }
    x->start[row + 1] = at;
    return found < 0 ? no_pair(e, row, &s) : E_OK;
}

static Status read_rows(Err *e, Arena *a, const Raw *raw, Numbers *x)
{
    x->start = NEWS(e, a, int64_t, raw->n + 1);
    if (!x->start)
        return err_failed(e->code);
    for (int64_t i = 0; i < raw->n; i++)
        TRY(add_row(e, a, x, raw->first[i], i));
    return E_OK;
}

static Status set_of(Err *e, Arena *a, const Reader *r, int64_t n, Numbers *x, SampleSet *out)
{
    *out = (SampleSet){.kind = r->kind, .n = n, .longest = 1, .inside = x};
    out->start = NEWS(e, a, int64_t, n + 1);
    if (!out->start)
        return err_failed(e->code);
    for (int64_t i = 0; i <= n; i++)
        out->start[i] = i;
    return E_OK;
}

static Status make(Err *e, Arena *a, const Reader *r, const Raw *raw, SampleSet *out)
{
    Numbers *x = NEW(e, a, Numbers);

    if (!x)
        return err_failed(e->code);
    TRY(read_rows(e, a, raw, x));
    if (x->columns > r->size) {
        fail(e, E_DATA, "the rows have a feature that the model does not know");
        err_note(e, "expected", "columns 0 to %lld", (long long)r->size - 1);
        return err_note(e, "found", "column %lld", (long long)x->columns - 1);
    }
    x->columns = r->size;
    x->scaler = r->inside;
    return set_of(e, a, r, raw->n, x, out);
}

/* Mean and spread of each column over the training part; a column that never changes is left as it is. */
static Status fit_scaler(Err *e, const Job *j, const Numbers *x, const Scaler **out)
{
    double *sum = NEWS(e, j->a, double, x->columns), *square = NEWS(e, j->a, double, x->columns);
    double n = (double)j->part.n[PART_TRAIN];
    Scaler *s = NEW(e, j->a, Scaler);

    if (!sum || !square || !s || !(s->mean = NEWS(e, j->a, float, x->columns)) ||
        !(s->scale = NEWS(e, j->a, float, x->columns)))
        return err_failed(e->code);
    for (int64_t i = 0; i < j->part.n[PART_TRAIN]; i++) {
        int64_t row = j->part.row[PART_TRAIN][i];

        for (int64_t k = x->start[row]; k < x->start[row + 1]; k++)
            sum[x->column[k]] += (double)x->value[k];
    }
    for (int64_t i = 0; i < j->part.n[PART_TRAIN]; i++) {
        int64_t row = j->part.row[PART_TRAIN][i];

        for (int64_t k = x->start[row]; k < x->start[row + 1]; k++) {
            double mean = sum[x->column[k]] / n, d = (double)x->value[k] - mean;

            square[x->column[k]] += d * d - mean * mean; /* of a 0, which is not listed */
        }
    }
    for (int64_t k = 0; k < x->columns; k++) {
        double mean = sum[k] / n, spread = sqrt(fmax(square[k] / n + mean * mean, 0));

        s->mean[k] = (float)mean;
        s->scale[k] =
            (float)spread > 1e-6F * (float)fabs(mean) && (float)spread > 0 ? (float)spread : 1;
    }
    *out = s;
    return E_OK;
}

/* The drawn network takes as many columns as the files have; a released one has its own. */
static Status prepare(Err *e, Job *j)
{
    int64_t n = j->n + j->targets;
    Raw raw = {j->first, NULL, NULL, n};
    Numbers *x = NEW(e, j->a, Numbers);
    ModelOptions o = {.head = HEAD_NONE};
    Model *m;

    if (!x)
        return err_failed(e->code);
    TRY(read_rows(e, j->a, &raw, x));
    if (x->columns == 0)
        return fail(e, E_DATA, "all features of all rows are 0");
    j->reader.size = x->columns > j->columns ? x->columns : j->columns;
    TRY(job_model(e, j, j->a, &o, &m));
    TRY(open_reader(e, j->a, m, 0, &j->reader));
    j->reader.events = &j->c->events;
    if (x->columns > j->reader.size || (j->columns && j->columns != j->reader.size)) {
        fail(e, E_DATA, "the rows have other features than the model");
        err_note(e, "data", "%lld", (long long)(j->columns ? j->columns : x->columns));
        return err_note(e, "model", "%lld", (long long)j->reader.size);
    }
    x->columns = j->reader.size;
    if (!m->weights && j->columns) {
        const Scaler *s;

        TRY(fit_scaler(e, j, x, &s));
        j->reader.inside = s;
    }
    x->scaler = j->reader.inside;
    event_say(&j->c->events, EVENT_SAY, "features  %lld a row, %.1f of them not 0%s",
              (long long)x->columns, (double)x->start[n] / (double)n,
              x->scaler ? "; standardised by the training part" : "; as they are");
    return set_of(e, j->a, &j->reader, n, x, &j->set);
}

/* ---- a batch ---- */

static void shape(const Reader *r, const NetOptions *o, ModelShape *shape)
{
    (void)r;
    shape->sequences = o->samples;
}

static void put_row(const Numbers *x, int64_t row, float *out)
{
    const Scaler *s = x->scaler;

    memset(out, 0, (size_t)x->columns * sizeof *out);
    for (int64_t k = x->start[row]; k < x->start[row + 1]; k++)
        out[x->column[k]] = x->value[k];
    for (int64_t k = 0; s && k < x->columns; k++)
        out[k] = (out[k] - s->mean[k]) / s->scale[k];
}

static Status fill(Err *e, Feed *f, Run *r, int64_t n)
{
    const Numbers *x = f->set->inside;
    float *to = run_input(r, "input_features");

    TRY(run_rows(e, r, "batch", &(Rows){.count = n, .sample = f->sample}));
    for (int64_t i = 0; i < n; i++)
        put_row(x, f->sample[i], to + i * x->columns);
    return E_OK;
}

/* ---- for people ---- */

static Status save(Err *e, Arena *a, const Reader *r, const Model *m, const char *folder)
{
    const Scaler *s = r->inside;
    const char *path = path_join(e, a, folder, SCALER);

    if (!path)
        return err_failed(e->code);
    if (!s)
        return E_OK;
    NamedTensor t[] = {{"mean", {DT_F32, SHAPE(m->numbers), s->mean}},
                       {"scale", {DT_F32, SHAPE(m->numbers), s->scale}}};
    return safetensors_write(e, a, path, t, 2, NULL);
}

/* All rows as a matrix: sparse, or scaled and dense. */
static Status matrix(Err *e, Arena *a, const Job *j, Matrix *out)
{
    const Numbers *x = j->set.inside;
    float *dense;

    *out = (Matrix){j->set.n, x->columns, x->value, x->start, x->column};
    if (!x->scaler)
        return E_OK;
    if (!(dense = NEWS(e, a, float, j->set.n * x->columns + 1)))
        return err_failed(e->code);
    for (int64_t i = 0; i < j->set.n; i++)
        put_row(x, i, dense + i * x->columns);
    *out = (Matrix){j->set.n, x->columns, dense, NULL, NULL};
    return E_OK;
}

static Status baseline(Err *e, Job *j)
{
    double began = clock_seconds();
    Arena *scratch = arena_child(e, j->a);
    Matrix m;

    j->bag.name = j->regression ? "ridge regression" : "logistic regression";
    if (!scratch)
        return err_failed(e->code);
    TRY(matrix(e, scratch, j, &m));
    TRY(job_linear(e, scratch, j, &m));
    j->bag.seconds = clock_seconds() - began;
    arena_free(scratch);
    return E_OK;
}

static Status show(Err *e, Writer *w, const Job *j, int64_t i)
{
    Cell c = j->first[i];

    TRY(writer_put(e, w, "<p>", 3));
    TRY(put_text(e, w, c.s, c.n < CELL_SHOWN ? c.n : CELL_SHOWN));
    return writer_put(e, w, c.n < CELL_SHOWN ? "</p>" : " ...</p>", c.n < CELL_SHOWN ? 4 : 8);
}

const SampleKind sample_numbers = {
    .input = INPUT_NUMBERS,
    .one = "row",
    .many = "rows of numbers",
    .unit = "rows",
    .model = "mlp",
    .model_why = "the data are rows of numbers: one hidden layer of 50, from random weights",
    .embedding = "embedding",
    .wrong_shown = 12,
    .library = "engraft",
    .pipeline = "tabular-classification",
    .example = "new.svm",
    .eval_samples = 64,
    .eval_units = 64,
    .settings = settings,
    .how = how,
    .keep = keep,
    .data = text_data,
    .target = text_target,
    .table = features_open,
    .prepare = prepare,
    .baseline = baseline,
    .matrix = matrix,
    .head = head,
    .open = open_reader,
    .make = make,
    .shape = shape,
    .fill = fill,
    .save = save,
    .show = show,
};

/* SPDX-License-Identifier: MIT */
