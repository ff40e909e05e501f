/* help.c - help from the tables of verbs and flags. */
#include "cli/cli.h"

#include <stdio.h>

static void print_flag(const Flag *f)
{
    char left[60];

    snprintf(left, sizeof left, "%c%c%s%s%s%s%s", f->letter ? '-' : ' ',
             f->letter ? f->letter : ' ', f->letter && f->name[0] ? ", " : "  ",
             f->name[0] ? "--" : "", f->name, f->value ? " " : "", f->value ? f->value : "");
    printf("  %-30s %s\n", left, f->help);
}

void cli_help(const Verb *v, bool all)
{
    int n, rare = 0;
    const Flag *common = cli_common_flags(&n);

    printf("engraft %s %s%s%s\n  %s\n\n", v->name, v->part ? v->part : "", v->part ? " " : "",
           v->arguments, v->summary);
    printf("  example: %s\n", v->example);
    if (v->flag_count)
        puts("");
    for (int i = 0; i < v->flag_count; i++) {
        rare += v->flags[i].rare;
        if (all || !v->flags[i].rare)
            print_flag(&v->flags[i]);
    }
    for (int i = 0; all && i < n; i++)
        print_flag(&common[i]);
    if (!all && rare)
        printf("\n  --help lists %d more, and the flags of every verb.\n", rare);
    else if (!all)
        puts("\n  --help also lists the flags of every verb.");
}

void cli_list(void)
{
    static const Verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "cli/verbs.def"
#undef VERB
    };

    puts("engraft - adapt released models to your own small data\n");
    for (size_t i = 0; i < LEN(verbs); i++) {
        const Verb *v = verbs[i];
        char words[60];

        snprintf(words, sizeof words, "%s%s%s", v->part ? v->part : "", v->part ? " " : "",
                 v->arguments);
        printf("  engraft %-9s %-22s %s\n", v->name, words, v->summary);
    }
    puts("\n  engraft VERB --help explains one.  engraft --version");
}

/* SPDX-License-Identifier: MIT */
