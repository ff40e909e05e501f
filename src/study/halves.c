/* halves.c - the classes cut in two: by chance, another cut for each seed, or by name. */
#include "study/inside.h"

#include <string.h>

/* Of CIFAR-10, as the paper's natural and man-made halves of ImageNet. */
static const char animals[] = "bird,cat,deer,dog,frog,horse";
static const char vehicles[] = "airplane,automobile,ship,truck";

const char *halves_name(HalvesKind kind)
{
    return kind == HALVES_RANDOM ? "random" : "named";
}

/* ---- by name ---- */

static Status no_class(Err *e, const Study *s, const char *flag, const char *name, int n)
{
    char list[600] = "";
    size_t used = 0;

    for (int k = 0; k < s->labels.n && used < sizeof list - 80; k++) {
        char *text = arena_printf(e, s->a, "%s%.60s", used ? ", " : "", s->labels.name[k]);

        if (!text)
            return err_failed(e->code);
        memcpy(list + used, text, strlen(text) + 1);
        used += strlen(text);
    }
    fail(e, E_USAGE, "no class is called \"%.*s\"", n, name);
    err_note(e, "option", "%s", flag);
    return err_note(e, "classes", "%s", list);
}

static int class_of(const Study *s, const char *name, size_t n)
{
    for (int k = 0; k < s->labels.n; k++)
        if (strlen(s->labels.name[k]) == n && memcmp(s->labels.name[k], name, n) == 0)
            return k;
    return -1;
}

static bool in_list(const int *list, int n, int k)
{
    for (int i = 0; i < n; i++)
        if (list[i] == k)
            return true;
    return false;
}

static Status read_names(Err *e, Study *s, int which, const char *text)
{
    static const char *const flag[] = {"--a", "--b"};
    int *list = s->named[which] = NEWS(e, s->a, int, strlen(text) + 1);

    if (!list)
        return err_failed(e->code);
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, ",");
        int k = class_of(s, at, n), *count = &s->names[which];

        if (k < 0)
            return no_class(e, s, flag[which], at, (int)n);
        if (in_list(list, *count, k))
            return fail(e, E_USAGE, "%s names the class \"%s\" twice", flag[which],
                        s->labels.name[k]);
        if (which == 1 && in_list(s->named[0], s->names[0], k))
            return fail(e, E_USAGE, "the class \"%s\" is in both halves", s->labels.name[k]);
        list[(*count)++] = k;
        at += n;
        if (!*at)
            break;
    }
    if (s->names[which] >= STUDY_CLASSES)
        return E_OK;
    fail(e, E_USAGE, "%s names fewer than %d classes", flag[which], STUDY_CLASSES);
    return err_note(e, "found", "%s", text);
}

static Status choose_names(Err *e, Study *s)
{
    StudyOptions *o = &s->o;

    if (!o->a != !o->b)
        return fail(e, E_USAGE, "%s is given without %s", o->a ? "--a" : "--b",
                    o->a ? "--b" : "--a");
    if (o->a || !o->far)
        return E_OK;
    if (class_of(s, "bird", 4) < 0 || class_of(s, "truck", 5) < 0) {
        fail(e, E_USAGE, "which classes are far from which?");
        return err_note(e, "hint",
                        "--far knows CIFAR-10's animals and vehicles; else --a and --b "
                        "name them");
    }
    o->a = animals;
    o->b = vehicles;
    return E_OK;
}

Status study_names(Err *e, Study *s)
{
    if (s->labels.n < 2 * STUDY_CLASSES) {
        fail(e, E_DATA, "two halves of %d classes or more are wanted", STUDY_CLASSES);
        err_note(e, "data", "%s", s->o.data);
        return err_note(e, "found", "%d classes", s->labels.n);
    }
    TRY(choose_names(e, s));
    s->kinds[HALVES_NAMED] = s->o.a != NULL;
    s->kinds[HALVES_RANDOM] = !s->o.a || s->o.far;
    if (!s->o.a)
        return E_OK;
    TRY(read_names(e, s, 0, s->o.a));
    return read_names(e, s, 1, s->o.b);
}

/* ---- halves ---- */

static Status of_part(Err *e, const Study *s, const Half *h, Part part, int64_t **row, int64_t *n)
{
    for (int64_t i = 0; i < s->n; i++)
        if (h->label[i] >= 0 && s->picture[i].part == part)
            (*row)[(*n)++] = i;
    if (*n > 0)
        return E_OK;
    fail(e, E_DATA, "a half has no pictures to %s", part == PART_TRAIN ? "learn from" : "judge by");
    err_note(e, "data", "%s", s->o.data);
    return err_note(e, "classes", "%s, ..", h->name[0]);
}

/* The classes k with of_class[k] == which. */
static Status make_half(Err *e, Arena *a, const Study *s, const int *of_class, int which, Half *h)
{
    int *number = NEWS(e, a, int, s->labels.n + 1);

    *h = (Half){.of = NEWS(e, a, int, s->labels.n + 1),
                .name = NEWS(e, a, const char *, s->labels.n + 1),
                .label = NEWS(e, a, int32_t, s->n + 1),
                .train = NEWS(e, a, int64_t, s->n + 1),
                .test = NEWS(e, a, int64_t, s->n + 1)};
    if (!number || !h->of || !h->name || !h->label || !h->train || !h->test)
        return err_failed(e->code);
    for (int k = 0; k < s->labels.n; k++) {
        number[k] = of_class[k] == which ? h->classes : -1;
        if (number[k] < 0)
            continue;
        h->name[h->classes] = s->labels.name[k];
        h->of[h->classes++] = k;
    }
    for (int64_t i = 0; i < s->n; i++)
        h->label[i] = number[s->label[i]];
    TRY(of_part(e, s, h, PART_TRAIN, &h->train, &h->trains));
    return of_part(e, s, h, PART_TEST, &h->test, &h->tests);
}

Status study_halves(Err *e, Arena *a, const Study *s, HalvesKind kind, int seed, Half half[2])
{
    uint64_t key = s->o.seed + (uint64_t)seed, classes = (uint64_t)s->labels.n;
    int *of_class = NEWS(e, a, int, s->labels.n + 1);

    if (!of_class)
        return err_failed(e->code);
    for (int k = 0; k < s->labels.n; k++) {
        uint64_t at = random_permute((uint64_t)k, classes, hash_fnv1a(&key, sizeof key, 0));

        if (kind == HALVES_RANDOM)
            of_class[k] = at < classes - classes / 2 ? 0 : 1;
        else
            of_class[k] = in_list(s->named[0], s->names[0], k)   ? 0
                          : in_list(s->named[1], s->names[1], k) ? 1
                                                                 : -1;
    }
    TRY(make_half(e, a, s, of_class, 0, &half[0]));
    return make_half(e, a, s, of_class, 1, &half[1]);
}

/* SPDX-License-Identifier: MIT */
