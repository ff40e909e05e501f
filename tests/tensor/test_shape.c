/* test_shape.c - counts that overflow, texts, element types. */
#include <math.h>
#include <string.h>

#include "tensor/tensor.h"
#include "test.h"

TEST(tensor_shape_counts)
{
    int64_t n = -1;

    CHECK(shape_count(&SHAPE0, &n) && n == 1);
    CHECK(shape_count(&SHAPE(2, 3, 4), &n) && n == 24 && shape_size(&SHAPE(2, 3, 4)) == 24);
    CHECK(shape_count(&SHAPE(2, 0, 4), &n) && n == 0);
    CHECK(!shape_count(&SHAPE(4194305, 4194305, 211106198978564),
                       &n)); /* wraps to 4 when unchecked */
    CHECK(!shape_count(&SHAPE(INT64_MAX, 2), &n));
    CHECK(shape_count(&SHAPE(INT64_MAX, 0, INT64_MAX), &n) && n == 0);
    CHECK(!shape_count(&SHAPE(-1), &n) && !shape_count(&SHAPE(0, -1), &n));
}

TEST(tensor_shape_texts_and_equality)
{
    Shape full = {.rank = SHAPE_MAX};
    char buf[8];

    for (int i = 0; i < SHAPE_MAX; i++)
        full.dim[i] = INT64_MAX;
    CHECK_TEXT(SHAPE_TEXT(&SHAPE(768, 3072)), "[768, 3072]");
    CHECK_TEXT(SHAPE_TEXT(&SHAPE0), "[]");
    CHECK(strlen(SHAPE_TEXT(&full)) < 200);
    CHECK_TEXT(shape_text(&SHAPE(1000, 2000), buf, sizeof buf), "[1000, ");
    CHECK(shape_equal(&SHAPE(1, 2), &SHAPE(1, 2)));
    CHECK(!shape_equal(&SHAPE(1, 2), &SHAPE(2, 1)) && !shape_equal(&SHAPE(1), &SHAPE(1, 1)));
    CHECK_INT(shape_last(&SHAPE(4, 5)), 5);
    CHECK_INT(shape_last(&SHAPE0), 1);
}

TEST(tensor_dtype_names_and_sizes)
{
    DType t;

    for (int i = 0; i < DT_COUNT; i++) {
        const char *name = dtype_name((DType)i);
        CHECK(dtype_parse(name, strlen(name), &t) && t == (DType)i);
    }
    CHECK(!dtype_parse("F3", 2, &t) && !dtype_parse("F8_E4M3", 7, &t) && !dtype_parse("", 0, &t));
    CHECK_INT((int64_t)dtype_size(DT_BF16), 2);
    CHECK_INT((int64_t)dtype_size(DT_I64), 8);
}

TEST(tensor_difference_finds_the_worst)
{
    float a[] = {1, 2, 3, INFINITY}, b[] = {1, 2.5f, 3, INFINITY};
    int64_t where;

    CHECK_NEAR(tensor_difference(a, b, 4, &where), 0.5, 0);
    CHECK_INT(where, 1);
    b[2] = NAN;
    CHECK(isinf(tensor_difference(a, b, 4, &where)));
    CHECK_INT(where, 2);
    CHECK_NEAR(tensor_difference(a, a, 4, &where), 0, 0);
}
/* SPDX-License-Identifier: MIT */
