"""Subwords: byte-pair encoding over characters, WordPiece, Unigram; trained, written and read.

BPE (Sennrich et al. 2016) is trained on the grammar's pieces, so no merge joins a stem and its
particle or a word and a quotation mark. A space is the "▁" before a word (SentencePiece); a
character that is not in the vocabulary becomes its UTF-8 bytes. On equal counts the pair that
sorts first is merged. WordPiece takes its vocabulary from the same merges, and the longest piece
from the left (Schuster and Nakajima 2012).
"""
import collections
import json
import math
import re

SPACE = "▁"
BYTES = [f"<0x{b:02X}>" for b in range(256)]


def joined(symbols, pair, glue):
    out, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == pair:
            out.append(glue(*pair))
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return out


def learn(counts, size, split=list, glue=lambda a, b: a + b):
    """The alphabet and the merges, until they are `size` together or no pair comes twice.

    counts: how often each piece comes. split: a piece's first symbols. glue: two made one.
    """
    pieces = [(split(piece), n) for piece, n in sorted(counts.items())]
    alphabet = sorted({s for symbols, _ in pieces for s in symbols})
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for i, (symbols, n) in enumerate(pieces):
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += n
            where[pair].add(i)
    merges = []
    while len(alphabet) + len(merges) < size and pairs:
        best = min(pairs, key=lambda p: (-pairs[p], p))
        if pairs[best] < 2:
            break
        merges.append(best)
        for i in sorted(where.pop(best)):
            symbols, n = pieces[i]
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] -= n
            symbols = joined(symbols, best, glue)
            pieces[i] = (symbols, n)
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += n
                where[pair].add(i)
        del pairs[best]
    return alphabet, merges


def added(vocab, names):
    return [{"id": vocab[n], "content": n, "single_word": False, "lstrip": False,
             "rstrip": False, "normalized": False, "special": True} for n in names]


def template(vocab, single, pair):
    """A TemplateProcessing frame: "$A </s>"; "$B:1" is of the second type."""
    def part(word):
        name, _, kind = word.partition(":")
        where = {"id": name.lstrip("$"), "type_id": int(kind or 0)}
        return {"Sequence" if name[0] == "$" else "SpecialToken": where}
    specials = {w.partition(":")[0] for w in (single + " " + pair).split() if w[0] != "$"}
    return {"type": "TemplateProcessing", "single": [part(w) for w in single.split()],
            "pair": [part(w) for w in pair.split()],
            "special_tokens": {s: {"id": s, "ids": [vocab[s]], "tokens": [s]}
                               for s in sorted(specials)}}


def write(path, tokenizer):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(dict({"version": "1.0", "truncation": None, "padding": None}, **tokenizer), f,
                  ensure_ascii=False, indent=0)
        f.write("\n")


def write_bpe(path, counts, size, first, last=(), single=None, pair=None):
    """Trains and writes a BPE of `size` tokens; first, last: special tokens at the ends."""
    alphabet, merges = learn(counts, size - len(first) - len(last) - 256)
    vocab = {}
    for token in [*first, *BYTES, *alphabet, *(a + b for a, b in merges), *last]:
        vocab.setdefault(token, len(vocab))
    frame = template(vocab, single, pair) if single else None
    write(path, {
        "added_tokens": added(vocab, [*first, *last]), "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always",
                          "split": True},
        "post_processor": frame,
        "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
            {"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
        "model": {"type": "BPE", "dropout": None,
                  "unk_token": "<unk>" if "<unk>" in vocab else None,
                  "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
                  "vocab": vocab, "merges": [f"{a} {b}" for a, b in merges]}})


class Bpe:
    """A tokenizer.json that write_bpe wrote."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            model = json.load(f)["model"]
        self.vocab = model["vocab"]
        self.pieces = {i: t for t, i in self.vocab.items()}
        self.rank = {tuple(m.split(" ")): i for i, m in enumerate(model["merges"])}
        self.cache = {}

    def word(self, word):
        """(id, characters) of each token of a word that begins with "▁"; a byte that is not a
        character's last has 0 characters."""
        if word not in self.cache:
            symbols = list(word)
            while len(symbols) > 1:
                best = min(zip(symbols, symbols[1:]),
                           key=lambda p: self.rank.get(p, len(self.rank)))
                if best not in self.rank:
                    break
                symbols = joined(symbols, best, lambda a, b: a + b)
            out = []
            for s in symbols:
                if s in self.vocab:
                    out.append((self.vocab[s], len(s)))
                else:
                    data = s.encode()
                    out += [(self.vocab[BYTES[b]], int(i == len(data) - 1))
                            for i, b in enumerate(data)]
            self.cache[word] = out
        return self.cache[word]

    def spans(self, text):
        """(id, first character, end) of each token; a leading space belongs to its token."""
        out, at = [], -1
        for word in re.findall(SPACE + "[^" + SPACE + "]*", SPACE + text.replace(" ", SPACE)):
            for i, size in self.word(word):
                out.append((i, max(at, 0), max(at + size, at + 1, 0)))
                at += size
        return out

    def encode(self, text):
        return [i for i, _, _ in self.spans(text)]

    def decode(self, ids):
        data = b""
        for i in ids:
            piece = self.pieces[i]
            data += (bytes([int(piece[3:5], 16)]) if piece in BYTE_SET
                     else piece.replace(SPACE, " ").encode())
        return data.decode(errors="replace").removeprefix(" ")


BYTE_SET = set(BYTES)


def crossing(tok, sentence_side):
    """The tokens of a sentence that reach over the end of one of the grammar's chunks."""
    ends = {c.end for c in sentence_side.chunks}
    return [sentence_side.text[a:b] for _, a, b in tok.spans(sentence_side.text)
            if any(a < e < b for e in ends)]


def write_wordpiece(path, counts, size, specials):
    """An uncased WordPiece; specials: [PAD] [UNK] [CLS] [SEP] [MASK]."""
    alphabet, merges = learn(counts, size - len(specials),
                             lambda word: [word[0]] + ["##" + c for c in word[1:]],
                             lambda a, b: a + b[2:])
    vocab = {}
    for token in [*specials, *alphabet, *(a + b[2:] for a, b in merges)]:
        vocab.setdefault(token, len(vocab))
    write(path, {
        "added_tokens": added(vocab, specials),
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": template(vocab, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocab}})


class WordPiece:
    """A tokenizer.json that write_wordpiece wrote; for ASCII text."""
    WORD = re.compile(r"\w+|[^\w\s]")

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            self.vocab = json.load(f)["model"]["vocab"]
        self.pieces = {i: t for t, i in self.vocab.items()}
        self.cls, self.sep = self.vocab["[CLS]"], self.vocab["[SEP]"]
        self.pad, self.mask = self.vocab["[PAD]"], self.vocab["[MASK]"]
        self.unk = self.vocab["[UNK]"]
        self.cache = {}

    def word(self, word):
        """(id, characters) of the pieces."""
        if word not in self.cache:
            out, at = [], 0
            while at < len(word):
                prefix = "##" if at else ""
                end = next((e for e in range(len(word), at, -1)
                            if prefix + word[at:e] in self.vocab), None)
                if end is None:
                    out = [(self.unk, len(word))]
                    break
                out.append((self.vocab[prefix + word[at:end]], end - at))
                at = end
            self.cache[word] = out
        return self.cache[word]

    def spans(self, text):
        """(id, first character, end) of each token, without [CLS] and [SEP]."""
        out = []
        for m in self.WORD.finditer(text.lower()):
            at = m.start()
            for i, size in self.word(m.group()):
                out.append((i, at, at + size))
                at += size
        return out

    def encode(self, text):
        return [i for i, _, _ in self.spans(text)]


def best_split(word, score, longest):
    """The likeliest pieces of a word (Viterbi), or None."""
    best = [(0.0, 0)] + [(-1e18, -1)] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - longest), end):
            value = score.get(word[start:end])
            if value is not None and best[start][0] + value > best[end][0]:
                best[end] = (best[start][0] + value, start)
    if best[-1][1] < 0:
        return None
    out, end = [], len(word)
    while end:
        out.insert(0, word[best[end][1]:end])
        end = best[end][1]
    return out


def write_unigram(path, counts, size, specials, single, pair, rounds=4):
    """A Unigram model (Kudo 2018): its pieces are those of a BPE of twice the size, weighed by
    how often the likeliest split of the corpus uses each, again and again; the least used go."""
    alphabet, merges = learn(counts, 2 * size)
    kept = {a: 0.0 for a in [*alphabet, *(a + b for a, b in merges)]}
    words = sorted(counts.items())
    for turn in range(rounds):
        longest = max(map(len, kept))
        uses = collections.Counter({a: 0.1 for a in alphabet})
        for word, n in words:
            for piece in best_split(word, kept, longest) if turn else [word]:
                if piece in kept:
                    uses[piece] += n
        ranked = sorted(uses, key=lambda p: (-uses[p], p))
        first = [p for p in ranked if p not in alphabet][:size - len(specials) - len(alphabet)]
        total = sum(uses[p] for p in first + alphabet)
        kept = {p: math.log(uses[p] / total) for p in first + alphabet}
    pieces = sorted(kept, key=lambda p: (-kept[p], p))
    vocab = {t: i for i, t in enumerate([*specials, *pieces])}
    write(path, {
        "added_tokens": added(vocab, specials), "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always",
                          "split": True},
        "post_processor": template(vocab, single, pair),
        "decoder": {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always",
                    "split": True},
        "model": {"type": "Unigram", "unk_id": vocab["<unk>"], "byte_fallback": False,
                  "vocab": [[s, 0.0] for s in specials] + [[p, kept[p]] for p in pieces]}})


class Unigram:
    """A tokenizer.json that write_unigram wrote; a word that can't be spelt is one <unk>."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            model = json.load(f)["model"]
        self.pieces = [p for p, _ in model["vocab"]]
        self.vocab = {p: i for i, p in enumerate(self.pieces)}
        self.score = {p: s for p, s in model["vocab"] if s < 0}
        self.longest = max(map(len, self.score))
        self.cache = {}

    def encode(self, text):
        out = []
        for word in re.findall(SPACE + "[^" + SPACE + "]*", SPACE + text.replace(" ", SPACE)):
            if word not in self.cache:
                split = best_split(word, self.score, self.longest) or ["<unk>"]
                self.cache[word] = [self.vocab[p] for p in split]
            out += self.cache[word]
        return out

    def decode(self, ids):
        return "".join(self.pieces[i] for i in ids).replace(SPACE, " ").removeprefix(" ")
