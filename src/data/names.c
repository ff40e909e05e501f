/* names.c - what people call their columns. */
#include <string.h>

#include "data/table.h"

static const char *const texts[] = {
    "text",  "sentence", "review",   "comment",  "message", "content",
    "body",  "tweet",    "sequence", "document", "post",    "utterance",
    "query", "question", "prompt",   "abstract", "summary", "description",
};
static const char *const labels[] = {
    "label",    "labels",  "class",  "category", "target", "sentiment", "stars",
    "rating",   "score",   "intent", "topic",    "tag",    "y",         "gold",
    "polarity", "emotion", "spam",   "output",   "answer", "type",
};
static const char *const ids[] = {
    "id",   "idx",    "index",     "uuid",       "guid",       "key",  "nr",
    "no",   "number", "row",       "url",        "link",       "file", "filename",
    "date", "time",   "timestamp", "created_at", "unnamed: 0",
};

static const char *const files[] = {
    "file_name", "filename",   "file",       "file_path", "filepath", "path",  "image",
    "img",       "image_path", "image_file", "img_path",  "picture",  "photo", "image_name",
};

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        c = (char)(c + 32);
    return c;
}

bool cell_is(Cell c, const char *name)
{
    if (c.n != strlen(name))
        return false;
    for (size_t i = 0; i < c.n; i++)
        if (lower(c.s[i]) != lower(name[i]))
            return false;
    return true;
}

static int place_in(Cell name, const char *const *list, size_t n)
{
    name = cell_trim(name);
    for (size_t i = 0; i < n; i++)
        if (cell_is(name, list[i]))
            return (int)i;
    return -1;
}

int known_text(Cell name)
{
    return place_in(name, texts, LEN(texts));
}

int known_label(Cell name)
{
    return place_in(name, labels, LEN(labels));
}

bool known_file(Cell name)
{
    return place_in(name, files, LEN(files)) >= 0;
}

bool known_id(Cell name)
{
    name = cell_trim(name);
    return place_in(name, ids, LEN(ids)) >= 0 ||
           (name.n > 3 && cell_is((Cell){name.s + name.n - 3, 3}, "_id")) ||
           (name.n > 2 && !memcmp(name.s + name.n - 2, "Id", 2));
}

/* SPDX-License-Identifier: MIT */
