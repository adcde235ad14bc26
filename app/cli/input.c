#include "app/cli/input.h"

#include "app/cli/task_input.h"
#include "engine/base/file.h"
#include "engine/model/catalog.h"
#include "engine/model/fresh.h"
#include "engine/model/knobs.h"
#include "engine/trace/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST_PROMPT ((size_t)8 << 20) /* bytes: as much as a tokenizer takes */

/* ---- places ---- */

static const char *program_folder(Arena *arena) {
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    if (size <= 0)
        return NULL;
    path[size] = '\0';
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
    return arena_copy_text(arena, path);
}

/* A folder that the environment names, or that lies beside the program, or under the prefix. */
static const char *find_folder(const char *variable, const char *name, Arena *arena) {
    const char *beside[] = {arena_printf(arena, "../%s", name),
                            arena_printf(arena, "../share/attnscope/%s", name)};
    const char *chosen = getenv(variable);
    if (chosen && *chosen)
        return arena_copy_text(arena, chosen);
    const char *program = program_folder(arena);
    for (size_t i = 0; program && i < sizeof beside / sizeof *beside; i++) {
        char *folder = realpath(file_join(arena, program, beside[i]), NULL);
        const char *found = folder ? arena_copy_text(arena, folder) : NULL;
        free(folder);
        if (found)
            return found;
    }
    return arena_printf(arena, ATTNSCOPE_PREFIX "/share/attnscope/%s", name);
}

const char *cli_assets(Arena *arena) {
    return find_folder("ATTNSCOPE_ASSETS", "assets", arena);
}

const char *cli_lessons(Arena *arena) {
    return find_folder("ATTNSCOPE_LESSONS", "lessons", arena);
}

bool input_folder(const Options *options, Arena *arena, const char **folder, Err *err) {
    return catalog_resolve(cli_assets(arena), option_text(options, OPT_MODEL, "story"), arena,
                           folder, err);
}

bool output_is_file(const char *path) {
    struct stat info, standard;
    if (stat(path, &info) != 0)
        return true;
    bool is_standard = fstat(STDOUT_FILENO, &standard) == 0 && info.st_dev == standard.st_dev &&
                       info.st_ino == standard.st_ino;
    return S_ISREG(info.st_mode) && !is_standard;
}

bool output_possible(const char *path, Err *err) {
    if (!*path)
        return err_set(err, "the output's name is empty, expected a file to write");
    if (file_is_folder(path))
        return err_set(err, "%s: is a folder, expected a file to write", path);
    if (!output_is_file(path))
        return true;
    Arena arena = {0};
    char *folder = arena_copy_text(&arena, path), *slash = strrchr(folder, '/');
    const char *where = !slash ? "." : slash == folder ? "/" : folder;
    if (slash && slash != folder)
        *slash = '\0';
    bool ok = file_is_folder(where) || err_set(err, "%s: there is no folder %s", path, where);
    if (ok && access(where, W_OK) != 0)
        ok = err_set(err, "%s: can't write into the folder %s: %s", path, where, strerror(errno));
    arena_free(&arena);
    return ok;
}

/* ---- the prompt ---- */

bool prompt_file_read(const char *path, Arena *arena, const char **prompt, size_t *size, Err *err) {
    char *text;
    if (!file_read_text(strcmp(path, "-") == 0 ? "/dev/stdin" : path, LONGEST_PROMPT, arena, &text,
                        size, err))
        return false;
    *prompt = text;
    return true;
}

bool input_prompt(const Options *options, Arena *arena, const char **prompt, size_t *size,
                  Err *err) {
    *prompt = option_text(options, OPT_PROMPT, NULL);
    *size = *prompt ? strlen(*prompt) : 0;
    const char *path = option_text(options, OPT_PROMPT_FILE, NULL);
    return !path || prompt_file_read(path, arena, prompt, size, err);
}

/* The ids of an option, checked; options_read has seen that it is a list. */
static bool read_ids(const CliInput *input, const char *option, const char *list, Arena *arena,
                     int32_t **out, size_t *count, Err *err) {
    int64_t *ids;
    ids_parse(list, arena, &ids, count);
    *out = ARENA_NEW_N(arena, int32_t, *count);
    size_t V = input->model->config.n_vocab;
    for (size_t i = 0; i < *count; i++) {
        if (ids[i] == INT64_MAX)
            return err_set(err, "--%s: number %zu in the list is beyond 64 bits, expected 0 to %zu",
                           option, i, V - 1);
        if (ids[i] < 0 || (uint64_t)ids[i] >= V)
            return err_set(err,
                           "--%s: the id %" PRId64 " (number %zu in the list) is not in the "
                           "vocabulary, expected 0 to %zu",
                           option, ids[i], i, V - 1);
        (*out)[i] = (int32_t)ids[i];
    }
    return *count > 0 || err_set(err, "--%s: the list is empty, expected a token id", option);
}

static size_t padded_length(const Options *options) {
    return (size_t)option_whole(options, OPT_PAD_TO, 0);
}

/* --tokens, or --prompt with --target, and --decoder-tokens instead of a target. */
static bool given_ids(CliInput *input, const Options *options, const char *tokens, Err *err) {
    const char *decoder = option_text(options, OPT_DECODER_TOKENS, NULL);
    int32_t *ids = NULL, *own = NULL;
    size_t count = 0, own_count = 0;
    OptId text = option_given(options, OPT_TARGET) ? OPT_TARGET : OPT_PAIR;
    char room[64];
    if (option_given(options, text))
        return err_set(err, "%s is a text, and --tokens gives ids: give both as one or the other",
                       option_shape(text, room, sizeof room));
    return read_ids(input, "tokens", tokens, &input->arena, &ids, &count, err) &&
           (!decoder ||
            read_ids(input, "decoder-tokens", decoder, &input->arena, &own, &own_count, err)) &&
           prompt_ids(input->model, ids, count, own, own_count, padded_length(options),
                      &input->arena, &input->text, err);
}

static PromptPart part_of(const Options *options, OptId id) {
    const char *text = option_text(options, id, NULL);
    return (PromptPart){text, text ? strlen(text) : 0};
}

static bool given_text(CliInput *input, const Options *options, Err *err) {
    Prompt prompt = {.text = {input->prompt, input->prompt_size},
                     .second = part_of(options, OPT_PAIR),
                     .target = part_of(options, OPT_TARGET),
                     .pad_to = padded_length(options)};
    return prompt_encode(input->model, &prompt, &input->arena, &input->text, &input->tokens, err);
}

/* The decoder's ids exactly as given, behind its first token. */
static bool given_decoder(CliInput *input, const Options *options, Err *err) {
    const char *decoder = option_text(options, OPT_DECODER_TOKENS, NULL);
    int32_t *ids;
    size_t count;
    if (!decoder || option_given(options, OPT_TOKENS))
        return true;
    if (!read_ids(input, "decoder-tokens", decoder, &input->arena, &ids, &count, err))
        return false;
    RunText text = input->text;
    if (!prompt_ids(input->model, text.source, text.source_count, ids, count, 0, &input->arena,
                    &input->text, err))
        return false;
    input->text.source_real = text.source_real;
    return true;
}

/* ---- the whole ---- */

static bool open_folder(CliInput *input, const Options *options, Err *err) {
    const char *folder, *settings = option_text(options, OPT_SET, NULL);
    if (option_given(options, OPT_CONFIG))
        return err_set(err, "--config is for a fresh model: give --random-init SEED as well");
    if (!input_folder(options, &input->arena, &folder, err))
        return false;
    input->model = model_open(folder, err);
    return input->model && (!settings || model_set(input->model, settings, err));
}

static bool open_fresh(CliInput *input, const Options *options, Err *err) {
    const char *config = option_text(options, OPT_CONFIG, NULL);
    if (option_given(options, OPT_MODEL))
        return err_set(err, "--random-init makes a fresh model from --config: --model has no use");
    if (!config)
        return err_set(err, "--random-init: give --config F.json too, a config.json of any family");
    input->model = model_fresh(config, option_text(options, OPT_SET, NULL),
                               option_whole(options, OPT_RANDOM_INIT, 0), err);
    return input->model != NULL;
}

/* "16x32" */
static bool read_tile(const char *text, size_t *rows, size_t *columns, Err *err) {
    int used = 0;
    bool digits = text[strspn(text, "0123456789x")] == '\0' && strlen(text) < 12;
    if (digits && sscanf(text, "%zux%zu%n", rows, columns, &used) == 2 && !text[used] &&
        *rows > 0 && *columns > 0 && *rows <= ATTENTION_TILE_MOST &&
        *columns <= ATTENTION_TILE_MOST)
        return true;
    return err_set(err, "--tile is \"%.100s\", expected queries × keys as 16x32, each 1 to %d",
                   text, ATTENTION_TILE_MOST);
}

bool input_attention(const Options *options, AttentionOptions *attention, Err *err) {
    static const OptId of_flash[] = {OPT_TILE, OPT_FAST_MEMORY, OPT_HEAD};
    size_t only = options->picks_head ? 2 : 3;
    const char *kind = option_text(options, OPT_ATTENTION, "standard");
    const char *tile = option_text(options, OPT_TILE, NULL);
    char room[80];
    *attention = (AttentionOptions){0};
    if (strcmp(kind, "flash") == 0)
        attention->kind = ATTENTION_FLASH;
    else if (strcmp(kind, "standard") != 0)
        return err_set(err, "--attention is \"%.100s\", expected standard or flash", kind);
    for (size_t i = 0; i < only && attention->kind == ATTENTION_STANDARD; i++)
        if (option_given(options, of_flash[i]))
            return err_set(err, "%s is for --attention flash: standard attention has no tiles",
                           option_shape(of_flash[i], room, sizeof room));
    if (tile && option_given(options, OPT_FAST_MEMORY))
        return err_set(err, "--tile and --fast-memory both say how large a tile is: give one");
    if (option_given(options, OPT_FAST_MEMORY) && option_whole(options, OPT_FAST_MEMORY, 0) == 0)
        return err_set(err, "--fast-memory is 0, expected at least a byte");
    attention->head = (size_t)option_whole(options, OPT_HEAD, 0);
    attention->fast_memory = (size_t)option_whole(options, OPT_FAST_MEMORY, 0);
    return !tile || read_tile(tile, &attention->tile_rows, &attention->tile_columns, err);
}

bool input_model(CliInput *input, const Options *options, Err *err) {
    bool fresh = option_given(options, OPT_RANDOM_INIT);
    const char *mask = option_text(options, OPT_MASK, NULL);
    if (!input_attention(options, &input->attention, err) ||
        !(fresh ? open_fresh(input, options, err) : open_folder(input, options, err)))
        return false;
    if (mask && !model_set_mask(input->model, mask, !fresh, err))
        return err_prefix(err, "--mask");
    if (option_given(options, OPT_DECODER_TOKENS) && !input->model->config.two_stacks)
        return err_set(err, "--decoder-tokens: model %s (%s) has no decoder beside an encoder",
                       input->model->name, input->model->config.model_type);
    return true;
}

static void warn_length(const CliInput *input) {
    const RunText *text = &input->text;
    size_t trained = input->model->config.n_ctx;
    size_t most = text->count > text->source_count ? text->count : text->source_count;
    if (trained && most > trained && config_longest(&input->model->config) == 0)
        fprintf(stderr, "attnscope: warning: %zu tokens, but the model is made for up to %zu\n",
                most, trained);
}

void input_tell_notes(CliInput *input) {
    if (input->told)
        return;
    input->told = true;
    warn_length(input);
    for (int i = 0; i < input->model->note_count; i++)
        fprintf(stderr, "attnscope: note: %s\n", input->model->notes[i]);
}

bool input_continue(CliInput *input, const Options *options, Err *err) {
    enum { NEW_TOKENS = 64 };
    bool given = option_given(options, OPT_TARGET) || option_given(options, OPT_DECODER_TOKENS);
    if (!input->model->config.two_stacks || given)
        return true;
    size_t before = input->text.count;
    if (!prompt_continue(input->model, NEW_TOKENS, input->pool, &input->arena, &input->text, err))
        return false;
    model_note(input->model, arena_printf(&input->model->arena,
                                          "the decoder reads the %zu tokens that it says itself, "
                                          "greedily; --target gives it others",
                                          input->text.count - before));
    return true;
}

/* The prompt's words in another order, which one must see to understand what follows. */
static void shuffle(CliInput *input, const Options *options) {
    if (!input->prompt || !option_given(options, OPT_SHUFFLE))
        return;
    input->prompt = prompt_shuffle(input->prompt, &input->prompt_size,
                                   option_whole(options, OPT_SHUFFLE, 0), &input->arena);
    model_note(input->model, arena_printf(&input->model->arena,
                                          "--shuffle: the prompt is now \"%s\"", input->prompt));
}

/* What the kinds of the single options can't tell. */
static bool check_options(const Options *options, Err *err) {
    if (option_given(options, OPT_SHUFFLE) && option_given(options, OPT_TOKENS))
        return err_set(err, "--shuffle shuffles words, and --tokens gives ids: give a --prompt");
    if (option_given(options, OPT_TARGET) && option_given(options, OPT_DECODER_TOKENS))
        return err_set(err, "--target and --decoder-tokens both say what the decoder reads: give "
                            "one of them");
    return true;
}

static bool read_input(CliInput *input, const Options *options, const char *otherwise, Err *err) {
    const char *tokens = option_text(options, OPT_TOKENS, NULL);
    if (!input->prompt && !tokens) {
        input->prompt = otherwise;
        input->prompt_size = strlen(otherwise);
    }
    shuffle(input, options);
    return (tokens ? given_ids(input, options, tokens, err) : given_text(input, options, err)) &&
           given_decoder(input, options, err);
}

static bool open_prompt_and_model(CliInput *input, const Options *options, Err *err) {
    *input = (CliInput){0};
    return check_options(options, err) &&
           input_prompt(options, &input->arena, &input->prompt, &input->prompt_size, err) &&
           input_model(input, options, err);
}

ThreadPool *input_pool(const Options *options) {
    return thread_pool_new((int)option_whole(options, OPT_THREADS, (uint64_t)thread_count()));
}

bool input_open(CliInput *input, const Options *options, const char *otherwise, Err *err) {
    if (!open_prompt_and_model(input, options, err) || !read_input(input, options, otherwise, err))
        return false;
    input->pool = input_pool(options);
    return true;
}

bool input_open_for(CliInput *input, const Options *options, Task task, Err *err) {
    if (!open_prompt_and_model(input, options, err) || !task_check(input->model, task, err) ||
        !read_input(input, options, "", err))
        return false;
    input->pool = input_pool(options);
    return true;
}

void input_close(CliInput *input) {
    thread_pool_free(input->pool);
    model_close(input->model);
    arena_free(&input->arena);
}

bool input_sample(const Options *options, SampleOptions *sample) {
    bool draws = option_given(options, OPT_TOP_K) || option_given(options, OPT_TOP_P) ||
                 option_given(options, OPT_SEED);
    bool greedy = option_given(options, OPT_GREEDY);
    *sample = SAMPLE_GREEDY;
    sample->temperature = greedy ? 0 : option_real(options, OPT_TEMPERATURE, draws ? 1 : 0);
    sample->top_k = (size_t)option_whole(options, OPT_TOP_K, 0);
    sample->top_p = option_real(options, OPT_TOP_P, 1);
    sample->seed = option_whole(options, OPT_SEED, 0);
    return draws || greedy || option_given(options, OPT_TEMPERATURE);
}

Budget input_budget(const Options *options) {
    Budget budget = {.given = option_given(options, OPT_MAX_MEMORY)};
    budget.bytes = budget.given ? (size_t)option_whole(options, OPT_MAX_MEMORY, 0)
                                : memory_budget(&budget.from);
    return budget;
}

void input_tell_budget(const Budget *budget, Err *err) {
    if (budget->given || !plan_too_large(err))
        return;
    Err without = *err;
    err_set(err, "%s; what was given is a quarter of what is free", without.text);
}

bool input_graph(const CliInput *input, const SampleOptions *sample, Arena *arena, Graph *graph,
                 Err *err) {
    const RunText *text = &input->text;
    ForwardSize size = {text->count, text->real, text->source_count, text->source_real,
                        input->attention};
    if (!forward_build(input->model, &size, arena, graph, err))
        return false;
    if (sample && graph_find(graph, "logits") >= 0 && input->model->config.task == TASK_TEXT)
        sample_build(graph, graph_find(graph, "logits"), sample, 0);
    return true;
}
