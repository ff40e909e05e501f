/* test_cli.c - the command as a person meets it: help, mistakes, exit codes, JSON, streams that are closed. */
#include "command.h"
#include "golden_case.h"
#include "task/tiny_pictures.h"

#include <stdio.h>
#include <string.h>

static const char *const verbs[] = {
#define VERB(name) #name,
#include "cli/verbs.def"
#undef VERB
};

/* study_data_size -> study data-size */
static const char *spoken(const char *name, char out[60])
{
    int n = 0;

    (void)snprintf(out, 60, "%s", name);
    for (char *c = out; *c; c++)
        if (*c == '_')
            *c = n++ ? '-' : ' ';
    return out;
}

static void check_screen(const char *text, int lines, size_t columns)
{
    int n = 0;

    for (const char *at = text; *at; n++) {
        size_t width = strcspn(at, "\n");

        CHECK(width <= columns && at[width] == '\n');
        at += width + 1;
    }
    CHECK(n <= lines && n > 4);
}

TEST(cli_help_lists_every_verb)
{
    Ran r = command("$E --help");

    CHECK_CODE(r, 0);
    CHECK_TEXT(r.err, "");
    check_screen(r.out, 24, 100);
    for (size_t i = 0; i < LEN(verbs); i++) {
        char line[80], verb[60];

        (void)snprintf(line, sizeof line, "\n  engraft %.*s ", (int)strcspn(verbs[i], "_"),
                       verbs[i]);
        CHECK_HAS(r.out, line);
        if (strchr(spoken(verbs[i], verb), ' '))
            CHECK_HAS(r.out, strchr(verb, ' '));
    }
    CHECK_TEXT(command("$E -h").out, r.out);
    Ran bare = command("$E");
    CHECK_CODE(bare, 2);
    Ran version = command("$E --version");
    CHECK_CODE(version, 0);
    CHECK_HAS(version.out, "engraft ");
}

TEST(cli_help_of_a_verb_fits_a_screen)
{
    for (size_t i = 0; i < LEN(verbs); i++) {
        char first[80], verb[60];
        Ran r = command("$E %s -h", spoken(verbs[i], verb)), all = command("$E %s --help", verb);

        (void)snprintf(first, sizeof first, "engraft %s ", verb);
        CHECK_CODE(r, 0);
        CHECK_CODE(all, 0);
        CHECK(strncmp(r.out, first, strlen(first)) == 0);
        check_screen(r.out, 30, 100);
        check_screen(all.out, 60, 100);
        CHECK_HAS(all.out, "--threads N");
    }
}

TEST(cli_mistakes_are_named)
{
    static const struct {
        const char *line, *message, *hint;
    } wrong[] = {
        {"trian x.csv", "no verb \"trian\"", "Did you mean train?"},
        {"xyzzy", "no verb \"xyzzy\"", "engraft --help"},
        {"train x.csv --eopchs 3", "no flag --eopchs", "Did you mean --epochs?"},
        {"train x.csv --batch=3", "no flag --batch=3", "Did you mean --batch-size?"},
        {"info --jsn", "no flag --jsn", "Did you mean --json?"},
        {"info -x", "no flag -x", "engraft info --help"},
        {"train x.csv --epochs many", "--epochs cannot be many", "a whole number"},
        {"train x.csv --epochs -3", "--epochs cannot be -3", "0 or more"},
        {"train x.csv --lr nan", "--lr cannot be nan", "a number"},
        {"train x.csv --resume=yes", "--resume takes no value", ""},
        {"train x.csv -o", "-o wants a value", "DIR"},
        {"train", "train takes DATA", "example"},
        {"train a.csv b.csv", "and nothing more", "example"},
        {"train a.csv --task guess", "", "classify or regression"},
        {"merge adapter", "where does the merged model go?", "-o DIR"},
        {"info --isa mmx x", "no instruction set \"mmx\"", "avx2"},
    };

    for (size_t i = 0; i < LEN(wrong); i++) {
        Ran r = command("$E %s", wrong[i].line);

        CHECK_CODE(r, 2);
        CHECK_TEXT(r.out, "");
        CHECK(strncmp(r.err, "error: ", 7) == 0 || strstr(r.err, "\nerror: "));
        CHECK_HAS(r.err, wrong[i].message);
        CHECK_HAS(r.err, wrong[i].hint);
    }
}

TEST(cli_absent_files_and_models)
{
    Ran r = command("$E info nowhere/model.safetensors");

    CHECK_CODE(r, 66);
    CHECK_HAS(r.err, "nowhere/model.safetensors");
    r = command("$E info all-MiniLM-L6-v2");
    CHECK_CODE(r, 66);
    CHECK_HAS(r.err, "/.cache/engraft/models");
    CHECK_HAS(r.err, "engraft pull all-MiniLM-L6-v2");
    r = command("env -u HOME $E info all-MiniLM-L6-v2");
    CHECK_CODE(r, 66);
    CHECK_HAS(r.err, "engraft pull all-MiniLM-L6-v2");
    r = command("$E merge nowhere/adapter -o out");
    CHECK_CODE(r, 66);
    CHECK_HAS(r.err, "nowhere/adapter");
}

/* After -- a word that begins with a dash is a file. */
TEST(cli_dashes_end_the_flags)
{
    command_text("--json", "not a model");
    CHECK_CODE(command("$E info -- --json"), 65);
    CHECK_HAS(command("$E info -- --json").err, "--json");
    CHECK_CODE(command("$E info --"), 2);
    CHECK_CODE(command("$E info -- -x"), 66);
}

TEST(cli_info_of_a_model)
{
    Golden g = golden_open("bert_sequence_classification");
    Ran r = command("$E info model");

    CHECK(g.model != NULL);
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "bert.encoder.layer.0.attention.self.query.weight");
    CHECK_HAS(r.out, "safetensors, ");
    r = command("$E info --json model model/model.safetensors");
    CHECK_CODE(r, 0);
    check_json(r.out, 2);
    CHECK_HAS(r.out, "\"name\":\"classifier.weight\",\"dtype\":\"F32\",\"shape\":[");
}

/* A file's names and metadata are shown, but steer no terminal. */
TEST(cli_info_of_a_hostile_file)
{
    static const char header[] =
        "{\"__metadata__\":{\"key\\u001b[2J\":\"value\\u001b]0;title\\u0007 \\u00e9\\nend\"},"
        "\"name\\u009b31m\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    char file[8 + sizeof header - 1 + 4] = {(char)(sizeof header - 1)};

    _Static_assert(sizeof header - 1 < 256, "its length is one byte of eight");
    memcpy(file + 8, header, sizeof header - 1);
    command_file("hostile.safetensors", file, sizeof file);
    Ran r = command("$E info hostile.safetensors");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "name\\xc2\\x9b31m       F32");
    CHECK_HAS(r.out, "key\\x1b[2J: value\\x1b]0;title\\x07 \xc3\xa9\\x0aend\n");
    CHECK(!strchr(r.out, 0x1b));
    r = command("$E info --json hostile.safetensors");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    CHECK_HAS(r.out, "\"name\":\"name\\u009b31m\"");
    CHECK_HAS(r.out, "title\\u0007 \xc3\xa9\\u000aend\"");
}

/* A closed or full stdout is an error, and no file that is opened takes its place. */
TEST(cli_closed_streams)
{
    Golden g = golden_open("peft_bert_lora");

    CHECK(golden_adapter(&g) != NULL);
    Ran r = command("$E info model >&-");
    CHECK_CODE(r, 74);
    CHECK_HAS(r.err, "the output could not be written");
    CHECK_CODE(command("$E info model >/dev/full"), 74);
    CHECK_CODE(command("$E info --json model model model >/dev/full"), 74);
    CHECK_CODE(command("$E --help >/dev/full"), 74);
    CHECK_CODE(command("$E info model 2>&- <&-"), 0);
    CHECK_CODE(command("$E merge adapter --base model -o out <&- >&- 2>&-"), 74);
    Ran info = command("$E info out");
    CHECK_CODE(info, 0);
    CHECK_HAS(info.out, "safetensors, ");
}

TEST(cli_merge)
{
    Golden g = golden_open("peft_bert_lora");

    CHECK(golden_adapter(&g) != NULL);
    Ran r = command("$E merge adapter -o out");
    CHECK_CODE(r, 66);
    CHECK_HAS(r.err, "--base MODEL");
    r = command("$E merge adapter --base model -o out");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "6 layers merged");
    CHECK_HAS(r.err, "no tokenizer");
    CHECK_HAS(command("cat out/README.md").out, "base_model: \"model\"");
    r = command("$E merge adapter --base model -o out");
    CHECK_CODE(r, 73);
    CHECK_HAS(r.err, "already there");
    r = command("printf '[PAD] [UNK] [CLS] [SEP] [MASK]' | tr ' ' '\\n' > model/vocab.txt; $E "
                "merge adapter --base model -o two --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    CHECK_HAS(r.out, "\"layers\":6,\"compared\":\"logits\"");
    CHECK_CODE(command("cmp two/vocab.txt model/vocab.txt"), 0);
}

/* One model learned, then every way to use it; each answer is JSON where that is asked for. */
TEST(cli_learn_and_use)
{
    Tiny t;

    tiny_make(&t, 1);
    Ran r = command("$E plan data.csv --model base --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    r = command("$E train data.csv --model base -o out --epochs 1 --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    CHECK_HAS(r.out, "\"chosen\":true");
    CHECK_HAS(r.out, "\"valid_loss\":0.");
    r = command("$E eval out out/engraft/test.csv --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    r = command("$E predict out \"the plum is here\" --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    CHECK_HAS(r.out, "\"text\":\"the plum is here\",\"label\":\"");
    r = command("printf '{\"text\":\"a tram\"}\\n{\"text\":\"fog\"}\\n' | $E predict out --jsonl");
    CHECK_CODE(r, 0);
    check_json(r.out, 2);
    r = command("$E predict out data.csv -o scored.csv --json && head -2 scored.csv");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "{\"output\":\"scored.csv\",\"rows\":120}\n");
    CHECK_HAS(r.out, "number,text,label,");
    r = command("printf 'a tram\\nfog\\n' | $E embed base --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 2);
    r = command("$E embed base data.csv -o vectors.csv --text text && wc -l < vectors.csv");
    CHECK_CODE(r, 0);
    r = command("$E explain base --json");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "]\n");
}

/* Texts longer than the name of a file, where no header says what they are. */
TEST(cli_learn_from_long_texts)
{
    Tiny t;

    tiny_make(&t, 1);
    Ran r =
        command("sed 1d data.csv | awk -F'\"' '{ s = $2; while (length(s) < 5000) s = s \" \" $2; "
                "print s \"\\t\" substr($3, 2) }' > long.tsv && "
                "$E train long.tsv --model base -o out --no-tuning --no-baselines --json");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "\"chosen\":true");
}

/* One picture: valgrind emulates each fused multiply-add in software, and a network on pictures has many. */
TEST(cli_embed_a_picture)
{
    Tiny t;

    tiny_pictures_make(&t, 1);
    Ran r = command("$E embed network pictures/dots/00.jpg -o vectors.safetensors && $E info "
                    "vectors.safetensors");
    CHECK_CODE(r, 0);
}

/* The same with pictures: a folder of class folders. */
TEST(cli_pictures_learn_and_use)
{
    Tiny t;

    tiny_pictures_make(&t, 1);
    Ran r = command("$E plan pictures --model network --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    CHECK_HAS(r.out, "\"size\":32");
    r = command("$E train pictures/ --model network --epochs 1 --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    CHECK_HAS(r.out, "\"output\":\"pictures-model\"");
    CHECK_HAS(r.err, "folders are classes");
    r = command("$E eval pictures-model pictures --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    r = command("$E predict pictures-model pictures/dots/00.jpg pictures/rings");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "00.jpg  ");
    CHECK_HAS(r.out, "15.jpg  ");
    r = command("$E predict pictures-model pictures/dots/00.jpg pictures/rings --json");
    CHECK_CODE(r, 0);
    check_json(r.out, 1 + TINY_EACH);
    CHECK_HAS(r.out, "{\"sample\":\"00.jpg\",\"label\":\"");
    r = command("printf '{\"picture\":\"pictures/dots/00.jpg\"}\\n' | $E predict pictures-model "
                "--jsonl");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    r = command("$E predict pictures-model pictures -o s.csv && head -1 s.csv");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "picture,label,probability\n");
    r = command("$E embed pictures-model pictures -o vectors.csv && wc -l < vectors.csv");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "48");
    CHECK_CODE(command("$E explain network"), 0);
    CHECK_CODE(command("$E explain resnet18"), 0); /* known by name, without a file */
    CHECK_CODE(command("$E explain resnet5"), 66);
    /* as `pull` brings many: a folder with nothing but the file */
    r = command("mkdir lone && cp network/model.safetensors lone/it.safetensors && $E info lone");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "resnet20");
}

TEST(cli_pictures_mistakes_are_named)
{
    Tiny t;

    tiny_pictures_make(&t, 1);
    Ran r = command("$E train pictures --model network --augment spin");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "crop, flip, flip-down, jitter");
    r = command("$E train pictures --model network --augment none --views 3");
    CHECK_CODE(r, 2);
    r = command("$E train pictures --model network --views 3");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "frozen");
    r = command("$E train pictures --model network --on-bad ignore");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "fail or skip");
    r = command("$E train pictures");
    CHECK_CODE(r, 66);
    CHECK_HAS(r.err, "efficientnet");
    r = command("mkdir none && $E train none --model network");
    CHECK(r.code == 65 || r.code == 66);
    r = command("$E train pictures --model network -o out --no-tuning && $E predict out gone.jpg");
    CHECK_CODE(r, 66);
    CHECK_HAS(r.err, "gone.jpg");
    r = command("echo no > pictures/dots/no.png; $E train pictures --model network -o other");
    CHECK_CODE(r, 65);
    CHECK_HAS(r.err, "dots/no.png");
    r = command("$E train pictures --model network -o other --no-tuning --on-bad skip");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.err, "dots/no.png");
}

TEST(cli_study_data_size)
{
    Tiny t;

    tiny_make(&t, 1);
    Ran r = command("$E study data-size data.csv --model base --labels 20 --scratch 20,all "
                    "--epochs 1 --updates 4 --seeds 1 -o out");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "from scratch it takes");
    r = command("$E study data-size data.csv --model base --labels 20 --scratch 20,all "
                "--epochs 1 --updates 4 --seeds 1 -o out --resume --json -q");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    r = command("$E study");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "error: which study?\n  engraft study transferability  DATA");
    r = command("$E study datasize data.csv");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "there is no study \"datasize\"");
    CHECK_CODE(command("$E study --help"), 0);
    CHECK_HAS(command("$E study data-size --help").out, "engraft study data-size DATA\n");
}

TEST(cli_compare)
{
    Tiny t;

    tiny_make(&t, 1);
    Ran r = command("$E compare data.csv --model base --methods bitfit,head --epochs 1 --seeds 2");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.err, "seed 1  accuracy");
    CHECK_HAS(r.out, "against bitfit, 95 %");
    CHECK_HAS(r.out, "saved   data-compare/bitfit, head: the first seed's models");
    r = command("$E compare data.csv --model base --methods bitfit,head --epochs 1 --seeds 2");
    CHECK_CODE(r, 73);
    CHECK_HAS(r.err, "--resume goes on with it");
    r = command("$E compare data.csv --model base --methods bitfit,head --epochs 1 --seeds 2 "
                "--resume --json -q");
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    CHECK_HAS(r.out, "\"rows\":[{\"method\":\"frozen features + linear head\",\"folder\":null");
    CHECK_CODE(command("$E predict data-compare/head \"the plum is here\""), 0);
    r = command("$E compare data.csv --model base --methods bitfit,glue");
    CHECK_CODE(r, 2);
    CHECK_HAS(r.err, "glue");
}

/* SPDX-License-Identifier: MIT */
