/* engine/base: errors, memory, text, files, JSON, UTF-8, threads. */
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/thread.h"
#include "engine/base/utf8.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ELLIPSIS "\xe2\x80\xa6"
#define REPEATS 600

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

#define assert_contains(text, part)                                                                \
    do {                                                                                           \
        if (!strstr((text), (part)))                                                               \
            fail_msg("\"%s\" does not contain \"%s\"", (text), (part));                            \
    } while (0)

/* ---- err ---- */

static void err_says_what_it_is_given(void **state) {
    (void)state;
    Err err;
    assert_false(err_set(&err, "%s: %d", "config.json", 7));
    assert_string_equal(err.text, "config.json: 7");
    assert_false(err_prefix(&err, "model %s", "story"));
    assert_string_equal(err.text, "model story: config.json: 7");
    assert_false(err_set(NULL, "nobody listens"));
    assert_false(err_prefix(NULL, "nobody listens"));
}

static void err_hides_control_characters(void **state) {
    (void)state;
    Err err;
    err_set(&err, "a%cb\x1b[31m\x7f%s", '\n', "\t\xea\xb0\x80");
    assert_string_equal(err.text, "a?b?[31m??\xea\xb0\x80");
}

/* Whatever the alignment of the border, no character is cut in two. */
static void err_is_cut_between_characters(void **state) {
    (void)state;
    static const char *const characters[] = {"a", "\xc3\xa9", "\xea\xb0\x80", "\xf0\x9f\x98\x80"};
    for (int c = 0; c < 4; c++)
        for (int shift = 0; shift < 5; shift++) {
            Buf text = {0};
            buf_add(&text, "xxxxx", (size_t)shift);
            for (int i = 0; i < 2 * REPEATS; i++)
                buf_text(&text, characters[c]);
            Err err;
            err_set(&err, "%s", buf_cstr(&text));
            size_t length = strlen(err.text);
            assert_in_range(length, ERR_TEXT_SIZE - 5, ERR_TEXT_SIZE - 1);
            assert_true(utf8_valid(err.text, length));
            assert_true(ends_with(err.text, ELLIPSIS));
            assert_memory_equal(err.text, text.bytes, length - strlen(ELLIPSIS));
            buf_free(&text);
        }
}

static void err_prefix_cuts_too(void **state) {
    (void)state;
    for (int shift = 0; shift < 8; shift++) {
        Err err;
        Buf name = {0};
        buf_add(&name, "xxxxxxxx", (size_t)shift);
        for (int i = 0; i < REPEATS / 3; i++)
            buf_text(&name, "\xea\xb0\x80");
        err_set(&err, "%s", buf_cstr(&name));
        err_prefix(&err, "%s", buf_cstr(&name));
        assert_true(utf8_valid(err.text, strlen(err.text)));
        assert_true(ends_with(err.text, ELLIPSIS) == (2 * name.size + 2 >= ERR_TEXT_SIZE));
        err_prefix(&err, "%s%s", buf_cstr(&name), buf_cstr(&name));
        assert_true(utf8_valid(err.text, strlen(err.text)));
        assert_true(ends_with(err.text, ELLIPSIS));
        buf_free(&name);
    }
}

/* ---- arena ---- */

static void arena_is_aligned_and_zeroed(void **state) {
    (void)state;
    Arena arena = {0};
    for (int round = 0; round < 2; round++) {
        for (size_t size = 0; size < 300; size += 7) {
            unsigned char *memory = arena_alloc(&arena, size);
            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % 64, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(memory[i], 0);
            memset(memory, 0xA5, size);
        }
        arena_reset(&arena);
    }
    arena_free(&arena);
    assert_int_equal(arena.total, 0);
}

static void arena_reserves_one_piece(void **state) {
    (void)state;
    enum { PIECE = 100000, PIECES = 50 };
    Arena arena = {0};
    char *start = NULL;
    for (int round = 0; round < 3; round++) {
        assert_true(arena_reserve(&arena, PIECES * arena_room(PIECE)));
        char *first = arena_try_raw(&arena, PIECE);
        if (round > 0)
            assert_ptr_equal(first, start); /* the touched memory again */
        start = first;
        for (size_t i = 1; i < PIECES; i++)
            assert_ptr_equal(arena_try_raw(&arena, PIECE), first + i * arena_room(PIECE));
        memset(first, 7, PIECES * arena_room(PIECE));
        arena_reset(&arena);
    }
    /* arena_try zeroes what was written, arena_try_raw does not. */
    char *zeroed = arena_try(&arena, PIECE);
    assert_int_equal(zeroed[PIECE - 1], 0);
    assert_int_equal(((char *)arena_try_raw(&arena, 10))[5], 7);
    arena_reset(&arena);
    /* A larger piece takes the place of a smaller one. */
    size_t total = arena.total;
    assert_true(arena_reserve(&arena, total * 2));
    assert_true(arena.total < 3 * total + 4096);
    /* One that is far too large is not held for a small one. */
    assert_true(arena_reserve(&arena, (size_t)200 << 20));
    arena_reset(&arena);
    assert_true(arena_reserve(&arena, PIECE));
    assert_true(arena.total < (size_t)8 << 20);
    assert_false(arena_reserve(&arena, SIZE_MAX));
    assert_null(arena_try_raw(&arena, SIZE_MAX - 3));
    arena_free(&arena);
}

static void arena_grows_without_moving(void **state) {
    (void)state;
    enum { COUNT = 60 };
    Arena arena = {0};
    unsigned char *block[COUNT];
    size_t size[COUNT];
    for (int i = 0; i < COUNT; i++) {
        size[i] = (size_t)(i * i) * 97 + 1;
        block[i] = arena_alloc(&arena, size[i]);
        memset(block[i], i + 1, size[i]);
    }
    for (int i = 0; i < COUNT; i++)
        for (size_t k = 0; k < size[i]; k++)
            if (block[i][k] != i + 1)
                fail_msg("block %d overlaps another at byte %zu", i, k);
    size_t big = (size_t)5 * 1024 * 1024;
    unsigned char *huge = arena_alloc(&arena, big);
    assert_int_equal((uintptr_t)huge % 64, 0);
    assert_int_equal(huge[0] + huge[big - 1], 0);
    assert_true(arena.total >= big);
    arena_free(&arena);
}

static void arena_reset_keeps_the_first_chunk(void **state) {
    (void)state;
    Arena arena = {0};
    void *first = arena_alloc(&arena, 10);
    size_t total = arena.total;
    for (int i = 0; i < 20; i++)
        arena_alloc(&arena, 50000);
    assert_true(arena.total > total);
    arena_reset(&arena);
    assert_int_equal(arena.total, total);
    assert_ptr_equal(arena_alloc(&arena, 10), first);
    arena_free(&arena);
    arena_reset(&arena); /* an empty one, too */
    arena_free(&arena);
}

/* A large chunk comes from the system and is zeroed only where it was used. */
static void arena_zeroes_a_used_large_chunk(void **state) {
    (void)state;
    enum { MEGABYTE = 1024 * 1024 };
    Arena arena = {0};
    for (size_t used = 0; used < 5; used++) {
        memset(arena_alloc(&arena, 4 * MEGABYTE), 0xA5, used * MEGABYTE);
        arena_reset(&arena);
        for (size_t part = 0; part < 4; part++) {
            const unsigned char *memory = arena_alloc(&arena, MEGABYTE);
            assert_int_equal((uintptr_t)memory % 64, 0);
            for (size_t i = 0; i < MEGABYTE; i++)
                if (memory[i] != 0)
                    fail_msg("byte %zu of part %zu is %d", i, part, memory[i]);
        }
        arena_reset(&arena);
    }
    arena_free(&arena);
}

static void arena_copies_text(void **state) {
    (void)state;
    Arena arena = {0};
    assert_string_equal(arena_copy_text(&arena, "abc"), "abc");
    char *bytes = arena_copy_bytes(&arena, "a\0b", 3);
    assert_memory_equal(bytes, "a\0b", 4);
    assert_string_equal(arena_copy_bytes(&arena, NULL, 0), "");
    assert_string_equal(arena_printf(&arena, "%d-%s", 12, "x"), "12-x");
    assert_int_equal(strlen(arena_printf(&arena, "%0200000d", 1)), 200000);
    arena_free(&arena);
}

static void arena_try_refuses_what_cannot_be(void **state) {
    (void)state;
    Arena arena = {0};
    assert_null(arena_try(&arena, SIZE_MAX));
    assert_null(arena_try(&arena, SIZE_MAX - 64));
    assert_null(arena_try(&arena, SIZE_MAX / 2));
    assert_int_equal(arena.total, 0);
    assert_non_null(arena_try(&arena, 8)); /* and is whole afterwards */
    arena_free(&arena);
}

static int signal_of(void (*f)(Arena *)) {
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        Arena arena = {0};
        f(&arena);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void overflowing_count(Arena *arena) {
    arena_alloc_n(arena, SIZE_MAX / 8 + 2, 8);
}

static void fitting_count(Arena *arena) {
    arena_alloc_n(arena, 100, 8);
}

static void arena_checks_products(void **state) {
    (void)state;
    assert_int_equal(signal_of(overflowing_count), SIGABRT);
    assert_int_equal(signal_of(fitting_count), 0);
    size_t result = 0;
    assert_true(size_mul(SIZE_MAX / 2, 2, &result));
    assert_int_equal(result, SIZE_MAX - 1);
    assert_false(size_mul(SIZE_MAX / 2 + 1, 2, &result));
    assert_true(size_mul(SIZE_MAX, 0, &result));
    assert_int_equal(result, 0);
    assert_true(size_add(SIZE_MAX - 1, 1, &result));
    assert_int_equal(result, SIZE_MAX);
    assert_false(size_add(SIZE_MAX, 1, &result));
}

/* ---- buf ---- */

static void buf_grows(void **state) {
    (void)state;
    Buf buf = {0};
    assert_string_equal(buf_cstr(&buf), "");
    buf_clear(&buf);
    for (int i = 0; i < 10000; i++)
        buf_char(&buf, (char)('a' + i % 26));
    assert_int_equal(buf.size, 10000);
    assert_int_equal(strlen(buf.bytes), 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(buf.bytes[i], 'a' + i % 26);
    buf_clear(&buf);
    assert_string_equal(buf_cstr(&buf), "");
    buf_free(&buf);
    assert_null(buf.bytes);
}

static void buf_takes_bytes_and_formats(void **state) {
    (void)state;
    Buf buf = {0};
    buf_add(&buf, "a\0b", 3);
    buf_add(&buf, NULL, 0);
    buf_text(&buf, "cd");
    buf_printf(&buf, "%05d", 42);
    assert_int_equal(buf.size, 10);
    assert_memory_equal(buf.bytes, "a\0bcd00042", 11);
    buf_printf(&buf, "%0300d", 7);
    assert_int_equal(buf.size, 310);
    assert_int_equal(buf.bytes[309], '7');
    assert_int_equal(buf.bytes[310], '\0');
    buf_free(&buf);
}

/* ---- file ---- */

typedef struct {
    Arena arena;
    char *folder;
} Place;

static int place_set_up(void **state) {
    Place *place = calloc(1, sizeof *place);
    if (!place)
        return -1;
    const char *where = getenv("TMPDIR");
    place->folder = arena_printf(&place->arena, "%s/base-XXXXXX", where ? where : "/tmp");
    *state = place;
    return mkdtemp(place->folder) ? 0 : -1;
}

static int place_tear_down(void **state) {
    Place *place = *state;
    chmod(place->folder, 0700);
    DIR *folder = opendir(place->folder);
    if (!folder)
        return -1;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            remove(file_join(&place->arena, place->folder, entry->d_name));
    closedir(folder);
    rmdir(place->folder);
    arena_free(&place->arena);
    free(place);
    return 0;
}

static char *path_of(Place *place, const char *name) {
    return file_join(&place->arena, place->folder, name);
}

static int files_in(const char *path) {
    int count = 0;
    DIR *folder = opendir(path);
    if (!folder)
        return -1;
    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void write_whole(const char *path, const char *text) {
    Err err;
    FileOut *out = file_create(path, &err);
    if (!out)
        fail_msg("%s", err.text);
    file_write(out, text, strlen(text));
    assert_true(file_commit(out, &err));
}

static void assert_holds(const char *path, const char *text) {
    Err err;
    FileMap map;
    if (!file_map(path, &map, &err))
        fail_msg("%s", err.text);
    assert_int_equal(map.size, strlen(text));
    assert_memory_equal(map.bytes, text, map.size);
    file_unmap(&map);
}

static void file_map_reads(void **state) {
    Place *place = *state;
    Err err;
    FileMap map;
    char *path = path_of(place, "a");
    write_whole(path, "hello");
    assert_true(file_map(path, &map, &err));
    assert_true(map.mapped);
    assert_int_equal(map.size, 5);
    assert_memory_equal(map.bytes, "hello", 5);
    file_unmap(&map);
    assert_int_equal(map.size, 0);
    file_unmap(&map); /* twice does no harm */
    write_whole(path, "");
    assert_true(file_map(path, &map, &err));
    assert_non_null(map.bytes);
    assert_int_equal(map.size, 0);
    file_unmap(&map);
}

static void file_map_says_why_not(void **state) {
    Place *place = *state;
    Err err;
    FileMap map;
    char *path = path_of(place, "missing");
    assert_false(file_map(path, &map, &err));
    assert_contains(err.text, path);
    assert_contains(err.text, "No such file");
    assert_non_null(map.bytes);
    file_unmap(&map); /* after a failure, too */
    assert_false(file_map(place->folder, &map, &err));
    assert_contains(err.text, place->folder);
    assert_contains(err.text, "is a folder");
}

/* A pipe does not know its size and holds less than what is written. */
static void file_map_reads_a_pipe(void **state) {
    Place *place = *state;
    enum { SIZE = 300000 };
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        static unsigned char bytes[SIZE];
        for (int i = 0; i < SIZE; i++)
            bytes[i] = (unsigned char)(i * 7);
        close(ends[0]);
        for (size_t at = 0; at < SIZE;) {
            ssize_t sent = write(ends[1], bytes + at, SIZE - at);
            if (sent <= 0)
                _exit(1);
            at += (size_t)sent;
        }
        _exit(0);
    }
    close(ends[1]);
    Err err;
    FileMap map;
    bool ok = file_map(arena_printf(&place->arena, "/dev/fd/%d", ends[0]), &map, &err);
    close(ends[0]);
    waitpid(child, NULL, 0);
    if (!ok)
        fail_msg("%s", err.text);
    assert_int_equal(map.size, SIZE);
    for (int i = 0; i < SIZE; i++)
        if (map.bytes[i] != (unsigned char)(i * 7))
            fail_msg("byte %d differs", i);
    file_unmap(&map);
}

static void file_read_text_has_a_limit(void **state) {
    Place *place = *state;
    Err err;
    char *text = NULL, *path = path_of(place, "a");
    size_t size = 0;
    write_whole(path, "hello");
    assert_true(file_read_text(path, 5, &place->arena, &text, &size, &err));
    assert_int_equal(size, 5);
    assert_string_equal(text, "hello");
    assert_false(file_read_text(path, 4, &place->arena, &text, &size, &err));
    assert_contains(err.text, "more than 4 bytes");
    assert_false(file_read_text(path_of(place, "b"), 4, &place->arena, &text, &size, &err));
}

static void file_names_and_folders(void **state) {
    Place *place = *state;
    Err err;
    Arena *arena = &place->arena;
    assert_string_equal(file_join(arena, "a", "b"), "a/b");
    assert_string_equal(file_join(arena, "a/", "b"), "a/b");
    assert_string_equal(file_join(arena, "/", "b"), "/b");
    assert_string_equal(file_join(arena, "", "b"), "b");
    char *deep = path_of(place, "x/y//z/");
    assert_true(file_make_folders(deep, &err));
    assert_true(file_make_folders(deep, &err));
    assert_true(file_is_folder(deep));
    assert_true(file_exists(path_of(place, "x/y")));
    char *file = path_of(place, "f");
    write_whole(file, "1");
    assert_true(file_exists(file));
    assert_false(file_is_folder(file));
    assert_false(file_make_folders(path_of(place, "f/g"), &err));
    assert_contains(err.text, "can't make the folder");
    assert_false(file_exists(path_of(place, "f/g")));
    Buf longer = {0};
    for (int i = 0; i < 3000; i++)
        buf_text(&longer, "ab/");
    assert_false(file_make_folders(buf_cstr(&longer), &err));
    assert_true(utf8_valid(err.text, strlen(err.text)));
    buf_free(&longer);
    rmdir(path_of(place, "x/y/z"));
    rmdir(path_of(place, "x/y"));
}

static void file_is_replaced_only_when_whole(void **state) {
    Place *place = *state;
    Err err;
    char *path = path_of(place, "a");
    write_whole(path, "old");
    assert_int_equal(chmod(path, 0640), 0);
    FileOut *out = file_create(path, &err);
    assert_non_null(out);
    file_write(out, "new", 3);
    file_write(out, NULL, 0);
    assert_holds(path, "old");
    assert_true(file_commit(out, &err));
    assert_holds(path, "new");
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    out = file_create(path, &err);
    assert_non_null(out);
    file_write(out, "thrown away", 11);
    file_discard(out);
    assert_holds(path, "new");
    assert_int_equal(files_in(place->folder), 1);
}

/* A limit on the size of files stands for a full disk. */
static void file_write_error_leaves_the_old_file(void **state) {
    Place *place = *state;
    Err err;
    char *path = path_of(place, "a");
    write_whole(path, "old");
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    FileOut *out = file_create(path, &err);
    bool ok = true;
    if (out) {
        for (int i = 0; i < 100; i++)
            file_write(out, "0123456789012345678901234567890123456789", 40);
        ok = file_commit(out, &err);
    }
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    assert_non_null(out);
    assert_false(ok);
    assert_contains(err.text, path);
    assert_contains(err.text, "File too large");
    assert_holds(path, "old");
    assert_int_equal(files_in(place->folder), 1);
}

static void file_written_in_place_reports_at_the_end(void **state) {
    (void)state;
    if (!file_exists("/dev/full"))
        skip();
    Err err;
    FileOut *out = file_create("/dev/full", &err);
    assert_non_null(out);
    file_write(out, "x", 1);
    assert_false(file_commit(out, &err));
    assert_contains(err.text, "/dev/full");
    assert_contains(err.text, "No space left");
    assert_true(file_exists("/dev/full"));
}

/* A link stays a link: what it points at is written, whether it was there or not. */
static void file_create_writes_through_links(void **state) {
    Place *place = *state;
    Err err;
    char *link = path_of(place, "link"), *real = path_of(place, "real"), *text;
    size_t size;
    assert_int_equal(symlink(real, link), 0);
    for (int i = 0; i < 2; i++) {
        FileOut *out = file_create(link, &err);
        assert_non_null(out);
        file_write(out, i ? "b" : "aa", i ? 1 : 2);
        assert_true(file_commit(out, &err));
        assert_true(file_read_text(real, 8, &place->arena, &text, &size, &err));
        assert_string_equal(text, i ? "b" : "aa");
        struct stat info;
        assert_int_equal(lstat(link, &info), 0);
        assert_true(S_ISLNK(info.st_mode));
    }
}

/* What has no end is not read to its end; what says that it is empty may not be. */
static void file_read_text_of_devices(void **state) {
    Place *place = *state;
    Err err;
    char *text;
    size_t size;
    assert_false(file_read_text("/dev/zero", 1000, &place->arena, &text, &size, &err));
    assert_contains(err.text, "/dev/zero: more than 1000 bytes");
    if (file_exists("/proc/self/status")) {
        assert_true(file_read_text("/proc/self/status", 100000, &place->arena, &text, &size, &err));
        assert_true(size > 0);
    }
}

static void folders_are_listed(void **state) {
    Place *place = *state;
    const char **names;
    write_whole(path_of(place, "b"), "");
    write_whole(path_of(place, "a"), "");
    assert_int_equal(file_list(place->folder, &place->arena, &names), 2);
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "b");
    assert_int_equal(file_list(path_of(place, "missing"), &place->arena, &names), 0);
}

static void file_create_says_why_not(void **state) {
    Place *place = *state;
    Err err;
    assert_null(file_create(path_of(place, "missing/a"), &err));
    assert_contains(err.text, "missing/a");
    assert_contains(err.text, "No such file");
    assert_null(file_create(place->folder, &err));
    assert_contains(err.text, "is a folder");
}

static void file_create_respects_permissions(void **state) {
    Place *place = *state;
    if (geteuid() == 0)
        skip(); /* nothing is read-only for root */
    Err err;
    char *path = path_of(place, "a");
    write_whole(path, "old");
    assert_int_equal(chmod(path, 0400), 0);
    assert_null(file_create(path, &err));
    assert_contains(err.text, "Permission denied");
    assert_holds(path, "old");
    assert_int_equal(chmod(place->folder, 0500), 0);
    assert_null(file_create(path_of(place, "b"), &err));
    assert_contains(err.text, "Permission denied");
    assert_false(file_make_folders(path_of(place, "c/d"), &err));
}

/* ---- json ---- */

static cJSON *parse(const char *text) {
    Err err;
    cJSON *value = json_parse(text, strlen(text), "f.json", &err);
    if (!value)
        fail_msg("%s", err.text);
    return value;
}

static void json_parse_takes_one_whole_value(void **state) {
    (void)state;
    static const char *const good[] = {"{}", " [1, 2]\r\n\t ", "null", "\"a\"", "-1.5e3"};
    static const char *const bad[] = {"",     " ",       "{",       "[1,]",     "{\"a\":}",
                                      "{} x", "nul",     "\"a",     "{}{}",     "[1 2]",
                                      "\xff", "{'a':1}", "[1]\x01", "\"\\u12\""};
    Err err;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cJSON_Delete(parse(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err.text[0] = '\0';
        if (json_parse(bad[i], strlen(bad[i]), "f.json", &err))
            fail_msg("\"%s\" was taken for JSON", bad[i]);
        assert_contains(err.text, "f.json: ");
    }
    assert_null(json_parse("{}\0{}", 5, "f.json", &err));
    assert_contains(err.text, "f.json: holds a NUL character, at byte 2");
    assert_null(json_parse("\"a\0b\"", 5, "f.json", &err));
    assert_contains(err.text, "at byte 2");
    assert_null(json_parse("{\"a\":1} trailing", 7 - 1, "f.json", &err)); /* cut before the } */
}

static void json_parse_survives_deep_nesting(void **state) {
    (void)state;
    Err err;
    Buf text = {0};
    for (int i = 0; i < 200000; i++)
        buf_char(&text, '[');
    assert_null(json_parse(text.bytes, text.size, "f.json", &err));
    assert_contains(err.text, "not valid JSON");
    buf_free(&text);
}

static void json_int_checks(void **state) {
    (void)state;
    Err err;
    int64_t value = 0;
    cJSON *object = parse("{\"a\": 4, \"b\": \"four\", \"c\": 1.5, \"d\": null, \"e\": 1001, "
                          "\"f\": [1], \"g\": true, \"h\": -0.0, \"i\": 1e999}");
    assert_true(json_int(object, "a", "config.json", 1, 1000, 7, &value, &err));
    assert_int_equal(value, 4);
    assert_true(json_int(object, "d", "config.json", 1, 1000, 7, &value, &err));
    assert_int_equal(value, 7);
    assert_true(json_int(object, "none", "config.json", 1, 1000, -1, &value, &err));
    assert_int_equal(value, -1);
    assert_false(json_int(object, "b", "config.json", 1, 1000, 7, &value, &err));
    assert_string_equal(err.text, "config.json: b is \"four\", expected an integer from 1 to 1000");
    assert_false(json_int(object, "c", "config.json", 1, 1000, 7, &value, &err));
    assert_string_equal(err.text, "config.json: c is 1.5, expected an integer from 1 to 1000");
    assert_false(json_int(object, "e", "config.json", 1, 1000, 7, &value, &err));
    assert_false(json_int(object, "f", "config.json", 1, 1000, 7, &value, &err));
    assert_string_equal(err.text, "config.json: f is a list, expected an integer from 1 to 1000");
    assert_false(json_int(object, "g", "config.json", 0, 1000, 7, &value, &err));
    assert_false(json_int(object, "h", "config.json", 1, 1000, 7, &value, &err));
    assert_true(json_int(object, "h", "config.json", 0, 1000, 7, &value, &err));
    assert_int_equal(value, 0);
    assert_false(json_int(object, "i", "config.json", 0, INT64_MAX, 7, &value, &err));
    assert_false(json_int(object, "A", "config.json", 1, 1000, 7, &value, &err) && value != 7);
    cJSON_Delete(object);
}

static void json_other_getters_check(void **state) {
    (void)state;
    Err err;
    double number = 0;
    bool truth = false;
    const char *text = NULL;
    cJSON *object = parse("{\"a\": 0.25, \"b\": true, \"c\": \"gelu\", \"d\": null, \"e\": {}, "
                          "\"f\": 1e999}");
    assert_true(json_number(object, "a", "f", 1, &number, &err) && number == 0.25);
    assert_true(json_number(object, "d", "f", 1, &number, &err) && number == 1);
    assert_false(json_number(object, "c", "f", 1, &number, &err));
    assert_string_equal(err.text, "f: c is \"gelu\", expected a number");
    assert_false(json_number(object, "f", "f", 1, &number, &err));
    assert_true(json_bool(object, "b", "f", false, &truth, &err) && truth);
    assert_true(json_bool(object, "d", "f", true, &truth, &err) && truth);
    assert_false(json_bool(object, "a", "f", false, &truth, &err));
    assert_string_equal(err.text, "f: a is 0.25, expected true or false");
    assert_true(json_text(object, "c", "f", "x", &text, &err));
    assert_string_equal(text, "gelu");
    assert_true(json_text(object, "d", "f", "x", &text, &err));
    assert_string_equal(text, "x");
    assert_false(json_text(object, "e", "f", "x", &text, &err));
    assert_string_equal(err.text, "f: e is an object, expected a text");
    assert_false(json_text(object, "b", "f", "x", &text, &err));
    assert_string_equal(err.text, "f: b is true, expected a text");
    char room[20];
    assert_string_equal(json_show(NULL, room, sizeof room), "absent");
    cJSON_Delete(object);
}

static void json_quote_makes_json(void **state) {
    (void)state;
    static const char raw[] = "a\"b\\c\n\t\x01\x7f\0\xea\xb0\x80\xff\xf0\x9f\x98\x80\xea\xb0";
    Buf buf = {0};
    json_quote(&buf, raw, sizeof raw - 1);
    assert_string_equal(buf_cstr(&buf),
                        "\"a\\\"b\\\\c\\n\\u0009\\u0001\\u007f\\u0000\xea\xb0\x80" UTF8_REPLACEMENT
                        "\xf0\x9f\x98\x80" UTF8_REPLACEMENT "\"");
    buf_clear(&buf);
    json_quote(&buf, raw, 9); /* without the zero, which cJSON's texts can't hold */
    cJSON *value = parse(buf_cstr(&buf));
    assert_string_equal(value->valuestring, "a\"b\\c\n\t\x01\x7f");
    cJSON_Delete(value);
    buf_free(&buf);
}

/* ---- utf8 ---- */

/* The Unicode standard's own examples of "U+FFFD substitution of maximal subparts" (section 3.9;
 * the fourth to the first: truncated, beyond U+10FFFF, surrogates, not the shortest form). `codes`
 * are what is read, `sizes` the bytes of each. */
typedef struct {
    const char *bytes;
    uint32_t codes[12];
    const char *sizes;
} Utf8Case;

static void utf8_replaces_maximal_parts(void **state) {
    (void)state;
    enum { BAD = 0xFFFD };
    static const Utf8Case cases[] = {
        {"\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64",
         {0x61, BAD, BAD, BAD, 0x62, BAD, 0x63, BAD, BAD, 0x64},
         "1321111111"},
        {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", {BAD, BAD, BAD, BAD, 0x41}, "21321"},
        {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42",
         {BAD, BAD, BAD, BAD, BAD, 0x41, BAD, BAD, 0x42},
         "111111111"},
        {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41",
         {BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, 0x41},
         "111111111"},
        {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41",
         {BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, 0x41},
         "111111111"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        size_t size = strlen(cases[k].bytes), at = 0, n = 0;
        for (; at < size; n++) {
            Utf8Char c = utf8_next(cases[k].bytes + at, size - at);
            assert_int_equal(c.code, cases[k].codes[n]);
            assert_int_equal(c.size, (size_t)(cases[k].sizes[n] - '0'));
            assert_int_equal(c.valid, c.code != BAD);
            assert_false(c.cut);
            at += c.size;
        }
        assert_int_equal(at, size);
        assert_int_equal(n, strlen(cases[k].sizes));
        assert_false(utf8_valid(cases[k].bytes, size));
    }
}

/* Wherever it stands: the check takes ASCII eight bytes at a time. */
static void utf8_finds_the_first_bad_byte(void **state) {
    (void)state;
    enum { SIZE = 24 };
    char text[SIZE];
    for (size_t bad = 0; bad < SIZE; bad++)
        for (size_t wide = 0; wide + 3 <= SIZE; wide++) {
            memset(text, 'a', SIZE);
            memcpy(text + wide, "한", 3);
            assert_int_equal(utf8_bad_at(text, SIZE), SIZE);
            bool inside = bad >= wide && bad < wide + 3;
            text[bad] = '\xff';
            assert_int_equal(utf8_bad_at(text, SIZE), inside ? wide : bad);
            assert_int_equal(utf8_bad_at(text, bad), inside ? wide : bad);
        }
}

static void utf8_round_trip_of_every_character(void **state) {
    (void)state;
    for (uint32_t code = 0; code <= 0x110010; code++) {
        char bytes[4];
        size_t size = utf8_encode(code, bytes);
        bool scalar = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
        if ((size != 0) != scalar)
            fail_msg("U+%04X: %zu bytes", code, size);
        if (!scalar)
            continue;
        Utf8Char c = utf8_next(bytes, size);
        if (!c.valid || c.code != code || c.size != size || !utf8_valid(bytes, size))
            fail_msg("U+%04X was read as U+%04X", code, c.code);
        for (size_t part = 1; part < size; part++) {
            c = utf8_next(bytes, part);
            if (c.valid || !c.cut || c.size != part)
                fail_msg("U+%04X cut after %zu bytes", code, part);
        }
    }
    assert_int_equal(utf8_next("", 0).size, 0);
    assert_true(utf8_valid("", 0));
}

/* ---- threads ---- */

typedef struct {
    _Atomic int *hits;
    _Atomic int calls, small; /* pieces; those of fewer than `grain` items */
    size_t count, grain;
} Cover;

static void cover_job(void *user, size_t first, size_t last) {
    Cover *cover = user;
    atomic_fetch_add(&cover->calls, 1);
    if (last - first < cover->grain && last != cover->count)
        atomic_fetch_add(&cover->small, 1);
    for (size_t i = first; i < last && i < cover->count; i++)
        atomic_fetch_add(&cover->hits[i], 1);
}

static void check_cover(ThreadPool *pool, size_t count, size_t grain) {
    Cover cover = {.count = count, .grain = grain};
    cover.hits = calloc(count + 1, sizeof *cover.hits);
    assert_non_null(cover.hits);
    thread_pool_run(pool, count, grain, cover_job, &cover);
    for (size_t i = 0; i < count; i++)
        if (cover.hits[i] != 1)
            fail_msg("item %zu of %zu was done %d times", i, count, cover.hits[i]);
    assert_int_equal(cover.small, 0);
    assert_int_equal(cover.calls > 0, count > 0);
    free(cover.hits);
}

static void pool_covers_each_item_once(void **state) {
    (void)state;
    static const int threads[] = {1, 2, 3, 8};
    static const size_t counts[] = {0, 1, 2, 3, 7, 64, 1000, 4099};
    static const size_t grains[] = {0, 1, 5, 64, 5000};
    for (int t = 0; t < 4; t++) {
        ThreadPool *pool = thread_pool_new(threads[t]);
        for (int c = 0; c < 8; c++)
            for (int g = 0; g < 5; g++)
                check_cover(pool, counts[c], grains[g]);
        thread_pool_free(pool);
    }
    check_cover(NULL, 100, 1);
    thread_pool_free(NULL);
}

/* Many short rounds: a worker that comes late to one must not spoil the next. */
static void pool_runs_round_after_round(void **state) {
    (void)state;
    ThreadPool *pool = thread_pool_new(3);
    for (size_t round = 0; round < 2000; round++)
        check_cover(pool, round % 17, 1);
    thread_pool_free(pool);
    for (int i = 0; i < 50; i++)
        thread_pool_free(thread_pool_new(4)); /* without any work */
}

static void slow_job(void *user, size_t first, size_t last) {
    usleep(first % 3 == 0 ? 400 : 1);
    cover_job(user, first, last);
}

/* Pauses and pieces so long that workers and caller stop spinning, and sleep. */
static void pool_sleeps_and_wakes(void **state) {
    (void)state;
    ThreadPool *pool = thread_pool_new(3);
    for (size_t round = 0; round < 60; round++) {
        _Atomic int hits[12] = {0};
        Cover cover = {.hits = hits, .count = 12, .grain = 1};
        if (round % 2)
            usleep(300);
        thread_pool_run(pool, 12, 1, slow_job, &cover);
        for (int i = 0; i < 12; i++)
            assert_int_equal(hits[i], 1);
    }
    thread_pool_free(pool);
}

static void clock_and_count(void **state) {
    (void)state;
    assert_true(thread_count() >= 1);
    unsigned long long before = time_now_ns();
    usleep(2000);
    unsigned long long after = time_now_ns();
    assert_in_range(after - before, 2000000, 60000000000);
}

int main(void) {
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, place_set_up, place_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(err_says_what_it_is_given),
        cmocka_unit_test(err_hides_control_characters),
        cmocka_unit_test(err_is_cut_between_characters),
        cmocka_unit_test(err_prefix_cuts_too),
        cmocka_unit_test(arena_is_aligned_and_zeroed),
        cmocka_unit_test(arena_reserves_one_piece),
        cmocka_unit_test(arena_grows_without_moving),
        cmocka_unit_test(arena_reset_keeps_the_first_chunk),
        cmocka_unit_test(arena_zeroes_a_used_large_chunk),
        cmocka_unit_test(arena_copies_text),
        cmocka_unit_test(arena_try_refuses_what_cannot_be),
        cmocka_unit_test(arena_checks_products),
        cmocka_unit_test(buf_grows),
        cmocka_unit_test(buf_takes_bytes_and_formats),
        IN_PLACE(file_map_reads),
        IN_PLACE(file_map_says_why_not),
        IN_PLACE(file_map_reads_a_pipe),
        IN_PLACE(file_read_text_has_a_limit),
        IN_PLACE(file_names_and_folders),
        IN_PLACE(file_is_replaced_only_when_whole),
        IN_PLACE(file_write_error_leaves_the_old_file),
        cmocka_unit_test(file_written_in_place_reports_at_the_end),
        IN_PLACE(file_create_says_why_not),
        IN_PLACE(file_create_writes_through_links),
        IN_PLACE(file_read_text_of_devices),
        IN_PLACE(folders_are_listed),
        IN_PLACE(file_create_respects_permissions),
        cmocka_unit_test(json_parse_takes_one_whole_value),
        cmocka_unit_test(json_parse_survives_deep_nesting),
        cmocka_unit_test(json_int_checks),
        cmocka_unit_test(json_other_getters_check),
        cmocka_unit_test(json_quote_makes_json),
        cmocka_unit_test(utf8_replaces_maximal_parts),
        cmocka_unit_test(utf8_finds_the_first_bad_byte),
        cmocka_unit_test(utf8_round_trip_of_every_character),
        cmocka_unit_test(pool_covers_each_item_once),
        cmocka_unit_test(pool_runs_round_after_round),
        cmocka_unit_test(pool_sleeps_and_wakes),
        cmocka_unit_test(clock_and_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
