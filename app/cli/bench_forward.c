/* bench_forward: the tasks prefill, decode and trace. */
#include "app/cli/bench_shape.h"
#include "engine/run/generate.h"

/* ---- work ---- */

/* Numbers in the matrices that every token goes through. */
static double matrix_weights(const Model *model) {
    double count = 0;
    for (int r = 0; r < ROLE_COUNT; r++) {
        WeightRole role = (WeightRole)r;
        bool table = role == ROLE_EMBED || role == ROLE_POS;
        if (role_info(role)->kind != WEIGHT_MAP || table)
            continue;
        size_t copies = role_info(role)->in_block ? model->config.n_layers : 1;
        for (size_t layer = 0; layer < copies; layer++) {
            int weight = model_weight(model, STACK_OWN, role, layer);
            if (weight >= 0)
                count += (double)tensor_count(&model->weight[weight].tensor);
        }
    }
    return count;
}

/* Of `tokens` tokens that see `keys` keys altogether. */
static double forward_flops(const ShapeBench *bench, double tokens, double keys) {
    const ModelConfig *c = &bench->model->config;
    return 2 * matrix_weights(bench->model) * tokens +
           4 * (double)(c->n_layers * c->n_heads * c->d_head) * keys;
}

static double weight_bytes(const ShapeBench *bench) {
    return matrix_weights(bench->model) * (double)dtype_size(bench->weights);
}

static double key_value_bytes(const ShapeBench *bench, double keys) {
    const ModelConfig *c = &bench->model->config;
    return 2 * sizeof(float) * (double)(c->n_layers * c->n_kv_heads * c->d_head) * keys;
}

static ShapeWork prefill_work(const ShapeBench *bench) {
    double T = (double)bench->length;
    return (ShapeWork){T, forward_flops(bench, T, T * (T + 1) / 2),
                       weight_bytes(bench) + key_value_bytes(bench, T)};
}

/* The first timed token sees the text and the token before it. Without the cache each computes all
 * those before it again. */
static ShapeWork decode_work(const ShapeBench *bench) {
    ShapeWork work = {.tokens = (double)bench->new_tokens};
    for (size_t i = 1; i <= bench->new_tokens; i++) {
        double T = (double)(bench->length + i), rows = bench->cache_off ? T : 1;
        work.flops += forward_flops(bench, rows, rows == 1 ? T : T * (T + 1) / 2);
        work.bytes += weight_bytes(bench) + key_value_bytes(bench, T);
    }
    return work;
}

/* ---- prefill, trace ---- */

static bool run_once(ShapeBench *bench, const char *stages, RunMemory *memory, double *ms,
                     Err *err) {
    RunText text = {.ids = bench->ids, .count = bench->length};
    RunOptions run = {
        .stages = stages, .pool = bench->pool, .attention = bench->attention, .memory = memory};
    unsigned long long start = time_now_ns();
    Trace *trace = run_trace(bench->model, &text, &run, err);
    *ms = bench_since(start);
    if (trace)
        run_take_back(memory, trace);
    return trace != NULL;
}

static bool prefill(ShapeBench *bench, double *ms, Err *err) {
    return run_once(bench, "logits", &bench->base_memory, ms, err);
}

static bool full_trace(ShapeBench *bench, double *ms, Err *err) {
    return run_once(bench, "*", &bench->memory, ms, err);
}

const ShapeTask bench_prefill = {.name = "prefill", .run = prefill, .work = prefill_work};
const ShapeTask bench_trace = {
    .name = "trace", .run = full_trace, .base = prefill, .work = prefill_work};

/* ---- decode ---- */

typedef struct {
    unsigned long long first, last;
    size_t count;
} Arrivals;

static bool token_arrives(void *user, int32_t id) {
    Arrivals *arrivals = user;
    (void)id;
    arrivals->last = time_now_ns();
    if (arrivals->count++ == 0)
        arrivals->first = arrivals->last;
    return true;
}

static bool check_room(ShapeBench *bench, Err *err) {
    size_t context = config_longest(&bench->model->config);
    size_t tokens = bench->length + bench->new_tokens;
    return context == 0 || tokens <= context ||
           err_set(
               err,
               "--length %zu and %zu new tokens are %zu, and %s has room for %zu: give less, or "
               "fewer with --max-new-tokens",
               bench->length, bench->new_tokens, tokens, bench->model->name, context);
}

/* The first new token belongs to the prefill; from then on it is one row a token. */
static bool decode(ShapeBench *bench, double *ms, Err *err) {
    Arrivals arrivals = {0};
    RunText text = {.ids = bench->ids, .count = bench->length};
    GenerateOptions run = {.max_new_tokens = bench->new_tokens + 1,
                           .sample = SAMPLE_GREEDY,
                           .attention = bench->attention,
                           .cache_off = bench->cache_off,
                           .pool = bench->pool,
                           .token = token_arrives,
                           .user = &arrivals};
    bool full;
    if (!run_generate(bench->model, &text, &run, &full, err))
        return false;
    *ms = (double)(arrivals.last - arrivals.first) / 1e6;
    return true;
}

const ShapeTask bench_decode = {
    .name = "decode", .open = check_room, .run = decode, .work = decode_work};
