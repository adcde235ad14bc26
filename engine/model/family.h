/* family: what the model families differ in, as data.
 *
 * A family is one row: the `model_type` that config.json calls it by, Hugging Face's defaults, the
 * fields of config.json and where each goes, and the names and layouts of its weights. Nothing
 * else in the engine knows a family's name; a new one is a new row.
 *
 * The rows are constant data. The facts in them are those of Hugging Face's configuration_*.py and
 * modeling_*.py of the family. */
#ifndef MODEL_FAMILY_H
#define MODEL_FAMILY_H

#include "engine/model/roles.h"

/* What a field of config.json is, and so how it is checked and stored. */
typedef enum {
    FIELD_SIZE,     /* a whole number from 1 to `most` → size_t */
    FIELD_WHOLE,    /* likewise, from 0 */
    FIELD_EPS,      /* a number from 0 to 1 → double */
    FIELD_POSITIVE, /* a number above 0 → double */
    FIELD_ROPE,     /* rope_parameters: rope_theta, and how the angles are scaled */
    FIELD_SCALING,  /* rope_scaling: how the angles are scaled → RopeScaling */
    FIELD_FRACTION, /* a number above 0, up to 1 → double */
    FIELD_BOOL,     /* → bool */
    FIELD_ACT,      /* an activation's name → ActKind */
    FIELD_RNN_ACT,  /* "tanh" or "relu" → ActKind */
    FIELD_T5_FFN,   /* "relu", "gated-gelu": an activation, and whether it is a gate */
    FIELD_TASKS,    /* architectures: a list of one class, whose ending says what the task is */
    FIELD_LABELS,   /* id2label: an object from "0", "1", … to names */
    FIELD_TOKEN,    /* a token id → int32_t */
    FIELD_EOS,      /* a token id or a list of them */
    FIELD_BANNED,   /* a list of lists of token ids; those of a single token are kept */
    FIELD_IS,       /* a text that must be the one in `alias` */
    FIELD_REQUIRE,  /* must be absent or true */
    FIELD_REFUSE    /* changes the forward in a way that this build does not have: must be absent,
                    null, false, 0 or empty */
} FieldKind;

typedef struct {
    const char *name;
    const char *alias; /* the name that Hugging Face reads too, and then prefers; NULL: none */
    FieldKind kind;
    bool null_is_none; /* null means 0, false, none; else Hugging Face can't run it: an error */
    size_t target;     /* offset in ModelConfig; unused by FIELD_EOS, _BANNED, _IS, _REQUIRE and
                          _REFUSE */
    size_t most;       /* FIELD_SIZE */
} ConfigField;

/* The class's ending in `architectures`, and the task that it stands for. */
typedef struct {
    const char *ending; /* "ForMaskedLM" */
    Task task;
} TaskName;

/* How a matrix lies in the file. `in` and `out` are the products of the axes before and after the
 * map; a vector has only `out`. */
typedef enum {
    LAYOUT_IN_OUT,  /* [in, out]: GPT-2's Conv1D, and a table of rows (embeddings) */
    LAYOUT_OUT_IN,  /* [out, in]: torch.nn.Linear */
    LAYOUT_BY_HEAD, /* [out, in] with the parts inside each head: GPT-NeoX's query_key_value */
    LAYOUT_ONE_ROW  /* a vector as [1, out]: BART's final_logits_bias */
} Layout;

/* The roles of a stack that have no row are weights that the family doesn't have. */
typedef struct {
    WeightRole role;
    StackId stack;
    /* In the file, "{l}" for the layer and "{e}" for the expert. A name may have others behind bars,
     * in the order in which they are looked for: "LayerNorm.weight|LayerNorm.gamma". */
    const char *name;
    Layout layout;
    int part, parts; /* this is the part-th of that many equal parts of `out`: fused Q, K, V */
    bool optional;   /* files without it are whole too */
} FamilyWeight;

/* Rows of a family's table. */
#define WEIGHT(r, l, n)                                                                            \
    { .role = ROLE_##r, .layout = LAYOUT_##l, .name = (n), .parts = 1 }
#define WEIGHT_PART(r, l, n, p, all)                                                               \
    { .role = ROLE_##r, .layout = LAYOUT_##l, .name = (n), .part = (p), .parts = (all) }
#define WEIGHT_OPTIONAL(r, l, n)                                                                   \
    { .role = ROLE_##r, .layout = LAYOUT_##l, .name = (n), .parts = 1, .optional = true }
#define WEIGHT_ENCODER(r, l, n)                                                                    \
    { .role = ROLE_##r, .stack = STACK_ENCODER, .layout = LAYOUT_##l, .name = (n), .parts = 1 }

typedef struct Family {
    const char *model_type;
    /* An absent field leaves what stands here. Zero sizes are derived: d_ff 4·d_model, n_kv_heads
     * n_heads, d_head d_model ÷ n_heads, the encoder's those of the own stack. */
    ModelConfig defaults;
    const ConfigField *field;
    int field_count;
    const TaskName *task;       /* up to an entry with no ending; NULL: architectures is not read */
    const char *prefix;         /* names that begin with it may stand in the file without it */
    const char *const *ignored; /* globs: tensors that real files have and no forward reads */
    const FamilyWeight *weight;
    int weight_count;
} Family;

/* Limits that no real model meets, and under which no product of sizes overflows. */
#define MOST_LAYERS 1000
#define MOST_HEADS 65536
#define MOST_WIDTH (1u << 20)
#define MOST_ROWS (1u << 24)
#define MOST_EXPERTS 4096

#define FAMILY_COUNT(list) ((int)(sizeof(list) / sizeof *(list)))
#define TO(member) offsetof(ModelConfig, member)

/* One file each, or one for relatives: families/gpt.c, llama.c, bert.c, t5.c, bart.c,
 * recurrent.c. */
#define FAMILY_TABLE(X)                                                                            \
    X(gpt2)                                                                                        \
    X(gpt_neox)                                                                                    \
    X(llama)                                                                                       \
    X(mistral)                                                                                     \
    X(qwen2)                                                                                       \
    X(mixtral)                                                                                     \
    X(bert)                                                                                        \
    X(t5)                                                                                          \
    X(bart)                                                                                        \
    X(marian)                                                                                      \
    X(rnn)                                                                                         \
    X(lstm)                                                                                        \
    X(gru)
#define FAMILY_DECLARE(name) extern const Family family_##name;
FAMILY_TABLE(FAMILY_DECLARE)
#undef FAMILY_DECLARE

const Family *family_find(const char *model_type); /* NULL: not one of ours */
/* "gpt2, llama", for messages; in the arena. */
const char *family_names(Arena *arena);

/* The first name of FamilyWeight.name, up to a bar: "h.{l}.ln_1.bias" for layer 3 is "h.3.ln_1.bias". In
 * the arena. */
const char *family_weight_name(const char *names, size_t layer, size_t expert, Arena *arena);

/* True for a tensor that files of the family may hold and that is rightly not read: buffers, and
 * the second copy of a tied output matrix. */
bool family_ignores(const Family *family, const ModelConfig *config, const char *name);

#endif
