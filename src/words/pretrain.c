/* pretrain.c - from a plain text to a folder with its word vectors: settings checked and told, the table saved and read
 * afresh, what was done written beside it. */
#include "words/learn.h"

#include "cpu/words.h"

#include <string.h>

typedef struct Limit {
    const char *flag;
    int64_t *value;
    int64_t usual, most;
} Limit;

static Status settle(Err *e, LearnOptions *o)
{
    const Limit limits[] = {{"width", &o->width, 100, 4096},
                            {"window", &o->window, 5, WORDS_CONTEXTS_MAX / 2},
                            {"negative", &o->negative, 5, WORDS_OUTS_MAX - 1},
                            {"min-count", &o->min_count, 5, INT32_MAX},
                            {"epochs", &o->epochs, 5, 100000}};

    for (size_t i = 0; i < LEN(limits); i++) {
        *limits[i].value = *limits[i].value ? *limits[i].value : limits[i].usual;
        if (*limits[i].value < 1 || *limits[i].value > limits[i].most)
            return fail(e, E_USAGE, "--%s cannot be %lld: at least 1 and at most %lld",
                        limits[i].flag, (long long)*limits[i].value, (long long)limits[i].most);
    }
    o->rate = o->rate > 0 ? o->rate : 0.025;
    o->sample = o->sample != 0 ? o->sample : 1e-3;
    return E_OK;
}

static Status make_folder(Err *e, Arena *a, const char *folder, const LearnOptions *o,
                          const char **table)
{
    bool here;

    if (!(*table = path_join(e, a, folder, "vectors.bin")))
        return err_failed(e->code);
    TRY(dir_make(e, arena_sys(a), folder));
    TRY(path_file(e, arena_sys(a), *table, &here));
    if (!here || o->overwrite)
        return E_OK;
    (void)fail(e, E_TAKEN, "there are word vectors in the folder already");
    (void)err_note(e, "file", "%s", *table);
    return err_note(e, "hint", "--overwrite replaces them, -o names another folder");
}

static Status write_settings(Err *e, Arena *a, const char *folder, const char *text,
                             const LearnOptions *o, const Corpus *c)
{
    const char *path = path_join(e, a, folder, "pretrain.json");
    Writer *w;

    if (!path)
        return err_failed(e->code);
    TRY(writer_open(e, a, path, &w));
    TRY(writer_printf(e, w,
                      "{\n  \"objective\": \"%s\",\n  \"text_bytes_sha256\": ", o->objective));
    char hex[65];
    TRY(sha256_file(e, a, text, hex));
    TRY(writer_printf(e, w, "\"%s\",\n  \"words\": %lld,\n  \"words_in_vocabulary\": %lld,\n", hex,
                      (long long)c->all, (long long)c->words));
    TRY(writer_printf(e, w,
                      "  \"vocabulary\": %lld,\n  \"width\": %lld,\n  \"window\": %lld,\n"
                      "  \"negative\": %lld,\n  \"min_count\": %lld,\n  \"epochs\": %lld,\n",
                      (long long)c->vocabulary, (long long)o->width, (long long)o->window,
                      (long long)o->negative, (long long)o->min_count, (long long)o->epochs));
    TRY(writer_printf(e, w, "  \"lr\": %.9g,\n  \"sample\": %.9g,\n  \"seed\": %llu\n}\n", o->rate,
                      o->sample, (unsigned long long)o->seed));
    return writer_commit(e, w);
}

/* What is on the disk is what was learned. */
static Status check_saved(Err *e, Arena *a, const char *path, const Vectors *v)
{
    size_t size = (size_t)(v->n * v->dim) * sizeof(float);
    Vectors *w;

    TRY(vectors_open(e, a, path, &w));
    if (w->n == v->n && w->dim == v->dim && !memcmp(w->value, v->value, size))
        return E_OK;
    (void)fail(e, E_INTERNAL, "what was saved is not what was learned");
    return err_note(e, "file", "%s", path);
}

Status words_pretrain(Err *e, Arena *a, const char *text, const char *folder,
                      const LearnOptions *given, Learned *out)
{
    LearnOptions o = *given;
    const char *table;
    Corpus c;

    TRY(settle(e, &o));
    TRY(make_folder(e, a, folder, &o, &table));
    TRY(corpus_read(e, a, text, folder, o.min_count, &c));
    event_say(o.events, EVENT_SAY,
              "text      %lld words, %lld different, %lld of them at least %lld times (%lld words)",
              (long long)c.all, (long long)c.distinct, (long long)c.vocabulary,
              (long long)o.min_count, (long long)c.words);
    event_say(
        o.events, EVENT_SAY,
        "learning  %s, %lld numbers a word, window %lld, %lld negatives, %lld epochs, rate %g, "
        "sample %g, seed %llu",
        o.objective, (long long)o.width, (long long)o.window, (long long)o.negative,
        (long long)o.epochs, o.rate, o.sample > 0 ? o.sample : 0, (unsigned long long)o.seed);
    TRY(learn_word2vec(e, a, &c, &o, out));
    TRY(vectors_write(e, a, table, &out->vectors, true));
    TRY(write_settings(e, a, folder, text, &o, &c));
    return check_saved(e, a, table, &out->vectors);
}

/* SPDX-License-Identifier: MIT */
