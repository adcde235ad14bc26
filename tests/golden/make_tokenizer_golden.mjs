// Makes tokenizer/gpt2.json and tokenizer/small.json: what independent tokenizers make of the
// strings below. Hugging Face's library in Rust (@anush008/tokenizers) gives ids and offsets; for
// GPT-2, what @huggingface/transformers runs in JavaScript (@huggingface/tokenizers) must give the
// same ids for every string. (In the rarer stages of small.json the JavaScript differs from Rust, in
// single_word and in inverted splits, say; there Rust alone counts.) Run by hand, in a folder where
// node finds the packages; nothing is fetched when it runs:
//   npm install --ignore-scripts @huggingface/tokenizers@0.2.0 @anush008/tokenizers@0.6.0
//   node make_tokenizer_golden.mjs FOLDER/gpt2/tokenizer.json

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Tokenizer as JsTokenizer } from '@huggingface/tokenizers';
const { Tokenizer: RustTokenizer } = createRequire(import.meta.url)('@anush008/tokenizers');

const HERE = new URL('tokenizer/', import.meta.url);

const STRINGS = [
    '', ' ', '  ', '\n', '\t', 'a', 'Hello world', ' Hello world', 'Hello world ', 'hello  world',
    "I'm you're he's they've we'll I'd don't", "I'M DON'T IT'S", "'s 't 're 've 'm 'll 'd", "o'clock",
    "''''s", 'rock ’n’ roll’s', '1', '12 345 6789', '3.14159', '1,000,000', '2024-11-24T05:36:00Z',
    'x1y2z3', '½ ² ⅷ ٣٤ ३', '        eight spaces', 'a  b   c    d', 'tabs\tand\t\tmore\t',
    'one\ntwo\n\nthree\n\n\n', '\r\n windows \r\n', ' \n \n x', 'line\u2028sep\u2029par',
    'no\u00a0break\u3000wide\u2003em', '\u0085next\u000bvt\u000cff', 'mongolian\u180eseparator \u180e x',
    'zero\u200bwidth\u2060joiner', 'soft\u00adhyphen', 'nul\u0000byte \u0001\u001f\u007f',
    '😀', '😀😃😄 smile', '👩‍👩‍👧‍👦 family', '👍🏽 thumbs', '🇰🇷🇺🇸 flags', '❤️ heart', '1️⃣ keycap',
    '안녕하세요', '한국어 문장입니다.', '한국말 그리고 English', '훟뷁 쀍', '中文的句子，中国人。', '日本語のテキスト',
    'Привет, мир!', 'γειά σου Κόσμε', 'שלום עולם', 'مرحبا بالعالم', 'สวัสดีชาวโลก', 'नमस्ते दुनिया',
    'café', 'cafe\u0301', 'naïve Zoë', 'A\u030angstro\u0308m Å', 'ﬁ ligature ① ™', 'İstanbul ǅ ẞ', 'ΟΔΥΣΣΕΥΣ',
    'a\u0323\u0307 a\u0307\u0323 \u0301 alone', '한국 한글', '가\u11a8', '가각', 'ℌ𝔢𝔩𝔩𝔬 𝟘𝟙',
    'for (int i = 0; i < n; i++) { x[i] += 2; }', 'def f(x):\n    return x ** 2  # square\n',
    '<html><body class="a-b">&nbsp;</body></html>', 'https://example.org/a?b=c&d=%20#frag', 'a_b-c.d/e\\f',
    '!!!???...', '---===***###', '"quoted," (she) [said]; {ok}: <end>', '…—–“”‘’«»', '$100 €200 £300 ¥400', '+-*/=<>^|~`@%&',
    'end<|endoftext|>start', '<|endoftext|>', '<|endoftext|><|endoftext|>', ' <|endoftext|> ', '<|endoftext|', '|endoftext|>',
    'supercalifragilisticexpialidocious', 'a'.repeat(300), 'ab'.repeat(150), 'Lily and Ben went to the park.',
    '=' .repeat(80), ' '.repeat(70) + 'x', '\n'.repeat(40), 'The cat saw the dog; "Look!" said Ben.', 'UPPER lower MiXeD cAsE',
    'the <mask> and  <sep>  then<mask>', 'wordly words swordly wordly. wordlyé wordly', 'Big Name big name Big  Name',
    '<|end|><|end|><|end|>', 'BIG NAME', '\u0301start', 'x\u0000', 'ÅÅ',
];
const INVALID = [
    'ff', '80', 'c3', '61c3', 'c328', 'e298', 'e29861', 'f09f98', 'f09f9861', 'f0808080', 'eda080',
    'c0af', 'f8888080', 'f4908080', '68e9206c6c', 'fffe41', 'ec959cec8b', 'c2a0c2', '20ff2020ff',
    'e1a0c0e2f09180418080', '3c7c656e646f6674657874ff7c3e',
];

const utf8 = new TextEncoder();
const utf8Of = (string) => Buffer.from(utf8.encode(string));
const text = (entry) => entry.text ?? new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(entry.hex, 'hex'));
const isValid = (entry) => entry.hex === undefined || utf8Of(text(entry)).toString('hex') === entry.hex;
// cJSON, which reads the golden files, can't hold a NUL: such a string is stored in hex, too.
const entries = [
    ...STRINGS.map((text) => (text.includes('\0') ? { hex: utf8Of(text).toString('hex') } : { text })),
    ...INVALID.map((hex) => ({ hex })),
];

// Hugging Face counts characters; ours are bytes of the text.
function toBytes(string) {
    const at = [0];
    for (const character of string) at.push(at.at(-1) + utf8.encode(character).length);
    return at;
}

function checkAgreement(js, string, ids) {
    const other = js.encode(string).ids;
    if (JSON.stringify(ids) !== JSON.stringify(other))
        throw new Error(`the two disagree on ${JSON.stringify(string)}: ${ids} and ${other}`);
}

// Offsets are flat lists of start, end; null where the text is not valid UTF-8, since those count
// in the text that was mended.
async function encodeAll(json, chosen) {
    const full = structuredClone(json);
    if (full.decoder?.type === 'ByteLevel') // Rust asks for every field
        full.decoder = { add_prefix_space: false, trim_offsets: true, use_regex: true, ...full.decoder };
    const rust = RustTokenizer.fromString(JSON.stringify(full));
    const ids = [], spans = [];
    for (const entry of chosen) {
        const string = text(entry), at = toBytes(string);
        const encoding = await rust.encode(string, null, { addSpecialTokens: true });
        ids.push(encoding.getIds());
        spans.push(!isValid(entry) ? null : encoding.getOffsets().flatMap(([start, end]) => [at[start], at[end]]));
    }
    return { ids, spans };
}

function write(name, value) {
    const lines = JSON.stringify(value).replaceAll('{"', '\n{"').replaceAll('"ids":', '\n"ids":').replaceAll('"spans":', '\n"spans":');
    writeFileSync(new URL(name, HERE), lines.trimStart() + '\n');
}

const gpt2 = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const golden = await encodeAll(gpt2, entries);
const js = new JsTokenizer(gpt2, {});
entries.forEach((entry, i) => checkAgreement(js, text(entry), golden.ids[i]));
write('gpt2.json', { strings: entries, ...golden });

const small = JSON.parse(readFileSync(new URL('small-tokenizer.json', HERE), 'utf8'));
const bos = small.added_tokens.find((token) => token.content === '<|bos|>').id;
const eot = small.added_tokens.find((token) => token.content === '<|endoftext|>').id;
const byteLevel = (options) => ({ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true, ...options });
const bytesOnly = byteLevel({ use_regex: false });
const sequence = (...pretokenizers) => ({ type: 'Sequence', pretokenizers });
const split = (pattern, behavior, invert = false) => sequence({ type: 'Split', pattern, behavior, invert }, bytesOnly);
const LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const template = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<|bos|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: 'E', type_id: 0 } }],
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { '<|bos|>': { id: '<|bos|>', ids: [bos], tokens: ['<|bos|>'] }, E: { id: 'E', ids: [eot, eot], tokens: ['<|endoftext|>', '<|endoftext|>'] } },
};
const wordLevel = (words, unk) => ({ type: 'WordLevel', vocab: Object.fromEntries(words.map((word, id) => [word, id])), unk_token: unk });
const noAdded = { added_tokens: [], decoder: null };

// Each variant replaces fields of the small file, and fields of its model.
const VARIANTS = [
    { name: 'as it is', patch: {} },
    { name: 'prefix space', patch: { pre_tokenizer: byteLevel({ add_prefix_space: true }) } },
    { name: 'trimmed offsets', patch: { post_processor: byteLevel({}) } },
    { name: 'template', patch: { post_processor: { type: 'Sequence', processors: [byteLevel({ trim_offsets: false }), template] } } },
    { name: 'llama 3 words', patch: { pre_tokenizer: split({ Regex: LLAMA3 }, 'Isolated') } },
    { name: 'merges ignored', patch: { model: { ignore_merges: true } } },
    { name: 'digits one by one', patch: { pre_tokenizer: sequence({ type: 'Digits', individual_digits: true }, byteLevel({})) } },
    { name: 'digits', patch: { pre_tokenizer: sequence({ type: 'Digits', individual_digits: false }, bytesOnly) } },
    { name: 'punctuation', patch: { pre_tokenizer: sequence({ type: 'Punctuation', behavior: 'Isolated' }, bytesOnly) } },
    { name: 'punctuation contiguous', patch: { pre_tokenizer: sequence({ type: 'Punctuation', behavior: 'Contiguous' }, bytesOnly) } },
    { name: 'whitespace', patch: { pre_tokenizer: sequence({ type: 'Whitespace' }, bytesOnly) } },
    { name: 'whitespace split', patch: { pre_tokenizer: sequence({ type: 'WhitespaceSplit' }, bytesOnly) } },
    ...['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'].flatMap((behavior) => [
        { name: `split ${behavior}`, patch: { pre_tokenizer: split({ Regex: '[ea]' }, behavior) } },
        { name: `split ${behavior} inverted`, patch: { pre_tokenizer: split({ String: '. ' }, behavior, true) } },
    ]),
    { name: 'split at empty matches', patch: { pre_tokenizer: split({ Regex: '(?=[A-Z])|x*' }, 'Isolated') } },
    ...['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase'].map((type) => ({ name: type, patch: { normalizer: { type } } })),
    { name: 'NFD, lower case', patch: { normalizer: { type: 'Sequence', normalizers: [{ type: 'NFD' }, { type: 'Lowercase' }] } } },
    { name: 'letters', patch: { ...noAdded, pre_tokenizer: { type: 'Split', pattern: { Regex: '.' }, behavior: 'Isolated', invert: false },
        model: wordLevel(['?', 'a', 'b', 'e', ' ', '한', '\n'], '?') } },
    { name: 'words', patch: { ...noAdded, pre_tokenizer: { type: 'WhitespaceSplit' }, model: wordLevel(['<unk>', 'the', 'and', 'Hello', 'world', '안녕하세요'], '<unk>') } },
    { name: 'characters', patch: { ...noAdded, pre_tokenizer: null,
        model: { unk_token: '<u>', fuse_unk: true, vocab: { '<u>': 0, a: 1, b: 2, ab: 3, ' ': 4, ' a': 5, abab: 6, '한': 7 }, merges: [['a', 'b'], [' ', 'a'], ['ab', 'ab']] } } },
    { name: 'characters not fused', patch: { ...noAdded, pre_tokenizer: null,
        model: { unk_token: '<u>', fuse_unk: false, vocab: { '<u>': 0, a: 1, b: 2, ab: 3 }, merges: [['a', 'b']] } } },
];

// Rust counts a composed letter to its base alone; ours counts the accent in: see the C test.
const spansDiffer = (patch) => ['NFC', 'NFKC'].includes(patch.normalizer?.type);

// Where only one stage differs a part of the strings is enough.
const some = entries.filter((entry, i) => text(entry).length < 50 &&
    (i % 11 === 0 || /[<ﬁÅİ]|e\u0301|word|Big/.test(text(entry))));
const variants = [];
for (const { name, patch } of VARIANTS) {
    const chosen = name === 'as it is' ? entries : some;
    const json = { ...small, ...patch, model: { ...small.model, ...patch.model } };
    const which = chosen.map((entry) => entries.indexOf(entry));
    const { ids, spans } = await encodeAll(json, chosen);
    variants.push({ name, patch, which, ids, spans: spansDiffer(patch) ? spans.map(() => null) : spans });
}
write('small.json', { strings: entries, variants });
