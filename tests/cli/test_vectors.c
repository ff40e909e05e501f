/* test_vectors.c - engraft vectors as a person meets it. */
#include "command.h"

#define TABLE "one 1 0 0.5\ntwo 0.9 0.1 0.5\nthree 0.8 0.3 0.5\nking 0 1 -1\nqueen 0 1 1\n"

TEST(cli_vectors_of_a_table)
{
    command_text("glove.txt", TABLE);
    Ran r = command("$E vectors glove.txt");
    CHECK_CODE(r, 0);
    CHECK_TEXT(r.out, "GloVe text, 5 words, 3 numbers each\n"
                      "first words: one two three king queen\n");
    r = command("$E vectors glove.txt --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    r = command("$E vectors glove.txt --similar one -k 2");
    CHECK_CODE(r, 0);
    CHECK_TEXT(r.out, "two                      0.9944\nthree                    0.9487\n");
    r = command("$E vectors glove.txt --similar one three --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 2);
    CHECK_HAS(r.out, "{\"similar\":[\"one\"],\"nearest\":[{\"word\":\"two\",\"score\":0.99");
    r = command("$E vectors glove.txt --analogy two one king -k 1 --mul --json");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "{\"analogy\":[\"two\",\"one\",\"king\"],\"nearest\":[{\"word\":\"");
}

TEST(cli_vectors_scores_files)
{
    command_text("glove.txt", TABLE);
    command_text("questions.txt",
                 ": numbers\none two king queen\ntwo one queen king\none four two king\n");
    command_text("pairs.csv",
                 "word1,word2,score\none,two,9\none,queen,2\nking,queen,5\nking,knight,8\n");
    Ran r = command("$E vectors glove.txt --eval questions.txt pairs.csv");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "numbers                             1 of      2   50.0 %   1 left out");
    CHECK_HAS(r.out, "pairs.csv                      Spearman 0.5");
    CHECK_HAS(r.out, "3 pairs   1 left out");
    r = command("$E vectors glove.txt --eval questions.txt pairs.csv --json -q");
    CHECK_CODE(r, 0);
    check_json(r.out, 2);
    CHECK_TEXT(r.err, "");
}

TEST(cli_vectors_mistakes_are_named)
{
    static const struct {
        const char *line;
        int code;
        const char *message;
    } wrong[] = {
        {"glove.txt king", 2, "--similar, --analogy or --eval says so"},
        {"glove.txt --similar", 2, "near which word?"},
        {"glove.txt --analogy king", 2, "an analogy takes three words"},
        {"glove.txt --eval", 2, "scored by which file?"},
        {"glove.txt --similar one --eval x", 2, "three questions"},
        {"glove.txt --similar one -k 1001", 2, "at most 1000"},
        {"glove.txt --similar quen", 66, "Did you mean \"queen\"?"},
        {"nowhere.txt", 66, "nowhere.txt"},
        {"glove.txt --eval nowhere.csv", 66, "nowhere.csv"},
        {"short.txt", 65, "line 2"},
    };

    command_text("glove.txt", TABLE);
    command_text("short.txt", "one 1 2 3\ntwo 1 2\n");
    for (size_t i = 0; i < LEN(wrong); i++) {
        Ran r = command("$E vectors %s", wrong[i].line);

        CHECK_CODE(r, wrong[i].code);
        CHECK_TEXT(r.out, "");
        CHECK_HAS(r.err, "error: ");
        CHECK_HAS(r.err, wrong[i].message);
    }
}

/* SPDX-License-Identifier: MIT */
