/* questions.c - questions-words.txt (Mikolov et al. 2013): sections ": name" of lines "a b c d", d to be found from the
 * others.  As the C tool and gensim do it: whatever the words' case, questions with a word that the table lacks are left
 * out, the three words asked with are no answers, the whole table answers. */
#include "words/space.h"

#include <stdio.h>
#include <string.h>

typedef struct Questions {
    Arena *a;
    const char *path;
    WordSection *section;
    size_t sections, section_cap;
    WordQuery *query;
    int64_t *wanted, *of; /* [n] the right row; the section */
    size_t n, query_cap, wanted_cap, of_cap;
} Questions;

static Status line_fail(Err *e, const Questions *q, int64_t line, const char *what)
{
    (void)fail(e, E_DATA, "%s", what);
    (void)err_note(e, "file", "%s, line %lld", q->path, (long long)line);
    return err_note(e, "expected", "\": section\", or four words: Athens Greece Oslo Norway");
}

static bool is_gap(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static Status add_section(Err *e, Questions *q, const char *s, size_t n)
{
    TRY(GROW(e, q->a, q->section, q->section_cap, q->sections + 1));
    while (n && is_gap(*s)) {
        s++;
        n--;
    }
    WordSection *w = &q->section[q->sections++];
    *w = (WordSection){.name = arena_strndup(e, q->a, s, n)};
    return w->name ? E_OK : err_failed(e->code);
}

/* Up to five fields; how many there are. */
static int cut(const char *s, size_t n, const char *field[5], size_t length[5])
{
    int fields = 0;

    for (size_t i = 0; i < n && fields < 5;) {
        while (i < n && is_gap(s[i]))
            i++;
        size_t start = i;
        while (i < n && !is_gap(s[i]))
            i++;
        if (i > start) {
            field[fields] = s + start;
            length[fields++] = i - start;
        }
    }
    return fields;
}

static Status add_question(Err *e, Questions *q, const WordSpace *s, const char *const field[4],
                           const size_t length[4])
{
    WordSection *w = &q->section[q->sections - 1];
    int64_t row[4];
    bool known = true;

    for (int i = 0; i < 4; i++)
        known &= (row[i] = space_folded(s, field[i], length[i])) >= 0;
    if (!known) {
        w->unknown++;
        return E_OK;
    }
    w->asked++;
    TRY(GROW(e, q->a, q->query, q->query_cap, q->n + 1));
    TRY(GROW(e, q->a, q->wanted, q->wanted_cap, q->n + 1));
    TRY(GROW(e, q->a, q->of, q->of_cap, q->n + 1));
    q->query[q->n] = (WordQuery){{row[1], row[2]}, row[0]};
    q->wanted[q->n] = row[3];
    q->of[q->n++] = (int64_t)q->sections - 1;
    return E_OK;
}

static Status read_questions(Err *e, Questions *q, const WordSpace *s, Bytes b)
{
    const char *at = (const char *)b.data, *end = at + b.n;

    for (int64_t line = 1; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at)), *field[5];
        size_t n = (size_t)((stop ? stop : end) - at), length[5];

        while (n && is_gap(at[n - 1]))
            n--;
        int fields = cut(at, n, field, length);
        if (n && *at == ':')
            TRY(add_section(e, q, at + 1, n - 1));
        else if (fields == 4 && q->sections)
            TRY(add_question(e, q, s, field, length));
        else if (fields)
            return line_fail(e, q, line,
                             fields == 4 ? "a question before the first section"
                                         : "the line is no question");
        at = stop ? stop + 1 : end;
    }
    return E_OK;
}

static void add_up(WordSection *to, const WordSection *from)
{
    to->right += from->right;
    to->asked += from->asked;
    to->unknown += from->unknown;
}

/* Sections "gram.." are about form, the others about meaning. */
static void sum_up(Questions *q)
{
    WordSection meaning = {"semantic", 0, 0, 0}, form = {"syntactic", 0, 0, 0};
    WordSection all = {"all", 0, 0, 0};
    size_t n = q->sections;

    for (size_t i = 0; i < n; i++) {
        add_up(strncmp(q->section[i].name, "gram", 4) ? &meaning : &form, &q->section[i]);
        add_up(&all, &q->section[i]);
    }
    if (meaning.asked + meaning.unknown && form.asked + form.unknown) {
        q->section[q->sections++] = meaning;
        q->section[q->sections++] = form;
    }
    q->section[q->sections++] = all;
}

Status words_judge_questions(Err *e, Arena *a, const WordSpace *s, const char *path, Bytes b,
                             bool by_product, WordJudged *out)
{
    Questions q = {.a = a, .path = path};

    TRY(read_questions(e, &q, s, b));
    WordScore *best = NEWS(e, a, WordScore, q.n + 1);
    if (!best)
        return err_failed(e->code);
    WordAsk ask = {q.query, (int64_t)q.n, 1, by_product, true};
    TRY(space_answer(e, a, s, &ask, best));
    for (size_t i = 0; i < q.n; i++)
        q.section[q.of[i]].right += best[i].row >= 0 && s->fold[best[i].row] == q.wanted[i];
    TRY(GROW(e, a, q.section, q.section_cap, q.sections + 3));
    sum_up(&q);
    out->analogies = true;
    out->sections = (int)q.sections;
    out->section = q.section;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
