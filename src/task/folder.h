/* folder.h - the folder that a run makes. */
#ifndef TASK_FOLDER_H
#define TASK_FOLDER_H

#include "base/base.h"

/* Makes and locks it; E_TAKEN where it holds other things, a finished run, or an interrupted one that is not to go on. */
Status run_folder(Err *e, Arena *a, const char *folder, bool overwrite, bool resume);
/* The run is over and saved: marks it so and removes its checkpoints. */
Status run_finished(Err *e, Arena *a, const char *folder, const char *says);

#endif
/* SPDX-License-Identifier: MIT */
