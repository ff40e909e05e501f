/* picture.h - what the files of picture samples share: a set of them with what one look at each has told, and how
 * they are varied. */
#ifndef TASK_PICTURE_H
#define TASK_PICTURE_H

#include "data/picture_cache.h"
#include "task/inside.h"

#define THUMB        8 /* pixels a side of the thumbnails that the candidate without a network sees */
#define THUMB_VALUES INT64_C(192) /* of one */

/* One look at every picture: its bytes' sum, what is nearly the same, a thumbnail; by PictureSample.id. */
typedef struct PictureLook {
    char (*sum)[65]; /* SHA-256 of the file (of IDX: of its pixels) */
    uint64_t *hash;  /* picture_hash */
    float *thumb;    /* [THUMB_VALUES] each, 0 .. 1 */
} PictureLook;

/* Those that cannot be read are an error, or leave the set with a warning.  cache, out: may be NULL. */
Status picture_look(Err *e, Arena *a, const TaskContext *c, PictureSet *s, PictureBad bad,
                    PictureCache *cache, PictureLook *out);

/* picture_augment.c */
Status augment_parse(Err *e, const char *text, Augment *out);
/* What training sees of p, which is whole where it is cropped, else cut as evaluation has it. */
Status augment_picture(Err *e, Arena *a, const Augment *g, const PictureEval *eval,
                       const Picture *p, PictureKey key, Picture *out);
/* What a model sees of a picture at `size` pixels a side. */
Status picture_eval_of(Err *e, const Model *m, int64_t size, PictureEval *out);
/* picture_data.c */
Status picture_data(Err *e, Job *j);
Status picture_cache_of(Err *e, const Job *j, const PictureSet *s, PictureCache **out);
/* picture_target.c */
Status picture_target(Err *e, Job *j);
/* picture_copies.c: says how many look alike, and warns of copies in two parts or of two classes.  group: by id. */
Status picture_copies(Err *e, Job *j, const PictureSet *s, const int64_t *group);
/* picture_show.c */
Status picture_show(Err *e, Writer *w, const Job *j, int64_t i);

#endif
/* SPDX-License-Identifier: MIT */
