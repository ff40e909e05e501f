/* task_prefix.c - the frozen beginning of a network, computed once for each sample (and each of its ways) when it is
 * first asked for; from then on the network that learns begins where it ends. */
#include "task/sample.h"

#include <string.h>

struct Prefix {
    TaskNet *net;
    Feed feed;    /* of the samples to compute */
    int64_t size; /* numbers of one */
    int views;
    float *value; /* [samples * views, size] */
    bool *known;  /* [samples * views] */
};

static int64_t value_size(const TaskNet *net)
{
    return prefix_size(graph_output_at(net->graph, 0, NULL));
}

size_t prefix_bytes(const TaskNet *net, int64_t samples, int views)
{
    return (size_t)samples * (size_t)views * (size_t)value_size(net) * sizeof(float);
}

Status prefix_new(Err *e, Arena *a, TaskNet *net, const Feed *feed, Prefix **out)
{
    Prefix *p = NEW(e, a, Prefix);
    void *value;

    if (!p)
        return err_failed(e->code);
    *p = (Prefix){.net = net, .feed = *feed, .size = value_size(net)};
    p->views = feed->vary && feed->vary->views ? feed->vary->views : 1;
    p->feed.prefix = NULL;
    p->feed.row = NULL;
    p->feed.label = NULL;
    p->feed.target = NULL;
    p->feed.sample = NEWS(e, a, uint32_t, net->options.samples + 1);
    p->known = NEWS(e, a, bool, feed->set->n * p->views + 1);
    if (!p->feed.sample || !p->known)
        return err_failed(e->code);
    TRY(block_alloc(e, a, prefix_bytes(net, feed->set->n, p->views) + 64,
                    "what the frozen layers make of each sample", &value));
    p->value = value;
    *out = p;
    return E_OK;
}

void prefix_know(Prefix *p, const float *value)
{
    int64_t n = p->feed.set->n;

    memcpy(p->value, value, (size_t)(n * p->size) * sizeof *value);
    memset(p->known, 1, (size_t)n);
}

bool prefix_known(const Prefix *p)
{
    return p->known[0];
}

const float *prefix_value(const Prefix *p, int64_t sample)
{
    return p->known[sample] ? p->value + sample * p->size : NULL;
}

static int64_t slot(const Prefix *p, uint32_t sample)
{
    int64_t view = p->feed.vary ? vary_view(p->feed.vary) : 0;

    return view * p->feed.set->n + sample;
}

/* Of feed.sample[0 .. n-1]. */
static Status compute(Err *e, Prefix *p, int64_t n)
{
    const uint32_t *sample = p->feed.sample;

    TRY(p->feed.set->kind->fill(e, &p->feed, p->net->run, n));
    TRY(run_step(e, p->net->run));
    Tensor t = run_output(p->net->run, PREFIX);
    for (int64_t i = 0; i < n; i++) {
        memcpy(p->value + slot(p, sample[i]) * p->size, (float *)t.data + i * p->size,
               (size_t)p->size * sizeof(float));
        p->known[slot(p, sample[i])] = true;
    }
    return E_OK;
}

/* The samples that nobody has asked for before, as many at once as the net takes. */
static Status compute_missing(Err *e, Prefix *p, const uint32_t *sample, int64_t n)
{
    uint32_t *missing = p->feed.sample;
    int64_t k = 0, most = p->net->options.samples;

    for (int64_t i = 0; i < n; i++) {
        if (!p->known[slot(p, sample[i])])
            missing[k++] = sample[i];
        if (k == most || (k > 0 && i == n - 1)) {
            TRY(compute(e, p, k));
            k = 0;
        }
    }
    return E_OK;
}

Status prefix_fill(Err *e, Prefix *p, const Feed *f, Run *r, int64_t n)
{
    float *x = run_input(r, PREFIX);

    TRY(run_rows(e, r, "batch", &(Rows){.count = n, .sample = f->sample}));
    TRY(compute_missing(e, p, f->sample, n));
    for (int64_t i = 0; i < n; i++)
        memcpy(x + i * p->size, p->value + slot(p, f->sample[i]) * p->size,
               (size_t)p->size * sizeof *x);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
