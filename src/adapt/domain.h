/* domain.h - unsupervised domain adaptation: a network learns from rows of a labelled source and sees rows of an unlabelled
 * target beside them.  A method is a row of domain.def: a loss term that asks both to look alike inside.  Its text is
 * "dann" or "dann:strength=0.1|1,ramp=0,hidden=100"; it goes together with any method of adaptation. */
#ifndef ADAPT_DOMAIN_H
#define ADAPT_DOMAIN_H

#include "nn/nn.h"

#define DOMAIN_STRENGTHS_MAX 16
#define DOMAIN_LOGITS        "domain.logits" /* output [B, 2]: source, target */
#define DOMAIN_LOSS          "domain"
#define DOMAIN_STRENGTH      "domain.strength" /* input, rank 0 */
#define DOMAIN_LABELS        "domain_labels"   /* input i32 [B]: 0 source, 1 target */

typedef struct DomainDef DomainDef;

typedef struct Domain {
    const DomainDef *def;
    const char *text; /* as given */
    double strength[DOMAIN_STRENGTHS_MAX];
    int strengths;  /* several: one is chosen, without a label of the target */
    double ramp;    /* of the strength over training: see domain_strength; 0: constant */
    int64_t hidden; /* of the domain classifier; 0: it is linear */
} Domain;

typedef struct DomainParts { /* of a batch with rows of both */
    Node features;           /* [B, D]: what has to look alike */
    Node logits;             /* [B, C] */
} DomainParts;

struct DomainDef {
    const char *name, *usage, *summary, *paper;
    double strength, ramp; /* unless the text says others */
    /* Adds the loss term DOMAIN_LOSS in training; in evaluation what it tells domains apart by, if anything. */
    void (*build)(const Domain *d, Net root, const DomainParts *p);
};

#define DOMAIN(name) extern const DomainDef domain_##name;
#include "adapt/domain.def"
#undef DOMAIN
int domain_count(void);
const DomainDef *domain_at(int i); /* rows of domain.def */

Status domain_parse(Err *e, Arena *a, const char *text, Domain **out);
/* Behind model_build: the domain classifier's tensors are "domain..", which train whatever else does. */
void domain_build(const Domain *d, Graph *g, const DomainParts *p);
bool domain_owns(const char *param);
/* Of update `step` of `steps`: top (2 / (1 + exp(-ramp p)) - 1) for p = step / steps (Ganin et al. 2016, section 5.2.2,
 * ramp 10); no libm. */
double domain_strength(const Domain *d, double top, int64_t step, int64_t steps);

#endif
/* SPDX-License-Identifier: MIT */
