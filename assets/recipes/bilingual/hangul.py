"""Hangul: final consonants, the form of a particle, verb endings, names by rule.

A syllable is one code point: 0xAC00 + (initial * 21 + vowel) * 28 + final (Unicode, chapter 3.12).
"""
BASE = 0xAC00
N_FINALS, RIEUL, SSANG_SIOT, NIEUN, MIEUM = 28, 8, 20, 4, 16
INITIALS = {"g": 0, "n": 2, "d": 3, "r": 5, "m": 6, "b": 7, "v": 7, "s": 9, "": 11, "j": 12,
            "z": 12, "k": 15, "t": 16, "p": 17, "h": 18}
VOWELS = {"a": 0, "e": 5, "o": 8, "u": 13, "i": 20}
FINALS = {"": 0, "n": NIEUN, "m": MIEUM}
# Asked for by one form: (after a final consonant, after a vowel).
PARTICLES = {"은": ("은", "는"), "이": ("이", "가"), "을": ("을", "를"), "와": ("과", "와"),
             "로": ("으로", "로"), "아": ("아", "야"), "야": ("이야", "야"),
             "였다": ("이었다", "였다")}


def final(syllable):
    return (ord(syllable) - BASE) % N_FINALS


def particle(stem, wanted):
    """The form of a particle after this stem: 공을, 모자를; 연필로, 집으로."""
    if wanted not in PARTICLES:
        return wanted
    last = final(stem[-1])
    closed = last != 0 and not (wanted == "로" and last == RIEUL)
    return PARTICLES[wanted][0 if closed else 1]


def without_final(text):
    return text[:-1] + chr(ord(text[-1]) - final(text[-1]))


def infinitive(past):
    """찾았 -> 찾아, 했 -> 해, 기뻤 -> 기뻐."""
    assert final(past[-1]) == SSANG_SIOT, past
    return without_final(past)


def intending(stem, relative):
    """찾으려고, 사려고, 팔려고, 주우려고."""
    return (stem if final(stem[-1]) == RIEUL else without_final(relative)) + "려고"


def syllables(name):
    """An English name as (consonant, vowel, final) triples; a consonant closes a syllable only
    where no vowel follows."""
    name, out, i = name.lower(), [], 0
    while i < len(name):
        c = name[i] if name[i] not in VOWELS else ""
        v = name[i + len(c)]
        i += len(c) + 1
        closes = i < len(name) and name[i] in "nm" and (i + 1 == len(name)
                                                        or name[i + 1] not in VOWELS)
        out.append((c, v, name[i] if closes else ""))
        i += closes
    return out


def spell(name):
    """Ramona -> 라모나, Kenzo -> 켄조."""
    return "".join(chr(BASE + (INITIALS[c] * 21 + VOWELS[v]) * N_FINALS + FINALS[f])
                   for c, v, f in syllables(name))
