/* prompt.c - Lester et al. 2021, arXiv:2104.08691: learned rows in front of each text's word embeddings, the model as
 * it is.  They take the first positions and segment 0, and a classifier that reads a text's first row reads the
 * first of them, as in PEFT.  They begin as the words of a text, else as words drawn from the vocabulary. */
#include "adapt/front.h"
#include "text/text.h"

#include <string.h>

static Node prompt_on_embed(const void *options, Net at, Node x)
{
    const FrontOptions *o = options;
    Net root = {at.g, "", at.hooks};

    return op_rows_prepend(
        nn_param(root, FRONT_NAME, SHAPE(o->tokens, node_dim(x, -1)), INIT_NORMAL_002), x);
}

/* ---- the beginning ---- */

static const Param *find_words(const Method *m, Params *p)
{
    size_t n = m->target.words ? strlen(m->target.words) : 0;

    for (int i = 0; n && i < params_count(p); i++) {
        const Param *item = params_at(p, i);
        size_t k = strlen(item->name);

        if (k >= n && strcmp(item->name + k - n, m->target.words) == 0)
            return item;
    }
    return NULL;
}

/* The words of the text, again and again until there are enough; special tokens among them, as PEFT has it. */
static Status text_words(Err *e, Arena *a, const Method *m, int32_t *id)
{
    const FrontOptions *o = m->options;
    Tokenizer *t;
    Tokens words = {0};

    TRY(tokenizer_open(e, a, m->target.folder, &t));
    TRY(tokenizer_encode(e, a, t, o->text, strlen(o->text), NULL, 0, 0, &words));
    for (int i = 0; i < o->tokens && words.n; i++)
        id[i] = words.id[(size_t)i % words.n];
    return words.n ? E_OK : fail(e, E_USAGE, "the prompt's text has no words");
}

static Status prompt_begin(Err *e, const Method *m, const Graph *g, Params *p, uint64_t seed)
{
    const FrontOptions *o = m->options;
    const Param *words = find_words(m, p);
    Arena *a = words && !params_find(p, FRONT_NAME)
                   ? arena_child(e, graph_arena((Graph *)(uintptr_t)g))
                   : NULL;
    int32_t *id;
    Param *item;

    if (!words || params_find(p, FRONT_NAME))
        return E_OK;
    if (!a || !(id = NEWS(e, a, int32_t, o->tokens)))
        return err_failed(e->code);
    int64_t rows = words->shape.dim[0], n = words->shape.dim[1];
    for (int i = 0; i < o->tokens; i++)
        id[i] =
            (int32_t)(random_uniform(seed, random_purpose(FRONT_NAME), (uint64_t)i) * (double)rows);
    if (o->text)
        TRY(text_words(e, a, m, id));
    TRY(params_add(e, p, FRONT_NAME, SHAPE(o->tokens, n), &item));
    for (int i = 0; i < o->tokens; i++) {
        if (id[i] < 0 || id[i] >= rows)
            return fail(e, E_DATA,
                        "token %d of the prompt's text is not among the model's %lld words", id[i],
                        (long long)rows);
        memcpy(item->data + i * n, words->data + id[i] * n, (size_t)n * sizeof(float));
    }
    arena_free(a);
    return E_OK;
}

/* ---- options ---- */

static Status prompt_option(Err *e, Arena *a, Method *m, const char *key, const char *value)
{
    FrontOptions *o = m->options;
    size_t n = strlen(value);

    if (strcmp(key, "text") != 0)
        return front_option(e, m, key, value);
    bool quoted = n >= 2 && value[0] == '"' && value[n - 1] == '"';
    o->text = quoted ? arena_strndup(e, a, value + 1, n - 2) : arena_strndup(e, a, value, n);
    if (!o->text)
        return e->code;
    if (!m->target.words || !m->target.folder)
        return fail(e, E_USAGE, "this family's words cannot begin a prompt");
    return *o->text ? E_OK : fail(e, E_USAGE, "the prompt's text is empty");
}

/* ---- PEFT ---- */

static Status prompt_peft_write(Err *e, Arena *a, Config *c, const Method *m, Params *params)
{
    const FrontOptions *o = m->options;

    (void)a;
    TRY(front_peft_write(e, c, m, params));
    TRY(config_set_text(e, c, "prompt_tuning_init", o->text ? "TEXT" : "RANDOM"));
    TRY(config_set_text(e, c, "prompt_tuning_init_text", o->text));
    return config_set_text(e, c, "tokenizer_name_or_path", o->text ? m->target.folder : NULL);
}

const AdaptDef adapt_prompt = {
    .name = "prompt",
    .usage = "prompt:tokens=20,text=\"..\"",
    .summary = "learned words in front of each text",
    .rules = {.on_embed = prompt_on_embed},
    .trains = FRONT_NAME,
    .adds = FRONT_NAME,
    .rate = 3e-2,
    .in_mean = true,
    .in_front = true,
    .start = front_start,
    .option = prompt_option,
    .begin = prompt_begin,
    .positions = front_positions,
    .peft_type = "PROMPT_TUNING",
    .peft_alias = "P_TUNING", /* what its encoder gave is saved as a prompt */
    .peft_read = front_peft_read,
    .peft_write = prompt_peft_write,
};

/* SPDX-License-Identifier: MIT */
