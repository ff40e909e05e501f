/* test_picture_tables.c - pictures named by tables, lists and IDX files. */
#include <string.h>

#include "picture_tree.h"

static const PictureOptions unlabelled = {.want_label = false};

TEST(data_picture_tables_beside)
{
    tree_make("p/1.png p/2.png p/sub/3.png p/4.png");
    tree_write("p/labels.csv", "file_name,label,photographer\nsub/3.png,cat,Ann\n1.png,dog,Ann\n"
                               "4.png, cat ,Bob\n2.png,,Bob\n");
    PictureSet s = tree_open("p", NULL);

    CHECK_TEXT(s.form, "table");
    CHECK_TEXT(s.label_name, "label");
    CHECK_TEXT(tree_text(&s), "t/0/sub/3.png t/1/1.png t/0/4.png t/-/2.png");
    CHECK_TEXT(s.at[0].file, tree_path("p/sub/3.png"));
    CHECK_HAS(s.reason, "pictures from column \"file_name\" of labels.csv, CSV; label \"label\" (2 "
                        "different values): classes");
    CHECK_INT(s.labels.count[0], 2);
    s = tree_open("p", &(PictureOptions){.label = "photographer", .want_label = true});
    CHECK_TEXT(tree_text(&s), "t/0/sub/3.png t/0/1.png t/1/4.png t/1/2.png");
}

TEST(data_picture_tables_jsonl_in_parts)
{
    tree_make("p/train/1.png p/train/2.png p/train/4.png p/train/5.png p/test/3.png");
    tree_write("p/train/metadata.jsonl", "{\"file_name\": \"1.png\", \"label\": 10}\n"
                                         "{\"file_name\": \"2.png\", \"label\": 9}\n"
                                         "{\"file_name\": \"5.png\", \"label\": 9}\n"
                                         "{\"file_name\": \"4.png\", \"label\": 10}\n");
    tree_write("p/test/metadata.jsonl", "{\"file_name\": \"3.png\", \"label\": 10}\n");
    PictureSet s = tree_open("p", NULL);

    CHECK_TEXT(tree_text(&s),
               "t/1/train/1.png t/0/train/2.png t/0/train/5.png t/1/train/4.png h/1/test/3.png");
    CHECK_TEXT(s.labels.name[0], "9");
    CHECK(s.given[PART_TRAIN] && s.given[PART_TEST] && !s.given[PART_VALID]);
}

TEST(data_picture_tables_measurement)
{
    tree_make("p/1.png p/2.png p/3.png");
    tree_write("p/metadata.csv", "file_name,weight\n1.png,10.5\n2.png,3.25\n3.png,7.125\n");
    PictureSet s = tree_open("p", NULL);

    CHECK(s.number != NULL && s.labels.n == 0);
    CHECK_NEAR((double)s.number[1], 3.25, 0);
    CHECK_TEXT(tree_text(&s), "t/-/1.png t/-/2.png t/-/3.png");
    s = tree_open("p", &(PictureOptions){.want_label = true, .as = LABEL_CLASS});
    CHECK(s.number == NULL && s.labels.n == 3);
}

TEST(data_picture_tables_missing_pictures)
{
    PictureOptions skip = {.want_label = true, .bad = TABLE_SKIP};

    tree_make("p/1.png p/2.png p/3.png p/n.txt");
    tree_write("p/labels.csv", "file_name,label\n1.png,cat\n2.png,dog\ngone.png,dog\n,cat\n"
                               "2.png,cat\nn.txt,dog\n3.png,dog\n");
    tree_refused("p", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "the picture \"gone.png\" is not there");
    CHECK_HAS(tree_err.text, "p/labels.csv:4, column \"file_name\"");
    PictureSet s = tree_open("p", &skip);
    CHECK_TEXT(tree_text(&s), "t/0/1.png t/1/2.png t/0/2.png t/1/3.png");
    CHECK_HAS(tree_notes(&s),
              "2 rows of labels.csv name no picture that is there, the first \"gone.png\"");
    CHECK_HAS(tree_notes(&s), "1 rows of labels.csv name a picture that a row before names");
    CHECK_HAS(tree_notes(&s), "(no pictures): n.txt");
}

TEST(data_picture_tables_that_name_none)
{
    tree_make("p/1.png q/a/1.png q/b/2.png r/1.png");
    tree_write("p/labels.csv", "name,label\nann,cat\nbob,dog\n");
    tree_write("q/labels.csv", "name,label\nann,cat\nbob,dog\n");
    tree_write("r/table.csv", "name,label\nann,cat\nbob,dog\n");
    tree_refused("p", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "no column of this table names pictures beside it");
    CHECK_HAS(tree_err.text, "a column \"file_name\" with names as \"1.png\"");
    PictureSet s = tree_open("q", NULL);
    CHECK_TEXT(s.form, "class folders");
    CHECK_HAS(tree_notes(&s), "labels.csv names no pictures and is passed over");
    tree_refused("r/table.csv", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "no column of this table names pictures");
}

TEST(data_picture_tables_any_column)
{
    PictureOptions o = {.want_label = true, .picture = "right"};

    tree_make("p/x/1.png p/x/2.png p/y/1.png p/y/2.png");
    tree_write("p/pairs.tsv", "left\tright\tlabel\nx/1.png\ty/1.png\told\nx/2.png\ty/2.png\tnew\n");
    PictureSet s = tree_open("p/pairs.tsv", NULL);
    CHECK_TEXT(tree_text(&s), "t/1/x/1.png t/0/x/2.png");
    s = tree_open("p/pairs.tsv", &o);
    CHECK_TEXT(tree_text(&s), "t/1/y/1.png t/0/y/2.png");
    o.picture = "none";
    tree_refused("p/pairs.tsv", &o, E_NOINPUT);
    CHECK_HAS(tree_err.text, "there is no column \"none\" of pictures");
}

TEST(data_picture_lists)
{
    PictureOptions skip = {.want_label = true, .bad = TABLE_SKIP};

    tree_make("p/amazon/1.png p/amazon/2.png");
    tree_picture("p/amazon/with blank.png", 4, 4);
    tree_write("p/list.txt", "amazon/1.png 10\n\namazon/with blank.png 9\r\namazon/2.png\t10\n");
    tree_write("p/image_list/amazon.txt", "amazon/1.png 0\namazon/2.png 1\namazon/9.png 1\n");
    tree_write("p/alone.txt", "amazon/1.png 0\namazon/2.png\n");
    PictureSet s = tree_open("p/list.txt", NULL);
    CHECK_TEXT(s.form, "list");
    CHECK_TEXT(tree_text(&s), "t/1/amazon/1.png t/0/amazon/with blank.png t/1/amazon/2.png");
    tree_refused("p/image_list/amazon.txt", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "the picture \"amazon/9.png\" is not there");
    CHECK_HAS(tree_err.text, "amazon.txt:3");
    s = tree_open("p/image_list/amazon.txt", &skip);
    CHECK_TEXT(tree_text(&s), "t/0/amazon/1.png t/1/amazon/2.png");
    CHECK_HAS(tree_notes(&s), "(pictures of the list that are not there): amazon/9.png");
    tree_refused("p/alone.txt", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "a line without a label");
    CHECK_HAS(tree_err.text, "alone.txt:2");
}

static void write_bytes(const char *inside, const void *data, size_t n)
{
    Writer *w;
    Arena *a = test_arena();

    tree_write(inside, "");
    check_ok_at(inside, 0, writer_open(&tree_err, a, tree_path(inside), &w), &tree_err);
    check_ok_at(inside, 0, writer_put(&tree_err, w, data, n), &tree_err);
    check_ok_at(inside, 0, writer_commit(&tree_err, w), &tree_err);
}

static const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40};
static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 10, 9};

TEST(data_picture_idx)
{
    write_bytes("p/train-images-idx3-ubyte", images, sizeof images);
    write_bytes("p/train-labels-idx1-ubyte", labels, sizeof labels);
    write_bytes("p/t10k-images.idx3-ubyte", images, sizeof images);
    write_bytes("p/t10k-labels.idx1-ubyte", labels, sizeof labels);
    tree_write("p/train-images-idx3-ubyte.gz", "not read: the other stands beside it");
    PictureSet s = tree_open("p", NULL);
    Picture p;

    CHECK_TEXT(s.form, "IDX");
    CHECK_TEXT(tree_text(&s), "t/1/train-images-idx3-ubyte:0 t/0/train-images-idx3-ubyte:1 "
                              "h/1/t10k-images.idx3-ubyte:0 h/0/t10k-images.idx3-ubyte:1");
    CHECK_TEXT(s.labels.name[0], "9");
    CHECK(s.given[PART_TRAIN] && s.given[PART_TEST] && !s.given[PART_VALID]);
    check_ok_at("load", 0, pictureset_load(&tree_err, test_arena(), &s, 1, &p), &tree_err);
    CHECK_INT(p.width, 2);
    CHECK_INT(p.height, 1);
    CHECK(!memcmp(p.rgb, (uint8_t[]){30, 30, 30, 40, 40, 40}, 6));
    tree_write("p/labels.txt", "zero\r\none\n2\n3\n4\n5\n6\n7\n8\nnine\nten\n");
    s = tree_open("p", NULL);
    CHECK_TEXT(s.labels.name[0], "nine");
    CHECK_TEXT(s.labels.name[1], "ten");
    tree_write("p/labels.txt", "zero\none\n");
    tree_refused("p", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "label 10 has no name in labels.txt");
    tree_write("p/labels.txt", "zero\n\none\n");
    tree_refused("p", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "labels.txt:2");
}

TEST(data_picture_idx_that_does_not_fit)
{
    write_bytes("p/train-images-idx3-ubyte", images, sizeof images);
    tree_refused("p", NULL, E_NOINPUT);
    CHECK_HAS(tree_err.text, "the labels of train-images-idx3-ubyte are missing");
    PictureSet s = tree_open("p", &unlabelled);
    CHECK_TEXT(tree_text(&s), "t/-/train-images-idx3-ubyte:0 t/-/train-images-idx3-ubyte:1");
    write_bytes("p/train-labels-idx1-ubyte", (uint8_t[]){0, 0, 8, 1, 0, 0, 0, 1, 7}, 9);
    tree_refused("p", NULL, E_DATA);
    CHECK_HAS(tree_err.text, "as many labels as pictures");
    CHECK_HAS(tree_err.text, "2 pictures in train-images-idx3-ubyte");
    CHECK_HAS(tree_err.text, "1 labels in train-labels-idx1-ubyte");
    tree_refused("p/train-images-idx3-ubyte", NULL, E_USAGE);
    CHECK_HAS(tree_err.text, "Give the folder");
}

/* SPDX-License-Identifier: MIT */
