"""A scene: who and what one story is about. Fills the slots of a template.

Slots are drawn when first named and stay the same until cleared:
  {A} {B} {C}        people:  .he .He .him .his .self .kid
  {x} {y} {z} {w}    objects: .a (a ball) .c (red ball) .ac (a red ball) .col .s
  {p} {q}            places:  {p} = the garden, {p.at} = in the garden, .bare = garden
  {k} {l}            hiding places: {k} = the box, {k.at} = in the box
  {n} {m}            animals: .a .s
  {S} {R}            a subject and an attractor, singular or plural: .was .is .has .it
  {f} {g}            a glad and a sad feeling;  {t} weather;  {d} a size
  {W} {v}            an invented name, an invented noun
  {code}             four to eight random words
[a|b|c] chooses one of the alternatives.
"""
import re

import lexicon as lex


def plural(noun):
    if noun in lex.PLURALS:
        return lex.PLURALS[noun]
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


class Word:
    def __init__(self, text, /, **forms):
        self.text = text
        self.__dict__.update(forms)

    def __str__(self):
        return self.text

    def __format__(self, spec):
        return self.text


def person(name, girl):
    he, him, his, self_, kid = (("she", "her", "her", "herself", "girl") if girl
                                else ("he", "him", "his", "himself", "boy"))
    return Word(name, girl=girl, he=he, He=he.capitalize(), him=him, his=his,
                His=his.capitalize(), self=self_, kid=kid)


def thing(noun, colour):
    c = f"{colour} {noun}"
    return Word(noun, a=f"a {noun}", c=c, ac=f"a {c}", col=colour, s=plural(noun))


def spot(noun, preposition):
    return Word(f"the {noun}", at=f"{preposition} the {noun}", bare=noun, prep=preposition)


def numbered(noun, many):
    was, is_, has, it = (("were", "are", "have", "they") if many else ("was", "is", "has", "it"))
    return Word(plural(noun) if many else noun, many=many, was=was, has=has, it=it,
                It=it.capitalize(), **{"is": is_})


class Scene(dict):
    PEOPLE = "ABC"
    OBJECTS = "xyzw"

    def __init__(self, rng, names="train", held_pairs=False):
        """names: "train", "held" or "invented"; held_pairs: only pairs that training never sees."""
        super().__init__()
        self.rng, self.names, self.held_pairs = rng, names, held_pairs
        self.different = rng.random() < 0.6
        self.cast()

    def cast(self):
        """Draws three people; A and B are of different gender if self.different."""
        rng = self.rng
        girl_a = rng.random() < 0.5
        girls = [girl_a, girl_a != self.different, rng.random() < 0.5]
        while True:
            names = [self.draw_name(g) for g in girls]
            if len(set(names)) == 3 and self.fits(*names):
                break
        for slot, name, girl in zip(self.PEOPLE, names, girls):
            self[slot] = person(name, girl)

    def fits(self, a, b, c):
        """Keeps the held-out pairs of names out of training."""
        if self.names != "train":
            return True
        if self.held_pairs:
            return held_pair(a, b)
        return not (held_pair(a, b) or held_pair(a, c) or held_pair(b, c))

    def draw_name(self, girl):
        if self.names == "invented":
            return self.invented().capitalize()
        if self.names == "held":
            return self.rng.choice(lex.HELD_GIRLS if girl else lex.HELD_BOYS)
        return self.rng.choice(lex.GIRLS if girl else lex.BOYS)

    def swap(self):
        self["A"], self["B"] = self["B"], self["A"]

    def clear(self):
        """Forgets all but the people."""
        for slot in list(self):
            if slot not in self.PEOPLE:
                del self[slot]

    def invented(self):
        """A word of two or three random syllables."""
        rng = self.rng
        word = "".join(rng.choice(lex.SYLLABLES) for _ in range(rng.choice((2, 2, 3))))
        return word + (rng.choice(lex.ENDINGS) if rng.random() < 0.4 else "")

    def fresh(self, slots, words, key=str):
        """A word that no other slot of this kind holds."""
        taken = {key(self[s]) for s in slots if s in self}
        return self.rng.choice([word for word in words if word not in taken])

    def __missing__(self, slot):
        rng = self.rng
        if slot in "xyzw":
            while True:
                noun = self.fresh("xyzw", lex.OBJECTS)
                colour = self.fresh("xyzw", lex.COLOURS, lambda x: x.col)
                if held_pair(noun, colour) == self.held_pairs:
                    break
            value = thing(noun, colour)
        elif slot in "pq":
            noun = self.fresh("pq", list(lex.PLACES), lambda p: p.bare)
            value = spot(noun, lex.PLACES[noun])
        elif slot in "kl":
            noun = self.fresh("kl", list(lex.CONTAINERS), lambda p: p.bare)
            value = spot(noun, lex.CONTAINERS[noun])
        elif slot in "nm":
            noun = self.fresh("nm", lex.ANIMALS)
            value = Word(noun, a=f"a {noun}", s=plural(noun))
        elif slot == "S":
            value = numbered(rng.choice(lex.ANIMALS + lex.PEOPLE), rng.random() < 0.5)
            if value.text in ("sheep", "fish"):
                return self.__missing__(slot)
        elif slot == "R":
            value = numbered(rng.choice(lex.ATTRACTORS), rng.random() < 0.5)
        elif slot == "W":
            value = self.invented().capitalize()
        elif slot == "v":
            value = self.invented()
        elif slot == "code":
            words = lex.OBJECTS + lex.ANIMALS + lex.COLOURS + lex.GLAD + list(lex.PLACES)
            value = " ".join(rng.choice(words) for _ in range(rng.randint(4, 8)))
        else:
            lists = {"f": lex.GLAD, "g": lex.SAD, "t": lex.WEATHER, "d": lex.SIZES}
            value = rng.choice(lists[slot])
        self[slot] = value
        return value

    def fill(self, template):
        """The template with every choice made and every slot filled."""
        while "[" in template:
            template = re.sub(r"\[([^\[\]]*)\]",
                              lambda m: self.rng.choice(m.group(1).split("|")), template)
        return template.format_map(self)


def held_pair(a, b):
    """True for one pair of words in eight: a combination that training never sees."""
    return (sum(map(ord, a)) - sum(map(ord, b))) % 8 == 0
