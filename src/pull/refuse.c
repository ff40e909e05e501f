/* refuse.c - what a status other than the file means for a person, and whether asking again may help. */
#include "pull/pull.h"

static const struct {
    int first, last;
    bool again;
    const char *what, *hint;
} refusals[] = {
    {401, 401, false, "the server wants to know who asks",
     "Is the name right?  A private or gated model: HF_TOKEN=.. of an account that may read it."},
    {403, 403, false, "the server does not allow it",
     "A gated model: accept its terms on its page, then HF_TOKEN=.. of that account."},
    {404, 404, false, "the server does not have it", "Are name, revision and HF_ENDPOINT right?"},
    {410, 410, false, "the server no longer has it", "Another --revision may still be there."},
    {407, 407, false, "the proxy wants to know who asks", "https_proxy=http://user:password@host"},
    {408, 408, true, "the server is too slow, or silent", NULL},
    {429, 429, true, "the server has had too many questions from here", NULL},
    {500, 599, true, "the server is out of order", NULL},
};

Status fetch_refused(Err *e, const Want *w, const char *shown, const Reply *r, bool *again)
{
    const char *what = "the server sends something else", *hint = NULL;

    for (size_t i = 0; i < LEN(refusals); i++)
        if (r->status >= refusals[i].first && r->status <= refusals[i].last) {
            what = refusals[i].what;
            hint = refusals[i].hint;
            *again = refusals[i].again;
        }
    fail(e, E_UNAVAILABLE, "%s", what);
    err_note(e, "url", "%s", shown);
    err_note(e, "expected", "200 or 206 and the bytes of %s", path_base(w->name));
    err_note(e, "found", "status %d%s%s", r->status, r->error[0] ? ", " : "", r->error);
    if (*again && r->retry_after >= 0)
        err_note(e, "hint", "It asks to come back in %lld s; the same command goes on then.",
                 (long long)r->retry_after);
    else if (*again)
        err_note(e, "hint", "Try again later; the same command goes on where this one ended.");
    return hint ? err_note(e, "hint", "%s", hint) : e->code;
}

/* SPDX-License-Identifier: MIT */
