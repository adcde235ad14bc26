#!/bin/bash
# `attnscope lesson worksheet`: what is printed is the trace, the key answers its own sheet's questions, a
# seed is a sheet; every lesson has one in each language.
set -u
cd "$(dirname "$0")/.."
. tests/tools/cli_checks.sh
L=$TMP/lessons
mkdir -p "$L/01-scores"
cat >"$L/01-scores/lesson.json" <<'JSON'
{"format": 1, "minutes": 10, "model": "story", "prompt": "Lily saw Tom. Tom ran.",
 "scenes": [{"id": "only", "stage": "blocks.1.attn.hook_attn_scores_scaled", "head": "0"}],
 "worksheet": {
  "draw": {"prompt": ["Lily saw Tom. Tom ran.", "Mina gave Tom the red ball. Tom thanked",
                      "Tom saw Lily. Lily ran."], "h": "range(0, n_heads)"},
  "questions": [
   {"id": "score", "draw": {"q": [1, 2, 3], "k": "range(0, q + 1)"},
    "matrix": "blocks.1.attn.hook_attn_scores_scaled[h, 0:4, 0:4]", "digits": 2,
    "blank": ["blocks.1.attn.hook_attn_scores_scaled[h, q, k]"],
    "ask": "sqrt(d_head) * blocks.1.attn.hook_attn_scores_scaled[h, q, k]"},
   {"id": "why", "lines": 3}]}}
JSON
cat >"$L/01-scores/en.md" <<'MD'
# Scores on paper
Scores.

## teacher
Students forget the root.

## only | Only
Look.

## worksheet score
head {h:0} query {q:0} key {k:0} of {d_head:0}

### answer
{blocks.1.attn.hook_attn_scores_scaled[h, q, k]:2} times √d gives {sqrt(d_head) * blocks.1.attn.hook_attn_scores_scaled[h, q, k]:2}.

## worksheet why
Why is the score divided by $\sqrt{d}$?

### answer
It would grow with the dimension.
MD
cat >"$L/01-scores/ko.md" <<'MD'
# 종이 위의 점수
점수.

## teacher
학생들은 루트를 잊습니다.

## only | Only
보세요.

## worksheet score
{token(q)} 토큰의 쿼리와 {token(k)} 토큰의 키가 만나는 칸을 채우세요.

### answer
{blocks.1.attn.hook_attn_scores_scaled[h, q, k]:2}에 √d를 곱합니다.

## worksheet why
점수를 왜 $\sqrt{d}$로 나눌까요?

### answer
차원이 커지면 점수도 커지기 때문입니다.
MD

sheet() { # NAME SEED FILE [OPTIONS…]
    local name=$1 seed=$2 file=$3
    shift 3
    works "$name" lesson worksheet "$L/01-scores" --seed "$seed" -o "$file.pdf" \
        --key "$file-key.pdf" "$@"
}
says() { # NAME TEXT FILE: whatever lines the text is broken into
    if pdftotext "$3" - 2>&1 | tr -s ' \n\f' ' ' | grep -qF -- "$2"; then pass; else
        fail "$1" "no '$2' in $(pdftotext "$3" - | tr -s ' \n\f' ' ' | head -c 600)"
    fi
}
silent() { # NAME TEXT FILE
    if pdftotext "$3" - 2>&1 | tr -s ' \n\f' ' ' | grep -qF -- "$2"; then fail "$1" "there is '$2'"; else pass; fi
}

# ---- what is printed is the trace ----

seeds="0 1 2 3 4 5 6 7 18446744073709551615"
for seed in $seeds; do
    sheet "seed $seed" "$seed" "$TMP/s$seed" --lang en
    if said=$(python3 tests/tools/worksheet_check.py "$TMP/s$seed-key.pdf" "$TMP/s$seed.pdf" "$BIN" story 2>&1)
    then pass; else fail "seed $seed" "$(tail -n 1 <<<"$said")"; fi
done
same "each seed is another sheet" 9 "$(for seed in $seeds; do
    pdftotext "$TMP/s$seed.pdf" - | grep -v seed | md5sum; done | sort -u | wc -l)"

# ---- the same seed, the same bytes ----

sheet "seed 1 again" 1 "$TMP/again" --lang en
for part in .pdf -key.pdf; do
    if cmp -s "$TMP/s1$part" "$TMP/again$part"; then pass; else fail "seed 1 again" "other bytes in $part"; fi
done
works "the sheet alone" lesson worksheet "$L/01-scores" --seed 1 --lang en -o "$TMP/alone.pdf"
works "the key alone" lesson worksheet "$L/01-scores" --seed 1 --lang en --key "$TMP/alone-key.pdf"
for part in .pdf -key.pdf; do
    if cmp -s "$TMP/s1$part" "$TMP/alone$part"; then pass; else fail "alone" "other bytes in $part"; fi
done
like "seed and version are on the page" "Scores on paper · seed 1 · attnscope [0-9.]+ +page 1 of" \
    "$(pdftotext -layout "$TMP/s1.pdf" - | tail -n 3)"
like "A4" 'Page size: +595.276 x 841.89 pts \(A4\)' "$(pdfinfo "$TMP/s1.pdf")"
like "the file tells" 'Keywords: .*model: story; prompt: .*; options: lesson worksheet 01-scores --seed 1' \
    "$(pdfinfo "$TMP/s1.pdf")"

# ---- Korean ----

sheet "Korean" 3 "$TMP/ko" --lang ko
says "Korean: title" "종이 위의 점수" "$TMP/ko.pdf"
says "Korean: question" "칸을 채우세요." "$TMP/ko.pdf"
says "Korean: name" "이름" "$TMP/ko.pdf"
says "Korean: key" "학생들은 루트를 잊습니다." "$TMP/ko-key.pdf"
silent "Korean: the sheet has no answer" "곱합니다" "$TMP/ko.pdf"
like "Korean: the font" 'NanumGothic' "$(pdffonts "$TMP/ko.pdf")"
ATTNSCOPE_LANG=ko run lesson worksheet "$L/01-scores" --seed 3 -o "$TMP/env.pdf"
if cmp -s "$TMP/ko.pdf" "$TMP/env.pdf"; then pass; else fail "the environment's language" "other bytes"; fi

# ---- the lessons ----

for lesson in lessons/*/; do
    lesson=$(basename "$lesson")
    for lang in en ko; do
        works "$lesson, $lang" lesson worksheet "lessons/$lesson" --seed 5 --lang $lang -o "$TMP/l.pdf" \
            --key "$TMP/l-key.pdf"
        title=$(sed -n '1s/^# //p' "lessons/$lesson/$lang.md")
        says "$lesson, $lang" "$title" "$TMP/l.pdf"
        says "$lesson, $lang: key" "$title" "$TMP/l-key.pdf"
        # The first words of each question, up to the first value or markup.
        while read -r words; do
            [ -z "$words" ] || says "$lesson, $lang: question" "$words" "$TMP/l.pdf"
            [ -z "$words" ] || says "$lesson, $lang: question on the key" "$words" "$TMP/l-key.pdf"
        done < <(awk '/^## worksheet/ { getline; print }' "lessons/$lesson/$lang.md" |
            sed 's/[][{$*`(].*//; s/ [^ ]*$//')
        like "$lesson, $lang: type" '^(yes yes )+$' "$(pdffonts "$TMP/l.pdf" |
            awk 'NR > 2 { printf "%s %s ", $(NF - 4), $(NF - 3) }')"
    done
    for seed in 0 1 2 3 4 5 6 7; do
        works "$lesson, seed $seed" lesson worksheet "lessons/$lesson" --seed $seed --lang en \
            -o "$TMP/l.pdf" --key "$TMP/l-key.pdf"
    done
done

# ---- what can't be done ----

wrong() { # NAME STATUS REGEX ARGS…
    local name=$1 status=$2 regex=$3
    shift 3
    refuses "$name" "$status" "$regex" lesson worksheet "$L/01-scores" "$@"
}
wrong "no output" 2 'output FILE is missing'
wrong "no PDF" 2 '--output: .*a.png: expected a name that ends in .pdf' -o "$OUT/a.png"
wrong "a key that is no PDF" 2 '--key: .*a.txt: expected' -o "$OUT/a.pdf" --key "$OUT/a.txt"
wrong "the same file" 2 'both' -o "$OUT/a.pdf" --key "$OUT/a.pdf"
wrong "no folder" 1 'there is no folder' -o "$OUT/nowhere/a.pdf"
wrong "no folder for the key" 1 'there is no folder' -o "$OUT/a.pdf" --key "$OUT/nowhere/a.pdf"
ln -s /dev/full "$TMP/full.pdf"
wrong "a full disk" 1 'full.pdf: can.t be written: No space left' -o "$TMP/full.pdf"
wrong "a full disk for the key" 1 'full.pdf: can.t be written: No space left' -o "$OUT/a.pdf" \
    --key "$TMP/full.pdf"
broken() { # NAME REGEX SED
    rm -rf "$TMP/broken"
    cp -r "$L/01-scores" "$TMP/broken"
    sed -i "$3" "$TMP/broken/lesson.json"
    refuses "$1" 1 "broken.*worksheet.*$2" lesson worksheet "$TMP/broken" --seed 2 -o "$OUT/a.pdf"
}
broken "nothing to draw" 'score: draw: q.*nothing to choose from' 's/"q": \[1, 2, 3\]/"q": "range(2, 2)"/'
broken "a blank outside" 'score: blank\[0\]: .* is in no matrix' 's/\[h, q, k\]"\]/[h, q, k + 4]"]/'
broken "an axis too many" 'score: matrix\[0\]: .* has 3 axes' 's/\[h, 0:4, 0:4\]/[:, 0:4, 0:4]/'
broken "an unknown record" 'score: matrix.*no record' 's/"matrix": "blocks.1/"matrix": "blocks.9/'
broken "an empty slice" 'score: matrix\[0\]: .* 0 × 4' 's/\[h, 0:4, 0:4\]/[h, 2:2, 0:4]/'

finish
