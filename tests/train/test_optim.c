/* test_optim.c - optimisers named by text. */
#include "test.h"
#include "train/train.h"

TEST(train_optim_reads_its_text)
{
    Err err = {0};
    Optim o;

    CHECK_OK(optim_parse(&err, "adamw:lr=1e-3,wd=0.02,clip=1.0,schedule=linear,warmup=0.1", &o));
    CHECK_TEXT(optim_name(&o), "adamw");
    CHECK_NEAR(o.lr, 1e-3, 0);
    CHECK_NEAR(o.weight_decay, 0.02, 0);
    CHECK_NEAR(o.clip, 1, 0);
    CHECK_NEAR(o.eps, 1e-8, 0);
    CHECK_INT(o.schedule, SCHEDULE_LINEAR);
    CHECK_NEAR(optim_schedule(&o, 50).warmup, 5, 1e-12);
    CHECK_OK(optim_parse(&err, "sgd", &o));
    CHECK_NEAR(o.weight_decay, 0, 0);
    CHECK_OK(optim_parse(&err, "sgd:momentum=0.9,nesterov=1", &o));
    CHECK_NEAR(o.momentum, 0.9, 0);
    CHECK(o.nesterov);
}

TEST(train_optim_refuses_what_it_does_not_know)
{
    Err err = {0};
    Optim o;

    CHECK_INT(optim_parse(&err, "adam", &o), E_USAGE);
    CHECK_HAS(err.text, "adamw or sgd");
    CHECK_INT(optim_parse(&err, "adamw:rate=1", &o), E_USAGE);
    CHECK_HAS(err.text, "no option \"rate\"");
    CHECK_INT(optim_parse(&err, "adamw:lr=fast", &o), E_USAGE);
    CHECK_HAS(err.text, "wants a number");
    CHECK_INT(optim_parse(&err, "adamw:lr=", &o), E_USAGE);
    CHECK_INT(optim_parse(&err, "adamw:lr=-1", &o), E_USAGE);
    CHECK_INT(optim_parse(&err, "adamw:lr=nan", &o), E_USAGE);
    CHECK_INT(optim_parse(&err, "adamw:schedule=steps", &o), E_USAGE);
    CHECK_HAS(err.text, "linear, cosine or constant");
    CHECK_INT(optim_parse(&err, "adamw:", &o), E_USAGE);
    CHECK_INT(optim_parse(&err, "adamw:beta1=1", &o), E_USAGE);
}

/* SPDX-License-Identifier: MIT */
