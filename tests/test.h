/* test.h - one runner, each test in a child process with a time limit, both values printed on failure.
 * TEST(name) registers by constructor (tests link as objects, so nothing is dropped).
 * Names read room_file_what: TEST(formats_safetensors_refuses_overlap) { ... } */
#ifndef TEST_H
#define TEST_H

#include "base/base.h"

typedef void (*TestFn)(void);
void test_register(const char *name, const char *file, int line, TestFn fn);

#define TEST(name)                                                                                 \
    static void test_##name(void);                                                                 \
    __attribute__((constructor)) static void register_##name(void)                                 \
    {                                                                                              \
        test_register(#name, __FILE__, __LINE__, test_##name);                                     \
    }                                                                                              \
    static void test_##name(void)

/* Every check ends the test (child process) when it fails. */
void check_at(const char *file, int line, bool ok, const char *what);
void check_int_at(const char *file, int line, const char *what, int64_t found, int64_t wanted);
void check_near_at(const char *file, int line, const char *what, double found, double wanted,
                   double tol);
void check_text_at(const char *file, int line, const char *what, const char *found,
                   const char *wanted);
void check_has_at(const char *file, int line, const char *text, const char *part);
void check_ok_at(const char *file, int line, Status s, const Err *e);

#define CHECK(x)                 check_at(__FILE__, __LINE__, (x), #x)
#define CHECK_INT(found, wanted) check_int_at(__FILE__, __LINE__, #found, (found), (wanted))
#define CHECK_NEAR(found, wanted, tol)                                                             \
    check_near_at(__FILE__, __LINE__, #found, (double)(found), (double)(wanted), (tol))
#define CHECK_TEXT(found, wanted) check_text_at(__FILE__, __LINE__, #found, (found), (wanted))
#define CHECK_HAS(text, part)     check_has_at(__FILE__, __LINE__, (text), (part))
#define CHECK_OK(call)            check_ok_at(__FILE__, __LINE__, (call), &err)

/* Ends the test as skipped, counted and printed with the reason. */
_Noreturn void test_skip(const char *fmt, ...) PRINTF(1, 2);
/* A file of the shared reference material, or skip: "golden/bert_pretraining/config.json". */
const char *test_shared(const char *path);
/* A fresh empty folder, removed after the test. */
const char *test_folder(void);
/* An arena that ends with the test. */
Arena *test_arena(void);

#endif
/* SPDX-License-Identifier: MIT */
