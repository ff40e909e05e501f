/* wordpiece.c - text to word pieces as BERT does it (Devlin et al. 2018, arXiv:1810.04805; the steps and
 * their order are those of the tokenizers library: clean, Chinese characters apart, accents off, lower
 * case, split at spaces and around punctuation, then the longest piece first).
 * All of it happens in one pass over the bytes with a word of fixed size in hand: nothing is allocated but
 * the result, and the time is linear in the text.  A kept character belongs to the one it was written as,
 * which gives the offsets. */
#include <utf8proc.h>

#include "text/tokenizer.h"
#include "text/utf8.h"

#define DECOMPOSED_MAX 8 /* the longest canonical decomposition is 4 code points */

/* The word in hand.  Of a word longer than the model takes only its ends are kept: it will be unknown. */
typedef struct Word {
    size_t n;
    int chars;
    int32_t first, last; /* code points of the text */
    uint8_t byte[TOKENIZER_WORD_MAX * 4];
    int32_t from[TOKENIZER_WORD_MAX * 4]; /* the code point each byte came from */
} Word;

typedef struct Scan {
    Err *e;
    Arena *a;
    const Tokenizer *t;
    Tokens *out;
    size_t limit;      /* out->n at which to stop */
    int32_t at, words; /* code points and words so far */
    Word *w;           /* apart, as it need not be zeroed */
} Scan;

Status tokens_reserve(Err *e, Arena *a, Tokens *out, size_t more)
{
    int32_t **field[] = {&out->id, &out->type, &out->begin, &out->end, &out->word};
    size_t want = out->n + more, cap = out->cap;

    if (want <= out->cap)
        return E_OK;
    for (size_t i = 0; i < LEN(field); i++) {
        cap = out->cap;
        TRY(GROW(e, a, *field[i], cap, want));
    }
    out->cap = cap;
    return E_OK;
}

static void emit(Scan *s, int32_t id, int32_t begin, int32_t end)
{
    Tokens *o = s->out;

    o->id[o->n] = id;
    o->type[o->n] = 0;
    o->begin[o->n] = begin;
    o->end[o->n] = end;
    o->word[o->n++] = s->words;
}

/* The longest piece at byte `start` of the word: its id and where it ends, or -1. */
static int32_t longest(const Tokenizer *t, const Word *w, size_t start, size_t *end)
{
    uint32_t node = start ? t->continued : TRIE_ROOT;
    int32_t best = -1;

    for (size_t i = start; i < w->n && node; i++) {
        node = trie_step(&t->trie, node, w->byte[i]);
        if (node && t->trie.value[node] >= 0) {
            best = t->trie.value[node];
            *end = i + 1;
        }
    }
    return best;
}

/* The word in hand becomes pieces, or one unknown token when any part of it is in no piece. */
static Status word_end(Scan *s)
{
    Word *w = s->w;
    size_t mark = s->out->n, end = 0;

    if (!w->chars)
        return E_OK;
    TRY(tokens_reserve(s->e, s->a, s->out, w->n + 1));
    bool known = w->chars <= s->t->word_max;
    for (size_t start = 0; start < w->n && known; start = end) {
        int32_t id = longest(s->t, w, start, &end);

        known = id >= 0;
        if (known)
            emit(s, id, w->from[start], w->from[end - 1] + 1);
    }
    if (!known) {
        s->out->n = mark;
        emit(s, s->t->unk, w->first, w->last + 1);
    }
    w->n = 0;
    w->chars = 0;
    s->words++;
    return E_OK;
}

static inline void word_add(Scan *s, uint32_t c)
{
    Word *w = s->w;

    if (!w->chars++)
        w->first = s->at;
    w->last = s->at;
    if (w->chars > s->t->word_max)
        return;
    for (int n = utf8_put(w->byte + w->n, c); n > 0; n--)
        w->from[w->n++] = s->at;
}

static inline unsigned class_of(const BertNormalizer *n, uint32_t c)
{
    return c < LEN(n->class) ? n->class[c] : bert_class(c);
}

/* A normalised character goes to the word in hand, ends it, or is a word of its own. */
static Status place(Scan *s, uint32_t c, unsigned class)
{
    if (class & CHAR_SPACE)
        return word_end(s);
    if (!(class & CHAR_PUNCT)) {
        word_add(s, c);
        return E_OK;
    }
    TRY(word_end(s));
    word_add(s, c);
    return word_end(s);
}

/* Lower case, where asked for, then place it. */
static Status fold(Scan *s, uint32_t c)
{
    const BertNormalizer *n = &s->t->norm;
    unsigned class = class_of(n, c);
    uint32_t low[2];

    if (!n->lower || !(class & CHAR_UPPER))
        return place(s, c, class);
    int k = bert_lower(c, low);
    for (int i = 0; i < k; i++)
        TRY(place(s, low[i], class_of(n, low[i])));
    return E_OK;
}

/* Canonical decomposition without its marks.  Reordering within a run of marks is left out, as the marks it
 * moves are dropped.  What is kept although it has a class (a spacing virama, marks younger than the
 * reference's tables) can differ where it was written behind a mark of a higher class, which is not its
 * canonical order: by the offset, and by the order of two such. */
static Status strip(Scan *s, uint32_t c)
{
    utf8proc_int32_t part[DECOMPOSED_MAX];
    int boundary = UTF8PROC_BOUNDCLASS_START;
    utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)c, part, DECOMPOSED_MAX,
                                                 UTF8PROC_DECOMPOSE, &boundary);

    if (n < 1 || n > DECOMPOSED_MAX) {
        part[0] = (utf8proc_int32_t)c;
        n = 1;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++)
        if (!(class_of(&s->t->norm, (uint32_t)part[i]) & CHAR_MARK))
            TRY(fold(s, (uint32_t)part[i]));
    return E_OK;
}

/* One code point through the whole pipeline. */
static Status code_point(Scan *s, uint32_t c)
{
    const BertNormalizer *n = &s->t->norm;
    unsigned class = class_of(n, c);
    bool apart = n->han && class & CHAR_HAN;

    if (n->clean && class & CHAR_REMOVED)
        return E_OK;
    if (apart)
        TRY(word_end(s));
    TRY(n->strip && c >= 128 ? strip(s, c) : fold(s, c));
    return apart ? word_end(s) : E_OK;
}

/* A stretch of text without added tokens. */
static Status stretch(void *arg, const uint8_t *p, const uint8_t *end)
{
    Scan *s = arg;
    const uint8_t *plain = s->t->norm.plain;
    Word *w = s->w;
    uint32_t c;
    bool bad = false;

    while (p < end && s->out->n < s->limit) {
        if (plain[*p] && w->chars < s->t->word_max) {
            if (!w->chars++)
                w->first = s->at;
            w->last = s->at;
            w->byte[w->n] = plain[*p++];
            w->from[w->n++] = s->at++;
            continue;
        }
        p += utf8_get(p, end, &c, &bad);
        TRY(code_point(s, c));
        s->at++;
    }
    return s->out->n < s->limit ? word_end(s) : E_OK;
}

static int32_t code_points(const uint8_t *p, const uint8_t *end)
{
    int32_t n = 0;
    uint32_t c;
    bool bad = false;

    for (; p < end; n++)
        p += utf8_get(p, end, &c, &bad);
    return n;
}

/* An added token is a word of its own. */
static Status added(void *arg, const AddedToken *x, const uint8_t *p, const uint8_t *end)
{
    Scan *s = arg;
    int32_t n = code_points(p, end);

    TRY(tokens_reserve(s->e, s->a, s->out, 1));
    emit(s, x->id, s->at, s->at + n);
    s->at += n;
    s->words++;
    return E_OK;
}

Status wordpiece_encode(Err *e, Arena *a, const Tokenizer *t, Bytes text, size_t limit, Tokens *out)
{
    Word w;
    Scan s = {.e = e, .a = a, .t = t, .out = out, .limit = out->n + limit, .w = &w};
    AddedWalk walk = {t, out, s.limit, stretch, added, &s};

    w.n = 0;
    w.chars = 0;
    TRY(added_walk(&walk, text));
    if (out->n > s.limit)
        out->n = s.limit;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
