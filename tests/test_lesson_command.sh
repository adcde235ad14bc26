#!/bin/bash
# attnscope lesson: list, check, new. Every lesson here passes its check, and so does the example of
# docs/lessons.md.
set -u
cd "$(dirname "$0")/.."
. tests/tools/cli_checks.sh
unset ATTNSCOPE_LESSONS

works "every lesson passes" lesson check lessons
same "all of them" "$(ls -d lessons/*/ | wc -l)" "$(grep -c "^ok: lessons/" "$TMP/stdout")"

# ---- the page's example ----

page=$TMP/07-page
mkdir "$page"
for file in lesson.json en.md ko.md; do
    awk -v name="\`$file\`:" '$0 == name { wanted = 1; next }
        /^```/ && wanted { if (inside) exit; inside = 1; next } inside' docs/lessons.md >"$page/$file"
done
works "the example of docs/lessons.md" lesson check "$page"
same "it is a lesson" "ok: $page: 1 scenes, 1 questions" "$(out)"

# ---- list ----

works "list" lesson list --lang en
like "the first lesson" '^ +1  01-next-word .*[0-9]+ +[0-9]+$' "$(sed -n 2p "$TMP/stdout")"
same "a line for each, and a heading" $(($(ls -d lessons/*/ | wc -l) + 1)) "$(wc -l <"$TMP/stdout")"
works "list in Korean" lesson list --lang ko
like "its title is Korean" '소프트맥스' "$(out)"
mkdir -p "$TMP/lessons/01-broken"
echo '{}' >"$TMP/lessons/01-broken/lesson.json"
cp -R "$page" "$TMP/lessons/"
export ATTNSCOPE_LESSONS=$TMP/lessons
works "list with a broken one" lesson list
like "the good one" '7  07-page +Dividing by √d +5 +1$' "$(out)"
like "the broken one is named" '01-broken/.*en.md|01-broken/lesson.json' "$(out)"

# ---- check ----

run lesson check
same "a fault is exit 1" 1 $rc
like "the fault has its file" '/01-broken/' "$(out)"
like "the others are checked" '^ok: .*/07-page: 1 scenes' "$(out)"
like "how many" '^attnscope: 1 fault in 2 lessons$' "$(cat "$TMP/stderr")"
cp -R "$page" "$TMP/09-pipe"
rm "$TMP/09-pipe/ko.md"
mkfifo "$TMP/09-pipe/ko.md"
run lesson check "$TMP/09-pipe"
same "a pipe is not waited for" 1 $rc
like "it is named" '09-pipe/ko.md: a pipe or a device, expected a file' "$(out)"
works "by name" lesson check page
works "by number" lesson check 7
works "by path" lesson check "$page/"
refuses "an unknown name" 1 'no lesson "pagee"; did you mean page' lesson check pagee
refuses "a folder without lessons" 1 'there is no lesson.json in it' lesson check "$OUT"
ATTNSCOPE_LESSONS=$TMP/none
works "no lessons at all" lesson list
like "that is said" "no lesson under $TMP/none" "$(out)"
refuses "nothing to check" 1 "no lesson under $TMP/none" lesson check

# ---- new ----

unset ATTNSCOPE_LESSONS
works "new" lesson new "$TMP/08-fresh/"
works "a new lesson passes" lesson check "$TMP/08-fresh"
sum=$(cat "$TMP/08-fresh/"* | md5sum)
run lesson new "$TMP/08-fresh"
same "an old one is not written over" 1 $rc
like "that is said" '08-fresh: File exists' "$(cat "$TMP/stderr")"
same "it is as it was" "$sum" "$(cat "$TMP/08-fresh/"* | md5sum)"
mkdir "$TMP/empty"
refuses "not even an empty folder" 1 'empty: File exists' lesson new "$TMP/empty"
refuses "no such folder" 1 'No such file' lesson new "$TMP/nowhere/09-x"
same "nothing is left beside" "" "$(cd "$TMP" && ls -d ./*.new-* 2>/dev/null)"

# ---- usage ----

refuses "no action" 2 'ACTION is missing' lesson
refuses "an unknown action" 2 'no action "chek"; did you mean check' lesson chek
refuses "another one" 2 'no action "zzzzzz", expected one of list' lesson zzzzzz
refuses "new without a name" 2 'lesson new: DIR is missing' lesson new
refuses "too many names" 2 'unexpected argument "b"' lesson check a b
refuses "a name that is not wanted" 2 'unexpected argument "x"' lesson list x
refuses "an option of another action" 2 'lesson check takes no --lang' lesson check --lang en
refuses "no such language" 2 'language "xx": expected en or ko' lesson list --lang xx
works "help" lesson --help
like "two operands" '^usage: attnscope lesson ACTION \[NAME\]' "$(out)"
finish
