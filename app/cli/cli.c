#include "app/cli/cli.h"

#include "app/cli/command.h"
#include "app/cli/input.h"
#include "engine/base/near.h"
#include "engine/model/knobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COMMAND_ROW(name) &command_##name,
static const Command *const COMMANDS[] = {COMMAND_TABLE(COMMAND_ROW)};
#undef COMMAND_ROW
enum { COMMANDS_COUNT = sizeof COMMANDS / sizeof *COMMANDS };

static const char OPEN_SUMMARY[] = "opens the window (so does attnscope alone)";

static const Command *find_command(const char *name) {
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        if (strcmp(COMMANDS[i]->name, name) == 0)
            return COMMANDS[i];
    return NULL;
}

/* ---- help ---- */

static void print_buf(Buf *text) {
    fwrite(buf_cstr(text), 1, text->size, stdout);
    buf_free(text);
}

static void print_overview(void) {
    printf("Attnscope shows every number that a transformer computes, step by step.\n\n"
           "usage: attnscope COMMAND [options]\n\n");
    printf("  %-9s %s\n", "open", OPEN_SUMMARY);
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        printf("  %-9s %s\n", COMMANDS[i]->name, COMMANDS[i]->summary);
    printf("  %-9s %s\n\n", "help", "prints this, or what help COMMAND is about; help knobs");
    printf("attnscope COMMAND --help lists a command's options; attnscope --version tells the "
           "version.\n"
           "Exit status: 0 done, 1 it could not be done, 2 the command line is wrong.\n");
}

static void print_usage(const Command *command, Buf *text) {
    char room[80];
    bool ids = command->takes & OPT(TOKENS);
    buf_printf(text, "usage: attnscope %s", command->name);
    if (command->operand)
        buf_printf(text, command->instead ? " [%s]" : " %s", command->operand);
    if (command->second)
        buf_printf(text, " [%s]", command->second);
    if (command->one_input)
        buf_printf(text, " (--prompt TEXT | --prompt-file F%s)", ids ? " | --tokens 5,3,9" : "");
    for (int id = 0; id < OPT_COUNT; id++)
        if (command->needs >> id & 1)
            buf_printf(text, " %s", option_shape((OptId)id, room, sizeof room));
    buf_text(text, " [options]\n\n");
}

static void print_knobs(void) {
    Buf text = {0};
    knobs_help(&text);
    printf(
        "Knobs of a model, turned with --set KNOB=VALUE,…; attnscope inspect --model DIR shows "
        "what "
        "they stand at.\n"
        "On a trained model its weights then no longer fit, which is the lesson; those that change "
        "the\nweights' shapes are for fresh models (--random-init SEED --config F.json). Sizes are "
        "those\nof both stacks where there are two, mask and zero_head the decoder's. --mask has "
        "longformer:W:G1,G2 as well.\n\n");
    print_buf(&text);
}

static void print_help(const Command *command) {
    Buf text = {0};
    print_usage(command, &text);
    buf_printf(&text, "attnscope %s %s.\n", command->name, command->summary);
    if (command->details)
        buf_printf(&text, "%s\n", command->details);
    buf_char(&text, '\n');
    options_help(command->takes | OPT(HELP), &text);
    print_buf(&text);
}

/* ---- running ---- */

static int wrong_usage(const char *command, const Err *err) {
    fprintf(stderr, "attnscope: %s: %s (see attnscope %s --help)\n", command, err->text, command);
    return CLI_USAGE;
}

static int unknown_command(const char *name) {
    const char *names[COMMANDS_COUNT + 2] = {"open", "help"};
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        names[i + 2] = COMMANDS[i]->name;
    Buf near = {0};
    Err err;
    if (near_names(name, names, COMMANDS_COUNT + 2, 1, &near))
        err_set(&err, "unknown command %.100s; did you mean %s?", name, near.bytes);
    else
        err_set(&err, "unknown command %.100s", name);
    buf_free(&near);
    fprintf(stderr, "attnscope: %s (see attnscope help)\n", err.text);
    return CLI_USAGE;
}

static bool check_operand(const Command *command, const Options *options, Err *err) {
    char room[80];
    for (int id = 0; id < OPT_COUNT; id++) {
        if (!(command->instead >> id & 1) || !option_given(options, (OptId)id))
            continue;
        return !options->operand ||
               err_set(err, "%s stands in the place of %s: give one of them",
                       option_shape((OptId)id, room, sizeof room), command->operand);
    }
    return options->operand || err_set(err, "%s is missing", command->operand);
}

/* Commands that run both kinds of attention take tiles alone. */
static bool check_attention(const Command *command, const Options *options, Err *err) {
    Options flash = *options;
    const char *mask = option_text(options, OPT_MASK, NULL);
    if (!(command->takes & OPT(ATTENTION)))
        flash.value[OPT_ATTENTION].text = "flash";
    if (command->takes & OPT(TILE) && !input_attention(&flash, &(AttentionOptions){0}, err))
        return false;
    return !mask || mask_parse(mask, &(MaskParams){0}, err) || err_prefix(err, "--mask");
}

static bool has_instead(const Command *command, const Options *options) {
    bool has = false;
    for (int id = 0; id < OPT_COUNT && !command->operand; id++)
        has = has || (command->instead >> id & 1 && option_given(options, (OptId)id));
    return has;
}

/* What the kinds of the single options can't tell. */
static bool check_together(const Command *command, const Options *options, Err *err) {
    int inputs = option_given(options, OPT_PROMPT) + option_given(options, OPT_PROMPT_FILE) +
                 option_given(options, OPT_TOKENS) + option_given(options, OPT_STEPS);
    char room[80];
    if (command->operand && !check_operand(command, options, err))
        return false;
    if (inputs > 1 || (inputs == 0 && command->one_input))
        return err_set(err, "%s, expected one of --prompt, --prompt-file%s%s",
                       inputs ? "more than one input" : "no input",
                       command->takes & OPT(STEPS) ? ", --steps" : "",
                       command->takes & OPT(TOKENS) ? " and --tokens" : "");
    for (int id = 0; id < OPT_COUNT && !has_instead(command, options); id++)
        if (command->needs >> id & 1 && !option_given(options, (OptId)id))
            return err_set(err, "%s is missing", option_shape((OptId)id, room, sizeof room));
    if (option_given(options, OPT_GREEDY) && option_real(options, OPT_TEMPERATURE, 0) > 0)
        return err_set(err, "--greedy is --temperature 0, but --temperature %s is given too",
                       option_text(options, OPT_TEMPERATURE, ""));
    return check_attention(command, options, err) &&
           (!command->check || command->check(options, err));
}

static int run_command(const Command *command, int argc, char **argv, CliPaint *paint) {
    Options options;
    Err err = {0};
    int operands = !command->operand ? 0 : command->second ? 2 : 1;
    bool read = options_read(argc, argv, command->takes | OPT(HELP), operands, &options, &err);
    if (read && option_given(&options, OPT_HELP)) {
        print_help(command);
        return CLI_DONE;
    }
    options.picks_head = command->picks_head;
    if (!read || !check_together(command, &options, &err))
        return wrong_usage(command->name, &err);
    options.paint = paint;
    if (command->run(&options, &err))
        return CLI_DONE;
    fprintf(stderr, "attnscope: %s\n", err.text);
    return CLI_FAILED;
}

static int help_on(const char *name) {
    const Command *command = find_command(name);
    if (command)
        print_help(command);
    else if (strcmp(name, "knobs") == 0)
        print_knobs();
    else if (strcmp(name, "open") == 0)
        printf("attnscope open %s; attnscope open --help lists its options.\n", OPEN_SUMMARY);
    else
        return unknown_command(name);
    return CLI_DONE;
}

static int dispatch(int argc, char **argv, CliPaint *paint) {
    const char *name = argv[1];
    const Command *command = find_command(name);
    if (command)
        return run_command(command, argc - 2, argv + 2, paint);
    if (strcmp(name, "--version") == 0) {
        printf("attnscope " ATTNSCOPE_VERSION "\n");
        return CLI_DONE;
    }
    bool help = strcmp(name, "help") == 0;
    if (help && argc > 2 && strncmp(argv[2], "-", 1) != 0)
        return help_on(argv[2]);
    if (!help && strcmp(name, "--help") != 0 && strcmp(name, "-h") != 0)
        return unknown_command(name);
    print_overview();
    return CLI_DONE;
}

/* A standard stream that the caller has closed must not become the next file that is opened. What
 * is put in its place can't be used, so that writing to it fails as it should. */
static void fill_closed_streams(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1)
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

int cli_main(int argc, char **argv, CliPaint *paint) {
    fill_closed_streams();
    int status = dispatch(argc, argv, paint);
    errno = 0;
    bool failed = fflush(stdout) != 0 || ferror(stdout);
    if (failed && status == CLI_DONE) {
        fprintf(stderr, "attnscope: standard output: %s\n",
                errno ? strerror(errno) : "not everything could be written");
        status = CLI_FAILED;
    }
    return status;
}
