/* test_hash.c - published values of FNV-1a, CRC-32 and SHA-256. */
#include <string.h>

#include "test.h"

TEST(base_hash_fnv1a_published)
{
    CHECK_INT((int64_t)hash_fnv1a("", 0, 0), (int64_t)0xcbf29ce484222325u);
    CHECK_INT((int64_t)hash_fnv1a("a", 1, 0), (int64_t)0xaf63dc4c8601ec8cu);
    CHECK_INT((int64_t)hash_fnv1a("foobar", 6, 0), (int64_t)0x85944171f73967e8u);
    CHECK_INT((int64_t)hash_fnv1a("bar", 3, hash_fnv1a("foo", 3, 0)), (int64_t)0x85944171f73967e8u);
}

TEST(base_hash_crc32_published)
{
    CHECK_INT(hash_crc32(0, "123456789", 9), 0xcbf43926);
    CHECK_INT(hash_crc32(hash_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
}

/* By the processor's instructions where it has them, and without: "differ" when they disagree. */
static const char *sha256(const char *text, size_t piece)
{
    static char hex[65];
    char plain_hex[65];
    size_t n = strlen(text);
    Sha256 s, plain;

    sha256_start(&s);
    sha256_start(&plain);
    plain.by_instruction = false;
    for (size_t at = 0; at < n; at += piece) {
        sha256_add(&s, text + at, n - at < piece ? n - at : piece);
        sha256_add(&plain, text + at, n - at < piece ? n - at : piece);
    }
    sha256_end(&s, hex);
    sha256_end(&plain, plain_hex);
    return strcmp(hex, plain_hex) == 0 ? hex : "differ";
}

TEST(base_sha256_published)
{
    CHECK_TEXT(sha256("", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_TEXT(sha256("abc", 9),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_TEXT(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 99),
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(base_sha256_million)
{
    static char text[1000001];

    memset(text, 'a', sizeof text - 1);
    for (size_t piece = 1; piece < 2000; piece = 3 * piece + 1)
        CHECK_TEXT(sha256(text, piece),
                   "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Every length around a block's end, in one go and byte by byte. */
TEST(base_sha256_lengths)
{
    char text[200] = "", whole[65];

    for (size_t n = 1; n < sizeof text; n++) {
        memset(text, 'x', n - 1);
        text[n - 1] = 0;
        memcpy(whole, sha256(text, 1000), sizeof whole);
        CHECK_TEXT(sha256(text, 1), whole);
    }
}

TEST(base_sha256_of_a_file)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());
    const char *path = path_join(&err, a, test_folder(), "abc");
    Writer *w;
    char hex[65];

    CHECK_OK(writer_open(&err, a, path, &w));
    CHECK_OK(writer_put(&err, w, "abc", 3));
    CHECK_OK(writer_commit(&err, w));
    CHECK_OK(sha256_file(&err, a, path, hex));
    CHECK_TEXT(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_INT(sha256_file(&err, a, test_folder(), hex), E_NOINPUT);
    arena_free(a);
}
/* SPDX-License-Identifier: MIT */
