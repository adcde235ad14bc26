// Makes tokenizer/gpt2.json, small.json, kinds.json and stories260K.json: what independent tokenizers
// make of the strings below. Hugging Face's library in Rust (@anush008/tokenizers) gives ids and offsets; for
// GPT-2, what @huggingface/transformers runs in JavaScript (@huggingface/tokenizers) must give the
// same ids for every string. (In the rarer stages of small.json the JavaScript differs from Rust, in
// single_word and in inverted splits, say; there Rust alone counts.) Run by hand, in a folder where
// node finds the packages; nothing is fetched when it runs:
//   npm install --ignore-scripts @huggingface/tokenizers@0.2.0 @anush008/tokenizers@0.6.0
//   node make_tokenizer_golden.mjs FOLDER/gpt2/tokenizer.json FOLDER/stories260K/tokenizer.json

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

// ---- Llama's, BERT's and T5's kinds ----

const read = (name) => JSON.parse(readFileSync(new URL(name, HERE), 'utf8'));
const PAIRS = [['Hello', 'world'], ['The cat saw the dog.', 'The dog?'], ['', 'a'], ['b', ''], ['한국어', '공이 있습니다.'], ['  two', 'spaces  ']];
const metaspace = (options) => ({ type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true, ...options });
const bertNormalizer = (options) => ({ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true, ...options });
const normalizers = (...list) => ({ type: 'Sequence', normalizers: list });
const decoders = (...list) => ({ type: 'Sequence', decoders: list });
const replace = (pattern, content) => ({ type: 'Replace', pattern, content });
const bert = (name, options) => ({ name: `bert, ${name}`, file: 'small-bert.json', patch: { normalizer: bertNormalizer(options) } });
const t5 = read('small-t5.json');
const bytes = Array.from({ length: 256 }, (_, byte) => [`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, 0]);
const spaced = metaspace({});
const KINDS = [
    { name: 'llama', file: 'small-llama.json', patch: {} },
    { name: 'llama, metaspace', file: 'small-llama.json', patch: { normalizer: null, pre_tokenizer: spaced, decoder: spaced } },
    ...['first', 'never'].map((prepend_scheme) => ({ name: `llama, metaspace ${prepend_scheme}`, file: 'small-llama.json',
        patch: { normalizer: null, pre_tokenizer: metaspace({ prepend_scheme }), decoder: metaspace({ prepend_scheme }) } })),
    { name: 'llama, metaspace not split', file: 'small-llama.json', patch: { normalizer: null, pre_tokenizer: metaspace({ split: false }), decoder: decoders({ type: 'ByteFallback' }, spaced) } },
    { name: 'llama, unknown fused', file: 'small-llama.json', patch: { model: { byte_fallback: false } } },
    { name: 'llama, unknown not fused', file: 'small-llama.json', patch: { model: { byte_fallback: false, fuse_unk: false } } },
    { name: 'llama, replaced by expressions', file: 'small-llama.json', patch: {
        normalizer: normalizers(replace({ Regex: '\\s{2,}' }, ' '), replace({ Regex: '[aeiou]+(?=n)' }, '한e'), { type: 'Strip', strip_left: true, strip_right: true }, { type: 'Prepend', prepend: '▁' }, replace({ String: ' ' }, '▁')),
        decoder: decoders(replace({ String: '▁' }, ' '), { type: 'Strip', content: ' ', start: 2, stop: 0 }, { type: 'ByteFallback' }) } },
    { name: 'llama, stripped left', file: 'small-llama.json', patch: { normalizer: { type: 'Strip', strip_left: true, strip_right: false }, decoder: { type: 'Strip', content: 'a', start: 0, stop: 1 } } },
    { name: 'llama, stripped right', file: 'small-llama.json', patch: { normalizer: { type: 'Strip', strip_left: false, strip_right: true }, decoder: { type: 'Fuse' } } },
    { name: 'bert', file: 'small-bert.json', patch: {} },
    bert('cased', { lowercase: false }), bert('accents stay', { strip_accents: false }), bert('cased, accents go', { lowercase: false, strip_accents: true }),
    bert('han stays', { handle_chinese_chars: false }), bert('not cleaned', { clean_text: false }),
    { name: 'bert, accents stripped', file: 'small-bert.json', patch: { normalizer: normalizers({ type: 'NFD' }, { type: 'StripAccents' }, { type: 'Lowercase' }) } },
    { name: 'bert, short words', file: 'small-bert.json', patch: { model: { max_input_chars_per_word: 5 } } },
    { name: 'bert, frame by name', file: 'small-bert.json', patch: { post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] } } },
    { name: 'bert, no frame, no cleaning up', file: 'small-bert.json', patch: { post_processor: null, decoder: { type: 'WordPiece', prefix: '##', cleanup: false } } },
    { name: 'bert, words and digits', file: 'small-bert.json', patch: { pre_tokenizer: sequence({ type: 'Whitespace' }, { type: 'Digits', individual_digits: true }) } },
    { name: 'bert, roberta\'s frame', file: 'small-bert.json', patch: { post_processor: { type: 'RobertaProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2], trim_offsets: true, add_prefix_space: false } } },
    { name: 'byte-level, roberta\'s frame', file: 'small-tokenizer.json', patch: { post_processor: { type: 'RobertaProcessing', sep: ['<|endoftext|>', eot], cls: ['<|bos|>', bos], trim_offsets: true, add_prefix_space: false } } },
    { name: 't5', file: 'small-t5.json', patch: {} },
    ...['first', 'never'].map((prepend_scheme) => ({ name: `t5, metaspace ${prepend_scheme}`, file: 'small-t5.json',
        patch: { pre_tokenizer: metaspace({ prepend_scheme }), decoder: metaspace({ prepend_scheme }) } })),
    { name: 't5, one space', file: 'small-t5.json', patch: { normalizer: normalizers(t5.normalizer, replace({ Regex: ' {2,}' }, '▁')), pre_tokenizer: spaced } },
    { name: 't5, byte fallback', file: 'small-t5.json', patch: { model: { byte_fallback: true, vocab: [...t5.model.vocab.slice(0, 120), ...bytes] }, added_tokens: t5.added_tokens.slice(0, 3), decoder: decoders({ type: 'ByteFallback' }, spaced) } },
    { name: 't5, whole text', file: 'small-t5.json', patch: { normalizer: { type: 'NFKC' }, pre_tokenizer: null, decoder: null } },
];

// What no byte is missing of: where Rust decodes bytes that are no UTF-8 it writes a U+FFFD for each.
const decoded = async (rust, ids) => {
    const string = await rust.decode(ids, true);
    return string.includes('\0') || string.includes('\ufffd') ? null : string;
};

async function encodePairs(rust) {
    const pairs = [];
    for (const [first, second] of PAIRS) {
        const encoding = await rust.encode(first, second, { addSpecialTokens: true });
        const ends = [toBytes(first), toBytes(second)], which = encoding.getSequenceIds();
        const pair = encoding.getOffsets().flatMap(([start, end], i) => [ends[which[i] ?? 0][start], ends[which[i] ?? 0][end]]);
        pairs.push({ first, second, ids: encoding.getIds(), types: encoding.getTypeIds(), spans: pair });
    }
    return pairs;
}

// As with NFC: in Rust what SentencePiece's table puts together counts to the first character alone;
// and where the table takes the first character out, the offsets behind it are short by that.
const isJoined = (patch, file, string) => patch.normalizer?.type === 'NFKC' || (file === 'small-t5.json' && /\p{M}|\r\n|^\u0001/u.test(string));

const EXTRA = [
    'unassigned \u0378x', 'private \ue000 use', '𠀀 𫠠x 𫤠y 豈 ㌀', 'a▁b ▁ ▁▁c', '<0x0A><0xEA>', '[MASK] [mask] x[SEP]', '##ing play##ing', '<unk> <s>hi</s>',
    '<extra_id_0> and<extra_id_2>', 'x'.repeat(100), 'x'.repeat(101), 'playing played unhappily', '강아지가 나무 옆에서 웃습니다', 'ÀÉÎÕÜ Ñandú', "don't , it 's . do not ! he ' s",
    'a\u0323\u0307 a\u0307\u0323 \u0301 q\u0345\u0307\u0323', 'Å①½™…😀', '\u0001\u0001a', 'e\u0301e\u0300', 'tab\tbed', 'one\u200btwo', '한글 ㅎㅏㄴ', 'ß ŉ ǰ',
].map((text) => ({ text }));
const all = [...entries, ...EXTRA];

const kinds = [];
for (const { name, file, patch } of KINDS) {
    const base = read(file), whole = Object.keys(patch).length === 0;
    const chosen = whole ? all : [...some, ...EXTRA];
    const json = { ...base, ...patch, model: { ...base.model, ...patch.model } };
    const { ids, spans } = await encodeAll(json, chosen);
    const rust = RustTokenizer.fromString(JSON.stringify(json));
    const texts = [];
    for (const list of ids) texts.push(await decoded(rust, list));
    kinds.push({ name, file, patch, which: chosen.map((entry) => all.indexOf(entry)), ids,
        spans: spans.map((list, i) => (isJoined(patch, file, text(chosen[i])) ? null : list)), texts, pairs: await encodePairs(rust) });
}
write('kinds.json', { strings: all, variants: kinds });

const stories = JSON.parse(readFileSync(process.argv[3], 'utf8'));
const told = await encodeAll(stories, entries), teller = RustTokenizer.fromString(JSON.stringify(stories));
const texts = [];
for (const list of told.ids) texts.push(await decoded(teller, list));
write('stories260K.json', { strings: entries, ...told, texts });
