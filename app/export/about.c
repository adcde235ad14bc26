#include "app/export/about.h"

#include "engine/base/json.h"
#include "engine/base/utf8.h"

#include <string.h>

size_t about_fields(const ExportAbout *about, AboutField field[ABOUT_FIELDS]) {
    const AboutField all[ABOUT_FIELDS] = {
        {"attnscope", about->version}, {"model", about->model},   {"prompt", about->prompt},
        {"options", about->options},   {"record", about->record}, {"head", about->head},
    };
    size_t count = 0;
    for (size_t i = 0; i < ABOUT_FIELDS; i++)
        if (all[i].value)
            field[count++] = all[i];
    return count;
}

void about_json(const ExportAbout *about, Buf *json) {
    AboutField field[ABOUT_FIELDS];
    size_t count = about_fields(about, field);
    for (size_t i = 0; i < count; i++) {
        buf_text(json, i ? ", " : "{");
        json_quote(json, field[i].key, strlen(field[i].key));
        buf_text(json, ": ");
        json_quote(json, field[i].value, strlen(field[i].value));
    }
    buf_char(json, '}');
}

/* At most `most` bytes and "…", never a part of a character. */
static const char *cut(const char *text, size_t most, Buf *room) {
    size_t size = text ? strlen(text) : 0, at = 0;
    if (size <= most)
        return text;
    for (Utf8Char c; c = utf8_next(text + at, size - at), at + c.size <= most;)
        at += c.size;
    buf_add(room, text, at);
    buf_text(room, "…");
    return buf_cstr(room);
}

static void add_escaped(Buf *json, uint32_t code) {
    if (code < 0x80)
        buf_char(json, (char)code);
    else if (code < 0x10000)
        buf_printf(json, "\\u%04x", code);
    else
        buf_printf(json, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
                   0xdc00 + ((code - 0x10000) & 0x3ff));
}

void about_json_ascii(const ExportAbout *about, size_t most, Buf *json) {
    Buf prompt = {0}, options = {0}, plain = {0};
    ExportAbout shorter = *about;
    shorter.prompt = cut(about->prompt, most, &prompt);
    shorter.options = cut(about->options, most, &options);
    about_json(&shorter, &plain);
    for (size_t at = 0; at < plain.size;) {
        Utf8Char c = utf8_next(plain.bytes + at, plain.size - at);
        add_escaped(json, c.code);
        at += c.size;
    }
    buf_free(&prompt);
    buf_free(&options);
    buf_free(&plain);
}

void about_word(Buf *text, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-.,:=/+@%";
    if (*word && !word[strspn(word, plain)]) {
        buf_text(text, word);
        return;
    }
    buf_char(text, '\'');
    for (; *word; word++)
        if (*word == '\'')
            buf_text(text, "'\\''");
        else
            buf_char(text, *word);
    buf_char(text, '\'');
}
