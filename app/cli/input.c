#include "app/cli/input.h"

#include "engine/base/file.h"
#include "engine/model/catalog.h"
#include "engine/model/forward.h"

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

const char *cli_assets(Arena *arena) {
    static const char *const beside[] = {"../assets", "../share/attnscope/assets"};
    const char *chosen = getenv("ATTNSCOPE_ASSETS");
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
    return ATTNSCOPE_PREFIX "/share/attnscope/assets";
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

bool input_prompt(const Options *options, Arena *arena, const char **prompt, size_t *size,
                  Err *err) {
    *prompt = option_text(options, OPT_PROMPT, NULL);
    *size = *prompt ? strlen(*prompt) : 0;
    const char *path = option_text(options, OPT_PROMPT_FILE, NULL);
    if (!path)
        return true;
    char *text;
    if (!file_read_text(strcmp(path, "-") == 0 ? "/dev/stdin" : path, LONGEST_PROMPT, arena, &text,
                        size, err))
        return false;
    *prompt = text;
    return true;
}

static bool read_ids(CliInput *input, const char *text, Err *err) {
    int64_t *ids;
    ids_parse(text, &input->arena, &ids, &input->count); /* options_read has checked it */
    input->ids = ARENA_NEW_N(&input->arena, int32_t, input->count);
    size_t V = input->model->config.n_vocab;
    for (size_t i = 0; i < input->count; i++) {
        if (ids[i] == INT64_MAX)
            return err_set(err,
                           "--tokens: number %zu in the list is beyond 64 bits, expected 0 to %zu",
                           i, V - 1);
        if (ids[i] < 0 || (uint64_t)ids[i] >= V)
            return err_set(err,
                           "--tokens: the id %" PRId64 " (number %zu in the list) is not in the "
                           "vocabulary, expected 0 to %zu",
                           ids[i], i, V - 1);
        input->ids[i] = (int32_t)ids[i];
    }
    return input->count > 0 || err_set(err, "--tokens: the list is empty, expected a token id");
}

static bool encode(CliInput *input, Err *err) {
    const Model *model = input->model;
    TokenList list;
    if (!model_has_tokenizer(model, err) ||
        !tok_encode(model->tok, input->prompt, input->prompt_size, true, &input->arena, &list, err))
        return false;
    if (list.count == 0)
        return err_set(err, "the prompt gives no token, and model %s adds none: give it a text",
                       model->name);
    input->count = list.count;
    input->ids = ARENA_NEW_N(&input->arena, int32_t, list.count);
    for (size_t i = 0; i < list.count; i++)
        input->ids[i] = list.token[i].id;
    return true;
}

/* ---- the whole ---- */

static bool open_model(CliInput *input, const Options *options, Err *err) {
    const char *folder;
    if (!input_folder(options, &input->arena, &folder, err))
        return false;
    input->model = model_open(folder, err);
    if (!input->model)
        return false;
    if (option_given(options, OPT_DECODER_TOKENS))
        return err_set(err, "--decoder-tokens: model %s (%s) has no decoder beside an encoder",
                       input->model->name, input->model->config.model_type);
    return true;
}

/* Not before all went well: an error stands alone. */
static void tell_notes(const Model *model) {
    for (int i = 0; i < model->note_count; i++)
        fprintf(stderr, "attnscope: note: %s\n", model->notes[i]);
}

bool input_open(CliInput *input, const Options *options, const char *otherwise, Err *err) {
    *input = (CliInput){0};
    const char *tokens = option_text(options, OPT_TOKENS, NULL);
    if (!input_prompt(options, &input->arena, &input->prompt, &input->prompt_size, err) ||
        !open_model(input, options, err))
        return false;
    if (!input->prompt && !tokens) {
        input->prompt = otherwise;
        input->prompt_size = strlen(otherwise);
    }
    if (!(tokens ? read_ids(input, tokens, err) : encode(input, err)))
        return false;
    size_t trained = input->model->config.n_ctx;
    if (trained && input->count > trained && config_longest(&input->model->config) == 0)
        fprintf(stderr, "attnscope: warning: %zu tokens, but the model was trained for up to %zu\n",
                input->count, trained);
    input->pool = thread_pool_new(
        (int)option_whole(options, OPT_THREADS, (uint64_t)thread_count()));
    tell_notes(input->model);
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

const size_t *input_budget(const Options *options, size_t *room) {
    *room = (size_t)option_whole(options, OPT_MAX_MEMORY, 0);
    return option_given(options, OPT_MAX_MEMORY) ? room : NULL;
}

bool input_graph(const CliInput *input, const SampleOptions *sample, Arena *arena, Graph *graph,
                 Err *err) {
    if (!forward_build(input->model, input->count, arena, graph, err))
        return false;
    if (sample)
        sample_build(graph, graph_find(graph, "logits"), sample, 0);
    return true;
}
