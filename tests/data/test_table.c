/* test_table.c - forms, encodings, quoting, headers and bad rows of tables. */
#include <string.h>

#include "made.h"

static void expect(const char *path, const char *form, const char *encoding, bool header,
                   const char *cells)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = made_table(&err, a, path);

    CHECK_TEXT(t->form, form);
    CHECK_TEXT(t->encoding, encoding);
    CHECK_TEXT(table_text(a, t), cells);
    CHECK_INT(t->header, header);
    arena_free(a);
}

TEST(data_table_forms)
{
    expect(made("a.csv", "text,label\ngood film,pos\nbad film,neg\n"), "CSV", "UTF-8", true,
           "good film/pos|bad film/neg");
    expect(made("a.tsv", "text\tlabel\ngood, or so\tpos\n"), "TSV", "UTF-8", true,
           "good, or so/pos");
    expect(made("b.csv", "text;label\ngood, or so;1,5\nbad;2,0\n"), "CSV with ;", "UTF-8", true,
           "good, or so/1,5|bad/2,0");
    expect(made("c.csv", "sep=;\ntext;label\na b;x\n"), "CSV with ;", "UTF-8", true, "a b/x");
    expect(
        made("a.jsonl",
             "{\"text\":\"a "
             "\\u00e9\",\"label\":1}\n\n{\"label\":true,\"more\":[1,{\"x\":2}],\"text\":null}\n"),
        "JSONL", "UTF-8", true, "a \xc3\xa9/1/|/true/[1,{\"x\":2}]");
    expect(
        made("lines.txt", "one sentence, with a comma\nanother one\nand, well, two commas\nlast\n"),
        "TSV", "UTF-8", false, "one sentence, with a comma|another one|and, well, two commas|last");
}

TEST(data_table_quotes_as_rfc_4180)
{
    expect(made("q.csv", "text,label\n\"a, b\",x\n\"say \"\"hi\"\"\nthere\",y\n\"\",z\n"), "CSV",
           "UTF-8", true, "a, b/x|say \"hi\"\nthere/y|/z");
    expect(made("cr.csv", "text,label\ra b,x\rc d,y\r"), "CSV", "UTF-8", true, "a b/x|c d/y");
    expect(made("crlf.csv", "text,label\r\n\"a\r\nb\",x\r\nc d,y"), "CSV", "UTF-8", true,
           "a\r\nb/x|c d/y");
    expect(made("bare.tsv", "\"quoted start, no end\t0\nsome 5\" disk\t1\n"), "TSV", "UTF-8", false,
           "\"quoted start, no end/0|some 5\" disk/1");
    expect(made("good.tsv", "text\tlabel\n\"a\tb\"\t0\n"), "TSV", "UTF-8", true, "a\tb/0");
}

TEST(data_table_lines_of_rows)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t = made_table(&err, a, made("l.csv", "text,label\n\n\"a\nb\",x\n\nc,y\n"));

    CHECK_INT(t->rows, 2);
    CHECK_INT(t->line[0], 3);
    CHECK_INT(t->line[1], 6);
    CHECK_INT(table_column(t, "label"), 1);
    CHECK_INT(table_column(t, "Label"), -1);
    arena_free(a);
}

TEST(data_table_encodings)
{
    expect(made("bom.csv", "\xef\xbb\xbftext,label\n\xc3\xa9,x\n"), "CSV", "UTF-8 with BOM", true,
           "\xc3\xa9/x");
    expect(made("le.csv", "\xff\xfet\0e\0x\0t\0,\0l\0a\0b\0e\0l\0\n\0\xe9\0,\0=\xd8\x00\xde\n\0"),
           "CSV", "UTF-16LE", true, "\xc3\xa9/\xf0\x9f\x98\x80");
    expect(made("be.csv", "\xfe\xff\0t\0e\0x\0t\0,\0l\0a\0b\0e\0l\0\n\0\xe9\0,\0x\0\n"), "CSV",
           "UTF-16BE", true, "\xc3\xa9/x");
    expect(made("nobom.csv", "t\0e\0x\0t\0,\0l\0a\0b\0e\0l\0\n\0a\0,\0x\0\n\0"), "CSV", "UTF-16LE",
           true, "a/x");
    expect(made("win.csv", "text,label\ncaf\xe9 \x80 5 \x93ok\x94,x\n"), "CSV", "Windows-1252",
           true, "caf\xc3\xa9 \xe2\x82\xac 5 \xe2\x80\x9cok\xe2\x80\x9d/x");
    expect(made("orcid.csv", "ORCID,text,label\n17,a b,x\n"), "CSV", "UTF-8", true,
           "17/a b/x"); /* no ORC file */
}

TEST(data_table_headers)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    CHECK(made_table(&err, a, made("1.csv", "komm,note\nganz gut,1\nnaja,3\n"))
              ->header); /* numbers below */
    CHECK(!made_table(&err, a, made("2.csv", "good film,1\nbad film,0\n"))->header); /* a number */
    CHECK(made_table(&err, a, made("3.csv", "satz,art\na,x\nb,y\nc,x\nd,y\ne,x\nf,y\n"))
              ->header); /* few values */
    CHECK(!made_table(&err, a, made("4.csv", "z,x\na,x\nb,y\nc,x\nd,y\ne,x\nf,y\n"))
               ->header); /* one of them */
    Table *t = made_table(&err, a, made("5.csv", ",text,label\n0,a b,x\n1,c d,y\n"));
    CHECK(t->header);
    CHECK_TEXT(t->name[0], "column 1");
    CHECK_TEXT(t->name[1], "text");
    CHECK_TEXT(made_table(&err, a, made("6.csv", "good film,1\nbad film,0\n"))->name[1],
               "column 2");
    arena_free(a);
}

TEST(data_table_skips_bad_rows)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Table *t;
    const char *path = made("s.csv", "text,label\na,x\nb\n\"c\" d,x\nd,y\n\"e,z\nf,z\n");

    CHECK_INT(table_open(&err, a, path, TABLE_FAIL, &t), E_DATA);
    CHECK_HAS(err.text, "the row has 1 column where the first has 2");
    CHECK_HAS(err.text, "s.csv:3:1");
    CHECK_OK(table_open(&err, a, path, TABLE_SKIP, &t));
    CHECK_TEXT(table_text(a, t), "a/x|d/y|f/z");
    CHECK_INT(t->bad_rows, 3);
    path = made("s.jsonl", "{\"text\":\"a\"}\n{\"text\":}\n{\"text\":\"b\"\n{\"text\":\"c\","
                           "\"text\":1}\n{\"text\":\"d\"}\n");
    CHECK_OK(table_open(&err, a, path, TABLE_SKIP, &t));
    CHECK_TEXT(table_text(a, t), "a|d");
    CHECK_INT(t->bad_rows, 3);
    CHECK_INT(t->line[1], 5);
    arena_free(a);
}

/* At the caps and one beyond them. */
TEST(data_table_caps)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    size_t cap = (size_t)16 << 20;
    char *text = NEWS(&err, a, char, cap + 64);
    Table *t;

    memcpy(text, "label,text\nx,", 13);
    memset(text + 13, 'a', cap + 1);
    memcpy(text + 13 + cap, "\ny,b\n", 5);
    CHECK_OK(table_open(&err, a, made_bytes("cap.csv", text, 13 + cap + 5), TABLE_FAIL, &t));
    CHECK_INT((int64_t)t->cell[1].n, (int64_t)cap);
    memcpy(text + 13 + cap, "a\ny,b\n", 6);
    CHECK_INT(table_open(&err, a, made_bytes("cap.csv", text, 13 + cap + 6), TABLE_FAIL, &t),
              E_DATA);
    CHECK_HAS(err.text, "a field of more than 16777216 bytes");
    CHECK_HAS(err.text, "cap.csv:2:3");
    for (int columns = 65535; columns <= 65537; columns++) {
        memset(text, ',', (size_t)columns - 1);
        text[columns - 1] = '\n';
        Status s =
            table_open(&err, a, made_bytes("wide.csv", text, (size_t)columns), TABLE_FAIL, &t);
        CHECK_INT(s, columns > 65536 ? E_DATA : E_OK);
    }
    CHECK_HAS(err.text, "more than 65536 columns");
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
