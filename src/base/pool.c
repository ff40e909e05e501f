/* pool.c - one pool of workers.  Chunk borders depend on n and grain alone and every chunk is one call, so
 * what a caller computes per chunk does not depend on who ran it.
 * A worker spins SPIN seconds for the next job, then sleeps.  It joins an open job under the mutex, claims
 * chunks by an atomic counter, and leaves; the caller works too, closes the job, and waits until the joined
 * have left, so a worker that wakes late finds the job closed and touches nothing.  One calling thread at a
 * time; a par_for inside a chunk runs serially in its thread. */
#include "base/sys.h"

#include <immintrin.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#define SPIN        50e-6
#define THREADS_MAX 256
#define MXCSR_PLAIN 0x1f80u /* round to nearest, keep denormals, no traps */

typedef struct Worker {
    Pool *pool;
    pthread_t id;
    int thread;
} Worker;

struct Pool {
    int threads, started; /* started: workers beside the caller */
    Worker *workers;
    pthread_mutex_t mutex;
    pthread_cond_t work, idle;
    bool open, stop; /* under the mutex, as is the job */
    ParFn fn;
    void *arg;
    int64_t n, grain;
    _Atomic uint64_t jobs; /* counts them: what spinning workers watch */
    _Atomic int64_t next;  /* first row not yet claimed */
    _Atomic int joined;
};

/* Which pool's job this thread is in: how a nested par_for is recognised. */
static _Thread_local struct {
    const Pool *pool;
    int thread;
} inside;

static void work_on(Pool *p, int thread)
{
    unsigned mode = _mm_getcsr();

    _mm_setcsr(MXCSR_PLAIN);
    inside.pool = p;
    inside.thread = thread;
    for (;;) {
        int64_t begin = atomic_fetch_add(&p->next, p->grain);
        if (begin >= p->n)
            break;
        p->fn(p->arg, begin, p->n - begin < p->grain ? p->n : begin + p->grain, thread);
    }
    inside.pool = NULL;
    _mm_setcsr(mode);
}

/* Waits a little for *counter to differ from `seen`. */
static void spin(const _Atomic uint64_t *counter, uint64_t seen)
{
    double end = clock_seconds() + SPIN;

    while (atomic_load(counter) == seen) {
        for (int i = 0; i < 32; i++)
            _mm_pause();
        if (clock_seconds() > end)
            return;
    }
}

static void *worker_main(void *arg)
{
    Worker *w = arg;
    Pool *p = w->pool;
    uint64_t seen = 0;

    for (;;) {
        spin(&p->jobs, seen);
        (void)pthread_mutex_lock(&p->mutex);
        while (!p->stop && p->jobs == seen)
            (void)pthread_cond_wait(&p->work, &p->mutex);
        bool stop = p->stop, join = p->open;
        seen = p->jobs;
        p->joined += join;
        (void)pthread_mutex_unlock(&p->mutex);
        if (stop)
            return NULL;
        if (!join)
            continue;
        work_on(p, w->thread);
        (void)pthread_mutex_lock(&p->mutex);
        if (--p->joined == 0)
            (void)pthread_cond_signal(&p->idle);
        (void)pthread_mutex_unlock(&p->mutex);
    }
}

static void pool_stop(void *arg)
{
    Pool *p = arg;

    (void)pthread_mutex_lock(&p->mutex);
    p->stop = true;
    p->jobs++;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->mutex);
    for (int i = 0; i < p->started; i++)
        (void)pthread_join(p->workers[i].id, NULL);
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_cond_destroy(&p->idle);
    (void)pthread_mutex_destroy(&p->mutex);
}

static int allowed_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set))
        return 1;
    int n = CPU_COUNT(&set);
    return n < 1 ? 1 : n < THREADS_MAX ? n : THREADS_MAX;
}

/* Workers take no signals: they are the host's or the command's. */
static Status start_workers(Err *e, Pool *p)
{
    sigset_t all, before;
    int error = 0;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    while (p->started < p->threads - 1 && !error) {
        Worker *w = &p->workers[p->started];
        *w = (Worker){.pool = p, .thread = p->started + 1};
        error = pthread_create(&w->id, NULL, worker_main, w);
        p->started += !error;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error ? fail_errno(e, error, "start", "a thread") : E_OK;
}

Status pool_new(Err *e, Arena *a, int threads, Pool **out)
{
    if (threads < 0 || threads > THREADS_MAX)
        return fail(e, E_USAGE, "%d threads: at least 1 and at most %d", threads, THREADS_MAX);
    Pool *p = NEW(e, a, Pool);
    if (!p)
        return e->code;
    p->threads = threads ? threads : allowed_cores();
    p->workers = NEWS(e, a, Worker, p->threads);
    if (!p->workers)
        return e->code;
    if (pthread_mutex_init(&p->mutex, NULL) || pthread_cond_init(&p->work, NULL) ||
        pthread_cond_init(&p->idle, NULL))
        return fail(e, E_INTERNAL, "the system refused a mutex");
    TRY(arena_defer(e, a, pool_stop, p));
    TRY(start_workers(e, p));
    *out = p;
    return E_OK;
}

int pool_threads(const Pool *p)
{
    return p->threads;
}

static void run_serially(int64_t n, int64_t grain, ParFn fn, void *arg, int thread)
{
    for (int64_t begin = 0; begin < n; begin += grain)
        fn(arg, begin, n - begin < grain ? n : begin + grain, thread);
}

static void finish(Pool *p)
{
    double end = clock_seconds() + SPIN;

    (void)pthread_mutex_lock(&p->mutex);
    p->open = false;
    (void)pthread_mutex_unlock(&p->mutex);
    while (atomic_load(&p->joined) && clock_seconds() < end)
        _mm_pause();
    (void)pthread_mutex_lock(&p->mutex);
    while (p->joined)
        (void)pthread_cond_wait(&p->idle, &p->mutex);
    (void)pthread_mutex_unlock(&p->mutex);
}

void par_for(Pool *p, int64_t n, int64_t grain, ParFn fn, void *arg)
{
    grain = grain > 0 ? grain : 1;
    if (inside.pool == p) {
        run_serially(n, grain, fn, arg, inside.thread);
        return;
    }
    bool alone = p->started == 0 || n <= grain;
    (void)pthread_mutex_lock(&p->mutex);
    p->fn = fn;
    p->arg = arg;
    p->n = n;
    p->grain = grain;
    p->next = 0;
    if (!alone) {
        p->open = true;
        p->jobs++;
        (void)pthread_cond_broadcast(&p->work);
    }
    (void)pthread_mutex_unlock(&p->mutex);
    work_on(p, 0);
    if (!alone)
        finish(p);
}
/* SPDX-License-Identifier: MIT */
