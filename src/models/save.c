/* save.c - a model saved in the layout in which its kind is released. */
#include "models/inside.h"

static bool is_timm(const Model *m)
{
    return m->def->input == INPUT_PICTURES && !config_has(&m->config, "model_type");
}

/* Pictures in transformers' layout */
static bool is_processed(const Model *m)
{
    return m->def->input == INPUT_PICTURES && !is_timm(m);
}

Status model_save(Err *e, Arena *a, const Model *m, Params *params, const char *folder)
{
    TRY(dir_make(e, arena_sys(a), folder));
    if (!is_timm(m))
        TRY(model_save_text(e, a, m, params, folder));
    else
        TRY(model_save_picture(e, a, m, params, folder));
    return is_processed(m) ? model_save_processor(e, a, m, folder) : E_OK;
}

Status model_save_config(Err *e, Arena *a, const Model *m, const char *folder)
{
    if (is_timm(m))
        return model_save_picture_config(e, a, m, folder);
    TRY(model_save_text_config(e, a, m, folder));
    return is_processed(m) ? model_save_processor(e, a, m, folder) : E_OK;
}

/* SPDX-License-Identifier: MIT */
