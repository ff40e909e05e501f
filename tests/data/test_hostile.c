/* test_hostile.c - every file under tests/hostile/table is refused with the message that expected.tsv names
 * (tools/golden/hostile_text.py), with its file, in no time and little memory. */
#include "base/sys.h"
#include "data/data.h"
#include "formats/tsv.h"
#include "test.h"

#define FOLDER "tests/hostile/table/"

static size_t taken; /* all that was asked of the system since it was cleared */

static void *counting_alloc(void *user, size_t size)
{
    taken += size;
    return sys_real()->alloc(user, size);
}

/* All that a training would ask of its table. */
static Status use_table(Err *e, Arena *a, const char *path)
{
    Table *t;
    Schema s;
    Labels l;

    TRY(table_open(e, a, path, TABLE_FAIL, &t));
    TRY(table_schema(e, a, t, NULL, NULL, NULL, true, &s));
    return table_labels(e, a, t, s.label, NULL, &l);
}

TEST(data_hostile_tables)
{
    Err err = {0};
    Sys sys = *sys_real();
    Bytes list;
    int n = 0;

    sys.alloc = counting_alloc;
    Arena *a = arena_new(&err, &sys);
    CHECK_OK(use_table(&err, a, FOLDER "good.csv"));
    CHECK_OK(file_read_all(&err, a, FOLDER "expected.tsv", 1 << 20, &list));
    for (Tsv v = {.at = arena_strndup(&err, a, (const char *)list.data, list.n)}; tsv_next(&v);
         n++) {
        Arena *one = arena_child(&err, a);
        double start = clock_seconds();

        taken = 0;
        Status s = use_table(&err, one, arena_printf(&err, one, FOLDER "%s", v.field[0]));
        check_int_at(v.field[0], 0, "status", s, E_DATA);
        check_has_at(v.field[0], 0, err.text, v.field[1]);
        check_has_at(v.field[0], 0, err.text, "file      " FOLDER);
        check_at(v.field[0], 0, clock_seconds() - start < 0.5, "in half a second");
        check_at(v.field[0], 0, taken < 32 << 20, "in 32 MiB");
        arena_free(one);
    }
    CHECK(n >= 60);
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
