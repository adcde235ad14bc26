/* Intents, as views emit them. */
#include "app/views/state.h"

#include <string.h>

static void emit(Intents *intents, Intent intent) {
    if (intents->count < INTENTS_MAX)
        intents->intent[intents->count++] = intent;
}

void intent_emit(Intents *intents, IntentKind kind) {
    emit(intents, (Intent){.kind = kind});
}

void intent_value(Intents *intents, IntentKind kind, long value) {
    emit(intents, (Intent){.kind = kind, .value = value});
}

void intent_row(Intents *intents, TextId text, size_t position) {
    emit(intents, (Intent){.kind = INTENT_ROW, .text = text, .value = (long)position});
}

void intent_seek(Intents *intents, double at) {
    emit(intents, (Intent){.kind = INTENT_SEEK, .real = at});
}

void intent_go(Intents *intents, int node) {
    emit(intents, (Intent){.kind = INTENT_GO, .node = node});
}

void intent_cell(Intents *intents, IntentKind kind, int node, const size_t *index) {
    Intent intent = {.kind = kind, .node = node};
    memcpy(intent.index, index, sizeof intent.index);
    emit(intents, intent);
}
