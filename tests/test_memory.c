/* How much memory is free: files as Linux writes them, of both versions of control groups. */
#include "engine/base/memory.h"

#include "engine/base/arena.h"
#include "engine/base/file.h"
#include "tests/tiny_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MIB ((size_t)1 << 20)

static void put(const char *root, const char *path, const char *text) {
    Arena arena = {0};
    Err err = {{0}};
    char *whole = file_join(&arena, root, path), *name = strrchr(whole, '/');
    *name++ = '\0';
    assert_true(file_make_folders(whole, &err));
    tiny_file_write(whole, name, text, strlen(text));
    arena_free(&arena);
}

static void check(const char *root, MemoryFrom expected, size_t bytes) {
    MemoryFrom from;
    assert_int_equal(memory_free_under(root, &from), bytes);
    assert_int_equal(from, expected);
}

static void the_least_counts(void **state) {
    (void)state;
    char *root = tiny_folder_new();
    check(root, MEMORY_UNKNOWN, 0);
    put(root, "proc/meminfo", "MemTotal: 8192 kB\nMemFree: 1024 kB\nMemAvailable:    4096 kB\n");
    check(root, MEMORY_MACHINE, 4 * MIB);
    /* Version 2: the group is unlimited, the one above it is not, and has 1 MiB of files cached. */
    put(root, "proc/self/cgroup", "0::/jobs/one\n");
    put(root, "sys/fs/cgroup/jobs/one/memory.max", "max\n");
    put(root, "sys/fs/cgroup/jobs/one/memory.current", "1048576\n");
    check(root, MEMORY_MACHINE, 4 * MIB);
    put(root, "sys/fs/cgroup/jobs/memory.max", "4194304\n");
    put(root, "sys/fs/cgroup/jobs/memory.current", "2097152\n");
    put(root, "sys/fs/cgroup/jobs/memory.stat", "anon 1048576\ninactive_file 1048576\n");
    check(root, MEMORY_GROUP, 3 * MIB);
    put(root, "sys/fs/cgroup/jobs/memory.current", "9000000\n");
    check(root, MEMORY_GROUP, 0);
    /* In a container the path may be that of the machine outside: the root still counts. */
    put(root, "proc/self/cgroup", "0::/elsewhere\n");
    put(root, "sys/fs/cgroup/memory.max", "3145728\n");
    put(root, "sys/fs/cgroup/memory.current", "1048576\n");
    check(root, MEMORY_GROUP, 2 * MIB);
    /* Version 1. */
    put(root, "proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a\n");
    check(root, MEMORY_MACHINE, 4 * MIB);
    put(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put(root, "sys/fs/cgroup/memory/memory.usage_in_bytes", "4096\n");
    check(root, MEMORY_MACHINE, 4 * MIB);
    put(root, "sys/fs/cgroup/memory/a/memory.limit_in_bytes", "2097152\n");
    put(root, "sys/fs/cgroup/memory/a/memory.usage_in_bytes", "1048576\n");
    check(root, MEMORY_GROUP, MIB);
    tiny_folder_remove(root);
}

static void nonsense_is_not_known(void **state) {
    (void)state;
    char *root = tiny_folder_new();
    put(root, "proc/meminfo", "MemAvailable: lots\n");
    put(root, "proc/self/cgroup", "0\n::\n:::::\n0::\n");
    check(root, MEMORY_UNKNOWN, 0);
    tiny_folder_remove(root);
}

static void there_is_a_budget(void **state) {
    (void)state;
    MemoryFrom from;
    size_t bytes = memory_budget(&from);
    assert_true(bytes > 0);
    if (from == MEMORY_UNKNOWN)
        assert_int_equal(bytes, 1024 * MIB);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_counts),
        cmocka_unit_test(nonsense_is_not_known),
        cmocka_unit_test(there_is_a_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
