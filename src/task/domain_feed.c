/* domain_feed.c - batches of two domains: behind each batch of labelled rows come as many of the unlabelled target, drawn
 * from a keyed permutation of their own that goes round; and what an update of adaptation sets. */
#include "task/tune.h"

#include <string.h>

/* Pass after pass through the target, each in another order; a function of the draw alone, so going on is a seek. */
static int64_t target_at(const DomainFeed *d, int64_t draw)
{
    int64_t pass = draw / d->targets;
    uint64_t key =
        hash_fnv1a(&pass, sizeof pass, hash_fnv1a(&d->seed, sizeof d->seed, 0x7461726765740000U));

    return (int64_t)random_permute((uint64_t)(draw % d->targets), (uint64_t)d->targets, key);
}

static Status fill(Err *e, void *set, Run *r, const int64_t *sample, int64_t n)
{
    DomainFeed *d = set;

    memcpy(d->sample, sample, (size_t)n * sizeof *sample);
    for (int64_t i = 0; i < n; i++)
        d->sample[n + i] = d->sources + target_at(d, d->drawn++);
    TRY(feed_fill(e, d->feed, r, d->sample, 2 * n));
    int32_t *domain = run_input(r, DOMAIN_LABELS);
    for (int64_t i = 0; domain && i < 2 * n; i++)
        domain[i] = i >= n;
    return E_OK;
}

/* The loss is the mean over the source's rows and the mean over the target's (equation 9): as many of each. */
static Status window(Err *e, void *set, Run *r, const SamplesWindow *w)
{
    DomainFeed *d = set;

    d->drawn = w->step * d->update;
    TRY(run_scalar(e, r, "loss." DOMAIN_LOSS ".scale", (float)(1 / (double)w->samples)));
    if (!run_input(r, DOMAIN_STRENGTH))
        return E_OK;
    return run_scalar(e, r, DOMAIN_STRENGTH,
                      (float)domain_strength(d->domain, d->strength, w->step, w->steps));
}

static double weight(const void *set, int64_t sample)
{
    const DomainFeed *d = set;

    return feed_weight(d->feed, sample);
}

Status domain_feed(Err *e, Tuning *t)
{
    const Lesson *l = &t->lesson;
    const Job *j = t->j;
    int64_t *row = NEWS(e, t->a, int64_t, l->n + l->targets + 1);
    DomainFeed *d = &t->domain;

    *d = (DomainFeed){.feed = &t->feed,
                      .domain = j->domain,
                      .strength = l->strength,
                      .sources = l->n,
                      .targets = l->targets,
                      .update = j->o.batch * j->o.accumulate,
                      .seed = t->seed,
                      .sample = NEWS(e, t->a, int64_t, 2 * j->o.batch + 1)};
    if (!row || !d->sample)
        return err_failed(e->code);
    memcpy(row, l->row, (size_t)l->n * sizeof *row);
    memcpy(row + l->n, l->target, (size_t)l->targets * sizeof *row);
    t->feed.row = row;
    t->samples.set = d;
    t->samples.fill = fill;
    t->samples.window = window;
    t->samples.weight = t->samples.weight ? weight : NULL;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
