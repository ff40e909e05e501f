/* test_hooks.c - one small method for each thing that a method may touch, over a BERT that knows of none of them:
 * the hook design stands when each starts as it says, moves what it says, and its gradient is the loss's slope. */
#include "adapt/adapt.h"
#include "golden_case.h"
#include "task/run_batch.h"
#include "test.h"

#include <math.h>
#include <string.h>

typedef struct Bench { /* the tiny classifier of a golden case under a method */
    Golden g;
    Model *model;
    Method *method;
    Graph *graph;
    ModelOutputs out;
    Params *params;
    RunBatch batch;
    Run *run;
} Bench;

static void bench_plan(Bench *b)
{
    Err err;
    Pool *pool;
    Plan *plan;
    LoadReport report;
    PlanOptions po = {.isa = isa_best(), .threads = 2};

    CHECK(b->params = params_new(&err, b->g.a));
    CHECK_OK(model_load(&err, b->g.a, b->model, b->graph, b->params, &report));
    CHECK_HAS(report.text, "backbone 55 of 55 tensors");
    CHECK_OK(params_init_missing(&err, b->params, b->graph, 7, NULL));
    CHECK_OK(pool_new(&err, b->g.a, 2, &pool));
    CHECK_OK(plan_make(&err, b->g.a, b->graph, &po, &plan));
    CHECK_OK(run_new(&err, b->g.a, plan, b->params, pool, 1, &b->run));
}

static Bench bench_open(const AdaptDef *def)
{
    Err err;
    Weights *file;
    Bench b = {.g = golden_open("bert_sequence_classification")};

    CHECK_OK(model_open(&err, b.g.a, b.g.model, &(ModelOptions){0}, &b.model));
    MethodTarget target = {.layers = b.model->layers,
                           .depth = model_depth,
                           .is_head = model_is_head,
                           .lora_targets = "query|value",
                           .model = b.model};
    CHECK_OK(method_make(&err, b.g.a, def, NULL, &target, &b.method));
    CHECK_OK(weights_open(&err, b.g.a, golden_file(&b.g, "inputs.safetensors"), &file));
    CHECK_OK(run_batch_read(&err, b.g.a, file, -1, b.model, &b.batch));
    CHECK(b.graph = graph_new(&err, b.g.a, MODE_EVAL));
    ModelShape shape = {
        .sequences = b.batch.sequences, .tokens = b.batch.rows.count, .labels = true};
    CHECK_OK(model_build(&err, b.model, b.graph, b.method->hooks, &shape, &b.out));
    CHECK_OK(graph_backward(&err, b.graph));
    bench_plan(&b);
    return b;
}

static double bench_loss(Bench *b)
{
    Err err;

    CHECK_OK(run_batch_fill(&err, &b->batch, &b->out, b->run));
    CHECK_OK(run_step(&err, b->run));
    return run_batch_loss(&b->batch, &b->out, b->run);
}

/* The golden logits: what the model says without any method. */
static double logit_change(Bench *b)
{
    Err err;
    Weights *file;
    float want[12];
    int64_t where;

    CHECK_OK(weights_open(&err, b->g.a, golden_file(&b->g, "outputs.safetensors"), &file));
    CHECK_OK(weights_read_f32(&err, weights_find(file, "logits"), want));
    bench_loss(b);
    return tensor_difference(run_output(b->run, "logits").data, want, 12, &where);
}

static float *values(Bench *b, const char *name)
{
    const Param *p = params_find(b->params, name);

    CHECK(p && p->owned);
    return p->data;
}

/* The gradient of element i against the loss's central difference. */
static void check_slope(Bench *b, const char *name, int64_t i)
{
    const float h = 0.02F;
    float *x = values(b, name), kept = x[i];

    bench_loss(b);
    Tensor grad = run_gradient(b->run, name);
    CHECK(grad.data != NULL);
    double found = (double)((const float *)grad.data)[i];
    x[i] = kept + h;
    double up = bench_loss(b);
    x[i] = kept - h;
    double down = bench_loss(b), slope = (up - down) / (2 * (double)h);
    x[i] = kept;
    CHECK(fabs(slope) > 1e-5);
    check_near_at(__FILE__, __LINE__, name, found, slope, 0.02 * fabs(slope) + 2e-5);
}

/* Only names of the pattern and the head have gradients; returns how many of the pattern. */
static int check_only(const Bench *b, const char *pattern)
{
    int n = 0;

    for (int i = 0; i < graph_param_count(b->graph); i++) {
        Node p = graph_param_at(b->graph, i);
        const char *name = graph_node(b->graph, p.id)->name;
        bool wanted = name_matches(pattern, name), head = strncmp(name, "classifier.", 11) == 0;

        if (node_valid(graph_gradient(b->graph, p)) != (wanted || head))
            CHECK_TEXT(name, wanted ? "a name with a gradient" : "a name without a gradient");
        n += wanted;
    }
    return n;
}

/* ---- on_input: what a layer reads is scaled by a learned vector (Liu et al. 2022, arXiv:2205.05638) ---- */

static Node scale_input(const void *options, Net at, Node x)
{
    size_t n = strlen(at.path);

    (void)options;
    if (n < 14 || strcmp(at.path + n - 12, "output.dense") != 0)
        return x;
    return op_mul(x, nn_param(at, "input_scale", SHAPE(node_dim(x, -1)), INIT_ONE));
}

TEST(adapt_hooks_input_scale)
{
    static const AdaptDef def = {
        .name = "scale", .rules = {.on_input = scale_input}, .trains = "*.input_scale"};
    Bench b = bench_open(&def);

    CHECK(logit_change(&b) < 1e-4);
    CHECK_INT(check_only(&b, "*.input_scale"), 6);
    check_slope(&b, "bert.encoder.layer.1.output.dense.input_scale", 17);
    values(&b, "bert.encoder.layer.0.output.dense.input_scale")[3] = 3;
    CHECK(logit_change(&b) > 1e-3);
}

/* ---- on_embed: rows in front of each sequence (Lester et al. 2021, arXiv:2104.08691) ---- */

static Node add_prompt(const void *options, Net at, Node x)
{
    (void)options;
    return op_rows_prepend(nn_param(at, "prompt", SHAPE(5, node_dim(x, -1)), INIT_NORMAL_002), x);
}

TEST(adapt_hooks_new_rows)
{
    static const AdaptDef def = {
        .name = "prompt", .rules = {.on_embed = add_prompt}, .trains = "*.prompt"};
    Bench b = bench_open(&def);

    CHECK(logit_change(&b) > 1e-3); /* attention sees the new rows */
    CHECK_INT(check_only(&b, "*.prompt"), 1);
    CHECK_INT(run_output(b.run, "last_hidden_state").shape.dim[0], b.batch.rows.count);
    check_slope(&b, "bert.embeddings.prompt", 100);
}

/* ---- on_attention: learned keys and values in front (Li and Liang 2021, arXiv:2101.00190) ---- */

static void add_prefix(const void *options, Net at, AttentionParts *p)
{
    Shape shape = SHAPE(4, node_dim(p->k, -1));

    (void)options;
    p->k = op_rows_prepend(nn_param(at, "prefix_key", shape, INIT_NORMAL_002), p->k);
    p->v = op_rows_prepend(nn_param(at, "prefix_value", shape, INIT_NORMAL_002), p->v);
}

TEST(adapt_hooks_attention_prefix)
{
    static const AdaptDef def = {
        .name = "prefix", .rules = {.on_attention = add_prefix}, .trains = "*.prefix_*"};
    Bench b = bench_open(&def);

    CHECK(logit_change(&b) > 1e-4);
    CHECK_INT(check_only(&b, "*.prefix_*"), 6);
    check_slope(&b, "bert.encoder.layer.2.attention.self.prefix_value", 60);
    check_slope(&b, "bert.encoder.layer.1.attention.self.prefix_value", 5);
}

/* ---- on_sublayer: a small network before each residual (Houlsby et al. 2019, arXiv:1902.00751) ---- */

static Node add_adapter(const void *options, Net at, Node y, const Join *join)
{
    int64_t d = node_dim(y, -1);
    Node down = nn_param(at, "adapter_down", SHAPE(6, d), INIT_KAIMING);
    Node up = nn_param(at, "adapter_up", SHAPE(d, 6), INIT_ZERO);

    (void)options;
    (void)join;
    return op_add(y, op_matmul_nt(op_activate(op_matmul_nt(y, down), ACT_GELU), up));
}

TEST(adapt_hooks_sublayer)
{
    static const AdaptDef def = {
        .name = "adapter", .rules = {.on_sublayer = add_adapter}, .trains = "*.adapter_*"};
    Bench b = bench_open(&def);

    CHECK(logit_change(&b) < 1e-4);
    CHECK_INT(check_only(&b, "*.adapter_*"), 12);
    check_slope(&b, "bert.encoder.layer.0.attention.output.adapter_up", 40);
    check_slope(&b, "bert.encoder.layer.2.output.adapter_up", 100);
}

/* ---- on_grad: what the optimiser sees ---- */

static Node stop_queries(const void *options, const char *name, Node w, Node grad)
{
    (void)options;
    (void)w;
    return name_matches("*.query.weight", name) ? op_scale(grad, 0) : grad;
}

TEST(adapt_hooks_gradient_rule)
{
    static const AdaptDef def = {
        .name = "still", .rules = {.on_grad = stop_queries}, .trains = "*.weight"};
    Err err;
    Bench b = bench_open(&def);
    Node total = NO_NODE;

    /* The optimiser asks nn_on_grad for each gradient; here their squares are summed by kind of name. */
    for (int i = 0; i < graph_param_count(b.graph); i++) {
        Node p = graph_param_at(b.graph, i), g = graph_gradient(b.graph, p);
        const char *name = graph_node(b.graph, p.id)->name;

        if (!node_valid(g) || !name_matches("*attention.self.*.weight", name))
            continue;
        g = op_sqsum(nn_on_grad(b.method->hooks, name, p, g));
        if (name_matches("*.0.attention.self.query.weight", name))
            graph_output(b.graph, "query", g);
        total = node_valid(total) ? op_add(total, g) : g;
    }
    graph_output(b.graph, "all", total);
    CHECK_OK(graph_finish(&err, b.graph));
    bench_plan(&b);
    bench_loss(&b);
    CHECK_NEAR((double)*(float *)run_output(b.run, "query").data, 0, 0);
    CHECK(*(float *)run_output(b.run, "all").data > 1e-6F);
}

/* ---- on_loss: a term of the method's own (Li et al. 2018, arXiv:1802.01483: stay near a point) ---- */

static void stay_small(const void *options, Net root)
{
    Net at = nn_at(root, "classifier");
    Shape shape = SHAPE(3, 48);
    Node w = nn_param(at, "weight", shape, INIT_ZERO);

    (void)options;
    graph_loss(root.g, "small", op_mse(w, op_fill(root.g, shape, SPACE_NONE, 0)));
}

TEST(adapt_hooks_loss_term)
{
    static const AdaptDef def = {.name = "small", .rules = {.on_loss = stay_small}};
    Err err;
    Bench b = bench_open(&def);
    const char *name = "classifier.weight";
    float before[144], scale = 0.25F;

    bench_loss(&b);
    memcpy(before, run_gradient(b.run, name).data, sizeof before);
    CHECK_OK(run_scalar(&err, b.run, "loss.small.scale", scale));
    bench_loss(&b);
    const float *after = run_gradient(b.run, name).data, *w = values(&b, name);
    for (int i = 0; i < 144; i++)
        CHECK_NEAR((double)(after[i] - before[i]), 2 * (double)(scale * w[i]), 1e-6);
}

/* ---- on_param: which tensors train (Ben Zaken et al. 2021, arXiv:2106.10199: biases) ---- */

static void only_biases(const void *options, const char *name, ParamRule *rule)
{
    (void)options;
    rule->trainable |= name_matches("*.bias", name);
}

TEST(adapt_hooks_parameter_rule)
{
    static const AdaptDef def = {.name = "bias", .rules = {.on_param = only_biases}};
    Bench b = bench_open(&def);

    CHECK(logit_change(&b) < 1e-4);
    CHECK_INT(check_only(&b, "*.bias"), 27);
    check_slope(&b, "bert.encoder.layer.0.intermediate.dense.bias", 11);
}

/* What is of a normalisation is told by the layer, not by its name. */
TEST(adapt_hooks_norms_alone)
{
    Bench b = bench_open(&adapt_norm);

    CHECK(logit_change(&b) < 1e-4);
    CHECK_INT(check_only(&b, "*.LayerNorm.*"), 14);
    check_slope(&b, "bert.encoder.layer.1.output.LayerNorm.weight", 11);
}

/* SPDX-License-Identifier: MIT */
