"""Trains the small tokenizers of the other kinds that the tests carry, on the few lines below:
  tokenizer/small-llama.json    BPE with byte fallback and "▁" for the space (SentencePiece)
  tokenizer/small-bert.json     WordPiece (trained here)
  tokenizer/small-t5.json       Unigram with a compiled table of replacements (SentencePiece)
Run by hand, only when the files are to change; then run make_tokenizer_golden.mjs.
  apt-get install python3-sentencepiece python3-protobuf
  python make_small_tokenizers.py
"""
import base64
import collections
import io
import json
import pathlib
import tempfile
import unicodedata

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

FOLDER = pathlib.Path(__file__).parent / "tokenizer"

TEXT = """
Lily and Ben went to the park. Lily had a red ball, and Ben had a blue kite.
"Look!" said Ben. "I can't see it," said Lily. They were looking for the ball that was lost.
The ball was in the grass near the tree. They found it and played again until it was late.
The cat saw the dog, and the dog saw the cat. The cat ran up the tree and the dog sat down.
One day a little girl named Anna found a small box in the garden. It was full of shiny stones.
She showed the stones to her mother, who smiled and said that they were very old and very pretty.
Playing, played, plays; walking, walked, walks; wanted, waiting, unhappy, unkind, happily, kindly.
The café was closed; naïve Zoë drank coffee there at 12 o'clock, and paid 3.14 for 100 cups in 2024.
한국어 문장입니다. 한국 사람이 한국말을 합니다. 안녕하세요, 안녕히 가세요.
고양이가 나무 위로 올라갔습니다. 강아지가 고양이를 보았습니다. 공이 나무 옆에 있습니다.
릴리와 벤은 공원에 갔습니다. 릴리는 빨간 공이 있고 벤은 파란 연이 있습니다.
엄마가 웃으며 말했습니다. 아이가 집에 왔습니다. 집에 작은 상자가 있습니다.
""".strip().split("\n")

# What SentencePiece's own rules do, in small: letters that are written in several ways, signs that
# are several letters, spaces of all widths, control characters, which go.
RULES = {
    "\u00a0": " ", "\u3000": " ", "\u2003": " ", "\t": " ", "\n": " ", "\r": " ", "\r\n": " ",
    "\u200b": " ", "\u00ad": "", "\u0001": "", "ﬁ": "fi", "①": "1", "™": "TM", "½": "1⁄2", "Å": "Å",
    "e\u0301": "é", "A\u030a": "Å", "o\u0308": "ö", "ℌ": "H", "Å": "Å", "가": "가", "ㅎ": "ᄒ",
    "…": "...", "😀": ":-)",
}


def special(pieces):
    return [{"id": id, "content": piece, "single_word": False, "lstrip": False, "rstrip": False,
             "normalized": False, "special": True} for id, piece in pieces]


def write(name, **parts):
    whole = {"version": "1.0", "truncation": None, "padding": None, **parts}
    (FOLDER / name).write_text(json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n")


def train(**options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT), model_writer=model, minloglevel=2, num_threads=1,
        hard_vocab_limit=False, **options)
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto


def frame(*tokens):
    return {"id": tokens[0][1], "ids": [id for id, _ in tokens], "tokens": [t for _, t in tokens]}


def item(name, type_id=0):
    kind = "Sequence" if name in "AB" else "SpecialToken"
    return {kind: {"id": name, "type_id": type_id}}


# ---- Llama ----

def merges_of(pieces):
    """SentencePiece keeps no merges: the pairs that make a piece, the best pieces first."""
    rank = {piece: i for i, piece in enumerate(pieces)}
    return [[piece[:i], piece[i:]] for piece in pieces for i in range(1, len(piece))
            if piece[:i] in rank and piece[i:] in rank]


def llama():
    proto = train(model_type="bpe", vocab_size=640, byte_fallback=True, character_coverage=0.98,
                  normalization_rule_name="identity", remove_extra_whitespaces=False)
    pieces = [piece.piece for piece in proto.pieces]
    learned = [piece.piece for piece in proto.pieces if piece.type == piece.NORMAL]
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    write("small-llama.json",
          added_tokens=special([(0, "<unk>"), (1, "<s>"), (2, "</s>")]),
          normalizer={"type": "Sequence",
                      "normalizers": [{"type": "Prepend", "prepend": "▁"}, replace]},
          pre_tokenizer=None,
          post_processor={"type": "TemplateProcessing", "single": [item("<s>"), item("A")],
                          "pair": [item("<s>"), item("A"), item("<s>", 1), item("B", 1)],
                          "special_tokens": {"<s>": frame((1, "<s>"))}},
          decoder={"type": "Sequence", "decoders": [
              {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
              {"type": "ByteFallback"}, {"type": "Fuse"},
              {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
          model={"type": "BPE", "dropout": None, "unk_token": "<unk>",
                 "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": True,
                 "byte_fallback": True, "ignore_merges": False,
                 "vocab": {piece: i for i, piece in enumerate(pieces)},
                 "merges": merges_of(learned)})


# ---- BERT ----

def words_of(line):
    plain = "".join(c for c in unicodedata.normalize("NFD", line)
                    if unicodedata.category(c) != "Mn").lower()
    spaced = "".join(c if c.isalnum() else f" {c} " for c in plain)
    return spaced.split()


def bert():
    words = collections.Counter(word for line in TEXT for word in words_of(line))
    cut = {word: [word[0]] + ["##" + c for c in word[1:]] for word in words}
    pieces = sorted({piece for parts in cut.values() for piece in parts})
    while len(pieces) < 400:
        pairs = collections.Counter()
        for word, parts in cut.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += words[word]
        left, right = max(pairs, key=lambda pair: (pairs[pair], pair))
        whole = left + right.removeprefix("##")
        pieces.append(whole)
        for word, parts in cut.items():
            fresh = []
            for part in parts:
                if fresh and fresh[-1] == left and part == right:
                    fresh[-1] = whole
                else:
                    fresh.append(part)
            cut[word] = fresh
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocab = {piece: i for i, piece in enumerate(names + list(dict.fromkeys(pieces)))}
    write("small-bert.json",
          added_tokens=special(enumerate(names)),
          normalizer={"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                      "strip_accents": None, "lowercase": True},
          pre_tokenizer={"type": "BertPreTokenizer"},
          post_processor={"type": "TemplateProcessing",
                          "single": [item("[CLS]"), item("A"), item("[SEP]")],
                          "pair": [item("[CLS]"), item("A"), item("[SEP]"), item("B", 1),
                                   item("[SEP]", 1)],
                          "special_tokens": {"[CLS]": frame((2, "[CLS]")),
                                             "[SEP]": frame((3, "[SEP]"))}},
          decoder={"type": "WordPiece", "prefix": "##", "cleanup": True},
          model={"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                 "max_input_chars_per_word": 100, "vocab": vocab})


# ---- T5 ----

def t5():
    def codes(text):
        return " ".join(f"{ord(c):X}" for c in text)
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        rules.writelines(f"{codes(old)}\t{codes(new)}\n" for old, new in RULES.items())
        rules.flush()
        proto = train(model_type="unigram", vocab_size=520, normalization_rule_tsv=rules.name,
                      character_coverage=1.0, pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    table = base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode()
    pieces = [[piece.piece, round(piece.score, 4)] for piece in proto.pieces]
    extra = [(len(pieces) + i, f"<extra_id_{i}>") for i in range(3)]
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    write("small-t5.json",
          added_tokens=special([(0, "<pad>"), (1, "</s>"), (2, "<unk>"), *extra]),
          normalizer={"type": "Precompiled", "precompiled_charsmap": table},
          pre_tokenizer={"type": "Sequence",
                         "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
          post_processor={"type": "TemplateProcessing", "single": [item("A"), item("</s>")],
                          "pair": [item("A"), item("</s>"), item("B"), item("</s>")],
                          "special_tokens": {"</s>": frame((1, "</s>"))}},
          decoder=metaspace,
          model={"type": "Unigram", "unk_id": 2, "vocab": pieces, "byte_fallback": False})


llama()
bert()
t5()
