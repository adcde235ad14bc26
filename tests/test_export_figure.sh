#!/bin/bash
# `attnscope export heatmap|grid|lines`: other programs open each file and find in it what it shows;
# the same command gives the same bytes; what can't be done leaves no file.
set -u
cd "$(dirname "$0")/.."
. tests/tools/cli_checks.sh
look() { python3 tests/tools/figure_check.py "$@" 2>&1; }

for tool in rsvg-convert pdftotext pdftoppm pdfinfo pngcheck; do
    if command -v $tool >/dev/null; then pass; else fail "$tool" "it is not installed"; fi
done

PROMPT='Lily & Tom saw a <big> "red" ball'
PATTERN=(--prompt "$PROMPT" --stage blocks.2.attn.hook_pattern)
KO='수지는 공원에서 강아지를 보았다.'
KOREAN=(--model story-ko --prompt "$KO" --stage blocks.1.attn.hook_pattern)

# ---- other programs open them ----

figure() { # NAME KIND FILE ARGS…
    works "$1" export "$2" "${@:4}" -o "$3"
    like "$1: tells" "${3##*/}: $2 of " "$(out)"
}
for kind in heatmap grid lines; do
    head=(--head 1)
    [ $kind != grid ] || head=()
    for theme in light dark transparent; do
        F=$TMP/$kind-$theme
        args=("${PATTERN[@]}" "${head[@]}" --theme $theme)
        figure "$kind $theme PNG" $kind "$F.png" "${args[@]}" --scale 1
        figure "$kind $theme SVG" $kind "$F.svg" "${args[@]}"
        figure "$kind $theme PDF" $kind "$F.pdf" "${args[@]}"
        same "$kind $theme: pngcheck" 0 "$(pngcheck -q "$F.png" >/dev/null 2>&1; echo $?)"
        read -r w h <<<"$(look size "$F.png")"
        same "$kind $theme: 85 mm wide" 241 "$w"
        same "$kind $theme: a page" 1 "$(pdfinfo "$F.pdf" | sed -n 's/^Pages: *//p')"
        # The three are the same picture; text differs by the way its edges are softened.
        rsvg-convert -w "$w" -h "$h" "$F.svg" -o "$F-svg.png"
        pdftoppm -png -singlefile -scale-to-x "$w" -scale-to-y "$h" "$F.pdf" "$F-pdf"
        for other in svg pdf; do
            difference=$(look alike "$F.png" "$F-$other.png")
            if python3 -c "exit(not float('$difference') < 5)" 2>/dev/null; then pass; else
                fail "$kind $theme: PNG and ${other^^}" "they differ by $difference"
            fi
        done
        ground=$(look alike "$TMP/heatmap-light.png" "$F.png" 2>&1)
        if [ $kind-$theme != heatmap-dark ] || python3 -c "exit(not $ground > 60)"; then pass; else
            fail "$theme has its own ground" "the difference is $ground"
        fi
    done
done

# ---- what they say ----

works "Korean, SVG" export heatmap "${KOREAN[@]}" --head 0 -o "$TMP/ko.svg"
works "Korean, PDF" export heatmap "${KOREAN[@]}" --head 0 -o "$TMP/ko.pdf"
works "Korean lines" export lines "${KOREAN[@]}" --head 0 -o "$TMP/ko-lines.pdf"
look texts "$TMP/ko.svg" >"$TMP/ko.svg.txt"
pdftotext "$TMP/ko.pdf" "$TMP/ko.pdf.txt"
pdftotext "$TMP/ko-lines.pdf" "$TMP/ko-lines.pdf.txt"
run tokens --model story-ko --prompt "$KO" --json
labels=$(get "'\n'.join(t['label'] for t in d['tokens'])")
like "Korean tokens" 강아지 "$labels"
while read -r label; do
    for file in ko.svg ko.pdf ko-lines.pdf; do
        same "$file says $label" yes "$(grep -qF -- "$label" "$TMP/$file.txt" && echo yes)"
    done
done <<<"$labels"
for word in query key masked; do
    same "SVG: $word" "$word" "$(grep -x $word "$TMP/ko.svg.txt")"
done
same "no glyphs for text" 0 "$(grep -c '<symbol\|<use' "$TMP/ko.svg")"
same "a page is as wide as it is to be" "Page size:       493.228 x" \
    "$(run export heatmap "${PATTERN[@]}" --head 1 --width 174 -o "$TMP/w.pdf"
       pdfinfo "$TMP/w.pdf" | grep -o 'Page size: *[0-9.]* x')"
works "slide" export lines "${PATTERN[@]}" --head 1 --layout slide -o "$TMP/slide.png"
same "slide: pixels" "1920 1080" "$(look size "$TMP/slide.png")"
works "scale" export heatmap "${PATTERN[@]}" --head 1 --width 50 --scale 2.5 -o "$TMP/scale.png"
like "scale: pixels" '^355 ' "$(look size "$TMP/scale.png")"
works "own words" export heatmap "${PATTERN[@]}" --head 1 --title 'My <title>' --caption '' \
    -o "$TMP/own.svg"
same "own title" "My <title>" "$(look texts "$TMP/own.svg" | head -1)"
same "no caption" "" "$(look texts "$TMP/own.svg" | grep Lily.*Tom)"
works "its own words" export heatmap "${PATTERN[@]}" --head 1 -o "$TMP/d.svg" --width 174
like "title" '^Attention pattern' "$(look texts "$TMP/d.svg" | head -1)"
like "caption" '^story · “Lily & Tom saw a <big> "red" ball” · block 2 · head 1 · blocks.2.attn' \
    "$(look texts "$TMP/d.svg" | tail -1 | sed 's/\xc2\xa0/ /g')"
export ATTNSCOPE_LANG=ko
works "Korean words" export heatmap "${KOREAN[@]}" --head 0 -o "$TMP/kw.pdf"
unset ATTNSCOPE_LANG
works "Korean words, by option" export heatmap "${KOREAN[@]}" --head 0 --lang ko -o "$TMP/kl.pdf"
same "the language is an option, too" yes "$(cmp "$TMP/kw.pdf" "$TMP/kl.pdf" && echo yes)"
same "Korean words" yes "$(pdftotext "$TMP/kw.pdf" - | grep -qF 헤드 && echo yes)"
works "a record without heads" export heatmap --prompt 'a b' --stage blocks.1.hook_resid_post \
    -o "$TMP/r.svg"
same "its axes" "d_model position" "$(look texts "$TMP/r.svg" | grep '^d_model$\|^position$' | sort |
    tr '\n' ' ' | sed 's/ $//')"
works "a pattern of names" export grid --prompt 'a b' --stage 'blocks.*.attn.hook_z' -o "$TMP/z.svg"
works "cross-attention" export lines --model translate --prompt 'Tom saw a dog.' \
    --target '톰은 개를 보았다.' --stage decoder.1.cross_attn.hook_pattern --head 0 -o "$TMP/x.svg"
works "tiles of flash attention" export heatmap --prompt 'a b c d e' --attention flash --tile 2x2 \
    --head 1 --stage blocks.0.attn.flash.hook_scores -o "$TMP/f.svg"

# ---- metadata, and the file again ----

same "PNG's texts" "Title Description attnscope model prompt options record head command" \
    "$(look keys "$TMP/heatmap-dark.png" | sed 's/prompt record/prompt options record/')"
same "PNG: prompt" "$PROMPT" "$(look text "$TMP/heatmap-dark.png" prompt)"
same "SVG: prompt" "$PROMPT" "$(look field "$TMP/heatmap-dark.svg" prompt)"
like "PDF: keywords" "model: story; prompt: Lily & Tom saw" "$(pdfinfo "$TMP/heatmap-dark.pdf")"
same "PDF: no time" "" "$(pdfinfo "$TMP/heatmap-dark.pdf" | grep Date)"
like "version" '^[0-9]+\.' "$(look field "$TMP/heatmap-dark.svg" attnscope)"

again() { # FILE: its own command line makes it again, byte for byte, in another process
    local file=$1 command ending=${1##*.}
    case $ending in
    svg) command=$(look field "$file" command) ;;
    png) command=$(look text "$file" command) ;;
    pdf) command=$(pdfinfo "$file" | sed -n 's/.*; command: //p') ;;
    esac
    like "${file##*/}: command" '^attnscope export ' "$command"
    (cd "$TMP" && rm -f "figure.$ending" && eval "${command/#attnscope/\"\$BIN\"}" >/dev/null)
    same "${file##*/}, made again" yes "$(cmp "$file" "$TMP/figure.$ending" && echo yes)"
}
sleep 1.1 # so that a time of day would show
for kind in heatmap grid lines; do
    for ending in png svg pdf; do again "$TMP/$kind-dark.$ending"; done
done
again "$TMP/own.svg"
again "$TMP/kw.pdf"
again "$TMP/x.svg"
printf 'it'\''s "a"\nday' >"$TMP/prompt"
works "a prompt from a file" export heatmap --prompt-file "$TMP/prompt" --stage hook_embed \
    -o "$TMP/p.svg"
again "$TMP/p.svg"
MANY=(--model story-llama --tokens "$(python3 -c "print(','.join(['97'] * 250))")")
works "many tokens" export heatmap "${MANY[@]}" --stage blocks.0.attn.hook_pattern --head 0 \
    -o "$TMP/many.svg"
same "many cells are one image" 1 "$(grep -c '<image' "$TMP/many.svg")"

# ---- what can't be done ----

wrong() { # NAME STATUS REGEX ARGS…
    local name=$1 status=$2 regex=$3
    shift 3
    refuses "$name" "$status" "$regex" export "$@"
}
O=$OUT/f.svg
wrong "unknown kind" 2 'KIND is "heat", expected data, heatmap, grid, lines' heat "${PATTERN[@]}" -o "$O"
wrong "no stage" 2 'stage NAME is missing' heatmap --prompt a -o "$O"
wrong "no output" 2 'output FILE is missing' heatmap "${PATTERN[@]}"
wrong "unknown ending" 2 'output: .*f.gif: .*\.png, \.svg or \.pdf' heatmap "${PATTERN[@]}" -o "$OUT/f.gif"
wrong "unknown theme" 2 'theme is "red", expected light, dark or transparent' heatmap "${PATTERN[@]}" \
    --theme red -o "$O"
wrong "unknown layout" 2 'layout is "poster", expected paper or slide' heatmap "${PATTERN[@]}" \
    --layout poster -o "$O"
wrong "unknown language" 2 'lang: language "fr"' heatmap "${PATTERN[@]}" --lang fr -o "$O"
wrong "too narrow" 2 'width is 5 mm, expected 30 to 1000' heatmap "${PATTERN[@]}" --width 5 -o "$O"
wrong "too wide" 2 'width is 1e\+06 mm' heatmap "${PATTERN[@]}" --width 1000000 -o "$O"
wrong "width of a slide" 2 'width is for --layout paper' heatmap "${PATTERN[@]}" --layout slide \
    --width 85 -o "$O"
wrong "no pixels" 2 'scale is 0, expected' heatmap "${PATTERN[@]}" --scale 0 -o "$OUT/f.png"
wrong "pixels of a SVG" 2 'scale is for PNG' heatmap "${PATTERN[@]}" --scale 2 -o "$O"
wrong "an option of data" 2 'record NAME has no meaning for export heatmap' heatmap "${PATTERN[@]}" \
    --record logits -o "$O"
wrong "a title without end" 1 'mm high, expected at most 5080' heatmap "${PATTERN[@]}" --head 1 \
    --title "$(head -c 60000 /dev/zero | tr '\0' a)" -o "$OUT/f.pdf"
wrong "an option of figures" 2 'title TEXT has no meaning for export data' data --prompt a \
    --record logits --title b -o "$OUT/f.csv"
wrong "unknown stage" 1 'there is no record blocks.2.attn.hook_patern; near it: blocks.[0-9].attn.hook_pattern' \
    heatmap --prompt a --stage blocks.2.attn.hook_patern --head 1 -o "$O"
wrong "unknown pattern of names" 1 'no record is like blocks.\*.nothing' grid --prompt a \
    --stage 'blocks.*.nothing' -o "$O"
wrong "head out of range" 1 'head 4: blocks.2.attn.hook_pattern has 4 heads, expected 0 to 3' heatmap \
    "${PATTERN[@]}" --head 4 -o "$O"
wrong "no head" 1 'one head must be picked: give --head, 0 to 3' heatmap "${PATTERN[@]}" -o "$O"
wrong "a head where there is none" 1 'head 0: logits has no heads' heatmap --prompt a --stage logits \
    --head 0 -o "$O"
wrong "a head of a grid" 1 "a grid shows all heads: head 1 can't be picked" grid "${PATTERN[@]}" \
    --head 1 -o "$O"
wrong "one axis" 1 'hook_tokens has 1 axis \(position 1\): a figure shows two' heatmap --prompt a \
    --stage hook_tokens -o "$O"
wrong "outside the blocks" 1 'hook_embed is in no block' grid --prompt a --stage hook_embed -o "$O"
wrong "lines of no pattern" 1 'hook_attn_scores is no attention pattern' lines --prompt a \
    --stage blocks.0.attn.hook_attn_scores --head 0 -o "$O"
wrong "too many cells" 1 'logits: 2 × [0-9]+ cells are too many for' heatmap --prompt 'a b' \
    --stage logits -o "$O"
wrong "smaller than a pixel" 1 'would be smaller than a pixel' heatmap "${MANY[@]}" \
    --stage blocks.0.attn.hook_pattern --head 0 \
    --scale 1 -o "$OUT/f.png"
wrong "too many pixels" 1 'pixels is too large' heatmap "${PATTERN[@]}" --head 1 --width 1000 \
    --scale 40 -o "$OUT/f.png"
wrong "no such folder" 1 "there is no folder $OUT/none" heatmap "${PATTERN[@]}" --head 1 \
    -o "$OUT/none/f.svg"
wrong "unwritable folder" 1 "can't write into the folder /proc|/proc/f.svg: " heatmap "${PATTERN[@]}" \
    --head 1 -o /proc/f.svg
for ending in png svg pdf; do
    ln -s /dev/full "$TMP/full.$ending"
    wrong "full disk, ${ending^^}" 1 "full.$ending: can't be written: No space left" heatmap \
        "${PATTERN[@]}" --head 1 -o "$TMP/full.$ending"
    # A disk that is full at the second kilobyte: what was begun beside the name is taken away.
    (trap '' XFSZ && ulimit -f 2 && "$BIN" export heatmap "${PATTERN[@]}" --head 1 \
        -o "$OUT/f.$ending" >/dev/null 2>"$TMP/stderr")
    same "disk full on the way, ${ending^^}" 1 $?
    like "disk full on the way, ${ending^^}" "f.$ending: can't be written: File too large" \
        "$(cat "$TMP/stderr")"
    same "disk full on the way, ${ending^^}: no file" "" "$(ls -A "$OUT")"
done
works "an old file …" export heatmap "${PATTERN[@]}" --head 1 -o "$TMP/old.svg"
cp "$TMP/old.svg" "$TMP/kept.svg"
wrong "… stays" 1 'head 9' heatmap "${PATTERN[@]}" --head 9 -o "$TMP/old.svg"
same "… as it was" yes "$(cmp "$TMP/old.svg" "$TMP/kept.svg" && echo yes)"

finish
