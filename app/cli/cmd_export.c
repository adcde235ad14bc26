/* attnscope export: what a run made, as a file for other programs. */
#include "app/cli/export_data.h"
#include "app/cli/export_figure.h"

#include <string.h>

typedef struct {
    const char *name;
    OptSet takes;
    bool (*check)(const Options *options, Err *err);
    bool (*run)(const Options *options, Err *err);
} ExportKind;

static const ExportKind KINDS[] = {
    {"data", TAKES_EXPORT_DATA, export_data_check, export_data},
    {"heatmap", TAKES_EXPORT_FIGURE, export_figure_check, export_figure},
    {"grid", TAKES_EXPORT_FIGURE, export_figure_check, export_figure},
    {"lines", TAKES_EXPORT_FIGURE, export_figure_check, export_figure},
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

static bool check_options(const ExportKind *kind, const Options *options, Err *err) {
    char room[80];
    for (int id = 0; id < OPT_COUNT; id++)
        if (option_given(options, (OptId)id) && !(kind->takes >> id & 1))
            return err_set(err, "%s has no meaning for export %s",
                           option_shape((OptId)id, room, sizeof room), kind->name);
    return kind->check(options, err);
}

static bool check_command(const Options *options, Err *err) {
    const ExportKind *kind = find_kind(options->operand);
    return kind ? check_options(kind, options, err) : no_such_kind(options->operand, err);
}

static bool run_command(const Options *options, Err *err) {
    return find_kind(options->operand)->run(options, err);
}

const Command command_export = {
    .name = "export",
    .summary = "writes what a run made into a file for other programs",
    .details =
        "data: the numbers of --record, or of one --head of it. The name's ending says how: .csv, "
        ".npy, .json or .safetensors.\n"
        "heatmap: a figure of --stage, a cell a number; of three axes --head picks one head.\n"
        "grid: a figure of the same stage in all blocks and heads, on one scale.\n"
        "lines: a figure of an attention pattern, from query tokens to key tokens.\n"
        "A figure's name ends in .png, .svg or .pdf. Each file tells model, prompt, options and "
        "version.",
    .takes = TAKES_EXPORT_DATA | OF_EXPORT_FIGURE,
    .needs = OPT(OUTPUT),
    .operand = "KIND",
    .one_input = true,
    .picks_head = true,
    .check = check_command,
    .run = run_command,
};
