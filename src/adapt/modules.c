/* modules.c - layers by the last parts of their paths: "query", "output.dense", as PEFT's target_modules. */
#include "adapt/adapt.h"

#include <string.h>

bool module_is(const char *path, const char *const *name, int names)
{
    size_t n = strlen(path);

    for (int i = 0; i < names; i++) {
        size_t k = strlen(name[i]);

        if (strcmp(name[i], path) == 0 ||
            (n > k && path[n - k - 1] == '.' && strcmp(path + n - k, name[i]) == 0))
            return true;
    }
    return false;
}

bool module_turned(const MethodTarget *t, const char *name)
{
    return t->is_turned && t->is_turned(t->model, name);
}

bool modules_turned(const Method *m, Params *params)
{
    for (int i = 0; i < params_count(params); i++) {
        const char *name = params_at(params, i)->name;

        if (name_matches(m->def->adds, name) && module_turned(&m->target, name))
            return true;
    }
    return false;
}

Status modules_parse(Err *e, Arena *a, const char *method, const char *text,
                     const char *const **out, int *names)
{
    const char **list;
    size_t most = 1;

    for (const char *s = text; *s; s++)
        most += *s == '|';
    *names = 0;
    if (!(list = NEWS(e, a, const char *, most)))
        return e->code;
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, "|");

        if (n && !(list[(*names)++] = arena_strndup(e, a, s, n)))
            return e->code;
        s += n + (s[n] == '|');
    }
    *out = list;
    return *names ? E_OK : fail(e, E_USAGE, "%s wants targets, as in targets=query|value", method);
}

Status modules_read(Err *e, Arena *a, const Config *c, const char *key, const char *const **out,
                    int *names)
{
    const Json *list = config_get(c, key);
    const char *one = json_text(list), **name;
    size_t n = one ? 1 : json_count(list);

    if (!list)
        return E_OK; /* PEFT's default for the family */
    if (one && strspn(one, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") !=
                   strlen(one))
        return config_fail(e, c, key, "a pattern (\"%s\") is not supported", one);
    if (!(name = NEWS(e, a, const char *, n + 1)))
        return e->code;
    for (size_t i = 0; i < n; i++) {
        name[i] = one ? one : json_text(json_item(list, i));
        if (!name[i])
            return config_fail(e, c, key, "expected names of modules");
    }
    *out = name;
    *names = (int)n;
    return n ? E_OK : config_fail(e, c, key, "the list is empty");
}

/* SPDX-License-Identifier: MIT */
