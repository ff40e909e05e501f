/* vectors.c - engraft vectors: what a table of word vectors holds, what is near a word, analogies, and how well the
 * table does on the sets that such tables are judged by. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>

enum { NEAREST = 10, NEAREST_MOST = 1000 };

typedef struct Options {
    bool similar, analogy, eval, mul;
    int64_t nearest;
} Options;

static const Flag flags[] = {
    FLAG(Options, "similar", 0, FLAG_BOOL, similar, NULL, "the words nearest to each WORD"),
    FLAG(Options, "analogy", 0, FLAG_BOOL, analogy, NULL, "three WORDs A B C: near A - B + C"),
    FLAG(Options, "eval", 0, FLAG_BOOL, eval, NULL,
         "score FILEs: questions-words.txt, or two words and a score a row"),
    FLAG(Options, "nearest", 'k', FLAG_INT, nearest, "N", "how many words to show (10)"),
    FLAG(Options, "mul", 0, FLAG_BOOL, mul, NULL, "analogies by 3CosMul, not 3CosAdd"),
};

static void print_words(const char *key, const char *const *asked, int n, const eg_word *w,
                        int found, bool json)
{
    if (json)
        printf("{\"%s\":[", key);
    for (int i = 0; i < n && json; i++) {
        printf(i ? "," : "");
        print_json_text(asked[i]);
    }
    printf(json ? "],\"nearest\":[" : "");
    for (int i = 0; i < found; i++) {
        if (json) {
            printf("%s{\"word\":", i ? "," : "");
            print_json_text(w[i].word);
            print_json_number("score", (double)w[i].score);
            putchar('}');
            continue;
        }
        int pad = 24 - print_shown_text(w[i].word, 200);
        printf("%*s %.4f\n", pad > 0 ? pad : 0, "", (double)w[i].score);
    }
    if (json)
        puts("]}");
}

static int similar(eg_vectors *v, const Common *common, const Options *o, const char *const *words,
                   int n)
{
    eg_word w[NEAREST_MOST];
    int found;

    for (int i = 0; i < n; i++) {
        int code = eg_vectors_similar(v, words[i], (int)o->nearest, w, &found);

        if (code)
            return code;
        if (n > 1 && !common->json) {
            printf("%s", i ? "\n" : "");
            print_shown_text(words[i], 200);
            puts(":");
        }
        print_words("similar", &words[i], 1, w, found, common->json);
    }
    return E_OK;
}

static int analogy(eg_vectors *v, const Common *common, const Options *o, const char *const *words)
{
    eg_word w[NEAREST_MOST];
    int found, code = eg_vectors_analogy(v, words, o->mul, (int)o->nearest, w, &found);

    if (!code)
        print_words("analogy", words, 3, w, found, common->json);
    return code;
}

static void print_sections(const eg_words_judged *j)
{
    for (int i = 0; i < j->sections; i++) {
        const eg_words_section *s = &j->section[i];
        int pad = 30 - print_shown_text(s->name, 60);

        printf("%*s %6" PRId64 " of %6" PRId64 "  %5.1f %%", pad > 0 ? pad : 0, "", s->right,
               s->asked, s->asked ? 100.0 * (double)s->right / (double)s->asked : 0.0);
        if (s->unknown)
            printf("   %" PRId64 " left out: a word is not in the table", s->unknown);
        putchar('\n');
    }
}

static void print_judged(const eg_words_judged *j)
{
    if (j->analogies)
        print_sections(j);
    else {
        int pad = 30 - print_shown_text(j->name, 60);

        printf("%*s Spearman %.4f  [%.3f, %.3f]  %" PRId64 " pairs", pad > 0 ? pad : 0, "",
               j->spearman, j->low, j->high, j->pairs);
        if (j->unknown)
            printf("   %" PRId64 " left out: a word is not in the table", j->unknown);
        if (j->tag)
            printf("   (tags like \"%s\" cut off)", j->tag);
        putchar('\n');
    }
}

static void print_judged_json(const eg_words_judged *j)
{
    printf("{\"file\":");
    print_json_text(j->name);
    if (j->analogies) {
        printf(",\"sections\":[");
        for (int i = 0; i < j->sections; i++) {
            printf("%s{\"name\":", i ? "," : "");
            print_json_text(j->section[i].name);
            printf(",\"right\":%" PRId64 ",\"asked\":%" PRId64 ",\"unknown\":%" PRId64 "}",
                   j->section[i].right, j->section[i].asked, j->section[i].unknown);
        }
        putchar(']');
    } else {
        print_json_number("spearman", j->spearman);
        print_json_number("low", j->low);
        print_json_number("high", j->high);
        printf(",\"pairs\":%" PRId64 ",\"unknown\":%" PRId64, j->pairs, j->unknown);
    }
    print_json_number("seconds", j->seconds);
    puts("}");
}

static int eval(eg_vectors *v, const Common *common, const Options *o, const char *const *files,
                int n)
{
    eg_words_judged j;

    for (int i = 0; i < n; i++) {
        int code = eg_vectors_judge(v, files[i], o->mul, &j);

        if (code)
            return code;
        if (common->json)
            print_judged_json(&j);
        else
            print_judged(&j);
        if (!common->quiet)
            fprintf(stderr, "%s: %.2f s\n", j.name, j.seconds);
    }
    return E_OK;
}

static int about(const eg_vectors *v, const Common *common)
{
    eg_vectors_info info;

    eg_vectors_about(v, &info);
    if (common->json) {
        printf("{\"file\":");
        print_json_text(info.file);
        printf(",\"format\":\"%s\",\"words\":%" PRId64 ",\"width\":%" PRId64
               ",\"duplicates\":%" PRId64 "}\n",
               info.form, info.words, info.width, info.duplicates);
        return E_OK;
    }
    printf("%s, %" PRId64 " words, %" PRId64 " numbers each\n", info.form, info.words, info.width);
    if (info.duplicates)
        printf("%" PRId64 " rows left out: their words stood before\n", info.duplicates);
    printf("first words:");
    for (int64_t i = 0; i < info.words && i < NEAREST; i++) {
        putchar(' ');
        print_shown_text(eg_vectors_word(v, i), 40);
    }
    putchar('\n');
    return E_OK;
}

static int wrong_use(const char *what, const char *example)
{
    fprintf(stderr, "error: %s\n  example   engraft vectors %s\n", what, example);
    return E_USAGE;
}

static int check_use(Options *o, int n)
{
    if (o->similar + o->analogy + o->eval > 1)
        return wrong_use("--similar, --analogy and --eval are three questions",
                         "glove.txt --similar king");
    if (o->similar && n < 1)
        return wrong_use("near which word?", "glove.txt --similar king");
    if (o->analogy && n != 3)
        return wrong_use("an analogy takes three words", "glove.txt --analogy king man woman");
    if (o->eval && n < 1)
        return wrong_use("scored by which file?",
                         "glove.txt --eval questions-words.txt simlex999.csv");
    if (!(o->similar || o->analogy || o->eval) && n)
        return wrong_use("what about these words? --similar, --analogy or --eval says so",
                         "glove.txt --similar king");
    if (o->nearest > NEAREST_MOST)
        return wrong_use("at most 1000 words are shown", "glove.txt --similar king -k 1000");
    o->nearest = o->nearest ? o->nearest : NEAREST;
    return E_OK;
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    Options o = *(const Options *)options;
    eg_vectors *v;
    int code = check_use(&o, n - 1);

    if (!code)
        code = eg_vectors_open(ctx, words[0], &v);
    if (code)
        return code;
    if (o.similar)
        return similar(v, common, &o, words + 1, n - 1);
    if (o.analogy)
        return analogy(v, common, &o, words + 1);
    if (o.eval)
        return eval(v, common, &o, words + 1, n - 1);
    return about(v, common);
}

const Verb verb_vectors = {
    .name = "vectors",
    .summary = "word vectors: neighbours, analogies, scores on known sets",
    .arguments = "TABLE [WORD|FILE ...]",
    .example = "engraft vectors glove.txt --analogy king man woman",
    .arguments_min = 1,
    .arguments_max = -1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(Options),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
