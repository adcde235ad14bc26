"""Scenes and stories: who, what and where, told in English and in Korean.

    scenes.py [--count 5] [--seed 0] [--kind train|pairs|forms|clauses|names|both]    prints stories

What is held out from training, so that it can be reported apart:
  pairs    one pair in eight of two names, and of a thing and its colour
  forms    the forms marked "~"
  clauses  one combination in eight of two clauses
  names    the names in HELD_GIRLS and HELD_BOYS; each is several tokens
The kind "both" is "train" with words that are names and things (Ruby, a ruby) among the others.
Every story is drawn from a seed: the same seed gives the same story.
"""
import argparse
import collections
import random
import re

import forms
import hangul
import words
from grammar import Noun, Person, Plain, Predicate, sentence

BOTH = 0.1                            # of the girls and things, where such words are wanted
INVENTED = 0.12                       # scenes of training in which the names are invented, if
                                      # nothing else is wanted
CONSONANTS = "b d g h j k m n p r s t v z".split()


def held_pair(a, b):
    """True for one pair of words in eight: a combination that training never sees."""
    return (sum(map(ord, a)) - sum(map(ord, b))) % 8 == 0


def invented(rng):
    """A name of two or three random syllables that is no name of the lists."""
    while True:
        name = "".join(rng.choice(CONSONANTS) + rng.choice("aeiou")
                       for _ in range(rng.choice((2, 2, 3))))
        name = (name + (rng.choice("nm") if rng.random() < 0.25 else "")).capitalize()
        if name not in KNOWN:
            return name


KNOWN = {n for names in words.GIRLS + words.BOYS + words.HELD_GIRLS + words.HELD_BOYS
         for n in names} | {n.split()[0].capitalize() for n, _ in words.BOTH}
PREDICATES = {"V": words.DO, "X": words.DO, "Q": words.MEET, "Z": words.MEET, "W": words.GO,
              "K": words.GO, "U": words.ACT, "Y": words.ACT, "G": words.GIVE, "H": words.GIVE}
STATES = {"f": words.GLAD, "g": words.SAD, "d": words.LOOKS, "j": words.LOOKS,
          "i": words.BEASTS, "t": words.TASTES}
PLAIN = {"T": words.TIMES, "L": words.LATER, "R": words.WEATHER}
SAME_KIND = ("xyz", "pq", "kl", "VX", "QZ", "WK", "UY", "dj", "eo")


class Scene(dict):
    """Slots are drawn when first named, and stay."""

    def __init__(self, rng, names="train", held_pairs=False, both=False, invented=None):
        super().__init__()
        self.rng, self.held_pairs, self.both = rng, held_pairs, both
        if names == "train" and not held_pairs and rng.random() < (invented or INVENTED):
            names = "invented"
        while True:
            girls = [rng.random() < 0.5 for _ in "ABC"]
            cast = [self.draw_name(names, girl) for girl in girls]
            if len({n for n, _ in cast}) == 3 and self.fits(names, *(n for n, _ in cast)):
                break
        for slot, (en, ko), girl in zip("ABC", cast, girls):
            self[slot] = Person(en, ko, girl)

    def draw_name(self, names, girl):
        rng = self.rng
        if self.both and girl and rng.random() < BOTH:
            en, ko = rng.choice(words.BOTH)[0].split()
            return en.capitalize(), ko
        if names == "invented":
            name = invented(rng)
            return name, hangul.spell(name)
        if names == "held":
            return rng.choice(words.HELD_GIRLS if girl else words.HELD_BOYS)
        return rng.choice(words.GIRLS if girl else words.BOYS)

    def fits(self, names, a, b, c):
        if names != "train":
            return True
        if self.held_pairs:
            return held_pair(a, b)
        return not (held_pair(a, b) or held_pair(a, c) or held_pair(b, c))

    def fresh(self, slot, table):
        """A row that no other slot of this kind holds."""
        group = next((g for g in SAME_KIND if slot in g), slot)
        taken = {self[s].en for s in group if s in self}
        return self.rng.choice([row for row in table if row[0] not in taken])

    def __missing__(self, slot):
        rng = self.rng
        if slot in "xyz":
            used = {self[s].colour[0] for s in "xyz" if s in self}
            while True:
                en, ko = self.fresh(slot, words.THINGS)
                if self.both and rng.random() < BOTH:
                    en, ko = self.fresh(slot, [(n.split()[0], k) for n, k in words.BOTH])
                colour = rng.choice(words.COLOURS)
                if colour[0] not in used and held_pair(en, colour[0]) == self.held_pairs:
                    break
            value = Noun(en, ko, "THING", colour)
        elif slot in "eo":
            en, ko = self.fresh(slot, words.FOODS if slot == "e" else words.BAKED)
            value = Noun(en, ko, "THING", plural=words.PLURALS.get(en),
                         number=self.number[1])
        elif slot in "pqs":
            en, preposition, ko = self.fresh(slot, words.SHOPS if slot == "s" else words.PLACES)
            value = Noun(en, ko, "PLACE", preposition=preposition)
        elif slot in "klh":
            table = [w for w in words.SPOTS if slot != "h" or w[1] in ("under", "behind")]
            en, preposition, ko, position, put = self.fresh(slot, table)
            value = Noun(en, ko, "THING", preposition=preposition, position=position, put=put)
        elif slot in "nm":
            en, ko = self.fresh(slot, words.ANIMALS)
            value = Noun(en, ko, None, plural=words.PLURALS.get(en), counter="마리",
                         number=self.number[1])
        elif slot == "N":
            value = Plain(*self.number)
        elif slot in PLAIN:
            none = slot != "R" and rng.random() < 0.3
            value = Plain("", "") if none else Plain(*rng.choice(PLAIN[slot]))
        elif slot in STATES:
            en, past, stem = self.fresh(slot, STATES[slot])
            value = Predicate(en, None, past, stem)
        else:
            value = Predicate(*self.fresh(slot, PREDICATES[slot]))
        self[slot] = value
        return value

    @property
    def number(self):
        """The one number of the scene, however many things are counted."""
        if "_number" not in self:
            self["_number"] = self.rng.choice(words.NUMBERS)
        return self["_number"]

    def forget(self, slots):
        for slot in slots:
            self.pop(slot, None)


class Form:
    """(English, Korean); held: training never sees it; same: the number of its meaning; clauses:
    made of two."""

    def __init__(self, line, same, clauses=False):
        self.clauses = clauses
        self.held = line.startswith("~")
        self.sides = tuple(s.strip() for s in line.lstrip("~").split("||"))
        self.same = same


def block(text):
    """The forms of a step."""
    out, same = [], -1
    for line in text.lstrip("?").strip().split("\n"):
        same += not line.startswith("= ")
        out.append(Form(line.removeprefix("= "), same))
    return out


def combined():
    """Two clauses in one sentence: every combination of forms.FIRST, SECOND and JOINED."""
    out, links = [], {"고": "=and", "지만": "=but", "어서": "=so", "다": ""}
    lists = [[line.split(" || ") for line in text.strip().split("\n")]
             for text in (forms.FIRST, forms.SECOND, forms.JOINED)]
    for i, first in enumerate(lists[0]):
        for j, second in enumerate(lists[1]):
            for k, (en, ko) in enumerate(lists[2]):
                one, two = re.findall(r"[12](\w+)", ko)
                ko_one, ko_two = (side[1].replace("%", ending + links[ending])
                                  for side, ending in ((first, one), (second, two)))
                en_side = en.replace("1", first[0]).replace("2", second[0])
                ko_side = ko.replace("1" + one, ko_one).replace("2" + two, ko_two)
                both = i in GIVES and j in GIVES       # one slot for "gave" would do for two
                held = "~" * ((3 * i + 5 * j + k) % 8 == 0)
                same = (9 * i + j) * 7 + SAME_JOINED[k]
                if not both:
                    out.append(Form(f"{held}{en_side} || {ko_side}", same, True))
    return out


GIVES = (7, 8)
SAME_JOINED = (0, 1, 2, 3, 3, 5, 5)           # "so" and "because" say the same
COLOURED = 0.25


def varied(rng, en, ko, free):
    """Now and then a thing that a form names once gets its colour, or if `free` "a" for "the"."""
    for slot in "xyz":
        if en.count(slot + "}") != 1 or len(re.findall(r"\{%s(?=[가-힣}])" % slot, ko)) != 1:
            continue
        if rng.random() < COLOURED:
            en = en.replace(slot + "}", slot + "+}")
            ko = re.sub(r"\{%s(?=[가-힣}])" % slot, "{%s+" % slot, ko)
        if free and rng.random() < 0.3:
            en = en.replace("{the " + slot, "{a " + slot)
    return en, ko


OPEN, FEEL, DEEDS, CLOSE = map(block, (forms.OPEN, forms.FEEL, forms.DEEDS, forms.CLOSE))
COMBINED = combined()
PLOTS = [(topic, headline, [(s.startswith("?"), block(s)) for s in steps])
         for topic, headline, *steps in forms.PLOTS]


class Story:
    """sentences: grammar.Sentence; forms: theirs; topic, headline (English); main: which sentence
    tells what the headline says."""

    def __init__(self, rng, kind="train", invented=None):
        scene = Scene(rng, "held" if kind == "names" else "train", kind == "pairs", kind == "both",
                      invented)
        self.scene, self.sentences, self.forms = scene, [], []
        self.topic, headline, steps = rng.choice(PLOTS)
        held = kind == "forms"
        if rng.random() < 0.5:
            self.tell(OPEN, held)
            if "T" in scene:
                scene["T"] = Plain(*rng.choice(words.LATER))
            scene.forget("p")
        self.main = len(self.sentences)
        for i, (optional, step) in enumerate(steps):
            if not (optional and rng.random() < 0.5):
                self.tell(step, held)
                if i == 0:
                    scene.forget("T")
            if rng.random() < 0.25:
                self.tell(FEEL, held)
            if rng.random() < 0.4:
                combined = rng.random() < 0.4
                self.tell(COMBINED if combined else DEEDS, kind == "clauses" if combined else held)
                scene.forget("VXQZUYWK")
        while len(self.sentences) < 3:
            self.tell(FEEL, held)
        if rng.random() < 0.3:
            self.tell(CLOSE, held)
        self.headline = self.heading(headline)

    def heading(self, headline):
        return sentence(self.scene, (headline, "{A}")).en.text

    def tell(self, step, held):
        choice = [f for f in step if f.held == held and f not in self.forms]
        if not choice:
            choice = [f for f in step if not f.held]
        form = self.scene.rng.choice(choice)
        self.forms.append(form)
        sides = varied(self.scene.rng, *form.sides, step is DEEDS or step is COMBINED)
        self.sentences.append(sentence(self.scene, sides))

    @property
    def en(self):
        return " ".join(s.en.text for s in self.sentences)

    @property
    def ko(self):
        return " ".join(s.ko.text for s in self.sentences)


def stories(count, seed, kind="train", invented=None):
    """`count` stories; kinds are explained above; invented: the share of invented casts."""
    rng = random.Random(f"bilingual {kind} {seed}")
    for _ in range(count):
        yield Story(rng, kind, invented)


def spelt(piece):
    """▁Kenzo as ▁Ke, n, zo."""
    parts = [part for c, v, f in hangul.syllables(piece.lstrip("▁")) for part in (c + v, f) if part]
    space = "▁" if piece[0] == "▁" else ""
    return [space + parts[0].capitalize(), *parts[1:]]


def piece_counts(count, seed, *languages, kind="train", syllables=0):
    """How often each of the grammar's pieces comes in `count` stories, for training a tokenizer.

    An invented name counts as single letters: no token is spent on it. With `syllables`, an English
    one counts as its syllables, that many times each: enough, and names are cut as Hangul is."""
    counts = collections.Counter()
    for story in stories(count, seed, kind):
        for s in story.sentences:
            for side in (getattr(s, language) for language in languages):
                new = {c.text for c in side.chunks if c.kind == "PERSON"} - KNOWN
                for piece in side.pieces():
                    name = piece.lstrip("▁")
                    if name in new and syllables and name.isascii():
                        for part in spelt(piece):
                            counts[part] += syllables
                    elif name in new:
                        counts.update(piece)
                    else:
                        counts[piece] += 1
    return counts


STEPS = [step for _, _, steps in PLOTS for _, step in steps] + 2 * [FEEL, DEEDS] + 6 * [COMBINED]


def paraphrases(rng, kind="train"):
    """Two English sentences that say the same in different words, and a third that does not: the
    same words about people who have changed roles."""
    while True:
        step = rng.choice(STEPS)
        groups = {}
        for form in step:
            if not form.held:
                groups.setdefault(form.same, []).append(form)
        groups = [g for g in groups.values() if len(g) > 1]
        if groups:
            break
    scene = Scene(rng, "held" if kind == "names" else "train", kind == "pairs", kind == "both")
    a, b = rng.sample(rng.choice(groups), 2)
    first, second = (sentence(scene, f.sides).en.text for f in (a, b))
    scene["A"], scene["B"] = scene["B"], scene["A"]
    return first, second, sentence(scene, b.sides).en.text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", default="train",
                        choices=("train", "pairs", "forms", "clauses", "names", "both"))
    args = parser.parse_args()
    for story in stories(args.count, args.seed, args.kind):
        print(f"[{story.topic}] {story.headline}")
        for s in story.sentences:
            print(f"  {s.en.text}\n  {s.ko.text}")
            print("    " + ", ".join(f"{s.en.text[a:b]}={s.ko.text[c:d]}"
                                     for (a, b), (c, d) in s.links))
