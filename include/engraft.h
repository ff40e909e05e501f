/* engraft.h - transfer learning as a library: released models as they are, adapted to your own small data.
 *
 *     #include <engraft.h>
 *     #include <stdio.h>
 *
 *     int main(void)
 *     {
 *         eg_ctx *ctx = eg_open(NULL);
 *         eg_train_options options = {.data = "reviews.csv", .model = "bert/", .output = "reviews"};
 *         eg_model *model;
 *         eg_prediction p;
 *
 *         if (eg_train(ctx, &options) || eg_model_load(ctx, "reviews", &model) ||
 *             eg_classify(model, "worth every penny", NULL, &p))
 *             fputs(eg_error(ctx), stderr);
 *         else
 *             printf("%s %.3f\n", p.label, p.probability);
 *         eg_close(ctx);
 *         return 0;
 *     }
 *
 * Every function that can fail returns 0 or one of the codes below, and eg_error says what happened, in which file,
 * what was expected and found, and what to do.  In option structs 0 and NULL mean "the default".  The library never
 * prints, never exits, reads no environment variable and touches no network.  A context has one calling thread; what
 * it returns lives until eg_close unless the sentence at the function says otherwise. */
#ifndef ENGRAFT_H
#define ENGRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EG_API __attribute__((visibility("default")))

/* Also the exit codes of the command. */
enum {
    EG_OK = 0,
    EG_EUSAGE = 2,        /* wrong use */
    EG_EDATA = 65,        /* a file or row is not what it should be */
    EG_ENOINPUT = 66,     /* a file, model or column is not there */
    EG_EUNAVAILABLE = 69, /* this computer lacks something */
    EG_EINTERNAL = 70,    /* a defect of ours, or no memory */
    EG_EHARDWARE = 71,    /* the hardware disagreed with itself */
    EG_ETAKEN = 73,       /* the output exists or another run holds it */
    EG_EIO = 74,          /* the system refused to read or write */
    EG_ESTOPPED = 75      /* stopped by eg_stop; can be resumed */
};

typedef struct eg_ctx eg_ctx;
typedef struct eg_model eg_model;
typedef struct eg_file eg_file;

/* ---- the context ---- */

typedef enum {
    EG_EVENT_NOTE,     /* text: something worth saying, once */
    EG_EVENT_PROGRESS, /* text: what is going on; done of total; rate a second; seconds left */
    EG_EVENT_RESULT    /* text: a row of a result table */
} eg_event_kind;

typedef struct eg_event {
    eg_event_kind kind;
    const char *text;
    int64_t done, total;
    double rate, seconds_left;
} eg_event;

typedef void (*eg_event_fn)(void *user, const eg_event *event);

typedef struct eg_options {
    int threads;          /* 0: one per core */
    const char *isa;      /* "scalar", "avx2", "avx512": at most this; NULL: the best there is */
    const char *models;   /* folder of pulled models; NULL: names are folders only */
    const char *hf_cache; /* the Hugging Face cache, read only; NULL: not looked at */
    eg_event_fn on_event;
    void *user;
} eg_options;

EG_API eg_ctx *eg_open(const eg_options *options); /* NULL only when there is no memory at all */
EG_API void eg_close(eg_ctx *ctx); /* frees everything the context returned; NULL is fine */
EG_API const char *
eg_error(const eg_ctx *ctx); /* the last failure, several lines; "" when there was none */
EG_API const char *eg_version(void);
/* May be called from a signal handler or another thread: the running call stops within a step, keeps the best so
 * far and returns EG_ESTOPPED. */
EG_API void eg_stop(eg_ctx *ctx);

/* ---- files of weights ---- */

typedef struct eg_tensor_info {
    const char *name, *dtype, *file;
    int rank;
    const int64_t *shape;
    int64_t values;
} eg_tensor_info;

/* path: a weight file, a folder with a model, or a model's name.  eg_file_close may be left to eg_close. */
EG_API int eg_file_open(eg_ctx *ctx, const char *path, eg_file **file);
EG_API const char *eg_file_format(const eg_file *file);
EG_API int eg_file_tensors(const eg_file *file);
EG_API void eg_file_tensor(const eg_file *file, int i, eg_tensor_info *info);
EG_API int eg_file_metadata(const eg_file *file); /* pairs */
EG_API void eg_file_metadata_pair(const eg_file *file, int i, const char **key, const char **value);
EG_API void eg_file_close(eg_file *file);

/* ---- checking us: tensor files in, tensor files out ---- */

typedef struct eg_run_options {
    const char *model;   /* a folder with config.json and weights, or a name */
    const char *inputs;  /* safetensors: input_ids, attention_mask, labels, .. as the reference names them */
    const char *outputs; /* every output under the reference's name; zeros where attention_mask is 0 */
    const char *adapter; /* a PEFT folder, or NULL */
    const char *grads;   /* gradients of the loss under the checkpoint's names, or NULL */
    const char *steps;   /* batches NAME.0, NAME.1, .. in turn; outputs are then losses and final weights */
    const char *optim;   /* "adamw:lr=1e-3,wd=0.01,clip=1.0,schedule=linear", "sgd:lr=0.002,momentum=0.9" */
    const char *freeze;  /* prefixes of names, separated by commas */
    int64_t updates;     /* 0: one a batch */
    bool train;
} eg_run_options;

typedef struct eg_run_result {
    int outputs, grads;
    int64_t updates;
    double loss; /* the last one; NaN when there was none */
} eg_run_result;

EG_API int eg_run(eg_ctx *ctx, const eg_run_options *options, eg_run_result *result);

#ifdef __cplusplus
}
#endif

#endif
/* SPDX-License-Identifier: MIT */
