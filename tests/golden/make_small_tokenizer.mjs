// Trains the small byte-level BPE that the tests carry, tokenizer/small-tokenizer.json, on the few
// lines below. Run by hand, only when the file is to change; then run make_tokenizer_golden.mjs.
//   node make_small_tokenizer.mjs > tokenizer/small-tokenizer.json

const TEXT = `
Lily and Ben went to the park. Lily had a red ball, and Ben had a blue kite. "Look!" said Ben.
"I can't see it," said Lily. They're looking for the ball that was lost in the grass near the tree.
We've found it, they'll play again; it's 12 o'clock and I'm happy. He'd say 100 or 2024 or 3.14.
The cat saw the dog, and the dog saw the cat. The café was closed; naïve Zoë drank coffee there.
for (int i = 0; i < 10; i++) {\n    sum += values[i];\n}\n\tif (x != y) return "no";
한국어 문장입니다. 한국 사람이 한국말을 합니다. 안녕하세요, 안녕히 가세요. 中文的句子，中国人说中文。
😀😀 👍👍🏽 👩‍👩‍👧 🇰🇷🇰🇷 — “quoted” … and so on. ... !!! ??? --- === ***
`;
const MERGES = 320;
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

// A byte that prints stands for itself, the others for U+0100 and on.
const alphabet = [];
let next = 0x100;
for (let byte = 0; byte < 256; byte++) {
    const prints = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    alphabet.push(String.fromCodePoint(prints ? byte : next++));
}

let words = [...TEXT.matchAll(WORDS)].map(
    ([word]) => [...new TextEncoder().encode(word)].map((byte) => alphabet[byte]));
const vocab = Object.fromEntries(alphabet.map((character, id) => [character, id]));
const merges = [];

function mostFrequentPair() {
    const counts = new Map();
    for (const word of words)
        for (let i = 0; i + 1 < word.length; i++) {
            const pair = JSON.stringify([word[i], word[i + 1]]);
            counts.set(pair, (counts.get(pair) ?? 0) + 1);
        }
    const best = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
    return JSON.parse(best[0]);
}

function merge(word, [left, right]) {
    const merged = [];
    for (const piece of word)
        if (piece === right && merged.at(-1) === left) merged[merged.length - 1] = left + right;
        else merged.push(piece);
    return merged;
}

while (merges.length < MERGES) {
    const pair = mostFrequentPair();
    merges.push(pair);
    vocab[pair.join('')] ??= Object.keys(vocab).length;
    // A piece that was just merged may not be merged again in the same round.
    words = words.map((word) => merge(word, pair));
}

const size = Object.keys(vocab).length;
const added = [
    { content: '<|endoftext|>', special: true },
    { content: '<|bos|>', special: true },
    { content: '<mask>', special: true, lstrip: true },
    { content: '<sep>', special: true, rstrip: true },
    { content: 'wordly', single_word: true },
    { content: 'Big Name', normalized: true },
    { content: '<|end|>', special: true },
    { content: '<|end|><|end|>', special: true },
].map((token, i) => ({
    id: size + i, content: token.content, single_word: false, lstrip: false, rstrip: false,
    normalized: false, special: false, ...token,
}));

const json = {
    version: '1.0', truncation: null, padding: null, added_tokens: added, normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: {
        type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null,
        end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false,
        vocab, merges,
    },
};
console.log(JSON.stringify(json));
