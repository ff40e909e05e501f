/* tiny_pictures.h - folders of small pictures that a network can learn, and a network for them. */
#ifndef TINY_PICTURES_H
#define TINY_PICTURES_H

#include "data/pictures.h"
#include "tiny.h"

enum { TINY_SIDE = 32, TINY_CLASSES = 3, TINY_EACH = 16 };

/* As tiny_make, with pictures: t->data a folder of class folders (dots, rings, stripes), t->model a network of
 * random weights in timm's layout. */
void tiny_pictures_make(Tiny *t, int threads);
/* Another network in its place. */
void tiny_network(Tiny *t, const char *variant);
/* Picture `i` of class `k`, as a JPEG file. */
void tiny_picture_put(const Tiny *t, const char *path, int k, uint64_t i);
TrainOptions tiny_picture_options(const Tiny *t, const char *output);

#endif
/* SPDX-License-Identifier: MIT */
