/* The released sentence encoder against the reference's own figures: embeddings and STS-B, through the public header.
 * Runs where `engraft pull all-MiniLM-L6-v2` has been and the reference material is. */
#include "data/data.h"
#include "engraft.h"
#include "formats/formats.h"
#include "test.h"
#include "train/train.h"

#include <stdlib.h>

#ifdef NDEBUG
enum { ALL_PAIRS = 1 };
#else
enum {
    ALL_PAIRS = 0
}; /* sanitized code takes minutes for them all: the first hundred, embeddings compared */
#endif

static eg_model *open_minilm(eg_ctx *ctx, Arena *a)
{
    Err err = {0};
    const char *models = getenv("ENGRAFT_MODELS"), *home = getenv("HOME");
    eg_model *model;
    char *path;

    if (!models)
        models = arena_printf(&err, a, "%s/.cache/engraft/models", home ? home : "");
    path = arena_printf(&err, a, "%s/all-MiniLM-L6-v2", models);
    if (path_kind(sys_real(), path) != PATH_DIR)
        test_skip("no all-MiniLM-L6-v2 here: engraft pull all-MiniLM-L6-v2");
    if (eg_model_load(ctx, path, &model))
        check_has_at(__FILE__, __LINE__, eg_error(ctx), "a model that loads");
    return model;
}

TEST(api_released_minilm_equals_the_reference)
{
    Err err = {0};
    Arena *a = test_arena();
    const char *pairs = arena_printf(&err, a, "%s", test_shared("data/text/stsb/stsb-en-test.csv"));
    const char *golden = test_shared("golden/released/minilm-embeddings.safetensors");
    eg_ctx *ctx = eg_open(NULL);
    eg_model *model = open_minilm(ctx, a);
    float left[384], right[384], wanted[16 * 384];
    double spearman;
    Weights *file;
    Table *t;

    CHECK_INT(eg_model_width(model), 384);
    CHECK_OK(weights_open(&err, a, golden, &file));
    CHECK_OK(weights_read_f32(&err, weights_at(file, 0), wanted));
    CHECK_OK(table_open(&err, a, pairs, TABLE_FAIL, &t));
    CHECK_INT(t->rows, 1379);
    float *cosine = NEWS(&err, a, float, t->rows), *score = NEWS(&err, a, float, t->rows);
    for (int64_t i = 0; i < (ALL_PAIRS ? t->rows : 100); i++) {
        const Cell *row = &t->cell[i * t->columns];

        CHECK_INT(eg_embed(model, row[0].s, left), EG_OK);
        CHECK_INT(eg_embed(model, row[1].s, right), EG_OK);
        score[i] = strtof(row[2].s, NULL);
        for (int k = 0; k < 384; k++) {
            cosine[i] += left[k] * right[k];
            if (i < 16)
                CHECK_NEAR((double)left[k], (double)wanted[i * 384 + k], 1e-5);
        }
    }
    if (ALL_PAIRS) {
        CHECK_OK(metric_spearman(&err, a, cosine, score, t->rows, &spearman));
        CHECK_NEAR(spearman, 0.8203246731235654, 2e-4);
    }
    eg_close(ctx);
}

/* SPDX-License-Identifier: MIT */
