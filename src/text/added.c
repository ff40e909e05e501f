/* added.c - tokens that are found in the text as it was written, before anything else looks at it; what lies
 * between them goes on.  Those matched in the raw text come first, those matched in normalised text (which,
 * without a normaliser, is the same text) in the stretches that are left, as the reference has it. */
#include <string.h>

#include "text/regex_char.h"
#include "text/tokenizer.h"

/* The longest added token of this kind that begins at p, or NULL. */
static const AddedToken *added_at(const Tokenizer *t, const AddedSet *set, const uint8_t *p,
                                  const uint8_t *end)
{
    uint32_t node = TRIE_ROOT;
    const AddedToken *best = NULL;

    for (; p < end && (node = trie_step(&set->trie, node, *p)) != 0; p++)
        if (set->trie.value[node] >= 0)
            best = &t->added[set->trie.value[node]];
    return best;
}

/* The code point that ends just before p. */
static uint32_t code_point_before(const uint8_t *begin, const uint8_t *p, const uint8_t **at)
{
    uint32_t c = UTF8_BAD;
    bool bad = false;

    *at = p - 1;
    while (*at > begin && p - *at < 4 && (**at & 0xc0) == 0x80)
        (*at)--;
    if (*at + utf8_get(*at, p, &c, &bad) != p) {
        *at = p - 1;
        c = UTF8_BAD;
    }
    return c;
}

static bool stands_alone(const uint8_t *begin, const uint8_t *p, const uint8_t *q,
                         const uint8_t *end)
{
    const uint8_t *before;
    uint32_t c;
    bool bad = false;

    if (p > begin && regex_word(code_point_before(begin, p, &before)))
        return false;
    if (q == end)
        return true;
    utf8_get(q, end, &c, &bad);
    return !regex_word(c);
}

/* Spaces before or after an added token that asked for them become part of it. */
static const uint8_t *eat_left(const uint8_t *begin, const uint8_t *p)
{
    const uint8_t *before;

    while (p > begin && regex_class(code_point_before(begin, p, &before)) == REGEX_SPACE)
        p = before;
    return p;
}

static const uint8_t *eat_right(const uint8_t *q, const uint8_t *end)
{
    bool bad = false;
    uint32_t c;

    while (q < end) {
        int n = utf8_get(q, end, &c, &bad);

        if (regex_class(c) != REGEX_SPACE)
            break;
        q += n;
    }
    return q;
}

static bool full(const AddedWalk *w)
{
    return w->out->n >= w->limit;
}

/* The text as it stands when there is no token of this kind, else its stretches. */
static Status walk_set(const AddedWalk *w, int kind, const uint8_t *begin, const uint8_t *end)
{
    const AddedSet *set = &w->t->set[kind];
    const uint8_t *p = begin, *done = begin;

    if (kind == ADDED_KINDS)
        return begin < end ? w->text(w->arg, begin, end) : E_OK;
    if (!set->trie.edge)
        return walk_set(w, kind + 1, begin, end);
    while (p < end && !full(w)) {
        const AddedToken *x = set->first[*p] ? added_at(w->t, set, p, end) : NULL;

        if (!x) {
            p++;
            continue;
        }
        const uint8_t *from = p, *to = p + x->n;
        p = to;
        if (x->single_word && !stands_alone(begin, from, to, end))
            continue;
        if (x->lstrip)
            from = eat_left(done, from);
        if (x->rstrip)
            p = to = eat_right(to, end);
        TRY(walk_set(w, kind + 1, done, from));
        done = to;
        if (full(w))
            break;
        TRY(w->token(w->arg, x, from, to));
    }
    return full(w) ? E_OK : walk_set(w, kind + 1, done, end);
}

Status added_walk(const AddedWalk *w, Bytes text)
{
    return walk_set(w, 0, text.data, text.data + text.n);
}

/* SPDX-License-Identifier: MIT */
