/* test_fail.c - EG_FAIL in the command: each system call of a kind fails in turn.  The command ends with a message and
 * a proper exit code, gives everything back, and what it says when it succeeds is what it always says.  A sample of the
 * calls; `for n in ..` in a shell tries them all. */
#include "command.h"
#include "task/tiny.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"alloc", "map",  "open",  "read",   "write",  "fstat",
                                    "stat",  "sync", "space", "rename", "unlink", "mkdir",
                                    "rmdir", "lock", "list",  "next"};

typedef struct Torture {
    const char *line; /* the command; what it writes is out */
    int tries;        /* of a kind at most, spread over its calls */
    bool same;        /* success means the same output, byte for byte */
} Torture;

/* "note: EG_FAIL met 12 calls, 0 things are not given back" */
static int64_t met(const Ran *r)
{
    const char *at = strstr(r->err, "EG_FAIL met ");

    CHECK(at != NULL);
    CHECK_HAS(at, ", 0 things are not given back");
    return strtoll(at + 12, NULL, 10);
}

static bool proper(int code)
{
    static const int codes[] = {0, 65, 66, 69, 70, 73, 74, 75};

    for (size_t i = 0; i < LEN(codes); i++)
        if (codes[i] == code)
            return true;
    return false;
}

static Ran run(const Torture *t, const char *kind, int64_t n, bool for_ever)
{
    (void)command("rm -rf out");
    return command("EG_FAIL=%s:%lld%s %s", kind, (long long)n, for_ever ? "+" : "", t->line);
}

static void fail_one(const Torture *t, const char *kind, int64_t n, bool for_ever)
{
    Ran r = run(t, kind, n, for_ever);

    if (!proper(r.code) || (r.code && !strstr(r.err, "error: ")))
        fprintf(stderr, "EG_FAIL=%s:%lld%s ended with %d\n%s", kind, (long long)n,
                for_ever ? "+" : "", r.code, r.err);
    CHECK(proper(r.code));
    CHECK(!r.code || strstr(r.err, "error: "));
    (void)met(&r);
    if (!r.code && t->same) {
        Ran other = command("cmp out expected");

        if (other.code)
            fprintf(stderr, "EG_FAIL=%s:%lld succeeds with another result\n", kind, (long long)n);
        CHECK_CODE(other, 0);
    }
}

static void torture(const Torture *t)
{
    (void)command("rm -rf out; %s", t->line);
    CHECK_CODE(command("test -d out || cp out expected"), 0);
    for (size_t k = 0; k < LEN(kinds); k++) {
        Ran r = run(t, kinds[k], 0, false);
        int64_t calls = met(&r);
        int tries = calls < t->tries ? (int)calls : t->tries;

        CHECK_CODE(r, 0);
        for (int i = 0; i < tries; i++)
            fail_one(t, kinds[k], 1 + (2 * i + 1) * calls / (2 * tries + 1), i % 2);
    }
}

TEST(cli_fail_info)
{
    Tiny t;

    tiny_make(&t, 1);
    torture(&(Torture){"$E info base > out", 8, true});
}

TEST(cli_fail_embed)
{
    Tiny t;

    tiny_make(&t, 1);
    torture(&(Torture){"$E embed base data.csv --text text -o out.csv && mv out.csv out", 6, true});
}

/* A stat that fails must not turn a file that may be absent into one that is. */
TEST(cli_fail_embed_finds_its_settings)
{
    Torture t = {"$E embed model data.csv --text text -o out.csv && mv out.csv out", 0, true};
    Tiny tiny;

    tiny_make(&tiny, 1);
    CHECK_CODE(command("cp -r base model && mkdir -p model/1_Pooling && "
                       "echo '{\"pooling_mode_cls_token\": true}' > model/1_Pooling/config.json && "
                       "echo '{\"max_seq_length\": 5}' > model/sentence_bert_config.json && "
                       "%s && cp out expected",
                       t.line),
               0);
    Ran r = run(&t, "stat", 0, false);
    for (int64_t n = met(&r); n > 0; n--)
        fail_one(&t, "stat", n, false);
}

TEST(cli_fail_train)
{
    Tiny t;

    tiny_make(&t, 1);
    torture(&(Torture){"$E train data.csv --model base -o out --epochs 1 -q", 1, false});
}

/* A run that failed goes on to the bits it would have had. */
TEST(cli_fail_train_keeps_checkpoints)
{
    static const struct {
        const char *kind;
        int n;
    } some[] = {{"alloc", 90}, {"alloc", 150}, {"open", 40}, {"open", 62},
                {"read", 20},  {"write", 12},  {"sync", 20}, {"rename", 14}};
    static const char bits[] = "grep -o 'weights_fnv1a\": *\"[0-9a-f]*'";
    Tiny t;

    tiny_make(&t, 1);
#define RUN "$E train data.csv --model base --epochs 3 --patience 0 -q "
    CHECK_CODE(command(RUN "-o whole && %s whole/engraft/run.json > expected", bits), 0);
    for (size_t k = 0; k < LEN(some); k++) {
        Ran r = command("rm -rf out; EG_FAIL=%s:%d " RUN "-o out", some[k].kind, some[k].n);

        CHECK(r.code == 70 || r.code == 74);
        r = command(RUN "-o out --resume");
        CHECK(r.code == 0 || strstr(r.err, "finished"));
        CHECK_CODE(command("%s out/engraft/run.json | cmp - expected", bits), 0);
    }
#undef RUN
}

/* The tuned model takes the first answer's place: cut off at any call, the folder holds one of the two. */
TEST(cli_fail_train_leaves_a_model)
{
    static const char *const kind[] = {"rename", "unlink", "rmdir", "mkdir", "sync", "write"};
    static const char run[] = "$E train data.csv --model base --epochs 1 --valid-share 0 "
                              "-o out --overwrite";
    Tiny t;
    int kept = 0;

    tiny_make(&t, 1);
    Ran r = command("%s", run);
    CHECK_CODE(r, 0);
    CHECK(!strstr(r.out, "did not win"));
    CHECK_CODE(command("ls out | grep -E '^(modules|1_Pooling|2_|sentence)'"), 1); /* the first's */
    for (size_t k = 0; k < LEN(kind); k++) {
        int64_t calls = (r = command("rm -rf out; EG_FAIL=%s:0 %s", kind[k], run), met(&r));
        int64_t each = 1 + calls / 60;

        for (int64_t n = 1; n <= calls; n += each) {
            (void)command("rm -rf out; EG_FAIL=%s:%lld+ %s", kind[k], (long long)n, run);
            if (command("test -f out/engraft/run.json").code)
                continue;
            kept++;
            r = command("$E predict out data.csv -o scored.csv");
            if (r.code)
                fprintf(stderr, "EG_FAIL=%s:%lld+\n", kind[k], (long long)n);
            CHECK_CODE(r, 0);
        }
    }
    CHECK(kept > 20);
}

TEST(cli_fail_wants_a_kind_and_a_number)
{
    static const char *const wrong[] = {"x",      "read",    "read:",
                                        "read:x", "read:-1", "read:1++",
                                        ":1",     "readd:1", "read:99999999999999999999"};

    for (size_t i = 0; i < LEN(wrong); i++) {
        Ran r = command("EG_FAIL=%s $E info x", wrong[i]);

        CHECK_CODE(r, 2);
        CHECK_HAS(r.err, "this names no failure");
        CHECK_HAS(r.err, "alloc");
    }
    CHECK_CODE(command("EG_FAIL= $E info nowhere"), 66);
}

/* SPDX-License-Identifier: MIT */
