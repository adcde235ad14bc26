/* How the end of a text sounds in Korean, and the particles that depend on it. */
#include "app/ui/particle.h"

#include "engine/base/utf8.h"

#include <string.h>

typedef enum { SOUND_UNKNOWN, SOUND_VOWEL, SOUND_FINAL, SOUND_RIEUL, SOUND_COUNT } Sound;

static const struct {
    const char *after_final, *after_vowel, *unknown;
} FORMS[PARTICLE_COUNT] = {
    [PARTICLE_I_GA] = {"이", "가", "이(가)"},       [PARTICLE_EUN_NEUN] = {"은", "는", "은(는)"},
    [PARTICLE_EUL_REUL] = {"을", "를", "을(를)"},   [PARTICLE_GWA_WA] = {"과", "와", "와(과)"},
    [PARTICLE_EURO_RO] = {"으로", "로", "(으)로"},  [PARTICLE_IRA_RA] = {"이라", "라", "(이)라"},
    [PARTICLE_IRAN_RAN] = {"이란", "란", "(이)란"}, [PARTICLE_INA_NA] = {"이나", "나", "(이)나"},
    [PARTICLE_IGO_GO] = {"이고", "고", "(이)고"},   [PARTICLE_IMYEO] = {"이며", "며", "(이)며"},
    [PARTICLE_IEOSS] = {"이었", "였", "이었"},      [PARTICLE_I] = {"이", "", "(이)"},
};

/* ---- Characters from the end ----------------------------------------------------------------- */

typedef struct {
    const char *text;
    size_t size;
} Rest;

/* The last character; 0 where nothing is left. */
static uint32_t last_code(Rest rest, size_t *bytes) {
    size_t at = rest.size;
    if (at == 0)
        return 0;
    do
        at--;
    while (at > 0 && rest.size - at < 4 && ((unsigned char)rest.text[at] & 0xC0) == 0x80);
    *bytes = rest.size - at;
    return utf8_next(rest.text + at, *bytes).code;
}

static uint32_t take_last(Rest *rest) {
    size_t bytes = 0;
    uint32_t code = last_code(*rest, &bytes);
    rest->size -= bytes;
    return code;
}

static bool among(uint32_t code, const char *codes) {
    for (size_t size = strlen(codes); size > 0;) {
        Utf8Char one = utf8_next(codes, size);
        if (one.code == code)
            return true;
        codes += one.size;
        size -= one.size;
    }
    return false;
}

static bool is_digit(uint32_t code) {
    return code >= '0' && code <= '9';
}

static bool is_latin(uint32_t code) {
    return (code | 32) >= 'a' && (code | 32) <= 'z';
}

static bool is_upper(uint32_t code) {
    return code >= 'A' && code <= 'Z';
}

/* ---- Hangul ---------------------------------------------------------------------------------- */

static bool hangul_sound(uint32_t code, Sound *sound) {
    uint32_t final;
    if (code >= 0xAC00 && code <= 0xD7A3)
        final = (code - 0xAC00) % 28;
    else if (code >= 0x1161 && code <= 0x1175) /* a vowel, then a final, in parts */
        final = 0;
    else if (code >= 0x11A8 && code <= 0x11C2)
        final = code - 0x11A7;
    else if (code >= 0x3131 && code <= 0x314E) /* a letter alone: 기역, 니은, 리을 … */
        final = code == 0x3139 ? 8 : 1;
    else if (code >= 0x314F && code <= 0x3163)
        final = 0;
    else
        return false;
    *sound = final == 0 ? SOUND_VOWEL : final == 8 ? SOUND_RIEUL : SOUND_FINAL;
    return true;
}

/* ---- Numbers --------------------------------------------------------------------------------- */

/* Between the digits of one number: 1,024 and its kin with narrow spaces. */
static bool is_separator(uint32_t code) {
    return among(code, ",\u202F\u2009\u00A0");
}

/* Whether the digit that was just taken is behind a decimal point: 3.20. */
static bool behind_point(Rest rest) {
    while (rest.size > 0) {
        uint32_t code = take_last(&rest);
        if (code == '.') {
            size_t bytes;
            return is_digit(last_code(rest, &bytes));
        }
        if (!is_digit(code))
            return false;
    }
    return false;
}

static Sound digit_sound(uint32_t digit) {
    static const Sound sounds[10] = {
        SOUND_FINAL, SOUND_RIEUL, SOUND_VOWEL, SOUND_FINAL, SOUND_VOWEL, /* 영 일 이 삼 사 */
        SOUND_VOWEL, SOUND_FINAL, SOUND_RIEUL, SOUND_RIEUL, SOUND_VOWEL, /* 오 육 칠 팔 구 */
    };
    return sounds[digit - '0'];
}

/* `rest` ends before the last digit. */
static Sound number_sound(Rest rest, uint32_t digit) {
    if (digit != '0' || behind_point(rest))
        return digit_sound(digit);
    int zeros = 1;
    for (;; zeros++) {
        uint32_t code = take_last(&rest);
        if (is_separator(code))
            code = take_last(&rest);
        if (!is_digit(code))
            return SOUND_FINAL; /* all zeros: 영 */
        if (code != '0')
            break;
    }
    return zeros >= 12 && zeros < 16 ? SOUND_VOWEL : SOUND_FINAL; /* 조; else 십 백 천 만 억 경 */
}

/* ---- Latin letters --------------------------------------------------------------------------- */

static bool is_vowel(char c) {
    return strchr("aeiou", c) && c;
}

static Sound letter_sound(char c) {
    return c == 'l' || c == 'r' ? SOUND_RIEUL : c == 'm' || c == 'n' ? SOUND_FINAL : SOUND_VOWEL;
}

/* The last letters of a word in lower case, from the end: letter[0] is the last. */
typedef struct {
    char letter[5];
    int count, capitals; /* of those kept; at the end */
    bool vowel;          /* there is one in the whole word */
} Word;

static bool ends(const Word *word, const char *end) {
    int size = (int)strlen(end);
    if (word->count < size)
        return false;
    for (int i = 0; i < size; i++)
        if (word->letter[i] != end[size - 1 - i])
            return false;
    return true;
}

static Word word_of(Rest rest) {
    Word word = {0};
    bool capitals = true;
    size_t bytes;
    for (uint32_t code; is_latin(code = last_code(rest, &bytes)); take_last(&rest)) {
        char lower = (char)(code | 32);
        capitals = capitals && is_upper(code);
        word.capitals += capitals;
        word.vowel = word.vowel || is_vowel(lower) || (lower == 'y');
        if (word.count < (int)sizeof word.letter)
            word.letter[word.count++] = lower;
    }
    return word;
}

/* Whether letter[at] is a vowel that stands alone, and so is short where a consonant closes it. */
static bool short_vowel(const Word *word, int at) {
    return at < word->count && is_vowel(word->letter[at]) &&
           !(at + 1 < word->count && is_vowel(word->letter[at + 1]));
}

/* A word whose last letter is e: silent, where a consonant and a vowel stand before it. */
static Sound after_e(const Word *word) {
    bool only_vowel = true;
    for (int i = 1; i < word->count; i++)
        only_vowel = only_vowel && !is_vowel(word->letter[i]) && word->letter[i] != 'y';
    if (only_vowel && word->count < (int)sizeof word->letter)
        return SOUND_VOWEL; /* the, she */
    char before = word->letter[1];
    return before == 'l' ? SOUND_RIEUL : before == 'm' || before == 'n' ? SOUND_FINAL : SOUND_VOWEL;
}

static Sound word_sound(const Word *word) {
    static const char *const closed[] = {"ng", "mb", "ck", "ook", "eep", "out", "type"};
    char last = word->letter[0];
    if (word->count == 1 || word->capitals > 0 || !word->vowel)
        return letter_sound(last);
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (ends(word, closed[i]))
            return SOUND_FINAL;
    if (last == 'e')
        return after_e(word);
    if (last == 'l')
        return SOUND_RIEUL;
    if (last == 'm' || last == 'n')
        return SOUND_FINAL;
    bool stop = strchr("ptkbc", last) != NULL;
    return stop && short_vowel(word, word->letter[1] == last ? 2 : 1) ? SOUND_FINAL : SOUND_VOWEL;
}

/* ---- Signs ----------------------------------------------------------------------------------- */

/* Signs that are read, and the sound of their names. */
static bool sign_sound(uint32_t code, Sound *sound) {
    static const struct {
        Sound sound;
        const char *signs;
    } names[] = {
        {SOUND_VOWEL, "%°℃√∞×÷+−=ᵀ$&@αβγδζηθικλμµνξπρστφχψωΓΔΘΛΞΠΣΦΨΩ"},
        {SOUND_FINAL, "²³′ευο"}, /* 제곱, 프라임, 엡실론 */
        {SOUND_RIEUL, "ℓ‰"},     /* 엘, 퍼밀 */
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (among(code, names[i].signs)) {
            *sound = names[i].sound;
            return true;
        }
    return false;
}

static bool is_passed(uint32_t code) {
    return code <= ' ' || among(code, "\"'”’»」』〉》)]}>.,!?:;…·*_`~|\u00A0\u2009\u202F");
}

/* A text of signs alone, by the last one's name. */
static Sound lone_sign_sound(Rest rest) {
    for (uint32_t code; (code = take_last(&rest)) != 0;) {
        if (among(code, ".,!?…*~()[]{}<>/\"'"))
            return SOUND_VOWEL; /* 마침표, 쉼표, 느낌표, 줄임표, 별표, 괄호, 따옴표 */
        if (among(code, ":;-·")) /* 콜론, 하이픈; a space: 빈칸 */
            return SOUND_FINAL;
        if (code == '_')
            return SOUND_RIEUL; /* 밑줄 */
    }
    return SOUND_UNKNOWN;
}

/* “쿼리(query)”: back before the bracket, where a word stands there. */
static void skip_gloss(Rest *rest) {
    Rest before = *rest;
    int depth = 1;
    for (uint32_t code; depth > 0 && (code = take_last(&before)) != 0;)
        depth += code == ')' ? 1 : code == '(' ? -1 : 0;
    Rest word = before;
    uint32_t code = 0;
    while (word.size > 0 && is_passed(code = take_last(&word)))
        ;
    if (depth == 0 && code && !is_passed(code) && !among(code, "“‘([^"))
        *rest = before;
}

static Sound sound_of(const char *text, size_t size) {
    Rest rest = {text, size};
    Sound sound;
    for (;;) {
        Rest with = rest;
        uint32_t code = take_last(&rest);
        if (code == 0)
            return lone_sign_sound((Rest){text, size});
        if (code == ')')
            skip_gloss(&rest);
        else if (hangul_sound(code, &sound) || sign_sound(code, &sound))
            return sound;
        else if (is_digit(code))
            return number_sound(rest, code);
        else if (is_latin(code)) {
            Word word = word_of(with);
            return word_sound(&word);
        } else if (!is_passed(code))
            return among(code, "“‘([{<-/") ? lone_sign_sound((Rest){text, size}) : SOUND_UNKNOWN;
    }
}

/* ---- Particles ------------------------------------------------------------------------------- */

const char *particle(const char *before, size_t size, Particle which) {
    Sound sound = sound_of(before, size);
    if (sound == SOUND_UNKNOWN)
        return FORMS[which].unknown;
    bool closed = sound == SOUND_FINAL || (sound == SOUND_RIEUL && which != PARTICLE_EURO_RO);
    return closed ? FORMS[which].after_final : FORMS[which].after_vowel;
}

static bool same(const char *text, size_t size, const char *form) {
    return strlen(form) == size && memcmp(text, form, size) == 0;
}

/* “{a/b}” at the beginning: where the parts end. */
static bool two_forms(const char *text, size_t size, size_t *slash, size_t *end) {
    const char *close = size > 0 && *text == '{' ? memchr(text, '}', size) : NULL;
    const char *bar = close ? memchr(text, '/', (size_t)(close - text)) : NULL;
    if (!bar)
        return false;
    *slash = (size_t)(bar - text);
    *end = (size_t)(close - text);
    return true;
}

size_t particle_at(const char *text, size_t size, Particle *which) {
    size_t slash, end;
    if (!two_forms(text, size, &slash, &end))
        return 0;
    const char *first = text + 1, *second = text + slash + 1;
    size_t first_size = slash - 1, second_size = end - slash - 1;
    for (int i = 0; i < PARTICLE_COUNT; i++) {
        const char *closed = FORMS[i].after_final, *open = FORMS[i].after_vowel;
        if ((same(first, first_size, closed) && same(second, second_size, open)) ||
            (same(first, first_size, open) && same(second, second_size, closed))) {
            *which = (Particle)i;
            return end + 1;
        }
    }
    return 0;
}

/* Two forms that begin as Hangul does were meant as a particle. */
static bool meant(const char *text, size_t size) {
    size_t slash, end;
    Sound sound;
    return two_forms(text, size, &slash, &end) &&
           hangul_sound(utf8_next(text + 1, size - 1).code, &sound);
}

static bool no_particle(const char *text, size_t size, Err *err) {
    Buf known = {0};
    for (int i = 0; i < PARTICLE_COUNT; i++)
        buf_printf(&known, "%s%s/%s", i ? ", " : "", FORMS[i].after_final, FORMS[i].after_vowel);
    const char *close = memchr(text, '}', size);
    err_set(err, "%.*s is no particle: expected one of %s", (int)(close - text + 1), text,
            buf_cstr(&known));
    buf_free(&known);
    return false;
}

bool particle_expand(Buf *out, const char *text, size_t size, Err *err) {
    while (size > 0) {
        Particle which;
        size_t taken = particle_at(text, size, &which);
        if (taken > 0)
            buf_text(out, particle(buf_cstr(out), out->size, which));
        else if (meant(text, size))
            return no_particle(text, size, err);
        else
            buf_add(out, text, taken = 1);
        text += taken;
        size -= taken;
    }
    return true;
}
