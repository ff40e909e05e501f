/* sniff.c - says what a file is by its first bytes, never by its name, and names what is not read. */
#include "formats/weights.h"

#include <string.h>

typedef struct Magic {
    size_t at, n;
    const char *bytes;
    Sniff kind;
    const char *what, *hint;
} Magic;

#define MAGIC(at, bytes, kind, what, hint)                                                         \
    {                                                                                              \
        at, sizeof(bytes) - 1, bytes, kind, what, hint                                             \
    }
#define OTHER(at, bytes, what, hint) MAGIC(at, bytes, SNIFF_OTHER, what, hint)
#define AS_SAFETENSORS               "save the weights as safetensors with the program that wrote it"

static const Magic magics[] = {
    MAGIC(0, "PK\3\4", SNIFF_ZIP, NULL, NULL),
    MAGIC(0, "PK\5\6", SNIFF_ZIP, NULL, NULL),
    MAGIC(0, "\x80\2\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.", SNIFF_STREAM, NULL, NULL),
    OTHER(0, "\x89HDF\r\n\x1a\n", "HDF5", AS_SAFETENSORS),
    OTHER(0, "GGUF", "GGUF", AS_SAFETENSORS),
    OTHER(0, "lmgg", "GGML (the form before GGUF)", AS_SAFETENSORS),
    OTHER(0, "fmgg", "GGMF (the form before GGUF)", AS_SAFETENSORS),
    OTHER(0, "tjgg", "GGJT (the form before GGUF)", AS_SAFETENSORS),
    OTHER(0, "\x93NUMPY", "a NumPy array", AS_SAFETENSORS),
    OTHER(0, "\x47\x6b\x30\x01", "ncnn weights", "use the model it was converted from"),
    OTHER(0, "7767517\n", "an ncnn network", "use the model it was converted from"),
    OTHER(4, "TFL3", "TensorFlow Lite", AS_SAFETENSORS),
    OTHER(0, "PAR1", "Parquet", "this is a data table, not weights"),
    OTHER(0, "\x1f\x8b", "gzip", "unpack it first"),
    OTHER(0,
          "\xfd"
          "7zXZ",
          "xz", "unpack it first"),
    OTHER(0, "BZh", "bzip2", "unpack it first"),
    OTHER(0, "\x28\xb5\x2f\xfd", "zstd", "unpack it first"),
    OTHER(257, "ustar", "a tar archive", "unpack it first"),
    OTHER(0, "version https://git-lfs", "a Git LFS pointer, not the file itself",
          "run `git lfs pull` where it was cloned, or download the file again"),
    OTHER(0, "<!DOCTYPE", "a web page", "the download went wrong; fetch it again"),
    OTHER(0, "<!doctype", "a web page", "the download went wrong; fetch it again"),
    OTHER(0, "<html", "a web page", "the download went wrong; fetch it again"),
    MAGIC(0, "{", SNIFF_INDEX, NULL, NULL),
};

/* A pickle that does not start with the magic number of torch.save. */
static bool bare_pickle(Bytes b)
{
    return b.n > 2 && b.data[0] == 0x80 && b.data[1] >= 2 && b.data[1] <= 5;
}

/* A header length, then JSON.  Text that has a "{" in both places is an index: its "length" is absurd. */
static bool looks_like_safetensors(Bytes b)
{
    uint64_t n = 0;

    for (int i = 7; i >= 0 && b.n > 8; i--)
        n = n << 8 | b.data[i];
    return b.n > 8 && b.data[8] == '{' && (b.data[0] != '{' || n <= b.n - 8);
}

Sniff weights_sniff(Bytes b, const char **what, const char **hint)
{
    *what = *hint = NULL;
    if (looks_like_safetensors(b))
        return SNIFF_SAFETENSORS;
    for (size_t i = 0; i < LEN(magics); i++) {
        const Magic *m = &magics[i];

        if (b.n < m->at + m->n || memcmp(b.data + m->at, m->bytes, m->n) != 0)
            continue;
        *what = m->what;
        *hint = m->hint;
        return m->kind;
    }
    if (bare_pickle(b)) {
        *what = "a pickle that torch.save did not write";
        *hint = AS_SAFETENSORS;
        return SNIFF_OTHER;
    }
    return SNIFF_UNKNOWN;
}
/* SPDX-License-Identifier: MIT */
