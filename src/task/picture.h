/* picture.h - what the files of picture samples share: a set of them with what one look at each has told, and how
 * they are varied. */
#ifndef TASK_PICTURE_H
#define TASK_PICTURE_H

#include "data/pictures.h"
#include "task/inside.h"

#define THUMB        8 /* pixels a side of the thumbnails that the candidate without a network sees */
#define THUMB_VALUES INT64_C(192) /* of one */

/* One look at every picture: that it can be read, its bytes' sum, what is nearly the same, a thumbnail. */
typedef struct PictureLook {
    uint8_t *bad;    /* [n] it cannot be read */
    char (*sum)[65]; /* [n] SHA-256 of the file (of IDX: of its pixels) */
    uint64_t *hash;  /* [n] picture_hash */
    float *thumb;    /* [n, THUMB_VALUES] 0 .. 1 */
    int64_t unread;  /* how many */
    Err *first;      /* what was wrong with the first of them */
} PictureLook;

Status picture_look(Err *e, Arena *a, const TaskContext *c, const PictureSet *s, PictureLook *out);

/* picture_augment.c */
Status augment_parse(Err *e, const char *text, Augment *out);
/* What training sees of p at the size of `eval`. */
Status augment_picture(Err *e, Arena *a, const Augment *g, const PictureEval *eval,
                       const Picture *p, PictureKey key, Picture *out);
/* picture_data.c */
Status picture_data(Err *e, Job *j);
/* picture_show.c */
Status picture_show(Err *e, Writer *w, const Job *j, int64_t i);

#endif
/* SPDX-License-Identifier: MIT */
