/* processor.c - preprocessor_config.json of transformers: how a picture becomes numbers.  Both sides are resized to
 * `size`, nothing is cut off. */
#include "models/inside.h"

#include <string.h>

/* PIL's numbers */
static const char *const filters[] = {"nearest", "lanczos", "bilinear",
                                      "bicubic", "box",     "hamming"};

/* 224, or {"height": 224, "width": 224} */
static Status read_size(Err *e, const Config *c, Preprocess *p)
{
    int64_t height = p->size, width;
    Config size = {0};

    if (json_count(config_get(c, "size")) == 0) {
        TRY(config_int(e, c, "size", 1, 1 << 14, &height));
        width = height;
    } else {
        TRY(config_part(e, c, "size", &size));
        if (!config_has(&size, "height") || !config_has(&size, "width"))
            return config_fail(e, c, "size", "only \"height\" and \"width\" are supported");
        TRY(config_int(e, &size, "height", 1, 1 << 14, &height));
        width = height;
        TRY(config_int(e, &size, "width", 1, 1 << 14, &width));
    }
    if (height != width)
        return config_fail(e, c, "size", "only square pictures are supported");
    p->size = p->resize = (int)height;
    return E_OK;
}

/* A step that is there in every network read here; without it the numbers would be others. */
static Status need_step(Err *e, const Config *c, const char *key)
{
    bool yes = true;

    TRY(config_bool(e, c, key, &yes));
    return yes ? E_OK : config_fail(e, c, key, "pictures without this step are not supported");
}

static Status read_filter(Err *e, const Config *c, Preprocess *p)
{
    int64_t resample = 2;

    for (int64_t i = 0; i < (int64_t)LEN(filters); i++)
        if (strcmp(filters[i], p->interpolation) == 0)
            resample = i;
    TRY(config_int(e, c, "resample", 0, (int64_t)LEN(filters) - 1, &resample));
    p->interpolation = filters[resample];
    if (resample == 0)
        return config_fail(e, c, "resample", "0 (nearest) is not supported");
    return E_OK;
}

Status model_read_processor(Err *e, Arena *a, Model *m)
{
    char *path = path_join(e, a, m->folder, "preprocessor_config.json");
    float factor = 1.0F / 255;
    bool here, crop = false;
    Config c;

    if (!path)
        return e->code;
    TRY(path_file(e, arena_sys(a), path, &here));
    if (!here)
        return E_OK;
    TRY(config_open(e, a, path, &c));
    TRY(need_step(e, &c, "do_resize"));
    TRY(need_step(e, &c, "do_rescale"));
    TRY(need_step(e, &c, "do_normalize"));
    TRY(config_bool(e, &c, "do_center_crop", &crop));
    if (crop)
        return config_fail(e, &c, "do_center_crop", "cutting out the middle is not supported");
    TRY(config_float(e, &c, "rescale_factor", 0, 1, &factor));
    if (factor < 0.003921F || factor > 0.003922F)
        return config_fail(e, &c, "rescale_factor", "only 1 / 255 is supported");
    TRY(read_size(e, &c, &m->pre));
    TRY(read_filter(e, &c, &m->pre));
    TRY(config_floats(e, &c, "image_mean", 3, -10, 10, m->pre.mean));
    return config_floats(e, &c, "image_std", 3, 1e-6, 1e3, m->pre.std);
}

Status model_save_processor(Err *e, Arena *a, const Model *m, const char *folder)
{
    char *path = path_join(e, a, folder, "preprocessor_config.json");
    const Preprocess *p = &m->pre;

    if (!path)
        return e->code;
    Config c = config_new(e, a, path, NULL), size = config_new(e, a, path, NULL);
    if (!c.json || !size.json)
        return err_failed(e->code);
    TRY(config_set_int(e, &size, "height", p->size));
    TRY(config_set_int(e, &size, "width", p->size));
    TRY(config_set_bool(e, &c, "do_resize", true));
    TRY(config_set_bool(e, &c, "do_rescale", true));
    TRY(config_set_bool(e, &c, "do_normalize", true));
    TRY(config_set_text(e, &c, "image_processor_type", "ViTImageProcessor"));
    TRY(config_set_floats(e, &c, "image_mean", p->mean, 3));
    TRY(config_set_floats(e, &c, "image_std", p->std, 3));
    for (int64_t i = 0; i < (int64_t)LEN(filters); i++)
        if (strcmp(filters[i], p->interpolation) == 0)
            TRY(config_set_int(e, &c, "resample", i));
    TRY(config_set(e, &c, "size", &size));
    return config_save(e, a, &c);
}

/* SPDX-License-Identifier: MIT */
