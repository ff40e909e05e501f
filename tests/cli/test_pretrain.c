/* test_pretrain.c - engraft pretrain as a person meets it. */
#include "command.h"

TEST(cli_pretrain_words)
{
    command_text("line", "the cat sat on the mat and the dog sat on the log\n");
    Ran r = command("for i in 1 2 3 4 5 6 7 8 9; do cat line; done > text.txt; "
                    "$E pretrain text.txt -o out --width 10 --epochs 2");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.err, "117 words, 8 different, 8 of them at least 5 times (117 words)");
    CHECK_HAS(r.err, "skipgram, 10 numbers a word, window 5, 5 negatives, 2 epochs, rate 0.025");
    CHECK_HAS(r.out, "saved     out: 8 words");
    r = command("$E vectors out; cat out/pretrain.json");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "word2vec binary, 8 words, 10 numbers each\nfirst words: the sat on");
    CHECK_HAS(r.out, "\"objective\": \"skipgram\"");
    r = command("$E pretrain text.txt -o out");
    CHECK_CODE(r, 73);
    CHECK_HAS(r.err, "there are word vectors in the folder already");
    r = command("$E pretrain text.txt -o out --overwrite --objective cbow --json -q");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    CHECK_TEXT(r.err, "");
}

TEST(cli_pretrain_model)
{
    command_text("line", "the cat sat on the mat and the dog sat on the log\n\n");
    command("mkdir base");
    command_text("base/vocab.txt",
                 "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\nsat\non\nmat\nand\n"
                 "dog\nlog\n");
    command_text("base/config.json",
                 "{\"model_type\": \"bert\", \"vocab_size\": 13, \"hidden_size\": 16, "
                 "\"num_hidden_layers\": 1, \"num_attention_heads\": 2, "
                 "\"intermediate_size\": 32, \"max_position_embeddings\": 40}");
    Ran r = command("for i in 1 2 3 4 5 6 7 8 9; do cat line; done > text.txt; "
                    "$E pretrain text.txt -o out --model base --scratch --epochs 3 --length 20");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.err, "objective mlm: 15 % of the tokens, masked; rows of 20 tokens");
    CHECK_HAS(r.err, "UTF-8, 9 documents, 126 tokens");
    CHECK_HAS(r.err, "rows      6 to learn from, 1 held out");
    CHECK_HAS(r.out, "perplexity  ");
    CHECK_HAS(r.out, "saved       out  (loaded afresh: loss within 0.0e+00)");
    r = command("$E pretrain text.txt -o more --model out --length 20 --valid-share 0");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "nothing was held out");
    r = command("$E pretrain text.txt -o more --model out --length 20 --overwrite --json -q");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    CHECK_TEXT(r.err, "");
    r = command("$E pretrain text.txt -o out --model base --scratch");
    CHECK_CODE(r, 73);
    CHECK_HAS(r.err, "finished run");
}

TEST(cli_pretrain_mistakes_are_named)
{
    command_text("text.txt", "the cat sat\n");
    Ran r = command("$E pretrain text.txt");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "where does what is learned go?");
    r = command("$E pretrain text.txt -o out --objective skip");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "one of skipgram, cbow, lm, mlm");
    r = command("$E pretrain text.txt -o out --objective lm");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "the objective lm needs a model to begin with");
    r = command("$E pretrain text.txt -o out --length 8");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "--length has no meaning for the objective skipgram");
    r = command("$E pretrain text.txt -o out --model base --window 8");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "--window has no meaning for the objective of a model");
    r = command("$E pretrain text.txt -o out");
    CHECK_CODE(r, 65);
    CHECK_HAS(r.err, "--min-count 1 keeps all");
    r = command("$E pretrain nowhere.txt -o out");
    CHECK_CODE(r, 66);
    CHECK_HAS(r.err, "nowhere.txt");
}

/* SPDX-License-Identifier: MIT */
