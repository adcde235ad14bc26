"""The story corpus: a seeded generator.

    corpus.py [--count N] [--seed S]     prints N stories

A story is an opening, two or three arcs in random order, and a closing, about the same people.
Training, held-out stories of the same templates, unseen pairs of words, unseen templates and
unseen names are different `kind`s of the same generator.
"""
import argparse
import random
import re

import templates_people as people
import templates_things as things
from scene import Scene

KINDS = ("train", "same", "pairs", "templates", "names")
# How often an arc of each family is told.
FAMILIES = ((people.GIVE, 6), (people.FEEL, 5), (people.TALK, 4), (things.THINGS, 4),
            (things.LISTS, 4), (things.NUMBER, 3), (things.NEW_WORDS, 4))


def lines(block):
    return [line for line in block.strip().split("\n") if line]


def parse(block):
    """Alternatives of a step: (text, needs different genders, held out)."""
    out = []
    for line in lines(block):
        marks = re.match(r"[!~]*", line).group()
        out.append((line[len(marks):], "!" in marks, "~" in marks))
    return out


OPENINGS, CLOSINGS = parse(people.OPENINGS), parse(people.CLOSINGS)
INVENTED = parse(people.INVENTED_OPENINGS)
ARCS = {name: [parse(step) for step in steps] for family, _ in FAMILIES
        for name, steps in family.items()}
# The second stage of training tells what is hard to learn more often.
BOOST = {"give back": 2, "thank": 4, "two deeds": 4, "colour": 4, "hide": 3, "secret": 2}
ARC_NAMES = [name for family, _ in FAMILIES for name in family]
ARC_WEIGHTS = [weight / len(family) for family, weight in FAMILIES for name in family]
BOOSTED = [w * BOOST.get(name, 1) for name, w in zip(ARC_NAMES, ARC_WEIGHTS)]


def count_templates():
    """(all, held out) sentence forms."""
    forms = OPENINGS + CLOSINGS + INVENTED + [f for arc in ARCS.values() for s in arc for f in s]
    return len(forms), sum(held for _, _, held in forms)


def pick(scene, step, held):
    """One alternative that fits the scene; with held, a held-out one where the step has any."""
    fits = [f for f in step if (scene.different or not f[1])]
    wanted = [f for f in fits if f[2] == held] or [f for f in fits if not f[2]]
    return scene.rng.choice(wanted)[0] if wanted else "-"


def tidy(text):
    """a or an, and a capital at the start of each sentence and quotation.

    The marks @ # ^ % of the probes (probes.py) may stand before a word.
    """
    text = re.sub(r"\b([Aa]) (?=[@#^%]*[aeiou])", r"\1n ", text)
    starts = (r'(^[@#]?"?|[.?!][\^%]*"?[\^%]* (?!asked|said)|[,:][\^%]* [@#]?"'
              r'|[.?!][\^%]* [@#]?")([@#]?[a-z])')
    return re.sub(starts, lambda m: m.group(1) + m.group(2).upper(), text)


def story(rng, kind="train", weights=ARC_WEIGHTS):
    """One story. "train" and "same" follow the same law; the other kinds are held out."""
    names = "held" if kind == "names" else "invented" if rng.random() < 0.06 else "train"
    scene = Scene(rng, names, held_pairs=kind == "pairs")
    held = kind == "templates"
    opening = INVENTED if names == "invented" else OPENINGS
    parts = [] if names == "train" and rng.random() < 0.3 else [pick(scene, opening, held)]
    told = set()
    text = [scene.fill(part) for part in parts]
    for _ in range(rng.choice((2, 3, 3))):
        name = rng.choices(ARC_NAMES, weights)[0]
        if name in told:
            continue
        told.add(name)
        scene.clear()
        if rng.random() < 0.5:
            scene.swap()
        text += [scene.fill(pick(scene, step, held)) for step in ARCS[name]]
    if rng.random() < 0.7:
        text.append(scene.fill(pick(scene, CLOSINGS, held)))
    return tidy(" ".join(part for part in text if part != "-"))


def stories(count, seed, kind="train"):
    """Yields `count` stories; the same seed and kind give the same stories."""
    rng = random.Random(f"{kind} {seed}")
    for _ in range(count):
        yield story(rng, kind)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS, default="train")
    args = parser.parse_args()
    for text in stories(args.count, args.seed, args.kind):
        print(text, end="\n\n")
