/* attnscope export: what a run made, as a file for other programs. */
#include "app/cli/export_data.h"

#include <string.h>

typedef struct {
    const char *name;
    bool (*check)(const Options *options, Err *err);
    bool (*run)(const Options *options, Err *err);
} ExportKind;

static const ExportKind KINDS[] = {
    {"data", export_data_check, export_data},
};
enum { KINDS_COUNT = sizeof KINDS / sizeof *KINDS };

static const ExportKind *find_kind(const char *name) {
    for (size_t i = 0; i < KINDS_COUNT; i++)
        if (strcmp(KINDS[i].name, name) == 0)
            return &KINDS[i];
    return NULL;
}

static bool no_such_kind(const char *name, Err *err) {
    Buf all = {0};
    for (size_t i = 0; i < KINDS_COUNT; i++)
        buf_printf(&all, i ? ", %s" : "%s", KINDS[i].name);
    err_set(err, "KIND is \"%.100s\", expected %s", name, all.bytes);
    buf_free(&all);
    return false;
}

static bool check_command(const Options *options, Err *err) {
    const ExportKind *kind = find_kind(options->operand);
    return kind ? kind->check(options, err) : no_such_kind(options->operand, err);
}

static bool run_command(const Options *options, Err *err) {
    return find_kind(options->operand)->run(options, err);
}

const Command command_export = {
    .name = "export",
    .summary = "writes what a run made into a file for other programs",
    .details =
        "data: the numbers of --record, or of one --head of it. The name's ending says how: .csv, "
        ".npy, .json or .safetensors. Each file tells model, prompt, options and version.",
    .takes = TAKES_EXPORT_DATA,
    .needs = OPT(OUTPUT),
    .operand = "KIND",
    .one_input = true,
    .picks_head = true,
    .check = check_command,
    .run = run_command,
};
