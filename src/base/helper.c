/* helper.c - one thread beside the caller's, for what will be wanted soon: jobs are done one after another in the
 * order asked.  It takes no part in par_for, and must not call it. */
#include "base/sys.h"

#include <immintrin.h>
#include <pthread.h>
#include <signal.h>

#define MXCSR_PLAIN 0x1f80u /* as the pool's workers */

struct Helper {
    HelperFn fn;
    void *arg;
    int64_t *job;                     /* ring of `room` */
    int64_t room, asked, begun, done; /* all counted from 0, under the mutex */
    bool stop;
    pthread_t id;
    pthread_mutex_t mutex;
    pthread_cond_t work, idle;
};

static void *helper_main(void *arg)
{
    Helper *h = arg;

    _mm_setcsr(MXCSR_PLAIN);
    (void)pthread_mutex_lock(&h->mutex);
    while (!h->stop) {
        if (h->begun == h->asked) {
            (void)pthread_cond_wait(&h->work, &h->mutex);
            continue;
        }
        int64_t job = h->job[h->begun++ % h->room];
        (void)pthread_mutex_unlock(&h->mutex);
        h->fn(h->arg, job);
        (void)pthread_mutex_lock(&h->mutex);
        h->done = h->begun;
        (void)pthread_cond_broadcast(&h->idle);
    }
    (void)pthread_mutex_unlock(&h->mutex);
    return NULL;
}

static void helper_stop(void *arg)
{
    Helper *h = arg;

    (void)pthread_mutex_lock(&h->mutex);
    h->stop = true;
    (void)pthread_cond_signal(&h->work);
    (void)pthread_mutex_unlock(&h->mutex);
    (void)pthread_join(h->id, NULL);
    (void)pthread_cond_destroy(&h->work);
    (void)pthread_cond_destroy(&h->idle);
    (void)pthread_mutex_destroy(&h->mutex);
}

/* It takes no signals: they are the host's or the command's. */
static int start(Helper *h)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&h->id, NULL, helper_main, h);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

Status helper_new(Err *e, Arena *a, int64_t room, HelperFn fn, void *arg, Helper **out)
{
    Helper *h = NEW(e, a, Helper);

    if (!h)
        return err_failed(e->code);
    h->fn = fn;
    h->arg = arg;
    h->room = room > 0 ? room : 1;
    if (!(h->job = NEWS(e, a, int64_t, h->room)))
        return err_failed(e->code);
    if (pthread_mutex_init(&h->mutex, NULL) || pthread_cond_init(&h->work, NULL) ||
        pthread_cond_init(&h->idle, NULL))
        return fail(e, E_INTERNAL, "the system refused a mutex");
    int error = start(h);
    if (error)
        return fail_errno(e, error, "start", "a thread");
    *out = h;
    if (!arena_defer(e, a, helper_stop, h))
        return E_OK;
    helper_stop(h);
    return err_failed(e->code);
}

int64_t helper_ask(Helper *h, int64_t job)
{
    int64_t ticket = 0;

    (void)pthread_mutex_lock(&h->mutex);
    if (h->asked - h->done < h->room) {
        h->job[h->asked % h->room] = job;
        ticket = ++h->asked;
        (void)pthread_cond_signal(&h->work);
    }
    (void)pthread_mutex_unlock(&h->mutex);
    return ticket;
}

void helper_wait(Helper *h, int64_t ticket)
{
    (void)pthread_mutex_lock(&h->mutex);
    while (h->done < ticket)
        (void)pthread_cond_wait(&h->idle, &h->mutex);
    (void)pthread_mutex_unlock(&h->mutex);
}

/* SPDX-License-Identifier: MIT */
