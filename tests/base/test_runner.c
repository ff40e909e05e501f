/* test_runner.c - the checks themselves can fail. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

/* The exit status of a child that runs fn. */
static int status_of(void (*fn)(void))
{
    int status = 0;

    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        fn();
        _exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void wrong_int(void)
{
    CHECK_INT(1, 2);
}

static void wrong_near(void)
{
    CHECK_NEAR(1.0, 1.1, 0.01);
}

static void wrong_nan(void)
{
    CHECK_NEAR(__builtin_nan(""), __builtin_nan(""), 1.0);
}

static void wrong_text(void)
{
    CHECK_TEXT("a", "b");
}

static void wrong_part(void)
{
    CHECK_HAS("abc", "x");
}

static void wrong_status(void)
{
    Err err;
    CHECK_OK(fail(&err, E_DATA, "on purpose"));
}

static void skips(void)
{
    test_skip("on purpose");
}

static void right(void)
{
    CHECK_INT(2, 2);
    CHECK_NEAR(1.0, 1.001, 0.01);
    CHECK_NEAR(__builtin_inf(), __builtin_inf(), 0);
    CHECK_TEXT("a", "a");
    CHECK_HAS("abc", "bc");
}

TEST(base_runner_checks_can_fail)
{
    CHECK_INT(status_of(wrong_int), 1);
    CHECK_INT(status_of(wrong_near), 1);
    CHECK_INT(status_of(wrong_nan), 1);
    CHECK_INT(status_of(wrong_text), 1);
    CHECK_INT(status_of(wrong_part), 1);
    CHECK_INT(status_of(wrong_status), 1);
    CHECK_INT(status_of(skips), 77);
    CHECK_INT(status_of(right), 0);
}
/* SPDX-License-Identifier: MIT */
