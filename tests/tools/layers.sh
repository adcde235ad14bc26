#!/bin/sh
# Checks the layers: nothing includes what stands above it, each library is known in its own place
# only, and the engine links alone, prints nothing and never exits. Prints file:line of each fault.
# `make layers` builds build/test/engine_alone first.
set -eu
cd "$(dirname "$0")/../.."

# Folder: what its files may include. app/*.c, the program itself, puts everything together.
LAYERS='
engine/base: engine/base
engine/tensor: engine/base engine/tensor
engine/ops: engine/base engine/tensor engine/ops
engine/trace: engine/base engine/tensor engine/ops engine/trace
engine/text: engine/base engine/text
engine/model: engine/base engine/tensor engine/ops engine/trace engine/text engine/model
engine/model/families: engine/model
engine/run: engine/base engine/tensor engine/ops engine/trace engine/text engine/model engine/run
app/ui: engine/base app/ui
app/sdl: engine/base app/ui app/sdl
app/lesson: engine app/ui app/lesson
app/views: engine app/ui app/lesson app/views
app/export: engine app/ui app/export
app/cli: engine app/ui app/lesson app/views app/export app/cli
app: engine app
'
# Header: the folders that know it. What is not listed is free (the C library, cJSON).
LIBRARIES='
SDL: app/sdl app
png.h: app/sdl app/export
fontconfig/: app/sdl app/export
cairo: app/export
pango: app/export
glib: app/export
dlfcn.h: app/export
pcre2.h: engine/text
utf8proc.h: engine/base engine/text app/ui app/cli
pthread.h: engine/base
sys/mman.h: engine/base
dirent.h: engine/base
'
# A view is the files that begin with its word: stage.c, stage_part.h. It may include its own and
# these; only the window puts views together.
SHARED_VIEWS='view state words common'
ALL_VIEWS='app/views/window_view.c'

passed=0 failed=0
check() { # NAME FAULTS
    if [ -z "$2" ]; then
        passed=$((passed + 1))
        echo "ok: $1"
    else
        failed=$((failed + 1))
        echo "$2"
        echo "not ok: $1"
    fi
}

files=$(find engine app -name '*.[ch]' | sort)
[ -n "$files" ] || { echo "layers: no sources here" >&2; exit 1; }
# shellcheck disable=SC2086
faults=$(awk -v layers="$LAYERS" -v libraries="$LIBRARIES" -v shared="$SHARED_VIEWS" \
    -v all_views="$ALL_VIEWS" '
    function folder_of(path) { sub(/\/[^\/]*$/, "", path); return path }
    function view_of(path) { sub(/^.*\//, "", path); sub(/[_.].*$/, "", path); return path }
    function fault(why) { printf "%s:%d: includes %s: %s\n", FILENAME, FNR, header, why }
    function read_table(text, table,   n, line, i, colon) {
        n = split(text, line, "\n")
        for (i = 1; i <= n; i++) {
            colon = index(line[i], ": ")
            if (colon) table[substr(line[i], 1, colon - 1)] = substr(line[i], colon + 2)
        }
    }
    # Whether one of the words is the folder, or stands above it where `deep`.
    function among(folder, words, deep,   n, word, i) {
        n = split(words, word, " ")
        for (i = 1; i <= n; i++)
            if (folder == word[i] || (deep && index(folder "/", word[i] "/") == 1)) return 1
        return 0
    }
    function view_may() {
        return FILENAME == all_views || view_of(header) == view_of(FILENAME) ||
            among(view_of(header), shared, 0)
    }
    function check_own() {
        if (!(folder in layer)) fault("the folder " folder " is in no layer")
        else if (!among(folder_of(header), layer[folder], 1))
            fault(folder " may include only " layer[folder])
        else if (folder == "app/views" && folder_of(header) == "app/views" && !view_may())
            fault("one view knows no other")
    }
    function check_library(   start) {
        for (start in library)
            if (index(header, start) == 1 && !among(folder, library[start], 0))
                fault("only " library[start] " may know it")
    }
    BEGIN { read_table(layers, layer); read_table(libraries, library) }
    FNR == 1 { folder = folder_of(FILENAME) }
    /^[ \t]*#[ \t]*include/ {
        header = $0
        sub(/^[ \t]*#[ \t]*include[ \t]*[<"]/, "", header)
        sub(/[>"].*$/, "", header)
        if (header ~ /^(engine|app)\//) check_own()
        else if ($0 ~ /"/) fault("a path begins at the root of the repository")
        else check_library()
    }' $files)
check "includes go down, libraries stay in their place" "$faults"

if [ -x build/test/engine_alone ]; then
    faults=$( (ldd build/test/engine_alone; nm build/test/engine_alone) |
        grep -E 'SDL|libpng|fontconfig|X11' || true)
    check "the engine links without SDL" "$faults"
    objects=$(find engine -name '*.c' | sed 's,^\(.*\)\.c$,build/obj/test/\1.o,' | sort)
    # shellcheck disable=SC2086
    faults=$(nm -A -u $objects 2>&1 | grep -E \
        ' U (printf|vprintf|puts|putchar|perror|stdout|stderr|__printf_chk|__vprintf_chk|exit|_exit|quick_exit)(@|$)|No such file' ||
        true)
    check "the engine prints nothing and never exits" "$faults"
else
    check "the engine links without SDL" "build/test/engine_alone is missing: run make layers"
fi

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
