#include "app/cli/side.h"

#include "app/cli/input.h"
#include "engine/base/near.h"
#include "engine/model/knobs.h"
#include "engine/tensor/isa.h"

#include <string.h>

#define OF_FLASH (OPT(TILE) | OPT(FAST_MEMORY) | OPT(HEAD))
#define SWITCHES (OPT(ATTENTION) | OF_FLASH | OPT(MASK) | OPT(KV_CACHE) | OPT(THREADS))
enum { NAMES_MOST = OPT_COUNT + 64 };

static bool is_knob(const char *name) {
    for (int i = 0; i < knob_count(); i++)
        if (strcmp(knob_name(i), name) == 0)
            return true;
    return false;
}

static bool no_such_switch(const char *name, Err *err) {
    const char *names[NAMES_MOST];
    size_t count = 0;
    Buf near = {0}, all = {0};
    for (int id = 0; id < OPT_COUNT; id++)
        if (SWITCHES >> id & 1)
            names[count++] = option_name((OptId)id);
    names[count++] = "isa";
    for (size_t i = 0; i < count; i++)
        buf_printf(&all, "%s, ", names[i]);
    for (int i = 0; i < knob_count() && count < NAMES_MOST; i++)
        names[count++] = knob_name(i);
    if (near_names(name, names, count, 1, &near))
        err_set(err, "there is no switch \"%.60s\"; did you mean %s?", name, near.bytes);
    else
        err_set(err, "there is no switch \"%.60s\", expected %sor a knob (help knobs lists them)",
                name, all.bytes);
    buf_free(&near);
    buf_free(&all);
    return false;
}

/* Tried, and put back. */
static bool read_isa(const char *value, Side *side, Err *err) {
    const char *before = isa_name();
    side->isa = value;
    return isa_choose(value, err) && isa_choose(before, err);
}

/* "NAME=VALUE" */
static bool read_switch(char *name, Arena *arena, Side *side, Err *err) {
    char *value = strchr(name, '=');
    if (value)
        *value++ = '\0';
    OptId id = option_find(SWITCHES, name, strlen(name));
    bool isa = strcmp(name, "isa") == 0;
    if (id == OPT_COUNT && !isa && !is_knob(name))
        return no_such_switch(name, err);
    if (!value || !*value)
        return err_set(err, "the switch %s has no value, expected %s=VALUE", name, name);
    if (isa)
        return read_isa(value, side, err);
    if (id == OPT_MASK && !mask_parse(value, &(MaskParams){0}, err))
        return false;
    if (id != OPT_COUNT)
        return options_set(&side->options, id, value, err);
    const char *before = option_text(&side->options, OPT_SET, "");
    return options_set(&side->options, OPT_SET,
                       arena_printf(arena, "%s%s%s=%s", before, *before ? "," : "", name, value),
                       err);
}

/* The end of the switch that begins here: a comma, but for those that part the global positions of
 * mask=longformer:8:0,5. */
static size_t switch_length(const char *text) {
    size_t length = strcspn(text, ",");
    bool mask = strncmp(text, "mask=", 5) == 0;
    while (mask && text[length] && text[length + 1] >= '0' && text[length + 1] <= '9')
        length += 1 + strcspn(text + length + 1, ",");
    return length;
}

/* A side that turns flash attention off wants nothing of what the command line says of its tiles. */
static void forget_tiles(const Options *options, Side *side) {
    const char *attention = option_text(&side->options, OPT_ATTENTION, "standard");
    for (int id = 0; id < OPT_COUNT && strcmp(attention, "standard") == 0; id++)
        if ((OF_FLASH >> id & 1) && side->options.value[id].text == options->value[id].text)
            side->options.value[id].text = NULL;
}

bool side_read(const Options *options, OptId which, Arena *arena, Side *side, Err *err) {
    *side = (Side){.name = option_name(which),
                   .text = option_text(options, which, ""),
                   .options = *options,
                   .isa = isa_name()};
    const char *at = side->text;
    for (bool more = *at != '\0'; more;) {
        size_t length = switch_length(at);
        if (length == 0)
            return err_set(err, "--%s: \"%.100s\" has a comma too many", side->name, side->text);
        if (!read_switch(arena_copy_bytes(arena, at, length), arena, side, err))
            return err_prefix(err, "--%s", side->name);
        more = at[length] == ',';
        at += length + more;
    }
    if (option_text(options, OPT_ATTENTION, NULL) !=
        option_text(&side->options, OPT_ATTENTION, NULL))
        forget_tiles(options, side);
    return input_attention(&side->options, &(AttentionOptions){0}, err) ||
           err_prefix(err, "--%s", side->name);
}
