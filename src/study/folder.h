/* folder.h - the folder of a study. */
#ifndef STUDY_FOLDER_H
#define STUDY_FOLDER_H

#include "base/base.h"

typedef struct FolderUse {
    bool resume, overwrite;
} FolderUse;

/* Makes the folder and locks it.  A study is known by its file `mark`: it is gone on with or emptied as `use` says; E_TAKEN
 * for one that was not expected, and for a folder that holds other things. */
Status study_folder(Err *e, Arena *a, const char *folder, const char *mark, FolderUse use);

#endif
/* SPDX-License-Identifier: MIT */
