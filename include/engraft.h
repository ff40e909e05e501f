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
 *         if (eg_train(ctx, &options, NULL) || eg_model_load(ctx, "reviews", &model) ||
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
    double loss; /* of the last update; NaN: nothing is learned here */
} eg_event;

typedef void (*eg_event_fn)(void *user, const eg_event *event);

struct Sys;
typedef struct eg_options {
    int threads;          /* 0: one per core */
    const char *isa;      /* "scalar", "avx2", "avx512": at most this; NULL: the best there is */
    const char *models;   /* folder of pulled models; NULL: names are folders only */
    const char *hf_cache; /* the Hugging Face cache, read only; NULL: not looked at */
    eg_event_fn on_event;
    void *user;
    const struct Sys *sys; /* for tests: system calls that fail on purpose (src/base/sys.h); NULL */
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

typedef struct eg_network {              /* a released network of pictures */
    const char *name, *family, *library; /* library: whose names the tensors have */
    const char *source, *licence;        /* of the weights that are released under these names */
    int size, classes;                   /* of its pictures; classes 0: the file has no head */
} eg_network;

/* Those whose tensors the file has, by names and shapes; several may look alike. */
EG_API int eg_file_networks(const eg_file *file);
EG_API void eg_file_network(const eg_file *file, int i, eg_network *network);
EG_API void eg_file_close(eg_file *file);

/* ---- checking us: tensor files in, tensor files out ---- */

typedef struct eg_run_options {
    const char *model; /* a folder with config.json and weights, or a name */
    const char
        *weights; /* a bare file of weights; model is then the name of a network of pictures */
    const char *
        inputs; /* safetensors: input_ids, attention_mask, labels, .. as the reference names them */
    const char
        *outputs; /* every output under the reference's name; zeros where attention_mask is 0 */
    const char *adapter; /* a PEFT folder, or NULL */
    const char *grads;   /* gradients of the loss under the checkpoint's names, or NULL */
    const char
        *steps; /* batches NAME.0, NAME.1, .. in turn; outputs are then losses and final weights */
    const char
        *optim; /* "adamw:lr=1e-3,wd=0.01,clip=1.0,schedule=linear", "sgd:lr=0.002,momentum=0.9" */
    const char *freeze; /* prefixes of names, separated by commas */
    int64_t updates;    /* 0: one a batch */
    bool train;
} eg_run_options;

typedef struct eg_run_result {
    int outputs, grads;
    int64_t updates;
    double loss; /* the last one; NaN when there was none */
} eg_run_result;

EG_API int eg_run(eg_ctx *ctx, const eg_run_options *options, eg_run_result *result);

/* ---- an adapter put into its base's weights ---- */

typedef struct eg_merge_options {
    const char *adapter; /* a PEFT folder, or the folder of a run that has one in it */
    const char *base;    /* a model's folder or name; NULL: the one that the adapter names */
    const char *output;  /* a folder that is not there yet, or is empty */
} eg_merge_options;

typedef struct eg_merge_result {
    const char *base;   /* the folder that was taken */
    const char *output; /* which output was compared: "logits" */
    int layers;         /* that the adapter changed */
    double difference;  /* largest, of the outputs of base + adapter and of the merged folder */
    double largest;     /* the largest output */
} eg_merge_result;

/* Writes the released layout and loads it afresh to compare; a folder that does not agree is removed. */
EG_API int eg_merge(eg_ctx *ctx, const eg_merge_options *options, eg_merge_result *result);

/* ---- learning from a table of texts, or from pictures ---- */

typedef struct eg_train_options {
    const char *data; /* texts: a CSV, TSV or JSONL file; pictures: a folder of class folders, .. */
    const char *valid,
        *test; /* files of their own; NULL: split off `data` by seed, duplicates kept together */
    const char *target; /* unlabelled data of the domain that the model is for */
    const char
        *adapt; /* "dann" (with a target the default), "dann:strength=0.1|1,ramp=10,hidden=100" */
    const char *model;   /* a folder or a name; NULL: all-MiniLM-L6-v2, efficientnet_lite0, mlp */
    const char *weights; /* a bare file of weights of the network `model` */
    const char *output;  /* folder to make; NULL: the data's name without its ending */
    const char *text, *second, *label; /* columns; NULL: found, and said why; text: or of files */
    const char *task;                  /* "classify", "regression"; NULL: found */
    const char *
        method; /* "full" (default), "head", "freeze:K", "lora:rank=8,alpha=16,targets=query|value" */
    const char
        *pooling; /* of texts: "cls" (BERT's own head, the default), "last" (GPT-2's), "mean" */
    const char *augment;       /* of pictures: "crop,flip" (default), ",jitter", "none" */
    const char *batch_norm;    /* "adapt" (of layers that train), "frozen", "train" (of all) */
    const char *optimizer;     /* "adamw" (default), "sgd:momentum=0.9" */
    const char *schedule;      /* "linear" (default), "cosine", "constant" */
    const char *class_weights; /* "none" (default), "auto" */
    bool scratch;              /* the same network from random weights */
    bool no_tuning;    /* stop after the answer that comes first: frozen features, linear head */
    bool no_baselines; /* leave out the bag of words */
    bool resume;       /* go on with an interrupted run in `output` */
    bool overwrite;    /* replace a finished run in `output` */
    bool accept_data_change; /* resume although the data is another */
    const char *on_bad;      /* rows and pictures that cannot be read: "fail" (default), "skip" */
    int64_t epochs, batch, accumulate; /* 5 (pictures 6), 16, 1 */
    int64_t size;                      /* of pictures, pixels a side; 0: the model's */
    int64_t views;             /* ways of a picture that come back; 0: another one in each epoch */
    int64_t labels;            /* learn and choose by at most so many labelled ones; 0: all */
    int64_t per_class;         /* learn from at most so many pictures a class; 0: from all */
    int64_t test_limit;        /* judge on at most so many; 0: on all */
    int64_t patience;          /* 3 epochs without a better score; negative: never stop early */
    int64_t max_length;        /* in tokens; what the data needs, at most 256 */
    int64_t seed, seeds;       /* 0; 1: tune this many times */
    int64_t checkpoint_steps;  /* 0: by time alone */
    double lr;                 /* by method */
    double weight_decay, clip; /* 0.01, 1.0; negative: none */
    double warmup;             /* 0.1 of all updates; from 1 on: updates; negative: none */
    double smoothing, layer_decay;  /* 0, 1 */
    double dropout;                 /* the model's own; negative: none */
    double valid_share, test_share; /* 0.15 each */
    double checkpoint_seconds;      /* 600 */
} eg_train_options;

typedef struct eg_score { /* one row of the table at the end */
    const char *name;
    double train, valid, held; /* the metric on each part */
    double valid_loss;         /* by which equal scores are told apart */
    int64_t train_n, valid_n, held_n;
    double low, high; /* 95 % interval of held */
    double seconds;
    int chosen; /* the saved model */
} eg_score;

typedef struct eg_domain { /* adaptation to an unlabelled target; NaN: not computed */
    const char *method;    /* NULL: there was none */
    int64_t targets;
    double strength;
    double risk, plain_risk; /* error of reverse validation, and without adaptation */
    double accuracy;         /* of the domain classifier: 0.5 cannot tell */
    double distance_raw, distance_plain, distance; /* proxy A-distance: data, without, with */
    int hurts;
} eg_domain;

typedef struct eg_train_result {
    const char *output, *report, *metric, *verdict;
    bool pictures; /* it learned from them */
    int classes;
    int64_t train_n, valid_n, test_n;
    int scores;
    eg_score score[8];
    double first_answer_seconds, saved_difference;
    int64_t seeds;
    double seeds_mean, seeds_spread;
    eg_domain domain;
} eg_train_result;

/* EG_ESTOPPED leaves checkpoints behind: the same call with .resume goes on to the same bits. */
EG_API int eg_train(eg_ctx *ctx, const eg_train_options *options, eg_train_result *result);

typedef struct eg_plan_result {
    const char *task, *why;
    int64_t train_n, valid_n, test_n, updates;
    int64_t max_length, tokens; /* of texts */
    int64_t size;               /* of pictures: pixels a side */
    int classes;
    int64_t parameters, trained;
    size_t bytes; /* memory of the run */
    double flops;
} eg_plan_result;

/* ---- many trainings side by side ---- */

typedef struct eg_compare_options {
    eg_train_options
        train; /* .seeds: 3, each with its own parts, order and head; .method is not read; .output: DATA-compare */
    const char *methods; /* "full,lora:rank=4,alpha=8,head"; NULL: full,lora,bitfit,head */
} eg_compare_options;

typedef struct eg_compare_row {
    const char *method;     /* of the first: frozen features and a linear head */
    const char *folder;     /* in the output: the first seed's model; NULL: none */
    double held, spread;    /* mean over seeds, held out; standard deviation */
    double less, low, high; /* than the first method, paired by seed; 95 % */
    int64_t trained;        /* parameters */
    size_t bytes;           /* memory of a run, as planned */
    double seconds, work;   /* mean, of the clock and of the processor; NaN: of no run of its own */
} eg_compare_row;

typedef struct eg_compare_result {
    const char *output, *report, *runs, *metric, *verdict;
    int64_t learned, judged, seeds, made; /* examples; runs by this call */
    int rows, best, smallest; /* best on validation; trains least within a point of it */
    eg_compare_row row[17];
} eg_compare_result;

/* EG_ESTOPPED leaves what is done: the same call with .train.resume goes on. */
EG_API int eg_compare(eg_ctx *ctx, const eg_compare_options *options, eg_compare_result *result);

typedef struct eg_size_options {
    eg_train_options train; /* .seeds: 3; .labels is not read; .output: DATA-data-size */
    const char *labels;     /* "50,200,1000" with the released network; NULL: 50 to 1000 */
    const char *scratch;    /* "50,1000,all" from random weights; NULL: 50 to all */
    double scratch_lr;      /* 0: two rates, validation chooses */
    int64_t updates;        /* from random weights, at least; 400 */
} eg_size_options;

typedef struct eg_size_point { /* seeds 0: not trained with so many */
    int64_t labels, released_seeds, scratch_seeds;
    double released, released_spread, scratch, scratch_spread; /* held out: mean, deviation */
    double released_work, scratch_work;                        /* processor seconds of a run */
} eg_size_point;

typedef struct eg_size_worth {
    int64_t labels, seeds, reached; /* reached: seeds in which it comes as far from scratch */
    double score;                   /* held out, of so many labels with the released network */
    double factor, low, high; /* of labels from scratch; low and high NaN where it is a bound */
    double work;              /* of processor time */
} eg_size_worth;

typedef struct eg_size_result {
    const char *output, *report, *runs, *metric, *verdict;
    int64_t all, judged, seeds, made;
    int points, worths;
    eg_size_point point[24];
    eg_size_worth worth[24];
} eg_size_result;

/* EG_ESTOPPED leaves what is done: the same call with .train.resume goes on. */
EG_API int eg_study_data_size(eg_ctx *ctx, const eg_size_options *options, eg_size_result *result);

/* What eg_train would do; nothing is trained or written. */
EG_API int eg_plan(eg_ctx *ctx, const eg_train_options *options, eg_plan_result *result);
/* A step of the model in lines: shapes, kernels; with `kernels` also which kernels refused, and why. */
EG_API int eg_explain(eg_ctx *ctx, const char *model, int kernels,
                      void (*line)(void *user, const char *text), void *user);

/* ---- studies of learning: how well layers transfer to other classes (Yosinski et al. 2014) ---- */

typedef struct eg_study_options {
    const char *data;   /* pictures with classes */
    const char *model;  /* a network's name or folder; alexnet_small; its weights are not used */
    const char *output; /* folder to make; NULL: the data's name with -study */
    const char *a, *b;  /* classes of the halves, "cat,dog"; NULL: cut by chance */
    bool far;           /* named and random halves beside one another */
    const char *layers; /* "1,2,6": how many are taken; NULL: 1 .. all */
    bool resume;        /* go on with the networks that are missing in `output` */
    bool overwrite;
    int64_t seeds, seed;           /* 4, each with its own halves and weights; 0 */
    int64_t epochs, batch, size;   /* 10, 32, the network's */
    int64_t per_class, test_limit; /* pictures of a class: 400 and 500; negative: all */
    double lr, weight_decay;       /* 1e-3, 0.01 */
} eg_study_options;

typedef struct eg_study_finding { /* of the paper, and whether it holds here */
    const char *claim, *measured, *verdict;
    int64_t seeds;
    double mean, error, low, high; /* of a paired difference of accuracies; 95 % */
} eg_study_finding;

typedef struct eg_study_result {
    const char *output, *report, *networks_csv, *summary;
    int64_t networks, trained; /* in all; by this call */
    double base, spread;       /* accuracy of a half's own network; its deviation, trained again */
    int findings;
    eg_study_finding finding[12];
} eg_study_result;

/* EG_ESTOPPED keeps the networks that are done: the same call with .resume comes to the same result. */
EG_API int eg_study_transferability(eg_ctx *ctx, const eg_study_options *options,
                                    eg_study_result *result);

/* ---- using what was learned ---- */

typedef struct eg_use_options {
    const char *model; /* a folder that eg_train made; eg_embed_file: or a released encoder */
    const char *data;  /* a table; pictures: a file, a folder, a list */
    const char *output;
    const char *text, *second, *label;
    const char *on_bad;
    bool no_normalize;
    int64_t batch, max_length;
} eg_use_options;

typedef struct eg_class_score {
    const char *label;
    double precision, recall, f1;
    int64_t n;
} eg_class_score;

typedef struct eg_eval_result {
    const char *metric;
    int64_t n;
    double loss, score, low, high;
    double f1_macro, matthews, balanced_accuracy; /* classes */
    double pearson, spearman, mse;                /* regression */
    int classes;
    const eg_class_score *per_class; /* [classes] */
    const int64_t *confusion;        /* [classes * classes], true label by row */
} eg_eval_result;

EG_API int eg_eval(eg_ctx *ctx, const eg_use_options *options, eg_eval_result *result);
/* Called for each text or picture in turn; label NULL: a measurement, in probability. */
typedef void (*eg_answer_fn)(void *user, const char *sample, const char *label, float probability);
EG_API int eg_predict_each(eg_ctx *ctx, const eg_use_options *options, eg_answer_fn fn, void *user);
/* All columns in their order, then label and probability; of pictures their names. */
EG_API int eg_predict_file(eg_ctx *ctx, const eg_use_options *options, int64_t *rows);
/* One row a text or picture, .safetensors or .csv by the output's name. */
EG_API int eg_embed_file(eg_ctx *ctx, const eg_use_options *options, int64_t *rows);

typedef struct eg_prediction {
    const char *label; /* NULL: a measurement, in `probability` */
    float probability;
} eg_prediction;

EG_API int eg_model_load(eg_ctx *ctx, const char *path, eg_model **model);
EG_API int
eg_model_classes(const eg_model *model); /* 1: a measurement; 0: an encoder without a head */
EG_API const char *eg_model_label(const eg_model *model, int k);
EG_API int eg_model_width(const eg_model *model); /* numbers of an embedding */
/* Whether it reads pictures: then the texts below are paths of files. */
EG_API int eg_model_pictures(const eg_model *model);
/* second: the other text of a pair, or NULL. */
EG_API int eg_classify(eg_model *model, const char *text, const char *second, eg_prediction *out);
EG_API int eg_embed(eg_model *model, const char *text, float *out); /* [eg_model_width] */
/* {"text": ..} in, the same object with "label" and "probability" out; *out lives until the next call. */
EG_API int eg_predict_json(eg_model *model, const char *line, size_t n, const char **out);

/* ---- learning from plain text ---- */

typedef struct eg_pretrain_options {
    /* A text file.  For words a sentence or paragraph a line; for models blank lines stand between documents. */
    const char *data;
    const char *
        output; /* a folder: for words vectors.bin (word2vec's binary form) and pretrain.json; for models the
                         * released layout */
    const char *
        objective; /* words: "skipgram" (default), "cbow"; of a model "lm": the next token, "mlm": masked
                            * tokens (default: what its family does) */
    bool overwrite;       /* replace what is in `output` */
    int64_t epochs, seed; /* words 5, models 1; 0 */
    double lr;            /* words 0.025 at first, it falls to 0; models 5e-5, from scratch 6e-4 */

    /* of words: 100 numbers a word, 5 words to each side, 5 other words drawn for each, words met 5 times or more */
    int64_t width, window, negative, min_count;
    double sample; /* words commoner than this share are left out at times; 1e-3; negative: never */

    /* of models; resume, accept_data_change, checkpoints as of eg_train */
    const char *model;    /* a folder or a name: what learns on */
    const char *schedule; /* "cosine" (default), "linear", "constant" */
    bool scratch;         /* the same network from random weights */
    bool resume, accept_data_change;
    int64_t length;                    /* tokens of a row; 0: the model's, at most 512 */
    int64_t batch, accumulate;         /* rows of a step, steps of an update: 8, 1 */
    double weight_decay, clip, warmup; /* 0.01, 1.0, 0.05; negative: none */
    double dropout;                    /* the model's own; negative: none */
    double valid_share;                /* 0.05, of the file's end; negative: none */
    int64_t checkpoint_steps;          /* 0: by time alone */
    double checkpoint_seconds;         /* 600 */
} eg_pretrain_options;

typedef struct eg_pretrain_result {
    const char *objective;
    int64_t words,
        vocabulary, /* words: running ones of an epoch that the vocabulary holds; of models 0 */
        epochs;
    double seconds;                     /* of learning alone; of models 0 */
    int64_t documents, tokens, updates; /* of models */
    int64_t held;                       /* labels that it was judged on; 0: none */
    double before,
        after; /* perplexity there; without a held-out part `after` is that of training, `before` NaN */
    double tokens_per_second;
    double saved_difference; /* in the loss of a row, by the saved folder */
} eg_pretrain_result;

/* The same seed gives the same bits, whatever the threads.  EG_ESTOPPED leaves checkpoints behind, of models. */
EG_API int eg_pretrain(eg_ctx *ctx, const eg_pretrain_options *options, eg_pretrain_result *result);

/* ---- word vectors ---- */

typedef struct eg_vectors eg_vectors;

typedef struct eg_vectors_info {
    const char *file, *form; /* "word2vec binary", "word2vec text", "GloVe text" */
    int64_t words, width;
    int64_t duplicates; /* rows left out: the first of a word holds */
} eg_vectors_info;

typedef struct eg_word {
    const char *word;
    float score;
} eg_word;

/* path: a table of word2vec, GloVe or fastText, also under gzip, or a folder with vectors.bin or vectors.txt. */
EG_API int eg_vectors_open(eg_ctx *ctx, const char *path, eg_vectors **vectors);
EG_API void eg_vectors_about(const eg_vectors *vectors, eg_vectors_info *info);
EG_API const char *eg_vectors_word(const eg_vectors *vectors, int64_t i); /* in the file's order */
/* Its numbers, or NULL. */
EG_API const float *eg_vectors_of(const eg_vectors *vectors, const char *word);
/* The n words nearest to a word by cosine, into out[n]; *found: how many, fewer in a smaller table. */
EG_API int eg_vectors_similar(eg_vectors *vectors, const char *word, int n, eg_word *out,
                              int *found);
/* The n words nearest to a - b + c (3CosAdd; by_product: 3CosMul), which are none of the three. */
EG_API int eg_vectors_analogy(eg_vectors *vectors, const char *const abc[3], bool by_product, int n,
                              eg_word *out, int *found);

typedef struct eg_words_section {
    const char *name;
    int64_t right, asked, unknown; /* unknown: questions with a word that the table lacks */
} eg_words_section;

typedef struct eg_words_judged {
    const char *name; /* the file's */
    bool analogies;
    int sections; /* analogies: the file's, then "semantic", "syntactic" where there are both, "all" */
    const eg_words_section *section;
    int64_t pairs, unknown; /* pairs of words with a score: in the table, not in it */
    double spearman, low, high;
    const char *tag; /* what was cut off every word, as "-n"; NULL: nothing */
    double seconds;
} eg_words_judged;

/* questions-words.txt, or a table of two words and people's score of how alike they are. */
EG_API int eg_vectors_judge(eg_vectors *vectors, const char *file, bool by_product,
                            eg_words_judged *result);
EG_API void eg_vectors_close(eg_vectors *vectors);

#ifdef __cplusplus
}
#endif

#endif
/* SPDX-License-Identifier: MIT */
