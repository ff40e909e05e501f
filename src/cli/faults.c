/* faults.c - EG_FAIL=KIND:N makes the N-th system call of a kind fail, so that a shell loop can try each of them: the
 * command has to end with a message and a proper exit code, and what was saved before has to stay whole. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

const Sys *cli_sys(Err *e, SysFaults *f)
{
    const char *text = getenv("EG_FAIL");

    *f = (SysFaults){0};
    if (!text || !*text)
        return sys_real();
    if (sys_faults_parse(e, text, f))
        return NULL;
    sys_faulty(f, sys_real());
    return &f->sys;
}

void cli_sys_end(const SysFaults *f)
{
    if (f->under) /* a loop is done when N is beyond this */
        fprintf(stderr, "note: EG_FAIL met %lld calls, %lld things are not given back\n",
                (long long)f->calls, (long long)f->held);
}

/* SPDX-License-Identifier: MIT */
