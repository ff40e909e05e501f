/* sample.h - what a sample is: the one place where learning from texts and from anything else differs.  A kind
 * reads a person's files, makes samples ready for a model, fills a run's inputs, and shows a sample to people;
 * jobs, scores, tuning, saving and the report know nothing else of it. */
#ifndef TASK_SAMPLE_H
#define TASK_SAMPLE_H

#include "adapt/adapt.h"
#include "adapt/domain.h"
#include "data/features.h"
#include "models/models.h"
#include "task/task.h"

typedef struct SampleKind SampleKind;
typedef struct Job Job;

typedef struct Reader { /* how they become a network's inputs */
    const SampleKind *kind;
    const Model *model; /* what its vocabulary and segments allow */
    const void *inside; /* the kind's own: a tokenizer */
    const void
        *target; /* the same of samples from `targets` on, where they have their own; else NULL */
    int64_t targets;
    int64_t size;         /* of a sample at most: tokens of a text; pixels of a picture's side */
    const Events *events; /* stops; NULL: never */
    Pool *pool;           /* NULL: this thread */
} Reader;

/* Samples made ready.  A unit is what a run's capacity is counted in: a token of a text, a picture. */
typedef struct SampleSet {
    const SampleKind *kind;
    int64_t n;
    int64_t *start;       /* [n + 1] units before each */
    int64_t longest, cut; /* units of the longest; samples that reached Reader.size */
    const void *inside;
} SampleSet;

int64_t set_units(const SampleSet *s, int64_t i);
/* Units of these samples; row NULL: the first `rows`. */
int64_t set_units_of(const SampleSet *s, const int64_t *row, int64_t rows);
/* Units of the `n` largest of these samples: what a batch of n can hold at most. */
Status set_capacity(Err *e, Arena *a, const SampleSet *s, const int64_t *row, int64_t rows,
                    int64_t n, int64_t *units);

typedef struct Augment {
    bool any, crop;
    PictureVary how; /* size and filter are the reader's */
} Augment;

/* How samples are varied: another way in each epoch, the same for the same seed, epoch and sample. */
typedef struct Vary {
    Augment how;
    uint64_t seed;
    const int *epoch;
    int views; /* ways of a sample, taken in turn; 0: one for each epoch */
} Vary;

/* Which of a sample's ways the epoch sees. */
int64_t vary_view(const Vary *v);

typedef struct Prefix Prefix;
typedef struct TaskNet TaskNet;

/* Samples of a set with what is wanted of them: fills a run's inputs. */
typedef struct Feed {
    const SampleSet *set;
    const int64_t *row;        /* sample i is the set's row[i]; NULL: i */
    const int32_t *label;      /* by the set's order, or NULL */
    const float *target;       /* by the set's order, or NULL */
    const float *class_weight; /* [classes] or NULL */
    int classes;
    const Vary *vary; /* pictures: how training sees them; NULL: as they are evaluated */
    Prefix *prefix;   /* NULL: the network is whole */
    int64_t capacity; /* samples at once */
    int32_t *offset;  /* [capacity + 1] */
    uint32_t *sample; /* [capacity] of the set, those of the batch */
} Feed;

Status feed_new(Err *e, Arena *a, const SampleSet *s, int64_t capacity, Feed *out);
Status feed_fill(Err *e, void *feed, Run *r, const int64_t *sample, int64_t n);
double feed_weight(const void *feed, int64_t sample);

/* ---- task_net.c: a model made ready to run ---- */

/* The whole network, its frozen beginning alone, or what comes after it. */
typedef enum { NET_WHOLE, NET_BEGINNING, NET_REST } NetPart;

typedef struct NetOptions {
    Mode mode;
    NetPart
        part; /* NET_REST where there is no beginning to cut off is the whole: TaskNet.begin.why says so */
    const TaskNet *training; /* whose graph says what an update changes; NULL: itself */
    int64_t samples, units;  /* capacities */
    bool labels, class_weights;
    float smoothing;
    const Domain *domain; /* NULL: one domain */
    const Optim *optim;   /* NULL: no update */
    bool accumulate;
} NetOptions;

struct TaskNet {
    const Model *model;
    Method *method;      /* NULL: nothing trains, nothing is added */
    const char *adapter; /* a folder with the method's tensors; NULL: they are made */
    const Reader *reader;
    Graph *graph;
    ModelOutputs out;
    Plan *plan;
    Run *run;
    Arena *run_arena; /* its own: a net that starts again gives the last run back */
    NetOptions options;
    LoadReport loaded; /* tasknet_eval */
    Beginning begin;   /* of NET_BEGINNING and NET_REST */
    Prefix *prefix;    /* what gives a NET_REST its inputs; NULL: the samples themselves do */
};

/* Graph and plan of out->model, method, reader: nothing is loaded yet.  Output "features": what the classifier or
 * the embedding reads. */
Status tasknet_plan(Err *e, Arena *a, const TaskContext *c, const NetOptions *o, TaskNet *out);
Status tasknet_start(Err *e, Arena *a, const TaskContext *c, TaskNet *n, Params *params,
                     uint64_t seed);
/* Loads what params lack, draws by seed what no file has, and starts. */
Status tasknet_load(Err *e, Arena *a, const TaskContext *c, TaskNet *n, Params *params,
                    uint64_t seed);
/* What evaluates samples of up to `longest` units. */
NetOptions tasknet_eval_options(const Reader *r, int64_t longest);
/* Such a net, started; params: all tensors loaded, else drawn by seed. */
Status tasknet_eval(Err *e, Arena *a, const TaskContext *c, TaskNet *out, Params *params,
                    int64_t longest, uint64_t seed);

typedef struct Ask { /* samples to send through, and what of the answer is wanted */
    const SampleSet *set;
    const int64_t *row; /* of the set; NULL: the first `rows` */
    int64_t rows;
    const char *output; /* "logits", "features", "embedding" */
    int64_t width;
    const char *stage; /* for events; NULL: none */
} Ask;

/* out: [rows, width] */
Status tasknet_each(Err *e, const TaskContext *c, TaskNet *n, const Ask *ask, float *out);
MethodTarget target_of_model(const Model *m);
void softmax_rows(float *x, int64_t rows, int classes);

/* ---- task_prefix.c: what the frozen beginning of a network makes of each sample, kept ---- */

/* `net`: the beginning alone (output PREFIX), started; feed: of the samples, numbered as the set is. */
Status prefix_new(Err *e, Arena *a, TaskNet *net, const Feed *feed, Prefix **out);
size_t prefix_bytes(const TaskNet *net, int64_t samples, int views);
/* What is known already: value [n, size] by the set's order. */
void prefix_know(Prefix *p, const float *value);
bool prefix_known(const Prefix *p); /* whether it was told so */
/* What is kept of the sample as it is evaluated; NULL: it was not asked for yet. */
const float *prefix_value(const Prefix *p, int64_t sample);
/* The input PREFIX of feed->sample[0 .. n-1]; what is not known yet is computed. */
Status prefix_fill(Err *e, Prefix *p, const Feed *f, Run *r, int64_t n);

/* ---- a kind ---- */

struct SampleKind {
    InputKind input;
    const char *one, *many;        /* "text", "texts": for people */
    const char *unit;              /* "tokens" */
    const char *model, *model_why; /* the one that is taken unasked */
    const char *embedding;         /* the output that is one */
    int wrong_shown; /* of its worst answers, in the report; gallery: beside one another */
    bool gallery;
    const char *library, *pipeline,
        *example;                     /* of the card: its loader, its task, a file to predict */
    int64_t eval_samples, eval_units; /* what an evaluating net takes at once */
    bool one_size; /* all samples are alike: what a frozen beginning makes of them can be kept */

    /* A job: settings that are the kind's own, in a line and as they are saved; files to rows, labels and parts;
     * samples made ready; a candidate without a network. */
    Status (*settings)(Err *e, Job *j, const Model *shape);
    const char *(*how)(Err *e, const Job *j); /* NULL with e set */
    Status (*keep)(Err *e, const Job *j, Config *settings);
    Status (*data)(Err *e, Job *j);
    /* Reads o.target behind the labelled samples: j->targets of them, without a label. */
    Status (*target)(Err *e, Job *j);
    /* Of kinds that a table holds: reads it.  NULL: table_open. */
    Status (*table)(Err *e, Arena *a, const char *path, const FeatureOptions *o, Table **out);
    Status (*prepare)(Err *e, Job *j);
    Status (*baseline)(Err *e, Job *j);

    /* Rows of the job's set as numbers, as they came.  NULL: they are none. */
    Status (*matrix)(Err *e, Arena *a, const Job *j, Matrix *out);

    /* The head that stands on frozen features, and the one that is tuned. */
    HeadKind (*head)(const Job *j, bool frozen);
    /* Reads what stands beside the model in its folder.  size 0: the model's. */
    Status (*open)(Err *e, Arena *a, const Model *m, int64_t size, Reader *out);
    Status (*make)(Err *e, Arena *a, const Reader *r, const Raw *raw, SampleSet *out);
    void (*shape)(const Reader *r, const NetOptions *o, ModelShape *shape);
    /* Rows and inputs of feed->sample[0 .. n-1]; labels are filled by the caller. */
    Status (*fill)(Err *e, Feed *f, Run *r, int64_t n);
    /* Puts beside a saved model what reading takes. */
    Status (*save)(Err *e, Arena *a, const Reader *r, const Model *m, const char *folder);
    /* A sample as HTML. */
    Status (*show)(Err *e, Writer *w, const Job *j, int64_t i);
};

extern const SampleKind sample_text, sample_picture, sample_numbers;
const SampleKind *sample_kind(InputKind input);
Status sample_table(Err *e, Arena *a, const SampleKind *kind, const char *path,
                    const FeatureOptions *o, Table **out);

#endif
/* SPDX-License-Identifier: MIT */
