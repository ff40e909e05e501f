/* test_bag.c - the bag of words against scikit-learn's TfidfVectorizer, worked out by hand. */
#include "task/inside.h"
#include "test.h"

#include <math.h>
#include <string.h>

static Cell cell(const char *s)
{
    return (Cell){s, strlen(s)};
}

TEST(task_bag_weighs_words_as_tfidf)
{
    Err err = {0};
    Arena *a = test_arena();
    Cell text[] = {cell("The cat, the CAT a!"), cell("the dog"), cell("a cat unseen"), cell(""),
                   cell("\xff x")};
    int64_t train[] = {0, 1};
    Matrix m;

    CHECK_OK(bag_make(&err, a, &(Raw){text, NULL, NULL, 5}, train, 2, &m));
    CHECK_INT(m.columns, 3); /* the, cat, dog: one letter is no word, row 2 is not learned from */
    CHECK_INT(m.start[1], 2);
    double the = 2, cat = 2 * (log(3.0 / 2) + 1), length = sqrt(the * the + cat * cat);
    CHECK_NEAR(m.value[0], the / length, 1e-6);
    CHECK_NEAR(m.value[1], cat / length, 1e-6);
    CHECK_INT(m.start[3] - m.start[2], 1); /* "unseen" is unknown */
    CHECK_NEAR(m.value[m.start[2]], 1, 1e-6);
    CHECK_INT(m.start[5], m.start[3]);
}

TEST(task_bag_keeps_the_two_texts_of_a_pair_apart)
{
    Err err = {0};
    Arena *a = test_arena();
    Cell first[] = {cell("red wine")}, second[] = {cell("wine")};
    int64_t train[] = {0};
    Matrix m;

    CHECK_OK(bag_make(&err, a, &(Raw){first, second, NULL, 1}, train, 1, &m));
    CHECK_INT(m.columns, 3);
    CHECK_INT(m.start[1], 3);
}

/* SPDX-License-Identifier: MIT */
