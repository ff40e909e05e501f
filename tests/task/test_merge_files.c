/* test_merge_files.c - an adapter merged into its base says what both said apart. */
#include "golden_case.h"
#include "task/merge_files.h"
#include "task/run_files.h"
#include "test.h"

TEST(task_merge_files_lora)
{
    Err err;
    Golden g = golden_open("peft_bert_lora");
    const char *adapter = golden_adapter(&g), *out = golden_temp(&g, "merged");
    Pool *pool;
    MergeReport merge;
    RunFilesReport run;

    CHECK_OK(pool_new(&err, g.a, 2, &pool));
    CHECK_OK(merge_files(&err, g.a, pool, g.model, adapter, out, &merge));
    CHECK_INT(merge.merged, 6);
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

/* SPDX-License-Identifier: MIT */
