#!/bin/bash
# Runs every fuzzer for some minutes: fuzz.sh [MINUTES]. It starts from the committed corpus; what it
# learns stays in build/fuzz-corpus, what it finds is named and left in build/fuzz-found (add it to
# tests/fuzz/corpus/NAME once it is mended: `make test` replays it).
set -u
cd "$(dirname "$0")/../.."
minutes=${1:-1}
[ "$minutes" -ge 1 ] || { echo "fuzz: MINUTES must be at least 1" >&2; exit 2; }
export ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
mkdir -p build/fuzz-found
bad=0 count=0
for source in tests/fuzz/fuzz_*.c; do
    [ -f "$source" ] || continue
    name=$(basename "$source" .c)
    mkdir -p "build/fuzz-corpus/$name"
    echo "== $name, $minutes min"
    "build/fuzz/$name" -max_total_time="$((minutes * 60))" -timeout=20 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="build/fuzz-found/$name-" \
        "build/fuzz-corpus/$name" "tests/fuzz/corpus/${name#fuzz_}" >"build/fuzz-found/$name.log" 2>&1
    if [ $? = 0 ]; then
        grep -a -E 'stat::(number_of_executed_units|new_units_added)' "build/fuzz-found/$name.log"
    else
        tail -n 60 "build/fuzz-found/$name.log"
        bad=$((bad + 1))
    fi
    count=$((count + 1))
done
echo "$count fuzzers, $bad found something"
[ "$bad" = 0 ] && [ "$count" != 0 ]
