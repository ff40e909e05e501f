/* test_features.c - feature files: svmlight and tables of numbers as label and pairs, which files are told to be such, and
 * the hostile ones. */
#include "base/sys.h"
#include "data/features.h"
#include "formats/tsv.h"
#include "test.h"

#include <string.h>

#define FOLDER "tests/hostile/features/"

static Table *read_text(Arena *a, const char *text, const char *label)
{
    Err err;
    Table *t;

    CHECK_OK(features_read(&err, a, "data", (Bytes){(const uint8_t *)text, strlen(text)},
                           &(FeatureOptions){label, true, TABLE_FAIL}, &t));
    return t;
}

static void check_cell(const Table *t, int64_t row, int column, const char *want)
{
    check_text_at(__FILE__, __LINE__, "cell", t->cell[row * t->columns + column].s, want);
}

TEST(data_features_svmlight)
{
    Table *t =
        read_text(test_arena(), "# head\n+1 qid:7 0:6 3:-1.5 # end\n\n-1\r\n2.5  9:1e2\n", NULL);

    CHECK_INT(t->rows, 3);
    CHECK_TEXT(t->form, "svmlight");
    CHECK_INT(t->features, 0);
    check_cell(t, 0, 0, "1"), check_cell(t, 0, 1, "0:6 3:-1.5");
    check_cell(t, 1, 0, "-1"), check_cell(t, 1, 1, "");
    check_cell(t, 2, 0, "2.5"), check_cell(t, 2, 1, "9:1e2");
    CHECK_INT(t->line[2], 5);
}

TEST(data_features_table_of_numbers)
{
    Arena *a = test_arena();
    Table *t = read_text(a, "a,kind,b,c\n1,x,0,2.5\n0,y,0,0\n-3,x,1e3,4\n", "kind");

    CHECK_INT(t->features, 3);
    CHECK_TEXT(t->form, "numbers in CSV");
    check_cell(t, 0, 0, "x"), check_cell(t, 0, 1, "0:1 2:2.5");
    check_cell(t, 1, 1, "");
    check_cell(t, 2, 1, "0:-3 1:1000 2:4");
    t = read_text(a, "a;b;label\n1,5;2;1\n0;1;2\n", NULL); /* by name; a decimal comma */
    CHECK_INT(t->features, 2);
    check_cell(t, 0, 0, "1"), check_cell(t, 0, 1, "0:1.5 1:2");
    t = read_text(a, "1,2,3\n4,5,6\n", NULL); /* no header: the last */
    check_cell(t, 1, 0, "6"), check_cell(t, 1, 1, "0:4 1:5");
    t = read_text(a, "\"features\",\"label\"\n\"0:1 3:2\",\"a\"\n\"1:1\",\"b\"\n", NULL);
    check_cell(t, 1, table_column(t, "features"), "1:1");
}

static bool told(const char *text)
{
    Err err = {0};
    Arena *a = test_arena();
    const char *path = arena_printf(&err, a, "%s/told", test_folder());
    Writer *w;
    bool features;

    CHECK_OK(writer_open(&err, a, path, &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
    CHECK_OK(features_told(&err, a, path, &features));
    return features;
}

/* Whichever request for memory fails: it is said, and nothing is kept. */
TEST(data_features_without_memory)
{
    static const char text[] = "a,b,c,kind\n1,2,3,x\n4,5,6,y\n";
    const FeatureOptions o = {NULL, true, TABLE_FAIL};
    Status looked = E_INTERNAL, opened = E_INTERNAL;
    Err first = {0};
    const char *path = arena_printf(&first, test_arena(), "%s/told", test_folder());

    CHECK(told(text));
    for (int64_t at = 2; looked || opened; at++) { /* the first is the arena's own */
        SysFaults f = {.kind = SYS_ALLOC, .at = at};
        bool features;
        Table *t;

        sys_faulty(&f, sys_real());
        for (int open = 0; open < 2; open++) {
            Err err = {0};
            Arena *a;

            f.calls = 0;
            a = arena_new(&err, &f.sys);
            CHECK(a);
            Status s = open ? features_open(&err, a, path, &o, &t)
                            : features_told(&err, a, path, &features);
            CHECK(!s == !err.used);
            *(open ? &opened : &looked) = s;
            arena_free(a);
            CHECK_INT(f.held, 0);
        }
        CHECK(at < 1000);
    }
}

TEST(data_features_are_told_by_content)
{
    CHECK(told("1 1:2 5:3\n-1 2:1\n"));
    CHECK(told("+1 qid:1 1:2\n"));
    CHECK(told("a,b,c,kind\n1,2,3,x\n4,5,6,y\n"));
    CHECK(told("1,2,3\n4,5,6\n"));
    CHECK(told("features,label\n0:1 3:1,a\n2:1,b\n"));
    CHECK(!told("text,label\nsome words here,1\nand others,0\n"));
    CHECK(!told("id,word,label\n1,good,1\n2,bad,0\n"));
    CHECK(!told("The time is 10:30 now\nand 11:15 then\n"));
    CHECK(!told("{\"text\": \"1 1:2\", \"label\": 1}\n"));
}

TEST(data_hostile_features)
{
    Err err = {0};
    Arena *a = test_arena();
    Bytes list;
    Table *t;
    int n = 0;

    CHECK_OK(features_open(&err, a, FOLDER "good.svm", &(FeatureOptions){.bad = TABLE_FAIL}, &t));
    CHECK_INT(t->rows, 3);
    CHECK_OK(file_read_all(&err, a, FOLDER "expected.tsv", 1 << 20, &list));
    for (Tsv v = {.at = arena_strndup(&err, a, (const char *)list.data, list.n)}; tsv_next(&v);
         n++) {
        Arena *one = arena_child(&err, a);
        const char *path = arena_printf(&err, one, FOLDER "%s", v.field[0]);

        check_int_at(v.field[0], 0, "status",
                     features_open(&err, one, path,
                                   &(FeatureOptions){.want_label = true, .bad = TABLE_FAIL}, &t),
                     E_DATA);
        check_has_at(v.field[0], 0, err.text, v.field[1]);
        check_has_at(v.field[0], 0, err.text, "file      " FOLDER);
        err = (Err){0};
        arena_free(one);
    }
    CHECK(n >= 19);
}

/* SPDX-License-Identifier: MIT */
