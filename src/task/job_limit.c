/* job_limit.c - learning and choosing by at most so many labelled samples, as if no others had been labelled; judging on
 * at most so many.  A smaller number's samples are among those of a larger one. */
#include "task/inside.h"

#include <string.h>

/* Marks `want` of a part's samples by the seed's order; of each class its first one before all others. */
static Status choose(Err *e, const Job *j, Part p, int64_t want, bool *keep)
{
    const int64_t *row = j->part.row[p], n = j->part.n[p];
    Arena *a = arena_child(e, j->a);
    int64_t *order = a ? NEWS(e, a, int64_t, n + 1) : NULL, left = want;
    bool *seen = a ? NEWS(e, a, bool, j->outputs + 1) : NULL;

    if (!order || !seen)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++)
        order[random_permute((uint64_t)i, (uint64_t)n, j->o.seed)] = row[i];
    for (int64_t i = 0; i < n && !j->regression && left > 0; i++) {
        bool *class = &seen[j->label[order[i]]];

        left -= !*class;
        keep[order[i]] = !*class;
        *class = true;
    }
    for (int64_t i = 0; i < n && left > 0; i++) {
        left -= !keep[order[i]];
        keep[order[i]] = true;
    }
    arena_free(a);
    return E_OK;
}

static Part part_of(const Job *j, int64_t row, int64_t at[3])
{
    for (int p = 0; p < 3; p++)
        if (at[p] < j->part.n[p] && j->part.row[p][at[p]] == row) {
            at[p]++;
            return (Part)p;
        }
    return PART_TRAIN;
}

/* Samples move down over those that are left out. */
static void drop(Job *j, const bool *keep)
{
    int64_t n = 0, at[3] = {0}, kept[3] = {0};

    for (int64_t i = 0; i < j->n; i++) {
        Part p = part_of(j, i, at);

        if (!keep[i])
            continue;
        j->first[n] = j->first[i];
        if (j->second)
            j->second[n] = j->second[i];
        if (j->picture)
            j->picture[n] = j->picture[i];
        j->line[n] = j->line[i];
        if (j->label)
            j->label[n] = j->label[i];
        if (j->target)
            j->target[n] = j->target[i];
        j->part.row[p][kept[p]++] = n++;
    }
    j->n = n;
    memcpy(j->part.n, kept, sizeof kept);
}

static Status too_few(Err *e, const Job *j)
{
    fail(e, E_USAGE, "%lld labels are too few to learn %d classes", (long long)j->o.labels,
         j->outputs);
    return err_note(e, "hint", "--labels counts those to learn from and those to choose by");
}

Status job_limit(Err *e, Job *j)
{
    int64_t most[3] = {j->part.n[PART_TRAIN], j->part.n[PART_VALID], j->part.n[PART_TEST]};
    int64_t all = most[PART_TRAIN] + most[PART_VALID];
    bool *keep;

    if (j->o.labels > 0 && j->o.labels < all) {
        double share = (double)most[PART_VALID] / (double)all;
        int64_t choose_by = (int64_t)((double)j->o.labels * share + 0.5);

        most[PART_VALID] = most[PART_VALID] > 0 && choose_by < 1 ? 1 : choose_by;
        most[PART_TRAIN] = j->o.labels - most[PART_VALID];
        if (most[PART_TRAIN] < (j->regression ? 2 : j->outputs))
            return too_few(e, j);
    }
    if (j->o.test_limit > 0 && j->o.test_limit < most[PART_TEST])
        most[PART_TEST] = j->o.test_limit;
    if (memcmp(most, j->part.n, sizeof most) == 0)
        return E_OK;
    if (!(keep = NEWS(e, j->a, bool, j->n + 1)))
        return err_failed(e->code);
    for (int p = 0; p < 3; p++)
        TRY(choose(e, j, (Part)p, most[p], keep));
    drop(j, keep);
    event_say(&j->c->events, EVENT_SAY, "limits    %lld training, %lld validation, %lld test",
              (long long)j->part.n[0], (long long)j->part.n[1], (long long)j->part.n[2]);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
