"""The four tasks: what an item is, what a batch is, and what the loss is."""
import torch
from torch.nn import functional as F

import bert
import forms
import pairs
import scenes

LONGEST, MASKED = 128, 0.15
TEMPERATURE = 0.07
BATCHES = {"mlm": 16, "topic": 16, "entities": 16, "similar": 48}


def frame(tok, first, second=None):
    """Ids and token types of [CLS] first [SEP] (second [SEP])."""
    ids = [tok.cls, *first, tok.sep]
    types = [0] * len(ids)
    if second:
        ids, types = [*ids, *second, tok.sep], types + [1] * (len(second) + 1)
    return ids[:LONGEST], types[:LONGEST]


def stacked(tok, rows):
    """(ids, types) of several texts, padded."""
    return pairs.padded([r[0] for r in rows], tok.pad), pairs.padded([r[1] for r in rows], 0)


class Mlm:
    """Stories, half of them cut in two texts; 15% of the tokens are to be guessed."""

    def __init__(self, tok):
        self.tok = tok

    def item(self, story, rng):
        texts = [s.en.text for s in story.sentences]
        cut = rng.randrange(1, len(texts)) if rng.random() < 0.5 else len(texts)
        return frame(self.tok, self.tok.encode(" ".join(texts[:cut])),
                     self.tok.encode(" ".join(texts[cut:])))

    def tensors(self, items, rng):
        """Ids with masks, types, the mask of what is asked for, and what stood there."""
        ids, types = stacked(self.tok, items)
        asked, shown = torch.zeros_like(ids, dtype=torch.bool), ids.clone()
        for b, (row, _) in enumerate(items):
            for t, i in enumerate(row):
                if i in (self.tok.cls, self.tok.sep) or rng.random() >= MASKED:
                    continue
                asked[b, t], kind = True, rng.random()
                if kind < 0.8:
                    shown[b, t] = self.tok.mask
                elif kind < 0.9:
                    shown[b, t] = rng.randrange(5, len(self.tok.vocab))
        return shown, types, asked, ids[asked]

    @staticmethod
    def loss(model, batch):
        shown, types, asked, right = batch
        return F.cross_entropy(model(shown, types, asked), right)


class Topic:
    """A part of a story that holds its main sentence, and the story's topic."""

    def __init__(self, tok):
        self.tok = tok

    def item(self, story, rng):
        first = rng.randint(0, story.main)
        last = rng.randint(story.main, len(story.sentences) - 1)
        text = " ".join(s.en.text for s in story.sentences[first:last + 1])
        return (*frame(self.tok, self.tok.encode(text)), forms.TOPICS.index(story.topic), text)

    def tensors(self, items, _rng):
        return (*stacked(self.tok, items), torch.tensor([i[2] for i in items]))

    @staticmethod
    def loss(model, batch):
        ids, types, right = batch
        return F.cross_entropy(model(ids, types), right)


class Entities:
    """One to three sentences, and for each token whether it names a person, a place, a thing."""

    def __init__(self, tok):
        self.tok = tok

    def item(self, story, rng):
        first = rng.randrange(len(story.sentences))
        ids, labels, words = [], [], []
        for s in story.sentences[first:first + rng.randint(1, 3)]:
            entities = s.en.entities()
            for i, lo, hi in self.tok.spans(s.en.text):
                kind = next((k for a, b, k in entities if a <= lo < b), "O")
                ids.append(i)
                labels.append(bert.LABELS.index(kind))
                words.append(s.en.text[lo:hi])
        labels = [-100, *labels, -100][:LONGEST]
        return (*frame(self.tok, ids), labels, words)

    def tensors(self, items, _rng):
        return (*stacked(self.tok, items), pairs.padded([i[2] for i in items], -100))

    @staticmethod
    def loss(model, batch):
        ids, types, right = batch
        return F.cross_entropy(model(ids, types).flatten(0, 1), right.flatten())


class Similar:
    """Two sentences that say the same, and one in which two people have changed roles."""

    def __init__(self, tok):
        self.tok = tok

    def item(self, triple, _rng):
        return [frame(self.tok, self.tok.encode(text)) for text in triple]

    def tensors(self, items, _rng):
        return [stacked(self.tok, rows) for rows in zip(*items)]

    @staticmethod
    def loss(model, batch):
        """Each sentence has to find its paraphrase among all others and all changed ones."""
        first, second, changed = (model.mean(*x) for x in batch)
        scores = first @ torch.cat([second, changed]).t() / TEMPERATURE
        return F.cross_entropy(scores, torch.arange(len(first)))


TASKS = {"mlm": Mlm, "topic": Topic, "entities": Entities, "similar": Similar}


class Data:
    def __init__(self, task, tok, kind, seed):
        self.task, self.name, self.kind = TASKS[task](tok), task, kind
        self.rng = pairs.rng_of(task, kind, seed)
        self.stories = scenes.stories(10**9, f"{task} {seed}", kind)
        size = (lambda i: len(i[0][0])) if task == "similar" else (lambda i: len(i[0]))
        self.pool = pairs.Pool(lambda: [self.item()], self.rng, BATCHES[task], size,
                               1 if task == "similar" else 16)

    def item(self):
        source = (scenes.paraphrases(self.rng, self.kind) if self.name == "similar"
                  else next(self.stories))
        return self.task.item(source, self.rng)

    def items(self, count):
        return [self.item() for _ in range(count)]

    def batch(self, _step):
        return self.task.tensors(self.pool.next(), self.rng)
