/* predict_line.c - one JSON object in, the same object out with its answer. */
#include "task/inside.h"

#include <stdio.h>
#include <string.h>

#define LINE_DEPTH 16

typedef struct Line {
    Cell text, second;
    bool picture;                   /* wanted: a picture's path */
    bool has_text, has_second, any; /* any: it has members */
    size_t end;                     /* of the object's last member, where ours go */
} Line;

static bool is_key(const JsonToken *t, const char *name)
{
    return name && t->len == strlen(name) && memcmp(t->text, name, t->len) == 0;
}

/* Members that are taken when the model does not say. */
static const char *const usual_text[] = {"text", "sentence", "sentence1", "premise", "question"};
static const char *const usual_picture[] = {"picture", "image", "file", "file_name", "path"};

static void take(Line *l, const RunFacts *f, const JsonToken *key, const JsonToken *value)
{
    bool text = is_key(key, f->text), second = is_key(key, f->second);

    for (size_t i = 0; (!f->text || l->picture) && i < LEN(usual_text); i++)
        text |= !l->has_text && is_key(key, l->picture ? usual_picture[i] : usual_text[i]);
    if (!f->text && (is_key(key, "sentence2") || is_key(key, "hypothesis")))
        second = true;
    if (text) {
        l->text = (Cell){value->text, value->len};
        l->has_text = true;
    } else if (second) {
        l->second = (Cell){value->text, value->len};
        l->has_second = true;
    }
}

static Status read_line(Err *e, Arena *a, const RunFacts *f, const char *line, size_t n, Line *l)
{
    JsonScan *s;
    JsonToken key, value;

    TRY(json_open(e, a, "standard input", line, n, LINE_DEPTH, &s));
    TRY(json_expect(e, s, JSON_OBJECT, &key));
    for (;;) {
        TRY(json_next(e, s, &key));
        if (key.kind == JSON_OBJECT_END)
            break;
        l->any = true;
        TRY(json_next(e, s, &value));
        if (value.kind == JSON_STRING)
            take(l, f, &key, &value);
        else
            TRY(json_skip(e, s, &value));
    }
    l->end = key.offset;
    TRY(json_expect(e, s, JSON_END, &key));
    if (!l->has_text) {
        fail(e, E_DATA, "a line has no text");
        return err_note(e, "expected", "{\"%s\": \"...\"}", f->text ? f->text : "text");
    }
    if (f->second && !l->has_second) {
        fail(e, E_DATA, "a line has one text, the model compares two");
        return err_note(e, "expected", "a member \"%s\"", f->second);
    }
    return E_OK;
}

/* As a JSON text; the arena's, NULL with e set. */
static char *quoted(Err *e, Arena *a, const char *s)
{
    char *out = arena_alloc(e, a, 6 * strlen(s) + 3), *at = out;

    if (!out)
        return NULL;
    *at++ = '"';
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            *at++ = '\\';
        if ((unsigned char)*s < ' ')
            at += snprintf(at, 7, "\\u%04x", *s);
        else
            *at++ = *s;
    }
    *at++ = '"';
    *at = 0;
    return out;
}

static char *answer(Err *e, Arena *a, const TaskModel *m, const float *p)
{
    int n = taskmodel_outputs(m), best = 0;
    char *all = arena_printf(e, a, "%s", "");

    if (taskmodel_regression(m))
        return arena_printf(e, a, "\"value\":%.6g", (double)p[0]);
    for (int k = 0; all && k < n; k++) {
        char *label = quoted(e, a, taskmodel_label(m, k));

        best = p[k] > p[best] ? k : best;
        all = label ? arena_printf(e, a, "%s%s%s:%.6f", all, k ? "," : "", label, (double)p[k])
                    : NULL;
    }
    char *label = all ? quoted(e, a, taskmodel_label(m, best)) : NULL;
    if (!label)
        return NULL;
    return arena_printf(e, a, "\"label\":%s,\"probability\":%.6f,\"probabilities\":{%s}", label,
                        (double)p[best], all);
}

static Status line_raw(Err *e, Arena *a, const TaskModel *m, const Line *l, Raw *out)
{
    const char *path = l->picture ? arena_strndup(e, a, l->text.s, l->text.n) : NULL;

    *out = (Raw){&l->text, l->has_second ? &l->second : NULL, NULL, 1};
    if (!l->picture)
        return E_OK;
    return path ? taskmodel_raw(e, a, m, path, NULL, out) : err_failed(e->code);
}

Status task_predict_line(Err *e, Arena *a, TaskModel *m, const char *line, size_t n, char **out)
{
    Line l = {.picture = taskmodel_pictures(m)};
    Raw raw;

    TRY(read_line(e, a, taskmodel_facts(m), line, n, &l));
    float *p = NEWS(e, a, float, taskmodel_outputs(m) + 1);
    if (!p)
        return err_failed(e->code);
    TRY(line_raw(e, a, m, &l, &raw));
    TRY(taskmodel_predict(e, m, &raw, p));
    char *text = answer(e, a, m, p);
    if (!text)
        return err_failed(e->code);
    while (l.end > 0 && (line[l.end - 1] == ' ' || line[l.end - 1] == '\t'))
        l.end--;
    *out = arena_printf(e, a, "%.*s%s%s}", (int)l.end, line, l.any ? "," : "", text);
    return *out ? E_OK : e->code;
}

/* SPDX-License-Identifier: MIT */
