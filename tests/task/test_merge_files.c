/* test_merge_files.c - an adapter merged into its base says what both said apart. */
#include "golden_case.h"
#include "task/merge_files.h"
#include "task/run_files.h"
#include "test.h"

#include <stdio.h>

static void merges(const char *name, int layers)
{
    Err err;
    Golden g = golden_open(name);
    const char *adapter = golden_adapter(&g), *out = golden_temp(&g, "merged");
    Pool *pool;
    MergeReport merge;
    RunFilesReport run;

    CHECK_OK(pool_new(&err, g.a, 2, &pool));
    MergeOptions m = {.adapter = adapter, .folder = g.model, .output = out, .isa = isa_best()};
    CHECK_OK(merge_files(&err, g.a, pool, &m, &merge));
    CHECK_INT(merge.merged, layers);
    CHECK_TEXT(merge.output, "logits");
    CHECK(merge.difference < 1e-5 && merge.largest > 0.1);

    /* The merged folder alone gives what the reference gave for base and adapter. */
    RunFilesOptions o = {.folder = out,
                         .inputs = golden_file(&g, "inputs.safetensors"),
                         .outputs = golden_temp(&g, "out.safetensors"),
                         .isa = isa_best()};
    CHECK_OK(run_files(&err, g.a, pool, &o, &run));
    golden_check_outputs(&g, o.outputs);
}

TEST(task_merge_files_lora)
{
    merges("peft_bert_lora", 6);
}

TEST(task_merge_files_lora_all_biases)
{
    merges("peft_bert_lora_all", 12);
}

TEST(task_merge_files_lora_own_biases)
{
    merges("peft_bert_lora_only", 12);
}

TEST(task_merge_files_dora)
{
    merges("peft_bert_dora", 12);
}

TEST(task_merge_files_ia3)
{
    merges("peft_bert_ia3", 12);
}

TEST(task_merge_files_refuses_what_is_in_front)
{
    Err err;
    Golden g = golden_open("peft_bert_prefix");
    Pool *pool;
    MergeReport merge;

    CHECK_OK(pool_new(&err, g.a, 2, &pool));
    MergeOptions m = {.adapter = golden_adapter(&g),
                      .folder = g.model,
                      .output = golden_temp(&g, "merged"),
                      .isa = isa_best()};
    CHECK_INT(merge_files(&err, g.a, pool, &m, &merge), E_USAGE);
    CHECK_HAS(err.text, "a prefix cannot be merged");
}

TEST(task_merge_files_refuses_a_bottleneck)
{
    Err err;
    Golden g = golden_open("hub_bert_houlsby");
    Pool *pool;
    MergeReport merge;

    CHECK_OK(pool_new(&err, g.a, 2, &pool));
    MergeOptions m = {.adapter = golden_adapter(&g),
                      .folder = g.model,
                      .output = golden_temp(&g, "merged"),
                      .isa = isa_best()};
    CHECK_INT(merge_files(&err, g.a, pool, &m, &merge), E_USAGE);
    CHECK_HAS(err.text, "an adapter cannot be merged");
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* A folder of a run leads to the adapter in it; the base it names is told, none is NULL. */
TEST(task_merge_files_about)
{
    Err err;
    Golden g = golden_open("peft_bert_lora");
    const char *adapter = golden_adapter(&g), *found, *base;

    CHECK_OK(merge_about(&err, g.a, test_folder(), &found, &base));
    CHECK_TEXT(found, adapter);
    CHECK(base == NULL);
    put(golden_temp(&g, "adapter/adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"org/bert\"}");
    CHECK_OK(merge_about(&err, g.a, adapter, &found, &base));
    CHECK_TEXT(found, adapter);
    CHECK_TEXT(base, "org/bert");
    CHECK_INT(merge_about(&err, g.a, g.model, &found, &base), E_NOINPUT);
    CHECK_HAS(err.text, "adapter_config.json");
}

/* What is there stays as it is; what fails leaves nothing behind. */
TEST(task_merge_files_refuses)
{
    Err err;
    Golden g = golden_open("peft_bert_lora");
    const char *adapter = golden_adapter(&g);
    MergeOptions m = {.adapter = adapter, .folder = g.model, .output = g.model, .isa = isa_best()};
    MergeReport merge;
    Pool *pool;

    CHECK_OK(pool_new(&err, g.a, 1, &pool));
    CHECK_INT(merge_files(&err, g.a, pool, &m, &merge), E_TAKEN);
    CHECK_HAS(err.text, "is already there");
    CHECK_INT(path_kind(sys_real(), golden_temp(&g, "model/model.safetensors")), PATH_FILE);

    put(golden_temp(&g, "adapter/adapter_model.safetensors"), "");
    m.output = golden_temp(&g, "merged");
    CHECK_INT(merge_files(&err, g.a, pool, &m, &merge), E_DATA);
    CHECK_HAS(err.text, "adapter_model.safetensors");
    CHECK_INT(path_kind(sys_real(), m.output), PATH_NONE);
}

/* SPDX-License-Identifier: MIT */
