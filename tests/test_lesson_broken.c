/* One good lesson, broken in one place after another: each message names the file, the place and what
 * is wrong. */
#include "app/lesson/lesson.h"
#include "engine/base/buf.h"
#include "engine/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOOD "tests/lesson/01-good"

typedef enum { JSON, EN, KO, FILES } File;
static const char *const NAMES[FILES] = {"lesson.json", "en.md", "ko.md"};

/* The first `from` behind `behind` (NULL: the start) becomes `to`. What is told has file, `place` and
 * `message` in it. */
typedef struct {
    File file;
    const char *behind, *from, *to;
    const char *place, *message;
} Edit;

#define SCORES "blocks.2.attn.hook_attn_scores"
#define PATTERN "blocks.2.attn.hook_pattern"

static const Edit EDITS[] = {
    /* the lesson */
    {JSON, NULL, "\"format\": 1", "\"format\": 2", "",
     "format is 2, expected a whole number from 1 to 1"},
    {JSON, NULL, "\"format\": 1,", "", "", "format is missing"},
    {JSON, NULL, "{", "[", "", "not valid JSON"},
    {JSON, NULL, "\"minutes\": 5", "\"minutes\": \"5\"", "",
     "minutes is \"5\", expected a whole number"},
    {JSON, NULL, "\"minutes\": 5", "\"minutes\": 0", "", "minutes is 0"},
    {JSON, NULL, "\"minutes\": 5", "\"minuts\": 5", "",
     "the lesson has no field \"minuts\"; did you mean \"minutes\"?"},
    {JSON, NULL, "\"minutes\": 5", "\"minutes\": 5, \"minutes\": 6", "", "has \"minutes\" twice"},
    {JSON, NULL, "\"model\": \"story\"", "\"model\": 3", "", "model is 3, expected a text"},
    {JSON, NULL, "\"model\": \"story\"", "\"model\": \"storry\"", "scenes[0] meet: run", "storry"},
    {JSON, NULL, "\"prompt\": \"Mina", "\"promt\": \"Mina", "",
     "no field \"promt\"; did you mean \"prompt\"?"},
    {JSON, NULL, "\"prompt\": \"Mina gave Tom the red ball. Tom thanked\"", "\"prompt\": \"\"", "",
     "prompt is empty"},
    {JSON, NULL, "\"roles\"", "\"mask\": \"sideways\", \"roles\"", "", "mask: "},
    {JSON, NULL, "\"roles\"", "\"set\": \"norm=square\", \"roles\"", "scenes[0] meet: run", "norm"},
    {JSON, NULL, "\"roles\"", "\"attention\": \"fast\", \"roles\"", "",
     "attention is \"fast\", expected \"standard\" or \"flash\""},
    {JSON, NULL, "\"roles\"", "\"kv_cache\": true, \"roles\"", "",
     "kv_cache is true, expected \"off\" or \"on\""},
    /* roles */
    {JSON, NULL, "\"any\": [\"Mina\", \"Lily\", \"Adam\"]", "\"any\": []", "roles: giver",
     "any has 0 entries"},
    {JSON, NULL, "\"any\": [\"Mina\", \"Lily\", \"Adam\"]", "\"any\": [3]", "roles: giver",
     "any[0] is 3, expected a text"},
    {JSON, NULL, "\"which\": \"first\"", "\"which\": \"second\"", "roles: giver",
     "which is \"second\", expected \"first\", \"last\""},
    {JSON, NULL, "\"which\": \"first\"", "\"which\": 0", "roles: giver",
     "which is 0, expected a whole number from 1"},
    {JSON, NULL, "\"which\": \"first\"", "\"wich\": 1", "roles: giver",
     "a role of words has no field \"wich\"; did you mean \"which\"?"},
    {JSON, NULL, "\"piece\": \"first\"", "\"piece\": \"middle\"", "roles: again",
     "piece is \"middle\""},
    {JSON, NULL, "{\"at\": \"last\"}", "{\"at\": -1}", "roles: end", "at is -1"},
    {JSON, NULL, "{\"at\": \"last\"}", "{}", "roles: end", "after is missing"},
    {JSON, NULL, "\"after\": \"giver\"", "\"after\": \"taker\"", "roles: behind: after",
     "there is no role \"taker\""},
    {JSON, NULL, "\"by\": 1", "\"by\": 1.5", "roles: behind", "by is 1.5"},
    {JSON, NULL, "\"giver\": {", "\"T\": {", "roles: T", "a role is called \"T\""},
    {JSON, NULL, "[\"Tom\", \"Mina\", \"Adam\"]", "[\"Zarbo\"]", "scenes[0] meet: tables weights",
     "this text has no “again”"},
    /* let */
    {JSON, NULL, "{\"h\": \"1\"}", "{\"h\": \"1 +\"}", "let: h", "column 4: expected a number"},
    {JSON, NULL, "{\"h\": \"1\"}", "{\"sum(\": \"1\"}", "let: a let is called", "\"sum(\""},
    {JSON, NULL, "{\"h\": \"1\"}", "{\"h\": \"9\"}", "scenes[0] meet: head",
     "head is 9, expected a whole number from 0 to 3"},
    {JSON, NULL, "{\"h\": \"1\"}", "{\"h\": \"h\"}", "scenes[0] meet: head", "h stands for itself"},
    {JSON, NULL, "{\"h\": \"1\"}", "[]", "", "let is no object"},
    /* a scene */
    {JSON, NULL, "\"id\": \"meet\"", "\"id\": \"Meet us\"", "scenes[0]",
     "id is \"Meet us\", expected small letters"},
    {JSON, NULL, "\"id\": \"meet\",", "", "scenes[0]", "id is missing"},
    {JSON, NULL, "\"id\": \"scale\"", "\"id\": \"meet\"", "scenes[1]",
     "two scenes are called \"meet\""},
    {JSON, NULL, "\"step\": \"whole\"", "\"stepp\": \"whole\"", "scenes[0] meet",
     "a scene has no field \"stepp\"; did you mean \"step\"?"},
    {JSON, NULL, "\"step\": \"whole\"", "\"step\": \"1 ++ 2\"", "scenes[0] meet: step", "column 4"},
    {JSON, NULL, "\"step\": \"whole\"", "\"step\": 1e9", "scenes[0] meet: step", "step is 1e+09"},
    {JSON, "\"meet\"", "\"stage\": \"" PATTERN, "\"stage\": \"blocks.9.attn.hook_pattern",
     "scenes[0] meet: stage", "there is no record blocks.9.attn.hook_pattern"},
    {JSON, "\"meet\"", "\"head\": \"h\"", "\"head\": \"nobody\"", "scenes[0] meet: head",
     "column 1: there is no nobody"},
    {JSON, "\"meet\"", "\"cell\": \"" PATTERN "[h, end, giver]\"", "\"cell\": \"1 + 2\"",
     "scenes[0] meet: cell", "expected cells of a record"},
    {JSON, "\"meet\"", "\"cell\": \"" PATTERN "[h, end, giver]\"",
     "\"cell\": \"" PATTERN "[h, end, :]\"", "scenes[0] meet: cell", "is more than one cell"},
    {JSON, "\"meet\"", "\"cell\": \"" PATTERN "[h, end, giver]\"",
     "\"cell\": \"" PATTERN "[h, 99, 0]\"", "scenes[0] meet: cell",
     "query is 99, expected a whole number from 0 to"},
    {JSON, "\"meet\"", "\"cell\": \"" PATTERN "[h, end, giver]\"", "\"cell\": \"hook_embed[0, 0]\"",
     "scenes[0] meet: cell", "hook_embed can't be seen: " PATTERN " is in view"},
    {JSON, NULL, "\"prompt\": \"free\"", "\"prompt\": \"own\"", "scenes[2] break",
     "prompt is \"own\", expected \"free\""},
    {JSON, NULL, "\"shows\": \"main\"", "\"shows\": \"other\"", "scenes[1] scale",
     "shows is \"other\", which is none of the scene's runs"},
    {JSON, NULL, "\"unscaled\": {\"set\"", "\"main\": {\"set\"", "scenes[1] scale: runs: main",
     "main is the scene's own run"},
    {JSON, NULL, "\"unscaled\": {\"set\"", "\"un-scaled\": {\"set\"",
     "scenes[1] scale: runs: un-scaled", "a run is called \"un-scaled\""},
    {JSON, NULL, "\"set\": \"scale=off\"", "\"sett\": \"scale=off\"",
     "scenes[1] scale: runs: unscaled", "a run has no field \"sett\"; did you mean \"set\"?"},
    {JSON, NULL, "scale=off", "scale=odd", "scenes[1] scale: runs: unscaled", "scale"},
    {JSON, NULL, "zero_head=2.1", "zero_head=2.99", "scenes[2] break: runs: blind", "zero_head"},
    {JSON, NULL, "\"let\": {\"r\"", "\"let\": {\"T\"", "scenes[1] scale: let",
     "a let is called \"T\""},
    {JSON, NULL, "\"conceal\": [\"" SCORES "_scaled\"", "\"conceal\": [\"blocks.7.*\"",
     "scenes[1] scale", "conceal[0]: there is no record like blocks.7.*"},
    {JSON, NULL, "\"conceal\": [\"" SCORES "_scaled\", \"" SCORES "\"]", "\"conceal\": \"*scaled\"",
     "scenes[1] scale", "conceal is \"*scaled\", expected a list"},
    /* highlights */
    {JSON, NULL, "\"as\": \"query\"", "\"as\": \"quarry\"", "scenes[0] meet: highlight[0]",
     "as is \"quarry\", expected \"query\", \"key\", \"value\" or \"hand\""},
    {JSON, NULL, "{\"head\": \"h\"}", "{\"head\": \"h\", \"token\": \"1\"}",
     "scenes[0] meet: highlight[2]", "one of cells, token, head and stage, found 2"},
    {JSON, NULL, "{\"head\": \"h\"}", "{\"haed\": \"h\"}", "scenes[0] meet: highlight[2]",
     "did you mean \"head\"?"},
    {JSON, NULL, "{\"head\": \"h\"}", "{\"head\": \"7\"}", "scenes[0] meet: highlight[2].head",
     "head is 7"},
    {JSON, NULL, "{\"cells\": \"" PATTERN "[h,", "{\"cells\": \"" PATTERN "[3,",
     "scenes[0] meet: highlight[0].cells", "can't be seen: head 1 is in view"},
    {JSON, NULL, "{\"cells\": \"" PATTERN "[h, end, :]", "{\"cells\": \"" PATTERN "[h, end, 3:3]",
     "scenes[0] meet: highlight[0].cells", "are no cells"},
    {JSON, NULL, "{\"cells\": \"" PATTERN, "{\"cells\": \"" SCORES,
     "scenes[0] meet: highlight[0].cells", SCORES " can't be seen: " PATTERN " is in view"},
    {JSON, NULL, "{\"token\": \"giver\"", "{\"token\": \"T\"", "scenes[0] meet: highlight[1].token",
     "token is 9, expected a whole number from 0 to 8"},
    {JSON, NULL, "{\"stage\": \"blocks.2.attn.hook_z\"}", "{\"stage\": \"blocks.2.attn.hook_zz\"}",
     "scenes[0] meet: highlight[3].stage", "there is no record blocks.2.attn.hook_zz"},
    {JSON, "\"break\"", "\"stage\": \"probs\"",
     "\"stage\": \"probs\", \"highlight\": [{\"head\": \"h\"}]",
     "scenes[2] break: highlight[0].head", "it can't be seen: probs has no heads"},
    /* what nothing evaluates */
    {JSON, NULL, "{\"h\": \"1\"}", "{\"h\": \"1\", \"unused\": \"givr\"}",
     "scenes[0] meet: let: unused", "there is no givr; did you mean giver?"},
    {JSON, NULL, "\"T > 3\"", "\"T > 3 or nowhere.hook_q[0] > 1\"",
     "scenes[0] meet: checks[0] more: options[0] yes: if", "there is no record nowhere.hook_q"},
    {JSON, NULL, "\"T > 3\"", "\"T > 3 or in(unscaled, T) > 1\"",
     "scenes[0] meet: checks[0] more: options[0] yes: if", "there is no run unscaled"},
    /* tables */
    {JSON, NULL, "\"for\": {\"k\": [\"giver\", \"again\"]}",
     "\"for\": {\"k\": [\"giver\", \"taker\"]}", "scenes[0] meet: tables[0]: for",
     "there is no role \"taker\""},
    {JSON, NULL, "\"for\": {\"k\": [\"giver\", \"again\"]}", "\"for\": {\"k\": [1, \"again\"]}",
     "scenes[0] meet: tables[0]: for", "k[1]: expected numbers, or roles' names"},
    {JSON, NULL, "\"for\": {\"k\": [\"giver\", \"again\"]}", "\"for\": [1, 2]",
     "scenes[0] meet: tables[0]", "for must be an object of one variable"},
    {JSON, NULL, "\"for\": {\"k\": [\"giver\", \"again\"]}", "\"for\": {\"k\": []}",
     "scenes[0] meet: tables[0]", "k must be a list of 1 to"},
    {JSON, NULL, "\"value\": \"k\", \"token\": true", "\"value\": \"k * 100\", \"token\": true",
     "scenes[0] meet: tables weights: column who, row 1", "is no token of the text"},
    {JSON, NULL, "\"value\": \"k\", \"token\": true",
     "\"value\": \"k\", \"token\": true, \"percent\": true",
     "scenes[0] meet: tables[0]: columns[0]", "one of percent, token and piece"},
    {JSON, NULL, "\"value\": \"k\", \"token\": true", "\"value\": \"kk\", \"token\": true",
     "scenes[0] meet: tables weights: column who, row 0", "there is no kk; did you mean k?"},
    {JSON, NULL, "\"percent\": true}", "\"percent\": 1}", "scenes[0] meet: tables[0]: columns[1]",
     "percent is 1, expected true or false"},
    {JSON, NULL, "\"percent\": true}", "\"digits\": 9}", "scenes[0] meet: tables[0]: columns[1]",
     "digits is 9, expected a whole number from 0 to 8"},
    {JSON, NULL, "{\"id\": \"weight\"", "{\"id\": \"who\"", "scenes[0] meet: tables[0]: columns[1]",
     "two columns are called \"who\""},
    /* choose */
    {JSON, "\"meet\"", "\"checks\": [", "\"checks\": [0, 0, 0, 0, 0, 0, 0, 0,", "scenes[0] meet",
     "entries, expected 0 to 8"},
    {JSON, NULL, "\"kind\": \"choose\"", "\"kind\": \"chose\"", "scenes[0] meet: checks[0] more",
     "kind is \"chose\", expected \"fill\", \"choose\""},
    {JSON, NULL, "\"kind\": \"choose\",", "", "scenes[0] meet: checks[0] more", "kind is missing"},
    {JSON, NULL, "\"kind\": \"choose\"", "\"predict\": 3, \"kind\": \"choose\"",
     "scenes[0] meet: checks[0] more", "predict is 3, expected true or false"},
    {JSON, NULL, "\"kind\": \"choose\"", "\"kind\": \"choose\", \"digits\": 3",
     "scenes[0] meet: checks[0] more", "a check of kind choose has no field \"digits\""},
    {JSON, NULL, "{\"id\": \"no\", \"if\": \"T <= 3\"}", "{\"id\": \"no\", \"if\": \"T <= 30\"}",
     "scenes[0] meet: checks[0] more", "options: each is true in the run main"},
    {JSON, NULL, "{\"id\": \"yes\", \"if\": \"T > 3\"}", "{\"id\": \"yes\", \"if\": \"T > 30\"}",
     "scenes[0] meet: checks[0] more", "options: none is true in the run main"},
    {JSON, NULL, "{\"id\": \"no\", \"if\": \"T <= 3\"}", "{\"id\": \"no\", \"if\": \"T <== 3\"}",
     "scenes[0] meet: checks[0] more: options[1]", "if: column 5"},
    {JSON, NULL, "{\"id\": \"no\", \"if\": \"T <= 3\"}", "{\"id\": \"no\"}",
     "scenes[0] meet: checks[0] more: options[1]", "if is missing"},
    {JSON, NULL, "{\"id\": \"no\", \"if\"", "{\"id\": \"yes\", \"if\"",
     "scenes[0] meet: checks[0] more: options[1]", "two options are called \"yes\""},
    {JSON, NULL, "\"if\": \"T <= 3\"", "\"if\": \"range(0, T) <= 3\"",
     "scenes[0] meet: checks[0] more: options[1] no", "these are 9 numbers, expected one"},
    {JSON, NULL, ",\n            {\"id\": \"no\", \"if\": \"T <= 3\"}", "",
     "scenes[0] meet: checks[0] more", "options has 1 entries, expected 2 to 8"},
    /* point */
    {JSON, NULL, "\"at\": \"row\"", "\"at\": \"line\"", "scenes[0] meet: checks[1] row",
     "at is \"line\", expected \"cell\", \"row\""},
    {JSON, NULL, "\"at\": \"row\",", "", "scenes[0] meet: checks[1] row", "at is missing"},
    {JSON, NULL, "\"at\": \"row\"", "\"at\": \"token\"", "scenes[0] meet: checks[1] row",
     "record is for checks that point at a cell, row or column"},
    {JSON, "\"at\": \"row\"", "\"record\": \"" PATTERN, "\"record\": \"" SCORES,
     "scenes[0] meet: checks[1] row", "record: " SCORES " can't be seen: " PATTERN " is in view"},
    {JSON, "\"at\": \"row\"", "\"record\": \"" PATTERN, "\"record\": \"nothing",
     "scenes[0] meet: checks[1] row", "record: there is no record nothing"},
    {JSON, NULL, "\"query == end\"", "\"query == 99\"", "scenes[0] meet: checks[1] row",
     "if: it is false at every place"},
    {JSON, NULL, "\"query == end\"", "\"query < 99\"", "scenes[0] meet: checks[1] row",
     "if: it is true at every place"},
    {JSON, NULL, "\"query == end\"", "\"key == end\"", "scenes[0] meet: checks[1] row",
     "if: column 1: there is no key"},
    /* fill, order */
    {JSON, NULL, "\"value\": \"" SCORES "_scaled[h,", "\"value\": \"" SCORES "_scaled[",
     "scenes[1] scale: checks[0] divide",
     "value: column 1: " SCORES "_scaled has 3 axes (head, query, key), found 2"},
    {JSON, NULL, "\"value\": \"" SCORES "_scaled[h, end, giver]\"",
     "\"value\": \"" SCORES "[h, 0, 3]\"", "scenes[1] scale: checks[0] divide",
     "value: it is -inf in the run main, expected a finite number"},
    {JSON, NULL, "\"value\": \"" SCORES "_scaled[h, end, giver]\"", "\"value\": \"in(blind, T)\"",
     "scenes[1] scale: checks[0] divide", "value: there is no run blind"},
    {JSON, "\"kind\": \"fill\"", "\"digits\": 2", "\"digits\": -2",
     "scenes[1] scale: checks[0] divide", "digits is -2"},
    {JSON, "\"kind\": \"order\"", "\"hook_embed\"", "\"hook_embedding\"",
     "scenes[1] scale: checks[1] order", "stages[0]: there is no record hook_embedding"},
    {JSON, "\"kind\": \"order\"", "\"hook_embed\"", "\"blocks.2.attn.hook_q\"",
     "scenes[1] scale: checks[1] order", "two stages are called \"blocks.2.attn.hook_q\""},
    {JSON, "\"kind\": \"order\"", "[\"hook_embed\", \"blocks.2.attn.hook_q\"",
     "[\"blocks.1.hook_resid_post\", \"blocks.2.hook_resid_pre\"",
     "scenes[1] scale: checks[1] order",
     "stages[1]: blocks.2.hook_resid_pre is blocks.1.hook_resid_post under a second name"},
    {JSON, NULL, "\"id\": \"order\"", "\"id\": \"divide\"", "scenes[1] scale: checks[1]",
     "two checks are called \"divide\""},
    /* make */
    {JSON, NULL, "giver == 0 and T > 10", "giver == 0", "scenes[2] break: checks[0] make",
     "if: it is true when the scene begins, expected false"},
    {JSON, NULL, "giver == 0 and T > 10", "T > 1000", "scenes[2] break: checks[0] make",
     "solution: the condition is false with it, expected true"},
    {JSON, NULL, "\"solution\": {\"prompt\"", "\"solution\": {\"promt\"",
     "scenes[2] break: checks[0] make: solution", "did you mean \"prompt\"?"},
    {JSON, NULL,
     "\"solution\": {\"prompt\": \"Mina gave Tom the red ball and the blue box. Tom thanked\"}",
     "\"solution\": {}", "scenes[2] break: checks[0] make: solution", "changes nothing"},
    {JSON, NULL,
     "\"solution\": {\"prompt\": \"Mina gave Tom the red ball and the blue box. Tom thanked\"}",
     "\"solution\": {\"shows\": \"deaf\"}", "scenes[2] break: checks[0] make: solution",
     "shows is \"deaf\", which is none"},
    /* the worksheet */
    {JSON, NULL, "\"g\": [0, 1, 2, 3]", "\"g\": []", "worksheet: draw", "g has 0 entries"},
    {JSON, NULL,
     "\"draw\": {\"prompt\": [\"Mina gave Tom the red ball.\", \"Adam gave Lily the blue box.\"],",
     "\"draw\": {\"prompt\": \"Mina\",", "worksheet: draw", "prompt is \"Mina\", expected a list"},
    {JSON, NULL, "\"range(2, T)\"", "\"range(2, 2)\"", "worksheet: scores: draw: q",
     "has nothing to choose from (with seed 0)"},
    {JSON, NULL, "\"range(2, T)\"", "\"range(2, T + 1)\"", "worksheet: scores: ask", "query is "},
    {JSON, NULL, "\"blank\": [\"" SCORES "_scaled[g, 3, 1]\"]",
     "\"blank\": [\"" SCORES "_scaled[g, 6, 1]\"]", "worksheet: scores", "_scaled[g, 6, 1]"},
    {JSON, NULL, "_scaled[g, 0:6, 0:6]\"", "_scaled[g, 0:60, 0:6]\"", "worksheet: scores",
     "query is 60"},
    {JSON, NULL, "\"matrix\": \"" SCORES "_scaled[g, 0:6, 0:6]\"", "\"matrix\": \"T\"",
     "worksheet: questions[0]", "matrix[0] is \"T\", expected cells"},
    {JSON, NULL, "\"matrix\": \"" SCORES "_scaled[g, 0:6, 0:6]\",", "", "worksheet: questions[0]",
     "blank needs a matrix"},
    {JSON, NULL, "\"id\": \"words\", \"lines\": 3", "\"id\": \"words\", \"lines\": 0",
     "worksheet: questions[1]", "nothing is asked"},
    {JSON, NULL, "\"id\": \"words\"", "\"id\": \"scores\"", "worksheet: questions[1]",
     "two questions are called \"scores\""},
    /* texts */
    {EN, NULL, "# A lesson for tests", "A lesson for tests", "line",
     "expected the heading \"# Title\""},
    {EN, NULL, "# A lesson for tests", "# ", "line 1", "the title is empty"},
    {KO, NULL, "모든 필드가 한 번씩 나옵니다.", "", "the sentence under the title", "is empty"},
    {EN, NULL, "## teacher", "## teachers", "line 4",
     "nothing in lesson.json asks for \"teachers\"; did you mean \"teacher\"?"},
    {KO, NULL, "## role giver\n", "", "role giver", "is missing"},
    {KO, NULL, "## meet | Words meet", "## meet", "meet has no title",
     "expected \"## meet | Title\""},
    {EN, NULL, "## meet |", "## meat |", "line 16",
     "nothing in lesson.json asks for \"#meat\"; did you mean \"#meet\"?"},
    {KO, NULL, "### row\n", "", "line", "is there already"},
    {KO, NULL, "#### column who\n", "#### column whom\n",
     "nothing in lesson.json asks for \"meet/column whom\"", "did you mean \"meet/column who\"?"},
    {KO, NULL, "#### reply yes\nThere are {T}.\n", "", "meet/more/reply yes", "is missing"},
    {EN, NULL, "#### reply yes\nThere are {T}.\n", "", "meet/more/reply yes",
     "is missing, which tests/lesson/01-good/ko.md has in line"},
    {KO, NULL, "#### hint\nCount again.\n", "", "meet/more/hint 2", "is missing"},
    {EN, NULL, "#### run unscaled\nWithout the scale\n", "", "scale/run unscaled", "is missing"},
    {EN, NULL, "There are {T} tokens.", "There are {T + } tokens.", "meet (its heading is line 16)",
     "line 1: column"},
    {EN, NULL, "There are {T} tokens.", "There are {T tokens.", "meet (its heading is line 16)",
     "line 1"},
    {KO, NULL, "There are {T} tokens.", "There are {probs[end, 99999]} tokens.",
     "meet: in the run main", "vocab is 99999"},
    {EN, NULL, "{token(giver)} is the first", "{token(T)} is the first", "meet: in the run main",
     "token"},
    {EN, NULL, "[the picture](" PATTERN ")", "[the picture](blocks.2.attn.hook_patern)",
     "meet: in the run main", "there is no record blocks.2.attn.hook_patern; did you mean"},
    {EN, NULL, "\\k{k}$", "\\k{k$", "meet (its heading is line 16)", "the formula"},
    {EN, NULL, "Scores are divided by √d.", "The score is {" SCORES "_scaled[h, end, giver]}.",
     "scale", "tells what is concealed while a question of the scene is open"},
    {KO, NULL, "Which comes first?", "Which comes first, and is it 1 of {" SCORES "[0, 0, 0]}?",
     "scale/order", "tells what is concealed"},
    {EN, NULL, "Which comes first?", "Which comes first? {" SCORES "_raw[h, end, giver] / r:2}",
     "scale/order", "which is the answer to the open question divide"},
    {EN, NULL, "### answer\nYes.\n", "", "worksheet words/answer", "is missing"},
    {EN, NULL, "#### right\nRight.\n#### wrong\nWrong.\n#### after",
     "#### wrong\nWrong.\n#### after", "scale/divide/right", "is missing"},
    {EN, "### order", "#### wrong\nWrong.", "#### wrong\nIt is {" SCORES "[h, end, 0]}.",
     "scale/order/wrong", "is still concealed when this is said"},
    {KO, "### divide", "#### wrong\n아닙니다.", "#### wrong\n{" SCORES "_scaled[h, end, giver]:1}",
     "scale/divide/wrong", "is still concealed when this is said"},
    {KO, NULL, "##### ", "x", NULL, NULL}, /* ends the list */
};

static char *with_edit(Arena *arena, const char *text, const Edit *edit) {
    const char *start = edit->behind ? strstr(text, edit->behind) : text;
    const char *at = start ? strstr(start, edit->from) : NULL;
    if (!at)
        fail_msg("%s holds no '%s'", NAMES[edit->file], edit->from);
    return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, edit->to,
                        at + strlen(edit->from));
}

static void note_first(void *user, const char *message) {
    Err *err = user;
    if (!err->text[0])
        err_set(err, "%s", message);
}

/* The first thing that is told about the lesson with this edit; "" where nothing is. */
static void check_edited(char *const text[FILES], const Edit *edit, Err *err) {
    Arena arena = {0};
    LessonBytes bytes[FILES];
    for (int i = 0; i < FILES; i++) {
        const char *now = edit && edit->file == (File)i ? with_edit(&arena, text[i], edit)
                                                        : text[i];
        bytes[i] = (LessonBytes){now, strlen(now)};
    }
    err->text[0] = '\0';
    Lesson *lesson = lesson_parse(GOOD, bytes[JSON], &bytes[EN], err);
    if (lesson) {
        err->text[0] = '\0';
        size_t faults = lesson_examine(lesson, "assets", note_first, err);
        assert_int_equal(faults > 0, err->text[0] != '\0');
    }
    lesson_close(lesson);
    arena_free(&arena);
}

static void read_good(Arena *arena, char *text[FILES]) {
    Err err = {{0}};
    size_t size;
    for (int i = 0; i < FILES; i++)
        if (!file_read_text(file_join(arena, GOOD, NAMES[i]), 1 << 20, arena, &text[i], &size,
                            &err))
            fail_msg("%s", err.text);
}

static void the_lesson_is_good(void **state) {
    Arena arena = {0};
    char *text[FILES];
    Err err;
    (void)state;
    read_good(&arena, text);
    check_edited(text, NULL, &err);
    assert_string_equal(err.text, "");
    arena_free(&arena);
}

static void each_fault_is_named(void **state) {
    Arena arena = {0};
    char *text[FILES];
    size_t wrong = 0, count = 0;
    (void)state;
    read_good(&arena, text);
    for (const Edit *edit = EDITS; edit->message; edit++, count++) {
        Err err;
        const char *file = arena_printf(&arena, GOOD "/%s: ", NAMES[edit->file]);
        check_edited(text, edit, &err);
        if (strncmp(err.text, file, strlen(file)) == 0 && strstr(err.text, edit->place) &&
            strstr(err.text, edit->message))
            continue;
        print_message("%s → %s\n  is told as: %s\n  expected: %s … %s … %s\n", edit->from, edit->to,
                      err.text, file, edit->place, edit->message);
        wrong++;
    }
    assert_true(count >= 60);
    assert_int_equal(wrong, 0);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lesson_is_good),
        cmocka_unit_test(each_fault_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
