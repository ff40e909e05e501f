/* run.c - engraft run: tensor files through a model. */
#include "cli/cli.h"

#include <math.h>
#include <stdio.h>

static const Flag flags[] = {
    FLAG(eg_run_options, "weights", 0, FLAG_TEXT, weights, "FILE",
         "a bare file of weights of the network MODEL"),
    FLAG(eg_run_options, "inputs", 0, FLAG_TEXT, inputs, "FILE",
         "tensors by the reference's names (safetensors)"),
    FLAG(eg_run_options, "outputs", 0, FLAG_TEXT, outputs, "FILE", "where every output goes"),
    FLAG(eg_run_options, "adapter", 0, FLAG_TEXT, adapter, "DIR",
         "a PEFT folder to load over the model"),
    FLAG(eg_run_options, "grads", 0, FLAG_TEXT, grads, "FILE",
         "where the gradients of the loss go"),
    FLAG(eg_run_options, "train", 0, FLAG_BOOL, train, NULL,
         "training mode: dropout as the config says"),
    FLAG(eg_run_options, "steps", 0, FLAG_TEXT, steps, "FILE",
         "batches NAME.0, NAME.1, .. to train on, in turn"),
    FLAG(eg_run_options, "optim", 0, FLAG_TEXT, optim, "TEXT",
         "adamw:lr=1e-3,wd=0.01,clip=1.0,schedule=linear; sgd:.."),
    FLAG(eg_run_options, "n", 0, FLAG_INT, updates, "N", "updates in all (default: one a batch)"),
    FLAG(eg_run_options, "freeze", 0, FLAG_TEXT, freeze, "PREFIX,..",
         "names that stay as they are"),
};

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    eg_run_options o = *(const eg_run_options *)options;
    eg_run_result r;

    (void)n;
    o.model = words[0];
    int code = eg_run(ctx, &o, &r);
    if (code)
        return code;
    if (common->json) {
        printf("{\"outputs\":%d,\"gradients\":%d,\"updates\":%lld", r.outputs, r.grads,
               (long long)r.updates);
        print_json_number("loss", r.loss);
        puts("}");
    } else if (!isnan(r.loss))
        printf("loss %.7g\n", r.loss);
    return E_OK;
}

const Verb verb_run = {
    .name = "run",
    .summary = "tensor files through a model, to check it",
    .arguments = "MODEL",
    .example = "engraft run bert/ --inputs in.safetensors --outputs out.safetensors",
    .arguments_min = 1,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(eg_run_options),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
