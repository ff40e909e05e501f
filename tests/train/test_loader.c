/* test_loader.c - every sample once an epoch, another order each epoch, the last window shorter. */
#include "test.h"
#include "train/train.h"

#include <string.h>

TEST(train_loader_sees_every_sample_once)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Loader l;
    int64_t order[2][103];

    CHECK_OK(loader_new(&err, a, 103, 4, 3, 7, &l));
    CHECK_INT(l.windows, 9);
    for (int epoch = 0; epoch < 2; epoch++) {
        int seen[103] = {0}, at = 0;

        for (int64_t w = 0; w < l.windows; w++) {
            Window win = loader_window(&l, epoch, w);

            CHECK_INT(win.samples, w == 8 ? 7 : 12);
            CHECK_INT(win.batches, w == 8 ? 2 : 3);
            for (int64_t i = 0; i < win.samples; i++) {
                seen[win.index[i]]++;
                order[epoch][at++] = win.index[i];
            }
        }
        for (int i = 0; i < 103; i++)
            CHECK_INT(seen[i], 1);
    }
    CHECK(memcmp(order[0], order[1], sizeof order[0]) != 0);
    Window again = loader_window(&l, 1, 5); /* a resume is a seek */
    CHECK_INT(memcmp(again.index, order[1] + 60, 12 * sizeof(int64_t)), 0);
    arena_free(a);
}

TEST(train_loader_refuses_what_cannot_be)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Loader l;

    CHECK_INT(loader_new(&err, a, 0, 4, 1, 7, &l), E_DATA);
    CHECK_INT(loader_new(&err, a, 5, 0, 1, 7, &l), E_USAGE);
    CHECK_INT(loader_new(&err, a, 5, INT64_MAX, 2, 7, &l), E_USAGE);
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
