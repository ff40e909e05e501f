/* test_split.c - labels and parts: sorted classes, shares, no text in two parts. */
#include <stdio.h>
#include <string.h>

#include "made.h"

TEST(data_labels_sorted_and_known)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = made_table(
        &err, a, made("l.csv", "text,label\na b,10\nc d,9\ne f,-1\ng h,\ni j, 9 \nk l,b\nm n,a\n"));
    Labels l, other;
    float *v;

    CHECK_OK(table_labels(&err, a, t, 1, NULL, &l));
    CHECK_INT(l.n, 5);
    CHECK_TEXT(l.name[0], "-1");
    CHECK_TEXT(l.name[1], "9");
    CHECK_TEXT(l.name[2], "10");
    CHECK_TEXT(l.name[3], "a");
    CHECK_TEXT(l.name[4], "b");
    CHECK_INT(l.count[1], 2);
    CHECK_INT(l.of_row[3], -1);
    CHECK_INT(l.of_row[4], 1);
    t = made_table(&err, a, made("test.csv", "text,label\na b,10\nc d,b\ne f,zebra\n"));
    CHECK_INT(table_labels(&err, a, t, 1, &l, &other), E_DATA);
    CHECK_HAS(err.text, "label \"zebra\" is none that the model knows");
    CHECK_HAS(err.text, "test.csv:4, column \"label\"");
    CHECK_HAS(err.text, "one of -1 9 10 a b");
    CHECK_INT(table_numbers(&err, a, t, 1, &v), E_DATA);
    CHECK_HAS(err.text, "\"b\" is not a number");
    CHECK_HAS(err.text, "test.csv:3");
    arena_free(a);
}

TEST(data_numbers_in_any_hand)
{
    static const float wanted[] = {1.5f, -2, 0.001f, 1e10f, 0, 25e21f};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = made_table(
        &err, a,
        made("n.csv",
             "text;score\na;1,5\nb;-2\nc;1e-3\nd;1E+10\ne;-0\nf;25000000000000000000000\n"));
    float *v;

    CHECK_OK(table_numbers(&err, a, t, 1, &v));
    for (size_t i = 0; i < LEN(wanted); i++)
        CHECK_NEAR((double)v[i], (double)wanted[i], 0);
    t = made_table(&err, a, made("m.csv", "text,score\na,1.5\nb,1e999\n"));
    CHECK_INT(table_numbers(&err, a, t, 1, &v), E_DATA);
    CHECK_HAS(err.text, "\"1e999\" is not a number");
    t = made_table(&err, a, made("m.csv", "text,score\na,1.5\nb,\n"));
    CHECK_INT(table_numbers(&err, a, t, 1, &v), E_DATA);
    CHECK_HAS(err.text, "the label is empty");
    arena_free(a);
}

/* 1000 rows of 300 texts in different spellings, 10 classes of different sizes and one with a single row. */
static Table *many(Err *e, Arena *a)
{
    static const char *const before[] = {"Text number ", "text  NUMBER ", "\"text, number "};
    static const char *const after[] = {"", ".", "!\""};
    static char all[200000];
    size_t n = 0;

    n += (size_t)snprintf(all, sizeof all, "text,label\n");
    for (int i = 0; i < 999; i++) {
        int text = i % 300, k = i / 300 < 2 ? i / 300 : 2;

        n += (size_t)snprintf(all + n, sizeof all - n, "%s%d%s,class %d\n", before[k], text,
                              after[k], text % 10 * (text % 10) / 10);
    }
    n += (size_t)snprintf(all + n, sizeof all - n, "all alone,single\n");
    return made_table(e, a, made_bytes("many.csv", all, n));
}

TEST(data_split_keeps_texts_together)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = many(&err, a);
    Schema s;
    Labels l;
    uint8_t *part, *again, *other;
    int64_t duplicates, count[3] = {0, 0, 0}, changed = 0;
    int64_t of_class[16][3] = {{0}};

    CHECK_OK(table_schema(&err, a, t, NULL, NULL, NULL, true, &s));
    CHECK_OK(table_labels(&err, a, t, s.label, NULL, &l));
    CHECK_OK(table_split(&err, a, t, &s, &l, 0.2, 0.1, 7, &part, &duplicates));
    CHECK_OK(table_split(&err, a, t, &s, &l, 0.2, 0.1, 7, &again, &duplicates));
    CHECK_OK(table_split(&err, a, t, &s, &l, 0.2, 0.1, 8, &other, &duplicates));
    CHECK_INT(duplicates, 699);
    for (int64_t i = 0; i < t->rows; i++) {
        count[part[i]]++;
        of_class[l.of_row[i]][part[i]]++;
        CHECK_INT(part[i], again[i]);
        changed += part[i] != other[i];
        if (i < 999)
            CHECK_INT(part[i], part[i % 300]);
    }
    CHECK(changed > 100);
    CHECK_NEAR((double)count[PART_VALID], 200, 4);
    CHECK_NEAR((double)count[PART_TEST], 100, 4);
    CHECK_INT(part[999], PART_TRAIN);
    for (int k = 0; k < l.n; k++) {
        CHECK(of_class[k][PART_TRAIN] > 0);
        CHECK_NEAR((double)of_class[k][PART_VALID], 0.2 * (double)l.count[k], 5);
    }
    CHECK_INT(table_split(&err, a, t, &s, &l, 0.6, 0.4, 7, &part, &duplicates), E_USAGE);
    arena_free(a);
}

TEST(data_split_without_labels)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = many(&err, a);
    Schema s;
    uint8_t *part;
    int64_t duplicates, valid = 0;

    CHECK_OK(table_schema(&err, a, t, NULL, NULL, NULL, false, &s));
    CHECK_OK(table_split(&err, a, t, &s, NULL, 0.1, 0, 1, &part, &duplicates));
    for (int64_t i = 0; i < t->rows; i++)
        valid += part[i] == PART_VALID;
    CHECK_NEAR((double)valid, 100, 3);
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
