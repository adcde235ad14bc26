/* attnscope lesson new: a small lesson that works. */
#include "app/cli/lesson_action.h"
#include "engine/base/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char JSON[] =
    "{\n"
    "  \"format\": 1,\n"
    "  \"minutes\": 5,\n"
    "  \"model\": \"story\",\n"
    "  \"prompt\": \"Mina gave Tom the red ball. Tom thanked\",\n"
    "  \"roles\": {\n"
    "    \"giver\": {\"any\": [\"Mina\", \"Lily\", \"Adam\"], \"which\": \"first\"},\n"
    "    \"end\": {\"at\": \"last\"}\n"
    "  },\n"
    "  \"scenes\": [\n"
    "    {\n"
    "      \"id\": \"look\",\n"
    "      \"stage\": \"blocks.2.attn.hook_pattern\",\n"
    "      \"head\": 1,\n"
    "      \"highlight\": [\n"
    "        {\"cells\": \"blocks.2.attn.hook_pattern[1, end, :]\", \"as\": \"query\"},\n"
    "        {\"token\": \"giver\", \"as\": \"key\"}\n"
    "      ],\n"
    "      \"conceal\": [\"blocks.2.attn.hook_pattern\"],\n"
    "      \"checks\": [\n"
    "        {\n"
    "          \"id\": \"sum\",\n"
    "          \"kind\": \"choose\",\n"
    "          \"predict\": true,\n"
    "          \"options\": [\n"
    "            {\"id\": \"one\", \"if\": \"abs(sum(blocks.2.attn.hook_pattern[1, end, :]) - 1) < "
    "0.001\"},\n"
    "            {\"id\": \"more\", \"if\": \"sum(blocks.2.attn.hook_pattern[1, end, :]) > "
    "1.001\"}\n"
    "          ]\n"
    "        }\n"
    "      ]\n"
    "    }\n"
    "  ]\n"
    "}\n";

static const char EN[] =
    "# A new lesson\n"
    "One sentence that says what it is about.\n"
    "\n"
    "## teacher\n"
    "Aim, minutes, what students get wrong, how to use it.\n"
    "\n"
    "## role giver\n"
    "the giver\n"
    "## role end\n"
    "the last word\n"
    "\n"
    "## look | Where the last word looks\n"
    "The text has {T} tokens. Its last one is {token(end)}.\n"
    "Each [row](blocks.2.attn.hook_pattern) says how much a word looks at those before it.\n"
    "\n"
    "### sum | Your guess first\n"
    "What do the weights of one row come to?\n"
    "#### option one\n"
    "To 1\n"
    "#### reply one\n"
    "They come to {sum(blocks.2.attn.hook_pattern[1, end, :]):3}.\n"
    "#### option more\n"
    "To more than 1\n"
    "#### reply more\n"
    "They come to {sum(blocks.2.attn.hook_pattern[1, end, :]):3}: the softmax shares out 1.\n"
    "#### after\n"
    "Of it, {blocks.2.attn.hook_pattern[1, end, giver]:.1%} goes to {token(giver)}.\n";

static const char KO[] =
    "# 새 수업\n"
    "무엇을 배우는지 한 문장으로 씁니다.\n"
    "\n"
    "## teacher\n"
    "목표, 시간, 학생이 자주 틀리는 점, 사용 방법을 씁니다.\n"
    "\n"
    "## role giver\n"
    "주는 사람\n"
    "## role end\n"
    "마지막 낱말\n"
    "\n"
    "## look | 마지막 낱말이 보는 곳\n"
    "이 글은 토큰 {T}개입니다. 마지막 토큰은 {token(end)}입니다.\n"
    "[행](blocks.2.attn.hook_pattern) 하나는 그 낱말이 앞의 낱말을 얼마나 보는지 나타냅니다.\n"
    "\n"
    "### sum | 예상하기\n"
    "한 행의 가중치를 모두 더하면 얼마일까요?\n"
    "#### option one\n"
    "1\n"
    "#### reply one\n"
    "합은 {sum(blocks.2.attn.hook_pattern[1, end, :]):3}입니다.\n"
    "#### option more\n"
    "1보다 크다\n"
    "#### reply more\n"
    "합은 {sum(blocks.2.attn.hook_pattern[1, end, :]):3}입니다. 소프트맥스는 1을 나누어 줍니다.\n"
    "#### after\n"
    "그중 {blocks.2.attn.hook_pattern[1, end, giver]:.1%}가 {token(giver)} 토큰으로 갑니다.\n";

static const struct {
    const char *name, *text;
} FILES[] = {{"lesson.json", JSON}, {"en.md", EN}, {"ko.md", KO}};
enum { FILES_COUNT = sizeof FILES / sizeof *FILES };

static bool write_text(const char *path, const char *text, Err *err) {
    FileOut *out = file_create(path, err);
    if (!out)
        return false;
    file_write(out, text, strlen(text));
    return file_commit(out, err);
}

static bool write_files(Arena *arena, const char *folder, Err *err) {
    for (int i = 0; i < FILES_COUNT; i++)
        if (!write_text(file_join(arena, folder, FILES[i].name), FILES[i].text, err))
            return false;
    return true;
}

static void remove_files(Arena *arena, const char *folder) {
    for (int i = 0; i < FILES_COUNT; i++)
        (void)unlink(file_join(arena, folder, FILES[i].name));
    (void)rmdir(folder);
}

static const char *without_slashes(Arena *arena, const char *folder) {
    size_t size = strlen(folder);
    while (size > 1 && folder[size - 1] == '/')
        size--;
    return arena_copy_bytes(arena, folder, size);
}

/* The folder's name is taken first, so that nothing is ever written over; what is written beside it
 * then takes the place of the empty folder in one go. */
bool lesson_new(const char *folder, Err *err) {
    Arena arena = {0};
    const char *name = without_slashes(&arena, folder);
    const char *beside = arena_printf(&arena, "%s.new-%ld", name, (long)getpid());
    bool taken = mkdir(name, 0777) == 0, made = taken && mkdir(beside, 0777) == 0;
    bool done = made ? write_files(&arena, beside, err)
                     : err_set(err, "%s: %s", taken ? beside : folder, strerror(errno));
    if (done && rename(beside, name) != 0)
        done = err_set(err, "%s: %s", folder, strerror(errno));
    if (!done && made)
        remove_files(&arena, beside);
    if (!done && taken)
        (void)rmdir(name);
    arena_free(&arena);
    return done;
}
