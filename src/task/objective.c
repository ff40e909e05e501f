/* objective.c - what a model is asked of rows of tokens.
 * lm: each token's next one within the row (Radford et al. 2018).
 * mlm: 15 % of the tokens, others each time; of those 80 % are masked, 10 % become any token, 10 % stay (Devlin et al.
 * 2018; drawn anew in each epoch as by Liu et al. 2019). */
#include "task/objective.h"

#include <string.h>

static void lm_fill(const TokenRows *r, const Vocabulary *v, int64_t row, uint64_t key, Asked *out)
{
    int32_t *id = out->id + out->tokens, *label = out->label + out->tokens;
    int64_t n = token_row(r, row, id);

    (void)v;
    (void)key;
    memcpy(label, id + 1, (size_t)(n - 1) * sizeof *label);
    label[n - 1] = -1;
    out->tokens += n;
    out->labels += n;
}

static int64_t lm_labels(const TokenRows *r, int64_t row)
{
    const int32_t *id;

    return token_row_inner(r, row, &id) - 1;
}

/* 15 % of what is no border between documents, at least one. */
static int64_t mlm_labels(const TokenRows *r, int64_t row)
{
    const int32_t *id;
    int64_t n = token_row_inner(r, row, &id), asked = 0;

    for (int64_t i = 0; i < n; i++)
        asked += id[i] != r->end;
    return asked == 0 ? 0 : asked < 7 ? 1 : (15 * asked + 50) / 100;
}

static void mlm_fill(const TokenRows *r, const Vocabulary *v, int64_t row, uint64_t key, Asked *out)
{
    const uint64_t purpose = random_purpose("mask"), first = r->before >= 0;
    const uint64_t place = hash_fnv1a(&key, sizeof key, random_purpose("mask.place"));
    int32_t *id = out->id + out->tokens;
    const int32_t *inner;
    int64_t n = token_row_inner(r, row, &inner), left = mlm_labels(r, row);
    int64_t all = token_row(r, row, id);

    for (uint64_t i = 0; left > 0; i++) {
        uint64_t at = random_permute(i, (uint64_t)n, place);
        double u = random_uniform(key, purpose, i);

        if (inner[at] == r->end)
            continue;
        out->label_row[out->labels] = (int32_t)(out->tokens + (int64_t)(first + at));
        out->label[out->labels++] = inner[at];
        if (u < 0.8)
            id[first + at] = v->mask;
        else if (u < 0.9)
            id[first + at] = (int32_t)((u - 0.8) * 10 * (double)v->tokens);
        left--;
    }
    out->tokens += all;
}

static const Objective objectives[] = {
    {"lm", "the next token", HEAD_CAUSAL, false, false, "text-generation", lm_fill, lm_labels},
    {"mlm", "15 % of the tokens, masked", HEAD_MASKED, true, true, "fill-mask", mlm_fill,
     mlm_labels},
};

Status objective_find(Err *e, const char *name, const Model *m, const Objective **out)
{
    for (size_t i = 0; i < LEN(objectives); i++) {
        *out = &objectives[i];
        bool has = m->def->architecture[objectives[i].head] != NULL;
        if (name ? strcmp(objectives[i].name, name) == 0 : has) {
            if (has)
                return E_OK;
            fail(e, E_USAGE, "a %s cannot learn by the objective %s", m->def->name, name);
            return err_note(e, "objective", "%s: %s", name, objectives[i].summary);
        }
    }
    fail(e, E_USAGE, name ? "there is no objective \"%s\" of models" : "a %s has no objective",
         name ? name : m->def->name);
    for (size_t i = 0; i < LEN(objectives); i++)
        err_note(e, "known", "%s: %s", objectives[i].name, objectives[i].summary);
    return e->code;
}

Status objective_vocabulary(Err *e, const Objective *o, const Tokenizer *t, const Model *m,
                            Vocabulary *out)
{
    *out = (Vocabulary){tokenizer_vocab(t), -1};
    if (out->tokens > m->vocab)
        out->tokens = m->vocab;
    for (int64_t i = 0; o->few && i < out->tokens; i++) {
        const char *piece = tokenizer_piece(t, (int32_t)i);

        if (piece && (strcmp(piece, "[MASK]") == 0 || strcmp(piece, "<mask>") == 0))
            out->mask = (int32_t)i;
    }
    if (!o->few || out->mask >= 0)
        return E_OK;
    fail(e, E_DATA, "the tokenizer has no token that masks another");
    err_note(e, "folder", "%s", m->folder);
    return err_note(e, "expected", "[MASK] or <mask>");
}

/* SPDX-License-Identifier: MIT */
