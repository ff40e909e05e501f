/* test_pictures.c - pictures through the public header: learned from, asked about one by one and together. */
#include "engraft.h"
#include "task/tiny_pictures.h"

#include <string.h>

typedef struct Seen {
    int n, right;
} Seen;

static void answer(void *user, const char *sample, const char *label, float probability)
{
    Seen *s = user;

    CHECK(label && probability > 0 && probability <= 1);
    s->n++;
    s->right += strncmp(sample, label, strlen(label)) == 0;
}

TEST(api_pictures_learned_from_and_asked)
{
    Err err = {0};
    Tiny t;
    eg_ctx *ctx = eg_open(NULL);
    eg_train_result r;
    eg_model *model;
    eg_prediction p;
    const char *line;
    Seen seen = {0};

    tiny_pictures_make(&t, 1);
    const char *one = path_join(&err, t.a, t.data, "stripes/03.jpg");
    eg_train_options o = {.data = t.data,
                          .model = t.model,
                          .output = tiny_path(&t, "out"),
                          .augment = "flip",
                          .epochs = 1,
                          .no_tuning = true};
    CHECK_INT(eg_train(ctx, &o, &r), EG_OK);
    CHECK(r.pictures && r.classes == TINY_CLASSES && r.scores == 3);
    CHECK_INT(eg_model_load(ctx, r.output, &model), EG_OK);
    CHECK(eg_model_pictures(model));
    CHECK_TEXT(eg_model_label(model, 1), "rings");
    CHECK_INT(eg_classify(model, one, NULL, &p), EG_OK);
    CHECK(p.label && p.probability > 0.3F);
    float *x = NEWS(&err, t.a, float, eg_model_width(model));
    CHECK_INT(eg_embed(model, one, x), EG_OK);
    const char *json = arena_printf(&err, t.a, "{\"id\": 7, \"image\": \"%s\"}", one);
    CHECK_INT(eg_predict_json(model, json, strlen(json), &line), EG_OK);
    CHECK_HAS(line, "{\"id\": 7, \"image\": \"");
    CHECK_HAS(line, "\"label\":\"");
    eg_use_options use = {.model = r.output, .data = t.data};
    CHECK_INT(eg_predict_each(ctx, &use, answer, &seen), EG_OK);
    CHECK_INT(seen.n, TINY_CLASSES * TINY_EACH);
    CHECK(seen.right > seen.n / 2);
    CHECK_INT(eg_classify(model, "gone.jpg", NULL, &p), EG_ENOINPUT);
    CHECK_HAS(eg_error(ctx), "gone.jpg");
    CHECK_INT(eg_classify(model, t.data, NULL, &p) != EG_OK, 1);
    eg_close(ctx);
}

/* SPDX-License-Identifier: MIT */
