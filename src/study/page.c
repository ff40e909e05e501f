/* page.c - pieces of a study's report.html. */
#include "study/page.h"

#include "task/report.h"

#include <string.h>

Status page_put(Err *e, Writer *w, const char *html)
{
    return writer_put(e, w, html, strlen(html));
}

Status page_say(Err *e, Writer *w, const char *text)
{
    return put_text(e, w, text, strlen(text));
}

Status page_open(Err *e, Writer *w, const char *title, const char *css)
{
    TRY(page_put(e, w,
                 "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport "
                 "content=\"width=device-width,initial-scale=1\"><title>"));
    TRY(page_say(e, w, title));
    TRY(page_put(e, w, "</title><style>\n"));
    TRY(page_put(e, w, report_css));
    TRY(page_put(e, w, css));
    return page_put(e, w, "</style></head><body><main><header>");
}

Status page_fact(Err *e, Writer *w, const char *name, const char *value)
{
    if (!value)
        return err_failed(e->code);
    TRY(writer_printf(e, w, "<dt>%s</dt><dd>", name));
    TRY(page_say(e, w, value));
    return page_put(e, w, "</dd>");
}

Status page_close(Err *e, Writer *w, const char *credit)
{
    return writer_printf(e, w, "<footer>Made by engraft. %s</footer></main></body></html>\n",
                         credit);
}

/* SPDX-License-Identifier: MIT */
