"""A byte-level BPE: trains it on the corpus, writes tokenizer.json, encodes and decodes.

    bpe.py TOKENIZER.JSON      trains

Text is split by GPT-2's pattern, each piece becomes UTF-8 bytes, each byte one printable
character (GPT-2's table); then the most frequent pair of neighbours is merged, again and again
(Sennrich et al. 2016). On equal counts the pair that sorts first is merged.
"""
import argparse
import collections
import json
import re
import sys

import corpus
import lexicon as lex

VOCAB = 1536
EOT = "<|endoftext|>"
TRAINING_STORIES = 40000
# GPT-2's pattern. Python's re has no \p{L}: on text without digits-as-letters it is the same.
SPLIT = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def byte_table():
    """GPT-2's bytes as printable characters: the printable ones stay, others move to 256 on."""
    table, moved = {}, 0
    for b in range(256):
        if 33 <= b <= 126 or 161 <= b <= 172 or 174 <= b <= 255:
            table[b] = chr(b)
        else:
            table[b] = chr(256 + moved)
            moved += 1
    return table


BYTES = byte_table()
BYTE_OF = {c: b for b, c in BYTES.items()}


def printable(piece):
    return "".join(BYTES[b] for b in piece.encode())


def merge_pair(symbols, pair):
    """The list of symbols with every occurrence of the pair joined, from the left."""
    out, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == pair:
            out.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return out


def train(texts, vocab_size):
    """The merges, in order."""
    counts = collections.Counter(p for text in texts for p in SPLIT.findall(text))
    words = [(list(printable(piece)), n) for piece, n in sorted(counts.items())]
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for i, (symbols, n) in enumerate(words):
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += n
            where[pair].add(i)
    merges = []
    while len(merges) < vocab_size - 256 - 1:
        best = min(pairs, key=lambda p: (-pairs[p], p))
        if pairs[best] < 2:
            break
        merges.append(best)
        for i in sorted(where.pop(best)):
            symbols, n = words[i]
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] -= n
            symbols = merge_pair(symbols, best)
            words[i] = (symbols, n)
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += n
                where[pair].add(i)
        del pairs[best]
    return merges


def write(path, merges):
    vocab = {c: i for i, c in enumerate(sorted(BYTE_OF))}
    for a, b in merges:
        vocab[a + b] = len(vocab)
    eot = vocab[EOT] = len(vocab)
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                  "use_regex": True}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": eot, "content": EOT, "single_word": False, "lstrip": False,
                          "rstrip": False, "normalized": False, "special": True}],
        "normalizer": None, "pre_tokenizer": byte_level, "post_processor": None,
        "decoder": dict(byte_level),
        "model": {"type": "BPE", "dropout": None, "unk_token": None,
                  "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": False,
                  "byte_fallback": False, "vocab": vocab,
                  "merges": [f"{a} {b}" for a, b in merges]}}
    with open(path, "w", encoding="utf-8") as f:
        json.dump(tokenizer, f, ensure_ascii=False, indent=0)
        f.write("\n")


class Tokenizer:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            model = json.load(f)["model"]
        self.vocab = model["vocab"]
        self.pieces = {i: t for t, i in self.vocab.items()}
        self.rank = {tuple(m.split(" ")): i for i, m in enumerate(model["merges"])}
        self.eot = self.vocab[EOT]
        self.cache = {}

    def encode_piece(self, piece):
        if piece not in self.cache:
            symbols = list(printable(piece))
            while len(symbols) > 1:
                best = min(zip(symbols, symbols[1:]),
                           key=lambda p: self.rank.get(p, len(self.rank)))
                if best not in self.rank:
                    break
                symbols = merge_pair(symbols, best)
            self.cache[piece] = [self.vocab[s] for s in symbols]
        return self.cache[piece]

    def encode(self, text):
        return [i for piece in SPLIT.findall(text) for i in self.encode_piece(piece)]

    def spans(self, text):
        """(id, first character, end) of each token; for ASCII text, where a byte is a character."""
        out, at = [], 0
        for i in self.encode(text):
            out.append((i, at, at + len(self.pieces[i])))
            at = out[-1][2]
        return out

    def decode(self, ids):
        data = b""
        for i in ids:
            data += b"" if i == self.eot else bytes(BYTE_OF[c] for c in self.pieces[i])
        return data.decode(errors="replace")


def check(tok):
    """Every word of the lexicon is one token after a space; every held-out name several."""
    known = lex.GIRLS + lex.BOYS + lex.OBJECTS + lex.COLOURS + lex.ANIMALS + lex.GLAD + lex.SAD
    known += list(lex.PLACES) + list(lex.CONTAINERS) + lex.PEOPLE + lex.ATTRACTORS
    split = [w for w in known if len(tok.encode(" " + w)) != 1]
    split += [w for w in lex.GIRLS + lex.BOYS if len(tok.encode(w)) != 1]
    whole = [w for w in lex.HELD_GIRLS + lex.HELD_BOYS if len(tok.encode(" " + w)) < 2]
    if split or whole:
        sys.exit(f"not one token: {split}; one token: {whole}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path")
    path = parser.parse_args().path
    write(path, train(corpus.stories(TRAINING_STORIES, 0), VOCAB))
    tokenizer = Tokenizer(path)
    check(tokenizer)
    print(f"{len(tokenizer.vocab)} tokens, {len(tokenizer.rank)} merges")
