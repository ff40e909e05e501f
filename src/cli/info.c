/* info.c - engraft info: what a file of weights, or a model's folder, holds. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_shape(const eg_tensor_info *t, const char *gap)
{
    putchar('[');
    for (int i = 0; i < t->rank; i++)
        printf("%s%" PRId64, i ? gap : "", t->shape[i]);
    putchar(']');
}

static void print_text(const eg_file *f)
{
    int n = eg_file_tensors(f);
    int64_t values = 0;
    eg_tensor_info t;
    size_t width = 20;

    for (int i = 0; i < n; i++) {
        eg_file_tensor(f, i, &t);
        width = strlen(t.name) > width ? strlen(t.name) : width;
        values += t.values;
    }
    for (int i = 0; i < n; i++) {
        eg_file_tensor(f, i, &t);
        int pad = (int)(width > 90 ? 90 : width) - print_shown_text(t.name, SIZE_MAX);
        printf("%*s  %-4s  ", pad > 0 ? pad : 0, "", t.dtype);
        print_shape(&t, ", ");
        putchar('\n');
    }
    for (int i = 0; i < eg_file_metadata(f); i++) {
        const char *key, *value;

        eg_file_metadata_pair(f, i, &key, &value);
        print_shown_text(key, 200);
        printf(": ");
        print_shown_text(value, 200);
        putchar('\n');
    }
    printf("%s, %d tensors, %" PRId64 " values\n", eg_file_format(f), n, values);
    for (int i = 0; i < eg_file_networks(f); i++) {
        eg_network w;

        eg_file_network(f, i, &w);
        printf("%s %s (%s), pictures of %d x %d, %d classes; names of %s; weights: %s, %s\n",
               i ? "or     " : "network", w.name, w.family, w.size, w.size, w.classes, w.library,
               w.source, w.licence);
    }
}

static void print_json(const eg_file *f)
{
    eg_tensor_info t;

    printf("{\"format\":");
    print_json_text(eg_file_format(f));
    printf(",\"metadata\":{");
    for (int i = 0; i < eg_file_metadata(f); i++) {
        const char *key, *value;

        eg_file_metadata_pair(f, i, &key, &value);
        if (i)
            putchar(',');
        print_json_text(key);
        putchar(':');
        print_json_text(value);
    }
    printf("},\"tensors\":[");
    for (int i = 0; i < eg_file_tensors(f); i++) {
        eg_file_tensor(f, i, &t);
        printf("%s{\"name\":", i ? "," : "");
        print_json_text(t.name);
        printf(",\"dtype\":\"%s\",\"shape\":", t.dtype);
        print_shape(&t, ",");
        putchar('}');
    }
    printf("],\"networks\":[");
    for (int i = 0; i < eg_file_networks(f); i++) {
        eg_network w;

        eg_file_network(f, i, &w);
        printf("%s{\"name\":\"%s\",\"family\":\"%s\",\"library\":\"%s\",\"source\":\"%s\","
               "\"licence\":\"%s\",\"size\":%d,\"classes\":%d}",
               i ? "," : "", w.name, w.family, w.library, w.source, w.licence, w.size, w.classes);
    }
    puts("]}");
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    (void)options;
    for (int i = 0; i < n; i++) {
        eg_file *file;
        int code = eg_file_open(ctx, words[i], &file);

        if (code)
            return code;
        if (common->json)
            print_json(file);
        else
            print_text(file);
        eg_file_close(file);
    }
    return E_OK;
}

const Verb verb_info = {
    .name = "info",
    .summary = "what a file of weights or a model holds",
    .arguments = "FILE|FOLDER|MODEL ...",
    .example = "engraft info all-MiniLM-L6-v2",
    .arguments_min = 1,
    .arguments_max = -1,
    .run = run,
};

/* SPDX-License-Identifier: MIT */
