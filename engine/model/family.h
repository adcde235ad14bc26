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

#include "engine/model/model.h"

/* What a field of config.json is, and so how it is checked and stored. */
typedef enum {
    FIELD_SIZE,     /* a whole number from 1 to `most` → size_t */
    FIELD_EPS,      /* a number from 0 to 1 → double */
    FIELD_POSITIVE, /* a number above 0 → double */
    FIELD_ROPE,     /* rope_parameters: an object with rope_theta, and rope_type "default" */
    FIELD_FRACTION, /* a number above 0, up to 1 → double */
    FIELD_BOOL,     /* → bool */
    FIELD_ACT,      /* an activation's name → ActKind */
    FIELD_BOS,      /* a token id */
    FIELD_EOS,      /* a token id or a list of them */
    FIELD_REFUSE    /* changes the forward in a way that this build does not have: must be absent,
                    null, false, 0 or empty */
} FieldKind;

typedef struct {
    const char *name;
    const char *alias; /* the name that Hugging Face reads too, and then prefers; NULL: none */
    FieldKind kind;
    bool
        null_is_none; /* null means 0, false, none; otherwise Hugging Face can't run it: an error */
    size_t target;    /* offset in ModelConfig; unused by FIELD_BOS, FIELD_EOS, FIELD_REFUSE */
    size_t most;      /* FIELD_SIZE */
} ConfigField;

/* How a matrix lies in the file. `in` and `out` are the products of the axes before and after the
 * map; a vector has only `out`. */
typedef enum {
    LAYOUT_IN_OUT, /* [in, out]: GPT-2's Conv1D, and a table of rows (embeddings) */
    LAYOUT_OUT_IN, /* [out, in]: torch.nn.Linear */
    LAYOUT_BY_HEAD /* [out, in] with the parts inside each head: GPT-NeoX's query_key_value */
} Layout;

typedef struct {
    WeightRole role;
    const char *name; /* in the file, "{l}" for the layer */
    Layout layout;
    int part, parts; /* this is the part-th of that many equal parts of `out`: fused Q, K, V */
    size_t
        when; /* offset in ModelConfig of the bool that says whether the model has it; 0: always */
} FamilyWeight;

typedef struct Family {
    const char *model_type;
    /* An absent field leaves what stands here. Zero sizes are derived: d_ff 4·d_model, n_kv_heads
     * n_heads, d_head d_model ÷ n_heads, score_divisor √d_head. */
    ModelConfig defaults;
    const ConfigField *field;
    int field_count;
    const char *prefix;         /* names that begin with it may stand in the file without it */
    const char *const *ignored; /* globs: tensors that real files have and no forward reads */
    const FamilyWeight *weight;
    int weight_count;
} Family;

const Family *family_find(const char *model_type); /* NULL: not one of ours */
/* "gpt2, llama", for messages; in the arena. */
const char *family_names(Arena *arena);

/* True for a tensor that files of the family may hold and that is rightly not read: buffers, and
 * the second copy of a tied output matrix. */
bool family_ignores(const Family *family, const ModelConfig *config, const char *name);

#endif
