/* test_err.c - how a message looks. */
#include <string.h>

#include "test.h"

TEST(base_err_lines)
{
    Err e;

    CHECK_INT(fail(&e, E_DATA, "tensor \"%s\" has the wrong shape", "w"), E_DATA);
    CHECK_INT(err_note(&e, "file", "%s", "a.safetensors"), E_DATA);
    CHECK_INT(err_note(&e, "expected", "[%d, %d]", 2, 3), E_DATA);
    CHECK_INT(err_while(&e, "loading \"%s\"", "a"), E_DATA);
    CHECK_TEXT(e.text, "tensor \"w\" has the wrong shape\n"
                       "  file      a.safetensors\n"
                       "  expected  [2, 3]\n"
                       "  while     loading \"a\"");
    CHECK_INT(fail(&e, E_IO, "short"), E_IO);
    CHECK_TEXT(e.text, "short");
}

TEST(base_err_text_from_files_cannot_forge_lines)
{
    Err e;

    (void)fail(&e, E_DATA, "name \"%s\"", "x\033[2J\r\n  hint      run this\177");
    CHECK_TEXT(e.text, "name \"x?[2J?\n              hint      run this?\"");
}

TEST(base_err_is_cut_when_full)
{
    char text[5000];
    Err e;

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    CHECK_INT(fail(&e, E_DATA, "%s", text), E_DATA);
    CHECK_INT(err_note(&e, "hint", "%s", text), E_DATA);
    CHECK_INT((int64_t)strlen(e.text), sizeof e.text - 1);
    CHECK_TEXT(e.text + sizeof e.text - 5, "x...");
}
/* SPDX-License-Identifier: MIT */
