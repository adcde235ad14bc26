#include "engine/text/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t hash_of(const char *bytes, size_t size) {
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001B3u;
    return hash ^ hash >> 32;
}

static int by_id(const void *a, const void *b) {
    int32_t left = ((const TokEntry *)a)->id, right = ((const TokEntry *)b)->id;
    return (left > right) - (left < right);
}

/* The slot where the piece is, or where it would go. */
static uint32_t *slot_of(const TokVocab *vocab, const char *piece, size_t size) {
    for (size_t at = hash_of(piece, size);; at++) {
        uint32_t *slot = &vocab->slot[at & vocab->slot_mask];
        if (*slot == 0)
            return slot;
        const TokEntry *entry = &vocab->entry[*slot - 1];
        if (entry->size == size && memcmp(entry->piece, piece, size) == 0)
            return slot;
    }
}

static bool is_sorted(const TokVocab *vocab) {
    for (size_t i = 1; i < vocab->count; i++)
        if (vocab->entry[i - 1].id > vocab->entry[i].id)
            return false;
    return true;
}

bool tok_vocab_build(TokVocab *vocab, const char *where, Arena *arena, Err *err) {
    size_t slots = 16;
    while (slots < vocab->count * 2)
        slots *= 2;
    vocab->slot = ARENA_NEW_N(arena, uint32_t, slots);
    vocab->slot_mask = slots - 1;
    if (!is_sorted(vocab)) /* most files are */
        qsort(vocab->entry, vocab->count, sizeof *vocab->entry, by_id);
    for (size_t i = 0; i < vocab->count; i++) {
        const TokEntry *entry = &vocab->entry[i];
        if (i > 0 && entry->id == entry[-1].id)
            return err_set(err,
                           "%s: \"%.60s\" and \"%.60s\" both have the id %d, expected each "
                           "id once",
                           where, entry[-1].piece, entry->piece, (int)entry->id);
        uint32_t *slot = slot_of(vocab, entry->piece, entry->size);
        if (*slot)
            return err_set(err, "%s: \"%.60s\" is there twice (ids %d and %d), expected once",
                           where, entry->piece, (int)vocab->entry[*slot - 1].id, (int)entry->id);
        *slot = (uint32_t)i + 1;
    }
    return true;
}

bool tok_vocab_load(TokVocab *vocab, const cJSON *json, const char *where, Arena *arena, Err *err) {
    size_t bytes = 0, count = 0;
    for (const cJSON *item = json->child; item; item = item->next, count++)
        bytes += strlen(item->string) + 1;
    vocab->entry = ARENA_NEW_N(arena, TokEntry, count);
    char *room = arena_alloc(arena, bytes);
    for (const cJSON *item = json->child; item; item = item->next) {
        double id = cJSON_IsNumber(item) ? item->valuedouble : -1;
        if (!(id >= 0 && id <= TOK_MOST_ID && id == (double)(int32_t)id)) {
            char field[100];
            snprintf(field, sizeof field, "the id of \"%.60s\"", item->string);
            return tok_wrong(item, field, where, "an integer from 0 to 16777216", err);
        }
        size_t size = strlen(item->string);
        memcpy(room, item->string, size + 1);
        vocab->entry[vocab->count++] = (TokEntry){
            .piece = room, .size = size, .id = (int32_t)id, .in_model = true};
        room += size + 1;
    }
    return tok_vocab_build(vocab, where, arena, err);
}

TokEntry *tok_vocab_by_id(const TokVocab *vocab, int32_t id) {
    if (id < 0 || vocab->count == 0)
        return NULL;
    if ((size_t)id < vocab->count && vocab->entry[id].id == id) /* most vocabularies have no gap */
        return &vocab->entry[id];
    TokEntry key = {.id = id};
    return bsearch(&key, vocab->entry, vocab->count, sizeof key, by_id);
}

TokEntry *tok_vocab_by_piece(const TokVocab *vocab, const char *piece, size_t size) {
    uint32_t slot = *slot_of(vocab, piece, size);
    return slot ? &vocab->entry[slot - 1] : NULL;
}

int32_t tok_model_id(const TokVocab *vocab, const char *piece, size_t size) {
    const TokEntry *entry = tok_vocab_by_piece(vocab, piece, size);
    return entry && entry->in_model ? entry->id : -1;
}
