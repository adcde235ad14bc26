/* bench_start: from the command line to the first token. The model is written into a folder once, as
 * its files would lie on a disk (in the system's cache, as after a first use); what is timed is
 * `attnscope generate` on it, a process of its own from its beginning to its end. */
#include "app/cli/bench_shape.h"
#include "engine/base/file.h"
#include "engine/model/shapes.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void remove_folder(ShapeBench *bench) {
    const char **names;
    if (!bench->folder)
        return;
    size_t count = file_list(bench->folder, &bench->arena, &names);
    for (size_t i = 0; i < count; i++)
        unlink(file_join(&bench->arena, bench->folder, names[i]));
    rmdir(bench->folder);
}

static bool write_model(ShapeBench *bench, Err *err) {
    const char *place = getenv("TMPDIR");
    char *folder = file_join(&bench->arena, place && *place ? place : "/tmp",
                             "attnscope-bench-XXXXXX");
    if (!mkdtemp(folder))
        return err_set(err, "%s: %s", folder, strerror(errno));
    bench->folder = folder;
    return shapes_write(bench->model, folder, err);
}

/* "a a a…", which the written tokenizer reads as a token a character. */
static char *prompt_of(ShapeBench *bench) {
    char *prompt = arena_alloc(&bench->arena, bench->length + 1);
    for (size_t i = 0; i < bench->length; i++)
        prompt[i] = i % 2 ? ' ' : 'a';
    return prompt;
}

/* What the child prints goes nowhere, but for its complaints. */
static bool spawn(char *const *arguments, pid_t *child, Err *err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawn(child, "/proc/self/exe", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return !failed || err_set(err, "attnscope generate: %s", strerror(failed));
}

static bool run_start(ShapeBench *bench, double *ms, Err *err) {
    char *arguments[] = {"attnscope",
                         "generate",
                         "--model",
                         bench->folder,
                         "--prompt",
                         prompt_of(bench),
                         "--max-new-tokens",
                         "1",
                         "--threads",
                         arena_printf(&bench->arena, "%d", bench->threads),
                         NULL};
    struct rusage used = {0};
    pid_t child;
    int status = 0;
    unsigned long long start = time_now_ns();
    if (!spawn(arguments, &child, err))
        return false;
    while (wait4(child, &status, 0, &used) < 0 && errno == EINTR)
        continue;
    *ms = bench_since(start);
    size_t most = (size_t)used.ru_maxrss * 1024;
    if (most > bench->peak_bytes)
        bench->peak_bytes = most;
    return status == 0 || err_set(err, "attnscope generate on %s ended with status %d",
                                  bench->folder, WEXITSTATUS(status));
}

static ShapeWork start_work(const ShapeBench *bench) {
    ShapeWork work = bench_prefill.work(bench);
    work.tokens = 1; /* the one that is waited for */
    return work;
}

const ShapeTask bench_start = {.name = "start",
                               .open = write_model,
                               .run = run_start,
                               .work = start_work,
                               .close = remove_folder};
