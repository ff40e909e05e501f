/* test_data_size.c - the curve of labels in small: which trainings, what they are worth, the same rows after a stop, what is
 * refused. */
#include "study/data_size.h"
#include "task/tiny.h"

#include <math.h>
#include <string.h>

TEST(study_size_reaching_is_linear_in_the_logarithm)
{
    const double x[] = {10, 100, 1000, 10000}, y[] = {0.2, 0.4, 0.3, 0.6};
    double m;

    CHECK(size_reaching(x, y, 4, 0.1, &m));
    CHECK_NEAR(m, 10, 1e-9);
    CHECK(size_reaching(x, y, 4, 0.3, &m));
    CHECK_NEAR(m, sqrt(1000.0), 1e-9);
    CHECK(size_reaching(x, y, 4, 0.4, &m));
    CHECK_NEAR(m, 100, 1e-9);
    CHECK(size_reaching(x, y, 4, 0.5, &m)); /* the step back at 1000 counts for nothing */
    CHECK_NEAR(m, 1000, 1e-9);
    CHECK(!size_reaching(x, y, 4, 0.7, &m));
    CHECK_NEAR(m, 10000, 1e-9);
}

static SizeOptions options(const Tiny *t, const char *output)
{
    SizeOptions o = {.train = tiny_options(t, output), .labels = "12,40", .scratch = "12,60,all"};

    o.train.epochs = 2;
    o.train.seeds = 2;
    o.updates = 8;
    return o;
}

static Status alone(Err *e, const Tiny *t, const SizeOptions *o)
{
    Arena *a = arena_child(e, t->a);
    SizeResult r;
    Status s = a ? study_data_size(e, a, &t->c, o, &r) : e->code;

    arena_free(a);
    return s;
}

TEST(study_data_size_end_to_end)
{
    Err err = {0};
    Tiny t;
    SizeResult r;

    tiny_make(&t, 2);
    SizeOptions o = options(&t, "out");
    CHECK_OK(study_data_size(&err, t.a, &t.c, &o, &r));
    CHECK_INT(r.made, 2 * (2 + 2 * 3)); /* seeds; released; two rates from scratch */
    CHECK_INT(r.points, 4);
    CHECK_INT(r.point[0].labels, 12);
    CHECK_INT(r.point[1].labels, 40);
    CHECK_INT(r.point[3].labels, r.all);
    CHECK_INT(r.all + r.judged, 120);
    CHECK_INT(r.point[0].released.n, 2);
    CHECK_INT(r.point[0].fresh.n, 2);
    CHECK_INT(r.point[1].fresh.n, 0);
    CHECK_INT(r.point[2].released.n, 0);
    CHECK_INT(r.worths, 2);
    for (int i = 0; i < r.worths; i++) {
        CHECK(r.worth[i].factor > 0 && r.worth[i].work > 0);
        CHECK(r.worth[i].reached <= r.worth[i].seeds);
        CHECK((r.worth[i].reached == 2) == !isnan(r.worth[i].low));
    }
    CHECK_HAS(tiny_text(&t, "out/report.html"), "What pre-training is worth");
    CHECK_HAS(tiny_text(&t, "out/" RUNS_FILE), "\"from scratch, rate 0.001\",60,1,60,");
    CHECK(path_kind(sys_real(), tiny_path(&t, "out/run")) == PATH_NONE);
}

static int lines(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

TEST(study_data_size_stopped_goes_on)
{
    Err err = {0};
    Tiny t;

    tiny_make(&t, 1);
    SizeOptions o = options(&t, "out");
    o.scratch = "12,20";
    o.scratch_lr = 1e-3;
    o.train.seeds = 1;
    t.stop_at = 5; /* an update that only the second training has */
    CHECK_INT(alone(&err, &t, &o), E_STOPPED);
    CHECK_INT(lines(tiny_text(&t, "out/" RUNS_FILE)), 2);
    t.stop_at = 0;
    t.stop = 0;
    err = (Err){0};
    o.train.resume = true;
    CHECK_OK(alone(&err, &t, &o));
    CHECK_INT(lines(tiny_text(&t, "out/" RUNS_FILE)), 5);
    o.updates = 9;
    CHECK_INT(alone(&err, &t, &o), E_DATA);
    CHECK_HAS(err.text, "other settings");
}

TEST(study_data_size_refuses)
{
    static const char *const bad[] = {"",      "0",      "12,",  "40,12", "12,12",
                                      "12;40", "all,12", "1000", "twelve"};
    Tiny t;

    tiny_make(&t, 1);
    for (size_t i = 0; i < LEN(bad); i++) {
        Err err = {0};
        SizeOptions o = options(&t, "out");

        o.scratch = bad[i];
        CHECK_INT(alone(&err, &t, &o), E_USAGE);
        CHECK_HAS(err.text, "--scratch");
        CHECK(path_kind(sys_real(), tiny_path(&t, "out")) == PATH_NONE);
    }
}

/* SPDX-License-Identifier: MIT */
