"""A synchronous grammar: one form has an English side and a Korean side that share their slots.

Each side is a row of chunks; chunks of the two sides that carry the same key say the same thing,
and are linked. What the marks mean:

    word=k      a word with the key k (a word without a key stands for nothing on the other side)
    _word       joined to the chunk before: a particle, an ending (the space before it is left out)
    {…}         a slot of the scene (scenes.py)

English slots: {A}, {A's}, {he A} {him A} {his:own A} {himself:self A}, {a x} {the x} {x}, with its
colour {a x+}, {x.col}; {N} and plural {e.s}; {at p} (in the garden), {the k}, {in k}; {V}, {V.inf}.

Korean slots: a noun and the particle it wants in one form, {A은} {x+을} {B에게} {p에서}; with its
number and counter {n#을} (개 두 마리를); {k에} (상자 안에), bare {k~로} (상자로); {x.col였다}
(빨간색이었다); {k.put다} (넣었다); a predicate and its ending, {V다} {V고} {V지만} {V어서} {V은}
{V지} {V려고} {V어}, {g해} (슬퍼).

Keys are the slot's letter: A, x, x.c (the colour), V; A.p, p.p, k.p is its preposition in English
and its particle or position word (안, 위, 밑, 뒤) in Korean. 은/는, 이/가, 을/를 have no key, and
neither have articles and pronouns: they are linked to nothing.
"""
import re

import hangul

PART = re.compile(r'\{([^}]*)\}(?:=(\w+(?:\.p)?))?|([“”",.?!:])|([^\s{}“”",.?!:=]+)'
                  r'(?:=(\w+(?:\.[pv](?!\w))?))?|(\s+)')
UNKEYED = ("은", "이", "을", "아", "야", "였다", "")
NOUNS = "ABCxyzeoskpqlhnm"


class Chunk:
    """Text that belongs together: a stem, a particle, a word; glued: no space before it; "_" is a
    seam inside it, where a token must end."""
    __slots__ = ("text", "seamed", "key", "glued", "kind", "start", "end")

    def __init__(self, text, key=None, glued=False, kind=None):
        self.text, self.seamed = text.replace("_", ""), text
        self.key, self.glued, self.kind = key, glued, kind
        self.start = self.end = 0


class Side:
    """One sentence in one language."""

    def __init__(self, chunks):
        self.chunks, self.text = chunks, ""
        chunks[0].glued = True
        for c in chunks:
            self.text += "" if c.glued else " "
            c.start = len(self.text)
            self.text += c.text
            c.end = len(self.text)

    def entities(self):
        return [(c.start, c.end, c.kind) for c in self.chunks if c.kind]

    def pieces(self):
        """The text in the pieces that tokens must not cross; "▁" stands for a space before."""
        out = []
        for i, c in enumerate(self.chunks):
            first = "" if c.glued and i else "▁"
            out += (first + c.seamed).replace(" ", "_▁").split("_")
        return out


class Sentence:
    """An English sentence, the same in Korean, and the links between them.

    links: ((start, end) in the English text, (start, end) in the Korean text), in characters.
    """

    def __init__(self, en, ko):
        self.en, self.ko = en, ko
        self.links = [((a.start, a.end), (b.start, b.end))
                      for a in en.chunks for b in ko.chunks if a.key and a.key == b.key]


def english_slot(scene, spec, key):
    """The chunks of an English slot."""
    word, _, rest = spec.rpartition(" ")
    det, _, own = word.partition(":")
    slot, form = rest[0], rest[1:]
    item = scene[slot]
    if slot in "ABC":
        if det:
            return [Chunk(item.pronoun(det), key or own or None)]
        name = [Chunk(item.en, slot, kind="PERSON")]
        return name + [Chunk("'s", slot + ".p", True)] if form == "'s" else name
    if slot in NOUNS:
        if form == ".col":
            return [Chunk(item.colour[0], "x.c".replace("x", slot))]
        place = det in ("at", "in", "At", "In")
        out = [Chunk(item.preposition, slot + ".p")] if place else []
        colour = [Chunk(item.colour[0], slot + ".c")] if form == "+" else []
        noun = [Chunk(item.plural if form == ".s" else item.en, slot, kind=item.kind)]
        article = "the" if place or item.kind == "PLACE" else det
        if article in ("a", "A"):
            article += "n" if (colour or noun)[0].text[0] in "aeiou" else ""
        return out + ([Chunk(article)] if article else []) + colour + noun
    if form == ".inf":
        return [Chunk(item.base, slot)]
    return [Chunk(item.en, key or slot)] if item.en else []


def korean_slot(scene, spec, key):
    """The chunks of a Korean slot."""
    spec, _, inner = spec.partition("=")
    slot, form, key = spec[0], spec[1:], key or inner or None
    item = scene[slot]
    if slot in NOUNS:
        return korean_noun(slot, item, form, key)
    if form == "":
        return [Chunk(item.ko, slot)] if item.ko else []
    return item.predicate(form, slot, key)


def korean_noun(slot, item, form, key):
    mark = re.match(r"[+#~]|\.col|\.put", form)
    mark = mark.group() if mark else ""
    wanted, out = form[len(mark):], []
    if mark == ".put":
        if wanted == "고":
            return [Chunk(item.put, slot + ".v"), Chunk(wanted, key, True)]
        return [Chunk(item.put + ("았다" if item.put == "놓" else "었다"), slot + ".v")]
    if mark == ".col":
        out = [Chunk(item.colour[2], slot + ".c")]
    elif mark == "#":
        out = [Chunk(item.ko, slot, kind=item.kind), Chunk(item.number, "N"),
               Chunk(item.counter, "N")]
    else:
        if mark == "+":
            out = [Chunk(item.colour[1], slot + ".c")]
        out.append(Chunk(item.ko, slot, kind=item.kind))
        if item.position and mark != "~":
            out.append(Chunk(item.position, slot + ".p"))
    if wanted:
        own = None if wanted in UNKEYED else slot + ".p"
        out.append(Chunk(hangul.particle(out[-1].text, wanted), key or own, True))
    return out


class Person:
    kind, position = "PERSON", None

    def __init__(self, en, ko, girl):
        self.en, self.ko, self.girl = en, ko, girl

    def pronoun(self, det):
        if not self.girl:
            return det
        new = {"he": "she", "him": "her", "his": "her", "himself": "herself"}[det.lower()]
        return new.capitalize() if det[0].isupper() else new


class Noun:
    def __init__(self, en, ko, kind=None, colour=None, preposition=None, position=None, put=None,
                 plural=None, counter="개", number=None):
        self.en, self.ko, self.kind, self.colour = en, ko, kind, colour
        self.preposition, self.position, self.put = preposition, position, put
        self.plural, self.counter, self.number = plural or en + "s", counter, number


class Plain:
    def __init__(self, en, ko):
        self.en, self.ko = en, ko


class Predicate:
    """A verb or an adjective: English past (and infinitive), Korean past and stem."""

    def __init__(self, en, base, past, stem, relative=None):
        self.en, self.base, self.past, self.stem, self.relative = en, base, past, stem, relative

    def predicate(self, ending, slot, key):
        if ending in ("다", "어"):
            return [Chunk(self.past + ending, slot)]
        if ending == "지":
            return [Chunk(self.stem + ending, slot)]
        if ending in ("지만", "고"):
            return [Chunk(self.past if ending == "지만" else self.stem, slot),
                    Chunk(ending, key, True)]
        if ending == "어서":
            return [Chunk(hangul.infinitive(self.past), slot), Chunk("서", key, True)]
        if ending == "해":
            return [Chunk(hangul.infinitive(self.past), slot)]
        if ending == "은":
            return [Chunk(self.relative, slot)]
        assert ending == "려고", ending
        return [Chunk(hangul.intending(self.stem, self.relative)[:-2], slot),
                Chunk("려고", key, True)]


def side(scene, text, slot_of):
    """One side of a form, filled from the scene."""
    chunks, glued, inside = [], True, False
    for slot, slot_key, mark, word, key, space in PART.findall(text):
        if space:
            glued = False
            continue
        if slot:
            new = slot_of(scene, slot, slot_key or None)
            if not new:
                continue
        elif mark:
            new = [Chunk(mark)]
            closing = mark in "”,.?!:" or mark == '"' and inside
            glued = glued or closing
            if mark == '"':
                inside = not inside
        else:
            new = [Chunk(word.lstrip("_"), key or None)]
            glued = glued or word[0] == "_"
        new[0].glued = glued
        chunks += new
        glued = True
    return Side(chunks)


def upper_first(text):
    return text[:1].upper() + text[1:]


def sentence(scene, form):
    """A form is (English, Korean)."""
    en, ko = side(scene, form[0], english_slot), side(scene, form[1], korean_slot)
    first = en.chunks[1 if en.chunks[0].text == '"' else 0]
    first.text, first.seamed = upper_first(first.text), upper_first(first.seamed)
    return Sentence(Side(en.chunks), ko)
