/* test_words.c - neighbours, analogies and scores against gensim's (tools/golden/vectors.py), and on the released GloVe
 * table against its published counts. */
#include "formats/tsv.h"
#include "test.h"
#include "words/words.h"

#include <math.h>
#include <stdlib.h>

#define GOLDEN "tests/golden/vectors/"

static Err err;

static WordSpace *open_space(const char *path, int threads, Isa isa)
{
    Arena *a = test_arena();
    Vectors *v = NULL;
    WordSpace *s = NULL;
    Pool *pool = NULL;

    CHECK_OK(vectors_open(&err, a, path, &v));
    CHECK_OK(pool_new(&err, a, threads, &pool));
    CHECK_OK(space_open(&err, a, v, pool, isa, &s));
    return s;
}

static int64_t row_of(const WordSpace *s, const char *word)
{
    int64_t row = -1;

    CHECK_OK(space_word(&err, s, word, &row));
    return row;
}

static void check_next(const WordSpace *s, const WordScore *w, const Tsv *t)
{
    CHECK_TEXT(space_vectors(s)->word[w->row], t->field[2]);
    CHECK_NEAR(w->score, strtod(t->field[3], NULL), 2e-6);
}

static void check_nearest(const WordSpace *s, Tsv *t, WordQuery q, bool by_product)
{
    WordScore best[3];
    WordAsk ask = {&q, 1, 3, by_product, false};

    CHECK_OK(space_answer(&err, test_arena(), s, &ask, best));
    for (int i = 0; i < 3; i++) {
        check_next(s, &best[i], t);
        CHECK(tsv_next(t));
    }
}

TEST(words_answers_are_gensims)
{
    WordSpace *s = open_space(GOLDEN "word2vec.bin", 2, isa_best());
    WordJudged j, csv;
    int seen = 0;
    Bytes b;

    CHECK_OK(words_judge(&err, test_arena(), s, GOLDEN "questions.txt", false, &j));
    CHECK_OK(words_judge(&err, test_arena(), s, GOLDEN "pairs.csv", false, &csv));
    CHECK_OK(file_read_all(&err, test_arena(), GOLDEN "expected.tsv", 1 << 16, &b));
    Tsv t = {.at = arena_printf(&err, test_arena(), "%.*send\n", (int)b.n, (const char *)b.data)};
    tsv_next(&t);
    while (strcmp(t.field[0], "end") != 0) {
        if (!strcmp(t.field[0], "section")) {
            const WordSection *w = &j.section[seen + 2 * (seen == 3)]; /* the sums come between */
            CHECK_TEXT(w->name, seen < 3 ? t.field[1] : "all");
            CHECK_INT(w->right, strtol(t.field[2], NULL, 10));
            CHECK_INT(w->asked, strtol(t.field[3], NULL, 10));
            seen++;
            tsv_next(&t);
        } else if (!strcmp(t.field[0], "spearman")) {
            CHECK_NEAR(csv.spearman, strtod(t.field[1], NULL), 1e-6);
            CHECK_INT(csv.pairs + csv.unknown, strtol(t.field[2], NULL, 10));
            CHECK_INT(csv.unknown, strtol(t.field[3], NULL, 10));
            tsv_next(&t);
        } else if (!strcmp(t.field[0], "similar")) {
            check_nearest(s, &t, (WordQuery){{row_of(s, t.field[1]), -1}, -1}, false);
        } else {
            WordQuery q = {{row_of(s, "king"), row_of(s, "woman")}, row_of(s, "man")};
            check_nearest(s, &t, q, !strcmp(t.field[0], "mul"));
        }
    }
    CHECK_INT(seen, 4);
    CHECK_INT(j.section[0].unknown, 1);
    CHECK_INT(j.sections, 6);
}

TEST(words_unknown_words_are_named)
{
    WordSpace *s = open_space(GOLDEN "word2vec.bin", 1, isa_best());
    int64_t row;

    CHECK_INT(row_of(s, "KING"), row_of(s, "king"));
    CHECK(row_of(s, "Great") != row_of(s, "great"));
    CHECK_INT(row_of(s, "CAF\xc3\x89"), 20);
    CHECK_INT(space_word(&err, s, "womann", &row), E_NOINPUT);
    CHECK_HAS(err.text, "no word \"womann\"");
    CHECK_HAS(err.text, "Did you mean \"woman\"?");
}

static Status judge_text(const WordSpace *s, const char *name, const char *text, WordJudged *j)
{
    Arena *a = test_arena();
    const char *path = path_join(&err, a, test_folder(), name);
    Writer *w;

    CHECK_OK(writer_open(&err, a, path, &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
    return words_judge(&err, a, s, path, false, j);
}

TEST(words_files_of_pairs)
{
    WordSpace *s = open_space(GOLDEN "word2vec.bin", 1, isa_best());
    WordJudged j;

    CHECK_OK(
        judge_text(s, "men", "king-n queen-n 50.0\nman-n woman-n 40.5\nwalk-v walking-v 3\n", &j));
    CHECK_INT(j.pairs, 3);
    CHECK_TEXT(j.tag, "-n");
    CHECK_OK(judge_text(s, "simlex.txt",
                        "word1\tword2\tPOS\tSimLex999\tconc\nking\tqueen\tN\t1.5\t2\n"
                        "man\twoman\tN\t3.5\t1\nwalk\trome\tV\t0.5\t9\n",
                        &j));
    CHECK_INT(j.pairs, 3);
    CHECK(!j.tag);
    CHECK_OK(judge_text(
        s, "empty.csv",
        ",word1,word2,similarity\n0,king,queen,7\n1,,,\n2,man,rome,3\n3,oslo,paris,1\n", &j));
    CHECK_INT(j.pairs, 2);
    CHECK_INT(j.unknown, 1);
}

TEST(words_bad_files_are_named)
{
    WordSpace *s = open_space(GOLDEN "word2vec.bin", 1, isa_best());
    static const struct {
        const char *text, *message, *place;
    } bad[] = {
        {": a\nking queen man\n", "the line is no question", "line 2"},
        {": a\nking queen man woman rome\n", "the line is no question", "line 2"},
        {"word1,word2\nking,queen\nman,woman\n", "no pairs of words with a score", "bad"},
        {"word1,word2,score\nking,queen,1\nman,woman,x\nwalk,rome,2\n",
         "the row is no pair of words with a score", "line 3"},
        {"word1,word2,score\nking,,1\nman,woman,3\nwalk,rome,2\n",
         "the row is no pair of words with a score", "line 2"},
        {"king queen 1\nman woman\n", "not as many words as the first one", "line 2"},
    };
    WordJudged j;

    for (size_t i = 0; i < LEN(bad); i++) {
        CHECK_INT(judge_text(s, "bad", bad[i].text, &j), E_DATA);
        CHECK_HAS(err.text, bad[i].message);
        CHECK_HAS(err.text, bad[i].place);
    }
    CHECK_INT(words_judge(&err, test_arena(), s, "nowhere.txt", false, &j), E_NOINPUT);
}

/* The counts that the table's README gives, and the same bits from any number of threads and instruction set. */
TEST(words_glove_on_its_sets)
{
    const char *table =
        arena_printf(&err, test_arena(), "%s",
                     test_shared("data/models/glove-6b-50d-trimmed/glove.6B.50d.trimmed.txt"));
    static const struct {
        const char *file;
        double spearman;
    } sets[] = {
        {"wordsim353-sim", 0.573}, {"wordsim353-rel", 0.466}, {"simlex999", 0.201}, {"men", 0.652}};
    double first[LEN(sets)];
    WordJudged j;

    for (int threads = 1; threads <= 2; threads++) {
        WordSpace *s = open_space(table, threads, threads > 1 ? isa_best() : ISA_AVX2);

        CHECK_OK(words_judge(&err, test_arena(), s,
                             test_shared("data/text/word-eval/questions-words.txt"), false, &j));
        CHECK_INT(j.section[j.sections - 1].right, 9493);
        CHECK_INT(j.section[j.sections - 1].asked, 19544);
        for (size_t i = 0; i < LEN(sets); i++) {
            const char *name =
                arena_printf(&err, test_arena(), "data/text/word-eval/%s.csv", sets[i].file);
            CHECK_OK(words_judge(&err, test_arena(), s, test_shared(name), false, &j));
            CHECK_NEAR(j.spearman, sets[i].spearman, 6e-4);
            CHECK(threads == 1 || j.spearman == first[i]);
            first[i] = j.spearman;
        }
    }
}

/* SPDX-License-Identifier: MIT */
