#include "app/cli/json_out.h"

#include "engine/base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_OF_LINES = 2 }; /* members and lists down to here have a line of their own */

const char *number_text(double value, char room[NUMBER_SIZE]) {
    if (isnan(value))
        strcpy(room, "nan"); /* printf would tell its sign */
    else
        snprintf(room, NUMBER_SIZE, "%.9g", value);
    return room;
}

static void new_line(JsonOut *out) {
    buf_printf(&out->buf, "\n%*s", 2 * out->depth, "");
}

static void item(JsonOut *out, const char *key, bool alone) {
    bool lines = alone && out->depth > 0 && out->depth <= DEPTH_OF_LINES;
    if (out->started)
        buf_text(&out->buf, lines ? "," : ", ");
    if (lines) {
        out->lined |= (uint64_t)1 << out->depth;
        new_line(out);
    }
    out->started = true;
    if (key) {
        json_quote(&out->buf, key, strlen(key));
        buf_text(&out->buf, ": ");
    }
}

void json_open(JsonOut *out, const char *key, char bracket) {
    item(out, key, true);
    buf_char(&out->buf, bracket);
    out->depth++;
    out->lined &= ~((uint64_t)1 << out->depth);
    out->started = false;
}

void json_shut(JsonOut *out, char bracket) {
    bool lines = out->lined >> out->depth & 1;
    out->depth--;
    if (lines)
        new_line(out);
    buf_char(&out->buf, bracket);
    out->started = true;
}

void json_put_bytes(JsonOut *out, const char *key, const char *text, size_t size) {
    item(out, key, key != NULL);
    json_quote(&out->buf, text, size);
}

void json_put_text(JsonOut *out, const char *key, const char *text) {
    json_put_bytes(out, key, text, strlen(text));
}

void json_put_number(JsonOut *out, const char *key, double value) {
    char room[NUMBER_SIZE];
    item(out, key, key != NULL);
    buf_printf(&out->buf, isfinite(value) ? "%s" : "\"%s\"", number_text(value, room));
}

void json_put_whole(JsonOut *out, const char *key, uint64_t value) {
    item(out, key, key != NULL);
    buf_printf(&out->buf, "%" PRIu64, value);
}

void json_put_bool(JsonOut *out, const char *key, bool value) {
    item(out, key, key != NULL);
    buf_text(&out->buf, value ? "true" : "false");
}

void json_put_sizes(JsonOut *out, const char *key, const size_t *list, size_t count) {
    item(out, key, key != NULL);
    buf_char(&out->buf, '[');
    for (size_t i = 0; i < count; i++)
        buf_printf(&out->buf, i ? ", %zu" : "%zu", list[i]);
    buf_char(&out->buf, ']');
}

void json_put_ids(JsonOut *out, const char *key, const int32_t *list, size_t count) {
    item(out, key, key != NULL);
    buf_char(&out->buf, '[');
    for (size_t i = 0; i < count; i++)
        buf_printf(&out->buf, i ? ", %" PRId32 : "%" PRId32, list[i]);
    buf_char(&out->buf, ']');
}

void json_print(JsonOut *out) {
    buf_char(&out->buf, '\n');
    fwrite(out->buf.bytes, 1, out->buf.size, stdout);
    buf_free(&out->buf);
}
