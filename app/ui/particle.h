/* particle: the form of a Korean particle. It depends on how the text before it sounds: “책을”, but
 * “나무를”. Where that text is a token or a number, only the program knows it; so messages and
 * lessons write both forms in braces, “{0}{을/를}”, and the one that suits is put in.
 *
 * How the end of a text sounds:
 *   Hangul          by its final consonant; ㄹ takes 로, not 으로
 *   3, 10, 0.25     as read in Korean: 삼, 십, 영 점 이오; “1,000” is 천
 *   Q, FFN, d, ReLU one letter, capitals at the end, or no vowel at all: by the name of the last
 *                   letter; L, M, N, R (엘, 엠, 엔, 알) have a final consonant
 *   Lily, cat, name an English word as it is written in Hangul: l, m, n, ng, and p, t, k, b, c after
 *                   one short vowel have one (캣, 잭), d, g, s, r … and vowels have none; a silent e
 *                   is not heard (네임, 애플, but 케이크). A rule of spelling, not a dictionary.
 *   σ, ℓ, %, °, ²   by their names: 시그마, 엘, 퍼센트, 도, 제곱
 * Spaces, quotation marks, brackets and points at the end are passed over; so is what stands in
 * round brackets after a word, which is not read: “쿼리(query)를”. Only where there is nothing else,
 * a sign is called by its name: “,” is 쉼표. What can't be told (other scripts, nothing at all) gets
 * both forms, as is the custom: “을(를)”. */
#ifndef UI_PARTICLE_H
#define UI_PARTICLE_H

#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    PARTICLE_I_GA,     /* 이/가 */
    PARTICLE_EUN_NEUN, /* 은/는 */
    PARTICLE_EUL_REUL, /* 을/를 */
    PARTICLE_GWA_WA,   /* 과/와 */
    PARTICLE_EURO_RO,  /* 으로/로; with what follows also 으로서, 으로부터 … */
    PARTICLE_IRA_RA,   /* 이라/라, 이라고, 이라는 … */
    PARTICLE_IRAN_RAN, /* 이란/란 */
    PARTICLE_INA_NA,   /* 이나/나 */
    PARTICLE_IGO_GO,   /* 이고/고 */
    PARTICLE_IMYEO,    /* 이며/며 */
    PARTICLE_IEOSS,    /* 이었/였 */
    PARTICLE_I,        /* 이/ with nothing after a vowel: {이/}므로 */
    PARTICLE_COUNT
} Particle;

/* The form after a text of `size` bytes of UTF-8; a constant. */
const char *particle(const char *before, size_t size, Particle which);

/* Whether “{은/는}”, in either order, begins the text: how many bytes it takes; 0: it does not. */
size_t particle_at(const char *text, size_t size, Particle *which);

/* Appends the text with each “{은/는}” as the form that suits what stands before it, in *out from its
 * beginning on. Other braces stay as they are. False where two forms in braces are no particle:
 * “{을/룰}”; the message lists those that there are. */
bool particle_expand(Buf *out, const char *text, size_t size, Err *err);

#endif
