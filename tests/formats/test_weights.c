/* test_weights.c - finding weights by path, names, the cap on tensors, sorting of spans. */
#include "base/sys.h"
#include "formats/weights.h"
#include "test.h"

#include <string.h>

static Err err;

static Arena *begin(void)
{
    Arena *a = arena_new(&err, sys_real());

    CHECK(a != NULL);
    return a;
}

static void put_file(Arena *a, const char *path, const void *data, size_t n)
{
    Writer *w;

    CHECK_OK(writer_open(&err, a, path, &w));
    CHECK_OK(writer_put(&err, w, data, n));
    CHECK_OK(writer_commit(&err, w));
}

TEST(formats_weights_folder)
{
    Arena *a = begin();
    const char *dir = test_folder();
    float x = 1;
    NamedTensor t = {"x", {DT_F32, SHAPE0, &x}};
    Weights *w;

    CHECK_INT(weights_open(&err, a, dir, &w), E_NOINPUT);
    CHECK_HAS(err.text, "no weights in this folder");
    CHECK_HAS(err.text, "pytorch_model.bin.index.json");

    CHECK_OK(safetensors_write(&err, a, path_join(&err, a, dir, "best.pth"), &t, 1, NULL));
    CHECK_INT(weights_open(&err, a, dir, &w), E_NOINPUT);
    CHECK_HAS(err.text, "best.pth");

    CHECK_OK(safetensors_write(&err, a, path_join(&err, a, dir, "adapter_model.bin"), &t, 1, NULL));
    CHECK_OK(
        weights_open(&err, a, dir, &w)); /* what it is follows from its bytes, not from its name */
    CHECK_HAS(weights_at(w, 0)->file, "adapter_model.bin");

    CHECK_OK(safetensors_write(&err, a, path_join(&err, a, dir, "model.safetensors"), &t, 1, NULL));
    CHECK_OK(weights_open(&err, a, dir, &w));
    CHECK_HAS(weights_at(w, 0)->file, "model.safetensors");
    arena_free(a);
}

TEST(formats_weights_missing)
{
    Arena *a = begin();
    Weights *w;

    CHECK_INT(weights_open(&err, a, "no/such/file.pt", &w), E_NOINPUT);
    CHECK_HAS(err.text, "no/such/file.pt");
    arena_free(a);
}

/* Forms that are known and not read are named. */
TEST(formats_weights_names_other_forms)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *text;
    } cases[] = {
        {"\x89HDF\r\n\x1a\nrest of it", 17, "looks like HDF5"},
        {"GGUF\3\0\0\0\0\0\0\0", 12, "looks like GGUF"},
        {"\x93NUMPY\1\0v\0{", 11, "looks like a NumPy array"},
        {"\x47\x6b\x30\x01zzzzzz", 10, "looks like ncnn weights"},
        {"7767517\n75 83\n", 14, "looks like an ncnn network"},
        {"\x1f\x8b\x08\0\0\0\0\0\0\0", 10, "looks like gzip"},
        {"version https://git-lfs.github.com/spec/v1\n", 43, "Git LFS pointer"},
        {"<!DOCTYPE html><html>", 21, "looks like a web page"},
        {"\x80\4\x95\0\0\0\0\0\0\0\0", 11, "a pickle that torch.save did not write"},
        {"hello, world", 12, "not a weight file of a known form"},
        {"", 0, "is empty"},
    };
    Arena *a = begin();
    const char *path = path_join(&err, a, test_folder(), "x.bin");
    Weights *w;

    for (size_t i = 0; i < LEN(cases); i++) {
        put_file(a, path, cases[i].bytes, cases[i].n);
        CHECK_INT(weights_open(&err, a, path, &w), E_DATA);
        CHECK_HAS(err.text, cases[i].text);
        CHECK_HAS(err.text, "x.bin");
    }
    arena_free(a);
}

TEST(formats_weights_tensor_cap)
{
    Arena *a = begin();
    float x = 0;
    Weights *w;

    CHECK_OK(weights_new(&err, a, &w));
    for (int i = 0; i <= WEIGHTS_MAX; i++) {
        Arena *name = arena_child(&err, a);
        Weight t = {.name = arena_printf(&err, name, "t%d", i), .data = &x, .file = "memory"};
        Status s = weights_add(&err, w, &t);

        if (s != (i < WEIGHTS_MAX ? E_OK : E_DATA))
            CHECK_INT(i, -1);
        arena_free(name);
    }
    CHECK_HAS(err.text, "more than 1048576 tensors");
    CHECK_INT(weights_count(w), WEIGHTS_MAX);
    CHECK(weights_find(w, "t1048575") != NULL);
    arena_free(a);
}

TEST(formats_weights_names)
{
    static const struct {
        const char *name;
        const char *text; /* NULL: allowed */
    } cases[] = {
        {"plain.weight", NULL},
        {"", NULL},
        {"\xc3\xa9\xe5\x90\x8d\xf0\x9f\x98\x80", NULL},
        {"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", NULL},
        {"a\x1b[31m", "control character"},
        {"a\x7f", "control character"},
        {"\xc0\xaf", "not UTF-8"},
        {"\xe0\x80\x80", "not UTF-8"},
        {"\xed\xa0\x80", "not UTF-8"},
        {"\xf0\x80\x80\x80", "not UTF-8"},
        {"\xf4\x90\x80\x80", "not UTF-8"},
        {"\xf5\x80\x80\x80", "not UTF-8"},
        {"\xc3", "not UTF-8"},
        {"\xe5\x90", "not UTF-8"},
        {"\x80", "not UTF-8"},
    };

    for (size_t i = 0; i < LEN(cases); i++) {
        Status s = weights_check_name(&err, "memory", cases[i].name, strlen(cases[i].name));

        CHECK_INT(s, cases[i].text ? E_DATA : E_OK);
        if (s)
            CHECK_HAS(err.text, cases[i].text);
    }
    CHECK_INT(weights_check_name(&err, "memory", "a\0b", 3), E_DATA);
}

TEST(formats_spans_sort)
{
    enum { N = 1000 };
    Span s[N];

    for (size_t i = 0; i < N; i++) {
        uint64_t begin = random_permute(i, N, 5) / 3; /* some equal */

        s[i] = (Span){begin, begin + random_permute(i % 7, 7, 9), i};
    }
    spans_sort(s, N);
    uint64_t sum = s[0].index;

    for (size_t i = 1; i < N; i++) {
        CHECK(s[i - 1].begin < s[i].begin ||
              (s[i - 1].begin == s[i].begin && s[i - 1].end <= s[i].end));
        sum += s[i].index;
    }
    CHECK_INT((int64_t)sum, N * (N - 1) / 2);
}
/* Every kind of integer, plain and strided, against the float32 that the golden test compares. */
TEST(formats_weights_integers)
{
    static const char *const files[] = {"kinds.pt", "kinds.safetensors", "views.pt",
                                        "edges.stream.pth"};
    Arena *a = begin();
    int read = 0;

    for (size_t i = 0; i < LEN(files); i++) {
        Weights *w;

        CHECK_OK(weights_open(&err, a, path_join(&err, a, "tests/golden/formats", files[i]), &w));
        for (int k = 0; k < weights_count(w); k++) {
            const Weight *t = weights_at(w, k);
            int64_t n = shape_size(&t->shape);
            int64_t *integers = NEWS(&err, a, int64_t, n + 1);
            float *floats = NEWS(&err, a, float, n + 1);

            if (weights_read_i64(&err, t, integers))
                continue;
            CHECK_OK(weights_read_f32(&err, t, floats));
            for (int64_t j = 0; j < n; j++)
                CHECK_NEAR((double)integers[j], (double)floats[j],
                           1e-7 * (double)(floats[j] < 0 ? -floats[j] : floats[j]));
            read++;
        }
    }
    CHECK(read >= 18);
    arena_free(a);
}

/* Refuses the k-th call to the system, once or for ever: an error and nothing kept, never a crash. */
static void check_faults(const char *path, bool for_ever)
{
    for (int64_t k = 1;; k++) {
        SysFaults f = {.kind = SYS_ANY, .at = k, .for_ever = for_ever};
        Weights *w;

        sys_faulty(&f, sys_real());
        Arena *a = arena_new(&err, &f.sys);
        Status s = a ? weights_open(&err, a, path, &w) : err.code;

        arena_free(a);
        CHECK_INT(f.held, 0);
        if (f.calls < k) {
            CHECK_OK(s);
            return;
        }
        check_at(path, (int)k, s == E_OK || s == E_INTERNAL || s == E_IO || s == E_NOINPUT,
                 err.text);
        CHECK(k < 1000);
    }
}

TEST(formats_weights_faults)
{
    static const char *const paths[] = {"/trained.pt", "/views.stream.pth", "/kinds.safetensors",
                                        "/sharded"};

    for (size_t i = 0; i < LEN(paths); i++)
        for (int for_ever = 0; for_ever < 2; for_ever++) {
            char path[100] = "tests/golden/formats";

            memcpy(path + strlen(path), paths[i], strlen(paths[i]) + 1);
            check_faults(path, for_ever);
        }
}
/* SPDX-License-Identifier: MIT */
