/* save.c - a model saved in the layout in which its kind is released. */
#include "models/inside.h"

Status model_save(Err *e, Arena *a, const Model *m, Params *params, const char *folder)
{
    TRY(dir_make(e, arena_sys(a), folder));
    return m->def->input == INPUT_PICTURES ? model_save_picture(e, a, m, params, folder)
                                           : model_save_text(e, a, m, params, folder);
}

Status model_save_config(Err *e, Arena *a, const Model *m, const char *folder)
{
    return m->def->input == INPUT_PICTURES ? model_save_picture_config(e, a, m, folder)
                                           : model_save_text_config(e, a, m, folder);
}

/* SPDX-License-Identifier: MIT */
