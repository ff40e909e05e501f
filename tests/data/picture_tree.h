/* picture_tree.h - folders of pictures made by a test. */
#ifndef PICTURE_TREE_H
#define PICTURE_TREE_H

#include "data/pictures.h"
#include "test.h"

extern Err tree_err;

const char *tree_path(const char *inside); /* in the test's folder; good until the test ends */
/* Files below the test's folder, separated by blanks: small pictures where they end in .png,
 * else the letter x. */
void tree_make(const char *files);
/* A smooth picture that follows from its name. */
void tree_picture(const char *inside, int width, int height);
void tree_write(const char *inside, const char *text);
void tree_link(const char *to, const char *inside);
/* The set is opened, or the test ends. */
PictureSet tree_open(const char *inside, const PictureOptions *o);
/* It is refused with code; the message is in tree_err. */
void tree_refused(const char *inside, const PictureOptions *o, Status code);
/* "part/class/name" of all samples with blanks between: part is t, v or h (held out), class a number or -. */
const char *tree_text(const PictureSet *s);
/* All notes, one a line. */
const char *tree_notes(const PictureSet *s);

#endif
/* SPDX-License-Identifier: MIT */
