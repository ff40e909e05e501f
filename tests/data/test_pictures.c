/* test_pictures.c - what a folder or file of pictures is taken for, what is passed over and said, what is
 * refused and how. */
#include <string.h>
#include <sys/stat.h>

#include "picture_tree.h"

static const PictureOptions unlabelled = {.want_label = false};

TEST(data_pictures_class_folders)
{
    tree_make("p/b/2.png p/b/10.png p/a/x.png p/B/y.JPG p/a/deep/er/z.png p/.git/c.png "
              "p/a/.hidden.png p/__MACOSX/a/x.png");
    PictureSet s = tree_open("p", NULL);

    CHECK_TEXT(s.form, "class folders");
    CHECK_TEXT(tree_text(&s),
               "t/0/B/y.JPG t/1/a/deep/er/z.png t/1/a/x.png t/2/b/10.png t/2/b/2.png");
    CHECK_INT(s.labels.n, 3);
    CHECK_TEXT(s.labels.name[0], "B");
    CHECK_INT(s.labels.count[2], 2);
    CHECK_TEXT(s.at[3].file, tree_path("p/b/10.png"));
    CHECK_TEXT(tree_notes(&s), "the classes \"B\" and \"b\" differ by case alone: are they one?\n");
    CHECK(!s.given[0] && !s.given[1] && !s.given[2]);
    s = tree_open("p/", NULL);
    CHECK_TEXT(s.at[3].file, tree_path("p/b/10.png"));
}

TEST(data_pictures_numbers_are_sorted_by_bytes)
{
    tree_make("p/10/a.png p/9/b.png p/2/c.png");
    PictureSet s = tree_open("p", NULL);

    CHECK_TEXT(tree_text(&s), "t/0/10/a.png t/1/2/c.png t/2/9/b.png");
}

TEST(data_pictures_passed_over_are_named)
{
    tree_make("p/a/1.png p/b/2.png p/b/Thumbs.db p/b/notes.txt p/c/.keep p/d/only.txt p/b/plain "
              "p/outside.png p/README.md");
    tree_write("p/a/IMG_1.HEIC", "\1\1\1\1ftypheic\1\1\1\1mif1heic");
    tree_write("p/a/scan.tif", "II*");
    tree_write("p/a/move.gif", "GIF89a");
    tree_write("p/a/old.bmp", "BMxxxx");
    tree_picture("p/b/no_ending", 8, 8);
    tree_link("/nowhere/at/all", "p/a/gone.jpg");
    tree_link("..", "p/a/loop");
    tree_link("../b", "p/a/other");
    PictureSet s = tree_open("p", NULL);
    const char *notes = tree_notes(&s);

    CHECK_TEXT(tree_text(&s), "t/0/a/1.png t/1/b/2.png t/1/b/no_ending");
    CHECK_HAS(notes, "1 file passed over (a HEIC picture): a/IMG_1.HEIC; heif-convert ");
    CHECK_HAS(notes, "(a GIF picture): a/move.gif; convert ");
    CHECK_HAS(notes, "(a BMP picture): a/old.bmp; convert ");
    CHECK_HAS(notes, "5 files passed over (no pictures): a/scan.tif, b/Thumbs.db, b/notes.txt, ..");
    CHECK_HAS(notes, "(links that lead nowhere): a/gone.jpg\n");
    CHECK_HAS(notes, "2 files passed over (links to folders that stand elsewhere already): a/loop, "
                     "a/other\n");
    CHECK_HAS(notes, "the class folder \"c\" holds no picture and is no class\n");
    CHECK_HAS(notes, "the class folder \"d\" holds no picture and is no class\n");
    CHECK_HAS(notes, "(pictures outside of the class folders): outside.png\n");
}

TEST(data_pictures_links_are_followed_once)
{
    tree_make("p/a/1.png p/b/2.png elsewhere/3.png elsewhere/4.png");
    tree_link(tree_path("elsewhere"), "p/a/more");
    tree_link(tree_path("elsewhere/4.png"), "p/b/linked.png");
    tree_link("a", "p/c");
    PictureSet s = tree_open("p", NULL);

    CHECK_TEXT(tree_text(&s), "t/0/a/1.png t/0/a/more/3.png t/0/a/more/4.png t/1/b/2.png "
                              "t/1/b/linked.png t/2/c/1.png");
    CHECK_HAS(tree_notes(&s), "the class folder \"c\" is a link to another one\n");
    CHECK_HAS(tree_notes(&s), "stand elsewhere already): c/more\n");
}

TEST(data_pictures_parts)
{
    tree_make("p/train/a/1.png p/train/b/2.png p/Validation/b/3.png p/test/a/4.png p/extra/x.png");
    PictureSet s = tree_open("p", NULL);

    CHECK_TEXT(s.form, "class folders in parts");
    CHECK_TEXT(s.reason, "train, Validation, test are parts, their folders classes");
    CHECK_TEXT(tree_text(&s),
               "t/0/train/a/1.png t/1/train/b/2.png v/1/Validation/b/3.png h/0/test/a/4.png");
    CHECK_TEXT(tree_notes(&s), "the folder \"extra\" is no part and is passed over\n");
    CHECK(s.given[0] && s.given[1] && s.given[2]);
    tree_make("p/dev/a/1.png");
    tree_refused("p", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "two folders are the same part");
    CHECK_HAS(tree_err.text, "\"dev\" beside another");
}

TEST(data_pictures_parts_without_labels)
{
    tree_make("p/train/a/1.png p/train/b/2.png p/test/3.png q/train/1.png q/test/2.png");
    PictureSet s = tree_open("p", NULL);

    CHECK_TEXT(tree_text(&s), "t/0/train/a/1.png t/1/train/b/2.png");
    CHECK_TEXT(tree_notes(&s), "test has no labels and is not used\n");
    CHECK(s.given[PART_TRAIN] && !s.given[PART_TEST]);
}

TEST(data_pictures_class_named_like_a_part)
{
    tree_make("p/train/1.png p/plane/2.png p/bus/3.png q/train/a/1.png q/plane/b/2.png "
              "r/train/a/1.png r/train/b/1.png");
    PictureSet s = tree_open("p", NULL);

    CHECK_TEXT(tree_text(&s), "t/0/bus/3.png t/1/plane/2.png t/2/train/1.png");
    s = tree_open("q", NULL);
    CHECK_TEXT(tree_text(&s), "t/0/plane/b/2.png t/1/train/a/1.png");
    s = tree_open("r", NULL);
    CHECK_TEXT(tree_text(&s), "t/0/train/a/1.png t/1/train/b/1.png");
    CHECK_TEXT(s.form, "class folders in parts");
}

TEST(data_pictures_known_classes)
{
    static const char *const names[] = {"b", "c", "a"};
    Labels known = {.n = 3, .name = (const char **)(uintptr_t)names};
    PictureOptions o = {.known = &known, .want_label = true};

    tree_make("p/a/1.png p/b/2.png q/test/a/1.png q/val/b/1.png");
    PictureSet s = tree_open("p", &o);
    CHECK_TEXT(tree_text(&s), "t/2/a/1.png t/0/b/2.png");
    CHECK_INT(s.labels.n, 3);
    s = tree_open("p", &o);
    s = tree_open("q", &o); /* parts alone are judged */
    CHECK_TEXT(tree_text(&s), "v/0/val/b/1.png h/2/test/a/1.png");
    tree_make("p/zebra/3.png");
    tree_refused("p", &o, E_DATA);
    CHECK_HAS(tree_err.text, "label \"zebra\" is none that the model knows");
    CHECK_HAS(tree_err.text, "p/zebra\n");
    CHECK_HAS(tree_err.text, "one of b c a");
}

TEST(data_pictures_refused_folders)
{
    tree_make("flat/1.png flat/2.png one/data/a/1.png one/data/b/2.png one/README.md alone/a/1.png "
              "none/README.md");
    tree_write("heic/a/1.heic", "\1\1\1\1ftypheic\1\1\1\1mif1heic");
    tree_refused("flat", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "the pictures in this folder have no labels");
    CHECK_HAS(tree_err.text, "flat, 2 pictures, the first \"1.png\"");
    CHECK_HAS(tree_err.text, "one folder for each class: ");
    CHECK_HAS(tree_err.text, "flat/labels.csv: a line \"file_name,label\"");
    tree_refused("one", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "all pictures are in one class folder");
    CHECK_HAS(tree_err.text, "Then give ");
    CHECK_HAS(tree_err.text, "one/data");
    tree_refused("alone", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "two classes or more");
    tree_refused("none", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "there is no picture that can be read");
    tree_refused("heic", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "there is no picture that can be read");
    CHECK_HAS(tree_err.text, "heif-convert");
    tree_refused("nothing", NULL, E_NOINPUT);
    tree_refused("nothing.jpg", NULL, E_NOINPUT);
    CHECK_INT(mkfifo(tree_path("pipe.jpg"), 0600), 0);
    tree_refused("pipe.jpg", &unlabelled, E_NOINPUT);
}

TEST(data_pictures_flat_and_single_without_labels)
{
    tree_make("flat/1.png flat/2.png flat/notes.txt");
    PictureSet s = tree_open("flat", &unlabelled);

    CHECK_TEXT(tree_text(&s), "t/-/1.png t/-/2.png");
    s = tree_open("flat/2.png", &unlabelled);
    CHECK_TEXT(tree_text(&s), "t/-/2.png");
    CHECK_TEXT(s.at[0].file, tree_path("flat/2.png"));
    tree_refused("flat/2.png", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "one picture without a label");
}

TEST(data_pictures_told)
{
    static const struct {
        const char *path;
        bool pictures;
    } cases[] = {{"p", true},       {"p/a/1.png", true},       {"p/files.csv", true},
                 {"p/list", true},  {"p/texts.csv", false},    {"p/t10k-images-idx3-ubyte", true},
                 {"p/none", false}, {"p/train-images", false}, {"p/numbers", false}};

    tree_make("p/a/1.png p/a/2.png p/train-images p/t10k-images-idx3-ubyte");
    tree_write("p/files.csv", "id,picture,kind\n1,a/1.png,x\n2,a/2.png,y\n");
    tree_write("p/list", "a/1.png 0\na/2.png 1\n");
    tree_write("p/texts.csv", "text,label\nhello world,a\nwhat is it,b\n");
    tree_write("p/numbers", "1 2\n3 4\n");
    for (size_t i = 0; i < LEN(cases); i++) {
        bool told;
        check_ok_at(cases[i].path, 0,
                    pictures_told(&tree_err, test_arena(), tree_path(cases[i].path), &told),
                    &tree_err);
        check_int_at(cases[i].path, 0, "pictures", told, cases[i].pictures);
    }
}

/* SPDX-License-Identifier: MIT */
