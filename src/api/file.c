/* file.c - eg_file: a released file of weights, listed. */
#include "api/inside.h"
#include "models/models.h"

struct eg_file {
    Arena *arena;
    Weights *weights;
    ModelGuess guess;
};

/* A file, a model's folder, or a folder with nothing but a file of weights. */
static Status open_weights(Err *e, Arena *a, const char *path, Weights **out)
{
    const char *config = path_join(e, a, path, "config.json"), *lone = NULL;
    bool here;

    if (!config)
        return e->code;
    TRY(model_settle(e, a, path));
    TRY(path_file(e, arena_sys(a), config, &here));
    if (!here)
        TRY(model_lone_file(e, a, path, &lone));
    return weights_open(e, a, lone ? lone : path, out);
}

static Status open_file(Err *e, eg_ctx *ctx, const char *path, eg_file **file)
{
    Arena *a = arena_child(e, ctx->arena);
    eg_file *f = a ? NEW(e, a, eg_file) : NULL;
    const char *found = NULL;

    if (!f)
        return e->code;
    f->arena = a;
    Status s = hub_resolve(e, a, &ctx->places, path, &found);
    if (!s)
        s = open_weights(e, a, found, &f->weights);
    if (!s)
        s = model_guess(e, a, f->weights, &f->guess);
    if (s)
        arena_free(a);
    else
        *file = f;
    return s;
}

int eg_file_open(eg_ctx *ctx, const char *path, eg_file **file)
{
    if (!ctx->pool)
        return ctx->err.code;
    return open_file(&ctx->err, ctx, path, file);
}

const char *eg_file_format(const eg_file *file)
{
    return weights_format(file->weights);
}

int eg_file_tensors(const eg_file *file)
{
    return weights_count(file->weights);
}

void eg_file_tensor(const eg_file *file, int i, eg_tensor_info *info)
{
    const Weight *w = weights_at(file->weights, i);

    *info = (eg_tensor_info){.name = w->name,
                             .dtype = dtype_name(w->dtype),
                             .file = w->file,
                             .rank = w->shape.rank,
                             .shape = w->shape.dim,
                             .values = shape_size(&w->shape)};
}

int eg_file_metadata(const eg_file *file)
{
    return weights_metadata_count(file->weights);
}

void eg_file_metadata_pair(const eg_file *file, int i, const char **key, const char **value)
{
    weights_metadata_at(file->weights, i, key, value);
}

int eg_file_networks(const eg_file *file)
{
    return file->guess.n;
}

void eg_file_network(const eg_file *file, int i, eg_network *network)
{
    const Variant *v = file->guess.variant[i];

    *network = (eg_network){.name = v->name,
                            .family = file->guess.def[i]->name,
                            .library = v->library,
                            .source = v->source,
                            .licence = v->licence,
                            .size = v->pre.size,
                            .classes = file->guess.labels};
}

void eg_file_close(eg_file *file)
{
    if (file)
        arena_free(file->arena);
}

/* SPDX-License-Identifier: MIT */
