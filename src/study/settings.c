/* settings.c - what decides a study's numbers, kept beside them: rows of other settings are never mixed in. */
#include "study/inside.h"

#include <stdio.h>
#include <string.h>

#define SETTINGS 13

typedef struct Setting {
    const char *key, *value;
} Setting;

static Status list(Err *e, const Study *s, Setting out[SETTINGS])
{
    const StudyOptions *o = &s->o;
    Arena *a = s->a;
    const Setting all[SETTINGS] = {
        {"study", "transferability"},
        {"model", s->model->architecture},
        {"size", arena_printf(e, a, "%lld", (long long)o->size)},
        {"seed", arena_printf(e, a, "%llu", (unsigned long long)o->seed)},
        {"epochs", arena_printf(e, a, "%d", o->epochs)},
        {"batch-size", arena_printf(e, a, "%lld", (long long)o->batch)},
        {"lr", arena_printf(e, a, "%.9g", o->lr)},
        {"weight-decay", arena_printf(e, a, "%.9g", o->weight_decay)},
        {"per-class", arena_printf(e, a, "%lld", (long long)o->per_class)},
        {"test-limit", arena_printf(e, a, "%lld", (long long)o->test_limit)},
        {"a", o->a ? o->a : "by chance"},
        {"b", o->b ? o->b : "by chance"},
        {"pictures", s->fingerprint},
    };

    for (int i = 0; i < SETTINGS; i++) {
        if (!all[i].value)
            return err_failed(e->code);
        out[i] = all[i];
    }
    return E_OK;
}

static Status differs(Err *e, const Config *c, const Setting *now, const char *was)
{
    bool pictures = strcmp(now->key, "pictures") == 0;

    fail(e, E_TAKEN, "the folder holds a study with other settings");
    err_note(e, "file", "%s", c->path);
    err_note(e, "differs", "%s%s: %.200s there, %.200s asked for", pictures ? "" : "--", now->key,
             was, now->value);
    return err_note(e, "hint", "--overwrite begins the study anew, -o chooses another folder");
}

static Status compare(Err *e, const Study *s, const char *path, const Setting now[SETTINGS])
{
    Config c;

    TRY(config_open(e, s->a, path, &c));
    for (int i = 0; i < SETTINGS; i++) {
        const char *was = "(nothing)";

        TRY(config_text(e, &c, now[i].key, &was));
        if (strcmp(was, now[i].value) != 0)
            return differs(e, &c, &now[i], was);
    }
    return E_OK;
}

static Status save(Err *e, const Study *s, const char *path, const Setting now[SETTINGS])
{
    Config c = config_new(e, s->a, path, NULL);

    if (!c.json)
        return err_failed(e->code);
    for (int i = 0; i < SETTINGS; i++)
        TRY(config_set_text(e, &c, now[i].key, now[i].value));
    return config_save(e, s->a, &c);
}

Status study_settings(Err *e, Study *s)
{
    const char *path = study_path(e, s, "study.json");
    Setting now[SETTINGS];
    uint64_t sum = 0;
    bool here;

    if (!path)
        return err_failed(e->code);
    TRY(list(e, s, now));
    for (int i = 0; i < SETTINGS; i++)
        sum = hash_fnv1a(now[i].value, strlen(now[i].value) + 1, sum);
    s->settings = arena_printf(e, s->a, "%08llx", (unsigned long long)(sum & 0xffffffff));
    if (!s->settings)
        return err_failed(e->code);
    TRY(path_file(e, arena_sys(s->a), path, &here));
    return here ? compare(e, s, path, now) : save(e, s, path, now);
}

/* SPDX-License-Identifier: MIT */
