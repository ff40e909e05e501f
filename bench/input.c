/* input.c - what comes before the network, on one thread and on demand (work.h): a piece of work is all of it, once.
 *     input tokens MODEL_FOLDER FILE      the lines of FILE, each a text
 *     input pictures FILE                 JPEG files named in FILE, decoded, resized, cropped to 224, as numbers */
#include "image/image.h"
#include "text/text.h"
#include "work.h"

typedef struct Bench {
    Arena *arena;
    Tokenizer *tokenizer;
    char *lines;
} Bench;

static Status tokens(Err *e, const Bench *b, Arena *a)
{
    Tokens t = {0};

    for (const char *p = b->lines; *p;) {
        size_t n = strcspn(p, "\n");

        TRY(tokenizer_encode(e, a, b->tokenizer, p, n, NULL, 0, 128, &t));
        p += n + (p[n] == '\n');
    }
    return E_OK;
}

static Status picture(Err *e, Arena *a, const char *path)
{
    static const float half[3] = {0.5F, 0.5F, 0.5F};
    PictureEval eval = {.resize = 256, .width = 224, .height = 224, .filter = FILTER_BICUBIC};
    Bytes file;
    Picture p, cut;
    float *x = NEWS(e, a, float, 224 * 224 * 3);

    if (!x)
        return err_failed(e->code);
    TRY(file_read_all(e, a, path, 1 << 26, &file));
    TRY(picture_decode(e, a, path, file, NULL, &p));
    TRY(picture_eval(e, a, &p, &eval, &cut));
    picture_tensor(&cut, half, half, x);
    return E_OK;
}

static Status pictures(Err *e, const Bench *b)
{
    for (const char *p = b->lines; *p;) {
        size_t n = strcspn(p, "\n");
        Arena *a = arena_child(e, b->arena);

        if (!a)
            return err_failed(e->code);
        TRY(picture(e, a, arena_strndup(e, a, p, n)));
        arena_free(a);
        p += n + (p[n] == '\n');
    }
    return E_OK;
}

static Status all(Err *e, void *arg)
{
    Bench *b = arg;
    Arena *a = arena_child(e, b->arena);

    if (!a)
        return err_failed(e->code);
    TRY(b->tokenizer ? tokens(e, b, a) : pictures(e, b));
    arena_free(a);
    return E_OK;
}

int main(int argc, char **argv)
{
    Err err = {0};
    Bench b = {.arena = arena_new(&err, sys_real())};
    bool text = argc > 3 && strcmp(argv[1], "tokens") == 0;
    Bytes file;

    if (argc < 3 || !b.arena || (!text && strcmp(argv[1], "pictures") != 0)) {
        fputs("usage: input tokens MODEL_FOLDER FILE | input pictures FILE\n", stderr);
        return E_USAGE;
    }
    if ((text && tokenizer_open(&err, b.arena, argv[2], &b.tokenizer)) ||
        file_read_all(&err, b.arena, argv[text ? 3 : 2], 1 << 26, &file) ||
        !(b.lines = arena_strndup(&err, b.arena, (const char *)file.data, file.n)) ||
        work_serve(&err, all, &b)) {
        fprintf(stderr, "error: %s\n", err.text);
        return err.code;
    }
    arena_free(b.arena);
    return 0;
}

/* SPDX-License-Identifier: MIT */
