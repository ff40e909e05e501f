/* making.c - a set of pictures while its source is read: samples, what is passed over, and at the end the
 * classes. */
#include "data/making.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "data/table.h"

Status making_note(Err *e, Making *m, const char *fmt, ...)
{
    PictureSet *s = m->set;
    char text[1000];
    va_list list;

    va_start(list, fmt);
    int n = vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    if (n < 0)
        return fail(e, E_INTERNAL, "a note cannot be written");
    TRY(GROW(e, m->a, s->note, m->note_cap, s->notes + 1));
    s->note[s->notes] = arena_strndup(e, m->a, text, strlen(text));
    return s->note[s->notes++] ? E_OK : err_failed(e->code);
}

Status making_add(Err *e, Making *m, PictureSample sample, PictureLabel label)
{
    PictureSet *s = m->set;
    size_t n = (size_t)s->n;

    TRY(GROW(e, m->a, s->at, m->cap, n + 1));
    TRY(GROW(e, m->scratch, m->label, m->label_cap, n + 1));
    TRY(GROW(e, m->scratch, m->place, m->place_cap, n + 1));
    if (m->measured) {
        TRY(GROW(e, m->a, s->number, m->number_cap, n + 1));
        s->number[n] = label.number;
    }
    s->at[n] = sample;
    s->at[n].id = s->n;
    m->label[n] = label.name;
    m->place[n] = label.place;
    s->n++;
    return E_OK;
}

Status making_pass(Err *e, Making *m, const char *what, const char *hint, const char *name)
{
    int k = 0;

    while (k < m->kinds && strcmp(m->passed[k].what, what) != 0)
        k++;
    if (k == PASSED_KINDS)
        k--; /* more kinds than anybody has: counted with the last */
    Passed *p = &m->passed[k];
    if (k == m->kinds) {
        *p = (Passed){.what = what, .hint = hint};
        m->kinds++;
    }
    if (p->n < PASSED_NAMED && !(p->name[p->n] = arena_strndup(e, m->scratch, name, strlen(name))))
        return err_failed(e->code);
    p->n++;
    return E_OK;
}

/* "12 files passed over, a HEIC picture: a.heic, b.heic, ..; heif-convert FILE FILE.jpg" */
static void passed_line(const Passed *p, char *out, size_t size)
{
    int used = snprintf(out, size, "%lld file%s passed over (%s): %.100s", (long long)p->n,
                        p->n == 1 ? "" : "s", p->what, p->name[0]);

    for (int i = 1; i < PASSED_NAMED && i < p->n && used > 0 && (size_t)used < size; i++)
        used += snprintf(out + used, size - (size_t)used, ", %.100s", p->name[i]);
    if (used > 0 && (size_t)used < size)
        (void)snprintf(out + used, size - (size_t)used, "%s%s%s", p->n > PASSED_NAMED ? ", .." : "",
                       p->hint ? "; " : "", p->hint ? p->hint : "");
}

Status making_explain(Err *e, const Making *m)
{
    char line[700];

    for (int k = 0; k < m->kinds; k++) {
        passed_line(&m->passed[k], line, sizeof line);
        err_note(e, "found", "%s", line);
    }
    return e->code;
}

/* The classes whose names differ by case alone. */
static Status case_twins(Err *e, Making *m)
{
    const Labels *l = &m->set->labels;

    for (int i = 0; i < l->n; i++)
        for (int k = i + 1; k < l->n && l->n <= 2000; k++)
            if (cell_is((Cell){l->name[i], strlen(l->name[i])}, l->name[k]))
                TRY(making_note(
                    e, m, "the classes \"%.60s\" and \"%.60s\" differ by case alone: are they one?",
                    l->name[i], l->name[k]));
    return E_OK;
}

static Status number_classes(Err *e, Making *m)
{
    PictureSet *s = m->set;
    int64_t unknown;

    m->rule.known = m->o->known;
    TRY(labels_of(e, m->a, m->label, s->n, &m->rule, &s->labels, &unknown));
    if (unknown >= 0)
        return label_unknown(e, m->label[unknown], &s->labels, m->place[unknown]);
    return case_twins(e, m);
}

Status making_finish(Err *e, Making *m)
{
    char line[700];

    if (m->measured || !m->labelled) {
        m->set->labels.of_row = NEWS(e, m->a, int32_t, m->set->n + 1);
        if (!m->set->labels.of_row)
            return err_failed(e->code);
        memset(m->set->labels.of_row, 0xff, (size_t)m->set->n * sizeof(int32_t));
    } else {
        TRY(number_classes(e, m));
    }
    for (int k = 0; k < m->kinds; k++) {
        passed_line(&m->passed[k], line, sizeof line);
        TRY(making_note(e, m, "%s", line));
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
