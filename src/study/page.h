/* page.h - pieces of a study's report.html; the look is that of train's (task/report.h). */
#ifndef STUDY_PAGE_H
#define STUDY_PAGE_H

#include "base/base.h"

Status page_put(Err *e, Writer *w, const char *html);
Status page_say(Err *e, Writer *w, const char *text); /* escaped */
/* Up to the open <header>; css: the page's own, behind the common one. */
Status page_open(Err *e, Writer *w, const char *title, const char *css);
Status page_fact(Err *e, Writer *w, const char *name, const char *value); /* in a <dl> */
Status page_close(Err *e, Writer *w, const char *credit);                 /* a line at the foot */

#endif
/* SPDX-License-Identifier: MIT */
