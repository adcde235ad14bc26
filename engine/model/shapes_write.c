#include "engine/model/shapes.h"

#include "engine/base/buf.h"
#include "engine/base/file.h"

#include <stdio.h>
#include <string.h>

static bool write_file(const char *folder, const char *name, const char *text, size_t size,
                       Arena *arena, Err *err) {
    FileOut *file = file_create(file_join(arena, folder, name), err);
    if (!file)
        return false;
    file_write(file, text, size);
    return file_commit(file, err);
}

static bool write_weights(const Model *model, const char *folder, Arena *arena, Err *err) {
    StOut *out = ARENA_NEW_N(arena, StOut, model->file.count);
    for (size_t i = 0; i < model->file.count; i++) {
        const StTensor *tensor = &model->file.tensor[i];
        out[i].name = tensor->name;
        out[i].tensor = tensor_dense(tensor->type, tensor->rank, tensor->dim,
                                     (void *)(uintptr_t)tensor->data);
    }
    return st_write(file_join(arena, folder, "model.safetensors"), out, model->file.count, NULL, 0,
                    err);
}

/* ---- a tokenizer ---- */

#define LETTERS 26
#define BYTES 256
typedef struct {
    Buf vocab, merges;
    size_t pieces, most;
} Pieces;

static void add_piece(Pieces *pieces, const char *piece) {
    if (pieces->pieces < pieces->most)
        buf_printf(&pieces->vocab, pieces->pieces ? ",\"%s\":%zu" : "\"%s\":%zu", piece,
                   pieces->pieces);
    pieces->pieces++;
}

/* The piece left + right, and the two ways in which it is merged: left + right, and otherwise. */
static void add_merged(Pieces *pieces, const char *left, const char *right, int otherwise) {
    char piece[8];
    if (pieces->pieces >= pieces->most)
        return;
    snprintf(piece, sizeof piece, "%.4s%.3s", left, right);
    add_piece(pieces, piece);
    buf_printf(&pieces->merges, pieces->merges.size ? ",\"%s %s\"" : "\"%s %s\"", left, right);
    if (otherwise)
        buf_printf(&pieces->merges, ",\"%.*s %s\"", otherwise, piece, piece + otherwise);
}

/* Two letters, three, then four, until the vocabulary is full. */
static void add_words(Pieces *pieces) {
    size_t pairs = LETTERS * LETTERS;
    for (size_t n = 0; n < pairs; n++)
        add_merged(pieces, (char[]){(char)('a' + n / LETTERS), 0},
                   (char[]){(char)('a' + n % LETTERS), 0}, 0);
    for (size_t n = 0; n < pairs * LETTERS; n++)
        add_merged(pieces,
                   (char[]){(char)('a' + n / pairs), (char)('a' + n / LETTERS % LETTERS), 0},
                   (char[]){(char)('a' + n % LETTERS), 0}, 1);
    for (size_t n = 0; n < pairs * pairs; n++)
        add_merged(
            pieces,
            (char[]){(char)('a' + n / pairs / LETTERS), (char)('a' + n / pairs % LETTERS), 0},
            (char[]){(char)('a' + n % pairs / LETTERS), (char)('a' + n % LETTERS), 0}, 3);
}

static bool write_tokenizer(const Model *model, const char *folder, Arena *arena, Err *err) {
    Pieces pieces = {.most = model->config.n_vocab};
    char piece[16];
    add_piece(&pieces, "<unk>");
    add_piece(&pieces, "<s>");
    add_piece(&pieces, "</s>");
    for (unsigned byte = 0; byte < BYTES; byte++) {
        snprintf(piece, sizeof piece, "<0x%02X>", byte);
        add_piece(&pieces, piece);
    }
    add_piece(&pieces, "▁");
    for (int letter = 0; letter < LETTERS; letter++)
        add_piece(&pieces, (char[]){(char)('a' + letter), 0});
    add_words(&pieces);
    Buf text = {0};
    buf_text(&text, "{\"version\":\"1.0\",\"added_tokens\":[{\"id\":1,\"content\":\"<s>\","
                    "\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,"
                    "\"special\":true}],\"normalizer\":{\"type\":\"Replace\",\"pattern\":"
                    "{\"String\":\" \"},\"content\":\"▁\"},\"pre_tokenizer\":null,"
                    "\"post_processor\":null,\"decoder\":{\"type\":\"ByteFallback\"},"
                    "\"model\":{\"type\":\"BPE\",\"unk_token\":\"<unk>\",\"fuse_unk\":true,"
                    "\"byte_fallback\":true,\"vocab\":{");
    buf_add(&text, pieces.vocab.bytes, pieces.vocab.size);
    buf_text(&text, "},\"merges\":[");
    buf_add(&text, pieces.merges.bytes, pieces.merges.size);
    buf_text(&text, "]}}\n");
    bool ok = write_file(folder, "tokenizer.json", text.bytes, text.size, arena, err);
    buf_free(&text);
    buf_free(&pieces.vocab);
    buf_free(&pieces.merges);
    return ok;
}

bool shapes_write(const Model *model, const char *folder, Err *err) {
    Arena arena = {0};
    const char *config = shapes_config(model->name);
    bool ok = file_make_folders(folder, err) &&
              write_file(folder, "config.json", config, strlen(config), &arena, err) &&
              write_weights(model, folder, &arena, err) &&
              write_tokenizer(model, folder, &arena, err);
    arena_free(&arena);
    return ok;
}
