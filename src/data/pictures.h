/* pictures.h - people's own pictures: where they are, what class each is of, which part it belongs to.
 * What a path holds decides, never an option:
 *
 *   folder of class folders       root/CLASS/.., deeper folders too; classes are the folders' names, sorted by
 *                                 bytes, pictures sorted within (torchvision's ImageFolder)
 *   the same in parts             root/{train,val|valid|validation|dev,test}/CLASS/..
 *   flat folder and a table       labels.csv|tsv|jsonl or metadata.csv|tsv|jsonl (Hugging Face), in the root or
 *                                 in each part, with a column of file names and one of labels
 *   IDX files (MNIST)             train-images-idx3-ubyte[.gz] and train-labels-idx1-ubyte[.gz]; t10k is the test
 *   a list (a file)               `path label` in each line, the path seen from the list's folder or its parent
 *   a table (a file)              a column whose cells are paths of files, seen from the table's folder
 *   one picture (a file)          without a label
 *
 * Everything returned lives in the arena. */
#ifndef DATA_PICTURES_H
#define DATA_PICTURES_H

#include "data/data.h"
#include "image/image.h"

typedef struct PictureSample {
    const char
        *name; /* as a person finds it: the path below the set's, "train-images-idx3-ubyte:17" */
    const char *file;    /* its path; of IDX the file of all */
    const uint8_t *grey; /* IDX: height x width bytes in memory; NULL: a file to decode */
    int width, height;   /* of grey */
    int64_t id;          /* its number when the set was opened: stays when others leave */
    uint8_t part;        /* Part */
} PictureSample;

typedef struct PictureSet {
    const char *path;
    const char
        *form; /* "class folders", "class folders in parts", "table", "list", "IDX", "pictures" */
    const char *reason;     /* what was taken as what, one line */
    const char *label_name; /* the column of labels; NULL where none was asked */
    int64_t n;
    PictureSample
        *at; /* [n] training, validation, test; within by class and name, or in the table's order */
    Labels
        labels; /* of_row [n], -1 without a label; count over all parts; n is 0 for a measurement */
    float *number; /* [n] the label is a measurement; NULL: classes */
    bool given[3]; /* parts that the source has itself */
    int notes;
    const char **note; /* what was passed over and what looks wrong, one line each, to be said */
} PictureSet;

typedef enum { LABEL_AUTO, LABEL_CLASS, LABEL_NUMBER } LabelKind; /* of a table's column */

typedef struct PictureOptions {
    const char *picture, *label; /* columns of a table; NULL: found */
    LabelKind as;                /* what the label is, when it is not to be found */
    const Labels *known;         /* classes of an existing model: another one is an error; NULL */
    bool want_label; /* pictures without labels are an error that says how to give them */
    TableBad bad;    /* rows of a table that cannot be read or whose picture is missing */
} PictureOptions;

Status pictureset_open(Err *e, Arena *a, const char *path, const PictureOptions *o,
                       PictureSet *out);
/* Whether pictureset_open is the one to read this path: a folder, a picture, a list or table of pictures. */
Status pictures_told(Err *e, Arena *a, const char *path, bool *pictures);

/* The parts that were not given, cut from the training part by seed, stratified by class.  group: [n] pictures of
 * one number stay together, NULL: each by itself.  A given part is not asked for a share. */
Status pictureset_split(Err *e, Arena *a, PictureSet *s, double valid, double test, uint64_t seed,
                        const int64_t *group);
/* At most n training pictures of each class, chosen by seed; the others leave the set. */
Status pictureset_limit(Err *e, Arena *a, PictureSet *s, int64_t n, uint64_t seed);
/* Keeps the samples of keep[i] != 0, in order. */
void pictureset_keep(PictureSet *s, const uint8_t *keep);

/* Decodes sample i; grey becomes RGB.  What is wrong names the file. */
Status picturesample_load(Err *e, Arena *a, const PictureSample *s, Picture *out);
Status pictureset_load(Err *e, Arena *a, const PictureSet *s, int64_t i, Picture *out);

#endif
/* SPDX-License-Identifier: MIT */
