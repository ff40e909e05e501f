/* torch_zip.c - what torch.save has written since 1.6: a zip archive NAME/{data.pkl, data/KEY, byteorder, ..}
 * (torch/serialization.py, caffe2/serialize/inline_container.cc).  Stored entries are used in place. */
#include "formats/torch.h"
#include "formats/zip.h"

#include <string.h>

typedef struct ZipForm {
    const Zip *zip;
    const char *prefix; /* with its slash */
    bool unchecked;     /* a record without checksum was met */
} ZipForm;

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && memcmp(s + n - m, end, m) == 0;
}

/* Zip archives that hold something else. */
static Status other_zip(Err *e, const Zip *z)
{
    const char *what = "the zip archive holds no data.pkl: torch.save did not write it";

    for (size_t i = 0; i < z->n; i++) {
        if (ends_with(z->at[i].name, ".npy"))
            what = "the file looks like a NumPy .npz; not read yet";
        else if (ends_with(z->at[i].name, ".weights.h5"))
            what = "the file looks like a Keras model; not read yet";
        else if (ends_with(z->at[i].name, ".dist-info/WHEEL"))
            what = "the file is a Python wheel; the weights are a file inside it";
    }
    fail(e, E_DATA, "%s", what);
    return err_note(e, "file", "%s", z->file);
}

/* The folder inside the archive: the one that holds data.pkl. */
static Status find_prefix(Err *e, const Zip *z, Arena *a, const char **out)
{
    const char *found = NULL;

    for (size_t i = 0; i < z->n; i++) {
        const char *slash = strchr(z->at[i].name, '/');

        if (!slash || strcmp(slash, "/data.pkl") != 0)
            continue;
        if (found) {
            fail(e, E_DATA, "the zip archive holds two data.pkl");
            return err_note(e, "file", "%s", z->file);
        }
        found = z->at[i].name;
    }
    if (!found)
        return other_zip(e, z);
    *out = arena_strndup(e, a, found, strlen(found) - strlen("data.pkl"));
    return *out ? E_OK : e->code;
}

static Status find_entry(Err *e, const Weights *w, const ZipForm *z, const char *name,
                         const ZipEntry **out)
{
    const char *full = arena_printf(e, w->arena, "%s%s", z->prefix, name);

    if (!full)
        return err_failed(e->code);
    *out = zip_find(z->zip, full);
    return E_OK;
}

static Status zip_record(Err *e, TorchFile *t, const Storage *s, Bytes *out)
{
    ZipForm *z = t->form;
    const ZipEntry *entry = NULL;
    const char *name = arena_printf(e, t->w->arena, "data/%s", s->key);

    if (!name)
        return err_failed(e->code);
    TRY(find_entry(e, t->w, z, name, &entry));
    if (!entry) {
        fail(e, E_DATA, "the record of storage \"%s\" is missing", s->key);
        err_note(e, "file", "%s", t->file);
        return err_note(e, "expected", "a zip entry %s%s", z->prefix, name);
    }
    if (entry->crc == 0 && entry->size > 0)
        z->unchecked = true;
    return zip_stored(e, z->zip, entry, out);
}

/* TorchScript programs and big-endian files share the container. */
static Status check_form(Err *e, const TorchFile *t, const ZipForm *z)
{
    const ZipEntry *entry = NULL;
    Bytes order;

    TRY(find_entry(e, t->w, z, "constants.pkl", &entry));
    if (entry) {
        fail(e, E_DATA, "the file is a TorchScript program; not read yet");
        err_note(e, "file", "%s", t->file);
        return err_note(e, "hint", "save its state_dict() instead");
    }
    TRY(find_entry(e, t->w, z, "byteorder", &entry));
    if (!entry)
        return E_OK;
    TRY(zip_stored(e, z->zip, entry, &order));
    if (order.n == 6 && memcmp(order.data, "little", 6) == 0)
        return E_OK;
    fail(e, E_DATA, "the file was saved on a big-endian computer; not read");
    return err_note(e, "file", "%s", t->file);
}

Status torch_zip_parse(Err *e, Weights *w, const char *file, Bytes b)
{
    ZipForm form = {0};
    TorchFile t = {.file = file, .w = w, .record = zip_record, .form = &form};
    const ZipEntry *entry = NULL;
    Zip *z = NULL;
    Bytes text;
    Value saved;

    w->format = "PyTorch zip";
    TRY(zip_open(e, w->arena, file, b, &z));
    form.zip = z;
    TRY(find_prefix(e, z, w->arena, &form.prefix));
    TRY(check_form(e, &t, &form));
    TRY(find_entry(e, w, &form, "data.pkl", &entry));
    TRY(zip_stored(e, z, entry, &text));
    TRY(pickle_new(e, w->arena, NULL, &t.pickle));

    /* positions in messages are those of the whole file */
    Cursor c = {file, b.data, (size_t)(text.data - b.data) + text.n, (size_t)(text.data - b.data)};

    TRY(pickle_run(e, t.pickle, &c, &saved));
    TRY(torch_collect(e, &t, &saved));
    if (form.unchecked)
        TRY(weights_add_metadata(e, w, "checksums", "none in this file: damage would not be seen"));
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
