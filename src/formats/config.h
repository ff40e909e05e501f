/* config.h - small JSON documents (config.json, adapter_config.json, modules.json) through Jansson: at most
 * 1 MiB, no duplicate keys.  Errors name the file and the key. */
#ifndef CONFIG_H
#define CONFIG_H

#include "base/base.h"

typedef struct json_t Json; /* Jansson's; its header stays in config.c, whose names meet ours */

typedef struct Config {
    const char *path;
    Json *json; /* freed with the arena */
} Config;

Status config_open(Err *e, Arena *a, const char *path, Config *out); /* an object or an array */

/* ---- reading: *out keeps its value when the key is absent or null ---- */

Status config_int(Err *e, const Config *c, const char *key, int64_t low, int64_t high,
                  int64_t *out);
Status config_float(Err *e, const Config *c, const char *key, double low, double high, float *out);
Status config_bool(Err *e, const Config *c, const char *key, bool *out);
Status config_text(Err *e, const Config *c, const char *key, const char **out);
/* A list of exactly n numbers. */
Status config_floats(Err *e, const Config *c, const char *key, int n, double low, double high,
                     float *out);
/* The object under a key; *out's json stays as it is when the key is absent. */
Status config_part(Err *e, const Config *c, const char *key, Config *out);
Status config_need(Err *e, const Config *c, const char *key); /* an error when it is absent */
bool config_has(const Config *c, const char *key);            /* there and not null */
Status config_fail(Err *e, const Config *c, const char *key, const char *fmt, ...) PRINTF(4, 5);

/* Values inside: NULL where there is none.  json_count: elements of a list or keys of an object. */
const Json *config_get(const Config *c, const char *key);
const Json *json_member(const Json *object, const char *key);
const Json *json_item(const Json *list, size_t i);
size_t json_count(const Json *v);
const char *json_text(const Json *v);
double json_double(const Json *v);                  /* 0 when it is no number */
const char *json_key(const Json *object, size_t i); /* in the file's order */

/* ---- writing ---- */

/* A fresh object, or a copy of `from`; json NULL with e set. */
Config config_new(Err *e, Arena *a, const char *path, const Config *from);
Status config_set_int(Err *e, Config *c, const char *key, int64_t value);
Status config_set_float(Err *e, Config *c, const char *key, float value); /* shortest text */
Status config_set_ints(Err *e, Config *c, const char *key, const int64_t *value, int n);
Status config_set_floats(Err *e, Config *c, const char *key, const float *value, int n);
Status config_set_bool(Err *e, Config *c, const char *key, bool value);
Status config_set_text(Err *e, Config *c, const char *key, const char *value); /* NULL: null */
Status config_set_texts(Err *e, Config *c, const char *key, const char *const *value, size_t n);
Status config_set(Err *e, Config *c, const char *key, const Config *value); /* key NULL: append */
void config_drop(Config *c, const char *key);
Config config_list(Err *e, Arena *a);
Status config_save(Err *e, Arena *a, const Config *c); /* to c->path */

#endif
/* SPDX-License-Identifier: MIT */
