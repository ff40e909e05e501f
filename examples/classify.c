/* classify.c - learn from a table, then classify one text.
 *
 *     cc classify.c $(pkg-config --cflags --libs engraft) -o classify
 *     ./classify tickets.csv all-MiniLM-L6-v2/ "where is my parcel?"
 */
#include <engraft.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    eg_ctx *ctx = eg_open(NULL);
    eg_model *model;
    eg_prediction p;
    int code = EG_EUSAGE;

    if (argc != 4) {
        fputs("usage: classify DATA MODEL TEXT\n", stderr);
    } else {
        eg_train_options options = {.data = argv[1],
                                    .model = argv[2],
                                    .output = "classify-model",
                                    .no_tuning = true,
                                    .overwrite = true};

        code = eg_train(ctx, &options, NULL);
        if (!code)
            code = eg_model_load(ctx, options.output, &model);
        if (!code)
            code = eg_classify(model, argv[3], NULL, &p);
        if (code)
            fprintf(stderr, "error: %s\n", eg_error(ctx));
        else
            printf("%s %.3f\n", p.label, (double)p.probability);
    }
    eg_close(ctx);
    return code;
}

/* SPDX-License-Identifier: MIT */
