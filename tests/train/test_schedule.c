/* test_schedule.c - rates against the closed forms that PyTorch's LambdaLR is given. */
#include "test.h"
#include "train/train.h"

#include <math.h>

TEST(train_schedule_linear_warms_up_and_ends_at_zero)
{
    Schedule s = {SCHEDULE_LINEAR, 2.0, 2.5, 20};

    CHECK_NEAR(schedule_at(&s, 0), 2.0 * (1 / 2.5) * 1.0, 1e-15);
    CHECK_NEAR(schedule_at(&s, 1), 2.0 * (2 / 2.5) * (19.0 / 20), 1e-15);
    CHECK_NEAR(schedule_at(&s, 2), 2.0 * (18.0 / 20), 1e-15);
    CHECK_NEAR(schedule_at(&s, 20), 0, 0);
    CHECK_NEAR(schedule_at(&s, 25), 0, 0);
}

TEST(train_schedule_cosine_equals_libm)
{
    Schedule s = {SCHEDULE_COSINE, 1.0, 0, 1000};

    for (int64_t k = 0; k <= 1000; k++)
        CHECK_NEAR(schedule_at(&s, k), 0.5 * (1 + cos(M_PI * (double)k / 1000)), 1e-15);
}

TEST(train_schedule_constant_and_names)
{
    Schedule s = {SCHEDULE_CONSTANT, 0.5, 0, 10};
    ScheduleKind k;

    CHECK_NEAR(schedule_at(&s, 9), 0.5, 0);
    CHECK(schedule_parse("cosine", 6, &k) && k == SCHEDULE_COSINE);
    CHECK(!schedule_parse("cosines", 7, &k));
    CHECK_TEXT(schedule_name(SCHEDULE_LINEAR), "linear");
}

/* SPDX-License-Identifier: MIT */
