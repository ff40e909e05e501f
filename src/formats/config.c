/* config.c - small JSON documents, read whole and checked key by key, changed and written. */
/* Jansson's kinds and our scanner's have the same names: its own are renamed before ours are known, and its
 * json_is_object and fellows are not used here. */
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY  JANSSON_ARRAY
#define JSON_STRING JANSSON_STRING
#define JSON_TRUE   JANSSON_TRUE
#define JSON_FALSE  JANSSON_FALSE
#define JSON_NULL   JANSSON_NULL
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL

#include "formats/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CONFIG_CAP ((size_t)1 << 20)

static void release(void *json)
{
    json_decref(json);
}

static Status keep(Err *e, Arena *a, const char *path, json_t *json, Config *out)
{
    char *copy = json ? arena_printf(e, a, "%s", path) : NULL;

    if (!json)
        return fail(e, E_INTERNAL, "no memory for \"%s\"", path);
    if (!copy || arena_defer(e, a, release, json)) {
        json_decref(json);
        return err_failed(e->code);
    }
    *out = (Config){copy, json};
    return E_OK;
}

Status config_open(Err *e, Arena *a, const char *path, Config *out)
{
    Bytes text;
    json_error_t bad;

    TRY(file_read_all(e, a, path, CONFIG_CAP, &text));
    json_t *json = json_loadb((const char *)text.data, text.n, JSON_REJECT_DUPLICATES, &bad);
    if (!json) {
        fail(e, E_DATA, "\"%s\" is not valid JSON", path);
        return err_note(e, "line", "%d, column %d: %s", bad.line, bad.column, bad.text);
    }
    return keep(e, a, path, json, out);
}

/* ---- reading ---- */

Status config_fail(Err *e, const Config *c, const char *key, const char *fmt, ...)
{
    char why[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    fail(e, E_DATA, "\"%s\" in %s: %s", key, path_base(c->path), why);
    return err_note(e, "file", "%s", c->path);
}

const Json *config_get(const Config *c, const char *key)
{
    return json_member(c->json, key);
}

bool config_has(const Config *c, const char *key)
{
    return config_get(c, key) != NULL;
}

Status config_need(Err *e, const Config *c, const char *key)
{
    return config_has(c, key) ? E_OK : config_fail(e, c, key, "the key is missing");
}

Status config_int(Err *e, const Config *c, const char *key, int64_t low, int64_t high, int64_t *out)
{
    const Json *v = config_get(c, key);

    if (!v)
        return E_OK;
    if (json_typeof(v) != JSON_INTEGER)
        return config_fail(e, c, key, "expected a whole number");
    json_int_t n = json_integer_value(v);
    if (n < low || n > high)
        return config_fail(e, c, key, "%lld is outside %lld to %lld", (long long)n, (long long)low,
                           (long long)high);
    *out = n;
    return E_OK;
}

Status config_float(Err *e, const Config *c, const char *key, double low, double high, float *out)
{
    const Json *v = config_get(c, key);
    double x = 0;

    if (!v)
        return E_OK;
    if (json_typeof(v) == JSON_INTEGER)
        x = (double)json_integer_value(v);
    else if (json_typeof(v) == JSON_REAL)
        x = json_real_value(v);
    else
        return config_fail(e, c, key, "expected a number");
    if (!(x >= low && x <= high))
        return config_fail(e, c, key, "%g is outside %g to %g", x, low, high);
    *out = (float)x;
    return E_OK;
}

static bool is_number(const Json *v)
{
    return v && (json_typeof(v) == JSON_INTEGER || json_typeof(v) == JSON_REAL);
}

Status config_floats(Err *e, const Config *c, const char *key, int n, double low, double high,
                     float *out)
{
    const Json *v = config_get(c, key);

    if (!v)
        return E_OK;
    if (json_typeof(v) != JANSSON_ARRAY || json_count(v) != (size_t)n)
        return config_fail(e, c, key, "expected a list of %d numbers", n);
    for (int i = 0; i < n; i++) {
        const Json *item = json_item(v, (size_t)i);
        double x = json_double(item);

        if (!is_number(item) || !(x >= low && x <= high))
            return config_fail(e, c, key, "item %d is no number from %g to %g", i, low, high);
        out[i] = (float)x;
    }
    return E_OK;
}

Status config_part(Err *e, const Config *c, const char *key, Config *out)
{
    const Json *v = config_get(c, key);

    if (!v)
        return E_OK;
    if (json_typeof(v) != JANSSON_OBJECT)
        return config_fail(e, c, key, "expected an object");
    *out = (Config){c->path, (Json *)(uintptr_t)v}; /* owned by the whole */
    return E_OK;
}

Status config_bool(Err *e, const Config *c, const char *key, bool *out)
{
    const Json *v = config_get(c, key);

    if (!v)
        return E_OK;
    if (json_typeof(v) != JANSSON_TRUE && json_typeof(v) != JANSSON_FALSE)
        return config_fail(e, c, key, "expected true or false");
    *out = json_typeof(v) == JANSSON_TRUE;
    return E_OK;
}

Status config_text(Err *e, const Config *c, const char *key, const char **out)
{
    const Json *v = config_get(c, key);

    if (!v)
        return E_OK;
    if (!json_text(v))
        return config_fail(e, c, key, "expected a text");
    *out = json_text(v);
    return E_OK;
}

const Json *json_member(const Json *object, const char *key)
{
    const Json *v = json_object_get(object, key);

    return v && json_typeof(v) == JANSSON_NULL ? NULL : v;
}

const Json *json_item(const Json *list, size_t i)
{
    return json_array_get(list, i);
}

size_t json_count(const Json *v)
{
    if (!v)
        return 0;
    return json_typeof(v) == JANSSON_OBJECT ? json_object_size(v) : json_array_size(v);
}

const char *json_text(const Json *v)
{
    return json_string_value(v);
}

double json_double(const Json *v)
{
    if (v && json_typeof(v) == JSON_INTEGER)
        return (double)json_integer_value(v);
    return json_real_value(v);
}

const char *json_key(const Json *object, size_t i)
{
    void *at = json_object_iter((Json *)(uintptr_t)object);

    for (; at && i > 0; i--)
        at = json_object_iter_next((Json *)(uintptr_t)object, at);
    return json_object_iter_key(at);
}

/* ---- writing ---- */

Config config_new(Err *e, Arena *a, const char *path, const Config *from)
{
    Config c = {path, NULL};

    if (keep(e, a, path, from ? json_deep_copy(from->json) : json_object(), &c))
        c.json = NULL;
    return c;
}

Config config_list(Err *e, Arena *a)
{
    Config c = {NULL, NULL};

    if (keep(e, a, "a list", json_array(), &c))
        c.json = NULL;
    return c;
}

/* Takes over `value`. */
static Status put(Err *e, Config *c, const char *key, json_t *value)
{
    int bad =
        key ? json_object_set_new(c->json, key, value) : json_array_append_new(c->json, value);

    return bad ? fail(e, E_INTERNAL, "\"%s\" in %s cannot be set", key ? key : "an item", c->path)
               : E_OK;
}

Status config_set_int(Err *e, Config *c, const char *key, int64_t value)
{
    return put(e, c, key, json_integer(value));
}

/* A float as a person would write it: 0.1, not 0.100000001. */
static double shortest(float value)
{
    char text[40];
    double x = (double)value;

    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        x = strtod(text, NULL);
        if ((float)x == value)
            break;
    }
    return x;
}

Status config_set_float(Err *e, Config *c, const char *key, float value)
{
    return put(e, c, key, json_real(shortest(value)));
}

/* Takes over `item`, and the list when it fails. */
static Status append(Err *e, const Config *c, const char *key, json_t *list, json_t *item)
{
    if (!json_array_append_new(list, item))
        return E_OK;
    json_decref(list);
    return fail(e, E_INTERNAL, "\"%s\" in %s cannot be set", key, c->path);
}

Status config_set_ints(Err *e, Config *c, const char *key, const int64_t *value, int n)
{
    json_t *list = json_array();

    for (int i = 0; i < n; i++)
        TRY(append(e, c, key, list, json_integer(value[i])));
    return put(e, c, key, list);
}

Status config_set_floats(Err *e, Config *c, const char *key, const float *value, int n)
{
    json_t *list = json_array();

    for (int i = 0; i < n; i++)
        TRY(append(e, c, key, list, json_real(shortest(value[i]))));
    return put(e, c, key, list);
}

Status config_set_bool(Err *e, Config *c, const char *key, bool value)
{
    return put(e, c, key, json_boolean(value));
}

Status config_set_text(Err *e, Config *c, const char *key, const char *value)
{
    return put(e, c, key, value ? json_string(value) : json_null());
}

Status config_set_texts(Err *e, Config *c, const char *key, const char *const *value, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        TRY(append(e, c, key, list, json_string(value[i])));
    return put(e, c, key, list);
}

Status config_set(Err *e, Config *c, const char *key, const Config *value)
{
    return put(e, c, key, json_incref(value->json));
}

void config_drop(Config *c, const char *key)
{
    json_object_del(c->json, key); /* absent is fine */
}

typedef struct Sink {
    Err *e;
    Writer *w;
    Status bad;
} Sink;

static int write_text(const char *text, size_t n, void *arg)
{
    Sink *s = arg;

    s->bad = writer_put(s->e, s->w, text, n);
    return s->bad ? -1 : 0;
}

Status config_save(Err *e, Arena *a, const Config *c)
{
    Sink s = {.e = e};

    TRY(writer_open(e, a, c->path, &s.w));
    if (json_dump_callback(c->json, write_text, &s, JSON_INDENT(2) | JSON_REAL_PRECISION(9)))
        return s.bad ? s.bad : fail(e, E_INTERNAL, "no memory to write \"%s\"", c->path);
    TRY(writer_put(e, s.w, "\n", 1));
    return writer_commit(e, s.w);
}

/* SPDX-License-Identifier: MIT */
