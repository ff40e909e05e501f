/* test_run_files.c - golden cases of the reference implementations through `engraft run`: outputs, loss, every
 * gradient, training; under each instruction set that this processor has. */
#include "base/sys.h"
#include "golden_case.h"
#include "task/run_files.h"
#include "test.h"

#include <string.h>

static void run(const Golden *g, RunFilesOptions o, RunFilesReport *report)
{
    Err err;
    Pool *pool;

    o.folder = g->model;
    CHECK_OK(pool_new(&err, g->a, 2, &pool));
    CHECK_OK(run_files(&err, g->a, pool, &o, report));
}

static const Json *load(const Golden *g, const char *name)
{
    Err err;
    Config c;

    CHECK_OK(config_open(&err, g->a, golden_file(g, name), &c));
    return c.json;
}

/* Outputs, loss and gradients of a case, under each ISA. */
static void check_mode(const Golden *g, const char *adapter,
                       const char *(*rename)(Arena *a, const char *name), bool train)
{
    const Json *grads = load(g, "grads.json");

    for (Isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        RunFilesReport report;
        RunFilesOptions o = {.inputs = golden_file(g, "inputs.safetensors"),
                             .outputs = golden_temp(g, "out.safetensors"),
                             .grads = golden_temp(g, "grads.safetensors"),
                             .adapter = adapter,
                             .isa = isa};

        o.train = train;
        run(g, o, &report);
        golden_check_outputs(g, o.outputs);
        golden_check_norms(g, grads, "gradient of ", o.grads, rename, NULL);
        CHECK_INT(report.grads, (int64_t)json_count(grads));
    }
}

static void check_case(const Golden *g, const char *adapter,
                       const char *(*rename)(Arena *a, const char *name))
{
    check_mode(g, adapter, rename, false);
}

TEST(task_run_files_bert_pretraining)
{
    Golden g = golden_open("bert_pretraining");

    check_case(&g, NULL, NULL);
}

TEST(task_run_files_bert_sequence_classification)
{
    Golden g = golden_open("bert_sequence_classification");

    check_case(&g, NULL, NULL);
}

TEST(task_run_files_bert_token_classification)
{
    Golden g = golden_open("bert_token_classification");

    check_case(&g, NULL, NULL);
}

TEST(task_run_files_bert_question_answering)
{
    Golden g = golden_open("bert_question_answering");

    check_case(&g, NULL, NULL);
}

TEST(task_run_files_distilbert_sequence_classification)
{
    Golden g = golden_open("distilbert_sequence_classification");

    check_case(&g, NULL, NULL);
}

TEST(task_run_files_roberta_token_classification)
{
    Golden g = golden_open("roberta_token_classification");

    check_case(&g, NULL, NULL);
}

TEST(task_run_files_gpt2_lm)
{
    Golden g = golden_open("gpt2_lm");

    check_case(&g, NULL, NULL);
}

TEST(task_run_files_gpt2_sequence_classification)
{
    Golden g = golden_open("gpt2_sequence_classification");

    check_case(&g, NULL, NULL);
}

/* Of pictures, in evaluation and in training, which here differ in nothing. */
TEST(task_run_files_vit)
{
    Golden g = golden_open("vit");

    check_mode(&g, NULL, NULL, false);
    check_mode(&g, NULL, NULL, true);
}

/* "...lora_A.default.weight" -> "...lora_A.weight"; "...modules_to_save.default..." -> without */
static const char *on_disk(Arena *a, const char *name)
{
    if (strcmp(name, "prompt_encoder.default.embedding.weight") == 0)
        return "prompt_embeddings";

    static const char *const part[] = {".modules_to_save.default", "_vector.default.weight",
                                       ".default"};
    static const char *const by[] = {"", "_vector", ""};
    Err err;

    for (size_t i = 0; i < LEN(part); i++) {
        const char *at = strstr(name, part[i]);

        if (at)
            return arena_printf(&err, a, "%.*s%s%s", (int)(at - name), name, by[i],
                                at + strlen(part[i]));
    }
    return name;
}

TEST(task_run_files_peft_bert_lora)
{
    Golden g = golden_open("peft_bert_lora");

    check_case(&g, golden_adapter(&g), on_disk);
}

TEST(task_run_files_peft_bert_lora_all_biases)
{
    Golden g = golden_open("peft_bert_lora_all");

    check_case(&g, golden_adapter(&g), on_disk);
}

TEST(task_run_files_peft_bert_lora_own_biases)
{
    Golden g = golden_open("peft_bert_lora_only");

    check_case(&g, golden_adapter(&g), on_disk);
}

TEST(task_run_files_hub_bert_pfeiffer)
{
    Golden g = golden_open("hub_bert_pfeiffer");

    check_case(&g, golden_adapter(&g), NULL);
}

TEST(task_run_files_hub_bert_houlsby)
{
    Golden g = golden_open("hub_bert_houlsby");

    check_case(&g, golden_adapter(&g), NULL);
}

TEST(task_run_files_hub_gpt2_pfeiffer)
{
    Golden g = golden_open("hub_gpt2_pfeiffer");

    check_case(&g, golden_adapter(&g), NULL);
}

TEST(task_run_files_peft_bert_dora)
{
    Golden g = golden_open("peft_bert_dora");

    check_case(&g, golden_adapter(&g), on_disk);
}

TEST(task_run_files_peft_bert_prompt)
{
    Golden g = golden_open("peft_bert_prompt");

    check_case(&g, golden_adapter(&g), on_disk);
}

TEST(task_run_files_peft_bert_prefix)
{
    Golden g = golden_open("peft_bert_prefix");

    check_case(&g, golden_adapter(&g), on_disk);
}

TEST(task_run_files_peft_bert_ia3)
{
    Golden g = golden_open("peft_bert_ia3");

    check_case(&g, golden_adapter(&g), on_disk);
}

TEST(task_run_files_peft_gpt2_lora)
{
    Golden g = golden_open("peft_gpt2_lora");

    check_case(&g, golden_adapter(&g), on_disk);
}

/* A tied tensor has two names in the reference's list. */
static const char *untie(Arena *a, const char *name)
{
    (void)a;
    return strcmp(name, "lm_head.weight") == 0 ? "transformer.wte.weight" : name;
}

/* Twenty updates of a case, under each ISA. */
static void check_training(const char *name, const char *optim)
{
    Golden g = golden_open(name);
    const Json *curve = load(&g, "curve.json");

    for (Isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        RunFilesReport report;
        RunFilesOptions o = {.steps = golden_file(&g, "inputs.safetensors"),
                             .outputs = golden_temp(&g, "out.safetensors"),
                             .optim = optim,
                             .n = 20,
                             .isa = isa};

        run(&g, o, &report);
        CHECK_INT(report.updates, 20);
        golden_check_outputs(&g, o.outputs);
        golden_check_norms(&g, json_member(curve, "final"), "final ", o.outputs, untie,
                           json_member(curve, "final_not_compared"));
    }
}

TEST(task_run_files_train_bert_adamw)
{
    check_training("train_bert_adamw", "adamw:lr=1e-3,wd=0.01,clip=1.0,schedule=linear");
}

TEST(task_run_files_train_gpt2_adamw)
{
    check_training("train_gpt2_adamw", "adamw:lr=1e-3,wd=0,schedule=constant");
}

/* ---- what is refused ---- */

typedef struct Change { /* of one tensor of the inputs */
    const char *name;
    Shape shape;
    int64_t value; /* of its first element */
} Change;

static Status run_changed(const Golden *g, const char *drop, const Change *c, Err *e)
{
    Weights *w;
    NamedTensor t[8];
    Pool *pool;
    RunFilesReport report;
    Err err;
    const char *in = golden_temp(g, "in.safetensors");
    int n = 0;

    CHECK_OK(weights_open(&err, g->a, golden_file(g, "inputs.safetensors"), &w));
    for (int i = 0; i < weights_count(w); i++) {
        const Weight *x = weights_at(w, i);

        if (drop && strcmp(drop, x->name) == 0)
            continue;
        t[n++] = (NamedTensor){x->name, {x->dtype, x->shape, (void *)(uintptr_t)x->data}};
        if (!c->name || strcmp(c->name, x->name) != 0)
            continue;
        int64_t *copy = NEWS(&err, g->a, int64_t, shape_size(&c->shape) + 1);
        CHECK(copy != NULL);
        copy[0] = c->value;
        t[n - 1].tensor = (Tensor){DT_I64, c->shape, copy};
    }
    CHECK_OK(safetensors_write(&err, g->a, in, t, n, NULL));
    CHECK_OK(pool_new(&err, g->a, 1, &pool));
    RunFilesOptions o = {.folder = g->model, .inputs = in, .grads = golden_temp(g, "g.st")};
    return run_files(e, g->a, pool, &o, &report);
}

TEST(task_run_files_refuses)
{
    static const struct {
        const char *drop;
        Change change;
        const char *why;
    } cases[] = {
        {"input_ids", {.name = NULL}, "no tensor \"input_ids\""},
        {"labels", {.name = NULL}, "gradients need a loss, but the labels are missing"},
        {NULL, {"input_ids", {2, {4, 25}}, 211}, "\"input_ids\" holds 211 at 0"},
        {NULL, {"input_ids", {2, {4, 25}}, -1}, "\"input_ids\" holds -1 at 0"},
        {NULL, {"input_ids", {1, {25}}, 1}, "has the wrong shape"},
        {NULL, {"input_ids", {2, {4, 65}}, 1}, "4 sequences of 65; the model takes 64"},
        {NULL, {"attention_mask", {2, {4, 24}}, 1}, "\"attention_mask\" has the wrong shape"},
        {NULL, {"attention_mask", {2, {4, 25}}, 2}, "\"attention_mask\" holds 2"},
        {NULL, {"attention_mask", {2, {4, 25}}, 0}, "sequence 0 hides its first token"},
        {NULL, {"labels", {1, {4}}, 3}, "\"labels\" holds 3 at 0"},
        {NULL, {"labels", {1, {5}}, 0}, "\"labels\" has the wrong shape"},
    };
    Golden g = golden_open("bert_sequence_classification");

    for (size_t i = 0; i < LEN(cases); i++) {
        Err err = {0};

        CHECK(run_changed(&g, cases[i].drop, &cases[i].change, &err) != E_OK);
        CHECK_HAS(err.text, cases[i].why);
    }
}

/* A fault at system call k of a run: refused with a message, nothing kept.  True while k was reached. */
static bool run_with_fault(const Golden *g, const char *adapter, Pool *pool, int64_t k)
{
    SysFaults f = {.kind = SYS_ANY, .at = k};
    RunFilesReport report;
    RunFilesOptions o = {.folder = g->model,
                         .adapter = adapter,
                         .inputs = golden_file(g, "inputs.safetensors"),
                         .outputs = golden_temp(g, "out.safetensors"),
                         .grads = golden_temp(g, "grads.safetensors")};
    Err err = {0};

    sys_faulty(&f, sys_real());
    Arena *a = arena_new(&err, &f.sys);
    Status s = a ? run_files(&err, a, pool, &o, &report) : err.code;
    bool hit = f.calls >= k;
    CHECK(hit || s == E_OK);
    CHECK(s == E_OK || err.text[0]);
    arena_free(a);
    CHECK_INT(f.held, 0);
    return hit;
}

TEST(task_run_files_survives_a_fault_at_every_call)
{
    Err err;
    Golden g = golden_open("peft_bert_lora");
    const char *adapter = golden_adapter(&g);
    Pool *pool;
    int64_t k = 1;

    CHECK_OK(pool_new(&err, g.a, 1, &pool));
    while (k < 3000 && run_with_fault(&g, adapter, pool, k))
        k += 1 + k / 40;
    CHECK(k > 40 && k < 3000);
}

/* SPDX-License-Identifier: MIT */
