/* pull_main.c - engraft-pull: brings models.  A program of its own, so that nothing that talks to the network is linked
 * into engraft or the library.  Flags come from the table of `engraft pull`; what the environment says is read here and
 * nowhere below. */
#include "pull/pull.h"

#include "cli/pull.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TOKEN_MAX 1000

static volatile sig_atomic_t stop; /* handlers have no other way to tell */

static void on_stop(int signal)
{
    (void)signal;
    stop = 1;
}

typedef struct Pace { /* of the file in hand */
    Display *display;
    char name[200];
    double started;
    int64_t first;
} Pace;

static void on_note(void *user, const char *text)
{
    Pace *p = user;

    cli_event(p->display, &(eg_event){.kind = EG_EVENT_NOTE, .text = text});
}

static void on_progress(void *user, const char *name, int64_t done, int64_t total)
{
    Pace *p = user;

    if (strncmp(p->name, name, sizeof p->name - 1) != 0) {
        snprintf(p->name, sizeof p->name, "%s", name);
        p->started = clock_seconds();
        p->first = done;
    }
    double spent = clock_seconds() - p->started;
    double rate = spent > 0 ? (double)(done - p->first) / spent : 0;
    eg_event ev = {.kind = EG_EVENT_PROGRESS, .done = done / 1000, .rate = rate / 1000};
    char text[260];

    snprintf(text, sizeof text, "%s (kB)", name);
    ev.text = text;
    ev.total = (total > done ? total : done) / 1000;
    ev.seconds_left = rate > 0 ? (double)(total - done) / rate : 0;
    if (ev.total > 0)
        cli_event(p->display, &ev);
}

/* ---- the environment ---- */

/* The first that is set and not empty. */
static const char *first_of(const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *value = getenv(names[i]);

        if (value && *value)
            return value;
    }
    return NULL;
}
#define FIRST_OF(...)                                                                              \
    first_of((const char *const[]){__VA_ARGS__},                                                   \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static bool is_on(const char *name)
{
    static const char *const yes[] = {"1", "on", "yes", "true"};
    const char *value = getenv(name);

    for (size_t i = 0; value && i < LEN(yes); i++)
        if (strcasecmp(value, yes[i]) == 0)
            return true;
    return false;
}

static Status find_places(Err *e, Arena *a, Pull *p, const char **hf_home)
{
    const char *own = FIRST_OF("ENGRAFT_MODELS"), *cache = FIRST_OF("XDG_CACHE_HOME"),
               *home = FIRST_OF("HOME");

    if (!cache && home)
        cache = arena_printf(e, a, "%s/.cache", home);
    p->places.models = own ? own : cache ? arena_printf(e, a, "%s/engraft/models", cache) : NULL;
    *hf_home = FIRST_OF("HF_HOME");
    if (!*hf_home && cache)
        *hf_home = arena_printf(e, a, "%s/huggingface", cache);
    p->places.hf = FIRST_OF("HF_HUB_CACHE");
    if (!p->places.hf && *hf_home)
        p->places.hf = path_join(e, a, *hf_home, "hub");
    if (!p->places.models)
        return fail(e, E_NOINPUT, "neither ENGRAFT_MODELS nor HOME says where models go");
    return E_OK;
}

/* HF_TOKEN, or the file that `hf auth login` writes.  It goes into a header, so it must be one plain word. */
static Status find_token(Err *e, Arena *a, const char *hf_home, Pull *p)
{
    const char *token = FIRST_OF("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
    const char *path = FIRST_OF("HF_TOKEN_PATH");
    Bytes b;

    if (!path && hf_home)
        path = path_join(e, a, hf_home, "token");
    if (!token && path && path_kind(arena_sys(a), path) == PATH_FILE) {
        TRY(file_read_all(e, a, path, TOKEN_MAX, &b));
        token = arena_strndup(e, a, (const char *)b.data, strcspn((const char *)b.data, " \r\n"));
        if (!token)
            return err_failed(e->code);
    }
    for (const char *c = token; c && *c; c++)
        if (*c <= ' ' || *c > '~')
            return fail(e, E_USAGE, "the token for the hub has a space or a foreign character");
    p->token = token && *token ? token : NULL;
    return E_OK;
}

static Status read_environment(Err *e, Arena *a, Pull *p)
{
    const char *endpoint = FIRST_OF("HF_ENDPOINT"), *hf_home;

    if (!endpoint)
        endpoint = "https://huggingface.co";
    size_t n = strlen(endpoint);
    while (n && endpoint[n - 1] == '/')
        n--;
    p->endpoint = arena_strndup(e, a, endpoint, n);
    if (!p->endpoint)
        return err_failed(e->code);
    p->loopback = FIRST_OF("EG_PULL_LOOPBACK"); /* for tests: see README.md */
    p->ca = FIRST_OF("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE");
    p->proxied = FIRST_OF("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY") != NULL;
    p->offline = is_on("HF_HUB_OFFLINE") || is_on("TRANSFORMERS_OFFLINE");
    TRY(find_places(e, a, p, &hf_home));
    return find_token(e, a, hf_home, p);
}

/* ---- the call ---- */

static Status set_up(Err *e, Arena *a, const PullFlags *f, Pull *p)
{
    TRY(read_environment(e, a, p));
    p->revision = f->revision;
    p->wheel = f->wheel;
    p->again = f->again;
    p->verify = f->verify;
    p->offline = p->offline || f->offline;
    p->retries = f->retries < 0 ? 0 : f->retries ? (int)f->retries : 4;
    p->most = (f->max_size ? f->max_size : 65536) * 1000000;
    p->stop = &stop;
    if (!f->lock)
        return E_OK;
    HubRecord *lock = NEW(e, a, HubRecord);
    if (!lock)
        return err_failed(e->code);
    p->lock = lock;
    return hub_record_read(e, a, f->lock, lock);
}

static Status act(Err *e, Arena *a, char **argv, int argc)
{
    PullFlags flags = {0};
    Parsed parsed = {.options = &flags};
    Pull p = {.arena = a, .note = on_note, .progress = on_progress};
    Pulled got;

    TRY(cli_parse(e, a, &verb_pull, argv + 1, argc - 1, &parsed));
    const Common *common = &parsed.common;
    if (common->help || common->man) {
        puts("engraft-pull does the work of engraft pull, whose --help describes it.");
        return E_OK;
    }
    Pace pace = {.display = cli_display(common)};
    p.user = &pace;
    TRY(set_up(e, a, &flags, &p));
    if (parsed.n == 0)
        return pull_list(e, a, &p.places, common->json);
    Status s = pull_model(e, a, &p, parsed.words[0], &got);
    cli_event_end(pace.display);
    if (!s)
        pull_show(parsed.words[0], &got, common->json);
    return s;
}

int main(int argc, char **argv)
{
    struct sigaction on = {.sa_handler = on_stop};
    Err e = {0};
    SysFaults faults;
    const Sys *sys = cli_sys(&e, &faults);
    Arena *a = sys ? arena_new(&e, sys) : NULL;

    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigaction(SIGINT, &on, NULL) ||
        sigaction(SIGTERM, &on, NULL))
        fputs("note: signals cannot be caught here\n", stderr);
    int code = a ? act(&e, a, argv, argc) : e.code;
    if (code)
        fprintf(stderr, "error: %s\n", e.text);
    arena_free(a);
    cli_sys_end(&faults);
    if ((fflush(stdout) || ferror(stdout)) && !code) {
        fputs("error: the output could not be written\n", stderr);
        code = E_IO;
    }
    return code;
}

/* SPDX-License-Identifier: MIT */
