#!/bin/bash
# The command line: what it prints, and that what can't be done gives one clear line and nothing
# else. $ATTNSCOPE is the program (build/attnscope); models come from tests/tools/cli_models.py.
set -u
cd "$(dirname "$0")/.."
. tests/tools/cli_checks.sh
SHARED=${ATTNSCOPE_SHARED:-../shared}
python3 tests/tools/cli_models.py "$M" || exit 1
T=$OUT/t.safetensors
CHAIN=(--model "$M/chain")

# ---- help and usage ----

works "version" --version
like "version" '^attnscope [0-9]+\.[0-9]+' "$(out)"
for args in help --help -h; do
    works "$args" $args
    like "$args lists the commands" '^  explain ' "$(out)"
done
for command in trace generate fill classify tag similar explain tokens models inspect reach attention compare pattern bench; do
    works "$command --help" $command --help
    like "$command --help" "^usage: attnscope $command" "$(out)"
    like "$command --help lists --json" '^  --json ' "$(out)"
    works "help $command" help $command
    refuses "$command, unknown option" 2 "$command: unknown option --josn; did you mean --json" \
        $command --josn
done
refuses "unknown command" 2 'unknown command trase; did you mean trace' trase
refuses "unknown command, help" 2 'unknown command trase' help trase
refuses "no input" 2 'no input, expected one of --prompt' trace --output "$T"
refuses "two inputs" 2 'more than one input' trace --prompt a --tokens 1 --output "$T"
refuses "no output" 2 'output FILE is missing' trace --prompt a
refuses "no cell" 2 'cell .* is missing' explain --prompt a
refuses "option without value" 2 'output FILE has no value' trace --prompt a --output
refuses "flag with value" 2 'json takes no value' trace --prompt a --output "$T" --json=1
refuses "surplus argument" 2 'unexpected argument "b"' trace --prompt a b --output "$T"
refuses "inspect without file" 2 'F.safetensors is missing' inspect
for wrong in 0 -1 1.5 two ''; do
    refuses "--threads '$wrong'" 2 '--threads is' trace --prompt a --output "$T" "--threads=$wrong"
done
for wrong in -1 1X KB 99999999999999999999 17179869184G 1.5G; do
    refuses "--max-memory $wrong" 2 '--max-memory is' trace --prompt a --output "$T" \
        --max-memory "$wrong"
done
for wrong in 1,x 1,,2 1, x '1;2'; do
    refuses "--tokens $wrong" 2 '--tokens is' trace --tokens "$wrong" --output "$T"
done
refuses "--temperature -1" 2 '--temperature is "-1"' generate --prompt a --temperature -1
refuses "--temperature nan" 2 '--temperature is "nan"' generate --prompt a --temperature nan
refuses "--top-p 0" 2 '--top-p is "0"' generate --prompt a --top-p 0
refuses "--top-p 1.1" 2 '--top-p is "1.1"' generate --prompt a --top-p 1.1
refuses "--top-k -1" 2 '--top-k is "-1"' generate --prompt a --top-k -1
refuses "--max-new-tokens x" 2 '--max-new-tokens is "x"' generate --prompt a --max-new-tokens x
refuses "--greedy --temperature 1" 2 'greedy is --temperature 0' generate --prompt a --greedy \
    --temperature 1

# ---- what can't be done ----

trace() { # NAME STATUS REGEX MODEL [ARGS…]
    local name=$1 status=$2 regex=$3 model=$4
    shift 4
    [ $# != 0 ] || set -- --prompt a
    refuses "$name" "$status" "$regex" trace --model "$M/$model" "$@" --output "$T"
}
trace "missing folder" 1 'nowhere: ' nowhere
trace "a file for a folder" 1 'chain/config.json' chain/config.json
trace "no config.json" 1 'no-config: there is no config.json' no-config
trace "no model.safetensors" 1 'no-weights: there is no model.safetensors' no-weights
trace "truncated" 1 'truncated/model.safetensors: .*data_offsets are .* but the file has' truncated
trace "empty" 1 'empty/model.safetensors: 0 bytes' empty
trace "8 bytes" 1 "eight/model.safetensors: the header's length is 2" eight
trace "8 bytes, a huge length" 1 "eight-large/model.safetensors: the header's length" eight-large
trace "overlapping" 1 'overlap/model.safetensors: .*overlaps "transformer.wte.weight"' overlap
trace "overflowing" 1 'overflow/model.safetensors: .*shape is too large' overflow
trace "offsets outside" 1 'outside/model.safetensors: .*data_offsets are' outside
trace "wrong dtype" 1 'dtype/model.safetensors: .*ln_f.bias" is I32, expected F32' dtype
trace "missing weight" 1 'missing/model.safetensors: .*h.1.mlp.c_fc.bias" is missing' missing
trace "wrong shape" 1 'shape/model.safetensors: .*ln_f.bias" is \[17\], expected \[16\]' shape
trace "broken config.json" 1 'bad-config/config.json: not valid JSON' bad-config
trace "broken header" 1 'bad-header/model.safetensors: .*not valid JSON' bad-header
trace "broken tokenizer.json" 1 'bad-tokenizer/tokenizer.json: not valid JSON' bad-tokenizer
trace "unknown model_type" 1 'model-type/config.json: model_type is "parrot".*gpt2' model-type
trace "wrong field" 1 'heads/config.json: n_head is "four", expected an integer' heads
trace "tokenizer id beyond the vocabulary" 1 'small-vocab/tokenizer.json: .*257' small-vocab
trace "empty prompt" 1 'the prompt gives no token' chain --prompt ''
trace "no ids" 1 'the list is empty' chain --tokens ''
trace "prompt longer than the context" 1 'input: 30 tokens, .*24 rows' chain --prompt \
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
trace "id beyond the vocabulary" 1 'id 257 .*expected 0 to 256' chain --tokens 5,257
trace "negative id" 1 'id -1 .*expected 0 to 256' chain --tokens -1
trace "id beyond 32 bits" 1 'expected 0 to 256' chain --tokens 4294967297
trace "id beyond 64 bits" 1 'expected 0 to 256' chain --tokens 99999999999999999999
trace "unknown stage" 1 'blocks.9.hook_nothing' chain --prompt a --stages 'blocks.9.hook_nothing'
trace "budget too small" 1 'the least .*\([0-9]+ bytes\)' chain --prompt a --max-memory 100
trace "budget of nothing" 1 'the least .*\([0-9]+ bytes\)' chain --prompt a --max-memory 0
trace "no tokenizer for a prompt" 1 'no-tokenizer: there is no tokenizer.json, which a text needs' no-tokenizer
trace "decoder tokens" 1 'decoder-tokens: .*gpt2' chain --prompt a --decoder-tokens 1
trace "missing prompt file" 1 'nothing.txt: No such file' chain --prompt-file "$TMP/nothing.txt"
for where in "$OUT/none/t.safetensors" "$M/chain/config.json/t.safetensors" /proc/t.safetensors \
    "$M"; do
    refuses "output $where" 1 "$where: " trace "${CHAIN[@]}" --prompt a --output "$where"
    refuses "generate --trace $where" 1 "$where: " generate "${CHAIN[@]}" --prompt a \
        --max-new-tokens 1 --trace "$where" --json
done
if [ "$(id -u)" != 0 ]; then
    mkdir "$TMP/closed"
    chmod 555 "$TMP/closed"
    refuses "read-only folder" 1 "can't write into" trace "${CHAIN[@]}" --prompt a \
        --output "$TMP/closed/t.safetensors"
else
    skip # root may write anywhere
fi
explain() { # NAME REGEX CELL
    refuses "$1" 1 "$2" explain "${CHAIN[@]}" --prompt aab --cell "$3"
}
explain "unknown record" 'no record blocks.0.attn.hook_patern; near it: blocks.0.attn.hook_pattern' \
    'blocks.0.attn.hook_patern[0,0,0]'
explain "cell out of range" 'axis query, .*0 to 2 .*found 3' 'blocks.0.attn.hook_pattern[0,3,0]'
explain "huge index" 'axis head|whole numbers' 'blocks.0.attn.hook_pattern[99999999999999999999,0,0]'
explain "too few indices" '3 whole numbers' 'blocks.0.attn.hook_pattern[0,0]'
explain "no index" '3 whole numbers' 'blocks.0.attn.hook_pattern'
explain "text behind the cell" '3 whole numbers' 'blocks.0.attn.hook_pattern[0,0,0]x'
explain "sampling was not asked for" 'no record sample.hook_token' 'sample.hook_token[0]'
refuses "explain, budget" 1 'the least' explain "${CHAIN[@]}" --prompt aab --max-memory 10 \
    --cell 'logits[0,0]'
refuses "generate, empty prompt" 1 'no token' generate "${CHAIN[@]}" --prompt ''
refuses "generate, too long" 1 '30 tokens' generate "${CHAIN[@]}" \
    --prompt aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
refuses "generate without a tokenizer" 1 'no tokenizer.json' generate --model "$M/no-tokenizer" \
    --tokens 1
refuses "tokens without a tokenizer" 1 'no-tokenizer/tokenizer.json' tokens \
    --model "$M/no-tokenizer" --prompt a
refuses "inspect, no file" 1 'nothing.safetensors: No such file' inspect "$TMP/nothing.safetensors"
refuses "inspect, no trace" 1 'is no trace' inspect "$M/chain/model.safetensors"
refuses "inspect, no safetensors" 1 'config.json' inspect "$M/chain/config.json"

# ---- trace ----

works "trace" trace "${CHAIN[@]}" --prompt 'abz 한' --output "$T" --seed 3
like "trace's summary" 't.safetensors: [0-9]+ records, 7 tokens' "$(out)"
records=$(python3 tests/tools/trace_check.py "$T" 2>&1)
like "trace read back" '^[0-9]+$' "$records"
json "inspect --json" inspect "$T" --json
same "inspect lists each record" "$records" "$(get 'len(d["records"])')"
works "inspect" inspect "$T"
like "inspect names a record" '^blocks\.1\.attn\.hook_pattern +softmax +2×7×7 ' "$(out)"
works "inspect --record" inspect "$T" --record hook_tokens
like "inspect --record" '97  98  122' "$(out)"
json "inspect --record --json" inspect "$T" --json --record blocks.0.attn.hook_attn_scores
same "inspect --record: masked cells" "-inf" "$(get 'd["values"][1][0][6]')"
refuses_record() {
    run inspect "$T" --record hook_tokenz
    same "inspect, unknown record: status" 1 $rc
    like "inspect, unknown record" 'no record hook_tokenz; near it: hook_tokens' "$(cat "$TMP/stderr")"
}
refuses_record
cp "$T" "$TMP/first.safetensors"
for threads in 1 2 3 8; do
    works "--threads $threads" trace "${CHAIN[@]}" --prompt 'abz 한' --output "$T" --seed 3 \
        --threads $threads
    if cmp -s "$T" "$TMP/first.safetensors"; then pass; else fail "--threads $threads" "other bytes"; fi
done
ids=97,98,122,32,237,149,156
works "--tokens" trace "${CHAIN[@]}" --tokens "$ids" --output "$T" --seed 3
if cmp -s "$T" "$TMP/first.safetensors"; then pass; else fail "--tokens" "other than the prompt"; fi
printf 'abz 한' >"$TMP/prompt.txt"
works "--prompt-file" trace "${CHAIN[@]}" --prompt-file "$TMP/prompt.txt" --output "$T" --seed 3
if cmp -s "$T" "$TMP/first.safetensors"; then pass; else fail "--prompt-file" "other bytes"; fi
"$BIN" trace "${CHAIN[@]}" --prompt-file - --output="$T" --seed=3 <"$TMP/prompt.txt" >/dev/null
if cmp -s "$T" "$TMP/first.safetensors"; then pass; else fail "--prompt-file -" "other bytes"; fi
rm "$T"
"$BIN" trace "${CHAIN[@]}" --prompt 'abz 한' --output /dev/stdout --seed 3 | cat >"$TMP/piped"
if cmp -s "$TMP/piped" "$TMP/first.safetensors"; then pass; else fail "/dev/stdout" "other bytes"; fi
works "no tokenizer is needed" trace --model "$M/no-tokenizer" --tokens 1,2,3 --output "$T"
works "nor one that can be read" trace --model "$M/bad-tokenizer" --tokens 1,2,3 --output "$T"
json "trace --json" trace --model "$M/bos" --prompt '' --output "$T" --json
same "a BOS makes an empty prompt a token" '[256]' "$(get 'd["ids"]')"
json "--tokens adds no BOS" trace --model "$M/bos" --tokens 97 --output "$T" --json
same "--tokens adds no BOS" '[97]' "$(get 'd["ids"]')"
works "--stages" trace "${CHAIN[@]}" --prompt ab --stages '*.hook_pattern,logits' --output "$T"
same "--stages keeps those" 3 "$(python3 tests/tools/trace_check.py "$T")"
works "--stages with hook_result" trace "${CHAIN[@]}" --prompt ab --output "$T" \
    --stages 'blocks.*.attn.hook_result'
same "--stages makes hook_result" 2 "$(python3 tests/tools/trace_check.py "$T")"
run trace "${CHAIN[@]}" --prompt ab --max-memory 1 --output "$T.small"
least=$(grep -oE '\([0-9]+ bytes\)' "$TMP/stderr" | tail -1 | tr -dc 0-9)
works "--max-memory: the least that it names" trace "${CHAIN[@]}" --prompt ab --output "$T" \
    --max-memory "$least"
run trace "${CHAIN[@]}" --prompt ab --output "$T" --max-memory $((least - 1))
same "--max-memory: a byte less" 1 $rc
works "--max-memory 1G" trace "${CHAIN[@]}" --prompt ab --output "$T" --max-memory 1G
json "--plan" trace "${CHAIN[@]}" --prompt ab --plan --json
all=$(get 'd["kept"]')
same "--plan: a record for each" "$all" "$(get 'sum(r["plan"] in ("kept", "view") for r in d["records"])')"
same "--plan: it fits" "True 0" "$(get 'd["fits"], d["left_out"]' | tr -d '(),')"
total=$(get 'd["total_bytes"]')
works "--plan: what it says is enough" trace "${CHAIN[@]}" --prompt ab --output "$T" --max-memory "$total"
json "--plan, too little" trace "${CHAIN[@]}" --prompt ab --plan --json --max-memory $((total - 1))
same "--plan, too little: it does not fit" False "$(get 'd["fits"]')"
works "--plan as text" trace "${CHAIN[@]}" --prompt ab --plan --max-memory 1000
like "--plan as text: a record" '^blocks\.1\.attn\.hook_pattern +2×2×2 .*kept$' "$(out)"
like "--plan as text: what then" 'does not fit: .*--stages.*--fit.*--max-memory' "$(out)"
works "--plan, free memory" trace "${CHAIN[@]}" --prompt ab --plan
like "--plan, free memory" 'a quarter of what' "$(out)"
run trace "${CHAIN[@]}" --prompt ab --max-memory $((total - 1)) --output "$T.small"
same "what does not fit is an error" "1 no" "$rc $([ -e "$T.small" ] && echo yes || echo no)"
like "what does not fit: what then" 'the least .*--fit keeps what fits, --plan shows' "$(cat "$TMP/stderr")"
json "--fit" trace "${CHAIN[@]}" --prompt ab --max-memory $((total - 1)) --fit --output "$T" --json
left=$(get 'd["left_out"]')
kept=$(get 'd["records"]')
json "--fit, planned" trace "${CHAIN[@]}" --prompt ab --max-memory $((total - 1)) --fit --plan --json
same "--fit: as planned" "$kept $left" "$(get 'd["kept"], d["left_out"]' | tr -d '(),')"
same "--fit: all are kept or left out" "$all" $((kept + left))
same "--fit: some are left out" 1 $((left > 0))
same "--fit: the file has what was kept" "$kept" "$(python3 tests/tools/trace_check.py "$T")"
rm -f "$T"
refuses "--fit: what is named must fit" 1 'the least' trace "${CHAIN[@]}" --prompt ab --fit \
    --stages '*,*hook_pattern,logits' --max-memory 1000 --output "$T"
refuses "neither output nor plan" 2 'output .*is missing' trace --prompt a
run trace --model "$M/extra" --prompt a --output "$T"
same "an unused weight is no error" 0 $rc
like "an unused weight is noted" '^attnscope: note: .*surplus.weight' "$(cat "$TMP/stderr")"

# ---- explain ----

cells=$(cd tests/tools && python3 explain_check.py "$BIN" "$M/chain" "$TMP/first.safetensors" "$ids" 2>&1)
same "explain: two cells of every record" "$((2 * records))" "$cells"
works "explain" explain "${CHAIN[@]}" --prompt abz --cell 'blocks.1.attn.hook_attn_scores_raw[1,2,1]'
like "explain: the cell" '^blocks.1.attn.hook_attn_scores_raw\[1,2,1\] = ' "$(out)"
like "explain: the place" 'query 2 \(z\), key 1 \(b\)' "$(out)"
like "explain: a term" 'blocks.1.attn.hook_q\[2,1,7\], blocks.1.attn.hook_k\[1,1,7\]' "$(out)"
like "explain: recomputed" '^recomputed +-?[0-9]' "$(out)"
json "explain, masked" explain "${CHAIN[@]}" --prompt abz --json \
    --cell 'blocks.0.attn.hook_attn_scores[0,0,2]'
same "explain, masked: value" "-inf -inf" "$(get 'd["value"], d["recomputed"]' | tr -d "(),'")"
json "explain hook_result" explain "${CHAIN[@]}" --prompt abz --json \
    --cell 'blocks.1.attn.hook_result[2,1,3]'
same "explain hook_result: terms" 8 "$(get 'len(d["terms"])')"
works "explain needs little memory" explain "${CHAIN[@]}" --prompt abz --max-memory 20K \
    --cell 'blocks.1.attn.hook_z[2,1,3]'

# ---- generate ----

rm -f "$OUT"/*
text() { # NAME EXPECTED ARGS…
    local name=$1 expected=$2
    shift 2
    works "$name" generate "$@"
    same "$name" "$expected" "$(out)"
}
text "generate" 'a한한' "${CHAIN[@]}" --prompt a --max-new-tokens 6
for n in 3 4 5; do
    text "an incomplete character is held back ($n)" 'a한' "${CHAIN[@]}" --prompt a \
        --max-new-tokens $n
done
text "it stops at the end token, which is not printed" 'bx' "${CHAIN[@]}" --prompt b
text "no new token" 'ab' "${CHAIN[@]}" --prompt ab --max-new-tokens 0
text "no decoder: spaces between pieces" 'w7 z y z' --model "$M/words" --prompt 'w7 z' \
    --max-new-tokens 2
text "BOS is not printed" 'bx' --model "$M/bos" --prompt b
text "--temperature 0" 'z z z' "${CHAIN[@]}" --prompt z --max-new-tokens 4 --temperature 0
text "--top-k 1" 'z z z' "${CHAIN[@]}" --prompt z --max-new-tokens 4 --top-k 1 --seed 5
run generate "${CHAIN[@]}" --prompt z --max-new-tokens 100
same "full context: status" 0 $rc
like "full context: a warning" 'warning: .*24 tokens is full' "$(cat "$TMP/stderr")"
run generate "${CHAIN[@]}" --prompt z --max-new-tokens 8 --temperature 30 --seed 1 --json
first=$(get 'd["tokens"]')
run generate "${CHAIN[@]}" --prompt z --max-new-tokens 8 --temperature 30 --seed 1 --json --threads 3
same "the same seed, the same text" "$first" "$(get 'd["tokens"]')"
run generate "${CHAIN[@]}" --prompt z --max-new-tokens 8 --temperature 30 --seed 2 --json
if [ "$first" != "$(get 'd["tokens"]')" ]; then pass; else fail "another seed" "the same text"; fi
json "generate --json" generate "${CHAIN[@]}" --prompt a --max-new-tokens 4 --json
same "generate --json: tokens" '[237, 149, 156, 237]' "$(get 'd["tokens"]')"
same "generate --json: text" 'a한' "$(get 'd["text"]')"
works "generate --trace" generate "${CHAIN[@]}" --prompt z --max-new-tokens 3 --seed 3 --trace "$T"
like "generate --trace read back" '^[0-9]+$' "$(python3 tests/tools/trace_check.py "$T" 2>&1)"
same "generate --trace: a step's choice" 122 \
    "$(python3 tests/tools/trace_check.py "$T" steps.1.sample.hook_token 0)"
same "generate --trace: the step's own row" 1 \
    "$(python3 tests/tools/trace_check.py "$T" steps.2.kv_cache.hook_rows 2)"
same "generate --trace: a row that is used again" 0 \
    "$(python3 tests/tools/trace_check.py "$T" steps.2.kv_cache.hook_rows 1)"
json "generate --trace: metadata" inspect "$T" --json
same "generate --trace: the cache is on" on "$(get 'd["kv_cache"]')"
works "generate --trace, cache off" generate "${CHAIN[@]}" --prompt z --max-new-tokens 3 --seed 3 \
    --trace "$T" --kv-cache off
same "generate --trace, cache off: all rows" 1 \
    "$(python3 tests/tools/trace_check.py "$T" steps.2.kv_cache.hook_rows 0)"
json "generate --trace, cache off: metadata" inspect "$T" --json
same "generate --trace, cache off: metadata" off "$(get 'd["kv_cache"]')"
text "--kv-cache off" 'a한한' "${CHAIN[@]}" --prompt a --max-new-tokens 6 --kv-cache off
json "--kv-cache on --json" generate "${CHAIN[@]}" --prompt a --max-new-tokens 4 --kv-cache on --json
same "the rows of each step" '[(1, 0), (1, 1), (1, 2), (1, 3)]' \
    "$(get '[(s["new_rows"], s["reused_rows"]) for s in d["steps"]]')"
with=$(get '[s["flops_with_cache"] for s in d["steps"]]')
without=$(get '[s["flops_without_cache"] for s in d["steps"]]')
same "what a step took" True "$(get 'all(s["flops"] == s["flops_with_cache"] for s in d["steps"])')"
same "the total is the sum" True "$(get 'd["total"]["flops"] == sum(s["flops"] for s in d["steps"])')"
json "--kv-cache off --json" generate "${CHAIN[@]}" --prompt a --max-new-tokens 4 --kv-cache off --json
same "off: the rows of each step" '[(1, 0), (2, 0), (3, 0), (4, 0)]' \
    "$(get '[(s["new_rows"], s["reused_rows"]) for s in d["steps"]]')"
same "off: the same counts, the other way round" "$with $without" \
    "$(get '[s["flops_with_cache"] for s in d["steps"]]') $(get '[s["flops_without_cache"] for s in d["steps"]]')"
same "off: what a step took" True \
    "$(get 'all(s["flops"] == s["flops_without_cache"] for s in d["steps"])')"
works "--count" generate "${CHAIN[@]}" --prompt a --max-new-tokens 4 --count
like "--count: the text comes first" '^a한$' "$(out)"
like "--count: a row a step" '^    3 +1 +3 +0 ' "$(out)"
like "--count: the total" '^total +4 ' "$(out)"
works "--count, no step" generate "${CHAIN[@]}" --prompt a --max-new-tokens 0 --count
same "--count, no step" a "$(out)"
rm -f "$OUT"/*
refuses "--kv-cache x" 2 '--kv-cache is "x", expected on or off' generate "${CHAIN[@]}" --prompt a --kv-cache x
refuses "--kv-cache on, every token sees all" 1 'kv-cache on: model .* lets a token look at later ones' \
    generate "${CHAIN[@]}" --prompt a --mask full --kv-cache on
run generate "${CHAIN[@]}" --prompt a --mask full --max-new-tokens 2
same "generate, every token sees all" 0 $rc
works "generate --trace, no step" generate "${CHAIN[@]}" --prompt z --max-new-tokens 0 --trace "$T"
same "generate --trace, no step" 0 "$(python3 tests/tools/trace_check.py "$T")"

# ---- recurrent models, reach ----

LSTM=(--model tests/golden/lstm-a --tokens 3,5,7,9)
works "trace, LSTM" trace "${LSTM[@]}" --output "$T"
json "inspect --json, LSTM" inspect "$T" --json
same "inspect: sequential steps" '4 none off' \
    "$(get '"%s %s %s" % (d["sequential_steps"], d["attention"], d["kv_cache"])')"
works "inspect, LSTM" inspect "$T"
like "inspect: sequential steps in words" '^4 sequential steps a layer: each token waits' "$(out)"
like "inspect: a gate" '^blocks\.1\.rnn\.hook_f +activation +4×14 +position d_hidden ' "$(out)"
works "trace, transformer" trace "${CHAIN[@]}" --tokens 97,98 --output "$T"
works "inspect, transformer" inspect "$T"
like "inspect: one step" '^1 sequential step a layer' "$(out)"
rm -f "$T"
refuses "an LSTM and a mask" 1 'lstm-a \(lstm\) has no attention to mask' \
    explain "${LSTM[@]}" --mask full --cell 'hook_embed[0,0]'
json "explain --json, a carried state" explain "${LSTM[@]}" --cell 'blocks.1.rnn.hook_carried[2,5]' --json
same "explain: the row before" 'blocks.1.rnn.hook_hidden [1, 5]' \
    "$(get '"%s %s" % (d["terms"][0]["operands"][0]["record"], d["terms"][0]["operands"][0]["index"])')"
json "reach --json" reach "${LSTM[@]}" --beside tests/golden/rnn-a --json
same "reach: two models, the last token first" 'lstm-a 4 0 3 rnn-a' \
    "$(get '" ".join(str(x) for x in (d["models"][0]["model"], len(d["models"][0]["positions"]),
d["models"][0]["positions"][0]["back"], d["models"][0]["positions"][0]["position"], d["models"][1]["model"]))')"
works "reach" reach "${LSTM[@]}"
like "reach: a table" '^ +3  3 +0\.[0-9]+$' "$(out)"
refuses "reach, no such second model" 1 'nothing' reach "${LSTM[@]}" --beside nothing

# ---- tokens, models, bench ----

json "tokens --json" tokens "${CHAIN[@]}" --prompt 'a 한' --json
same "tokens: ids" '[97, 32, 237, 149, 156]' "$(get '[t["id"] for t in d["tokens"]]')"
same "tokens: offsets" '[(0, 1), (1, 2), (2, 5), (2, 5), (2, 5)]' \
    "$(get '[(t["start"], t["end"]) for t in d["tokens"]]')"
same "tokens: pieces" 'a Ġ í' "$(get '" ".join(t["piece"] for t in d["tokens"][:3])')"
works "tokens" tokens "${CHAIN[@]}" --prompt 'a 한'
like "tokens: a table" '^ +2  237 +2 +5  한 1/3' "$(out)"
json "tokens --steps --json" tokens "${CHAIN[@]}" --steps 'a 한' --json
same "tokens --steps: ids" '[97, 32, 237, 149, 156]' "$(get 'd["ids"]')"
same "tokens --steps: the last step" '[97, 32, 237, 149, 156]' \
    "$(get '[t["id"] for t in d["steps"][-1]["tokens"]]')"
same "tokens --steps: kinds" 'text split symbols pieces symbols pieces tokens' \
    "$(get '" ".join(s["kind"] for s in d["steps"])')"
same "tokens --steps: a word's place" '(1, 5)' \
    "$(get '(d["words"][1]["start"], d["words"][1]["end"])')"
works "tokens --steps" tokens "${CHAIN[@]}" --steps 'a 한'
like "tokens --steps: a heading" '^word 2 of 2: "Ġíķľ", bytes 1 to 5' "$(out)"
like "tokens --steps: symbols" 'symbols +"Ġ" "í" "ķ" "ľ"' "$(out)"
works "tokens --steps, nothing" tokens "${CHAIN[@]}" --steps ''
rm -f "$T"
refuses "tokens --steps, two inputs" 2 'more than one input.*--steps' tokens --prompt a --steps a
refuses "tokens --steps, too long" 1 '9000 bytes.*8192' tokens "${CHAIN[@]}" \
    --steps "$(printf '%9000d' 1)"
refuses "--steps elsewhere" 2 'steps' generate --steps a
works "tokens --tokens" tokens "${CHAIN[@]}" --tokens 256,97
like "tokens --tokens" '<\|end\|>' "$(out)"
mkdir -p "$TMP/assets/models"
cp -r "$M/chain" "$M/missing" "$M/heads" "$TMP/assets/models"
export ATTNSCOPE_ASSETS=$TMP/assets
json "models --json" models --json
same "models: names" 'chain heads missing' "$(get '" ".join(m["name"] for m in d["models"])')"
same "models: sizes" '2 2 16 257 24' \
    "$(get 'd["models"][0]' | python3 -c 'import ast, sys; m = ast.literal_eval(sys.stdin.read())
print(*(m[k] for k in ("layers", "heads", "d_model", "vocab", "context")))')"
works "models" models
like "models: a table" '^chain +gpt2 +continues texts +2 +2 +16 +257 ' "$(out)"
like "models: a problem" '^heads can.t be opened: .*n_head' "$(out)"
text "a model by its name" 'bx' --model chain --prompt b
rm -f "$T"
refuses "no default model" 1 'story: .*chain' generate --prompt b
unset ATTNSCOPE_ASSETS
json "bench --json" bench "${CHAIN[@]}" --prompt z --repeat 2 --max-new-tokens 2 --json
like "bench: numbers" '^True$' \
    "$(get 'd["trace_ms"] > 0 and d["forward_ms"] > 0 and d["tokens_per_second"] > 0')"
works "bench" bench "${CHAIN[@]}" --prompt z --repeat 1 --max-new-tokens 1
NANO=(bench --shape nano --length 5 --repeat 2 --max-new-tokens 3 --threads 1)
for task in prefill decode attention trace start; do
    for weights in f32 f16 bf16; do
        json "bench, $task, $weights" "${NANO[@]}" --task $task --weights $weights --json
        same "bench, $task, $weights" "$task nano 5 1 $weights standard 2 True True" "$(get '" ".join(
            str(x) for x in (d["task"], d["shape"], d["length"], d["threads"], d["weights"],
            d["attention"], len(d["times_ms"]), d["min_ms"] <= d["median_ms"],
            all(d[k] > 0 for k in ("tokens_per_s", "gflops", "bytes", "gb_per_s"))))')"
    done
    works "bench, $task" "${NANO[@]}" --task $task
    like "bench, $task: times" '^median +[0-9.]+ ms' "$(out)"
done
json "bench, flash" "${NANO[@]}" --task attention --attention flash --mask full --json
same "bench, flash: the work" '800 flash' "$(get 'round(d["gflops"] * d["median_ms"] * 1e6 /
(d["extra_bytes"] > 0)), d["attention"]' | tr -d "(),'")"
json "bench, flash, a tile" "${NANO[@]}" --task attention --attention flash --tile 2x4 --json
same "bench, flash, a tile" '[2, 4]' "$(get 'd["tile"]')"
json "bench, decode without a cache" "${NANO[@]}" --task decode --kv-cache off --json
same "bench, decode without a cache" off "$(get 'd["kv_cache"]')"
json "bench, a model, other switches" bench "${CHAIN[@]}" --prompt z --repeat 1 --max-new-tokens 2 \
    --attention flash --kv-cache off --json
json "bench, causal" "${NANO[@]}" --task attention --json
json "bench, a trace with flash" "${NANO[@]}" --task trace --attention flash --json
like "bench, a trace: beside it" '^True$' \
    "$(get 'len(d["logits_times_ms"]) == 2 and d["trace_to_logits"] > 0')"
json "bench, a small GPT-2" "${NANO[@]}" --shape nano-gpt2 --task start --json
refuses "bench, no such shape" 1 'no shape "gpt5", expected one of nano, nano-gpt2, llama-15m' bench --shape gpt5
refuses "bench, no such task" 2 'task is "sing", expected prefill' bench --shape nano --task sing
refuses "bench, no such type" 2 'weights is "f64", expected f32' bench --shape nano --weights f64
refuses "bench, no such attention" 2 'attention is "flush", expected standard or flash' \
    bench --shape nano --attention flush
refuses "bench, too long" 1 'length is 33, and nano-gpt2 has room for 32' \
    bench --shape nano-gpt2 --length 33
refuses "bench, too many new ones" 1 '30 and 3 new tokens are 33, and nano-gpt2 has room for 32' \
    bench --shape nano-gpt2 --task decode --length 30 --max-new-tokens 3
refuses "bench, nothing new" 2 'max-new-tokens is 0' bench --shape nano --max-new-tokens 0
refuses "bench, a task alone" 2 'task NAME is for a shape' bench "${CHAIN[@]}" --task prefill
refuses "bench, shape and model" 2 'model DIR has no use beside --shape' bench "${CHAIN[@]}" --shape nano

# ---- standard output ----

for args in "models" "help" "trace --help" "tokens --prompt a" "generate --prompt b" \
    "explain --prompt a --cell logits[0,0]"; do
    case $args in models | help | *--help) model=() ;; *) model=("${CHAIN[@]}") ;; esac
    "$BIN" $args "${model[@]}" >/dev/full 2>"$TMP/stderr"
    same "full disk, $args: status" 1 $?
    like "full disk, $args" '^attnscope: (generate: )?standard output: No space left on device$' \
        "$(cat "$TMP/stderr")"
    "$BIN" $args "${model[@]}" >&- 2>"$TMP/stderr"
    same "closed output, $args: status" 1 $?
done
rm -f "$T"
"$BIN" trace "${CHAIN[@]}" --prompt a --output "$T" >&- 2>/dev/null
like "closed output: the trace is whole" '^[0-9]+$' "$(python3 tests/tools/trace_check.py "$T" 2>&1)"

# ---- flash attention ----

FLASH=("${CHAIN[@]}" --tokens 1,2,3,4,5 --attention flash --tile 2x2)
rm -f "$T"
works "flash: trace" trace "${FLASH[@]}" --stages '*,*flash*' --output "$T"
works "flash: inspect" inspect "$T"
like "flash: the trace says so" 'attention flash' "$(out)"
like "flash: records of tiles" '^blocks.0.attn.flash.hook_max +flash_max +3×5 ' "$(out)"
rm -f "$T"
works "flash: explain" explain "${FLASH[@]}" --cell 'blocks.0.attn.flash.hook_max[1,4]'
like "flash: an earlier cell of the record" 'blocks.0.attn.flash.hook_max\[0,4\]$' "$(out)"
like "flash: the rule" '^rule +the largest; 3 terms$' "$(out)"
works "flash: z" explain "${FLASH[@]}" --cell 'blocks.0.attn.hook_z[4,0,0]'
like "flash: no scores" 'blocks.0.attn.hook_v\[4,0,0\]$' "$(out)"
refuses "no such attention" 2 '--attention is "fast", expected standard or flash' \
    trace "${CHAIN[@]}" --tokens 1 --output "$T" --attention fast
for option in '--tile 2x2' '--head 0' '--fast-memory 4K'; do
    refuses "$option alone" 2 "is for --attention flash" \
        trace "${CHAIN[@]}" --tokens 1 --output "$T" $option
done
for wrong in 0x2 2x0 2 x2 2x 2x2x2 5000x2 -1x2 '2 x 2' 99999999999999999999x2; do
    refuses "--tile $wrong" 2 '--tile is .*, expected queries × keys as 16x32' \
        trace "${CHAIN[@]}" --tokens 1 --output "$T" --attention flash --tile "$wrong"
done
refuses "tile twice" 2 'both say how large a tile is' \
    trace "${CHAIN[@]}" --tokens 1 --output "$T" --attention flash --tile 2x2 --fast-memory 4K
refuses "no such head" 1 'flash: head 7, but model chain has heads 0 to' \
    trace "${CHAIN[@]}" --tokens 1 --output "$T" --attention flash --head 7
refuses "flash, a knob that breaks attention" 1 'flash: the knob softmax=queries' \
    trace "${CHAIN[@]}" --tokens 1 --output "$T" --attention flash --set softmax=queries
refuses "flash, recurrent" 1 'is recurrent and has no attention' \
    trace --model tests/golden/lstm-a --tokens 1 --output "$T" --attention flash
refuses "generate, flash with a knob against it" 1 "softmax=queries divides by sums" \
    generate "${CHAIN[@]}" --prompt a --attention flash --set softmax=queries
works "attention" attention "${CHAIN[@]}" --tokens 1,2,3,4,5 --tile 2x2
like "attention: skipped" '^tiles skipped +[1-9]' "$(out)"
json "attention --json" attention "${CHAIN[@]}" --tokens 1,2,3,4,5 --tile 2x2 --json
same "attention --json: 3 of 9 tiles are skipped" True "$(get 'd["tiles"] == 2 * d["skipped"] > 0')"
same "attention --json: tile" '[2, 2]' "$(get 'd["tile"]')"
json "attention --fast-memory" attention "${CHAIN[@]}" --tokens 1,2,3,4,5 --fast-memory 128 --json
same "attention: the paper's tile" True \
    "$(get 'd["tile"] == [min(-(-32 // (4 * d["d_head"])), d["d_head"]), -(-32 // (4 * d["d_head"]))]')"
for kind in standard flash; do
    works "generate, $kind" generate "${CHAIN[@]}" --tokens 1,2 --max-new-tokens 5 --attention $kind
    eval "$kind=\$(out)"
done
same "flash generates the same text" "$standard" "$flash"

# ---- compare ----

rm -f "$T"
compare() { # NAME REGEX ARGS…
    local name=$1 regex=$2
    shift 2
    run compare "${CHAIN[@]}" --tokens 1,2,3,4,5 "$@"
    like "$name" "$regex" "$(out)"
}
refuses "compare, no side" 2 'nothing to compare: give --left or --right' compare "${CHAIN[@]}" --tokens 1
refuses "compare, no input" 2 'no input, expected one of --prompt' compare --right norm=rms
for side in left right; do
    refuses "$side, misspelt" 2 "--$side: there is no switch \"nrom\"; did you mean norm" \
        compare "${CHAIN[@]}" --tokens 1 --$side nrom=rms
    refuses "$side, unknown" 2 "--$side: there is no switch \"qqqqqqq\", expected .*threads, isa" \
        compare "${CHAIN[@]}" --tokens 1 --$side norm=rms,qqqqqqq=1
    refuses "$side, no value" 2 "--$side: the switch norm has no value, expected norm=VALUE" \
        compare "${CHAIN[@]}" --tokens 1 --$side norm
    refuses "$side, wrong option" 2 "--$side: --threads is \"0\"" \
        compare "${CHAIN[@]}" --tokens 1 --$side threads=0
    refuses "$side, wrong mask" 2 "--$side: the mask \"local:0\"" \
        compare "${CHAIN[@]}" --tokens 1 --$side mask=local:0,threads=1
    refuses "$side, wrong knob" 1 'the knob norm is set to "rsm"' \
        compare "${CHAIN[@]}" --tokens 1 --$side norm=rsm
    refuses "$side, wrong attention" 2 "--$side: --attention is \"fast\"" \
        compare "${CHAIN[@]}" --tokens 1 --$side attention=fast
    refuses "$side, wrong set" 2 "--$side: this machine has no instruction set 'mmx'" \
        compare "${CHAIN[@]}" --tokens 1 --$side isa=mmx
done
refuses "compare, no such record" 1 'no record of either side matches "hook_nothing"' \
    compare "${CHAIN[@]}" --tokens 1 --right threads=1 --stages hook_nothing
refuses "compare, memory" 1 'left: memory: 64 bytes' \
    compare "${CHAIN[@]}" --tokens 1 --right threads=1 --max-memory 64
compare "threads change nothing" '^logits: no number differs; the likeliest next token is the same' \
    --left threads=1 --right threads=3
compare "a knob changes something" '^logits differ by at most [0-9.e+-]+' --right norm=none
compare "standard and flash" '^logits differ by at most [0-9.]+e-0[6-9]|no number differs' \
    --right attention=flash,tile=2x2
compare "flash has no scores" '^only left: blocks.\*.attn.hook_attn_scores' --right attention=flash
compare "the same record on one side" '^only left: blocks.\*.ln1.hook_mean' --right norm=rms
compare "a late mask" '^only right: blocks.\*.attn.hook_pattern_unmasked' --right mask_place=after
compare "commas of a mask" 'left: as it stands; right: mask=longformer:1:0,2,norm=rms$' \
    --right mask=longformer:1:0,2,norm=rms
compare "an infinite difference" '^blocks.0.attn.hook_attn_scores +[0-9×]+ +∞ ' --right mask=full
compare "flash has no scores" '^only left: .*blocks.\*.attn.hook_attn_scores_raw' \
    --right attention=flash,tile=2x2
like "flash has tiles" '^tiles +0 +[1-9]' "$(out)"
compare "a side turns tiles off" '^tiles +0 +[1-9]' \
    --attention flash --tile 2x2 --left attention=standard
refuses "left, wrong kind" 2 '--left: --attention is "flsh"' \
    compare "${CHAIN[@]}" --tokens 1 --left attention=flsh
for wrong in , attention=flash, ,threads=1 threads=1,,attention=flash; do
    refuses "right: $wrong" 2 'has a comma too many' compare "${CHAIN[@]}" --tokens 1 --right "$wrong"
done
refuses "right, a wrong knob" 1 'right: the knob norm is set to "batch"' \
    compare "${CHAIN[@]}" --tokens 1 --right norm=batch
refuses "right, no set" 2 'the switch isa has no value' compare "${CHAIN[@]}" --tokens 1 --right isa=
refuses "right, wrong tile" 2 '--right: --tile is "0x2"' \
    compare "${CHAIN[@]}" --tokens 1 --right attention=flash,tile=0x2
compare "token by token" '^kv-cache=on: a token after the other' --right kv-cache=on
like "token by token: logits" '^logits(: no number differs| differ by at most [0-9.]+e-0[6-9]);' "$(out)"
refuses "left, cache" 2 '--left: --kv-cache is "maybe"' \
    compare "${CHAIN[@]}" --tokens 1 --left kv-cache=maybe
refuses "right, looks ahead" 1 'right: model .* lets a token look at later ones' \
    compare "${CHAIN[@]}" --tokens 1,2 --mask full --right kv-cache=on
json "compare --json" compare --json "${CHAIN[@]}" --tokens 1,2,3,4 --right threads=2 --repeat 3 \
    --stages 'blocks.0.attn.*'
same "compare --json: runs" 3 "$(get 'd["runs"]')"
same "compare --json: bits" True \
    "$(get 'all(r["unequal"] == 0 and r["max_absolute"] == 0 for r in d["records"])')"
same "compare --json: stages" True \
    "$(get 'len(d["records"]) > 5 and all(r["name"].startswith("blocks.0.attn.") for r in d["records"])')"
same "compare --json: work" True "$(get 'd["left"]["flops"] == d["right"]["flops"] > 0')"
# Token by token the loop meets keys that are known alone: of 1 … 5 there are 9 tiles of 2, and nothing
# to skip; all rows at once, 6 of 9.
json "compare --json, tiles" compare --json "${CHAIN[@]}" --tokens 1,2,3,4,5 --attention flash \
    --tile 2x2 --left kv-cache=on --repeat 1
same "compare --json, tiles: of the loop" True "$(get '(lambda a, b: a["tiles"] * 6 == b["tiles"] * 9
    and a["tiles_skipped"] == 0 and b["tiles_skipped"] * 2 == b["tiles"])(d["left"], d["right"])')"
ATTNSCOPE_ISA=portable compare "a side without isa is as the program runs" '^logits: no number differs' \
    --right isa=portable --stages logits

# ---- pattern ----

refuses "pattern, no length" 2 'length N is missing' pattern --mask local:8
refuses "pattern, no mask" 2 'no pattern: give --mask, or --model' pattern --length 8
for wrong in 0 -1 x 99999999999; do
    refuses "--length $wrong" 2 '--length is' pattern --mask local:8 "--length=$wrong"
done
refuses "--length 1000000" 2 '--length is 1000000, expected at most 131072' \
    pattern --mask local:8 --length 1000000
for wrong in local local:0 dilated:2 longformer:4 lokal:8 ''; do
    refuses "pattern --mask '$wrong'" 2 '--mask: the mask' pattern --length 8 --mask "$wrong"
done
refuses "pattern, a global beyond" 1 'global position 9 is beyond the 8 tokens' \
    pattern --length 8 --mask longformer:2:9
refuses "pattern, layers" 1 '--layers is 9, but model chain has' \
    pattern "${CHAIN[@]}" --length 8 --layers 9
refuses "pattern, both ways" 2 'both-ways: whether a model looks ahead' \
    pattern "${CHAIN[@]}" --length 8 --both-ways
refuses "pattern, no folder" 1 'there is no folder' \
    pattern --mask local:8 --length 8 --output "$TMP/nowhere/p.png"
refuses "pattern into a folder" 1 'is a folder' pattern --mask local:8 --length 8 --output "$TMP"
works "pattern" pattern --mask local:8 --length 64 --layers 4
like "pattern: reach" '^position 0 reaches the last token through 9 layers' "$(out)"
like "pattern: lesson" 'the last of 64 tokens is influenced by 29 tokens \(4·7 \+ 1\)' "$(out)"
works "pattern, dilated" pattern --mask dilated:4:2 --length 64
like "pattern: never" '^position 0 never reaches the last token' "$(out)"
refuses "pattern, tile" 2 '--tile is "x"' pattern --mask local:8 --length 8 --tile x
works "pattern, tiles" pattern --mask local:8 --length 64 --tile 16x16
like "pattern: tiles" '^flash +local:8, causal .* 7 +9$' "$(out)"
works "pattern, memory" pattern --mask local:8 --length 64 --max-memory 30K --tile 16x16
like "pattern: not run" '^standard +full +not run' "$(out)"
works "pattern, global" pattern --mask longformer:2:62 --length 64 --max-memory 1
like "pattern: global" '^through a global position two layers' "$(out)"
json "pattern --json" pattern --json --mask longformer:8:0 --length 4096 --both-ways --repeat 1
same "pattern --json: cells" True "$(get 'd["cells"] == sum(min(4096, q + 8) - max(0, q - 7)
    + (2 if q > 7 else 0) for q in range(1, 4096)) + 4096 - sum(1 for q in range(8, 4096))')"
same "pattern --json: layers" 1 "$(get 'd["layers_to_position_0"]')"
works "a model's own pattern" pattern "${CHAIN[@]}" --length 12 --output "$OUT/p.png"
same "pattern --output" PNG "$(head -c 4 "$OUT/p.png" | tail -c 3)"
rm -f "$OUT/p.png"

# ---- real models ----

if [ -d "$SHARED/models/gpt-nano-sort" ]; then
    for letters in CBABBC AAAAAA CCBBAA BACABC; do
        sorted=$(fold -w1 <<<$letters | sort | tr -d '\n')
        text "gpt-nano-sort sorts $letters" "$letters$sorted" --model "$SHARED/models/gpt-nano-sort" \
            --prompt $letters --max-new-tokens 6
    done
else
    skip
fi
if [ -d "$SHARED/models/stories260K" ]; then
    text "stories260K tells its story from BOS" "Once upon a time, there was a little girl named Lily. \
She loved to play outside in the park. One day, she saw a big, red ball. She wanted to play with it, \
but it was too high." --model "$SHARED/models/stories260K" --prompt "" --max-new-tokens 61
else
    skip
fi
if [ -f assets/models/story/model.safetensors ] && [ -f assets/models/story/config.json ]; then
    works "the default model" generate --prompt 'One day' --max-new-tokens 5
    like "the default model" '^One day.' "$(out)"
    works "the default model's trace" trace --prompt 'One day' --output "$T"
    like "the default model's trace" '^[0-9]+$' "$(python3 tests/tools/trace_check.py "$T" 2>&1)"
else
    skip
fi

finish
