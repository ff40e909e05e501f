/* open.c - from a path to its tensors: finds the weight file of a folder, maps it, picks its reader. */
#include "formats/weights.h"

#include <string.h>

/* In the order in which a folder is searched. */
static const char *const folder_names[] = {
    "model.safetensors",         "model.safetensors.index.json",
    "pytorch_model.bin",         "pytorch_model.bin.index.json",
    "adapter_model.safetensors", "adapter_model.bin",
    "adapter.safetensors",       "pytorch_adapter.bin",
};

static bool has_suffix(const char *s, const char *suffix)
{
    size_t n = strlen(s), m = strlen(suffix);

    return n > m && memcmp(s + n - m, suffix, m) == 0;
}

static Status no_weights(Err *e, Arena *a, const char *folder)
{
    static const char *const suffixes[] = {".safetensors", ".pt", ".pth", ".bin", ".th"};
    char **names;
    size_t n;

    TRY(dir_list(e, a, folder, &names, &n));
    fail(e, E_NOINPUT, "no weights in this folder");
    err_note(e, "folder", "%s", folder);
    for (size_t i = 0; i < LEN(folder_names); i++)
        err_note(e, i ? "" : "expected", "%s", folder_names[i]);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < LEN(suffixes); j++)
            if (has_suffix(names[i], suffixes[j]))
                return err_note(e, "hint", "name the file itself: %s/%s", folder, names[i]);
    return err_failed(e->code);
}

static Status folder_file(Err *e, Arena *a, const char *folder, const char **out)
{
    for (size_t i = 0; i < LEN(folder_names); i++) {
        char *path = path_join(e, a, folder, folder_names[i]);
        bool here;

        if (!path)
            return err_failed(e->code);
        TRY(path_file(e, arena_sys(a), path, &here));
        if (here) {
            *out = path;
            return E_OK;
        }
    }
    return no_weights(e, a, folder);
}

static Status refuse(Err *e, const char *file, Bytes b, const char *what, const char *hint)
{
    if (what) {
        fail(e, E_DATA, "%s looks like %s; not read yet", path_base(file), what);
        err_note(e, "file", "%s", file);
        return err_note(e, "hint", "%s", hint);
    }
    if (b.n == 0) {
        fail(e, E_DATA, "%s is empty", path_base(file));
        return err_note(e, "file", "%s", file);
    }
    fail(e, E_DATA, "%s is not a weight file of a known form", path_base(file));
    err_note(e, "file", "%s", file);
    err_note(e, "expected", "safetensors, or what torch.save writes");
    uint8_t first[4] = {0};

    memcpy(first, b.data, b.n < 4 ? b.n : 4);
    return err_note(e, "found", "%zu bytes that begin with %02x %02x %02x %02x", b.n, first[0],
                    first[1], first[2], first[3]);
}

Status weights_parse(Err *e, Weights *w, const char *file, Bytes b)
{
    const char *what, *hint;

    w->files++;
    w->file_bytes += (int64_t)b.n;
    switch (weights_sniff(b, &what, &hint)) {
    case SNIFF_SAFETENSORS:
        return safetensors_parse(e, w, file, b);
    case SNIFF_ZIP:
        return torch_zip_parse(e, w, file, b);
    case SNIFF_STREAM:
        return torch_stream_parse(e, w, file, b);
    case SNIFF_INDEX:
        return refuse(e, file, b, "JSON text", "a shard must be a weight file");
    default:
        return refuse(e, file, b, what, hint);
    }
}

Status weights_open(Err *e, Arena *a, const char *path, Weights **out)
{
    Weights *w = NULL;
    const char *what, *hint;
    Bytes b;

    TRY(weights_new(e, a, &w));
    if (path_kind(arena_sys(a), path) == PATH_DIR)
        TRY(folder_file(e, a, path, &path));
    else if (!(path = arena_strndup(e, a, path, strlen(path)))) /* tensors keep pointing to it */
        return err_failed(e->code);
    TRY(weights_map(e, w, path, &b));
    if (weights_sniff(b, &what, &hint) == SNIFF_INDEX)
        TRY(shards_open(e, w, path, b));
    else
        TRY(weights_parse(e, w, path, b));
    weights_forget(w); /* an archive's checksums have read it whole */
    *out = w;
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
