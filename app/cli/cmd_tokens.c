/* attnscope tokens: how a text is cut. Only the folder's tokenizer.json is read. */
#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "app/cli/table.h"
#include "app/cli/tokens_steps.h"
#include "engine/base/file.h"
#include "engine/base/json.h"

#include <limits.h>
#include <string.h>

typedef struct {
    const Tokenizer *tok;
    TokenList list;
    const char **label;
    bool offsets; /* a text was given, not ids */
} Pieces;

static const char *piece_of(const Pieces *pieces, size_t i) {
    const char *piece = tok_piece(pieces->tok, pieces->list.token[i].id);
    return piece ? piece : "";
}

static void print_table(const Pieces *pieces) {
    Table table = table_new(
        "rrrrll", (const char *const[]){"position", "id", "start", "end", "token", "piece"});
    Buf quoted = {0};
    for (size_t i = 0; i < pieces->list.count; i++) {
        const Token *token = &pieces->list.token[i];
        bool offsets = pieces->offsets && !token->added;
        const char *piece = piece_of(pieces, i);
        buf_clear(&quoted);
        json_quote(&quoted, piece, strlen(piece));
        table_cell(&table, "%zu", i);
        table_cell(&table, "%d", token->id);
        table_count(&table, offsets, token->start);
        table_count(&table, offsets, token->end);
        table_cell(&table, "%s", pieces->label[i]);
        table_cell(&table, "%s", quoted.bytes);
    }
    buf_free(&quoted);
    table_print(&table);
}

static void print_json(const Pieces *pieces) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_open(&out, "tokens", '[');
    for (size_t i = 0; i < pieces->list.count; i++) {
        const Token *token = &pieces->list.token[i];
        json_open(&out, NULL, '{');
        json_put_whole(&out, "id", (uint64_t)token->id);
        json_put_text(&out, "piece", piece_of(pieces, i));
        json_put_text(&out, "label", pieces->label[i]);
        if (pieces->offsets) {
            json_put_whole(&out, "start", token->start);
            json_put_whole(&out, "end", token->end);
            json_put_bool(&out, "added", token->added);
        }
        json_put_bool(&out, "special", tok_is_special(pieces->tok, token->id));
        json_shut(&out, '}');
    }
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
}

/* Ids as they are given, to see their pieces. */
static bool list_ids(Pieces *pieces, const char *text, Arena *arena, Err *err) {
    int64_t *ids;
    ids_parse(text, arena, &ids, &pieces->list.count);
    pieces->list.token = ARENA_NEW_N(arena, Token, pieces->list.count);
    for (size_t i = 0; i < pieces->list.count; i++) {
        bool known = ids[i] >= 0 && ids[i] <= INT32_MAX && tok_piece(pieces->tok, (int32_t)ids[i]);
        if (!known)
            return err_set(err, "--tokens: the tokenizer has no id %lld, expected 0 to %d",
                           (long long)ids[i], tok_id_limit(pieces->tok) - 1);
        pieces->list.token[i].id = (int32_t)ids[i];
    }
    return true;
}

static bool cut(Pieces *pieces, const Options *options, Arena *arena, Err *err) {
    const char *ids = option_text(options, OPT_TOKENS, NULL), *prompt;
    size_t size;
    pieces->offsets = ids == NULL;
    if (ids ? !list_ids(pieces, ids, arena, err)
            : !(input_prompt(options, arena, &prompt, &size, err) &&
                tok_encode(pieces->tok, prompt, size, true, arena, &pieces->list, err)))
        return false;
    size_t count = pieces->list.count;
    int32_t *list = ARENA_NEW_N(arena, int32_t, count);
    for (size_t i = 0; i < count; i++)
        list[i] = pieces->list.token[i].id;
    pieces->label = ARENA_NEW_N(arena, const char *, count);
    tok_labels(pieces->tok, list, count, arena, pieces->label);
    return true;
}

static bool show_pieces(const Tokenizer *tok, const Options *options, Arena *arena, Err *err) {
    Pieces pieces = {.tok = tok};
    if (!cut(&pieces, options, arena, err))
        return false;
    if (option_given(options, OPT_JSON))
        print_json(&pieces);
    else
        print_table(&pieces);
    return true;
}

static bool show_steps(const Tokenizer *tok, const Options *options, Arena *arena, Err *err) {
    const char *text = option_text(options, OPT_STEPS, "");
    TokSteps steps;
    if (!tok_steps(tok, text, strlen(text), true, arena, &steps, err))
        return false;
    if (option_given(options, OPT_JSON))
        tokens_steps_json(tok, &steps);
    else
        tokens_steps_print(tok, &steps);
    return true;
}

static bool run_command(const Options *options, Err *err) {
    Arena arena = {0};
    Tokenizer *tok = NULL;
    const char *folder;
    bool ok = input_folder(options, &arena, &folder, err);
    if (ok)
        tok = tok_load(file_join(&arena, folder, "tokenizer.json"), &arena, err);
    bool steps = option_given(options, OPT_STEPS);
    ok = tok && (steps ? show_steps : show_pieces)(tok, options, &arena, err);
    tok_free(tok);
    arena_free(&arena);
    return ok;
}

const Command command_tokens = {
    .name = "tokens",
    .summary = "shows how a text is cut: ids, pieces, and where each stands in the text",
    .details = "Start and end count bytes of the text; a token that stands for no text has none.\n"
               "The folder needs a tokenizer.json only. --steps shows the whole way from the text "
               "to\nits ids: each merge, each try, each piece of the lattice.",
    .takes = TAKES_TEXT | OPT(STEPS) | OPT(JSON),
    .one_input = true,
    .run = run_command,
};
