/* main.c - the command: a verb, its flags, the environment, signals. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const Verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "cli/verbs.def"
#undef VERB
};

static eg_ctx *volatile interrupted; /* whom a signal stops: handlers have no other way to know */

static void on_stop(int signal)
{
    static const char again[] =
        "\nstopping after this step, the best so far is kept; once more leaves at once\n";

    (void)signal;
    if (!interrupted)
        _exit(E_STOPPED);
    if (write(2, again, sizeof again - 1) < 0)
        _exit(E_STOPPED);
    eg_stop(interrupted);
    interrupted = NULL;
}

/* A mapped file that shrinks underneath raises SIGBUS: say so instead of dying without a word. */
static void on_bus_error(int signal)
{
    static const char text[] = "error: a file shrank while it was being read\n"
                               "  hint      Copy the model to a local disk and start again.\n";

    (void)signal;
    if (write(2, text, sizeof text - 1) < 0)
        _exit(E_INTERNAL);
    _exit(E_IO);
}

static void catch_signals(eg_ctx *ctx)
{
    struct sigaction stop = {.sa_handler = on_stop}, bus = {.sa_handler = on_bus_error};

    interrupted = ctx;
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigaction(SIGINT, &stop, NULL) ||
        sigaction(SIGTERM, &stop, NULL) || sigaction(SIGBUS, &bus, NULL))
        fputs("note: signals cannot be caught here; Ctrl-C leaves at once\n", stderr);
}

/* The command reads the environment, the library does not. */
static void find_places(Arena *a, eg_options *o)
{
    Err e = {0};
    const char *home = getenv("HOME"), *cache = getenv("XDG_CACHE_HOME");
    const char *hub = getenv("HF_HUB_CACHE"), *hf = getenv("HF_HOME"),
               *own = getenv("ENGRAFT_MODELS");

    if (!cache && home)
        cache = arena_printf(&e, a, "%s/.cache", home);
    o->models = own ? own : cache ? arena_printf(&e, a, "%s/engraft/models", cache) : NULL;
    if (!hub && hf)
        hub = arena_printf(&e, a, "%s/hub", hf);
    if (!hub && cache)
        hub = arena_printf(&e, a, "%s/huggingface/hub", cache);
    o->hf_cache = hub;
    o->isa = getenv("EG_ISA");
}

static int complain(const Err *e)
{
    fprintf(stderr, "error: %s\n", e->text);
    return e->code;
}

static int with_context(const Verb *v, const eg_options *o, const Parsed *p)
{
    eg_ctx *ctx = eg_open(o);

    if (!ctx)
        return complain(&(Err){E_INTERNAL, 0, "there is no memory"});
    catch_signals(ctx);
    int code = v->run(ctx, &p->common, p->options, p->words, p->n);
    cli_event_end(cli_display(&p->common));
    if (code && eg_error(ctx)[0])
        fprintf(stderr, "error: %s\n", eg_error(ctx));
    interrupted = NULL;
    eg_close(ctx);
    return code;
}

static int run_verb(Arena *a, const Verb *v, char **argv, int argc)
{
    Err e = {0};
    void *options = arena_alloc(&e, a, v->options_size ? v->options_size : 1);
    Parsed p = {.options = options};
    const Common *common = &p.common;

    if (!options || cli_parse(&e, a, v, argv, argc, &p))
        return complain(&e);
    if (common->help || common->man) {
        cli_help(v, common->man);
        return E_OK;
    }
    eg_options o = {.threads = (int)common->threads,
                    .on_event = cli_event,
                    .user = cli_display(common),
                    .sys = arena_sys(a)};
    find_places(a, &o);
    if (common->isa)
        o.isa = common->isa;
    return with_context(v, &o, &p);
}

static int start_verb(const Verb *v, char **argv, int argc)
{
    Err e = {0};
    SysFaults faults;
    const Sys *sys = cli_sys(&e, &faults);
    Arena *a = sys ? arena_new(&e, sys) : NULL;
    int code = a ? run_verb(a, v, argv, argc) : complain(&e);

    arena_free(a);
    cli_sys_end(&faults);
    return code;
}

/* A file that we open must never become stdout by chance: a closed stream stays one that refuses. */
static void fill_closed(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            _exit(E_IO);
}

/* Says which there are: "study" alone, or with a word that is none of its parts. */
static int unknown_part(const char *name, const char *part)
{
    bool asked = part && (strcmp(part, "--help") == 0 || strcmp(part, "-h") == 0);
    FILE *to = asked ? stdout : stderr;

    if (part && !asked)
        fprintf(to, "error: there is no %s \"%s\"\n", name, part);
    else if (!asked)
        fprintf(to, "error: which %s?\n", name);
    for (size_t i = 0; i < LEN(verbs); i++)
        if (strcmp(verbs[i]->name, name) == 0)
            fprintf(to, "  engraft %s %-16s %s   %s\n", name, verbs[i]->part, verbs[i]->arguments,
                    verbs[i]->summary);
    return asked ? E_OK : E_USAGE;
}

static int unknown_verb(const char *name)
{
    Near near = {0};

    for (size_t i = 0; i < LEN(verbs); i++)
        near_keep(&near, name, strlen(name), verbs[i]->name);
    fprintf(stderr, "error: engraft has no verb \"%s\"\n", name);
    if (near.name)
        fprintf(stderr, "  hint      Did you mean %s?\n", near.name);
    fprintf(stderr, "  %-9s engraft --help lists them.\n", near.name ? "" : "hint");
    return E_USAGE;
}

static int choose(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";

    if (strcmp(name, "--version") == 0) {
        printf("engraft %s\n", eg_version());
        return E_OK;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        cli_list();
        return argc > 1 ? E_OK : E_USAGE;
    }
    const char *part = argc > 2 ? argv[2] : NULL;
    bool known = false;
    for (size_t i = 0; i < LEN(verbs); i++) {
        int words = verbs[i]->part ? 3 : 2;

        if (strcmp(verbs[i]->name, name) != 0)
            continue;
        known = true;
        if (words == 2 || (part && strcmp(verbs[i]->part, part) == 0))
            return start_verb(verbs[i], argv + words, argc - words);
    }
    return known ? unknown_part(name, part) : unknown_verb(name);
}

int main(int argc, char **argv)
{
    fill_closed();
    int code = choose(argc, argv);
    if ((fflush(stdout) || ferror(stdout)) && !code) {
        fputs("error: the output could not be written\n", stderr);
        code = E_IO;
    }
    return code;
}

/* SPDX-License-Identifier: MIT */
