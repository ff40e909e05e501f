/* picture_tree.c - folders of pictures made by a test. */
#include <png.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "picture_tree.h"

Err tree_err;

static Arena *arena(void)
{
    static Arena *a; /* a test is a process of its own */

    return a ? a : (a = test_arena());
}

const char *tree_path(const char *inside)
{
    const char *path = path_join(&tree_err, arena(), test_folder(), inside);

    CHECK(path != NULL);
    return path;
}

static void folder_of(const char *path)
{
    const char *base = path_base(path);
    char *folder = arena_strndup(&tree_err, arena(), path, (size_t)(base - path));

    check_ok_at(path, 0, dir_make(&tree_err, sys_real(), folder), &tree_err);
}

void tree_write(const char *inside, const char *text)
{
    const char *path = tree_path(inside);

    folder_of(path);
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL);
    CHECK_INT((int64_t)fwrite(text, 1, strlen(text), f), (int64_t)strlen(text));
    CHECK_INT(fclose(f), 0);
}

void tree_picture(const char *inside, int width, int height)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_RGB};
    size_t n = 3 * (size_t)width * (size_t)height;
    uint8_t *rgb = NEWS(&tree_err, arena(), uint8_t, n);
    uint64_t shade = hash_fnv1a(inside, strlen(inside), 0);
    const char *path = tree_path(inside);

    CHECK(rgb != NULL);
    for (size_t i = 0; i < n; i++) /* smooth, and different for each name */
        rgb[i] = (uint8_t)(shade + i / 3 % (size_t)width * (shade >> 8 & 7) +
                           i / 3 / (size_t)width * (shade >> 11 & 7));
    folder_of(path);
    image.width = (png_uint_32)width;
    image.height = (png_uint_32)height;
    CHECK(png_image_write_to_file(&image, path, 0, rgb, 0, NULL));
}

void tree_make(const char *files)
{
    char name[300];

    while (*(files += strspn(files, " \n"))) {
        size_t n = strcspn(files, " \n");

        CHECK(n < sizeof name);
        memcpy(name, files, n);
        name[n] = 0;
        files += n;
        const char *dot = strrchr(name, '.');

        if (dot && !strcmp(dot, ".png"))
            tree_picture(name, 8, 6);
        else
            tree_write(name, "x");
    }
}

void tree_link(const char *to, const char *inside)
{
    const char *path = tree_path(inside);

    folder_of(path);
    CHECK_INT(symlink(to, path), 0);
}

PictureSet tree_open(const char *inside, const PictureOptions *o)
{
    static const PictureOptions labelled = {.want_label = true};
    PictureSet s;

    check_ok_at(inside, 0,
                pictureset_open(&tree_err, arena(), tree_path(inside), o ? o : &labelled, &s),
                &tree_err);
    return s;
}

void tree_refused(const char *inside, const PictureOptions *o, Status code)
{
    static const PictureOptions labelled = {.want_label = true};
    PictureSet s;

    check_int_at(inside, 0, "status",
                 pictureset_open(&tree_err, arena(), tree_path(inside), o ? o : &labelled, &s),
                 code);
}

const char *tree_text(const PictureSet *s)
{
    const char *all = "";

    for (int64_t i = 0; i < s->n; i++) {
        int k = s->labels.of_row[i];

        all = arena_printf(&tree_err, arena(), "%s%s%c/%s/%s", all, i ? " " : "",
                           "tvh"[s->at[i].part],
                           k < 0 ? "-" : arena_printf(&tree_err, arena(), "%d", k), s->at[i].name);
        CHECK(all != NULL);
    }
    return all;
}

const char *tree_notes(const PictureSet *s)
{
    const char *all = "";

    for (int i = 0; i < s->notes; i++)
        all = arena_printf(&tree_err, arena(), "%s%s\n", all, s->note[i]);
    return all;
}

/* SPDX-License-Identifier: MIT */
