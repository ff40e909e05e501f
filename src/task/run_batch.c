/* run_batch.c - a padded batch as rows without padding, and back.  Rows of a sequence are the tokens that its
 * mask shows, in order; where the reference's loss also counts padded positions (spans, labels on padding) those
 * follow as rows that attention does not see. */
#include "task/run_input.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static Status read_tokens(Err *e, const RunReader *r)
{
    const Weight *w = run_lookup(r, "input_ids");
    RunBatch *b = r->b;

    if (!w) {
        fail(e, E_NOINPUT, "there is no tensor \"input_ids\"");
        return err_note(e, "file", "%s",
                        weights_count(r->file) ? weights_at(r->file, 0)->file : "an empty file");
    }
    if (w->shape.rank != 2 || w->shape.dim[0] < 1 || w->shape.dim[1] < 1)
        return run_bad_shape(e, w, &SHAPE(1, 1));
    b->sequences = w->shape.dim[0];
    b->width = w->shape.dim[1];
    if (b->width > r->m->max_length || b->sequences > INT32_MAX / b->width)
        return fail(e, E_DATA, "input \"%s\" has %lld sequences of %lld; the model takes %lld",
                    w->name, (long long)b->sequences, (long long)b->width,
                    (long long)r->m->max_length);
    Shape all = SHAPE(b->sequences, b->width);
    TRY(run_integers(e, r, "input_ids", all, 0, r->m->vocab, &b->ids));
    TRY(run_integers(e, r, "attention_mask", all, 0, 2, &b->mask));
    return run_integers(e, r, "token_type_ids", all, 0, r->m->types, &b->types);
}

static bool shown(const RunBatch *b, int64_t i)
{
    return !b->mask || b->mask[i];
}

/* As transformers has it: labels lie as the tokens do, and each position is asked for the label after it.  Without
 * labels the tokens are their own. */
static Status shift_labels(Err *e, const RunReader *r)
{
    RunBatch *b = r->b;
    int64_t n = b->sequences * b->width, *to = NEWS(e, r->a, int64_t, n);

    if (!to)
        return e->code;
    for (int64_t i = 0; i < n; i++) {
        bool last = i % b->width == b->width - 1;

        to[i] = last               ? -100
                : b->labels        ? b->labels[i + 1]
                : !shown(b, i + 1) ? -100
                                   : b->ids[i + 1];
    }
    b->labels = to;
    return E_OK;
}

static Status read_labels(Err *e, const RunReader *r, Model *m)
{
    RunBatch *b = r->b;
    Shape one = SHAPE(b->sequences), all = SHAPE(b->sequences, b->width);
    bool next = m->head == HEAD_CAUSAL;
    bool language = m->head == HEAD_MASKED || m->head == HEAD_PRETRAINING || next;

    if (m->head == HEAD_SEQUENCE || m->head == HEAD_MEAN)
        TRY(run_labels(e, r, m));
    else if (m->head == HEAD_TOKEN || language)
        TRY(run_integers(e, r, "labels", all, INT32_MIN, language ? m->vocab : m->labels,
                         &b->labels));
    if (next)
        TRY(shift_labels(e, r));
    TRY(run_integers(e, r, "next_sentence_label", one, INT32_MIN, 2, &b->next));
    TRY(run_integers(e, r, "start_positions", one, INT32_MIN, INT32_MAX, &b->start));
    TRY(run_integers(e, r, "end_positions", one, INT32_MIN, INT32_MAX, &b->end));
    b->labels_by_token = b->labels && (m->head == HEAD_TOKEN || language);
    if (m->head == HEAD_SPAN)
        b->labelled = b->start && b->end;
    else
        b->labelled = (b->labels || b->numbers) && (m->head != HEAD_PRETRAINING || b->next);
    return E_OK;
}

/* The reference's loss reaches padded positions. */
static bool counts_padding(const RunBatch *b, const Model *m)
{
    if (m->head == HEAD_SPAN)
        return b->labelled;
    for (int64_t i = 0; b->labels_by_token && i < b->sequences * b->width; i++)
        if (!shown(b, i) && b->labels[i] >= 0)
            return true;
    return false;
}

/* The reference would classify by the padding in the first column, which no row of ours stands for. */
static Status check_first(Err *e, const RunReader *r)
{
    HeadKind head = r->m->head;
    bool pools = head == HEAD_SEQUENCE || head == HEAD_PRETRAINING ||
                 (head == HEAD_NONE && r->m->pooling == POOL_CLS);

    for (int64_t s = 0; pools && s < r->b->sequences; s++) {
        if (shown(r->b, s * r->b->width))
            continue;
        fail(e, E_DATA, "the attention mask of sequence %lld hides its first token", (long long)s);
        return err_note(e, "hint", "This model reads the sequence's class there; pad at the end.");
    }
    return E_OK;
}

/* Where the reference puts the tokens of sequence s: at their columns; or counted without the padding, which has the
 * position before the first. */
static void place_sequence(const RunReader *r, int64_t s, int32_t *position)
{
    const int64_t first = r->m->first_position, *id = r->b->ids + s * r->b->width;
    int64_t next = first;

    for (int64_t c = 0; c < r->b->width; c++) {
        bool padding = first > 0 && id[c] == r->m->pad_id;

        position[c] = (int32_t)(padding ? first - 1 : next++);
    }
}

static Status make_rows(Err *e, const RunReader *r)
{
    RunBatch *b = r->b;
    bool padding = counts_padding(b, r->m);
    int32_t *offset = NEWS(e, r->a, int32_t, b->sequences + 1), n = 0;
    int32_t *visible = NEWS(e, r->a, int32_t, b->sequences);

    int32_t *place = NEWS(e, r->a, int32_t, b->width);

    b->column = NEWS(e, r->a, int32_t, b->sequences * b->width);
    b->position = NEWS(e, r->a, int32_t, b->sequences * b->width);
    if (!offset || !visible || !place || !b->column || !b->position)
        return e->code;
    for (int64_t s = 0; s < b->sequences; s++) {
        int32_t first = n;

        place_sequence(r, s, place);

        for (int pass = 0; pass < 1 + padding; pass++) {
            for (int64_t c = 0; c < b->width; c++)
                if (shown(b, s * b->width + c) == (pass == 0))
                    b->column[n++] = (int32_t)c;
            if (pass == 0)
                visible[s] = n - first;
        }
        if (visible[s] == 0)
            return fail(e, E_DATA, "the attention mask of sequence %lld hides all its tokens",
                        (long long)s);
        for (int32_t k = first; k < n; k++) {
            b->position[k] = place[b->column[k]];
            b->positions |= b->position[k] != r->m->first_position + k - first;
        }
        offset[s + 1] = n;
    }
    b->rows = (Rows){.count = n, .groups = b->sequences, .offset = offset, .visible = visible};
    return E_OK;
}

Status run_batch_read(Err *e, Arena *a, const Weights *file, int i, Model *m, RunBatch *out)
{
    RunReader r = {a, file, i, m, out};

    *out = (RunBatch){0};
    if (m->def->input == INPUT_PICTURES)
        return run_pictures_read(e, &r, m);
    TRY(read_tokens(e, &r));
    TRY(read_labels(e, &r, m));
    TRY(check_first(e, &r));
    return make_rows(e, &r);
}

int run_batch_count(const Weights *file, const Model *m)
{
    RunReader r = {.file = file};

    if (m->def->input == INPUT_PICTURES)
        return run_pictures_count(file);
    while (run_lookup(&r, "input_ids"))
        r.i++;
    return r.i;
}

/* ---- into a run ---- */

static void by_row(const RunBatch *b, Run *r, const char *name, const int64_t *from)
{
    int32_t *to = run_input(r, name);

    for (int64_t s = 0; to && s < b->sequences; s++)
        for (int32_t k = b->rows.offset[s]; k < b->rows.offset[s + 1]; k++)
            to[k] = from ? (int32_t)from[s * b->width + b->column[k]] : 0;
}

static void by_sequence(const RunBatch *b, Run *r, const char *name, const int64_t *from)
{
    int32_t *to = run_input(r, name);

    for (int64_t s = 0; to && from && s < b->sequences; s++)
        to[s] = (int32_t)from[s];
}

/* A position of the file as a row within its sequence; what lies beyond the width is ignored, what lies before
 * the start is clamped to it, as the reference does. */
static int32_t row_of(const RunBatch *b, int64_t s, int64_t position)
{
    for (int32_t k = b->rows.offset[s]; k < b->rows.offset[s + 1]; k++)
        if (b->column[k] == (position < 0 ? 0 : position))
            return k - b->rows.offset[s];
    return -1;
}

static void by_position(const RunBatch *b, Run *r, const char *name, const int64_t *from)
{
    int32_t *to = run_input(r, name);

    for (int64_t s = 0; to && from && s < b->sequences; s++)
        to[s] = row_of(b, s, from[s]);
}

static int64_t count_valid(const int32_t *x, int64_t n)
{
    int64_t valid = 0;

    for (int64_t i = 0; i < n; i++)
        valid += x[i] >= 0;
    return valid;
}

/* Entries of the term's labels that count. */
static double valid(const RunBatch *b, const LossTerm *t, const Run *r)
{
    const int32_t *x = run_input((Run *)(uintptr_t)r, t->input);
    bool labels = strcmp(t->input, "labels") == 0;

    if (labels && b->numbers)
        return (double)b->number_count;
    return (double)count_valid(x, labels && b->labels_by_token ? b->rows.count : b->sequences);
}

static Status fill_tokens(Err *e, const RunBatch *b, Run *r)
{
    int32_t *position = run_input(r, "position_ids");

    TRY(run_rows(e, r, "tokens", &b->rows));
    by_row(b, r, "input_ids", b->ids);
    by_row(b, r, "token_type_ids", b->types);
    if (position)
        memcpy(position, b->position, (size_t)b->rows.count * sizeof *position);
    return E_OK;
}

Status run_batch_fill(Err *e, const RunBatch *b, const ModelOutputs *out, Run *r)
{
    TRY(b->pixels ? run_pictures_fill(e, b, r) : fill_tokens(e, b, r));
    if (!b->labelled)
        return E_OK;
    if (b->numbers && run_input(r, "labels"))
        memcpy(run_input(r, "labels"), b->numbers, (size_t)b->number_count * sizeof(float));
    else if (b->labels_by_token)
        by_row(b, r, "labels", b->labels);
    else
        by_sequence(b, r, "labels", b->labels);
    by_sequence(b, r, "next_sentence_label", b->next);
    by_position(b, r, "start_positions", b->start);
    by_position(b, r, "end_positions", b->end);
    for (int i = 0; i < out->losses; i++) {
        char name[60];
        double n = valid(b, &out->loss[i], r);

        snprintf(name, sizeof name, "loss.%s.scale", out->loss[i].name);
        TRY(run_scalar(e, r, name, n > 0 ? (float)((double)out->loss[i].weight / n) : 0));
    }
    return E_OK;
}

double run_batch_loss(const RunBatch *b, const ModelOutputs *out, const Run *r)
{
    double loss = out->losses ? 0 : (double)NAN;

    for (int i = 0; i < out->losses; i++) {
        char name[60];

        snprintf(name, sizeof name, "loss.%s", out->loss[i].name);
        const float *sum = run_output(r, name).data;
        double n = valid(b, &out->loss[i], r);
        loss += sum && n > 0 ? (double)out->loss[i].weight * (double)*sum / n : (double)NAN;
    }
    return loss;
}

/* ---- out of a run ---- */

Status run_batch_spread(Err *e, Arena *a, const RunBatch *b, Tensor rows, int column, Tensor *out)
{
    int64_t d = shape_last(&rows.shape), wide = column < 0 ? d : 1;
    const float *from = rows.data;
    float *to = NEWS(e, a, float, b->sequences * b->width * wide);

    if (!to)
        return e->code;
    for (int64_t s = 0; s < b->sequences; s++)
        for (int32_t k = b->rows.offset[s]; k < b->rows.offset[s + 1]; k++) {
            int64_t at = s * b->width + b->column[k];

            if (shown(b, at))
                memcpy(to + at * wide, from + k * d + (column < 0 ? 0 : column),
                       (size_t)wide * sizeof(float));
        }
    *out = (Tensor){DT_F32, SHAPE(b->sequences, b->width, wide), to};
    if (column >= 0)
        out->shape.rank = 2;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
