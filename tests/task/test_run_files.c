/* test_run_files.c - golden cases of the reference implementations through `engraft run`: outputs, loss, every
 * gradient, training; under each instruction set that this processor has. */
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
static void check_case(const Golden *g, const char *adapter,
                       const char *(*rename)(Arena *a, const char *name))
{
    const Json *grads = load(g, "grads.json");

    for (Isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        RunFilesReport report;
        RunFilesOptions o = {.inputs = golden_file(g, "inputs.safetensors"),
                             .outputs = golden_temp(g, "out.safetensors"),
                             .grads = golden_temp(g, "grads.safetensors"),
                             .adapter = adapter,
                             .isa = isa};

        run(g, o, &report);
        golden_check_outputs(g, o.outputs);
        golden_check_norms(g, grads, "gradient of ", o.grads, rename, NULL);
        CHECK_INT(report.grads, (int64_t)json_count(grads));
    }
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

/* "...lora_A.default.weight" -> "...lora_A.weight"; "...modules_to_save.default..." -> without */
static const char *on_disk(Arena *a, const char *name)
{
    static const char *const part[] = {".modules_to_save.default", ".default"};
    Err err;

    for (size_t i = 0; i < LEN(part); i++) {
        const char *at = strstr(name, part[i]);

        if (at)
            return arena_printf(&err, a, "%.*s%s", (int)(at - name), name, at + strlen(part[i]));
    }
    return name;
}

TEST(task_run_files_peft_bert_lora)
{
    Golden g = golden_open("peft_bert_lora");

    check_case(&g, golden_adapter(&g), on_disk);
}

TEST(task_run_files_train_bert_adamw)
{
    Golden g = golden_open("train_bert_adamw");
    const Json *curve = load(&g, "curve.json");

    for (Isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        RunFilesReport report;
        RunFilesOptions o = {.steps = golden_file(&g, "inputs.safetensors"),
                             .outputs = golden_temp(&g, "out.safetensors"),
                             .optim = "adamw:lr=1e-3,wd=0.01,clip=1.0,schedule=linear",
                             .n = 20,
                             .isa = isa};

        run(&g, o, &report);
        CHECK_INT(report.updates, 20);
        golden_check_outputs(&g, o.outputs);
        golden_check_norms(&g, json_member(curve, "final"), "final ", o.outputs, NULL,
                           json_member(curve, "final_not_compared"));
    }
}

/* SPDX-License-Identifier: MIT */
