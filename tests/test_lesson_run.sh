#!/bin/bash
# `attnscope lesson run NAME --text` by its standard input: right, wrong, nonsense, in Korean, with the
# learner's own text, to the end of the input; and each lesson from its first line to its last.
set -u
cd "$(dirname "$0")/.."
. tests/tools/cli_checks.sh
export ATTNSCOPE_LESSONS=$PWD/tests/lessons

# NAME INPUT ARGS…: a run that succeeds; its lines are in out.
answers() {
    local name=$1 input=$2 why=
    shift 2
    printf '%b' "$input" | "$BIN" lesson run "$@" --text >"$TMP/stdout" 2>"$TMP/stderr"
    rc=$?
    [ "$rc" = 0 ] || why="exit $rc"
    [ -s "$TMP/stderr" ] && why="$why; text on standard error: $(head -c 300 "$TMP/stderr")"
    grep -qP '[\x00-\x09\x0b-\x1f\x7f]|[─-╿]' "$TMP/stdout" && why="$why; not plain lines"
    if [ -z "$why" ]; then pass; else fail "$name" "$why"; fi
}
has() { # NAME TEXT: one of the lines
    if out | grep -qxF -e "$2"; then pass; else fail "$1" "no line '$2'"; fi
}
has_not() {
    if out | grep -qF -e "$2"; then fail "$1" "says '$2'"; else pass; fi
}
times() { # NAME COUNT LINE
    same "$1" "$2" "$(out | grep -cxF -e "$3")"
}

# ---- right, from beginning to end ----

cells='2.0\n31.0\nnext\n'
places='thanked Mina\nTom#2\nMina\n2\n8\nblocks.0.hook_resid_post\n\n'
order() { # the letters and numbers that were shown, by what they stand for
    out | sed -n "s/^\(.\)) $1\$/\1/p" | head -1
}
answers "the questions" "next\n" play --seed 4
guess=$(order Mina)
answers "the order" "next\n$guess\nb\n" play --seed 4
stages=
for stage in hook_embed blocks.0.attn.hook_q blocks.0.attn.hook_pattern blocks.1.hook_resid_pre; do
    stages="$stages $(order "$stage")"
done
made='prompt Lily gave Tom the ball. Tom thanked\nuse unscaled\n\n'
answers "all right" "$cells$guess\nb\n$stages\n\n$places$made" play --seed 4
has "all were answered" "Answered: 13 of 13 questions."
times "each was right" 13 "Right."
has "the lesson's title" "A lesson to be played"
has "a scene's title" "Scene 1 of 4: A weight from its scores"
has "formulas in one line" "The scores of “·Tom” are known. What do they make, with q · k and exp?"
has "the text's tokens" "Text: 1 Mina, 2 ·gave, 3 ·Tom, 4 ·the, 5 ·red, 6 ·ball, 7 ., 8 ·Tom, 9 ·thanked"
has "a row by its tokens" "query “·Tom”#2: “Mina” ?; “·gave” 50.0 %; “·Tom”#1 3.1 %; “·the” 13.0 %; \
“·red” 2.3 %; “·ball” 0.5 %; “.” 27.8 %; “·Tom”#2 1.4 %; “·thanked” 0.0 %"
has "a table" "token Mina; score s 3.43; twice its place 0; share ?"
has "the arithmetic afterwards" "It was 2.0 %."
has "a run by its label" "Shown: Without √d"
has "the last scene" "That was the last scene."

# ---- wrong, hints, giving up ----

answers "wrong" "45\n-3\nhint\nshow\nhint\nhint\nshow\n" play
times "wrong twice" 2 "Not right."
has "a reply" "Work it out once more."
has "a hint" "Hint 1 of 2: Exponentials first."
has "no answer before the hints" "take the hints first"
has "no third hint" "There are no more hints. show tells the answer."
has "the answer" "The answer: 2.0 %"
has "the next question follows" "Question 2"
answers "a wrong guess" "next\na\n" play --seed 4
has "a prediction" "Prediction 3: Your guess"
has "is noted" "Your prediction is noted."
has "and told" "The answer: Mina"
answers "open questions" "look\nlook blocks.2.attn.hook_z[taker, 1, 0:2]\nagain\n" play
has_not "nothing tells what is asked" "2.0 %"
has_not "nor what is asked more finely" "1.97"
has "what follows is concealed" "query “·Tom”#2: 0 ?; 1 ?"
answers "skipped" "skip\nskip\nback\nnext\nback\n" play
has "back to the first" "This is the first scene."
has "none was answered" "Answered: 0 of 13 questions."

# ---- nonsense ----

answers "nonsense" "what?\n\n\x01\x02\xff\n1e999x\nuse me\nnext please\nprompt\nlook nothing\nquit\n2.0\n" play
has "what was expected" "“what?” is no number: one is expected, as −0.79"
has "one run only" "this scene has one run only"
has "quit ends" "Answered: 0 of 13 questions."
answers "no such run" "next\nnext\nnext\nuse me\n" play
has "those that there are" "there is no run me here: main, unscaled, fixed"
answers "no line at all" "" play
has "a summary" "Answered: 0 of 13 questions."
answers "a line without its end" "2.0" play
has "counts" "Answered: 1 of 13 questions."

# ---- the learner's own text ----

answers "no role in it" "prompt One day it rained.\n2.0\n" play
has "is told" "That can't be shown: this text lacks what the scene needs: the taker. The scene's own text is back."
has "and the scene is back" "Answered: 1 of 13 questions."
long=$(printf 'Tom and Mina %.0s' $(seq 200))
answers "too long" "prompt $long\n2.0\n" play
like "is told as well" "That can't be shown: .* tokens" "$(out)"
has "and the scene is back, too" "Answered: 1 of 13 questions."
answers "a switch" "set no=such\nset scale=off\nmask full\nattention flash\nprompt\n" play
like "a wrong one" "That can't be shown: set: .*no" "$(out)"
answers "an attention" "attention fast\n" play
has "is none" 'That can'"'"'t be shown: attention is "fast", expected standard or flash. The scene'"'"'s own text is back.'
answers "its own text" "prompt Lily gave Tom the ball. Then Tom thanked\n" play
has "its tokens" "Text: 1 Lily, 2 ·gave, 3 ·Tom, 4 ·the, 5 ·ball, 6 ., 7 ·Then, 8 ·Tom, 9 ·thanked"

# ---- Korean ----

answers "Korean" "2,0\n다시\n힌트\n보기\n도움말\n끝\n" play --lang ko
has "title" "시험용 수업"
has "right" "맞습니다."
has "a hint in Korean" "힌트 1/1: 점수는 표에 있습니다."
has "a particle" "- “Mina”는 점수가 3.43입니다. {는 중괄호입니다."
like "a row in Korean" "^쿼리 “·Tom”#2: “Mina” 2.0 %" "$(out)"
has "end" "답한 문제: 1/13."
answers "Korean wrong" "백\n" play --lang ko
has "what was expected in Korean" "“백”은 숫자가 아닙니다. −0.79와 같이 숫자를 입력하세요"
ATTNSCOPE_LANG=ko answers "by the environment" "" 1
has "is Korean" "시험용 수업"

# ---- the command ----

refuses "in the window, no such lesson" 1 "there is no lesson \"nothing\"" lesson run nothing
refuses "no lesson" 1 "there is no lesson|nothing" lesson run nothing --text
refuses "no name" 2 "NAME is missing" lesson run --text
refuses "no language" 2 "expected en or ko" lesson run play --text --lang de

# ---- each lesson, line by line: every hint, every answer, and none of them before its time ----

# Numbers of three digits and more that a scene says before they are "The answer: …". Not counted are
# rows of a matrix, where another cell may look the same: test_play.c asks for each cell.
told_before() {
    awk -v answer="^(The answer|정답): " '
        /^(Scene|장면) [0-9]/ { said = "" }
        $0 ~ answer {
            number = $0
            sub(answer, "", number)
            sub(/ %$/, "", number)
            digits = number
            gsub(/[^0-9]/, "", digits)
            bare = number
            sub(/^−/, "", bare)
            if (number ~ /^(−)?[0-9]+(\.[0-9]+)?$/ && length(digits) >= 3) {
                gsub(/\./, "\\.", bare)
                if (said ~ "(^|[^0-9.])" bare) print number
            }
            next
        }
        !/^(query|key|position|쿼리|키|자리) .*; / { said = said "\n" $0 }' "$TMP/stdout"
}

unset ATTNSCOPE_LESSONS
question='look\nhint\nhint\nhint\nhint\nshow\n'
scene="$question$question$question${question}next\n"
scenes=$(for _ in $(seq 12); do printf '%s' "$scene"; done)
for folder in lessons/*/; do
    [ -f "$folder/lesson.json" ] || continue
    for lang in en ko; do
        answers "$folder $lang" "$scenes" "$folder" --lang "$lang"
        if [ "$lang" = en ]; then last="That was the last scene."; else last="마지막 장면이었습니다."; fi
        has "$folder $lang to its end" "$last"
        same "$folder $lang tells no answer before its time" "" "$(told_before)"
        asked=$(out | sed -n 's/^\(Answered\|답한 문제\): \([0-9]*\)[^0-9]*\2\( questions\)\?\.$/all/p')
        same "$folder $lang: each answer was shown" all "$asked"
    done
done
finish
