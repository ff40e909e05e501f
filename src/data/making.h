/* making.h - inside of a set of pictures while its source is read. */
#ifndef DATA_MAKING_H
#define DATA_MAKING_H

#include "data/pictures.h"
#include "data/schema.h"

#define PASSED_KINDS 24 /* kinds of files passed over that are told apart */
#define PASSED_NAMED 3

typedef struct Passed { /* files of one kind that were passed over */
    const char *what, *hint;
    int64_t n;
    const char *name[PASSED_NAMED];
} Passed;

typedef struct Making {
    Arena *a, *scratch;
    const PictureOptions *o;
    PictureSet *set;
    size_t cap, label_cap, number_cap, note_cap, place_cap;
    Cell *label;        /* [n] the class's name; n 0: none */
    const char **place; /* [n] where it stands, for messages */
    float *number;      /* [n] NULL unless the label is a measurement */
    LabelRule rule;
    bool labelled, measured;
    Passed passed[PASSED_KINDS];
    int kinds;
} Making;

typedef struct PictureLabel {
    Cell name;
    float number;
    const char *place;
} PictureLabel;

Status making_add(Err *e, Making *m, PictureSample sample, PictureLabel label);
Status making_note(Err *e, Making *m, const char *fmt, ...) PRINTF(3, 4);
/* what (a constant): "no pictures", "a HEIC picture", ..; hint may be NULL. */
Status making_pass(Err *e, Making *m, const char *what, const char *hint, const char *name);
/* Adds what was passed over to an error. */
Status making_explain(Err *e, const Making *m);
/* Numbers the classes, turns what was passed over into notes. */
Status making_finish(Err *e, Making *m);

/* ---- what a file is (picture_files.c) ---- */

bool name_hidden(const char *name); /* also the folders that systems leave behind */
bool name_picture(
    const char *name); /* ends as the pictures do that are read: .jpg, .png, .webp, .. */
/* Whether the file is to be a sample; what is not is passed over under `name`. */
Status picture_wanted(Err *e, Making *m, const char *path, const char *name, bool *wanted);

typedef struct Look { /* one folder, its hidden entries left out */
    const char *path;
    const char **folder;
    size_t folders;
    const char **picture; /* files that are pictures by their names */
    size_t pictures;
    const char **file; /* all files */
    size_t files;
} Look;

Status folder_look(Err *e, Arena *a, const char *path, Look *out);

/* ---- sources: each adds its samples as `part` ---- */

bool part_of_name(const char *name, Part *out);
/* Below path/CLASS, shown as prefix + CLASS/.. */
Status class_folders(Err *e, Making *m, const Look *l, const char *prefix, Part part);
/* labels.csv and the like in the folder; NULL. */
const char *folder_table(const Look *l);
Status table_pictures(Err *e, Making *m, const Table *t, int column, const char *prefix, Part part);
/* The column whose cells are files, -1; asked: its name. */
Status table_picture_column(Err *e, Arena *a, const Table *t, const char *asked, int *column);
/* The folder from which the paths of a list are seen; NULL: the file is no list. */
Status list_root(Err *e, Arena *a, const char *path, const char **root);
Status list_pictures(Err *e, Making *m, const char *path, const char *root);
bool idx_name(const char *name);
Status idx_pictures(Err *e, Making *m, const Look *l);

#endif
/* SPDX-License-Identifier: MIT */
