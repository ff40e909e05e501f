/* test_faults.c - memory and reads that fail at any point of reading a tokenizer or a table: an error with
 * its words, and nothing held afterwards. */
#include "base/sys.h"
#include "data/data.h"
#include "picture_tree.h"
#include "test.h"
#include "text/text.h"

typedef Status (*Scenario)(Err *e, Arena *a);

static Status use_tokenizer(Err *e, Arena *a)
{
    Tokenizer *t;
    Tokens x = {0};

    TRY(tokenizer_open(e, a, "tests/golden/tokenizers/tiny-uncased.json", &t));
    TRY(tokenizer_encode(e, a, t, "the players, unbelievable", 25, "a", 1, 8, &x));
    return tokenizer_decode(e, a, t, x.id, x.n, true) ? E_OK : err_failed(e->code);
}

static Status use_vocab(Err *e, Arena *a)
{
    Tokenizer *t;

    return tokenizer_open(e, a, "tests/hostile/tokenizer/good.txt", &t);
}

static Status use_bytes(Err *e, Arena *a, const char *path)
{
    static const char text[] =
        "the unbelievable\xff <mask>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    Tokenizer *t;
    Tokens x = {0};

    TRY(tokenizer_open(e, a, path, &t));
    TRY(tokenizer_encode(e, a, t, text, sizeof text - 1, "a", 1, 32, &x));
    return tokenizer_decode(e, a, t, x.id, x.n, true) ? E_OK : err_failed(e->code);
}

static Status use_bpe(Err *e, Arena *a)
{
    return use_bytes(e, a, "tests/golden/tokenizers/bpe-roberta-prefix.json");
}

static Status use_bpe_folder(Err *e, Arena *a)
{
    return use_bytes(e, a, "tests/golden/tokenizers/bpe-folder-roberta");
}

static Status use_table(Err *e, Arena *a, const char *path)
{
    Table *t;
    Schema s;
    Labels l;
    uint8_t *part;
    int64_t duplicates;
    float *numbers;

    TRY(table_open(e, a, path, TABLE_FAIL, &t));
    TRY(table_schema(e, a, t, NULL, NULL, NULL, true, &s));
    TRY(table_labels(e, a, t, s.label, NULL, &l));
    TRY(table_split(e, a, t, &s, &l, 0.2, 0.1, 1, &part, &duplicates));
    return s.regression ? table_numbers(e, a, t, s.label, &numbers) : E_OK;
}

static Status use_csv(Err *e, Arena *a)
{
    return use_table(e, a, "tests/hostile/table/good.csv");
}

static Status use_jsonl(Err *e, Arena *a)
{
    return use_table(e, a, "tests/golden/tables/good.jsonl");
}

static Status use_utf16(Err *e, Arena *a)
{
    return use_table(e, a, "tests/golden/tables/scores.utf16.csv");
}

static const char *picture_path; /* of the sets below */

static Status use_pictures(Err *e, Arena *a)
{
    PictureOptions o = {.want_label = true};
    PictureSet s;
    Picture p;

    TRY(pictureset_open(e, a, picture_path, &o, &s));
    TRY(pictureset_split(e, a, &s, 0.3, 0.1, 1, NULL));
    TRY(pictureset_limit(e, a, &s, 1, 1));
    return pictureset_load(e, a, &s, 0, &p);
}

static void fail_each(Scenario scenario, SysCall kind, bool for_ever)
{
    int64_t k = 1;

    for (;; k++) {
        SysFaults f = {.kind = kind, .at = k, .for_ever = for_ever};
        Err err = {0};

        sys_faulty(&f, sys_real());
        Arena *a = arena_new(&err, &f.sys);
        Status status = a ? scenario(&err, a) : err.code;
        arena_free(a);
        CHECK_INT(f.held, 0);
        if (f.calls < k) {
            CHECK_OK(status);
            break;
        }
        CHECK(status == E_OK || err.used > 0);
        /* what cannot be looked at is not taken for absent */
        CHECK(status != E_OK || (kind != SYS_ALLOC && kind != SYS_STAT));
    }
    CHECK(k > 2);
}

TEST(data_faults_in_tokenizers)
{
    fail_each(use_tokenizer, SYS_ALLOC, false);
    fail_each(use_tokenizer, SYS_ANY, true);
    fail_each(use_vocab, SYS_ALLOC, true);
    fail_each(use_vocab, SYS_ANY, false);
    fail_each(use_bpe, SYS_ALLOC, false);
    fail_each(use_bpe, SYS_ANY, true);
    fail_each(use_bpe_folder, SYS_ALLOC, true);
    fail_each(use_bpe_folder, SYS_ANY, false);
}

TEST(data_faults_in_tables)
{
    fail_each(use_csv, SYS_ALLOC, false);
    fail_each(use_csv, SYS_ANY, true);
    fail_each(use_jsonl, SYS_ALLOC, false);
    fail_each(use_jsonl, SYS_ANY, false);
    fail_each(use_utf16, SYS_ALLOC, true);
}

TEST(data_faults_in_pictures)
{
    tree_make("p/train/a/1.png p/train/b/2.png p/train/b/x.txt p/test/a/3.png q/1.png q/2.png");
    tree_write("q/labels.csv", "file_name,label\n1.png,a\n2.png,b\n");
    tree_write("list", "q/1.png 0\nq/2.png 1\n");
    picture_path = tree_path("p");
    fail_each(use_pictures, SYS_ALLOC, false);
    fail_each(use_pictures, SYS_ANY, true);
    fail_each(use_pictures, SYS_STAT, false);
    picture_path = tree_path("q");
    fail_each(use_pictures, SYS_STAT, false);
    fail_each(use_pictures, SYS_ALLOC, true);
    fail_each(use_pictures, SYS_ANY, false);
    picture_path = tree_path("list");
    fail_each(use_pictures, SYS_ALLOC, false);
    fail_each(use_pictures, SYS_ANY, false);
}

/* SPDX-License-Identifier: MIT */
