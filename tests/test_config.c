/* engine/model/config and family: what config.json means, and what is refused. */
#include "engine/model/config.h"
#include "engine/model/family.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_contains(text, part)                                                                \
    do {                                                                                           \
        if (!strstr((text), (part)))                                                               \
            fail_msg("\"%s\" does not contain \"%s\"", (text), (part));                            \
    } while (0)

static bool parse_bytes(const char *text, size_t size, ModelConfig *config, Err *err) {
    Arena arena = {0};
    const Family *family = NULL;
    char *exact = malloc(size + !size); /* no final zero: the sanitizer sees a read beyond */
    assert_non_null(exact);
    memcpy(exact, text, size);
    bool ok = config_parse(exact, size, "x/config.json", &arena, config, &family, err);
    if (ok)
        assert_string_equal(family->model_type, config->model_type);
    free(exact);
    arena_free(&arena);
    return ok;
}

static bool parse(const char *text, ModelConfig *config, Err *err) {
    return parse_bytes(text, strlen(text), config, err);
}

/* The configuration of a GPT-2 with these fields more. */
static ModelConfig gpt2(const char *fields) {
    char text[1024];
    snprintf(text, sizeof text, "{\"model_type\": \"gpt2\"%s%s}", *fields ? ", " : "", fields);
    ModelConfig config;
    Err err = {""};
    if (!parse(text, &config, &err))
        fail_msg("%s: %s", text, err.text);
    return config;
}

static void refused(const char *fields, const char *message) {
    char text[1024];
    snprintf(text, sizeof text, "{\"model_type\": \"gpt2\", %s}", fields);
    ModelConfig config;
    Err err = {""};
    if (parse(text, &config, &err))
        fail_msg("accepted: %s", text);
    assert_contains(err.text, "x/config.json: ");
    assert_contains(err.text, message);
}

static void bad_text(const char *text, const char *message) {
    ModelConfig config;
    Err err = {""};
    if (parse(text, &config, &err))
        fail_msg("accepted: %s", text);
    assert_contains(err.text, "x/config.json: ");
    assert_contains(err.text, message);
}

static void absent_fields_have_hugging_faces_defaults(void **state) {
    (void)state;
    ModelConfig c = gpt2("");
    assert_int_equal(c.n_vocab, 50257);
    assert_int_equal(c.n_ctx, 1024);
    assert_int_equal(c.d_model, 768);
    assert_int_equal(c.n_layers, 12);
    assert_int_equal(c.n_heads, 12);
    assert_int_equal(c.n_kv_heads, 12);
    assert_int_equal(c.d_head, 64);
    assert_int_equal(c.d_ff, 3072);
    assert_int_equal(c.act, ACT_GELU_TANH);
    assert_true(c.norm_eps == 1e-5);
    assert_true(c.scaled && c.d_head == 64);
    assert_true(c.tied);
    assert_true(c.scaled);
    assert_int_equal(c.norm, NORM_LAYER);
    assert_int_equal(c.norm_place, NORM_PRE);
    assert_int_equal(c.pos, POS_LEARNED);
    assert_true(c.mask.kind == MASK_FULL && c.mask.causal && c.mask.keys == 0);
    assert_int_equal(c.bos, 50256);
    assert_int_equal(c.n_eos, 1);
    assert_int_equal(c.eos[0], 50256);
}

static void every_field_arrives(void **state) {
    (void)state;
    ModelConfig c = gpt2("\"vocab_size\": 97, \"n_positions\": 33, \"n_embd\": 40, \"n_layer\": 3,"
                         "\"n_head\": 5, \"n_inner\": 56, \"activation_function\": \"relu\","
                         "\"layer_norm_epsilon\": 0.25, \"scale_attn_weights\": false,"
                         "\"tie_word_embeddings\": false, \"bos_token_id\": 3,"
                         "\"eos_token_id\": [4, 96]");
    assert_int_equal(c.n_vocab, 97);
    assert_int_equal(c.n_ctx, 33);
    assert_int_equal(c.d_model, 40);
    assert_int_equal(c.n_layers, 3);
    assert_int_equal(c.n_heads, 5);
    assert_int_equal(c.d_head, 8);
    assert_int_equal(c.d_ff, 56);
    assert_int_equal(c.act, ACT_RELU);
    assert_true(c.norm_eps == 0.25f);
    assert_false(c.scaled);
    assert_false(c.tied);
    assert_int_equal(c.bos, 3);
    assert_int_equal(c.n_eos, 2);
    assert_int_equal(c.eos[0], 4);
    assert_int_equal(c.eos[1], 96);
}

/* Hugging Face's attribute_map: the other name is read too, and wins when both are there. */
static void aliases_are_read(void **state) {
    (void)state;
    ModelConfig c = gpt2("\"hidden_size\": 40, \"num_hidden_layers\": 2, \"n_layer\": 7,"
                         "\"num_attention_heads\": 5, \"max_position_embeddings\": 9");
    assert_int_equal(c.d_model, 40);
    assert_int_equal(c.n_layers, 2);
    assert_int_equal(c.n_heads, 5);
    assert_int_equal(c.n_ctx, 9);
    assert_int_equal(c.d_ff, 160);
    refused("\"hidden_size\": \"wide\"", "hidden_size is \"wide\", expected an integer from 1 to");
}

static void null_means_what_hugging_face_makes_of_it(void **state) {
    (void)state;
    ModelConfig c = gpt2("\"n_inner\": null, \"tie_word_embeddings\": null,"
                         "\"scale_attn_weights\": null, \"bos_token_id\": null,"
                         "\"eos_token_id\": null, \"quantization_config\": null,"
                         "\"pruned_heads\": null, \"add_cross_attention\": null");
    assert_int_equal(c.d_ff, 3072);
    assert_false(c.tied);
    assert_false(c.scaled);
    assert_int_equal(c.bos, -1);
    assert_int_equal(c.n_eos, 0);
    static const char *const needed[] = {"vocab_size",
                                         "n_positions",
                                         "n_embd",
                                         "n_layer",
                                         "n_head",
                                         "hidden_size",
                                         "num_hidden_layers",
                                         "activation_function",
                                         "layer_norm_epsilon"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        char fields[64], message[64];
        snprintf(fields, sizeof fields, "\"%s\": null", needed[i]);
        snprintf(message, sizeof message, "%s is null, expected a value", needed[i]);
        refused(fields, message);
    }
}

static void activations_by_their_formula(void **state) {
    (void)state;
    static const struct {
        const char *name;
        ActKind kind;
    } known[] = {{"gelu_new", ACT_GELU_TANH},  {"gelu_pytorch_tanh", ACT_GELU_TANH},
                 {"gelu_fast", ACT_GELU_TANH}, {"gelu", ACT_GELU_ERF},
                 {"relu", ACT_RELU},           {"silu", ACT_SILU},
                 {"swish", ACT_SILU}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char fields[64];
        snprintf(fields, sizeof fields, "\"activation_function\": \"%s\"", known[i].name);
        assert_int_equal(gpt2(fields).act, known[i].kind);
    }
    refused("\"activation_function\": \"quick_gelu\"",
            "activation_function is \"quick_gelu\", expected one of gelu_new, gelu_pytorch_tanh");
    refused("\"activation_function\": 3", "activation_function is 3, expected one of");
}

static void tokens_beyond_the_vocabulary_never_come(void **state) {
    (void)state;
    ModelConfig c = gpt2("\"vocab_size\": 20");
    assert_int_equal(c.bos, -1);
    assert_int_equal(c.n_eos, 0);
    c = gpt2("\"vocab_size\": 20, \"bos_token_id\": 19, \"eos_token_id\": [20, 19, -1, 1e12, 3]");
    assert_int_equal(c.bos, 19);
    assert_int_equal(c.n_eos, 2);
    assert_int_equal(c.eos[0], 19);
    assert_int_equal(c.eos[1], 3);
    assert_int_equal(gpt2("\"eos_token_id\": []").n_eos, 0);
    assert_int_equal(gpt2("\"eos_token_id\": [1,2,3,4,5,6,7,8]").n_eos, 8);
    refused("\"eos_token_id\": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
            "eos_token_id lists 33 tokens, expected at most 32");
    refused("\"eos_token_id\": [1, null]", "eos_token_id, entry 1 is null, expected a token id");
    refused("\"n_layer\": 2, \"n_layer\": 3", "n_layer is there twice");
    refused("\"eos_token_id\": \"</s>\"", "eos_token_id is \"</s>\", expected a token id");
    refused("\"bos_token_id\": 1.5", "bos_token_id is 1.5, expected a token id");
}

static void values_out_of_range_are_refused(void **state) {
    (void)state;
    refused("\"n_layer\": \"four\"", "n_layer is \"four\", expected an integer from 1 to 1000");
    refused("\"n_layer\": 0", "n_layer is 0, expected an integer from 1 to 1000");
    refused("\"n_layer\": 1001", "n_layer is 1001");
    refused("\"n_layer\": -3", "n_layer is -3");
    refused("\"n_layer\": 2.5", "n_layer is 2.5");
    refused("\"n_embd\": 1048577", "n_embd is 1048577");
    refused("\"vocab_size\": 1e30", "vocab_size is 1");
    refused("\"n_head\": []", "n_head is a list");
    refused("\"n_inner\": 0", "n_inner is 0");
    refused("\"n_positions\": true", "n_positions is true");
    refused("\"layer_norm_epsilon\": -1",
            "layer_norm_epsilon is -1, expected a number from 0 to 1");
    refused("\"layer_norm_epsilon\": \"1e-5\"", "layer_norm_epsilon is \"1e-5\"");
    refused("\"tie_word_embeddings\": 1", "tie_word_embeddings is 1, expected true or false");
    refused("\"scale_attn_weights\": \"no\"", "scale_attn_weights is \"no\"");
    refused("\"n_embd\": 40, \"n_head\": 3", "3 heads do not share a width of 40 evenly");
}

static void what_changes_the_forward_is_refused(void **state) {
    (void)state;
    refused("\"scale_attn_by_inverse_layer_idx\": true", "scale_attn_by_inverse_layer_idx is true");
    refused("\"add_cross_attention\": true", "add_cross_attention is true");
    refused("\"is_encoder_decoder\": true", "is_encoder_decoder is true");
    refused("\"pruned_heads\": {\"0\": [1]}", "pruned_heads is an object");
    refused("\"quantization_config\": {\"bits\": 4}", "quantization_config is an object");
    gpt2("\"scale_attn_by_inverse_layer_idx\": false, \"add_cross_attention\": false,"
         "\"is_encoder_decoder\": false, \"pruned_heads\": {}");
}

static void unknown_fields_are_ignored(void **state) {
    (void)state;
    ModelConfig c = gpt2("\"n_ctx\": 5, \"reorder_and_upcast_attn\": true, \"resid_pdrop\": 0.1,"
                         "\"attn_pdrop\": \"?\", \"colour\": [1, {\"red\": null}]");
    assert_int_equal(c.n_ctx, 1024); /* the old alias of n_positions is not read by anyone */
}

static void a_family_that_is_not_ours_is_named(void **state) {
    (void)state;
    bad_text("{}", "model_type is absent, expected one that this build reads: gpt2");
    bad_text("{\"model_type\": \"lama\"}", "model_type is \"lama\", expected one that this build");
    bad_text("{\"model_type\": null}", "model_type is null");
    bad_text("{\"model_type\": [\"gpt2\"]}", "model_type is a list");
    bad_text("{\"Model_Type\": \"gpt2\"}", "model_type is absent");
}

static void broken_json_is_refused(void **state) {
    (void)state;
    bad_text("", "not valid JSON");
    bad_text("{\"model_type\": \"gpt2\"", "not valid JSON");
    bad_text("{\"model_type\": \"gpt2\"} {}", "something follows");
    bad_text("[]", "is a list, expected an object");
    bad_text("null", "is null, expected an object");
    size_t depth = 1000000;
    char *deep = malloc(depth + 1);
    assert_non_null(deep);
    memset(deep, '[', depth);
    deep[depth] = '\0';
    bad_text(deep, "not valid JSON");
    free(deep);
}

/* Each field's target lies in the configuration, each role is named once at most in a stack, its
 * parts are possible, and every weight that the knobs ask for has a name. */
static void check_family(const char *name) {
    bool seen[STACK_COUNT][ROLE_COUNT] = {{false}};
    const Family *family = family_find(name);
    assert_non_null(family);
    for (int i = 0; i < family->field_count; i++)
        assert_true(family->field[i].target < sizeof(ModelConfig));
    for (int i = 0; i < family->weight_count; i++) {
        const FamilyWeight *row = &family->weight[i];
        assert_false(seen[row->stack][row->role]);
        seen[row->stack][row->role] = true;
        assert_in_range(row->part, 0, row->parts - 1);
        assert_int_equal(strstr(row->name, "{l}") != NULL, role_info(row->role)->in_block);
    }
    ModelConfig config = family->defaults;
    assert_true(config_finish(&config, name, NULL));
    for (int stack = 0; stack < STACK_COUNT; stack++)
        for (int role = 0; role < ROLE_COUNT; role++)
            if (role_exists(&config, (StackId)stack, (WeightRole)role) && !seen[stack][role])
                fail_msg("%s: no name for %s", name, role_info((WeightRole)role)->name);
}

static ModelConfig rotary(const char *type, const char *fields, bool good, const char *message) {
    char text[512];
    snprintf(text, sizeof text, "{\"model_type\": \"%s\"%s%s}", type, *fields ? ", " : "", fields);
    Arena arena = {0};
    const Family *family;
    ModelConfig config = {0};
    Err err = {{0}};
    bool parsed = config_parse(text, strlen(text), "config.json", &arena, &config, &family, &err);
    assert_int_equal(parsed, good);
    if (!good && !strstr(err.text, message))
        fail_msg("\"%s\" does not say \"%s\"", err.text, message);
    arena_free(&arena);
    return config;
}

static ModelConfig llama(const char *fields, bool good, const char *message) {
    return rotary("llama", fields, good, message);
}

/* Mistral's window: absent 4,096, null none. Qwen2 has biases on queries, keys and values. */
static void relatives_of_llama(void **state) {
    (void)state;
    ModelConfig c = rotary("mistral", "", true, NULL);
    assert_true(c.mask.kind == MASK_FULL && c.mask.causal && c.window == 4096 &&
                c.n_kv_heads == 8 && !c.qkv_bias);
    c = rotary("mistral", "\"sliding_window\": null", true, NULL);
    assert_true(c.mask.kind == MASK_FULL && c.mask.causal && c.window == 0);
    c = rotary("mistral", "\"sliding_window\": 7", true, NULL);
    assert_true(c.mask.causal && c.window == 7);
    rotary("mistral", "\"sliding_window\": 0", false, "sliding_window is 0");
    c = rotary("qwen2", "\"use_sliding_window\": false, \"sliding_window\": 32768", true, NULL);
    assert_true(c.mask.kind == MASK_FULL && c.qkv_bias && !c.out_bias && !c.mlp_bias);
    assert_int_equal(c.window, 0);
    c = rotary("qwen2",
               "\"use_sliding_window\": true, \"sliding_window\": 9, \"max_window_layers\": 0",
               true, NULL);
    assert_true(c.window == 9 && c.window_from == 0);
    c = rotary("gpt_neox", "", true, NULL);
    assert_true(c.parallel && c.d_head == 96 && c.d_rotary == 24 && c.qkv_bias && !c.gated);
    c = rotary("gpt_neox",
               "\"rope_parameters\": {\"rope_type\": \"linear\", \"factor\": 2, "
               "\"rope_theta\": 500, \"partial_rotary_factor\": 0.5}",
               true, NULL);
    assert_true(c.d_rotary == 48 && c.rope_theta == 500 && c.rope_scaling.factor == 2);
    rotary("gpt_neox", "\"rope_parameters\": {\"partial_rotary_factor\": 2}", false,
           "partial_rotary_factor is 2, expected a number above 0 and up to 1");
    c = llama("\"rope_parameters\": {\"partial_rotary_factor\": 0.5}", true, NULL);
    assert_int_equal(c.d_rotary, 128); /* its heads are turned whole, whatever that says */
    rotary("gpt_neox", "\"rotary_pct\": 1.5", false,
           "rotary_pct is 1.5, expected a number above 0");
    rotary("gpt_neox", "\"rotary_pct\": 0.01", false, "0 dimensions are to be turned");
}

static void llama_fields_arrive(void **state) {
    (void)state;
    ModelConfig c = llama("", true, NULL);
    assert_int_equal(c.n_layers, 32);
    assert_int_equal(c.n_kv_heads, 32);
    assert_int_equal(c.d_head, 128);
    assert_int_equal(c.d_ff, 11008);
    assert_int_equal(c.n_ctx, 2048);
    assert_true(c.norm == NORM_RMS && c.pos == POS_ROTARY && c.gated && !c.tied);
    assert_true(c.norm_eps == 1e-6 && c.rope_theta == 10000);
    c = llama("\"num_key_value_heads\": 8, \"head_dim\": 6, \"rope_parameters\": "
              "{\"rope_theta\": 500000.0, \"rope_type\": \"default\"}, \"attention_bias\": true",
              true, NULL);
    assert_int_equal(c.n_kv_heads, 8);
    assert_int_equal(c.d_head, 6);
    assert_true(c.rope_theta == 500000 && c.qkv_bias && c.out_bias && !c.mlp_bias);
    llama("\"num_key_value_heads\": 5", false, "32 heads do not share 5 key/value heads evenly");
    llama("\"head_dim\": 7", false, "of heads 7 wide 7 dimensions are to be turned");
    llama("\"rope_theta\": 0", false, "rope_theta is 0, expected a number above 0");
    llama("\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 2.0}", false,
          "rope_scaling.rope_type is \"yarn\", expected one of default, linear, llama3");
    llama("\"rope_parameters\": {\"rope_type\": \"llama3\"}", false,
          "rope_parameters.factor is missing");
    llama("\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, "
          "\"high_freq_factor\": 4, \"original_max_position_embeddings\": 32}",
          false, "low_freq_factor is 4, expected less than high_freq_factor, 4");
    ModelConfig old = llama("\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.5}", true,
                            NULL);
    assert_true(old.rope_scaling.kind == ROPE_LINEAR && old.rope_scaling.factor == 2.5);
}

/* ---- mixtures, encoders, two stacks ---- */

static void a_mixture_has_experts(void **state) {
    (void)state;
    ModelConfig c = rotary("mixtral", "", true, NULL);
    assert_true(c.n_experts == 8 && c.n_active == 2 && c.window == 0 && c.rope_theta == 1e6);
    c = rotary("mixtral", "\"num_local_experts\": 5, \"num_experts_per_tok\": 5", true, NULL);
    assert_true(c.n_experts == 5 && c.n_active == 5);
    rotary("mixtral", "\"num_experts_per_tok\": 9", false, "a token is to take 9 experts of 8");
    rotary("mixtral", "\"num_local_experts\": 0", false, "num_local_experts is 0");
}

static void a_bert_is_what_its_class_says(void **state) {
    (void)state;
    static const struct {
        const char *name;
        Task task;
    } classes[] = {{"BertForMaskedLM", TASK_FILL},
                   {"BertForPreTraining", TASK_FILL},
                   {"BertForSequenceClassification", TASK_CLASSIFY},
                   {"BertForTokenClassification", TASK_TAG},
                   {"BertModel", TASK_VECTOR}};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        char fields[128];
        snprintf(fields, sizeof fields, "\"architectures\": [\"%s\"]", classes[i].name);
        assert_int_equal(rotary("bert", fields, true, NULL).task, classes[i].task);
    }
    ModelConfig c = rotary("bert", "", true, NULL);
    assert_true(c.task == TASK_VECTOR && c.norm_place == NORM_POST && !c.mask.causal);
    assert_true(c.n_types == 2 && c.norm_eps == 1e-12 && c.n_labels == 0);
    c = rotary("bert", "\"architectures\": [\"BertForTokenClassification\"]", true, NULL);
    assert_true(c.n_labels == 2 && strcmp(c.label[1], "LABEL_1") == 0);
    rotary("bert", "\"architectures\": [\"BertForQuestionAnswering\"]", false,
           "names the class \"BertForQuestionAnswering\", expected one that ends with one of "
           "ForMaskedLM");
    rotary("bert", "\"architectures\": \"BertModel\"", false, "architectures is \"BertModel\"");
    rotary("bert", "\"id2label\": {\"0\": \"a\", \"2\": \"b\"}", false,
           "id2label has 2 entries, but none called \"1\"");
    rotary("bert", "\"id2label\": []", false, "id2label is a list, expected an object");
    rotary("bert", "\"problem_type\": null", true, NULL);
    rotary("bert", "\"problem_type\": \"regression\"", false,
           "problem_type is \"regression\", expected \"single_label_classification\"");
    rotary("bert", "\"position_embedding_type\": \"relative_key\"", false,
           "position_embedding_type is \"relative_key\", expected \"absolute\"");
    rotary("bert", "\"is_decoder\": true", false, "is_decoder is true");
    rotary("bert", "\"type_vocab_size\": 0", false, "type_vocab_size is 0");
}

static void two_stacks_have_sizes_of_their_own(void **state) {
    (void)state;
    ModelConfig c = rotary("t5", "\"d_kv\": 6, \"num_heads\": 3, \"num_layers\": 2", true, NULL);
    assert_true(c.two_stacks && c.n_layers == 2 && c.encoder.n_layers == 2 && c.d_head == 6);
    assert_true(c.encoder.d_head == 6 && c.encoder.n_heads == 3 && !c.scaled && c.out_scale);
    assert_true(c.act == ACT_RELU && !c.gated && c.start == 0 && c.pad == 0);
    c = rotary("t5",
               "\"num_layers\": 2, \"num_decoder_layers\": 5, \"feed_forward_proj\": "
               "\"gated-gelu\", \"tie_word_embeddings\": false",
               true, NULL);
    assert_true(c.n_layers == 5 && c.encoder.n_layers == 2 && c.gated && c.act == ACT_GELU_TANH);
    rotary("t5", "\"feed_forward_proj\": \"maxout\"", false, "feed_forward_proj is \"maxout\"");
    rotary("t5", "\"relative_attention_num_buckets\": 2", false, "expected at least 4");
    rotary("t5", "\"relative_attention_max_distance\": 16", false, "expected more than 16");
    c = rotary("bart",
               "\"encoder_layers\": 2, \"encoder_ffn_dim\": 22, \"encoder_attention_heads\": 4",
               true, NULL);
    assert_true(c.encoder.n_layers == 2 && c.encoder.d_ff == 22 && c.encoder.d_head == 256);
    assert_true(c.n_layers == 12 && c.d_ff == 4096 && c.d_head == 64 && c.pos_offset == 2);
    assert_true(c.start == 2 && c.pad == 1 && !c.embed_scale && c.embed_ln);
    rotary("bart", "\"encoder_attention_heads\": 7", false, "7 heads do not share a width of 1024");
    c = rotary("marian", "\"activation_function\": \"swish\", \"scale_embedding\": true", true,
               NULL);
    assert_true(c.pos == POS_SINUSOID && c.sines_first && c.embed_scale && c.act == ACT_SILU);
    assert_true(c.start == 58100 && !c.embed_ln);
    rotary("marian", "\"vocab_size\": 50, \"pad_token_id\": 50, \"decoder_start_token_id\": 50",
           false, "there is no decoder_start_token_id in the vocabulary");
    rotary("marian", "\"share_encoder_decoder_embeddings\": false", false,
           "share_encoder_decoder_embeddings is false, expected true");
}

static void the_table_is_sound(void **state) {
    (void)state;
    const Family *family = family_find("gpt2");
#define CHECK_FAMILY(name) check_family(#name);
    FAMILY_TABLE(CHECK_FAMILY)
#undef CHECK_FAMILY
    assert_null(family_find("gpt3"));
    ModelConfig tied = gpt2(""), untied = gpt2("\"tie_word_embeddings\": false");
    assert_true(family_ignores(family, &tied, "transformer.h.3.attn.bias"));
    assert_true(family_ignores(family, &tied, "h.3.attn.masked_bias"));
    assert_false(family_ignores(family, &tied, "h.3.attn.c_attn.bias"));
    assert_true(family_ignores(family, &tied, "lm_head.weight"));
    assert_false(family_ignores(family, &untied, "lm_head.weight"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_fields_have_hugging_faces_defaults),
        cmocka_unit_test(every_field_arrives),
        cmocka_unit_test(llama_fields_arrive),
        cmocka_unit_test(relatives_of_llama),
        cmocka_unit_test(aliases_are_read),
        cmocka_unit_test(null_means_what_hugging_face_makes_of_it),
        cmocka_unit_test(activations_by_their_formula),
        cmocka_unit_test(tokens_beyond_the_vocabulary_never_come),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(what_changes_the_forward_is_refused),
        cmocka_unit_test(unknown_fields_are_ignored),
        cmocka_unit_test(a_family_that_is_not_ours_is_named),
        cmocka_unit_test(broken_json_is_refused),
        cmocka_unit_test(a_mixture_has_experts),
        cmocka_unit_test(a_bert_is_what_its_class_says),
        cmocka_unit_test(two_stacks_have_sizes_of_their_own),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
