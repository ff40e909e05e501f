/* test_schema.c - which columns are taken, and why; the released data sets need no flags. */
#include <string.h>

#include "made.h"

typedef struct Wanted {
    int text, second, label;
    bool regression;
} Wanted;

static Schema schema_of(Err *e, Arena *a, Table *t, Wanted w)
{
    Schema s;

    check_ok_at(__FILE__, __LINE__, table_schema(e, a, t, NULL, NULL, NULL, true, &s), e);
    CHECK_INT(s.text, w.text);
    CHECK_INT(s.second, w.second);
    CHECK_INT(s.label, w.label);
    CHECK_INT(s.regression, w.regression);
    return s;
}

TEST(data_schema_sst2)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = made_table(&err, a, test_shared("data/text/sst2/train.tsv"));
    Labels l;

    CHECK_INT(t->rows, 6920);
    schema_of(&err, a, t, (Wanted){0, -1, 1, false});
    CHECK_OK(table_labels(&err, a, t, 1, NULL, &l));
    CHECK_INT(l.n, 2);
    CHECK_TEXT(l.name[1], "1");
    CHECK_INT(l.count[0] + l.count[1], 6920);
    t = made_table(&err, a, test_shared("data/text/sst2/dev.tsv"));
    CHECK_INT(t->rows, 872);
    schema_of(&err, a, t, (Wanted){0, -1, 1, false});
    CHECK_INT(made_table(&err, a, test_shared("data/text/sst2/test.tsv"))->rows, 1821);
    arena_free(a);
}

TEST(data_schema_acl_arc)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = made_table(&err, a, test_shared("data/text/acl-arc-citation-intent/train.txt"));
    Labels l, dev;

    CHECK_TEXT(t->form, "JSONL");
    CHECK_INT(t->rows, 1688);
    schema_of(&err, a, t, (Wanted){0, -1, 1, false});
    CHECK_OK(table_labels(&err, a, t, 1, NULL, &l));
    CHECK_INT(l.n, 6);
    CHECK_TEXT(l.name[0], "Background");
    t = made_table(&err, a, test_shared("data/text/acl-arc-citation-intent/dev.txt"));
    CHECK_OK(table_labels(&err, a, t, 1, &l, &dev));
    CHECK_INT(t->rows, 114);
    arena_free(a);
}

TEST(data_schema_ag_news)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = made_table(&err, a, test_shared("data/text/ag-news-subset/train.csv"));

    CHECK_INT(t->rows, 3000);
    CHECK(!t->header);
    schema_of(&err, a, t, (Wanted){1, 2, 0, false});
    t = made_table(&err, a, test_shared("data/text/ag-news-subset/test.csv"));
    CHECK_INT(t->rows, 1000);
    schema_of(&err, a, t, (Wanted){1, 2, 0, false});
    arena_free(a);
}

TEST(data_schema_stsb)
{
    static const struct {
        const char *path;
        int64_t rows;
    } files[] = {{"data/text/stsb/stsb-en-train.csv", 5749},
                 {"data/text/stsb/stsb-en-dev.csv", 1500},
                 {"data/text/stsb/stsb-en-test.csv", 1379}};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    float *score;

    for (size_t i = 0; i < LEN(files); i++) {
        Table *t = made_table(&err, a, test_shared(files[i].path));
        CHECK_INT(t->rows, files[i].rows);
        Schema s = schema_of(&err, a, t, (Wanted){0, 1, 2, true});
        CHECK_HAS(s.reason, "a measurement, so regression");
        CHECK_OK(table_numbers(&err, a, t, 2, &score));
    }
    CHECK_NEAR((double)score[0], 2.5, 0);
    arena_free(a);
}

TEST(data_schema_stars_are_classes)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = made_table(
        &err, a,
        made("s.csv", "id,stars,review\n17,5,a fine thing\n18,1,it broke at once\n19,5,works "
                      "well for me\n20,3,neither good nor bad\n21,1,never again\n22,3,so so\n"));
    Schema s = schema_of(&err, a, t, (Wanted){2, -1, 1, false});

    CHECK_HAS(s.reason,
              "few whole numbers, so classes (--task regression takes them as a measurement)");
    CHECK_INT(s.facts[0].kind, COLUMN_ID);
    arena_free(a);
}

TEST(data_schema_id_is_never_text)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *rows =
        "ticket,body,kind\nTK-1,my card was charged twice,billing\nTK-2,cannot log in,access\nTK-3,"
        "how do I export,howto\nTK-4,charged again,billing\nTK-5,password lost,access\nTK-6,where "
        "is the button,howto\nTK-7,refund please,billing\nTK-8,locked out,access\nTK-9,print a "
        "list,howto\nTK-10,invoice wrong,billing\n";
    Table *t = made_table(&err, a, made_bytes("t.csv", rows, strlen(rows)));
    Schema s = schema_of(&err, a, t, (Wanted){1, -1, 2, false});

    CHECK_INT(s.facts[0].kind, COLUMN_ID);
    CHECK_INT(table_schema(&err, a, t, "ticket", NULL, "kind", true, &s), E_DATA);
    CHECK_HAS(err.text, "column \"ticket\" is no text: it looks like an id");
    CHECK_INT(table_schema(&err, a, t, "body", NULL, "ticket", true, &s), E_DATA);
    CHECK_HAS(err.text, "column \"ticket\" cannot be the label: nearly every value is different");
    CHECK_HAS(err.text, "could be  \"kind\" (label: 3 of 10 values are different)");
    CHECK_INT(table_schema(&err, a, t, "bodies", NULL, NULL, true, &s), E_NOINPUT);
    CHECK_HAS(err.text, "there is no column \"bodies\" to be the text");
    CHECK_HAS(err.text, "\"body\" (text:");
    arena_free(a);
}

/* A date repeats like a label, and an address says nothing. */
TEST(data_schema_dates_are_no_labels)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = made_table(
        &err, a,
        made("d.csv",
             "Date,URL,Comment,mood\n2024-01-01,x.org/1,a fine day,up\n2024-01-01,x.org/2,rain and "
             "wind,down\n2024-01-02,x.org/3,sun at last,up\n2024-01-02,x.org/4,cold again,down\n"));
    Schema s = schema_of(&err, a, t, (Wanted){2, -1, 3, false});

    CHECK_INT(s.facts[0].kind, COLUMN_ID);
    CHECK_INT(s.facts[1].kind, COLUMN_ID);
    arena_free(a);
}

TEST(data_schema_asks_when_unsure)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = made_table(
        &err, a,
        made("2.csv", "text,colour,size\na b c,red,big\nd e f,red,small\ng h i,blue,big\nj "
                      "k l,blue,small\n"));
    Schema s;

    CHECK_INT(table_schema(&err, a, t, NULL, NULL, NULL, true, &s), E_DATA);
    CHECK_HAS(err.text, "several columns could be the label");
    CHECK_HAS(err.text, "could be  \"size\" (label: 2 of 4 values are different)");
    CHECK_OK(table_schema(&err, a, t, NULL, NULL, "size", true, &s));
    CHECK_INT(s.label, 2);
    CHECK_OK(table_schema(&err, a, t, NULL, NULL, NULL, false, &s));
    CHECK_INT(s.label, -1);
    CHECK_INT(s.text, 0);
    t = made_table(&err, a, made("1.csv", "text\none thing\nother things\n"));
    CHECK_INT(table_schema(&err, a, t, NULL, NULL, NULL, true, &s), E_DATA);
    CHECK_HAS(err.text, "no column looks like a label");
    t = made_table(&err, a, made("n.csv", "a,b\n1.5,2.5\n2.5,3.5\n3,4\n"));
    CHECK_INT(table_schema(&err, a, t, NULL, NULL, NULL, false, &s), E_DATA);
    CHECK_HAS(err.text, "no column looks like text");
    arena_free(a);
}

TEST(data_schema_pairs_and_sequences)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    schema_of(&err, a,
              made_table(
                  &err, a,
                  made("p.csv",
                       "label,hypothesis,premise\n1,a b c,d e f\n0,g h i,j k l\n1,m n,o p\n0,q r,s "
                       "t\n")),
              (Wanted){2, 1, 0, false});
    schema_of(
        &err, a,
        made_table(
            &err, a,
            made("s.csv",
                 "sequence,label\nMKTAYIAKQRQISFVK,1\nMKLVFFAEDVGSNKGA,0\nGSHMKTAYIAKQRQAA,1\n"
                 "MAAAKKVLLPQRSTVW,0\n")),
        (Wanted){0, -1, 1, false});
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
