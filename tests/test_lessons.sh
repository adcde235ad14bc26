#!/bin/bash
# Each model of assets/models does its task on input that its training never saw (the recipes keep one
# pair of words in eight out, and one sequence of letters in four), and the README shows what is true.
set -u
cd "$(dirname "$0")/.."
. tests/tools/cli_checks.sh

says() { # NAME EXPECTED ARGS…: the text that is generated
    local name=$1 expected=$2
    shift 2
    works "$name" generate "$@"
    same "$name" "$expected" "$(out)"
}

# ---- stories: who is thanked is who gave ----

for model in story story-llama; do
    for pair in "Adam Eric" "Eric Adam" "Minho Hugo"; do
        read -r giver taker <<<"$pair"
        says "$model, $giver and $taker" "$giver gave $taker the red ball. $taker thanked $giver" \
            --model "$model" --prompt "$giver gave $taker the red ball. $taker thanked" --max-new-tokens 1
    done
done
for model in story-moe story-window story-lstm story-rnn; do
    works "$model goes on" generate --model "$model" --prompt "One day Mina" --max-new-tokens 30
    like "$model ends a sentence" '\.' "$(out)"
done
works "story-ko goes on" generate --model story-ko --prompt "민아는 톰에게 빨간 공을" --max-new-tokens 2
same "story-ko knows what comes" "민아는 톰에게 빨간 공을 주었다." "$(out)"

# ---- translate, headline, sort ----

says "a clause turns round" "애덤은 에릭이 구운 파이를 먹었다." \
    --model translate --prompt "Adam ate the pie that Eric baked."
says "a pronoun goes, a verb comes last" "릴리는 쿠키를 구워서 그레이스에게 주었다." \
    --model translate --prompt "Lily baked a cookie and gave it to Grace."
says "a story in one line" "Adam gives Eric a red ball" \
    --model headline --prompt "It was a sunny day. Adam gave Eric a red ball. Eric thanked Adam."
for letters in "d e c a d e" "c a b b e d" "d e f a c e"; do
    sorted=$(tr ' ' '\n' <<<"$letters" | sort | tr '\n' ' ')
    says "sorted: $letters" "$letters : ${sorted% }" --model sort --prompt "$letters :"
done

refuses "a letter that sort doesn't know" 1 '"x" \(byte 0 .*; it has a, b, c, d, e, f, :' \
    generate --model sort --prompt "x a :"

# ---- the four BERTs ----

json "a masked word" fill --model story-bert --prompt "Adam ate the [MASK] that Eric baked." --json
same "something to eat" pie "$(get "d['masks'][0]['candidates'][0]['token']")"
json "a topic" classify --model story-bert-topic --json \
    --prompt "Adam was hungry. Eric baked a pie. Adam ate the pie."
same "it is about food" food "$(get "d['labels'][0]['label']")"
json "entities" tag --model story-bert-entities --prompt "Adam gave Eric the red ball in the park." --json
same "who, what, where" "PERSON Adam, PERSON Eric, THING ball, PLACE park" \
    "$(get "', '.join(e['kind'] + ' ' + e['text'] for e in d['entities'])")"
json "a paraphrase" similar --model story-bert-similar --json \
    --prompt "Adam gave Eric the red ball." --pair "Eric got the red ball from Adam."
near=$(get "d['cosine']")
json "another sentence" similar --model story-bert-similar --json \
    --prompt "Adam gave Eric the red ball." --pair "Lily slept under the tree."
far=$(get "d['cosine']")
same "a paraphrase is nearer" True "$(python3 -c "print($near > $far + 0.3)")"

# ---- every card has its curve and its scores ----

for folder in assets/models/*/; do
    for file in config.json model.safetensors tokenizer.json README.md training.jsonl; do
        if [ -s "$folder$file" ]; then pass; else fail "$folder" "there is no $file"; fi
    done
    size=$(stat -c %s "${folder}model.safetensors")
    if [ "$size" -le 3145728 ]; then pass; else fail "$folder" "$size bytes are more than 3 MB"; fi
    run trace --model "$folder" --tokens 1,2 --output "$OUT/t.safetensors" --stages "*tokens"
    same "$folder opens" 0 $rc
    rm -f "$OUT/t.safetensors"
done
finish
