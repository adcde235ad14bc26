#!/bin/bash
# `attnscope export data`: each file as Python reads it is the trace, bit for bit; the page's lines of
# Python work; what can't be done leaves no file.
set -u
cd "$(dirname "$0")/.."
. tests/tools/cli_checks.sh
python3 tests/tools/cli_models.py "$M" || exit 1

PYTHON=
for python in python3 /usr/bin/python3; do
    [ -n "$PYTHON" ] || ! "$python" -c 'import numpy' 2>/dev/null || PYTHON=$python
done
CHAIN=(--model "$M/chain")
FORMATS="csv npy json safetensors"

check() { # NAME ARGS… of export_check.py
    local name=$1 said
    shift
    if [ -z "$PYTHON" ]; then skip; return; fi
    if said=$("$PYTHON" tests/tools/export_check.py "$@" 2>&1); then pass; else
        fail "$name" "$(tail -n 1 <<<"$said")"
    fi
}

# NAME ARGS…: succeeds; turned knobs have their notes on standard error.
exports() {
    local name=$1
    shift
    run export data "$@"
    same "$name" 0 "$rc"
}

# MODEL PROMPT [OPTIONS…] -- RECORD:HEAD…
equals() {
    local model=$1 prompt=$2 options=() record head
    shift 2
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    run trace --model "$model" --prompt "$prompt" "${options[@]}" --output "$TMP/t.safetensors" \
        --json --stages '*,*hook_result'
    same "a trace of $prompt" 0 "$rc"
    cp "$TMP/stdout" "$TMP/labels.json"
    for record; do
        head=${record#*:} record=${record%:*}
        local pick=(--head "$head")
        [ "$head" != all ] || pick=()
        for format in $FORMATS; do
            exports "$record as $format" --model "$model" --prompt "$prompt" \
                "${options[@]}" --record "$record" "${pick[@]}" --output "$TMP/r.$format"
            like "$record as $format: tells" "r.$format: $record, " "$(out)"
        done
        check "$record, head $head, $prompt" record "$TMP/t.safetensors" "$record" "$head" \
            "$TMP/r" "$prompt" "$TMP/labels.json"
    done
}

# ---- what is read is the trace ----

equals "$M/chain" $'a,"b"\n\'c\' 한국' -- hook_tokens:all hook_embed:all \
    blocks.0.attn.hook_attn_scores:all blocks.1.attn.hook_attn_scores:1 blocks.0.attn.hook_q:all \
    blocks.0.attn.hook_q:0 blocks.1.attn.hook_v:1 blocks.0.attn.hook_result:1 logits:all \
    blocks.0.ln1.hook_mean:all
equals "$M/chain" 'z z' --set norm=rms --mask local:2 -- blocks.0.attn.hook_pattern:all
equals story-ko '민아는 톰에게 "빨간 공"을 주었다.' -- blocks.0.attn.hook_pattern:2 probs:all

# ---- what it says of itself ----

exports "options" "${CHAIN[@]}" --tokens 97,98 --mask local:2 --set 'norm=rms' \
    --record logits -o "$TMP/o.json"
same "options" "--tokens 97,98 --set norm=rms --mask local:2" \
    "$(python3 -c "import json; print(json.load(open('$TMP/o.json'))['options'])")"
printf 'a\0b' >"$TMP/nul"
exports "a NUL in the prompt" "${CHAIN[@]}" --prompt-file "$TMP/nul" --record hook_tokens \
    -o "$TMP/o.json"
same "a NUL in the prompt" "a�b" \
    "$(python3 -c "import json; print(json.load(open('$TMP/o.json'))['prompt'])")"
# NumPy refuses a header of more than 10000 characters. The word is unknown: one token.
python3 -c "print('한' * 4000)" >"$TMP/long"
exports "a long prompt" --model "$M/words" --prompt-file "$TMP/long" --record hook_embed \
    --output "$TMP/o.npy"
if [ -n "$PYTHON" ]; then
    same "a long prompt" "(1, 16)" \
        "$("$PYTHON" -c "import numpy; print(numpy.load('$TMP/o.npy').shape)" 2>&1)"
else skip; fi
exports "words of the vocabulary" --model story --prompt a --record logits \
    --output "$TMP/o.csv"
like "words of the vocabulary" ',·Lily,' "$(head -n 1 "$TMP/o.csv")"

# ---- the page ----

works "a trace for the page" trace --model story --prompt "Lily saw Tom" --output "$TMP/t.safetensors"
mkdir "$TMP/page"
for format in $FORMATS; do
    exports "the page's $format" --model story --prompt "Lily saw Tom" \
        --record blocks.0.attn.hook_pattern --head 1 --output "$TMP/page/pattern.$format"
    cp "$TMP/page/pattern.$format" "$TMP/first"
    exports "the page's $format again" --model story --prompt "Lily saw Tom" \
        --record blocks.0.attn.hook_pattern --head 1 --output "$TMP/page/pattern.$format" --threads 1
    if cmp -s "$TMP/first" "$TMP/page/pattern.$format"; then pass; else
        fail "the page's $format again" "other bytes"
    fi
done
check "the page's Python" page docs/data.md "$TMP/t.safetensors" "$TMP/page"
works "a trace of one record" inspect "$TMP/page/pattern.safetensors" --json
same "a trace of one record" "['query', 'key']" "$(get "d['records'][0]['axes']")"

# ---- flash attention's tiles are of one head ----

exports "tiles of a head" "${CHAIN[@]}" --prompt abab --attention flash --tile 2x2 --head 1 \
    --record blocks.0.attn.flash.hook_max -o "$TMP/o.json"
same "tiles of a head" "['key_block', 'query'] 1" \
    "$(python3 -c "import json; d = json.load(open('$TMP/o.json')); print(d['axes'], d['head'])")"

# ---- what can't be done ----

data() { # NAME STATUS REGEX ARGS…
    local name=$1 status=$2 regex=$3
    shift 3
    refuses "$name" "$status" "$regex" export data "${CHAIN[@]}" --prompt ab "$@"
}
data "no record" 2 'record NAME is missing' --output "$OUT/a.csv"
data "no output" 2 'output FILE is missing' --record logits
data "unknown ending" 2 'a.xls: expected a name that ends in .csv, .npy, .json' --record logits \
    --output "$OUT/a.xls"
data "unknown record" 1 'no record blocks.0.attn.hook_patern; near it: blocks.0.attn.hook_pattern' \
    --record blocks.0.attn.hook_patern --output "$OUT/a.csv"
data "a glob" 1 'no record blocks.*hook_pattern' --record 'blocks.*hook_pattern' --output "$OUT/a.csv"
data "a cell" 1 'no record logits\[0,1\]' --record 'logits[0,1]' --output "$OUT/a.csv"
data "a record of flash attention" 1 'no record blocks.0.attn.flash.hook_max' \
    --record blocks.0.attn.flash.hook_max --output "$OUT/a.csv"
data "no heads" 1 'head 1: logits has no heads' --record logits --head 1 --output "$OUT/a.csv"
data "no such head" 1 'head 2: blocks.0.attn.hook_q has 2 heads, expected 0 to 1' \
    --record blocks.0.attn.hook_q --head 2 --output "$OUT/a.npy"
data "no such head of tiles" 1 'head 7' --attention flash --head 7 \
    --record blocks.0.attn.flash.hook_max --output "$OUT/a.npy"
data "too little memory" 1 'memory|bytes' --record logits --max-memory 10 --output "$OUT/a.npy"
data "no folder" 1 'a.json: there is no folder .*/nowhere' --record logits \
    --output "$OUT/nowhere/a.json"
mkdir "$TMP/folder.csv"
data "a folder" 1 'folder.csv: is a folder' --record logits --output "$TMP/folder.csv"
refuses "another kind" 2 'KIND is "dat", expected data' export dat "${CHAIN[@]}" --prompt a \
    --record logits --output "$OUT/a.csv"
refuses "no kind" 2 'KIND is missing' export "${CHAIN[@]}" --prompt a --record logits \
    --output "$OUT/a.csv"
if [ "$(id -u)" != 0 ]; then
    mkdir "$TMP/locked"
    chmod a-w "$TMP/locked"
    data "an unwritable folder" 1 "can't write into the folder .*locked" --record logits \
        --output "$TMP/locked/a.csv"
else skip; fi
for format in $FORMATS; do
    ln -sf /dev/full "$TMP/full.$format"
    data "a full disk, $format" 1 "full.$format: can't be written: No space left" --record logits \
        --output "$TMP/full.$format"
    # A file that may not grow beyond 1 KiB; the one that was there stays.
    mkdir -p "$TMP/small"
    echo before >"$TMP/small/a.$format"
    said=$(trap '' XFSZ; ulimit -f 1; "$BIN" export data "${CHAIN[@]}" --prompt ab --record logits \
        --output "$TMP/small/a.$format" 2>&1)
    same "no room, $format: status" 1 $?
    like "no room, $format" "a.$format: can't be written: File too large" "$said"
    same "no room, $format: what is there" "before" "$(cat "$TMP/small/"*)"
    rm "$TMP/small/"*
done

finish
