/* encoding.c - a file's bytes as UTF-8: byte order marks, UTF-16, Windows-1252; what is no text is refused
 * by its content, whatever its name says, with the way to export it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "data/table.h"
#include "text/utf8.h"

#define AS_CSV "Open it in a spreadsheet and save it as CSV (UTF-8)."

typedef struct Magic {
    const char *bytes;
    size_t n;
    const char *what, *hint;
} Magic;

static const Magic magics[] = {
    {"PAR1", 4, "a Parquet file",
     "In Python: pandas.read_parquet(\"FILE\").to_csv(\"FILE.csv\", index=False)"},
    {"\xd0\xcf\x11\xe0", 4, "an old Excel workbook (.xls)", AS_CSV},
    {"\x1f\x8b", 2, "compressed with gzip", "Unpack it first: gunzip FILE"},
    {"BZh", 3, "compressed with bzip2", "Unpack it first: bunzip2 FILE"},
    {"\xfd"
     "7zXZ",
     5, "compressed with xz", "Unpack it first: unxz FILE"},
    {"\x28\xb5\x2f\xfd", 4, "compressed with Zstandard", "Unpack it first: unzstd FILE"},
    {"7z\xbc\xaf", 4, "a 7-Zip archive", "Unpack it and give the CSV or JSONL inside."},
    {"Rar!", 4, "a RAR archive", "Unpack it and give the CSV or JSONL inside."},
    {"ARROW1", 6, "an Arrow (Feather) file",
     "In Python: pandas.read_feather(\"FILE\").to_csv(\"FILE.csv\", index=False)"},
    {"Obj\x01", 4, "an Avro file", "Export it as CSV or JSON lines."},
    {"SQLite format 3", 15, "an SQLite database",
     "sqlite3 -header -csv FILE \"select * from TABLE\" > FILE.csv"},
    {"\x89HDF", 4, "an HDF5 file", "Export it as CSV or JSON lines."},
    {"%PDF", 4, "a PDF document", "Export the table in it as CSV."},
    {"\x89PNG", 4, "a PNG picture", "Pictures are given as a folder of class folders."},
    {"\xff\xd8\xff", 3, "a JPEG picture", "Pictures are given as a folder of class folders."},
    {"\x80\x02", 2, "a Python pickle",
     "In Python: pandas.read_pickle(\"FILE\").to_csv(\"FILE.csv\", index=False)"},
    {"\x80\x04", 2, "a Python pickle",
     "In Python: pandas.read_pickle(\"FILE\").to_csv(\"FILE.csv\", index=False)"},
    {"\x80\x05", 2, "a Python pickle",
     "In Python: pandas.read_pickle(\"FILE\").to_csv(\"FILE.csv\", index=False)"},
    {"<!DOCTYPE", 9, "a web page",
     "Was it downloaded by its page's address instead of the file's?"},
    {"<html", 5, "a web page", "Was it downloaded by its page's address instead of the file's?"},
    {"<?xml", 5, "an XML file", "Export it as CSV or JSON lines."},
    {"version https://git-lfs", 23, "a Git LFS pointer",
     "Run `git lfs pull` where it was cloned, or download the file again."},
    {"\xff\xfe\0\0", 4, "UTF-32", "iconv -f UTF-32 -t UTF-8 FILE > FILE.csv"},
    {"\0\0\xfe\xff", 4, "UTF-32", "iconv -f UTF-32 -t UTF-8 FILE > FILE.csv"},
};

/* What 0x80 to 0x9f are in Windows-1252; 0 where it has nothing. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static Status refuse(Err *e, const char *path, const char *what, const char *hint)
{
    fail(e, E_DATA, "this is %s, not a table of text", what);
    err_note(e, "file", "%s", path);
    err_note(e, "expected", "CSV, TSV or JSON lines");
    return err_note(e, "hint", "%s", hint);
}

static bool holds(Bytes b, const char *what)
{
    return memmem(b.data, b.n, what, strlen(what)) != NULL;
}

/* Zip is a wrapper of many formats, known by the names of the entries. */
static Status refuse_zip(Err *e, const char *path, Bytes b)
{
    size_t tail = b.n < 65536 ? b.n : 65536;
    Bytes ends[] = {{b.data, b.n < 4096 ? b.n : 4096}, {b.data + b.n - tail, tail}};
    const char *what = "a zip archive", *hint = "Unpack it and give the CSV or JSONL inside.";

    for (size_t i = 0; i < LEN(ends); i++) {
        if (holds(ends[i], "xl/workbook") || holds(ends[i], "xl/worksheets"))
            what = "an Excel workbook (.xlsx)", hint = AS_CSV;
        else if (holds(ends[i], "opendocument.spreadsheet"))
            what = "an OpenDocument spreadsheet (.ods)", hint = AS_CSV;
        else if (holds(ends[i], "word/document"))
            what = "a Word document (.docx)",
            hint = "Copy the table into a spreadsheet and save it as CSV.";
    }
    return refuse(e, path, what, hint);
}

static Status refuse_known(Err *e, const char *path, Bytes b)
{
    if (b.n >= 4 && !memcmp(b.data, "PK\x03\x04", 4))
        return refuse_zip(e, path, b);
    if (b.n >= 4 && !memcmp(b.data, "ORC", 3) && b.data[3] < ' ') /* ORCID begins a table */
        return refuse(e, path, "an ORC file", "Export it as CSV or JSON lines.");
    for (size_t i = 0; i < LEN(magics); i++)
        if (b.n >= magics[i].n && !memcmp(b.data, magics[i].bytes, magics[i].n))
            return refuse(e, path, magics[i].what, magics[i].hint);
    size_t k = 0;
    while (k < b.n && memchr(" \t\r\n", b.data[k], 4))
        k++;
    if (k < b.n && b.data[k] == '[') {
        for (k++; k < b.n && memchr(" \t\r\n", b.data[k], 4);)
            k++;
        if (k < b.n && b.data[k] == '{')
            return refuse(e, path, "one JSON array",
                          "One object a line is read: jq -c '.[]' FILE > FILE.jsonl");
    }
    return E_OK;
}

/* 'L' or 'B' when every second byte of the beginning is mostly NUL, as Western text in UTF-16 has it. */
static int looks_utf16(Bytes b)
{
    size_t n = b.n < 4096 ? b.n & ~(size_t)1 : 4096, zero[2] = {0, 0};

    for (size_t i = 0; i < n; i++)
        zero[i & 1] += b.data[i] == 0;
    if (n < 4 || (zero[0] + zero[1]) * 5 < n)
        return 0;
    return zero[1] > 4 * zero[0] ? 'L' : zero[0] > 4 * zero[1] ? 'B' : 0;
}

static Status from_utf16(Err *e, Arena *a, Source *s, Bytes b, bool big)
{
    size_t k = 0;

    if (b.n & 1)
        return refuse(e, s->path, "UTF-16 with half a character at its end",
                      "Was it cut short while copying?");
    uint8_t *out = arena_alloc(e, a, b.n / 2 * 3 + 1);
    if (!out)
        return err_failed(e->code);
    for (size_t i = 0; i < b.n; i += 2) {
        uint32_t c = big ? (uint32_t)b.data[i] << 8 | b.data[i + 1]
                         : (uint32_t)b.data[i + 1] << 8 | b.data[i];

        if (c >= 0xd800 && c < 0xdc00 && i + 4 <= b.n) {
            const uint8_t *p = b.data + i + 2;
            uint32_t low = big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];

            if (low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        k += (size_t)utf8_put(out + k, c >= 0xd800 && c < 0xe000 ? UTF8_BAD : c);
    }
    s->text = (const char *)out;
    s->n = k;
    s->encoding = big ? "UTF-16BE" : "UTF-16LE";
    return E_OK;
}

static Status from_windows_1252(Err *e, Arena *a, Source *s, Bytes b)
{
    uint8_t *out = arena_array(e, a, b.n + 1, 3);
    size_t k = 0;

    if (!out)
        return err_failed(e->code);
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.data[i];
        uint32_t v = c < 0x80 || c >= 0xa0 ? c : windows_1252[c - 0x80];

        k += (size_t)utf8_put(out + k, v || !c ? v : UTF8_BAD);
    }
    s->text = (const char *)out;
    s->n = k;
    s->encoding = "Windows-1252";
    return E_OK;
}

/* Not UTF-8: Windows-1252, unless most of what is beyond ASCII was UTF-8 after all. */
static Status from_bytes(Err *e, Arena *a, Source *s, Bytes b, size_t first_bad)
{
    const uint8_t *p = b.data, *end = p + b.n;
    size_t good = 0, wrong = 0;

    while (p < end) {
        uint32_t c;
        bool bad = false;
        int n = utf8_get(p, end, &c, &bad);

        wrong += bad;
        good += !bad && n > 1;
        p += n;
    }
    if (good <= wrong)
        return from_windows_1252(e, a, s, b);
    int64_t line;
    size_t column;
    s->text = (const char *)b.data;
    s->n = b.n;
    source_place(s, first_bad, &line, &column);
    fail(e, E_DATA, "byte 0x%02x is not UTF-8, though %zu other characters are", b.data[first_bad],
         good);
    err_note(e, "file", "%s:%lld:%zu", s->path, (long long)line, column);
    return err_note(e, "hint",
                    "Two encodings seem to be mixed in one file; iconv -f UTF-8 -t UTF-8 -c drops "
                    "what is not UTF-8.");
}

static Status source_convert(Err *e, Arena *a, Source *s, Bytes b)
{
    static const struct {
        const char *mark;
        size_t n;
        int form;
    } marks[] = {{"\xef\xbb\xbf", 3, '8'}, {"\xff\xfe", 2, 'L'}, {"\xfe\xff", 2, 'B'}};
    int form = 0;
    size_t at;

    for (size_t i = 0; i < LEN(marks) && !form; i++)
        if (b.n >= marks[i].n && !memcmp(b.data, marks[i].mark, marks[i].n)) {
            form = marks[i].form;
            b = (Bytes){b.data + marks[i].n, b.n - marks[i].n};
        }
    if (!form)
        form = looks_utf16(b);
    if (form == 'L' || form == 'B')
        return from_utf16(e, a, s, b, form == 'B');
    if (memchr(b.data, 0, b.n < 4096 ? b.n : 4096))
        return refuse(e, s->path, "binary data", "Export the table as CSV or JSON lines.");
    if (!utf8_valid((const char *)b.data, b.n, &at))
        return from_bytes(e, a, s, b, at);
    s->text = (const char *)b.data;
    s->n = b.n;
    s->encoding = form ? "UTF-8 with BOM" : "UTF-8";
    return E_OK;
}

Status source_read(Err *e, Arena *a, const char *path, Bytes b, Source *out)
{
    *out = (Source){.path = path};
    if (b.n)
        TRY(refuse_known(e, path, b));
    if (b.n)
        TRY(source_convert(e, a, out, b));
    for (size_t i = 0; i < out->n; i++)
        if (!memchr(" \t\r\n", out->text[i], 4))
            return E_OK;
    fail(e, E_DATA, b.n ? "the file holds nothing but blanks" : "the file is empty");
    return err_note(e, "file", "%s", path);
}

void source_place(const Source *s, size_t at, int64_t *line, size_t *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < at && i < s->n; i++) {
        char c = s->text[i];

        if (c == '\n' || (c == '\r' && !(i + 1 < s->n && s->text[i + 1] == '\n'))) {
            ++*line;
            *column = 1;
        } else {
            *column += (c & 0xc0) != 0x80;
        }
    }
}

Status source_fail(Err *e, const Source *s, int64_t line, size_t line_start, size_t at,
                   const char *fmt, ...)
{
    char text[400];
    size_t column = 1;
    va_list args;

    va_start(args, fmt);
    if (vsnprintf(text, sizeof text, fmt, args) < 0)
        text[0] = 0;
    va_end(args);
    for (size_t i = line_start; i < at && i < s->n; i++)
        column += (s->text[i] & 0xc0) != 0x80;
    fail(e, E_DATA, "%s", text);
    return err_note(e, "file", "%s:%lld:%zu", s->path, (long long)line, column);
}

/* SPDX-License-Identifier: MIT */
