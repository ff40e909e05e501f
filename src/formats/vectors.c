/* vectors.c - a table of word vectors: what kind of file it is, the words and their places.
 * As gensim has it, the first of two rows with one word holds. */
#include "formats/vectors.h"

#include "formats/gzip.h"

#include <string.h>

#define UNPACK_RATIO_MAX 64 /* no text of numbers is packed as well as that */
#define HEAD_MAX         64 /* bytes */
#define WORDS_ROOM       ((size_t)1 << 16)

int64_t vectors_find(const Vectors *v, const char *word)
{
    int64_t row;

    return map_get(v->place, word, strlen(word), &row) ? row : -1;
}

Status vectors_rows(Err *e, Arena *a, const char *file, int64_t cap, int64_t dim, VectorRows *out)
{
    Vectors *v = NEW(e, a, Vectors);
    size_t size;
    void *block;

    if (!v || __builtin_mul_overflow((size_t)cap, (size_t)dim * sizeof(float), &size))
        return v ? fail(e, E_INTERNAL, "%lld vectors are too many", (long long)cap)
                 : err_failed(e->code);
    *out = (VectorRows){.a = a, .v = v, .cap = cap};
    out->place = map_new(e, a, (size_t)cap);
    v->word = NEWS(e, a, const char *, cap + 1);
    v->file = arena_strndup(e, a, file, strlen(file));
    if (!out->place || !v->word || !v->file)
        return err_failed(e->code);
    TRY(block_alloc(e, a, size ? size : 1, "the word vectors", &block));
    v->dim = dim;
    v->place = out->place;
    v->value = out->value = block;
    return E_OK;
}

static Status word_fail(Err *e, const VectorRows *r, const char *place, const char *what)
{
    (void)fail(e, E_DATA, "%s", what);
    return err_note(e, "file", "%s, %s", r->v->file, place);
}

Status vectors_word(Err *e, VectorRows *r, const char *word, size_t n, const char *place,
                    float **row)
{
    int64_t known;

    *row = NULL;
    if (n && memchr(word, 0, n))
        return word_fail(e, r, place, "a NUL byte in a word");
    if (map_get(r->place, word, n, &known)) {
        r->v->duplicates++;
        return E_OK;
    }
    if (r->v->n == r->cap)
        return fail(e, E_INTERNAL, "more words than were counted");
    if (r->room - r->used < n + 1) {
        r->room = n + 1 > WORDS_ROOM ? n + 1 : WORDS_ROOM;
        r->used = 0;
        if (!(r->text = arena_alloc(e, r->a, r->room)))
            return err_failed(e->code);
    }
    char *copy = r->text + r->used;
    memcpy(copy, word, n);
    copy[n] = 0;
    r->used += n + 1;
    r->v->word[r->v->n] = copy;
    TRY(map_put(e, r->place, copy, n, r->v->n));
    *row = r->value + r->v->n++ * r->v->dim;
    return E_OK;
}

/* Digits into *value; how many characters, 0 when there is none or they are too many. */
static size_t head_number(const char *s, size_t n, int64_t *value)
{
    size_t i = 0;

    for (*value = 0; i < n && s[i] >= '0' && s[i] <= '9'; i++) {
        if (i == 12)
            return 0;
        *value = 10 * *value + (s[i] - '0');
    }
    return i;
}

static VectorHead read_head(Bytes b)
{
    const char *s = (const char *)b.data, *end = memchr(s, '\n', b.n < HEAD_MAX ? b.n : HEAD_MAX);
    VectorHead h = {0};

    if (!end)
        return h;
    size_t n = (size_t)(end - s), first = head_number(s, n, &h.n);
    if (!first || first == n || (s[first] != ' ' && s[first] != '\t'))
        return (VectorHead){0};
    size_t second = head_number(s + first + 1, n - first - 1, &h.dim), at = first + 1 + second;
    while (at < n && strchr(" \t\r", s[at]) && s[at])
        at++;
    if (!second || at < n)
        return (VectorHead){0};
    h.here = true;
    h.bytes = n + 1;
    return h;
}

/* The first row says which: a row of text can be read as one, and floats hold bytes that no text has. */
static bool is_binary(Bytes b, const VectorHead *h)
{
    const char *s = (const char *)b.data + h->bytes;
    size_t left = b.n - h->bytes;
    const char *end = left ? memchr(s, '\n', left) : NULL;
    size_t n = end ? (size_t)(end - s) : left;
    int64_t floats = h->dim * (int64_t)sizeof(float);

    if (vectors_is_row(s, n, h->dim))
        return false;
    const char *space = left ? memchr(s, ' ', left) : NULL;
    if (!space || b.n - (size_t)(space - (const char *)b.data) <= (size_t)floats)
        space = NULL;
    for (int64_t i = 1; space && i <= floats; i++)
        if ((space[i] < ' ' && space[i] != '\t' && space[i] != '\r' && space[i] != '\n') ||
            space[i] == 0x7f) /* bytes from 0x80 on are negative */
            return true;
    return false;
}

static Status check_head(Err *e, const char *file, Bytes b, const VectorHead *h, bool binary)
{
    uint64_t row = binary ? 4 * (uint64_t)h->dim + 1 : 2 * (uint64_t)h->dim;

    if (h->n < 1 || h->dim < 1 || h->dim > VECTORS_DIM_MAX)
        (void)fail(e, E_DATA, "%lld words of %lld numbers are no table of vectors", (long long)h->n,
                   (long long)h->dim);
    else if ((uint64_t)h->n > (b.n - h->bytes) / row + 1)
        (void)fail(
            e, E_DATA,
            "the first line promises %lld words of %lld numbers, more than the file can hold",
            (long long)h->n, (long long)h->dim);
    else
        return E_OK;
    (void)err_note(e, "file", "%s, line 1, %zu bytes", file, b.n);
    return err_note(e, "hint", "the file may be cut short; fetch it again");
}

static Status no_vectors(Err *e, const char *file)
{
    (void)fail(e, E_DATA, "this is no table of word vectors");
    (void)err_note(e, "file", "%s", file);
    (void)err_note(e, "expected",
                   "lines of a word and numbers (GloVe), or a first line of two "
                   "numbers (word2vec, fastText)");
    return err_note(e, "hint", "engraft info FILE says what other files hold");
}

static Status read_plain(Err *e, Arena *a, const char *file, Bytes b, Vectors **out)
{
    VectorHead h = b.n ? read_head(b) : (VectorHead){0};
    const char *s = (const char *)b.data, *end = b.n ? memchr(s, '\n', b.n) : NULL;

    if (h.here) {
        bool binary = h.dim > 0 && h.dim <= VECTORS_DIM_MAX && is_binary(b, &h);

        TRY(check_head(e, file, b, &h, binary));
        return binary ? vectors_binary(e, a, file, b, &h, out)
                      : vectors_text(e, a, file, b, &h, out);
    }
    if (!b.n || !vectors_is_row(s, end ? (size_t)(end - s) : b.n, 1))
        return no_vectors(e, file);
    return vectors_text(e, a, file, b, &h, out);
}

/* The whole of a gzip file; it is unpacked piece by piece, so that a bomb is met before it fills the memory. */
static Status unpack(Err *e, Arena *a, const char *file, Bytes packed, Bytes *out)
{
    size_t most = packed.n < SIZE_MAX / UNPACK_RATIO_MAX ? packed.n * UNPACK_RATIO_MAX : SIZE_MAX;
    size_t cap = packed.n < most / 4 ? 4 * packed.n : most, n = 0, got;
    Gzip *g;

    TRY(gzip_open(e, a, file, packed, &g));
    uint8_t *data = arena_alloc(e, a, cap);
    if (!data)
        return err_failed(e->code);
    for (;;) {
        TRY(gzip_some(e, g, data + n, cap - n, &got));
        n += got;
        if (n < cap)
            break;
        if (cap >= most) {
            (void)fail(e, E_DATA, "the gzip file unpacks to more than %d times its size",
                       UNPACK_RATIO_MAX);
            (void)err_note(e, "file", "%s", file);
            return err_note(e, "expected", "text or floats, which do not pack that well");
        }
        TRY(GROW(e, a, data, cap, 2 * cap));
        cap = cap < most ? cap : most;
    }
    *out = (Bytes){data, n};
    return gzip_end(e, g);
}

static Status read_either(Err *e, Arena *a, Arena *scratch, const char *file, Bytes b,
                          Vectors **out)
{
    if (gzip_is(b))
        TRY(unpack(e, scratch, file, b, &b));
    return read_plain(e, a, file, b, out);
}

Status vectors_read(Err *e, Arena *a, const char *file, Bytes b, Vectors **out)
{
    Arena *scratch = arena_child(e, a);

    if (!scratch)
        return err_failed(e->code);
    Status s = read_either(e, a, scratch, file, b, out);
    arena_free(scratch);
    return s;
}

static Status file_of(Err *e, Arena *a, const char *path, const char **out)
{
    static const char *const names[] = {"vectors.bin", "vectors.txt", "vectors.txt.gz"};
    PathKind kind;

    *out = path;
    TRY(path_look(e, arena_sys(a), path, &kind, NULL));
    for (size_t i = 0; kind == PATH_DIR && i < LEN(names); i++) {
        const char *inside = path_join(e, a, path, names[i]);
        bool here;

        if (!inside)
            return err_failed(e->code);
        TRY(path_file(e, arena_sys(a), inside, &here));
        if (here) {
            *out = inside;
            return E_OK;
        }
    }
    if (kind != PATH_DIR)
        return E_OK;
    (void)fail(e, E_NOINPUT, "there are no word vectors in the folder");
    (void)err_note(e, "file", "%s", path);
    return err_note(e, "expected", "vectors.bin or vectors.txt");
}

static Status open_file(Err *e, Arena *a, Arena *scratch, const char *path, Vectors **out)
{
    File *f;
    Bytes b;

    TRY(file_of(e, scratch, path, &path));
    TRY(file_open(e, scratch, path, &f));
    TRY(file_map(e, f, &b));
    return vectors_read(e, a, path, b, out);
}

Status vectors_open(Err *e, Arena *a, const char *path, Vectors **out)
{
    Arena *scratch = arena_child(e, a); /* the file is closed when it is read */

    if (!scratch)
        return err_failed(e->code);
    Status s = open_file(e, a, scratch, path, out);
    arena_free(scratch);
    return s;
}

/* SPDX-License-Identifier: MIT */
