/* report.h - what the files of the report share. */
#ifndef TASK_REPORT_H
#define TASK_REPORT_H

#include "task/inside.h"

typedef struct Report {
    Job *j;
    Writer *w;
    const float *out; /* answers of the saved model, [n, outputs] */
    Confusion held;   /* of the test part; classes only */
} Report;

extern const char report_css[];

Status put_text(Err *e, Writer *w, const char *s, size_t n); /* escaped for HTML */
/* Each candidate's held-out score as a dot in its interval, training as a hollow one. */
Status report_ladder(Err *e, const Report *r);
Status report_curves(Err *e, const Report *r);

#endif
/* SPDX-License-Identifier: MIT */
