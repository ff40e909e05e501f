/* picture_sample.c - samples that are pictures: decoded, cut to the model's size and made into numbers on all cores,
 * when a batch asks for them. */
#include "task/picture.h"

#include <string.h>

#define SIDE_MIN 32
#define SIDE_MAX 1024

typedef struct Hand { /* a thread's own */
    Arena *arena;
    Err err;
    int64_t bad; /* which of the batch, -1: none */
} Hand;

typedef struct Pictures {
    PictureSet view;            /* n, at */
    PictureCache *cache;        /* NULL: each is decoded when it is asked for */
    PictureCache *target_cache; /* of the samples from `targets` on */
    int64_t targets;
    PictureEval eval;
    float mean[3], std[3];
    Pool *pool;
    Hand *hand; /* [threads] */
} Pictures;

Status picture_eval_of(Err *e, const Model *m, int64_t size, PictureEval *out)
{
    const Preprocess *pre = &m->pre;

    *out = (PictureEval){.resize = size == pre->size ? pre->resize
                                                     : picture_resize_for((int)size, pre->crop_pct),
                         .squash = pre->squash,
                         .width = (int)size,
                         .height = (int)size};
    if (filter_parse(pre->interpolation, &out->filter))
        return E_OK;
    return fail(e, E_DATA, "pictures cannot be resized by \"%s\"", pre->interpolation);
}

/* ---- settings ---- */

/* A head alone learns from pictures as they are, so that what it reads is computed once. */
static Status set_augment(Err *e, Job *j)
{
    TrainOptions *o = &j->o;

    o->augment = o->augment ? o->augment : method_is(o, "head") && !o->views ? "none" : "crop,flip";
    TRY(augment_parse(e, o->augment, &j->augment));
    if (o->views < 0 || o->views > 1000)
        return fail(e, E_USAGE, "%lld ways of a picture cannot be; from 1 to 1000",
                    (long long)o->views);
    if (o->views && !j->augment.any)
        return fail(e, E_USAGE, "--views %lld and --augment none contradict each other",
                    (long long)o->views);
    if (o->views && (method_is(o, "full") || o->scratch))
        return fail(e, E_USAGE,
                    "--views keeps what frozen layers make of a picture; here none are frozen");
    return E_OK;
}

/* Whether there are batch norms; of a network from scratch it is supposed. */
static bool has_statistics(const Model *m)
{
    bool found = !m->weights;

    for (int i = 0; m->weights && i < weights_count(m->weights); i++)
        found |= strstr(weights_at(m->weights, i)->name, "running_mean") != NULL;
    return found;
}

static Status settings(Err *e, Job *j, const Model *m)
{
    TrainOptions *o = &j->o;

    TRY(refuse_option(e, j, o->pool != NULL, "--pooling"));
    TRY(refuse_option(e, j, o->second != NULL, "--second"));
    TRY(refuse_option(e, j, o->max_length != 0, "--max-length"));
    o->epochs = o->epochs ? o->epochs : 6;
    o->lr = or_default(o->lr, o->scratch ? 2e-3 : method_usual_rate(o, 5e-4));
    if (o->size && (o->size < SIDE_MIN || o->size > SIDE_MAX))
        return fail(e, E_USAGE, "pictures of %lld pixels a side cannot be; from %d to %d",
                    (long long)o->size, SIDE_MIN, SIDE_MAX);
    o->size = o->size ? o->size : m->pre.size;
    j->momentum = m->momentum;
    j->normed = has_statistics(m);
    TRY(picture_eval_of(e, m, o->size, &j->eval));
    return set_augment(e, j);
}

static const char *how(Err *e, const Job *j)
{
    const TrainOptions *o = &j->o;
    const char *said = strstr(o->method, "batch_norm=");
    bool still =
        said ? strncmp(said, "batch_norm=frozen", 17) == 0 : job_statistics(j) == STATISTICS_FROZEN;
    const char *moving =
        still ? ", running statistics as released"
              : arena_printf(e, j->a, ", running statistics by %g", (double)j->momentum);
    const char *views = o->views ? arena_printf(e, j->a, " in %lld ways", (long long)o->views) : "";

    return views && moving
               ? arena_printf(e, j->a, "%lld x %lld pixels, varied by %s%s%s", (long long)o->size,
                              (long long)o->size, o->augment, views, j->normed ? moving : "")
               : NULL;
}

static Status keep(Err *e, const Job *j, Config *settings)
{
    TRY(config_set_int(e, settings, "size", j->o.size));
    TRY(config_set_text(e, settings, "augment", j->o.augment));
    return config_set_int(e, settings, "views", j->o.views);
}

static HeadKind head(const Job *j, bool frozen)
{
    (void)j;
    (void)frozen;
    return HEAD_PICTURE;
}

/* ---- from files to numbers ---- */

static Status open_reader(Err *e, Arena *a, const Model *m, int64_t size, Reader *out)
{
    (void)e;
    (void)a;
    *out = (Reader){.kind = &sample_picture, .model = m, .size = size ? size : m->pre.size};
    return E_OK;
}

static Status make(Err *e, Arena *a, const Reader *r, const Raw *raw, SampleSet *out)
{
    int threads = r->pool ? pool_threads(r->pool) : 1;
    Pictures *p = NEW(e, a, Pictures);

    *out = (SampleSet){.kind = r->kind, .n = raw->n, .longest = 1, .inside = p};
    out->start = NEWS(e, a, int64_t, raw->n + 1);
    if (!p || !out->start || !(p->hand = NEWS(e, a, Hand, threads)))
        return err_failed(e->code);
    for (int64_t i = 0; i <= raw->n; i++)
        out->start[i] = i;
    p->view = (PictureSet){.n = raw->n, .at = (PictureSample *)(uintptr_t)raw->picture};
    p->pool = r->pool;
    p->cache = (PictureCache *)(uintptr_t)r->inside;
    p->target_cache = (PictureCache *)(uintptr_t)r->target;
    p->targets = r->target ? r->targets : raw->n;
    memcpy(p->mean, r->model->pre.mean, sizeof p->mean);
    memcpy(p->std, r->model->pre.std, sizeof p->std);
    for (int t = 0; t < threads; t++)
        if (!(p->hand[t].arena = arena_child(e, a)))
            return err_failed(e->code);
    return picture_eval_of(e, r->model, r->size, &p->eval);
}

static Status prepare(Err *e, Job *j)
{
    ModelOptions o = {.head = HEAD_NONE};
    Model *m;

    TRY(job_model(e, j, j->a, &o, &m));
    TRY(open_reader(e, j->a, m, j->o.size, &j->reader));
    j->reader.events = &j->c->events;
    j->reader.pool = j->c->pool;
    j->reader.inside = j->cache;
    j->reader.target = j->target_cache;
    j->reader.targets = j->n;
    return make(e, j->a, &j->reader, &(Raw){j->first, NULL, j->picture, j->n + j->targets},
                &j->set);
}

/* ---- a batch ---- */

static void shape(const Reader *r, const NetOptions *o, ModelShape *shape)
{
    shape->pictures = o->samples;
    shape->height = shape->width = r->size;
}

typedef struct Batch {
    const Pictures *p;
    const Feed *feed;
    float *out; /* [n, height, width, 3] */
} Batch;

static Status see(Err *e, Arena *a, const Pictures *p, int64_t row, PictureUse use, Picture *out)
{
    Picture whole;

    if (p->cache)
        return picturecache_get(e, a, row < p->targets ? p->cache : p->target_cache,
                                p->view.at[row].id, use, out);
    TRY(pictureset_load(e, a, &p->view, row, &whole));
    if (use == USE_EVAL)
        return picture_eval(e, a, &whole, &p->eval, out);
    *out = whole;
    return E_OK;
}

static Status one_picture(Err *e, Arena *a, const Batch *b, int64_t i)
{
    const Pictures *p = b->p;
    const Vary *v = b->feed->vary;
    bool whole = v && v->how.crop; /* else as evaluation sees it, varied then */
    int64_t row = b->feed->sample[i];
    Picture seen, cut;

    TRY(see(e, a, p, row, whole ? USE_TRAIN : USE_EVAL, &seen));
    cut = seen;
    if (v)
        TRY(augment_picture(e, a, &v->how, &p->eval, &seen,
                            (PictureKey){v->seed, (uint64_t)row, (uint32_t)vary_view(v)}, &cut));
    picture_tensor(&cut, p->mean, p->std, b->out + i * 3 * cut.width * cut.height);
    return E_OK;
}

static void some_pictures(void *arg, int64_t begin, int64_t end, int thread)
{
    const Batch *b = arg;
    Hand *h = &b->p->hand[thread];

    for (int64_t i = begin; i < end; i++) {
        Err err = {0};
        Arena *a = arena_child(&err, h->arena);

        if ((!a || one_picture(&err, a, b, i)) && h->bad < 0) {
            h->bad = i;
            h->err = err;
        }
        arena_free(a);
    }
}

static Status fill(Err *e, Feed *f, Run *r, int64_t n)
{
    const Pictures *p = f->set->inside;
    int threads = p->pool ? pool_threads(p->pool) : 1;
    Batch b = {p, f, run_input(r, "pixel_values")};
    const Hand *first = NULL;

    TRY(run_rows(e, r, "batch", &(Rows){.count = n, .sample = f->sample}));
    for (int t = 0; t < threads; t++)
        p->hand[t].bad = -1;
    if (p->pool)
        par_for(p->pool, n, 1, some_pictures, &b);
    else
        some_pictures(&b, 0, n, 0);
    for (int t = 0; t < threads; t++)
        if (p->hand[t].bad >= 0 && (!first || p->hand[t].bad < first->bad))
            first = &p->hand[t];
    if (first)
        *e = first->err;
    return first ? e->code : E_OK;
}

/* ---- for people ---- */

static Status save(Err *e, Arena *a, const Reader *r, const Model *m, const char *folder)
{
    (void)e;
    (void)a;
    (void)r;
    (void)m;
    (void)folder;
    return E_OK; /* how pictures are read stands in config.json */
}

/* The thumbnails' pixels and a linear model: how much of the classes lies in mere colours and layout. */
static Status baseline(Err *e, Job *j)
{
    double began = clock_seconds();
    Arena *scratch = arena_child(e, j->a);
    float *x = scratch ? NEWS(e, scratch, float, j->n *THUMB_VALUES + 1) : NULL;

    j->bag.name =
        j->regression ? "8 x 8 pixels + ridge regression" : "8 x 8 pixels + logistic regression";
    if (!x)
        return err_failed(e->code);
    for (int64_t i = 0; i < j->n; i++)
        memcpy(x + i * THUMB_VALUES, j->look->thumb + j->picture[i].id * THUMB_VALUES,
               (size_t)THUMB_VALUES * sizeof *x);
    Matrix m = {j->n, THUMB_VALUES, x, NULL, NULL};
    TRY(job_linear(e, scratch, j, &m));
    j->bag.seconds = clock_seconds() - began;
    arena_free(scratch);
    return E_OK;
}

const SampleKind sample_picture = {
    .input = INPUT_PICTURES,
    .one = "picture",
    .many = "pictures",
    .unit = "pictures",
    .model = "efficientnet_lite0",
    .model_why = "small, quick, good features",
    .embedding = "features",
    .wrong_shown = 24,
    .gallery = true,
    .library = "timm",
    .pipeline = "image-classification",
    .example = "new.jpg",
    .eval_samples = 16,
    .eval_units = 16,
    .one_size = true,
    .settings = settings,
    .how = how,
    .keep = keep,
    .data = picture_data,
    .target = picture_target,
    .prepare = prepare,
    .baseline = baseline,
    .head = head,
    .open = open_reader,
    .make = make,
    .shape = shape,
    .fill = fill,
    .save = save,
    .show = picture_show,
};

/* SPDX-License-Identifier: MIT */
