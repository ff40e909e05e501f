/* heads.c - heads that families share: classes of a sequence, of a token, of a picture, spans, embeddings; and their
 * losses.  Those are sums; the caller divides over the whole update. */
#include "models/inside.h"

static void add_loss(Graph *g, ModelOutputs *out, LossTerm term, Node sum)
{
    graph_loss(g, term.name, sum);
    if (out->losses < (int)LEN(out->loss))
        out->loss[out->losses++] = term;
}

void model_class_loss(Graph *g, const ModelShape *shape, const char *name, const char *input,
                      Node logits, ModelOutputs *out)
{
    if (!shape->labels)
        return;
    Node y = graph_input(g, input, DT_I32, SHAPE(node_dim(logits, 0)), node_space(logits));

    add_loss(g, out, (LossTerm){.name = name, .input = input, .weight = 1},
             op_xent(logits, y, NO_NODE, 0));
}

/* The task's own cross-entropy: with class weights and smoothing. */
static Node label_sum(Graph *g, const ModelShape *shape, Node z)
{
    Node weights = NO_NODE,
         y = graph_input(g, "labels", DT_I32, SHAPE(node_dim(z, 0)), node_space(z));

    if (shape->class_weights)
        weights = graph_input(g, "class_weights", DT_F32, SHAPE(node_dim(z, 1)), SPACE_NONE);
    return op_xent(z, y, weights, shape->smoothing);
}

static void label_loss(Graph *g, const ModelShape *shape, const char *name, ModelOutputs *out)
{
    LossTerm term = {
        .name = name, .input = "labels", .weight = 1, .weighted = shape->class_weights};

    if (shape->labels)
        add_loss(g, out, term, label_sum(g, shape, out->logits));
}

void model_token_loss(Graph *g, const ModelShape *shape, const char *name, ModelOutputs *out)
{
    label_loss(g, shape, name, out);
}

void model_vocabulary_head(Graph *g, const ModelShape *shape, Node x, Node w, ModelOutputs *out)
{
    LossTerm term = {.name = "labels", .input = "labels", .weight = 1};

    if (shape->labels && !shape->scores) {
        Node y = graph_input(g, "labels", DT_I32, SHAPE(node_dim(x, 0)), node_space(x));

        add_loss(g, out, term, op_linear_xent(x, w, y));
        return;
    }
    out->logits = op_matmul_nt(x, w);
    graph_output(g, "logits", out->logits);
    model_token_loss(g, shape, "labels", out);
}

/* Classes, several at once, or numbers. */
static Node problem_sum(const Model *m, Graph *g, const ModelShape *shape, Node z)
{
    if (m->problem == PROBLEM_SINGLE)
        return label_sum(g, shape, z);
    Node y = graph_input(g, "labels", DT_F32, SHAPE(node_dim(z, 0), m->labels), node_space(z));
    return m->problem == PROBLEM_MULTI ? op_bce(z, y) : op_mse(z, y);
}

/* All classifiers' losses are over the same labels: one term. */
void model_class_logits(const Model *m, Net root, Node z, const ModelShape *shape,
                        ModelOutputs *out)
{
    LossTerm term = {.name = "labels",
                     .input = "labels",
                     .weight = 1,
                     .weighted = m->problem == PROBLEM_SINGLE && shape->class_weights};

    out->logits = z;
    graph_output(root.g, "logits", z);
    if (!shape->labels)
        return;
    Node sum = problem_sum(m, root.g, shape, z);
    for (int i = 0; i < out->auxiliaries && graph_mode(root.g) == MODE_TRAIN; i++)
        sum = op_add(
            sum, op_scale(problem_sum(m, root.g, shape, out->auxiliary[i]), out->auxiliary_weight));
    add_loss(root.g, out, term, sum);
}

/* x: [B, D] -> [B, C] */
static void classify(const Model *m, Net root, const char *name, Node x, const ModelShape *shape,
                     ModelOutputs *out)
{
    model_class_logits(m, root, nn_linear(root, name, x, m->labels), shape, out);
}

void model_sequence_head(const Model *m, Net root, const char *name, float dropout,
                         const ModelShape *shape, ModelOutputs *out)
{
    classify(m, root, name, nn_dropout(root, "dropout", out->pooled, dropout), shape, out);
}

void model_picture_head(const Model *m, Net root, const char *name, float dropout,
                        const ModelShape *shape, ModelOutputs *out)
{
    graph_output(root.g, "features", out->pooled);
    if (m->head == HEAD_PICTURE)
        classify(m, root, name, nn_dropout(root, "dropout", out->pooled, dropout), shape, out);
}

void model_token_head(const Model *m, Net root, float dropout, const ModelShape *shape,
                      ModelOutputs *out)
{
    Node x = nn_dropout(root, "dropout", out->hidden, dropout);

    out->logits = nn_linear(root, "classifier", x, m->labels);
    graph_output(root.g, "logits", out->logits);
    label_loss(root.g, shape, "labels", out);
}

void model_span_head(Net root, float dropout, const ModelShape *shape, ModelOutputs *out)
{
    static const char *const input[2] = {"start_positions", "end_positions"};
    static const char *const name[2] = {"start", "end"};
    Node z = nn_linear(root, "qa_outputs", nn_dropout(root, "dropout", out->hidden, dropout), 2);

    out->logits = z;
    graph_output(root.g, "span_logits", z);
    for (int i = 0; shape->labels && i < 2; i++) {
        Node y = graph_input(root.g, input[i], DT_I32, SHAPE(shape->sequences), out->batch);
        LossTerm term = {.name = name[i], .input = input[i], .weight = 0.5F};

        add_loss(root.g, out, term, op_span_xent(z, y, i));
    }
}

void model_embedding_head(const Model *m, Net root, float dropout, const ModelShape *shape,
                          ModelOutputs *out)
{
    bool mean = m->head == HEAD_MEAN || m->pooling == POOL_MEAN;
    Node x = mean                      ? op_segment_mean(out->hidden)
             : m->pooling == POOL_LAST ? model_last_rows(root, out)
                                       : model_first_rows(root, out);

    if (m->head == HEAD_MEAN) {
        out->pooled = x;
        classify(m, root, "classifier", nn_dropout(root, "dropout", x, dropout), shape, out);
        return;
    }
    out->pooled = m->normalize ? op_l2norm(x, 1e-12F) : x;
    graph_output(root.g, "embedding", out->pooled);
}

Node model_first_rows(Net root, const ModelOutputs *out)
{
    return op_gather(out->hidden, op_row_start(root.g, out->tokens));
}

Node model_lead_rows(Net root, const ModelOutputs *out)
{
    return op_gather(out->all, op_row_start(root.g, node_space(out->all)));
}

Node model_last_rows(Net root, const ModelOutputs *out)
{
    return op_gather(out->hidden, op_row_last(root.g, out->tokens));
}

Node model_tied_scores(Net backbone, const char *table, Node x, Node bias)
{
    int64_t vocab = node_dim(bias, 0), dim = node_dim(x, -1);
    Node w = nn_param(nn_at(backbone, "%s", table), "weight", SHAPE(vocab, dim), INIT_NORMAL_002);

    return op_add(op_matmul_nt(x, w), bias);
}

Node model_labelled_rows(Graph *g, const ModelShape *shape, ModelOutputs *out)
{
    if (shape->labelled == 0)
        return out->hidden;
    Space s = graph_space(g, "labelled", shape->labelled, SPACE_NONE);

    return op_gather(out->hidden, graph_input(g, "label_rows", DT_I32, SHAPE(shape->labelled), s));
}

Node model_own_rows(Node x, Space tokens)
{
    while (node_valid(x) && node_space(x) != tokens)
        x = op_rows_drop(x);
    return x;
}

void model_set_hidden(Node x, ModelOutputs *out)
{
    out->all = x;
    out->hidden = model_own_rows(x, out->tokens);
}

Node model_row_ids(Node ids, Node x)
{
    Space s = node_valid(x) ? node_space(x) : SPACE_NONE;

    return !node_valid(x) || s == node_space(ids) ? ids : op_rows_lead(ids, s, 0);
}

Node model_positions(const Model *m, Net n, Node x, const ModelShape *shape, Space tokens)
{
    int64_t taken = nn_on_position(n);

    if (!node_valid(x))
        return NO_NODE;
    if (!shape->positions)
        return op_row_position(n.g, node_space(x), m->first_position + taken);
    if (taken || node_space(x) != tokens)
        graph_fail(n.g, "rows in front need texts without holes: padding at the end only");
    return graph_input(n.g, "position_ids", DT_I32, SHAPE(shape->tokens), tokens);
}

/* SPDX-License-Identifier: MIT */
