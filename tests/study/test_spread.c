#include "study/spread.h"
#include "test.h"

TEST(study_spread_is_students)
{
    static const double x[] = {0.01, 0.03, 0.02, 0.04};
    Spread s = spread_of(x, 4), one = spread_of(x, 1);

    CHECK_NEAR(s.mean, 0.025, 1e-12);
    CHECK_NEAR(s.error, 0.0064549722, 1e-9); /* scipy.stats: sem, t.interval(0.95, 3) */
    CHECK_NEAR(s.low, 0.0044573973, 1e-5);
    CHECK_NEAR(s.high, 0.0455426027, 1e-5);
    CHECK_NEAR(one.low, one.high, 0);
}

/* SPDX-License-Identifier: MIT */
