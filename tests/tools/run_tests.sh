#!/bin/bash
# Runs everything that `make test` has built, and ends with one line that counts it:
#   tests/test_*.c    twice, plain and under ASan and UBSan; each prints TAP (cmocka); those that
#                     check the numbers themselves also on the machine's other instruction sets
#   tests/test_*.sh   twice, with $ATTNSCOPE the released program and the sanitized one; each ends
#                     with its own line "N passed, N failed, N skipped"
#   tests/fuzz/       every fuzzer over its corpus, under ASan and UBSan
#   tests/tools/layers.sh
# `run_tests.sh WORD` runs only what has WORD in its name. Logs stay in build/test-logs.
set -u
cd "$(dirname "$0")/../.."

LOGS=$PWD/build/test-logs
LIMIT=${TEST_TIMEOUT:-400} # seconds for one program
only=${1:-}
rm -rf "$LOGS"
mkdir -p "$LOGS"

# The same surroundings for everyone: no display, no home, a folder of one's own for files.
unset DISPLAY WAYLAND_DISPLAY ATTNSCOPE_LANG
export LC_ALL=C.UTF-8 CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS=allocator_may_return_null=1:detect_stack_use_after_return=1:print_legend=0
export UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS=suppressions=$PWD/tests/tools/lsan.supp:print_suppressions=0
export LOGS LIMIT

# NAME COMMAND…: leaves NAME.log and, in NAME.rc, the exit status.
run() {
    local name=$1 log=$LOGS/${1//\//-}
    shift
    mkdir -p "$log.tmp/home"
    env TMPDIR="$log.tmp" HOME="$log.tmp/home" XDG_CONFIG_HOME="$log.tmp/home/.config" \
        XDG_CACHE_HOME="$log.tmp/home/.cache" XDG_DATA_HOME="$log.tmp/home/.local/share" \
        timeout --kill-after=10 "$LIMIT" "$@" >"$log.log" 2>&1 </dev/null
    local rc=$?
    echo "$rc" >"$log.rc"
    [ "$rc" != 124 ] || echo "# stopped after $LIMIT seconds" >>"$log.log"
    chmod -R u+rwX "$log.tmp"
    rm -rf "$log.tmp"
}
# FLAVOUR/TEST or FLAVOUR/TEST@ISA
run_program() {
    local isa=${ATTNSCOPE_ISA:-}
    [[ $1 != *@* ]] || isa=${1#*@}
    run "$1" env SDL_VIDEODRIVER=dummy ATTNSCOPE_ISA="$isa" "build/${1%@*}"
}
# The instruction sets that this machine has, but the best, which all else runs on.
other_isas() {
    ATTNSCOPE_ISA=none build/attnscope help 2>&1 | sed -n 's/.*expected one of: //p' | tr -d , |
        awk '{ for (i = 1; i < NF; i++) print $i }'
}
export -f run run_program

# RC <TAP: "passed failed skipped". What was planned and did not report has failed; so has a program
# that ends badly, or that has no test at all.
count_tap() {
    awk -v rc="$1" '
        /^1\.\.[0-9]+/ { planned += substr($0, 4) }
        /^(not )?ok [0-9]+ # SKIP/ { skipped++; next }
        /^ok [0-9]+/ { passed++ }
        /^not ok [0-9]+/ { failed++ }
        END {
            missing = planned - passed - failed - skipped
            if (missing > 0) failed += missing
            if (!failed && (rc != 0 || !planned)) failed = 1
            print passed + 0, failed + 0, skipped + 0
        }'
}
# RC <log: the last line that counts; a script that says nothing has failed.
count_line() {
    awk -v rc="$1" '
        /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { passed = $1; failed = $3; skipped = $5 }
        END {
            if (!failed && (rc != 0 || !(passed + skipped))) failed = 1
            print passed + 0, failed + 0, skipped + 0
        }'
}
# RC <log: a replay is one test.
count_run() {
    if [ "$1" = 0 ]; then echo 1 0 0; else echo 0 1 0; fi
}

total_passed=0 total_failed=0 total_skipped=0
report() { # NAME COUNTER
    local log=$LOGS/${1//\//-} passed failed skipped
    read -r passed failed skipped < <("$2" "$(cat "$log.rc")" <"$log.log")
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    total_skipped=$((total_skipped + skipped))
    printf '%-32s %4d passed %4d failed %4d skipped\n' "$1" "$passed" "$failed" "$skipped"
    if [ "$failed" != 0 ]; then
        echo "---- ${log#"$PWD"/}.log (exit $(cat "$log.rc"))"
        grep -a -v -E '^ok |^(=>|  )0x' "$log.log" | tail -n 60 | cut -c 1-300
        echo "----"
    fi
}
wanted() {
    [[ $1 == *"$only"* ]]
}

programs=()
for source in tests/test_*.c; do
    for flavour in test asan; do
        name=$flavour/$(basename "$source" .c)
        if [ -f "$source" ] && wanted "$name"; then programs+=("$name"); fi
    done
done
for isa in $(other_isas); do
    for test in golden ops run flash; do
        name=test/test_$test@$isa
        if wanted "$name"; then programs+=("$name"); fi
    done
done
if [ ${#programs[@]} != 0 ]; then
    printf '%s\n' "${programs[@]}" |
        xargs -P "$(nproc)" -I NAME bash -c 'run_program NAME'
fi
for name in "${programs[@]}"; do report "$name" count_tap; done

for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    if [ -f "$source" ] && wanted "$name"; then
        run "$name" "build/asan/$name" "tests/fuzz/corpus/${name#fuzz_}"
        report "$name" count_run
    fi
done

# Scripts measure time and open windows: one after another.
for source in tests/test_*.sh; do
    for program in build/attnscope build/asan/attnscope; do
        flavour=$(basename "$(dirname "$program")")
        name=${flavour/build/release}/$(basename "$source")
        if [ -f "$source" ] && wanted "$name"; then
            run "$name" env ATTNSCOPE="$PWD/$program" bash "$source"
            report "$name" count_line
        fi
    done
done

if wanted layers; then
    run layers sh tests/tools/layers.sh
    report layers count_line
fi

echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ "$total_failed" = 0 ] && [ "$total_passed" != 0 ]
