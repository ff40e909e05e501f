/* picture_cache.h - pictures decoded once and kept as small as their use allows, so that photos of twelve
 * megapixels are not decoded in every epoch.
 *
 * What is handed out follows from the file and the options alone, never from what was kept before: memory, file
 * and thread decide only how long it takes.
 *   USE_EVAL   what picture_eval makes of the whole picture, bit for bit
 *   USE_TRAIN  the whole picture; but one whose shorter side is longer than train_side is resized (eval.filter) so
 *              that its shorter side is train_side, kept or not.  With train_side twice the training size, crops of
 *              a quarter of the area or more are still shrunk, not blown up. */
#ifndef DATA_PICTURE_CACHE_H
#define DATA_PICTURE_CACHE_H

#include "data/pictures.h"

typedef enum { USE_EVAL, USE_TRAIN, USES } PictureUse;

typedef struct PictureCacheOptions {
    PictureEval eval;
    int train_side; /* 0: always the whole picture */
    bool eval_only; /* USE_TRAIN will not be asked for */
    size_t memory;  /* bytes of pictures that are kept in memory */
    const char
        *folder; /* large ones beyond that are kept in a nameless file here; NULL: decoded again */
    int ahead;   /* pictures a thread may have ready before they are asked for; 0: no thread */
} PictureCacheOptions;

typedef struct PictureCache PictureCache;

/* For all samples of the set as it is now; later they are named by their id. */
Status picturecache_new(Err *e, Arena *a, const PictureSet *s, const PictureCacheOptions *o,
                        PictureCache **out);
/* From any thread, but not the same sample from two at once.  The pixels are in `a` or the cache's own: they are
 * not to be written to. */
Status picturecache_get(Err *e, Arena *a, PictureCache *c, int64_t id, PictureUse use,
                        Picture *out);
/* These will be asked for next, in this order: the thread begins on them.  One caller at a time. */
void picturecache_ahead(PictureCache *c, const int64_t *id, int64_t n, PictureUse use);
/* Gives back what is kept of it, as of a sample that turned out to be of no training. */
void picturecache_forget(PictureCache *c, int64_t id, PictureUse use);

/* Keeps what the uses want of a picture that is decoded already.  From any thread, as picturecache_get. */
Status picturecache_put(Err *e, PictureCache *c, int64_t id, const Picture *whole);

typedef struct PictureCacheFacts {
    int64_t decoded, in_memory, in_file; /* pictures: decodings so far; kept now */
    size_t memory, file;                 /* bytes */
} PictureCacheFacts;

PictureCacheFacts picturecache_facts(const PictureCache *c);

typedef enum { BAD_FAIL, BAD_SKIP } PictureBad;

/* One pass over all pictures of a set, by all threads: each is decoded once, kept in the cache, shown. */
typedef struct PictureVisit {
    PictureCache *cache; /* NULL */
    PictureBad bad;
    /* A sample and its whole picture, from any thread in no order; `a` ends with the call.  What it fails with is
     * as if the picture could not be decoded.  NULL. */
    Status (*show)(Err *e, Arena *a, void *arg, const PictureSample *s, const Picture *whole);
    /* So many of the set are done; false stops with E_STOPPED.  NULL. */
    bool (*go_on)(void *arg, int64_t done, int64_t n);
    void *arg;
} PictureVisit;

/* Pictures that cannot be decoded are an error that names the first ten, or leave the set with such a note. */
Status pictureset_visit(Err *e, Arena *a, Pool *pool, PictureSet *s, const PictureVisit *v);

#endif
/* SPDX-License-Identifier: MIT */
