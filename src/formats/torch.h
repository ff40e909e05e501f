/* torch.h - what the two forms of torch.save share: from the decoded pickle to named tensors. */
#ifndef FORMATS_TORCH_H
#define FORMATS_TORCH_H

#include "formats/pickle.h"

typedef struct TorchFile {
    const char *file;
    Weights *w;
    Pickle *pickle;
    /* Finds the bytes of a storage: as many as its count and type need, or an error. */
    Status (*record)(Err *e, struct TorchFile *t, const Storage *s, Bytes *out);
    Bytes *records; /* by the storage of first mention; data NULL until found */
    void *form;     /* of the reader that made it */
} TorchFile;

/* torch.c: adds the tensors of the saved object, and names the rest in the metadata. */
Status torch_collect(Err *e, TorchFile *t, const Value *saved);

#endif
/* SPDX-License-Identifier: MIT */
