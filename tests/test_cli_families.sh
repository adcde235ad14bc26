#!/bin/bash
# Every family from the command line: the tasks of each, knobs, fresh models, and broken folders,
# whose message names the thing. Models come from tests/tools/cli_families.py.
set -u
cd "$(dirname "$0")/.."
. tests/tools/cli_checks.sh
python3 tests/tools/cli_families.py "$M" || exit 1
T=$OUT/t.safetensors

noted() { # NAME REGEX ARGS…: succeeds, with one line on standard error that is like it
    local name=$1 regex=$2
    shift 2
    run "$@"
    same "$name: status" 0 $rc
    same "$name: one note" 1 "$(wc -l <"$TMP/stderr")"
    like "$name" "^attnscope: note: $regex" "$(cat "$TMP/stderr")"
}
# FILE RECORD I,J: a number that PyTorch computed (tests/golden)
golden() {
    python3 - "$@" <<'P'
import math, struct, sys
sys.path.insert(0, "tests/tools")
from cli_families import read_weights
dtype, shape, raw = read_weights(sys.argv[1])[sys.argv[2]]
at = 0
for size, index in zip(shape, sys.argv[3].split(",")):
    at = at * size + int(index)
print(struct.unpack_from("<i" if dtype == "I32" else "<f", raw, 4 * at)[0])
P
}
close() { # NAME A B: differ by less than 2e-5
    if python3 -c "import sys; sys.exit(abs($2 - ($3)) >= 2e-5)"; then pass; else
        fail "$1" "$2 is not near $3"
    fi
}

# ---- fill ----

BERT=(--model "$M/bert-a")
run fill "${BERT[@]}" --prompt 'w7 [MASK] w9 [MASK]'
same "fill: status" 0 $rc
same "fill: five candidates for each mask" 10 "$(grep -cE '^ +[0-9]* +[0-4] +[0-9]+  ' "$TMP/stdout")"
like "fill: the text" '^Filled in: w7 w[0-9]+ w9 ' "$(out)"
cell=$(grep -oE "probs\[2,[0-9]+\]" "$TMP/stdout")
best=$(awk '$2 == 0 { print $5; exit }' "$TMP/stdout")
run explain "${BERT[@]}" --prompt 'w7 [MASK] w9 [MASK]' --cell "$cell"
same "fill: explain has the same number" "$cell = $best" "$(head -1 "$TMP/stdout")"
run fill "${BERT[@]}" --prompt 'w7 [MASK]' --pair 'w8 w9' --top 2 --json
same "fill --json: two candidates" 2 "$(get 'len(d["masks"][0]["candidates"])')"
same "fill --json: best first" True \
    "$(get 'd["masks"][0]["candidates"][0]["probability"] > d["masks"][0]["candidates"][1]["probability"]')"
same "fill --json: the pair is there" '[1, 7, 3, 2, 8, 9, 2]' "$(get 'd["ids"]')"
run fill "${BERT[@]}" --prompt '[MASK]' --top 1000 --json
same "fill --top: all there are" '41 1.0' \
    "$(get 'len(d["masks"][0]["candidates"]), round(sum(c["probability"] for c in d["masks"][0]["candidates"]), 5)' | tr -d '(),')"
refuses "fill without a mask" 1 'the prompt has no \[MASK\]: write one' fill "${BERT[@]}" --prompt w7
refuses "fill, another task" 1 \
    'model bert-b classifies texts, and the command for that is attnscope classify; fill needs' \
    fill --model "$M/bert-b" --prompt '[MASK]'
refuses "fill without a tokenizer" 1 'no tokenizer.json' fill --model tests/golden/bert-a --tokens 1,3
refuses "fill, no mask token" 1 'is attnscope generate' fill --model "$M/gpt2-a" --prompt '[MASK]'
refuses "fill --top 0" 2 '--top is "0"' fill "${BERT[@]}" --prompt '[MASK]' --top 0

# ---- classify ----

CLASSES=(--model "$M/bert-b")
works "classify" classify "${CLASSES[@]}" --prompt 'w7 w8'
same "classify: every label" 3 "$(grep -cE '(animals|food|weather) +0\.' "$TMP/stdout")"
json "classify --json" classify "${CLASSES[@]}" --prompt 'w7 w8' --pair w9 --json
same "classify: they add up, best first" 'True True' \
    "$(get 'abs(sum(l["probability"] for l in d["labels"]) - 1) < 1e-5, d["labels"] == sorted(d["labels"], key=lambda l: -l["probability"])' | tr -d '(),')"
same "classify: the pair is there" '[1, 7, 8, 2, 9, 2]' "$(get 'd["ids"]')"
json "classify --top" classify "${CLASSES[@]}" --prompt 'w7 w8' --top 1 --json
same "classify --top" 1 "$(get 'len(d["labels"])')"
works "classify needs no tokenizer" classify --model tests/golden/bert-b --tokens 4,5
refuses "classify, another task" 1 'labels tokens, .* attnscope tag; classify needs' classify \
    --model "$M/bert-c" --prompt w7
refuses "classify, too long" 1 'position table of model bert-b has 12 rows' classify "${CLASSES[@]}" \
    --tokens 1,1,1,1,1,1,1,1,1,1,1,1,1
refuses "classify, budget" 1 'the least' classify "${CLASSES[@]}" --prompt w7 --max-memory 10

# ---- tag ----

TAGS=(--model "$M/bert-c")
ids=26,9,17,30,39,9,4,22,37
json "tag --tokens --json" tag "${TAGS[@]}" --tokens $ids --json
for i in 0 2 8; do
    label=$(get "int(d['labels'][$i]['cell'].split(',')[1][:-1])")
    close "tag: token $i as PyTorch has it" "$(get "d['labels'][$i]['probability']")" \
        "$(golden tests/golden/bert-c/expected.safetensors classifier.hook_probs $i,$label)"
done
works "tag" tag "${TAGS[@]}" --prompt ' w7  w8 w20'
like "tag: a token with its word" '^ +1  w7 +w7 +[BIO]' "$(out)"
json "tag --json" tag "${TAGS[@]}" --prompt ' w7  w8 w20' --json
same "tag: the frame is in no word" 'False True' "$(get '"word" in d["labels"][0], "word" in d["labels"][1]' | tr -d '(),')"
same "tag: spans are the text's" True \
    "$(get 'all(" w7  w8 w20"[e["start"]:e["end"]] == e["text"] for e in d["entities"])')"
json "tag --pad-to" tag "${TAGS[@]}" --prompt 'w7 w8' --pad-to 9 --json
same "tag --pad-to: padding has no label" '9 4' "$(get 'len(d["ids"]), len(d["labels"])' | tr -d '(),')"
refuses "tag, another task" 1 'makes sentence vectors, .* attnscope similar' tag --model "$M/bert-d" \
    --prompt w7

# ---- similar ----

VECTORS=(--model "$M/bert-d")
works "similar" similar "${VECTORS[@]}" --prompt 'w7 w8 w9' --pair w7
like "similar: the shorter is padded" '^B, 3 tokens and 2 of padding: \[CLS\] w7 \[SEP\] \[PAD\] \[PAD\]$' "$(out)"
json "similar --json" similar "${VECTORS[@]}" --prompt 'w7 w8 w9' --pair w7 --json
padded=$(get 'd["texts"][1]["hook_sentence"][3]')
same "similar: two vectors" '18 18' "$(get 'len(d["texts"][0]["hook_sentence"]), len(d["texts"][1]["pooler.hook_post"])' | tr -d '(),')"
cosine=$(get 'sum(a * b for a, b in zip(*[t["hook_sentence"] for t in d["texts"]])) / (sum(a * a for a in d["texts"][0]["hook_sentence"]) * sum(a * a for a in d["texts"][1]["hook_sentence"])) ** 0.5')
close "similar: the cosine is that of the vectors" "$(get 'd["cosine"]')" "$cosine"
json "explain what similar shows" explain "${VECTORS[@]}" --prompt w7 --pad-to 5 \
    --cell 'hook_sentence[0,3]' --json
same "explain what similar shows" "$padded" "$(get 'd["value"]')"
json "padding changes no vector" explain "${VECTORS[@]}" --prompt w7 --cell 'hook_sentence[0,3]' --json
close "padding changes no vector" "$(get 'd["value"]')" "$padded"
json "similar, the same text" similar "${VECTORS[@]}" --prompt 'w7 w8' --pair 'w7 w8' --json
close "similar, the same text" "$(get 'd["cosine"]')" 1
refuses "similar without a pair" 2 '--pair TEXT is missing' similar "${VECTORS[@]}" --prompt w7
refuses "similar with ids" 2 'unknown option --tokens' similar "${VECTORS[@]}" --tokens 7 --pair w7
refuses "similar, another task" 1 'fills masked tokens, .* attnscope fill; similar needs a model that' \
    similar "${BERT[@]}" --prompt w7 --pair w8

# ---- encoder-decoders ----

text() { # NAME EXPECTED ARGS…
    local name=$1 expected=$2
    shift 2
    works "$name" generate "$@"
    same "$name" "$expected" "$(out)"
}
MARIAN=(--prompt 'w7 w9 w10' --max-new-tokens 4)
text "the decoder alone is printed, the last token is forced" 'w1 w1 w1' --model "$M/marian-a" "${MARIAN[@]}"
text "no forced end" 'w1 w1 w1 w1' --model "$M/marian-free" "${MARIAN[@]}"
text "forced first and last" 'w7 w1 w1 w9' --model "$M/marian-forced" "${MARIAN[@]}"
run generate --model "$M/marian-banned" "${MARIAN[@]}" --json
same "banned tokens don't come" 'False False' "$(get '1 in d["tokens"], 38 in d["tokens"]' | tr -d '(),')"
for seed in 1 2 3 4 5; do
    run generate --model "$M/marian-banned" --prompt w7 --max-new-tokens 12 --seed $seed \
        --temperature 9 --json
    same "nor by chance, seed $seed" 'False False' "$(get '1 in d["tokens"], 38 in d["tokens"]' | tr -d '(),')"
done
works "the logits behind a target" trace --model "$M/marian-free" --prompt 'w7 w9' --target 'w3 w4' \
    --stages logits --output "$T"
json "the logits behind a target" inspect "$T" --record logits --json
next=$(get 'd["values"][2].index(max(d["values"][2]))')
rm -f "$T"
text "behind a target" "w3 w4 w$next" --model "$M/marian-free" --prompt 'w7 w9' --target 'w3 w4' \
    --max-new-tokens 1
text "behind a target of ids" "w3 w4 w$next" --model "$M/marian-free" --prompt 'w7 w9' \
    --decoder-tokens 3,4 --max-new-tokens 1
text "padding of the source changes nothing" 'w1 w1 w1' --model "$M/marian-a" "${MARIAN[@]}" --pad-to 9
works "generate --trace" generate --model "$M/marian-a" "${MARIAN[@]}" --trace "$T"
same "generate --trace: five of each step, and what is allowed at the last" 21 \
    "$(python3 tests/tools/trace_check.py "$T" | tail -1)"
json "generate --trace: cross-attention" inspect "$T" --json --record steps.2.decoder.1.cross_attn.hook_pattern
same "generate --trace: a row a head" '[3, 1, 4]' "$(get 'd["shape"]')"
same "generate --trace: each adds up to 1" '[1.0, 1.0, 1.0]' \
    "$(get '[round(sum(r[0]), 5) for r in d["values"]]')"
step=$(get 'd["values"][0][0][1]')
json "generate --trace: metadata" inspect "$T" --json
same "generate --trace: the source's tokens" 'w7 w9 w10 </s>' "$(get '" ".join(d["source_tokens"])')"
same "generate --trace: the decoder's" '<pad> w1 w1 w1 </s>' "$(get '" ".join(d["tokens"])')"
works "inspect names the source" inspect "$T"
like "inspect names the source" '^4 tokens of the source: w7 w9 w10 </s>$' "$(out)"
json "a step's row is the trace's" explain --model "$M/marian-a" --prompt 'w7 w9 w10' \
    --decoder-tokens 1,1 --cell 'decoder.1.cross_attn.hook_pattern[0,2,1]' --json
close "a step's row is the trace's" "$(get 'd["value"]')" "$step"
rm -f "$T"
noted "a decoder goes on by itself" 'the decoder reads the 12 tokens that it says itself' trace \
    --model "$M/marian-a" --prompt w7 --output "$T"
works "explain: a source's key" explain --model "$M/t5-a" --prompt 'w7 w9' --target 'w3 w4' \
    --cell 'decoder.0.cross_attn.hook_pattern[1,2,1]'
like "explain: a source's key" 'head 1, query 2 \(w4\), key 1 \(w9\)' "$(out)"
rm -f "$T"
refuses "target and ids" 1 'both say what the decoder reads' trace --model "$M/t5-a" --prompt w7 \
    --target w3 --decoder-tokens 3 --output "$T"
refuses "a target for one stack" 1 'llama-a \(llama\) has no decoder beside an encoder' trace \
    --model "$M/llama-a" --prompt w7 --target w3 --output "$T"
refuses "a pair for two stacks" 1 't5-a \(t5\) reads one text: it has no token types' trace --model "$M/t5-a" \
    --prompt w7 --pair w3 --output "$T"
refuses "a target of text beside ids" 1 'target TEXT is a text, and --tokens gives ids' trace \
    --model "$M/t5-a" --tokens 7 --target w3 --output "$T"
refuses "padding before new tokens" 1 '--pad-to: model gpt2-padded generates behind its prompt' generate \
    --model "$(cp -r "$M/gpt2-a" "$M/gpt2-padded" && sed -i 's/^{/{"pad_token_id": 2, /' \
        "$M/gpt2-padded/config.json" && echo "$M/gpt2-padded")" --prompt w7 --pad-to 9
refuses "no padding token" 1 'llama-a has no padding token \(pad_token_id in config.json\)' trace \
    --model "$M/llama-a" --prompt w7 --pad-to 9 --output "$T"
refuses "generate, another task" 1 'fills masked tokens, .* attnscope fill; generate needs' generate \
    "${BERT[@]}" --prompt w7

# ---- knobs ----

LLAMA=(--model "$M/llama-a" --prompt 'w7 w8 w9 w11')
values() { # RECORD of the last trace: JSON in d["values"]
    json "inspect $1" inspect "$T" --record "$1" --json
}
works "help knobs" help knobs
same "help knobs: every knob" 28 "$(grep -cE '^  [a-z_]+=' "$TMP/stdout")"
noted "--set" 'norm: rms → layer, scale: on → off; the weights of llama-a were trained without that' trace \
    "${LLAMA[@]}" --set norm=layer,scale=off --output "$T"
noted "--set, nothing changes" 'n_active=3 changes nothing: model llama-a' trace "${LLAMA[@]}" \
    --set n_active=3 --output "$T"
noted "--set mask_place" 'mask_place: before → after' trace "${LLAMA[@]}" --set mask_place=after \
    --output "$T"
values blocks.0.attn.hook_pattern
same "--set mask_place: rows don't add up, but the last" '[False, False, False, True]' \
    "$(get '[abs(sum(r) - 1) < 1e-5 for r in d["values"][0]]')"
noted "--mask local" 'mask: causal → local:2, causal; ' trace "${LLAMA[@]}" --mask local:2 --output "$T"
values blocks.0.attn.hook_attn_scores
same "--mask local: every row" '.--- ..-- -..- --..' \
    "$(get '" ".join("".join("-" if x == "-inf" else "." for x in r) for r in d["values"][0])')"
noted "--mask longformer" 'mask: causal → longformer:1:0, causal; ' trace "${LLAMA[@]}" \
    --mask longformer:1:0 --output "$T"
values blocks.0.attn.hook_attn_scores
same "--mask longformer: every row" '.--- ..-- .-.- .--.' \
    "$(get '" ".join("".join("-" if x == "-inf" else "." for x in r) for r in d["values"][0])')"
# What comes later changes nothing under a causal mask, and does under a full one.
row() { # MASK LAST_WORD: the second token's row after the last block
    run trace --model "$M/llama-a" --prompt "w7 w8 w9 $2" --mask "$1" --output "$T" \
        --stages blocks.1.hook_resid_post
    run inspect "$T" --record blocks.1.hook_resid_post --json
    get 'd["values"][1]'
}
differs() { # MASK: the largest difference
    python3 -c "print(max(abs(a - b) for a, b in zip($(row "$1" w11), $(row "$1" w20))))"
}
same "the future under causal" 0.0 "$(differs causal)"
like "the future under full" '^[1-9]|^0\.0*[1-9]' "$(differs full)"
rm -f "$T"
like "the future behind a late mask" '^[1-9]|^0\.0*[1-9]|e-' "$(
    for last in w11 w20; do
        run trace --model "$M/llama-a" --prompt "w7 w8 w9 $last" --set mask_place=after --output "$T" \
            --stages blocks.1.hook_resid_post
        run inspect "$T" --record blocks.1.hook_resid_post --json
        get 'd["values"][1]'
    done | python3 -c 'import ast, sys
a, b = map(ast.literal_eval, sys.stdin)
print(max(abs(x - y) for x, y in zip(a, b)))')"
run trace "${LLAMA[@]}" --shuffle 3 --output "$T" --json
first=$(get 'd["tokens"]')
like "--shuffle tells" 'note: --shuffle: the prompt is now "w' "$(cat "$TMP/stderr")"
run trace "${LLAMA[@]}" --shuffle 3 --output "$T" --json
same "--shuffle: the same seed, the same order" "$first" "$(get 'd["tokens"]')"
same "--shuffle: the same words" "['w11', 'w7', 'w8', 'w9']" "$(get 'sorted(d["tokens"])')"
orders=$(for seed in 1 2 3 4 5 6; do
    run trace "${LLAMA[@]}" --shuffle $seed --output "$T" --json
    get '" ".join(d["tokens"])'
done | sort -u | wc -l)
like "--shuffle: other seeds, other orders" '^[3-6]$' "$orders"
rm -f "$T"
refuses "--shuffle with ids" 1 'shuffles words, and --tokens gives ids' trace --model "$M/llama-a" \
    --tokens 7 --shuffle 1 --output "$T"
set_is_refused() { # NAME REGEX SETTINGS [MODEL]
    refuses "$1" 1 "$2" trace --model "$M/${4:-llama-a}" --prompt w7 --set "$3" --output "$T"
}
set_is_refused "--set, unknown knob" 'no knob "nrom", expected one of norm, ' nrom=rms
set_is_refused "--set, no value" 'norm has no value, expected norm=layer' norm
set_is_refused "--set, wrong value" 'act is set to "tanh", expected gelu' act=tanh
set_is_refused "--set, a shape" 'n_layers changes the weights. shapes.*--random-init' n_layers=3
set_is_refused "--set, no weight" 'pos=learned: model llama-a has no weight for that' pos=learned
set_is_refused "--set, no such head" 'zero_head is set to "0.9", expected LAYER.HEAD, up to 1.3' zero_head=0.9
set_is_refused "--set, more experts than there are" 'a token is to take 6 experts of 5' n_active=6 mixtral-a
set_is_refused "--set, parallel with cross-attention" 'no place .* for cross-attention' parallel=on bart-a
refuses "--mask, wrong" 2 'the mask "local:0", expected causal, full, local:W' trace "${LLAMA[@]}" \
    --mask local:0 --output "$T"

# ---- fresh models ----

SHAPE=$M/llama-a/config.json
FRESH=(trace --config "$SHAPE" --tokens 7,8,9 --output "$T")
noted "--random-init" 'fresh llama, seed 5: random weights, never trained' "${FRESH[@]}" --random-init 5
cp "$T" "$TMP/seed-5"
run "${FRESH[@]}" --random-init 5
if cmp -s "$T" "$TMP/seed-5"; then pass; else fail "--random-init" "the same seed, other numbers"; fi
run "${FRESH[@]}" --random-init 6
values blocks.0.attn.hook_q
other=$(get 'd["values"]')
cp "$TMP/seed-5" "$T"
values blocks.0.attn.hook_q
if [ "$other" != "$(get 'd["values"]')" ]; then pass; else
    fail "--random-init" "another seed, the same numbers"
fi
for model in neox-a mixtral-a bert-b t5-a bart-a marian-a; do
    run trace --random-init 1 --config "$M/$model/config.json" --set n_layers=3,n_heads=2,d_model=24 \
        --tokens 7,8,9 --output "$T"
    same "a fresh $model of another shape" 0 $rc
    like "a fresh $model is whole" '^[0-9]+$' "$(python3 tests/tools/trace_check.py "$T" 2>&1)"
done
rm -f "$T"
refuses "--random-init without --config" 1 'give --config F.json too' trace --random-init 1 --tokens 7 \
    --output "$T"
refuses "--config without --random-init" 1 'give --random-init SEED as well' trace --config "$SHAPE" \
    --tokens 7 --output "$T"
refuses "--random-init with --model" 1 '--model has no use' trace --random-init 1 --config "$SHAPE" \
    --model "$M/llama-a" --tokens 7 --output "$T"
refuses "--config, no file" 1 'nothing.json: No such file' trace --random-init 1 \
    --config "$TMP/nothing.json" --tokens 7 --output "$T"
refuses "--random-init, an impossible shape" 1 '5 heads do not share' trace --random-init 1 \
    --config "$M/gpt2-a/config.json" --set n_heads=5,d_model=24 --tokens 7 --output "$T"

# ---- inspect, models ----

parameters() { # MODEL: those of its file, of which no two share memory
    python3 -c "import json, math, sys; sys.path.insert(0, 'tests/tools')
from cli_families import read_weights
print(sum(math.prod(s) for _, s, _ in read_weights('$M/$1/model.safetensors').values()))"
}
json "inspect --model --json" inspect --model "$M/mixtral-a" --json
same "inspect: parameters" "$(parameters mixtral-a)" "$(get 'd["parameters"]')"
same "inspect: those of a token" "$(get 'd["parameters"] - 3 * 3 * 2 * 18 * 11')" \
    "$(get 'd["active_parameters"]')"
same "inspect: knobs" '5 2 rotary pre causal' "$(get '*(d["knobs"][k] for k in ("n_experts", "n_active", "pos", "norm_place", "mask")), sep=" "')"
works "inspect, experts" inspect --model "$M/mixtral-a"
like "inspect, experts" 'a token goes through [0-9]+ \(2 of 5 experts a layer\)' "$(out)"
like "inspect, a stack of experts" '^EXPERT_IN +blocks +2  5×18×11 ' "$(out)"
works "inspect, a window" inspect --model "$M/mistral-a"
like "inspect, a window" '^mask +causal, local:3$' "$(out)"
works "inspect, two stacks" inspect --model "$M/t5-a"
like "inspect, two stacks" '^encoder +2 +3 +3 +6 +21$' "$(out)"
like "inspect, two stacks" '^decoder +3 +3 +3 +6 +21$' "$(out)"
like "inspect, tied matrices count once" '^UNEMBED +decoder +16×37 +MV +shared ' "$(out)"
noted "inspect, a fresh model" 'fresh gpt2, seed 1' inspect --random-init 1 \
    --config "$M/gpt2-a/config.json" --set n_layers=3,n_heads=4,d_model=32
like "inspect, a fresh model" '^W_IN +blocks +3  32×128 ' "$(out)"
noted "inspect --set" 'norm: layer → none; ' inspect --model "$M/bert-d" --set norm=none
refuses "inspect, a trace and a model" 2 'DIR stands in the place of F.safetensors' inspect x \
    --model "$M/t5-a"
refuses "inspect, knobs of a trace" 1 '--set KNOB=VALUE is for a model' inspect x --set norm=rms
refuses "inspect, a model's record" 1 '--record is for a trace' inspect --model "$M/t5-a" --record x
mkdir -p "$TMP/assets/models"
cp -r "$M/t5-a" "$M/bert-c" "$TMP/assets/models"
export ATTNSCOPE_ASSETS=$TMP/assets
works "models" models
like "models: two stacks" '^t5-a +t5 +continues texts +2\+3 ' "$(out)"
like "models: its task" '^bert-c +bert +labels tokens +2 ' "$(out)"
json "models --json" models --json
same "models --json" '2 labels tokens' \
    "$(get 'd["models"][1]["encoder_layers"], d["models"][0]["task"], sep=" "')"
unset ATTNSCOPE_ASSETS

# ---- broken folders ----

while IFS=$'\t' read -r folder regex; do
    refuses "$folder" 1 "$regex" trace --model "$M/$folder" --prompt w7 --output "$T"
done <"$M/cases.txt"

# A fresh model was never trained: a warning on its length can't say for what.
run trace --random-init 1 --config "$M/llama-a/config.json" --set n_ctx=3 --tokens 1,2,3,4 --output "$T"
like "fresh and too long" "warning: 4 tokens, but the model is made for up to 3" "$(cat "$TMP/stderr")"

rm -f "$T"
refuses "a pair for a model that reads one text" 1 'story \(gpt2\) reads one text: it has no token types' \
    trace --model assets/models/story --prompt a --pair b --output "$OUT/t.safetensors"
finish
