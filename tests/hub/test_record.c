/* test_record.c - SHA256SUMS: what is written reads back, what a hostile one says is refused by its line. */
#include <stdio.h>
#include <string.h>

#include "hub/hub.h"
#include "test.h"

#define HASH "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

static Err err;

static void refused(const char *text, size_t n, const char *why)
{
    HubRecord r;

    CHECK_INT(
        hub_record_parse(&err, test_arena(), "SHA256SUMS", (Bytes){(const uint8_t *)text, n}, &r),
        E_DATA);
    CHECK_HAS(err.text, why);
    CHECK_HAS(err.text, "SHA256SUMS, line ");
}

TEST(hub_record_names_stay_in_the_folder)
{
    static const char *const out[] = {"../x", "/etc/passwd", "a/../../x", "..", "a/..", "a//b",
                                      "./a",  "a/./b",       "a\\..\\b",  "",   "a/"};
    char line[200];

    for (size_t i = 0; i < LEN(out); i++) {
        int n = snprintf(line, sizeof line, HASH "  %s\n", out[i]);
        refused(line, (size_t)n, out[i][0] ? "leads out of the folder" : "no sha256 and file name");
    }
}

TEST(hub_record_refuses_what_is_no_list_of_sums)
{
    static const char zero[] = HASH "  a\0b\n", upper[] = "2D711642" HASH "  a\n";

    refused(zero, sizeof zero - 1, "a zero byte");
    refused(upper, sizeof upper - 1, "no sha256 and file name");
    refused("<html>\n", 7, "no sha256 and file name");
}

TEST(hub_record_files_cap)
{
    Arena *a = test_arena();
    size_t line = strlen(HASH "  00000\n"), most = HUB_FILES_MAX;
    char *text = NEWS(&err, a, char, line *(most + 2) + 1);
    HubRecord r;

    CHECK(text != NULL);
    for (size_t i = 0; i < most + 1; i++)
        (void)snprintf(text + i * line, line + 1, HASH "  %05d\n", (int)i);
    CHECK_OK(hub_record_parse(&err, a, "s", (Bytes){(uint8_t *)text, (most - 1) * line}, &r));
    CHECK_OK(hub_record_parse(&err, a, "s", (Bytes){(uint8_t *)text, most * line}, &r));
    CHECK_INT(r.files, most);
    refused(text, (most + 1) * line, "more than 4096 files");
}

TEST(hub_record_reads_back)
{
    Arena *a = test_arena();
    const char *path = path_join(&err, a, test_folder(), HUB_SUMS), *missing;
    HubRecord r = {.source = "https://host/org/name", .revision = "main", .licence = "mit"}, got;
    HubSum sum = {.name = "sub/..name", .sha256 = HASH, .bytes = 5, .checked = "pin"};

    CHECK_OK(hub_record_put(&err, a, &r, &sum));
    CHECK_OK(hub_record_write(&err, a, path, &r));
    CHECK_OK(hub_record_read(&err, a, path, &got));
    CHECK_TEXT(got.source, r.source);
    CHECK_TEXT(got.revision, r.revision);
    CHECK(!got.commit);
    CHECK_TEXT(got.licence, r.licence);
    CHECK_INT(got.files, 1);
    CHECK_TEXT(got.file[0].name, sum.name);
    CHECK_TEXT(got.file[0].checked, "pin");
    CHECK_INT(got.file[0].bytes, 5);
    CHECK_OK(hub_record_check(&err, a, &got, test_folder(), true, &missing));
    CHECK_TEXT(missing, sum.name);
}

/* SPDX-License-Identifier: MIT */
