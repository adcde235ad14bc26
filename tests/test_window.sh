#!/bin/bash
# The window: scripts drive it through its own event queue, without a display; and what `open` says
# when it can't do what it is told. $ATTNSCOPE is the program (build/attnscope).
set -u
cd "$(dirname "$0")/.."
BIN=$(realpath "${ATTNSCOPE:-build/attnscope}")
SCRIPTS=$PWD/tests/scripts
TMP=$(mktemp -d)
[ -n "${ATTNSCOPE_PICTURES:-}" ] || trap 'rm -rf "$TMP"' EXIT
WORK=${ATTNSCOPE_PICTURES:-$TMP} # where the scripts' pictures go
mkdir -p "$WORK"
cd "$WORK" || exit 1
export XDG_DATA_HOME=$TMP/data # of lessons' progress
unset ATTNSCOPE_ASSETS ATTNSCOPE_LESSONS ATTNSCOPE_LANG ATTNSCOPE_SCALE DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER

passed=0 failed=0 skipped=0
pass() { passed=$((passed + 1)); }
fail() { # NAME WHY
    failed=$((failed + 1))
    echo "FAILED: $1: $2"
}

rc=0
run() {
    timeout 300 "$BIN" open "$@" >"$TMP/stdout" 2>"$TMP/stderr" </dev/null
    rc=$?
}
dummy() {
    SDL_VIDEODRIVER=dummy run "$@"
}

# NAME STATUS: what the last run ended with.
ended() {
    if [ "$rc" = "$2" ]; then pass; else fail "$1" "exit $rc: $(tail -n 3 "$TMP/stderr")"; fi
}
# NAME REGEX FILE
says() {
    if grep -qE -e "$2" "$TMP/$3"; then pass; else fail "$1" "$3 is not like '$2': $(head -n 5 "$TMP/$3")"; fi
}
# NAME FILE WIDTH HEIGHT: a picture of exactly that many pixels.
picture() {
    local size
    size=$(od -An -tu4 -j16 -N8 --endian=big "$2" 2>/dev/null | tr -s ' ')
    if [ "$size" = " $3 $4" ]; then pass; else fail "$1" "$2 is '$size', expected $3 × $4"; fi
}
refuses() { # NAME STATUS REGEX OPTIONS…
    local name=$1 status=$2 regex=$3
    shift 3
    dummy "$@"
    ended "$name" "$status"
    says "$name" "$regex" stderr
}

# ---- scripts ----
for script in "$SCRIPTS"/*.txt; do
    name=$(basename "$script" .txt)
    case $name in lesson_*) export ATTNSCOPE_LESSONS=$SCRIPTS/../lessons ;; *) unset ATTNSCOPE_LESSONS ;; esac
    rm -rf "$TMP/data"
    dummy --size 1280x800 --scale 1 --script "$script"
    ended "$name" 0
done
unset ATTNSCOPE_LESSONS
for n in 01-tokens 02-embedding 03-norm 04-query 05-scores 06-mask 07-softmax 08-sum 09-output 10-next; do
    picture "first walk" "walk-$n.png" 1280 800
done
picture resize size-640.png 640 420
picture resize size-900.png 900 600
picture resize size-1920.png 1920 1080
# What the window exports is what the command line does, byte for byte.
same_figure() { # FILE KIND OPTIONS…
    local file=$1 kind=$2
    shift 2
    "$BIN" export "$kind" --model story --prompt 'Mina gave Tom the red ball. Tom thanked' "$@" \
        --stage blocks.3.attn.hook_pattern --head 2 -o "$TMP/$file" >/dev/null 2>"$TMP/stderr"
    if cmp -s "$file" "$TMP/$file"; then pass; else
        fail "$file" "not what attnscope export makes: $(head -n 2 "$TMP/stderr")"
    fi
}
mv export-keys.svg window-keys.svg
mv export-clicks.png window-clicks.png
same_figure window-keys.svg heatmap --layout paper --width 85 --theme light
same_figure window-clicks.png lines --layout slide --theme dark
dummy --size 1000x700 --scale 1.5 --theme light --script "$SCRIPTS/first_walk.txt"
ended "first walk at 1.5" 0
picture "first walk at 1.5" walk-05-scores.png 1500 1050

# ---- a script that fails says where ----
printf 'wait-idle\nexpect-text No such words\n' >"$TMP/wrong.txt"
refuses "wrong words" 1 'wrong\.txt:2: ' --script "$TMP/wrong.txt"
printf 'wait-idle\nclick-on map/nothing\n' >"$TMP/wrong.txt"
refuses "no such id" 1 'wrong\.txt:2: ' --script "$TMP/wrong.txt"
printf 'jump\n' >"$TMP/wrong.txt"
refuses "no such command" 1 'wrong\.txt:1: ' --script "$TMP/wrong.txt"
refuses "no script" 1 'none\.txt' --script "$TMP/none.txt"

# ---- options ----
refuses "unknown option" 2 'unknown option --promt; did you mean --prompt' --promt x
refuses "no value" 2 '\-\-model needs a value' --model
refuses "bad size" 2 '\-\-size 12: expected WxH' --size 12
refuses "small size" 2 'expected WxH from 640x420' --size 100x100
refuses "bad scale" 2 '\-\-scale x: expected a number' --scale x
refuses "bad theme" 2 'expected dark or light' --theme blue
refuses "bad language" 2 '\-\-lang: language "fr": expected en or ko' --lang fr
refuses "bad head" 2 'expected a whole number' --head -1
refuses "bad threads" 2 'expected a whole number from 1' --threads=0
refuses "a word" 2 'expected an option' hello
refuses "flag with a value" 2 'takes no value' --help=yes
refuses "no such head" 1 'has heads 0 to' --head 99
refuses "no such stage" 1 'did you mean blocks\.0\.attn\.hook_pattern' --stage blocks.0.attn.hook_patern
refuses "no such lesson" 1 'nosuch' --lesson nosuch
refuses "no such scene" 1 '\-\-scene 99: the lesson 03-scores-softmax has scenes 1 to' --lesson 3 --scene 99
refuses "a scene alone" 2 '\-\-scene needs a lesson' --scene 2
refuses "no such model" 1 'nosuch' --model nosuch
refuses "an empty folder" 1 'config\.json' --model "$TMP"
refuses "no folder for the picture" 1 'no/such' --screenshot "$TMP/no/such/a.png"
dummy --help
ended help 0
says help 'screenshot F.png' stdout

# ---- lessons: three ways in, and one picture of each size ----
printf 'wait-idle\nexpect-text 3 · Scores and softmax\nexpect-text 2 / 9\n' >"$TMP/lesson.txt"
dummy --lesson 3 --scene 2 --script "$TMP/lesson.txt"
ended "open --lesson --scene" 0
dummy --lesson scores-softmax --script "$TMP/lesson.txt"
ended "where it was left" 0
SDL_VIDEODRIVER=dummy timeout 300 "$BIN" lesson run 3 --script "$TMP/lesson.txt" </dev/null \
    >"$TMP/stdout" 2>"$TMP/stderr"
rc=$?
ended "lesson run" 0
printf 'not json' >"$TMP/data/attnscope/progress.json"
printf 'wait-idle\nexpect-text is not kept\n' >"$TMP/lesson.txt"
dummy --lesson 3 --script "$TMP/lesson.txt"
ended "progress that can't be read is told" 0
says "and left alone" 'not json' data/attnscope/progress.json
rm "$TMP/data/attnscope/progress.json"
for size in 640x420 1920x1080; do
    dummy --lesson 6 --lang ko --theme light --size $size --scale 1 --screenshot "$TMP/lesson.png"
    ended "a lesson at $size" 0
    picture "a lesson at $size" "$TMP/lesson.png" "${size%x*}" "${size#*x}"
done

# ---- the language: an option, else the environment ----
printf 'wait-idle\nexpect-text 소프트맥스\nexpect-text 블록 0\nexpect-no-text Softmax\n' >"$TMP/ko.txt"
printf 'wait-idle\nexpect-text Softmax\nexpect-no-text 소프트맥스\n' >"$TMP/en.txt"
dummy --lang ko --script "$TMP/ko.txt"
ended "in Korean" 0
{ LC_ALL=ko_KR.UTF-8 dummy --script "$TMP/ko.txt"; } 2>/dev/null # bash may lack the locale
ended "in the locale's Korean" 0
{ LC_ALL=ko_KR.UTF-8 ATTNSCOPE_LANG=en dummy --script "$TMP/en.txt"; } 2>/dev/null
ended "English in a Korean locale" 0
ATTNSCOPE_LANG=ko dummy --lang en --script "$TMP/en.txt"
ended "the option comes first" 0

# ---- knobs and padding ----
printf 'wait-idle\nexpect-text story, residual=off, mask local:3\nexpect-text outside the window\n' >"$TMP/knobs.txt"
dummy --size 1280x800 --set residual=off --mask local:3 --script "$TMP/knobs.txt"
ended "knobs" 0
says "knobs" 'note: residual: on → off' stderr
printf 'wait-idle\nexpect-text Scores of padding\nexpect-text padding\n' >"$TMP/padding.txt"
dummy --size 1280x800 --model story-bert-topic --pad-to 18 --stage blocks.0.attn.hook_attn_scores \
    --script "$TMP/padding.txt"
ended "padding" 0
refuses "no such knob" 1 'there is no knob "nrom"' --set nrom=rms
refuses "no such mask" 1 '\-\-mask: the mask "casual", expected causal' --mask casual
refuses "bad padding" 2 'pad-to.* expected a whole number from 1' --pad-to 0

# ---- a small budget, and a long text ----
cat >"$TMP/memory.txt" <<'END'
wait-idle
expect-text Feed-forward: the activation
expect-id stage/result
key shift+Right
wait-idle
expect-id stage/result
key ctrl+Left
wait-idle
expect-text block 2
expect-id stage/result
expect-no-text again…
key alt+Left
wait-idle
expect-id stage/result
key Home
key Right
key End
wait-idle
expect-text Next token
expect-id chip/next
click-on chip/next
wait-idle
expect-text probs
expect-no-text again…
quit
END
dummy --size 1280x800 --max-memory 300K --stage blocks.3.mlp.hook_post --script "$TMP/memory.txt"
ended "a small budget" 0
seq -s ' ' 1 700 | sed 's/[0-9]*/Tom gave Mina a ball./g' >"$TMP/long.txt"
printf 'wait-idle\nexpect-text so this is flash attention\nexpect-id stage/result\nkey End\nwait-idle\nquit\n' \
    >"$TMP/tiled.txt"
dummy --size 1280x800 --model story-llama --prompt-file "$TMP/long.txt" --max-memory 100M \
    --stage blocks.0.hook_resid_post --script "$TMP/tiled.txt"
ended "a long text" 0
refuses "no prompt file" 1 'nothing\.txt' --prompt-file "$TMP/nothing.txt"
refuses "two prompts" 2 'give one of them' --prompt a --prompt-file "$TMP/long.txt"
refuses "bad memory" 2 'max-memory is "2X", expected a number of bytes' --max-memory 2X
printf 'wait-idle\nexpect-text Attention in tiles\nquit\n' >"$TMP/stage.txt"
dummy --size 1280x800 --attention flash --stage blocks.1.attn.flash.hook_sum --script "$TMP/stage.txt"
ended "a stage of flash attention" 0
refuses "no such stage with flash" 1 'there is no stage' --attention flash --stage blocks.1.attn.hook_pattern
printf 'wait-idle\nexpect-text the least for these stages is\nquit\n' >"$TMP/least.txt"
dummy --size 1280x800 --max-memory 1000 --script "$TMP/least.txt"
ended "a budget for nothing" 0

# ---- without a display ----
run --screenshot "$TMP/picture.png" --size 900x600 --scale 2 --theme light --prompt 'Lily has a cat' \
    --stage blocks.0.attn.hook_attn_scores_raw --head 1
ended screenshot 0
picture screenshot "$TMP/picture.png" 1800 1200
run --first-look "$TMP/look" --scale 1
ended "first look" 0
says "first look" 'no display' stdout
says "first look" 'tokens of model story' stdout
says "first look" 'Where each token looks' stdout
says "first look" 'look/trace\.safetensors' stdout
picture "first look" "$TMP/look/window.png" 1280 800
if "$BIN" inspect "$TMP/look/trace.safetensors" >"$TMP/stdout" 2>"$TMP/stderr"; then pass; else
    fail "first look" "the trace can't be read: $(cat "$TMP/stderr")"
fi
run --first-look "$TMP/look" --prompt ''
ended "first look at nothing" 1
says "first look at nothing" 'no token' stderr

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
