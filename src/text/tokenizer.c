/* tokenizer.c - the doors of the room: open a released tokenizer, encode, decode, save it again. */
#include <string.h>

#include "text/bytes_text.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

/* What a folder may hold, under the names that other tools know; all are saved with a model.  The first that
 * is there of the first three says how text becomes ids. */
static const struct {
    const char *name, *other; /* other: as OpenAI wrote it */
} files[] = {
    {"tokenizer.json", NULL},        {"vocab.txt", NULL},
    {"vocab.json", "encoder.json"},  {"merges.txt", "vocab.bpe"},
    {"tokenizer_config.json", NULL}, {"special_tokens_map.json", NULL},
    {"added_tokens.json", NULL},
};
enum { FILE_JSON, FILE_VOCAB, FILE_BPE, FILE_MERGES, FILE_SETTINGS };

static Status file_read(Err *e, Arena *a, const char *path, SavedFile *out, bool *here)
{
    TRY(path_file(e, arena_sys(a), path, here));
    if (!*here)
        return E_OK;
    out->path = path;
    return file_read_all(e, a, path, TOKENIZER_FILE_MAX, &out->bytes);
}

static Status file_keep(Err *e, Arena *a, Tokenizer *t, const char *folder, size_t i)
{
    const char *name[] = {files[i].name, files[i].other};
    SavedFile f = {.name = files[i].name};
    bool here = false;

    for (size_t k = 0; k < LEN(name) && name[k] && !here; k++) {
        char *path = path_join(e, a, folder, name[k]);

        if (!path)
            return err_failed(e->code);
        TRY(file_read(e, a, path, &f, &here));
    }
    if (here)
        t->saved[t->saved_n++] = f;
    return E_OK;
}

static const SavedFile *file_kept(const Tokenizer *t, const char *name)
{
    for (int i = 0; i < t->saved_n; i++)
        if (!strcmp(t->saved[i].name, name))
            return &t->saved[i];
    return NULL;
}

/* Which of the files a path names: by its name, or tokenizer.json by its ending, else vocab.txt. */
static size_t file_of(const char *base)
{
    size_t n = strlen(base);

    for (size_t i = FILE_BPE; i <= FILE_MERGES; i++)
        if (!strcmp(base, files[i].name) || !strcmp(base, files[i].other))
            return i;
    return n > 5 && !strcmp(base + n - 5, ".json") ? FILE_JSON : FILE_VOCAB;
}

/* A folder: every file it has of ours.  A file: that one, the other of a pair, and the settings beside it. */
static Status files_read(Err *e, Arena *a, Tokenizer *t, const char *path, const char **folder)
{
    PathKind kind = path_kind(arena_sys(a), path);
    const char *base = path_base(path);
    size_t first = 0;

    *folder = arena_strndup(e, a, path, kind == PATH_DIR ? strlen(path) : (size_t)(base - path));
    if (!*folder)
        return err_failed(e->code);
    if (kind == PATH_NONE)
        return fail(e, E_NOINPUT, "there is no tokenizer at \"%s\"", path);
    if (kind != PATH_DIR) {
        size_t which = file_of(base);
        SavedFile f = {.name = files[which].name, .path = path};

        *folder = **folder ? *folder : ".";
        first = which < FILE_BPE ? FILE_SETTINGS : FILE_BPE;
        if (which < FILE_BPE) {
            TRY(file_read_all(e, a, path, TOKENIZER_FILE_MAX, &f.bytes));
            t->saved[t->saved_n++] = f;
        }
    }
    for (size_t i = first; i < LEN(files); i++)
        TRY(file_keep(e, a, t, *folder, i));
    return E_OK;
}

/* The file that says how text becomes ids. */
static const SavedFile *file_main(const Tokenizer *t)
{
    const SavedFile *f = file_kept(t, files[FILE_JSON].name);

    if (!f)
        f = file_kept(t, files[FILE_VOCAB].name);
    return f || !file_kept(t, files[FILE_MERGES].name) ? f : file_kept(t, files[FILE_BPE].name);
}

static Status bpe_files_read(Err *e, Arena *a, Tokenizer *t, const char *folder)
{
    SavedFile model = {.name = "config.json"};
    const char *path = path_join(e, a, folder, model.name);
    bool here;

    if (!path)
        return err_failed(e->code);
    TRY(file_read(e, a, path, &model, &here));
    BpeFiles f = {.vocab = file_kept(t, files[FILE_BPE].name),
                  .merges = file_kept(t, files[FILE_MERGES].name),
                  .config = file_kept(t, "tokenizer_config.json"),
                  .map = file_kept(t, "special_tokens_map.json"),
                  .added = file_kept(t, "added_tokens.json"),
                  .model = here ? &model : NULL};
    return vocab_bpe_read(e, a, t, &f);
}

static Status kept_read(Err *e, Arena *a, Tokenizer *t, const SavedFile *main, const char *folder)
{
    static const char pointer[] = "version https://git-lfs";
    const Bytes *b = &main->bytes;

    if (b->n >= sizeof pointer && !memcmp(b->data, pointer, sizeof pointer - 1))
        return fail(e, E_DATA, "this is a Git LFS pointer, not a tokenizer");
    if (main->name == files[FILE_JSON].name)
        return tokenizer_json_read(e, a, t, *b);
    if (main->name == files[FILE_BPE].name)
        return bpe_files_read(e, a, t, folder);
    return vocab_txt_read(e, a, t, *b, file_kept(t, "tokenizer_config.json"));
}

Status tokenizer_open(Err *e, Arena *a, const char *path, Tokenizer **out)
{
    Tokenizer *t = NEW(e, a, Tokenizer);
    const char *folder;

    if (!t)
        return err_failed(e->code);
    TRY(files_read(e, a, t, path, &folder));
    const SavedFile *main = file_main(t);
    if (!main) {
        fail(e, E_NOINPUT, "the folder holds no tokenizer");
        err_note(e, "file", "%s", path);
        return err_note(e, "expected",
                        "tokenizer.json or vocab.txt, or vocab.json with merges.txt");
    }
    t->path = main->path;
    if (kept_read(e, a, t, main, folder)) /* what JSON says has its file already */
        return strstr(e->text, "\n  file ") ? e->code : err_note(e, "file", "%s", t->path);
    *out = t;
    return E_OK;
}

/* How many tokens of each text stay when both together may have `most`: the longer one gives first
 * (LongestFirst of the reference, whose rounding this is). */
static void longest_first(size_t most, size_t n[2])
{
    size_t low = n[0] < n[1] ? n[0] : n[1], high = n[0] < n[1] ? n[1] : n[0];
    bool swapped = n[0] > n[1];

    if (low + high <= most)
        return;
    high = low > most || most - low < low ? low : most - low;
    if (low + high > most) {
        low = most / 2;
        high = low + most % 2;
    }
    n[swapped] = low;
    n[!swapped] = high;
}

/* Keeps `keep` of the `n` tokens from `at` on. */
static void tokens_cut(Tokens *o, size_t at, size_t n, size_t keep)
{
    int32_t *field[] = {o->id, o->type, o->begin, o->end, o->word};
    size_t rest = o->n - at - n;

    if (keep >= n)
        return;
    for (size_t i = 0; i < LEN(field); i++)
        memmove(field[i] + at + keep, field[i] + at + n, rest * sizeof(int32_t));
    o->n -= n - keep;
}

static Status special_emit(Err *e, Arena *a, const TemplatePart *p, Tokens *o)
{
    TRY(tokens_reserve(e, a, o, 1));
    o->id[o->n] = p->id;
    o->type[o->n] = p->type;
    o->begin[o->n] = o->end[o->n] = 0;
    o->word[o->n++] = -1;
    return E_OK;
}

/* NOLINTNEXTLINE(readability-function-size): the contract names its many inputs one by one */
Status tokenizer_encode(Err *e, Arena *a, const Tokenizer *t, const char *first, size_t first_n,
                        const char *second, size_t second_n, int64_t max_length, Tokens *out)
{
    const Template *m = second ? &t->pair : &t->single;
    Bytes text[2] = {{(const uint8_t *)first, first_n},
                     {(const uint8_t *)second, second ? second_n : 0}};
    size_t most = SIZE_MAX / 4, at[2] = {0, 0}, n[2] = {0, 0};

    out->n = 0;
    if (text[0].n > INT32_MAX || text[1].n > INT32_MAX)
        return fail(e, E_DATA, "a text of %zu bytes; at most %d are read",
                    text[0].n > text[1].n ? text[0].n : text[1].n, INT32_MAX);
    if (max_length && max_length < m->specials)
        return fail(e, E_USAGE,
                    "the maximum length is %lld, but the tokenizer adds %d tokens of its own",
                    (long long)max_length, m->specials);
    if (max_length)
        most = (size_t)(max_length - m->specials);
    for (int i = 0; i < m->n; i++) {
        const TemplatePart *p = &m->part[i];
        int k = p->kind == PART_SECOND;

        if (p->kind == PART_SPECIAL) {
            TRY(special_emit(e, a, p, out));
            continue;
        }
        at[k] = out->n;
        /* of a pair the longer text must be known, so neither may stop early */
        size_t limit = second ? SIZE_MAX / 4 : most;
        TRY((t->bpe ? bpe_encode : wordpiece_encode)(e, a, t, text[k], limit, out));
        n[k] = out->n - at[k];
        for (size_t j = at[k]; j < out->n; j++)
            out->type[j] = p->type;
    }
    size_t keep[2] = {n[0], n[1]};
    int last = at[1] > at[0];
    longest_first(most, keep);
    tokens_cut(out, at[last], n[last], keep[last]);
    tokens_cut(out, at[!last], n[!last], keep[!last]);
    return E_OK;
}

/* The clean-up of the reference's WordPiece decoder, in its order. */
static size_t clean_up(char *s, size_t n)
{
    static const char *const rule[][2] = {
        {" .", "."},   {" ?", "?"},     {" !", "!"},     {" ,", ","},
        {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},   {" do not", " don't"},
        {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
    };

    for (size_t r = 0; r < LEN(rule); r++) {
        size_t from = strlen(rule[r][0]), to = strlen(rule[r][1]), k = 0;

        for (size_t i = 0; i < n;) {
            if (n - i >= from && !memcmp(s + i, rule[r][0], from)) {
                memcpy(s + k, rule[r][1], to);
                i += from;
                k += to;
            } else {
                s[k++] = s[i++];
            }
        }
        n = k;
    }
    return n;
}

static bool is_special(const Tokenizer *t, const char *piece)
{
    const AddedToken *x = added_find(t, piece, strlen(piece));

    return x && x->special;
}

/* One piece as it reads after others: a space before it unless it continues a word. */
static size_t piece_text(const Tokenizer *t, const char *piece, bool first, char *out)
{
    size_t n = strlen(piece), k = 0;
    bool continues = t->decode == DECODE_WORDPIECE && t->prefix_n && n >= t->prefix_n &&
                     !memcmp(piece, t->prefix, t->prefix_n);

    if (!first && !continues)
        out[k++] = ' ';
    if (!first && continues) {
        piece += t->prefix_n;
        n -= t->prefix_n;
    }
    memcpy(out + k, piece, n);
    return t->decode_cleanup ? clean_up(out, k + n) : k + n;
}

/* The pieces' bytes, with U+FFFD for what is not UTF-8. */
static size_t bytes_text(const uint8_t *p, size_t n, char *out)
{
    const uint8_t *end = p + n;
    size_t k = 0;
    bool bad = false;
    uint32_t c;

    while (p < end) {
        p += utf8_get(p, end, &c, &bad);
        k += (size_t)utf8_put((uint8_t *)out + k, c);
    }
    return k;
}

char *tokenizer_decode(Err *e, Arena *a, const Tokenizer *t, const int32_t *ids, size_t n,
                       bool skip_special)
{
    bool bytes = t->decode == DECODE_BYTES, first = true;
    size_t most = 1, k = 0;

    for (size_t i = 0; i < n; i++) {
        const char *piece = tokenizer_piece(t, ids[i]);
        most += piece ? strlen(piece) + 1 : 0;
    }
    char *out = NEWS(e, a, char, bytes ? 3 * most : most);
    uint8_t *raw = bytes ? NEWS(e, a, uint8_t, most) : (uint8_t *)out;
    if (!out || !raw)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const char *piece = tokenizer_piece(t, ids[i]);

        if (!piece || (skip_special && is_special(t, piece)))
            continue;
        k += bytes ? piece_bytes(piece, raw + k) : piece_text(t, piece, first, out + k);
        first = false;
    }
    if (bytes)
        k = bytes_text(raw, k, out);
    out[k] = 0;
    return out;
}

int64_t tokenizer_vocab(const Tokenizer *t)
{
    return t->pieces;
}

const char *tokenizer_piece(const Tokenizer *t, int32_t id)
{
    return id >= 0 && id < t->pieces ? t->piece[id] : NULL;
}

Status tokenizer_save(Err *e, Arena *a, const Tokenizer *t, const char *folder)
{
    for (int i = 0; i < t->saved_n; i++) {
        char *path = path_join(e, a, folder, t->saved[i].name);
        Writer *w;

        if (!path)
            return err_failed(e->code);
        TRY(writer_open(e, a, path, &w));
        TRY(writer_put(e, w, t->saved[i].bytes.data, t->saved[i].bytes.n));
        TRY(writer_commit(e, w));
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
