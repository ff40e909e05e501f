/* tokenizer.c - the doors of the room: open a released tokenizer, encode, decode, save it again. */
#include <string.h>

#include "text/tokenizer.h"

/* What a folder may hold; the first that is there says how text becomes ids, all are saved with a model. */
static const char *const file_names[] = {"tokenizer.json", "vocab.txt", "tokenizer_config.json",
                                         "special_tokens_map.json"};

static Status file_keep(Err *e, Arena *a, Tokenizer *t, const char *folder, const char *name)
{
    char *path = path_join(e, a, folder, name);
    SavedFile f = {.name = name, .path = path};
    bool here;

    if (!path)
        return err_failed(e->code);
    TRY(path_file(e, arena_sys(a), path, &here));
    if (!here)
        return E_OK;
    TRY(file_read_all(e, a, path, TOKENIZER_FILE_MAX, &f.bytes));
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

/* A folder: every file it has of ours.  A file: that one and the settings beside it. */
static Status files_read(Err *e, Arena *a, Tokenizer *t, const char *path)
{
    PathKind kind = path_kind(arena_sys(a), path);
    const char *base = path_base(path);
    char *folder =
        arena_strndup(e, a, path, kind == PATH_DIR ? strlen(path) : (size_t)(base - path));
    size_t dot = strlen(base);

    if (!folder)
        return err_failed(e->code);
    if (kind == PATH_NONE)
        return fail(e, E_NOINPUT, "there is no tokenizer at \"%s\"", path);
    if (kind == PATH_DIR) {
        for (size_t i = 0; i < LEN(file_names); i++)
            TRY(file_keep(e, a, t, folder, file_names[i]));
        return E_OK;
    }
    bool json = dot > 5 && !strcmp(base + dot - 5, ".json");
    SavedFile f = {.name = file_names[json ? 0 : 1], .path = path};
    TRY(file_read_all(e, a, path, TOKENIZER_FILE_MAX, &f.bytes));
    t->saved[t->saved_n++] = f;
    for (size_t i = 2; i < LEN(file_names); i++)
        TRY(file_keep(e, a, t, *folder ? folder : ".", file_names[i]));
    return E_OK;
}

static Status kept_read(Err *e, Arena *a, Tokenizer *t, const SavedFile *json,
                        const SavedFile *vocab)
{
    static const char pointer[] = "version https://git-lfs";
    const Bytes *b = json ? &json->bytes : &vocab->bytes;

    if (b->n >= sizeof pointer && !memcmp(b->data, pointer, sizeof pointer - 1))
        return fail(e, E_DATA, "this is a Git LFS pointer, not a tokenizer");
    if (json)
        return tokenizer_json_read(e, a, t, json->bytes);
    return vocab_txt_read(e, a, t, vocab->bytes, file_kept(t, "tokenizer_config.json"));
}

Status tokenizer_open(Err *e, Arena *a, const char *path, Tokenizer **out)
{
    Tokenizer *t = NEW(e, a, Tokenizer);

    if (!t)
        return err_failed(e->code);
    TRY(files_read(e, a, t, path));
    const SavedFile *json = file_kept(t, "tokenizer.json"), *vocab = file_kept(t, "vocab.txt");
    if (!json && !vocab) {
        fail(e, E_NOINPUT, "the folder holds no tokenizer");
        err_note(e, "file", "%s", path);
        return err_note(e, "expected", "tokenizer.json or vocab.txt");
    }
    t->path = path_kind(arena_sys(a), path) == PATH_FILE
                  ? arena_strndup(e, a, path, strlen(path))
                  : path_join(e, a, path, json ? json->name : vocab->name);
    if (!t->path)
        return err_failed(e->code);
    if (kept_read(e, a, t, json, vocab)) /* what JSON says has its file already */
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
        TRY(wordpiece_encode(e, a, t, text[k], second ? SIZE_MAX / 4 : most, out));
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
    uint32_t node =
        t->added_trie.edge ? trie_walk(&t->added_trie, TRIE_ROOT, piece, strlen(piece)) : 0;

    return node && t->added_trie.value[node] >= 0 && t->added[t->added_trie.value[node]].special;
}

/* One piece as it reads after others: a space before it unless it continues a word. */
static size_t piece_text(const Tokenizer *t, const char *piece, bool first, char *out)
{
    size_t n = strlen(piece), k = 0;
    bool continues = t->decode_pieces && t->prefix_n && n >= t->prefix_n &&
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

char *tokenizer_decode(Err *e, Arena *a, const Tokenizer *t, const int32_t *ids, size_t n,
                       bool skip_special)
{
    size_t bytes = 1, k = 0;
    bool first = true;

    for (size_t i = 0; i < n; i++) {
        const char *piece = tokenizer_piece(t, ids[i]);
        bytes += piece ? strlen(piece) + 1 : 0;
    }
    char *out = NEWS(e, a, char, bytes);
    if (!out)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const char *piece = tokenizer_piece(t, ids[i]);

        if (!piece || (skip_special && is_special(t, piece)))
            continue;
        k += piece_text(t, piece, first, out + k);
        first = false;
    }
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
