#!/bin/bash
# What the scripts that ask the command line share; they source it. $ATTNSCOPE is the program
# (build/attnscope). A script ends with `finish`.
BIN=$(realpath "${ATTNSCOPE:-build/attnscope}")
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
M=$TMP/models OUT=$TMP/out
mkdir "$M" "$OUT"
unset ATTNSCOPE_ASSETS

passed=0 failed=0 skipped=0
pass() { passed=$((passed + 1)); }
fail() { # NAME WHY
    failed=$((failed + 1))
    echo "FAILED: $1: $2"
}
skip() { skipped=$((skipped + 1)); }

rc=0
run() {
    "$BIN" "$@" >"$TMP/stdout" 2>"$TMP/stderr" </dev/null
    rc=$?
}
out() { cat "$TMP/stdout"; }

# NAME WANTED FOUND
same() {
    if [ "$2" = "$3" ]; then pass; else fail "$1" "expected '$2', found '$3'"; fi
}
# NAME REGEX TEXT
like() {
    if grep -qE -e "$2" <<<"$3"; then pass; else fail "$1" "'$3' is not like '$2'"; fi
}

# NAME STATUS REGEX ARGS…: one line on standard error that is like it, and nothing else anywhere.
refuses() {
    local name=$1 status=$2 regex=$3 why=
    shift 3
    run "$@"
    [ "$rc" = "$status" ] || why="exit $rc, expected $status"
    [ -s "$TMP/stdout" ] && why="$why; there is text on standard output"
    [ "$(wc -l <"$TMP/stderr")" = 1 ] || why="$why; not one line of message"
    grep -qE -e "^attnscope: .*($regex)" "$TMP/stderr" || why="$why; not like '$regex'"
    [ -z "$(ls -A "$OUT")" ] || why="$why; left a file: $(ls -A "$OUT")"
    rm -rf "${OUT:?}"/*
    if [ -z "$why" ]; then pass; else fail "$name" "$why: $(head -c 600 "$TMP/stderr")"; fi
}
# NAME ARGS…: succeeds, with nothing on standard error.
works() {
    local name=$1
    shift
    run "$@"
    if [ "$rc" = 0 ] && [ ! -s "$TMP/stderr" ]; then pass; else
        fail "$name" "exit $rc: $(head -c 600 "$TMP/stderr")"
    fi
}
json() { # NAME ARGS…: succeeds with valid JSON
    works "$@"
    if python3 -m json.tool <"$TMP/stdout" >/dev/null 2>&1; then pass; else
        fail "$1" "no valid JSON: $(head -c 300 "$TMP/stdout")"
    fi
}
get() { # EXPRESSION: of the last JSON, d
    python3 -c "import json, sys; d = json.load(open('$TMP/stdout')); print($1)" 2>&1
}
finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
}
