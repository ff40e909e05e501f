/* list.c - what there is and what is here, on stdout; and what was brought. */
#include "pull/pull.h"

#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

typedef struct Row {
    const char *name, *licence, *source, *what, *path;
    int64_t bytes;
    bool here;
} Row;

static void text_field(const char *key, const char *value)
{
    printf(",\"%s\":", key);
    if (value)
        print_json_text(value);
    else
        printf("null");
}

static void print_row(const Row *r, bool json)
{
    char size[32] = "-";

    if (json) {
        printf("{\"name\":");
        print_json_text(r->name);
        printf(",\"here\":%s,\"bytes\":", r->here ? "true" : "false");
        printf(r->bytes < 0 ? "null" : "%lld", (long long)r->bytes);
        text_field("licence", r->licence);
        text_field("source", r->source);
        text_field("what", r->what);
        text_field("path", r->path);
        puts("}");
        return;
    }
    if (r->bytes >= 0)
        snprintf(size, sizeof size, "%.1f MB", (double)r->bytes / 1e6);
    printf("%-5s ", r->here ? "here" : "");
    for (int n = print_shown_text(r->name, 60); n < 24; n++)
        putchar(' ');
    printf(" %10s  %-13s ", size, r->licence ? r->licence : "unknown");
    (void)print_shown_text(r->what ? r->what : r->source ? r->source : r->path, 80);
    puts("");
}

/* Size, licence and source as SHA256SUMS has them; a folder without one is somebody's own. */
static Status describe(Err *e, Arena *a, Row *r)
{
    char *sums = path_join(e, a, r->path, HUB_SUMS);
    HubRecord record = {0};
    Err ignored = {0};

    if (!sums)
        return err_failed(e->code);
    r->bytes = -1;
    if (path_kind(arena_sys(a), sums) != PATH_FILE || hub_record_read(&ignored, a, sums, &record))
        return E_OK;
    for (size_t i = 0; i < record.files; i++)
        if (record.file[i].bytes >= 0)
            r->bytes = (r->bytes < 0 ? 0 : r->bytes) + record.file[i].bytes;
    r->licence = record.licence;
    r->source = record.source;
    return E_OK;
}

static bool is_in(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* "models--org--name" of the Hugging Face cache, which is read but never written. */
static Status list_hf(Err *e, Arena *a, const char *hf, bool json)
{
    static const char prefix[] = "models--";
    char **names;
    size_t n;

    if (!hf || path_kind(arena_sys(a), hf) != PATH_DIR)
        return E_OK;
    TRY(dir_list(e, a, hf, &names, &n));
    for (size_t i = 0; i < n; i++) {
        if (strncmp(names[i], prefix, sizeof prefix - 1) != 0)
            continue;
        Row r = {.here = true, .bytes = -1, .what = "in the Hugging Face cache"};
        const char *org = names[i] + sizeof prefix - 1, *name = strstr(org, "--");
        r.path = path_join(e, a, hf, names[i]);
        r.name = name ? arena_printf(e, a, "%.*s/%s", (int)(name - org), org, name + 2) : org;
        if (!r.path || !r.name)
            return err_failed(e->code);
        print_row(&r, json);
    }
    return E_OK;
}

Status pull_list(Err *e, Arena *a, const HubPlaces *places, bool json)
{
    const char **here;
    size_t n;

    TRY(hub_present(e, a, places, &here, &n));
    for (int i = 0; i < hub_model_count(); i++) {
        const HubModel *m = hub_model_at(i);
        Row r = {m->name, m->licence,         m->publisher,           m->what,
                 NULL,    hub_model_bytes(m), is_in(here, n, m->name)};

        if (r.here)
            r.path = path_join(e, a, places->models, m->name);
        print_row(&r, json);
    }
    for (size_t i = 0; i < n; i++) {
        Row r = {.name = here[i], .here = true, .path = path_join(e, a, places->models, here[i])};

        if (hub_model_find(here[i]))
            continue;
        if (!r.path)
            return err_failed(e->code);
        TRY(describe(e, a, &r));
        print_row(&r, json);
    }
    TRY(list_hf(e, a, places->hf, json));
    if (!json)
        puts("\nAny other name is asked of the hub: engraft pull org/name");
    return E_OK;
}

static void show_json(const char *name, const Pulled *got)
{
    const HubRecord *r = &got->record;

    printf("{\"name\":");
    print_json_text(name);
    text_field("path", got->path);
    printf(",\"here\":%s", got->here ? "true" : "false");
    text_field("source", r->source);
    text_field("revision", r->revision);
    text_field("commit", r->commit);
    text_field("licence", r->licence);
    printf(",\"files\":[");
    for (size_t i = 0; i < r->files; i++) {
        const HubSum *f = &r->file[i];

        printf("%s{\"name\":", i ? "," : "");
        print_json_text(f->name);
        printf(f->bytes < 0 ? ",\"bytes\":null" : ",\"bytes\":%lld", (long long)f->bytes);
        text_field("sha256", f->sha256);
        text_field("checked", f->checked);
        printf("}");
    }
    puts("]}");
}

void pull_show(const char *name, const Pulled *got, bool json)
{
    if (json)
        show_json(name, got);
    else
        puts(got->path);
}

/* SPDX-License-Identifier: MIT */
