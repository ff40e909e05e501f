/* tiny.c - makes the small model and table, from numbers of our own. */
#include "tiny.h"

#include <string.h>

#include "models/models.h"

static const char *const special[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
static const char *const topic[3][6] = {
    {"apple", "pear", "plum", "grape", "fig", "melon"},
    {"train", "bus", "tram", "ferry", "plane", "bike"},
    {"rain", "snow", "hail", "fog", "storm", "frost"},
};
static const char *const filler[] = {"the", "a",  "is",   "was", "very",
                                     "not", "so", "here", "now", "again"};

char *tiny_path(const Tiny *t, const char *name)
{
    Err err = {0};

    return path_join(&err, t->a, t->folder, name);
}

static Writer *open_file(const Tiny *t, const char *folder, const char *name)
{
    Err err = {0};
    Writer *w;

    CHECK_OK(dir_make(&err, sys_real(), folder));
    CHECK_OK(writer_open(&err, t->a, path_join(&err, t->a, folder, name), &w));
    return w;
}

static void make_vocab(Tiny *t)
{
    Err err = {0};
    Writer *w = open_file(t, t->model, "vocab.txt");

    for (size_t i = 0; i < LEN(special); i++)
        CHECK_OK(writer_printf(&err, w, "%s\n", special[i]));
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 6; i++)
            CHECK_OK(writer_printf(&err, w, "%s\n", topic[k][i]));
    for (size_t i = 0; i < LEN(filler); i++)
        CHECK_OK(writer_printf(&err, w, "%s\n", filler[i]));
    CHECK_OK(writer_commit(&err, w));
    w = open_file(t, t->model, "tokenizer_config.json");
    CHECK_OK(writer_printf(&err, w,
                           "{\"do_lower_case\": true, \"tokenizer_class\": \"BertTokenizer\"}\n"));
    CHECK_OK(writer_commit(&err, w));
}

#define ENCODER                                                                                    \
    "\"hidden_size\": 16, \"num_hidden_layers\": 2, \"num_attention_heads\": 2, "                  \
    "\"intermediate_size\": 32, \"hidden_act\": \"gelu\", \"layer_norm_eps\": 1e-12, "             \
    "\"hidden_dropout_prob\": 0.1, \"attention_probs_dropout_prob\": 0.1"
static const char bert[] =
    "{" ENCODER ", \"model_type\": \"bert\", \"architectures\": [\"BertModel\"], "
    "\"vocab_size\": 33, \"max_position_embeddings\": 32, \"type_vocab_size\": 2, "
    "\"pad_token_id\": 0}\n";
static const char roberta[] =
    "{" ENCODER ", \"model_type\": \"roberta\", \"architectures\": [\"RobertaModel\"], "
    "\"vocab_size\": 321, \"max_position_embeddings\": 98, \"type_vocab_size\": 1, "
    "\"pad_token_id\": 1}\n";
static const char gpt2[] =
    "{\"model_type\": \"gpt2\", \"architectures\": [\"GPT2LMHeadModel\"], \"n_embd\": 16, "
    "\"n_layer\": 2, \"n_head\": 2, \"n_positions\": 32, \"vocab_size\": 33, "
    "\"eos_token_id\": 3}\n";

static void make_model(Tiny *t, const char *config, HeadKind head)
{
    Err err = {0};
    ModelOptions o = {.head = head, .scratch = true};
    ModelShape shape = {.sequences = 2, .tokens = 8};
    Writer *w = open_file(t, t->model, "config.json");
    ModelOutputs out;
    Model *m;
    int made;

    CHECK_OK(writer_put(&err, w, config, strlen(config)));
    CHECK_OK(writer_commit(&err, w));
    w = open_file(t, t->model, "README.md");
    CHECK_OK(writer_printf(&err, w, "---\nlanguage: en\nlicense: mit\n---\n"));
    CHECK_OK(writer_commit(&err, w));
    CHECK_OK(model_open(&err, t->a, t->model, &o, &m));
    Graph *g = graph_new(&err, t->a, MODE_EVAL);
    Params *p = params_new(&err, t->a);
    CHECK_OK(model_build(&err, m, g, NULL, &shape, &out));
    CHECK_OK(params_init_missing(&err, p, g, 11, &made));
    CHECK(made > 25);
    for (int i = 0; i < params_count(p);
         i++) { /* larger than N(0, 0.02): that the network says something */
        Param *x = params_at(p, i);

        if (strstr(x->name, "embeddings.weight") || strstr(x->name, "wte."))
            for (int64_t k = 0; k < shape_size(&x->shape); k++)
                x->data[k] *= 20;
    }
    CHECK_OK(model_save(&err, t->a, m, p, t->model));
}

/* A row: five fillers and one or two words of its topic; every seventh says nothing of its class. */
static void make_data(Tiny *t)
{
    Err err = {0};
    Writer *w = open_file(t, t->folder, "data.csv");

    CHECK_OK(writer_printf(&err, w, "number,text,label\n"));
    for (uint64_t i = 0; i < 120; i++) {
        int k = (int)(i % 3), said = i % 7 == 3 ? (k + 1) % 3 : k;

        CHECK_OK(writer_printf(&err, w, "x%llu,\"", (unsigned long long)i));
        for (uint64_t j = 0; j < 4 + i % 5; j++)
            CHECK_OK(writer_printf(&err, w, "%s ", filler[(size_t)(random_uniform(1, i, j) * 10)]));
        CHECK_OK(writer_printf(&err, w, "%s, %s\",%s\n",
                               topic[said][(size_t)(random_uniform(2, i, 0) * 6)], filler[i % 10],
                               k == 0   ? "fruit"
                               : k == 1 ? "traffic"
                                        : "weather"));
    }
    CHECK_OK(writer_commit(&err, w));
}

static void on_event(void *arg, const Event *event)
{
    Tiny *t = arg;

    t->said += event->kind == EVENT_SAY;
    t->warned += event->kind == EVENT_WARN;
    t->heard += event->kind == EVENT_SAY && t->listen && strstr(event->text, t->listen);
    if (t->stop_at && event->kind == EVENT_STEP && event->lr > 0 && event->step == t->stop_at)
        t->stop = 1;
}

void tiny_open(Tiny *t, int threads)
{
    Err err = {0};

    *t = (Tiny){.a = test_arena(), .folder = test_folder()};
    CHECK_OK(pool_new(&err, t->a, threads, &t->c.pool));
    t->c.sys = sys_real();
    t->c.isa = isa_best();
    t->c.events = (Events){on_event, t, &t->stop};
    t->model = tiny_path(t, "base");
}

static void make(Tiny *t, int threads, const char *config, HeadKind head)
{
    tiny_open(t, threads);
    t->data = tiny_path(t, "data.csv");
    make_vocab(t);
    make_model(t, config, head);
    make_data(t);
}

void tiny_make_roberta(Tiny *t, int threads)
{
    static const char *const files[] = {"vocab.json", "merges.txt"};
    Err err = {0};
    Bytes b;

    tiny_open(t, threads);
    t->data = tiny_path(t, "data.csv");
    for (size_t i = 0; i < LEN(files); i++) {
        const char *from =
            path_join(&err, t->a, "tests/golden/tokenizers/bpe-folder-bare", files[i]);
        Writer *w = open_file(t, t->model, files[i]);

        CHECK_OK(file_read_all(&err, t->a, from, 1 << 20, &b));
        CHECK_OK(writer_put(&err, w, b.data, b.n));
        CHECK_OK(writer_commit(&err, w));
    }
    make_model(t, roberta, HEAD_NONE);
    make_data(t);
}

void tiny_make(Tiny *t, int threads)
{
    make(t, threads, bert, HEAD_NONE);
}

void tiny_make_gpt2(Tiny *t, int threads)
{
    make(t, threads, gpt2, HEAD_CAUSAL);
}

TrainOptions tiny_options(const Tiny *t, const char *output)
{
    return (TrainOptions){.data = t->data,
                          .model = t->model,
                          .output = tiny_path(t, output),
                          .epochs = 3,
                          .batch = 8,
                          .lr = 3e-3,
                          .patience = -1,
                          .seed = 5};
}

const char *tiny_text(const Tiny *t, const char *name)
{
    Err err = {0};
    Bytes b;

    CHECK_OK(file_read_all(&err, t->a, tiny_path(t, name), 1 << 20, &b));
    return (const char *)b.data;
}

const char *tiny_hash(const Tiny *t, const char *folder, const char *name)
{
    Err err = {0};
    char hex[65] = "";
    const char *path = path_join(&err, t->a, tiny_path(t, folder), name);

    if (sha256_file(&err, t->a, path, hex))
        return "";
    return arena_strndup(&err, t->a, hex, 64);
}

/* SPDX-License-Identifier: MIT */
