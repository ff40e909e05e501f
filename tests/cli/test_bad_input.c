/* test_bad_input.c - tables as people have them, and computers as they are: each gets a message, nothing is lost. */
#include "command.h"
#include "task/tiny.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LONG_RUN                                                                                   \
    "$E train data.csv --model base -o %s --epochs 9000 --patience 0 & p=$!; "                     \
    "until ls %s/model.safetensors; do sleep 0.02; done; sleep 0.1; "
#define TRAIN "$E train %s --model base -o out --epochs 1 --no-tuning"

static const char *const word[3][4] = {{"apple", "pear", "plum", "fig"},
                                       {"train", "bus", "tram", "bike"},
                                       {"rain", "snow", "hail", "fog"}};
static const char *const filler[] = {"the", "a", "is", "was", "very", "not", "so", "here"};
static const char *const label[3] = {"fruit", "traffic", "weather"};

typedef struct Text {
    size_t n;
    char s[20000];
} Text;

static void add(Text *t, const char *fmt, ...) PRINTF(2, 3);
static void add(Text *t, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    t->n += (size_t)vsnprintf(t->s + t->n, sizeof t->s - t->n, fmt, args);
    va_end(args);
    CHECK(t->n < sizeof t->s);
}

/* Six words, none of which is a separator. */
static void add_sentence(Text *t, int i)
{
    add(t, "%s %s %s %s %s %s", filler[i % 8], word[i % 3][i % 4], filler[i / 8 % 8],
        filler[(i + 3) % 8], word[i % 3][i / 4 % 4], filler[i * 5 % 8]);
}

static Text table(char sep, int rows)
{
    Text t = {0};

    add(&t, "text%clabel\n", sep);
    for (int i = 0; i < rows; i++) {
        add_sentence(&t, i);
        add(&t, "%c%s\n", sep, label[i % 3]);
    }
    return t;
}

static void put(const char *name, const Text *t)
{
    command_file(name, t->s, t->n);
}

static void make_model(void)
{
    Tiny t;

    tiny_make(&t, 1);
}

static void check_learns(const char *file, const char *said)
{
    Ran r = command(TRAIN " --overwrite", file);

    CHECK_CODE(r, 0);
    CHECK_HAS(r.err, said);
    CHECK_HAS(r.err, "classify: 3 classes in \"label\"");
}

TEST(cli_bad_input_separators)
{
    Text semicolon = table(';', 60), tab = table('\t', 60);

    make_model();
    put("semicolon.csv", &semicolon);
    put("tab.csv", &tab);
    check_learns("semicolon.csv", ";");
    check_learns("tab.csv", "TSV");
}

TEST(cli_bad_input_encodings)
{
    Text t = table(',', 60), bom = {0}, wide = {0}, western = {0};

    make_model();
    add(&bom, "\xef\xbb\xbf%s", t.s);
    put("bom.csv", &bom);
    check_learns("bom.csv", "UTF-8");
    wide.s[wide.n++] = (char)0xff;
    wide.s[wide.n++] = (char)0xfe;
    for (size_t i = 0; i < t.n; i++, wide.n += 2)
        wide.s[wide.n] = t.s[i];
    put("wide.csv", &wide);
    check_learns("wide.csv", "UTF-16");
    add(&western, "%s", t.s);
    add(&western, "the caf\xe9 was \x93here\x94,fruit\nna\xefve rain,weather\n");
    put("western.csv", &western);
    check_learns("western.csv", "Windows-1252");
}

TEST(cli_bad_input_other_formats)
{
    static const struct {
        const char *file, *name, *hint;
    } other[] = {{"book.xlsx", "Excel workbook", "CSV"},
                 {"named.csv", "Excel workbook", "CSV"},
                 {"data.parquet", "Parquet", "csv"},
                 {"empty.csv", "the file is empty", "empty.csv"},
                 {"header_only.csv", "a header and no rows", "header_only.csv"},
                 {"row_long.csv", "the row has 3 columns", "--on-bad skip"}};

    make_model();
    CHECK_CODE(command("ln -s \"$OLDPWD/tests/hostile/table\" given"), 0);
    for (size_t i = 0; i < LEN(other); i++) {
        char path[100];

        (void)snprintf(path, sizeof path, "given/%s", other[i].file);
        Ran r = command(TRAIN, path);
        CHECK_CODE(r, 65);
        CHECK_HAS(r.err, other[i].name);
        CHECK_HAS(r.err, other[i].hint);
        CHECK_CODE(command("test ! -e out"), 0); /* nothing is begun */
    }
}

/* An id is never taken for the text, however long it is, nor for the label. */
TEST(cli_bad_input_ids)
{
    Text t = {0};

    make_model();
    add(&t, "uuid,note,label,serial\n");
    for (int i = 0; i < 60; i++) {
        add(&t, "%08x-9a1c-4b7e-8d21-%012x,", (unsigned)i * 2654435761U, (unsigned)i * 40503U);
        add_sentence(&t, i);
        add(&t, ",%s,SN-%06d\n", label[i % 3], 1000 + i);
    }
    put("ids.csv", &t);
    check_learns("ids.csv", "\"note\"");
    Ran r = command(TRAIN " --overwrite --text uuid", "ids.csv");
    CHECK_CODE(r, 65);
    CHECK_HAS(r.err, "column \"uuid\" is no text");
}

TEST(cli_bad_input_label_nearly_unique)
{
    Text t = {0};

    make_model();
    add(&t, "text,name,mood\n");
    for (int i = 0; i < 60; i++) {
        add_sentence(&t, i);
        add(&t, ",person %d,%s\n", i < 3 ? 0 : i, label[i % 3]);
    }
    put("people.csv", &t);
    Ran r = command(TRAIN " --label name", "people.csv");
    CHECK_CODE(r, 65);
    CHECK_HAS(r.err, "column \"name\" cannot be the label: nearly every value is different");
    CHECK_HAS(r.err, "\"mood\"");
}

TEST(cli_bad_input_stars)
{
    Text t = {0};

    make_model();
    add(&t, "review,stars\n");
    for (int i = 0; i < 75; i++) {
        add_sentence(&t, i);
        add(&t, ",%d\n", 1 + i % 5);
    }
    put("stars.csv", &t);
    Ran r = command(TRAIN, "stars.csv");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.err, "classify: 5 classes in \"stars\"");
    CHECK_HAS(r.err, "--task regression");
    r = command(TRAIN " --overwrite --task regression", "stars.csv");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.err, "regression");
}

TEST(cli_bad_input_rare_classes)
{
    Text t = table(',', 60), rare = table(',', 12);

    make_model();
    put("train.csv", &t);
    add(&rare, "the moon is here now,space\nvery not so here the star,space\n");
    put("test.csv", &rare);
    Ran r = command(TRAIN " --test test.csv", "train.csv");
    CHECK_CODE(r, 65);
    CHECK_HAS(r.err, "label \"space\" is none that the model knows");
    CHECK_HAS(r.err, "test.csv:14");
    CHECK_HAS(r.err, "train.csv has no row of that label to learn from");
    add(&t, "the moon is here now,space\n");
    put("one.csv", &t);
    r = command(TRAIN " --overwrite", "one.csv");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.err, "class \"space\" has one example");
}

TEST(cli_bad_input_folder_in_use)
{
    Text t = table(',', 60);
    Err err = {0};
    char host[100] = "", line[200];

    make_model();
    put("data.csv", &t);
    CHECK_CODE(command(TRAIN, "data.csv"), 0);
    Ran r = command(TRAIN, "data.csv");
    CHECK_CODE(r, 73);
    CHECK_HAS(r.err, "holds a finished run");
    CHECK_HAS(r.err, "--overwrite");
    const char *out = path_join(&err, test_arena(), test_folder(), "out");
    CHECK_OK(dir_lock(&err, test_arena(), out));
    r = command(TRAIN " --overwrite", "data.csv");
    CHECK_CODE(r, 73);
    CHECK(gethostname(host, sizeof host - 1) == 0);
    (void)snprintf(line, sizeof line, "%d", (int)getpid());
    CHECK_HAS(r.err, "another run is working in");
    CHECK_HAS(r.err, host);
    CHECK_HAS(r.err, line);
    CHECK_CODE(command("test -s out/model.safetensors"), 0);
    r = command("mkdir mine && touch mine/letter.txt && $E train data.csv --model base -o mine");
    CHECK_CODE(r, 73);
    CHECK_HAS(r.err, "holds other things");
}

/* One Ctrl-C keeps the best so far and says how to go on; a second one leaves at once; --resume then ends it. */
TEST(cli_bad_input_interrupted)
{
    Text t = table(',', 60);

    make_model();
    put("data.csv", &t);
    Ran r = command(LONG_RUN "kill -INT $p; wait $p", "out", "out");
    CHECK_CODE(r, 75);
    CHECK_HAS(r.err, "the best so far is kept");
    CHECK_HAS(r.err, "--resume");
    CHECK_CODE(command("$E predict out 'a plum'"), 0);
    r = command(LONG_RUN "kill -INT $p; kill -INT $p; wait $p", "two", "two");
    CHECK_CODE(r, 75);
    CHECK_CODE(command("$E predict two 'a plum'"), 0);
    r = command("$E train data.csv --model base -o two --epochs 9000 --patience 0 --resume & p=$!; "
                "sleep 0.3; kill -TERM $p; wait $p");
    CHECK_CODE(r, 75);
}

/* A small file system of our own, which ends with the shell. */
static Ran in_small_disk(const char *options, const char *script)
{
    if (command("mkdir -p disk; unshare -m mount -t tmpfs none disk").code)
        test_skip("no file system can be mounted here");
    return command("unshare -m sh -c 'mount -t tmpfs -o %s none disk && %s'", options, script);
}

TEST(cli_bad_input_full_disk)
{
    Text t = table(',', 60);

    make_model();
    put("data.csv", &t);
    Ran r = in_small_disk("size=20k", "$E train data.csv --model base -o disk/out --epochs 1;"
                                      "code=$?; ls -A disk/out; exit $code");
    CHECK_CODE(r, 74);
    CHECK_HAS(r.err, "No space left on device");
    CHECK_TEXT(r.out, ".lock\nengraft\n"); /* no half of a file */
}

TEST(cli_bad_input_read_only)
{
    Text t = table(',', 60);

    make_model();
    put("data.csv", &t);
    Ran r = in_small_disk("ro", "$E train data.csv --model base -o disk/out --epochs 1");
    CHECK_CODE(r, 74);
    CHECK_HAS(r.err, "disk/out");
    CHECK_HAS(r.err, "Read-only file system");
}

/* SPDX-License-Identifier: MIT */
