/* tiny.h - a released model in small, and a table that it can learn. */
#ifndef TINY_H
#define TINY_H

#include "task/task.h"
#include "test.h"

typedef struct Tiny {
    Arena *a;
    TaskContext c;
    const char *folder; /* holds all of it */
    const char *model, *data;
    int stop_at; /* raise the flag after this update; 0: never */
    volatile sig_atomic_t stop;
    int said, warned;
    const char *listen; /* NULL, or what is counted in what is said */
    int heard;
} Tiny;

/* A folder, a pool, events: what every test begins with. */
void tiny_open(Tiny *t, int threads);
/* A folder with a BERT of 2 layers, width 16, random weights; and 120 rows of 3 classes. */
void tiny_make(Tiny *t, int threads);
/* The same with a RoBERTa, whose tokenizer comes as vocab.json and merges.txt. */
void tiny_make_roberta(Tiny *t, int threads);
/* The same with a GPT-2 instead, which learns with the same words. */
void tiny_make_gpt2(Tiny *t, int threads);
TrainOptions tiny_options(const Tiny *t, const char *output);
char *tiny_path(const Tiny *t, const char *name);
const char *tiny_text(const Tiny *t, const char *name); /* a file's bytes */
/* SHA-256 of a file, "" when it is absent. */
const char *tiny_hash(const Tiny *t, const char *folder, const char *name);

#endif
/* SPDX-License-Identifier: MIT */
