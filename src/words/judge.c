/* judge.c - a file that tables of word vectors are judged by: questions or pairs, by what it holds. */
#include "train/train.h"
#include "words/words.h"

#include <string.h>

#define FILE_MAX ((size_t)256 << 20)

static bool holds_questions(Bytes b)
{
    size_t i = 0;

    while (i < b.n && memchr(" \t\r\n", b.data[i], 4))
        i++;
    return i < b.n && b.data[i] == ':';
}

static Status judge_pairs(Err *e, Arena *a, const WordSpace *s, const char *path, WordJudged *out)
{
    WordPairs p;

    TRY(words_pairs(e, a, s, path, &p));
    TRY(metric_spearman(e, a, p.ours, p.people, p.n, &out->spearman));
    Interval i = interval_correlation(out->spearman, p.n);
    out->pairs = p.n;
    out->unknown = p.unknown;
    out->low = i.low;
    out->high = i.high;
    out->tag = p.tag;
    return E_OK;
}

static Status judge(Err *e, Arena *a, Arena *scratch, const WordSpace *s, const char *path,
                    bool by_product, WordJudged *out)
{
    Bytes b;

    TRY(file_read_all(e, scratch, path, FILE_MAX, &b));
    if (holds_questions(b))
        return words_judge_questions(e, a, s, path, b, by_product, out);
    return judge_pairs(e, a, s, path, out);
}

Status words_judge(Err *e, Arena *a, const WordSpace *s, const char *path, bool by_product,
                   WordJudged *out)
{
    double began = clock_seconds();
    Arena *scratch = arena_child(e, a);

    if (!scratch)
        return err_failed(e->code);
    *out = (WordJudged){.name = path_base(path)};
    Status status = judge(e, a, scratch, s, path, by_product, out);
    arena_free(scratch);
    out->seconds = clock_seconds() - began;
    return status;
}

/* SPDX-License-Identifier: MIT */
