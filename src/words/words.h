/* words.h - word vectors at work: neighbours, analogies, and how well a table does on the sets that people judge it by
 * (questions-words.txt; pairs of words with people's scores).  Cosines throughout: rows are brought to length 1. */
#ifndef WORDS_H
#define WORDS_H

#include "formats/vectors.h"

typedef struct WordSpace WordSpace;

/* Keeps v; the rows at length 1 are a second block of its size. */
Status space_open(Err *e, Arena *a, const Vectors *v, Pool *pool, Isa isa, WordSpace **out);
const Vectors *space_vectors(const WordSpace *s);
/* The row of a word; E_NOINPUT names the nearest spelling.  As it stands, else whatever its case. */
Status space_word(Err *e, const WordSpace *s, const char *word, int64_t *row);

typedef struct WordScore {
    int64_t row; /* -1: none */
    float score;
} WordScore;

typedef struct WordQuery { /* near plus[0] - minus + plus[1]; the words asked with are no answers */
    int64_t plus[2], minus; /* rows; -1: none */
} WordQuery;

/* best: [n * most], highest first, equal scores in the table's order; `by_product`: 3CosMul (Levy and Goldberg 2014)
 * instead of 3CosAdd.  `any_case`: a word that differs from one asked with by its case alone is no answer either. */
typedef struct WordAsk {
    const WordQuery *query;
    int64_t n;
    int most;
    bool by_product, any_case;
} WordAsk;

Status space_answer(Err *e, Arena *a, const WordSpace *s, const WordAsk *ask, WordScore *best);

/* ---- judging ---- */

typedef struct WordSection {
    const char *name;
    int64_t right, asked, unknown; /* unknown: a word of the question is not in the table */
} WordSection;

typedef struct WordJudged {
    const char *name; /* the file's */
    bool analogies;
    int sections; /* analogies: those of the file, then "semantic", "syntactic" (where there are both), "all" */
    const WordSection *section;
    int64_t pairs, unknown;     /* pairs: those in the table */
    double spearman, low, high; /* 95 % */
    const char *tag;            /* what was cut off each word, as "-n"; NULL: nothing */
    double seconds;
} WordJudged;

/* A file that begins with ": section" holds questions of four words, else it is a table of two words and a score. */
Status words_judge(Err *e, Arena *a, const WordSpace *s, const char *path, bool by_product,
                   WordJudged *out);
Status words_judge_questions(Err *e, Arena *a, const WordSpace *s, const char *path, Bytes b,
                             bool by_product, WordJudged *out);

/* ---- inside ---- */

typedef struct WordPairs { /* of a file, those whose words the table has */
    int64_t n, unknown;
    float *people, *ours; /* scores, cosines */
    const char *tag;
} WordPairs;

Status words_pairs(Err *e, Arena *a, const WordSpace *s, const char *path, WordPairs *out);

/* The first row whose word is the same but for case, by the lower case of each character; -1. */
int64_t space_folded(const WordSpace *s, const char *word, size_t n);
/* What all rows of equal words but for case have in common. */
const int64_t *space_fold(const WordSpace *s);
float space_cosine(const WordSpace *s, int64_t i, int64_t j);

#endif
/* SPDX-License-Identifier: MIT */
