"""Probes: minimal pairs in which one can say where a head should look.

A probe's form is a template with marks:
  @  before each mention of the source (where the head should look)
  #  before each mention of the distractor
  ^  after the query: the head's row is the token that ends here
  %  after the token that predicts the answer, if that is not the query
Items come in pairs, swapped: the two names, or singular and plural, or the two places, change
roles; so a head that looks at a fixed place scores about 0 on source - distractor.
"~" before a form: training never saw it; those forms are used for the unseen templates only.
"""
import random
import re

import corpus
import lexicon as lex
from scene import Scene, numbered

# Before some name probes: both names once more, in either order.
LEADS = ("", "", "It was a {t} day. @{A} and #{B} were {p.at}. ",
         "It was a {t} day. #{B} and @{A} were {p.at}. ",
         "#{B} and @{A} were friends. ", "@{A} and #{B} were friends. ")

NAME_MOVER = """
@{A} gave #{B} {x.ac}. #{B} played with the {x.c}. Then #{B} gave the {x} back to^ {A}.
@{A} gave {x.ac} to #{B}. #{B} was {f}. Later, #{B} gave it back to^ {A}.
#{B} got {x.ac} from @{A}. #{B} gave it back to^ {A}.
#{B} took {x.ac} from @{A}. Then #{B} gave the {x} back to^ {A}.
@{A} lent #{B} {x.ac}. #{B} thanked^ {A}.
@{A} handed {x.ac} to #{B}. #{B} said, "Thank you,^ {A}."
@{A} showed #{B} {x.ac} and gave it to {B.him}. #{B} thanked^ {A}.
~@{A} brought #{B} {x.ac}. #{B} thanked^ {A}.
~@{A} handed {x.ac} to #{B}. In the end #{B} returned the {x} to^ {A}.
~#{B} was given {x.ac} by @{A}. #{B} gave it back to^ {A}.
"""

# Each line and the next are a pair: the same words, the names in the other order.
PRONOUN = """
@{A} and #{B} raced. {A.He}^ was fast.% {A} won.
#{B} and @{A} raced. {A.He}^ was fast.% {A} won.
@{A} walked with #{B} to {p}. {A.He}^ was tired.% {A} sat down.
#{B} walked with @{A} to {p}. {A.He}^ was tired.% {A} sat down.
@{A} played with #{B}. {A.He}^ was {f}.% {A} laughed.
#{B} played with @{A}. {A.He}^ was {f}.% {A} laughed.
@{A} sat next to #{B}. {A.His}^ {x} was {x.col}.% {A} liked {x.s}.
#{B} sat next to @{A}. {A.His}^ {x} was {x.col}.% {A} liked {x.s}.
"""

PRONOUN_NEXT = """
#{B} thanked @{A} because^ {A.he} was kind to {B.him}.
@{A} said sorry to #{B} because^ {A.he} was late.
#{B} helped @{A} because^ {A.he} was tired.
@{A} ran away from #{B} because^ {A.he} was scared.
#{B} praised @{A} because^ {A.he} was brave.
@{A} called #{B} because^ {A.he} was lonely.
"""

VERB = """
The @{S} near the #{R} {p.at}^ {S.was} {g}.
{A} knew that the @{S} behind the #{R} {p.at}^ {S.was} {g}.
The @{S} who had the #{R} {p.at}^ {S.was} {f}.
The {d} @{S} under the #{R} {p.at}^ {S.was} not {f}.
The @{S} next to the {d} #{R}^ {S.was} {d}.
"""

QUOTE = """
{B} said, #"I am {g}." {A} said, @"I have {x.ac}. It is {k.at}^."
#"I have {y.ac}," said {B}. @"I can see {m.a}. It is {d}^," said {A}.
#"I like {x.s}," said {B}. @"I went to {p}. It was {t}^," said {A}.
{A} shouted, #"Help! {n.a} is {p.at}." {B} said, @"Do not be scared, {A}. It is only {n.a}^."
{B} asked, #"Are you {g}, {A}?" {A} said, @"No, {B}. I am {f}^."
"""

COLOUR = """
{A} had a @{x.col} {x} and a #{y.col} {y}. What colour was the {x}? It was^ {x.col}.
{A} saw a #{y.col} {y} and a @{x.col} {x} {p.at}. What colour was the {x}? It was^ {x.col}.
{A} had a @{x.col} {x} and a #{y.col} {y}. {B} took the {y}. So {A} still had the^ {x.c}.
{A} bought a #{y.col} {y} and a @{x.col} {x}. "The {x} is^ {x.col}," said {B}.
"""

PLACE = """
{A} put the {x} {k.prep} the @{k.bare} and the {y} {l.prep} the #{l.bare}. {B} asked for the {x}. \
{A} went to the^ {k.bare} and took the {x}.
{A} put the {y} {l.prep} the #{l.bare} and the {x} {k.prep} the @{k.bare}. {B} asked for the {x}. \
{A} went to the^ {k.bare} and took the {x}.
"""

LIST_INTRO = ("{A} packed a {0}, a {1} and a {2}. ", "{A} had a {0}, a {1} and a {2}. ",
              "{A} wrote a list: {0}, {1}, {2}. ",
              "It was a {t} day. {A} packed a {0}, a {1} and a {2}. ")
LIST_RECALL = {"list": ("{B} named them in order: {0}, {1}, {2}.",
                        "In order they were: {0}, {1}, {2}."),
               "list reversed": ("{B} named them backwards: {0}, {1}, {2}.",
                                 "Backwards they were: {0}, {1}, {2}.")}


class Item:
    """One probe: token ids, the query's row, where it should look, and what comes next."""

    def __init__(self, tok, marked):
        text, marks = "", {"@": [], "#": [], "^": [], "%": []}
        for c in marked:
            if c in marks:
                marks[c].append(len(text))
            else:
                text += c
        spans = tok.spans(text)

        def token_at(char):
            return next(i for i, (_, lo, hi) in enumerate(spans) if lo <= char < hi)

        self.text = text
        self.ids = [i for i, _, _ in spans]
        self.source = [token_at(word_start(text, c)) for c in marks["@"]]
        self.distractor = [token_at(word_start(text, c)) for c in marks["#"]]
        self.query = token_at(marks["^"][0] - 1)
        self.predictor = token_at(marks["%"][0] - 1) if marks["%"] else self.query
        self.right = self.ids[self.predictor + 1]
        self.wrong = None


def word_start(text, char):
    """A word's first token begins at the space before it."""
    return char - 1 if char > 0 and text[char - 1] == " " else char


def forms(block, held=False):
    lines = block.strip().split("\n")
    return [f.lstrip("~") for f in lines if f.startswith("~") == held]


def marked_text(scene, form):
    return corpus.tidy(scene.fill(form))


def pair_of(tok, texts, wrongs=(None, None)):
    items = [Item(tok, text) for text in texts]
    for item, wrong in zip(items, wrongs):
        item.wrong = wrong
    return items


def first_id(tok, word):
    return tok.encode(" " + word)[0]


def name_pair(tok, rng, block, names="train", held_pairs=False, held=False, leads=LEADS):
    """A form, and the same with the two names swapped; each name's own gender."""
    scene = Scene(rng, names, held_pairs)
    form = rng.choice(leads) + rng.choice(forms(block, held))
    scene.fill(form)                       # draws everything, so that both items agree
    texts = [marked_text(scene, form)]
    wrong = [first_id(tok, str(scene["B"]))]
    scene.swap()
    texts.append(marked_text(scene, form))
    return pair_of(tok, texts, wrong + [first_id(tok, str(scene["B"]))])


def other_name_pair(tok, rng):
    """The same texts, but the place to look at is the name that must not come again."""
    items = name_pair(tok, rng, NAME_MOVER)
    for item in items:
        item.source, item.distractor = item.distractor, item.source
    return items


def different(rng):
    while True:
        scene = Scene(rng)
        if scene.different:
            return scene


def pronoun_pair(tok, rng):
    lines = forms(PRONOUN)
    i = 2 * rng.randrange(len(lines) // 2)
    scene = different(rng)
    wrong = first_id(tok, str(scene["B"]))
    return pair_of(tok, [marked_text(scene, lines[i]), marked_text(scene, lines[i + 1])],
                   (wrong, wrong))


def pronoun_next_pair(tok, rng):
    scene, form = different(rng), rng.choice(forms(PRONOUN_NEXT))
    texts, wrong = [], []
    for _ in range(2):
        texts.append(marked_text(scene, form))
        wrong.append(first_id(tok, scene["B"].he))
        scene.swap()
    return pair_of(tok, texts, wrong)


def verb_pair(tok, rng):
    scene, form = Scene(rng), rng.choice(forms(VERB))
    subject = rng.choice([n for n in lex.ANIMALS + lex.PEOPLE if n not in ("sheep", "fish")])
    attractor = rng.choice(lex.ATTRACTORS)
    texts, wrong = [], []
    for many in (False, True):
        scene["S"], scene["R"] = numbered(subject, many), numbered(attractor, not many)
        texts.append(marked_text(scene, form))
        wrong.append(first_id(tok, scene["R"].was))
    return pair_of(tok, texts, wrong)


def quote_pair(tok, rng, closing):
    scene, form = Scene(rng), rng.choice(forms(QUOTE))
    if closing:                            # the query is the closing mark itself
        form = re.sub(r'\^([.,]")', r"\1^", form)
    texts = []
    for _ in range(2):
        texts.append(marked_text(scene, form + " {A} and {B} were {f}."))
        scene.swap()
    wrong = None if closing else tok.encode(".")[0]
    return pair_of(tok, texts, (wrong, wrong))


def thing_pair(tok, rng, block):
    """A form, and the same with the two things (and their places) in each other's role."""
    scene, form = Scene(rng), rng.choice(forms(block))
    scene["k"]
    while scene["l"].prep != scene["k"].prep:
        del scene["l"]
    texts = []
    for _ in range(2):
        texts.append(marked_text(scene, form))
        for a, b in ("xy", "kl"):
            scene[a], scene[b] = scene[b], scene[a]
    items = pair_of(tok, texts)
    for item in items:
        item.wrong = item.ids[item.distractor[0]]
    return items


def list_pair(tok, rng, kind):
    """Two steps of one list; the distractor is another item of the list."""
    scene, intro, recall = Scene(rng), rng.choice(LIST_INTRO), rng.choice(LIST_RECALL[kind])
    steps = rng.sample(range(3), 2)
    items = []
    for target, other in (steps, steps[::-1]):
        slots = ["{x}", "{y}", "{z}"]
        said = list(slots)
        slots[target], slots[other] = "@" + slots[target], "#" + slots[other]
        order = range(3) if kind == "list" else (2, 1, 0)
        recall_text = recall
        for i, k in enumerate(order):
            recall_text = recall_text.replace("{%d}" % i, said[k])
        spoken = list(order).index(target)
        head, tail = recall_text.split(": ")
        words = tail.split(", ")
        recall_text = (f"{head}:^ {tail}" if spoken == 0 else
                       head + ": " + ", ".join(words[:spoken]) + ",^ " + ", ".join(words[spoken:]))
        intro_text = intro
        for i, s in enumerate(slots):
            intro_text = intro_text.replace("{%d}" % i, s)
        item = Item(tok, marked_text(scene, intro_text + recall_text))
        item.wrong = item.ids[item.distractor[0]]
        items.append(item)
    return items


class Repeat:
    """Random tokens, repeated: at a token of the second copy, the one after its first copy."""

    def __init__(self, tok, rng):
        period = [rng.randrange(tok.eot) for _ in range(rng.randint(12, 40))]
        k = rng.randrange(2, len(period) - 1)
        self.ids = period + period
        self.text = None
        self.query = self.predictor = len(period) + k
        self.source = [k + 1]
        self.distractor = []
        self.right, self.wrong = period[k + 1], None


MAKERS = {
    "induction": lambda tok, rng: [Repeat(tok, rng), Repeat(tok, rng)],
    "name mover": lambda tok, rng: name_pair(tok, rng, NAME_MOVER),
    "name suppressor": other_name_pair,
    "pronoun": pronoun_pair,
    "pronoun, predicting": pronoun_next_pair,
    "verb": verb_pair,
    "closing quote": lambda tok, rng: quote_pair(tok, rng, True),
    "closing quote, predicting": lambda tok, rng: quote_pair(tok, rng, False),
    "list": lambda tok, rng: list_pair(tok, rng, "list"),
    "list reversed": lambda tok, rng: list_pair(tok, rng, "list reversed"),
    "colour": lambda tok, rng: thing_pair(tok, rng, COLOUR),
    "place": lambda tok, rng: thing_pair(tok, rng, PLACE),
}
# The name mover on what training never saw.
NAME_SPLITS = {
    "unseen pairs of names": dict(held_pairs=True),
    "unseen templates": dict(held=True),
    "unseen names": dict(names="held"),
}


def make(tok, name, count, seed=1):
    """`count` items of a probe (an even number: pairs stand side by side)."""
    rng, items = random.Random(f"probe {name} {seed}"), []
    while len(items) < count:
        if name in MAKERS:
            items += MAKERS[name](tok, rng)
        else:
            items += name_pair(tok, rng, NAME_MOVER, **NAME_SPLITS[name])
    return items[:count]
