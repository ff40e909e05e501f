/* vit.c - the vision transformer (Dosovitskiy et al. 2020, arXiv:2010.11929): patches of a picture as rows, a class token
 * in front of them, pre-norm layers.  The same network goes by the names of three libraries; the builder takes them from
 * a table.  x: [T, D], T rows of all pictures, N patches and one of each; what the classifier reads: [B, D] */
#include "models/inside.h"

#include <stdlib.h>
#include <string.h>

typedef struct Names {
    const char *library;
    const char *patch, *token, *positions, *norm, *classifier;
    const char *layer; /* "blocks." of "blocks.0" */
    const char *norm1, *norm2, *attention;
    const char *query, *key, *value; /* NULL: one product makes all three, */
    const char *all;                 /* this one */
    const char *out, *up, *down;
} Names;

typedef struct VitSizes {
    int dim, layers, heads, patch;
} VitSizes;

typedef struct VitSpec {
    const Names *names;
    int64_t dim, ffn, layers, heads, patch;
    int64_t grid; /* of the table of positions, each way */
    float eps, dropout, attention_dropout, head_dropout;
    Act act;
} VitSpec;

static const Names known_names[] = {
    {.library = "timm",
     .patch = "patch_embed.proj",
     .token = "cls_token",
     .positions = "pos_embed",
     .norm = "norm",
     .classifier = "head",
     .layer = "blocks.",
     .norm1 = "norm1",
     .norm2 = "norm2",
     .attention = "attn",
     .all = "attn.qkv",
     .out = "attn.proj",
     .up = "mlp.fc1",
     .down = "mlp.fc2"},
    {.library = "torchvision",
     .patch = "conv_proj",
     .token = "class_token",
     .positions = "encoder.pos_embedding",
     .norm = "encoder.ln",
     .classifier = "heads.head",
     .layer = "encoder.layers.encoder_layer_",
     .norm1 = "ln_1",
     .norm2 = "ln_2",
     .attention = "self_attention",
     .all = "self_attention.in_proj", /* see renames */
     .out = "self_attention.out_proj",
     .up = "mlp.0",
     .down = "mlp.3"},
    {.library = "transformers",
     .patch = "embeddings.patch_embeddings.projection",
     .token = "embeddings.cls_token",
     .positions = "embeddings.position_embeddings",
     .norm = "layernorm",
     .classifier = "classifier",
     .layer = "encoder.layer.",
     .norm1 = "layernorm_before",
     .norm2 = "layernorm_after",
     .attention = "attention.attention",
     .query = "attention.attention.query",
     .key = "attention.attention.key",
     .value = "attention.attention.value",
     .out = "attention.output.dense",
     .up = "intermediate.dense",
     .down = "output.dense"},
    /* as its fifth version has them in memory */
    {.library = "transformers",
     .patch = "embeddings.patch_embeddings.projection",
     .token = "embeddings.cls_token",
     .positions = "embeddings.position_embeddings",
     .norm = "layernorm",
     .classifier = "classifier",
     .layer = "layers.",
     .norm1 = "layernorm_before",
     .norm2 = "layernorm_after",
     .attention = "attention",
     .query = "attention.q_proj",
     .key = "attention.k_proj",
     .value = "attention.v_proj",
     .out = "attention.o_proj",
     .up = "mlp.fc1",
     .down = "mlp.fc2"},
};

/* ---- the graph ---- */

/* Each picture's own first row: the class token's.  x: [T, D] -> [B, D], rows of "class" */
static Node class_rows(Net n, Node x, const ModelOutputs *out)
{
    Node own = model_own_rows(x, out->tokens);
    Node first = op_gather(own, op_row_start(n.g, out->tokens));

    return op_picture_rows(op_as_picture(first), graph_space_each(n.g, "class", out->batch, 1));
}

/* Queries, keys and values.  y: what the attention reads; last: only the class token asks. */
static AttentionParts project(Net n, Node y, bool last, const VitSpec *s, const ModelOutputs *out)
{
    const Names *names = s->names;
    AttentionParts p;

    if (names->all) {
        Node all = op_split3(nn_linear(n, names->all, y, 3 * s->dim));

        p = (AttentionParts){node_out(all, 0), node_out(all, 1), node_out(all, 2)};
        p.q = last ? class_rows(n, p.q, out) : p.q;
        return p;
    }
    p.q = nn_linear(n, names->query, last ? class_rows(n, y, out) : y, s->dim);
    p.k = nn_linear(n, names->key, y, s->dim);
    p.v = nn_linear(n, names->value, y, s->dim);
    return p;
}

/* One pre-norm layer; of the last only the class token's row is read, so there is no other. */
static Node layer(const Model *m, Net n, Node x, int at, const ModelOutputs *out)
{
    const VitSpec *s = m->spec;
    const Names *names = s->names;
    bool last = at == s->layers - 1;
    float drop = at ? m->drop_path * (float)at / (float)(s->layers - 1) : 0;
    Node y = nn_layernorm(n, names->norm1, x, s->eps);
    AttentionParts p = project(n, y, last, s, out);
    Net place = nn_at(n, "%s", names->attention);

    x = last ? class_rows(n, x, out) : x;
    y = nn_attention(place, p.q, p.k, p.v,
                     (Attention){.heads = (int)s->heads, .dropout = s->attention_dropout});
    y = nn_dropout(place, "dropout", nn_linear(n, names->out, y, s->dim), s->dropout);
    x = op_add(x, nn_drop_path(n, "drop_path1", nn_on_sublayer(place, y, (Join){.x = x}), drop));

    y = nn_layernorm(n, names->norm2, x, s->eps);
    y = op_activate(nn_linear(n, names->up, y, s->ffn), s->act);
    y = nn_dropout(n, "dropout", nn_linear(n, names->down, y, s->dim), s->dropout);
    return op_add(x, nn_drop_path(n, "drop_path2", nn_on_sublayer(n, y, (Join){.x = x}), drop));
}

/* The table for h x w patches.  As the libraries do it: transformers without antialias (interpolate_pos_encoding), timm
 * with (resample_abs_pos_embed); torchvision's networks, which refuse other sizes, become timm's. */
static Node positions(Node table, int64_t h, int64_t w, const VitSpec *s)
{
    bool antialias = strcmp(s->names->library, "transformers") != 0;

    if (h == s->grid && w == s->grid)
        return table;
    return op_resize_grid(table, (ResizeGridAttr){1, s->grid, s->grid, h, w, antialias});
}

/* [B, 3, H, W] -> [T, D]; out->tokens becomes their space. */
static Node embeddings(Net n, Node x, const VitSpec *s, ModelOutputs *out)
{
    Conv2d patch = {.out = s->dim, .k = (int)s->patch, .stride = (int)s->patch, .bias = true};
    int64_t rows = 1 + s->grid * s->grid;

    x = nn_conv2d(n, s->names->patch, x, patch);
    Node token = nn_param(n, s->names->token, SHAPE(1, 1, s->dim), INIT_NORMAL_002);
    Node table = nn_param(n, s->names->positions, SHAPE(1, rows, s->dim), INIT_NORMAL_002);
    int64_t h = node_dim(x, 2), w = node_dim(x, 3);

    x = op_picture_rows(x, graph_space_each(n.g, "patches", out->batch, h * w));
    x = op_rows_prepend(op_reshape(token, SHAPE(1, s->dim)), x);
    out->tokens = node_space(x);
    Node position = op_row_position(n.g, out->tokens, 0);
    x = op_add(x,
               op_embed(positions(op_reshape(table, SHAPE(rows, s->dim)), h, w, s), position, -1));
    return nn_on_embed(n, nn_dropout(n, "dropout", x, s->dropout));
}

static const char *prefix_of(const Model *m)
{
    const VitSpec *s = m->spec;

    return strcmp(s->names->library, "transformers") == 0 ? model_prefix(m) : "";
}

static void vit_build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    const VitSpec *s = m->spec;
    Net n = nn_at(root, "%s", prefix_of(m));
    Node x = embeddings(n, model_pixels(root, shape, out), s, out);

    for (int i = 0; i < s->layers; i++)
        x = layer(m, nn_at(n, "%s%d", s->names->layer, i), x, i, out);
    x = op_segment_mean(x); /* of one row each */
    out->pooled = nn_layernorm(n, s->names->norm, x, s->eps);
    model_picture_head(m, root, s->names->classifier, s->head_dropout, shape, out);
}

/* ---- what is read of it ---- */

static const Names *names_of(const Model *m)
{
    const Names *found = NULL;

    for (size_t i = 0; !found && i < LEN(known_names); i++)
        if (strcmp(known_names[i].library, m->variant->library) == 0)
            found = &known_names[i];
    for (int i = 0; m->weights && i < weights_count(m->weights); i++) {
        const char *name = weights_at(m->weights, i)->name;

        name += strncmp(name, "vit.", 4) == 0 ? 4 : 0;
        if (strncmp(name, "layers.", 7) == 0)
            found = &known_names[LEN(known_names) - 1];
    }
    return found;
}

/* config.json of transformers: the sizes are keys of it. */
static Status read_sizes(Err *e, const Config *c, VitSpec *s, int64_t *size)
{
    const char *act = "gelu";
    int64_t channels = 3;
    bool bias = true;

    TRY(config_int(e, c, "hidden_size", 1, 1 << 16, &s->dim));
    TRY(config_int(e, c, "intermediate_size", 1, 1 << 18, &s->ffn));
    TRY(config_int(e, c, "num_hidden_layers", 1, 1000, &s->layers));
    TRY(config_int(e, c, "num_attention_heads", 1, 1 << 12, &s->heads));
    TRY(config_int(e, c, "image_size", 1, 1 << 14, size));
    TRY(config_int(e, c, "patch_size", 1, 1 << 10, &s->patch));
    TRY(config_int(e, c, "num_channels", 1, 1 << 10, &channels));
    TRY(config_float(e, c, "layer_norm_eps", 0, 1, &s->eps));
    TRY(config_text(e, c, "hidden_act", &act));
    TRY(model_activation(e, c, "hidden_act", act, &s->act));
    TRY(config_bool(e, c, "qkv_bias", &bias));
    if (channels != 3)
        return config_fail(e, c, "num_channels", "only pictures of 3 channels are supported");
    if (!bias)
        return config_fail(e, c, "qkv_bias", "layers without biases are not supported");
    if (s->dim % s->heads)
        return config_fail(e, c, "hidden_size", "%lld cannot be split into %lld heads",
                           (long long)s->dim, (long long)s->heads);
    if (*size < s->patch)
        return config_fail(e, c, "image_size", "%lld is less than a patch of %lld",
                           (long long)*size, (long long)s->patch);
    return E_OK;
}

/* A folder of transformers is a network of its own; its pictures are as its processor's defaults have them. */
static Status read_transformers(Err *e, Arena *a, Model *m, VitSpec *s)
{
    const Config *c = &m->config;
    Variant *v = NEW(e, a, Variant);
    int64_t size = 224;

    if (!v)
        return e->code;
    *s = (VitSpec){.dim = 768, .ffn = 3072, .layers = 12, .heads = 12, .patch = 16, .eps = 1e-12F};
    TRY(read_sizes(e, c, s, &size));
    TRY(config_float(e, c, "hidden_dropout_prob", 0, 0.99, &s->dropout));
    TRY(config_float(e, c, "attention_probs_dropout_prob", 0, 0.99, &s->attention_dropout));
    if (m->dropout >= 0)
        s->dropout = s->attention_dropout = m->dropout;
    m->drop_path = m->drop_path < 0 ? 0 : m->drop_path;
    *v = (Variant){.name = "vit",
                   .library = "transformers",
                   .source = m->folder,
                   .eps = 1e-5F,
                   .momentum = 0.1F,
                   .pre = {.size = (int)size,
                           .resize = (int)size,
                           .crop_pct = 1,
                           .squash = true,
                           .interpolation = "bilinear",
                           .mean = {0.5F, 0.5F, 0.5F},
                           .std = {0.5F, 0.5F, 0.5F}}};
    m->variant = v;
    s->grid = size / s->patch;
    return E_OK;
}

static Status read_variant(Err *e, const Model *m, VitSpec *s)
{
    const VitSizes *z = m->variant->sizes;
    const char *pool = "token";

    *s = (VitSpec){.dim = z->dim,
                   .ffn = 4 * (int64_t)z->dim,
                   .layers = z->layers,
                   .heads = z->heads,
                   .patch = z->patch,
                   .grid = m->variant->pre.size / z->patch,
                   .eps = 1e-6F,
                   .act = ACT_GELU,
                   .head_dropout = m->dropout};
    TRY(config_text(e, &m->config, "global_pool", &pool));
    if (strcmp(pool, "token") != 0)
        return config_fail(e, &m->config, "global_pool",
                           "\"%s\" is not supported; the class token is what is read", pool);
    return E_OK;
}

static Status vit_read_config(Err *e, Arena *a, Model *m)
{
    VitSpec *s = NEW(e, a, VitSpec);

    if (!s)
        return e->code;
    if (config_has(&m->config, "model_type"))
        TRY(read_transformers(e, a, m, s));
    else
        TRY(read_variant(e, m, s));
    s->names = names_of(m);
    m->spec = s;
    m->dim = s->dim;
    m->layers = (int)s->layers;
    return E_OK;
}

static int vit_depth(const Model *m, const char *name)
{
    const VitSpec *s = m->spec;
    const Names *names = s->names;
    const char *const stem[] = {names->patch, names->token, names->positions, NULL};
    size_t n = strlen(names->layer);

    if (model_name_in(stem, name))
        return 0;
    if (strncmp(name, names->layer, n) == 0)
        return (int)strtol(name + n, NULL, 10) + 1;
    return m->layers + 1;
}

#define ROW(row, lib, its_timm, from, terms, numbers, side, share, how, ...)                       \
    {                                                                                              \
        .name = (row), .library = (lib), .timm = (its_timm), .source = (from), .licence = (terms), \
        .eps = 1e-5F, .momentum = 0.1F, .sizes = (numbers), .pre = {                               \
            .size = (side),                                                                        \
            .crop_pct = (share),                                                                   \
            .interpolation = (how),                                                                \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define TIMM(row, numbers, side, share)                                                            \
    ROW(row, "timm", row, "timm, ImageNet-21k", "apache-2.0", numbers, side, share, "bicubic", HALF)
#define VISION(row, its_timm, numbers, share)                                                      \
    ROW(row, "torchvision", its_timm, "torchvision, ImageNet-1k", "bsd-3-clause", numbers, 224,    \
        share, "bilinear", IMAGENET)
#define HALF     .mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.5F, 0.5F}
#define IMAGENET .mean = {0.485F, 0.456F, 0.406F}, .std = {0.229F, 0.224F, 0.225F}
/* width, layers, heads, patch */
#define TINY(patch)  (&(const VitSizes){192, 12, 3, patch})
#define SMALL(patch) (&(const VitSizes){384, 12, 6, patch})
#define BASE(patch)  (&(const VitSizes){768, 12, 12, patch})
#define LARGE(patch) (&(const VitSizes){1024, 24, 16, patch})
#define HUGE(patch)  (&(const VitSizes){1280, 32, 16, patch})

static const Variant variants[] = {
    TIMM("vit_tiny_patch16_224", TINY(16), 224, 0.9),
    TIMM("vit_tiny_patch16_384", TINY(16), 384, 1),
    TIMM("vit_small_patch32_224", SMALL(32), 224, 0.9),
    TIMM("vit_small_patch32_384", SMALL(32), 384, 1),
    TIMM("vit_small_patch16_224", SMALL(16), 224, 0.9),
    TIMM("vit_small_patch16_384", SMALL(16), 384, 1),
    TIMM("vit_base_patch32_224", BASE(32), 224, 0.9),
    TIMM("vit_base_patch32_384", BASE(32), 384, 1),
    TIMM("vit_base_patch16_224", BASE(16), 224, 0.9),
    TIMM("vit_base_patch16_384", BASE(16), 384, 1),
    TIMM("vit_base_patch8_224", BASE(8), 224, 0.9),
    TIMM("vit_large_patch32_224", LARGE(32), 224, 0.9),
    TIMM("vit_large_patch32_384", LARGE(32), 384, 1),
    TIMM("vit_large_patch16_224", LARGE(16), 224, 0.9),
    TIMM("vit_large_patch16_384", LARGE(16), 384, 1),
    TIMM("vit_huge_patch14_224", HUGE(14), 224, 0.9),
    VISION("vit_b_16", "vit_base_patch16_224", BASE(16), 0.875),
    VISION("vit_b_32", "vit_base_patch32_224", BASE(32), 0.875),
    VISION("vit_l_16", "vit_large_patch16_224", LARGE(16), 224.0 / 242),
    VISION("vit_l_32", "vit_large_patch32_224", LARGE(32), 0.875),
    ROW("vit_h_14", "torchvision", "vit_huge_patch14_224", "torchvision, ImageNet-1k (SWAG)",
        "cc-by-nc-4.0", HUGE(14), 224, 1, "bicubic", IMAGENET),
};

const ModelDef model_vit = {
    .name = "vit",
    .paper = "Dosovitskiy et al. 2020, arXiv:2010.11929",
    .input = INPUT_PICTURES,
    .model_types = (const char *const[]){"vit", NULL},
    .architecture =
        {
            [HEAD_NONE] = "ViTModel",
            [HEAD_PICTURE] = "ViTForImageClassification",
        },
    .prefix = "vit",
    .head_names = (const char *const[]){"classifier", "head", "heads", NULL},
    .optional = (const char *const[]){"pooler", NULL},
    .renames =
        (const char *const[][2]){{"self_attention.in_proj_weight", "self_attention.in_proj.weight"},
                                 {"self_attention.in_proj_bias", "self_attention.in_proj.bias"},
                                 {"mlp.linear_1.weight", "mlp.0.weight"},
                                 {"mlp.linear_1.bias", "mlp.0.bias"},
                                 {"mlp.linear_2.weight", "mlp.3.weight"},
                                 {"mlp.linear_2.bias", "mlp.3.bias"},
                                 {NULL, NULL}},
    .ignored = (const char *const[]){"embeddings.mask_token", NULL},
    .lora_targets = "query|value|q_proj|v_proj|qkv|in_proj",
    .ia3_targets = "key|value|output.dense|k_proj|v_proj|o_proj|mlp.fc2|mlp.3",
    .ia3_feedforward = "output.dense|o_proj|mlp.fc2|mlp.3",
    .global_pool = "token",
    .variant = variants,
    .variants = (int)LEN(variants),
    .read_config = vit_read_config,
    .build = vit_build,
    .depth = vit_depth,
};

/* SPDX-License-Identifier: MIT */
