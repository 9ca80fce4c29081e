// Our counts against those of gpt-tokenizer, the package that publishes the
// ranks, piece of text by piece, and against its own published vectors.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { before, describe, it } from 'node:test';

import { BUILD, sanitizerEnv } from './lib/sanitizer.mjs';
import { Random } from './lib/random.mjs';

const PROBE = path.join(BUILD, 'tests/tools/tokens_probe');
const require = createRequire(import.meta.url);
const encoders = {
  o200k: require('gpt-tokenizer/cjs/encoding/o200k_base'),
  cl100k: require('gpt-tokenizer/cjs/encoding/cl100k_base'),
};
const reference = (encoding, text) => encoders[encoding].encode(text, { disallowedSpecial: new Set() }).length;

function probe(encoding, texts) {
  const input = Buffer.concat(texts.flatMap((t) => {
    const bytes = Buffer.from(t);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(bytes.length);
    return [head, bytes];
  }));
  const r = spawnSync(PROBE, [encoding], { input, env: { ...process.env, ...sanitizerEnv() }, maxBuffer: 1 << 28 });
  assert.equal(r.status, 0, r.stderr?.toString());
  return r.stdout.toString().trim().split('\n').map(Number);
}

function assertSame(encoding, texts) {
  const ours = probe(encoding, texts);
  assert.equal(ours.length, texts.length);
  const wrong = texts.map((t, i) => [t, ours[i], reference(encoding, t)]).filter(([, a, b]) => a !== b);
  assert.deepEqual(wrong.slice(0, 5).map(([t, a, b]) => `${JSON.stringify(t.slice(0, 300))}: ours ${a}, reference ${b}`), []);
}

// ---- Text of every kind, each piece between a few bytes and some kilobytes.

const prose = [
  "It's the readers' choice: they'll say we've won, I'd say THEY'RE wrong; don't SHOUT'S.",
  'Der Überbringer schlug die Tür zu – „Größe“, rief er, «ça va», naïve façade.',
  'Быстрая коричневая лиса перепрыгивает через ленивую собаку. ЧТО?!',
  'Η γρήγορη αλεπού πηδάει πάνω από το σκυλί. ΑΒΓ',
  '敏捷的棕色狐狸跳过了懒狗。今天是2024年5月17日，天气晴朗！',
  'すばやい茶色の狐はのろまな犬を飛び越える。カタカナもﾊﾝｶｸも。',
  '빠른 갈색 여우가 게으른 개를 뛰어넘습니다.',
  'الثعلب البني السريع يقفز فوق الكلب الكسول ١٢٣٤ مَرْحَبًا',
  'השועל החום המהיר קופץ מעל הכלב העצלן שָׁלוֹם',
  'तेज़ भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है। १२३४',
  'สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ',
  'Con cáo nâu nhanh nhẹn nhảy qua con chó lười biếng.',
  'e\u0301tude a\u0308\u0304 Z\u0351\u036b\u0343a\u0310lgo ǅungla ʰaspirate ªº',
  '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪🇫🇷 😀😀😀 ✨ ♥️ ∑∫√ ①②③ Ⅷ ½ ²³',
];
const words = 'get set HTTPServer parseJSON userId user_id MAX_RETRIES x y tmp node.js return const async await import "utf-8" NULL std::vector<int> #include !== => && || /* */ // --- *** \\n 0x1F 3.14159 1e-9 127.0.0.1 <|endoftext|> <|im_start|> a/b/c C:\\Temp'.split(' ');
const spaces = [' ', '  ', '    ', '        ', '\t', '\t\t', '\n', '\r\n', '\n\n', '\n\n\n', ' \n', '\n ', ' \n \n ', '\u00a0', '\u3000', '\u2028', '\v', ' \t\r', '\n\t\t'];

const many = (r, n, f) => Array.from({ length: n }, f).join('');

const kinds = {
  prose: (r) => many(r, r.between(1, 6), () => r.pick(prose) + r.pick([' ', '\n', '  ', ''])),
  code: (r) => many(r, r.between(5, 120), () => r.pick(words) + r.pick(['(', ')', ';', ' ', ' ', '.', ', ', '\n', '\n    ', '{', '}', '[]', ' = ', "'s ", "'", '"', '=='])),
  json: (r) => JSON.stringify(Array.from({ length: r.between(1, 8) }, (_, i) => ({
    id: r.hex(12), n: r.below(1e9), ratio: r.next(), name: r.pick(prose), ok: r.chance(0.5), at: new Date(1.7e12 + i * 1e6 + r.below(1e6)), path: `/srv/${r.alnum(6)}/log.txt`, none: null,
  })), null, r.pick([0, 0, 2, 4, '\t'])),
  log: (r) => many(r, r.between(1, 30), () => `${new Date(1.7e12 + r.below(1e9)).toISOString()} ${r.pick(['INFO', 'WARN ', 'ERROR', 'debug'])} [${r.pick(words)}-${r.below(99)}] took ${r.below(9999)}ms id=${r.hex(16)} key=${r.alnum(20)}\n`),
  base64: (r) => r.bytes(r.between(10, 900)).toString('base64'),
  numbers: (r) => many(r, r.between(1, 60), () => `${r.below(10 ** r.between(1, 12))}${r.pick([' ', ',', '.', '-', '', '\n', '½', '٣٤'])}`),
  spaces: (r) => many(r, r.between(1, 30), () => r.pick(spaces) + (r.chance(0.4) ? r.pick(['a', 'B', '1', '!', 'é', '中'])  : '')),
  runs: (r) => many(r, r.between(1, 5), () => r.pick(['a', 'A', ' ', '\n', '-', '=', '/', '.', 'é', '中', '0', '😀', '\u0301', 'ab', ' x', '\r\n', '#/\n/']).repeat(r.between(1, 150))),
  contractions: (r) => many(r, r.between(1, 20), () => r.pick(['I', 'WE', 'you', 'café', '中', '1', '', ' ', '!', 'ǅ', 'a\u0301']) + "'" + r.pick(['s', 'S', 't', 'M', 'd', 'll', 'LL', 'lL', 've', 'Ve', 're', 'RE', 'l', 'v', 'x', '', "'", 'sample', 'Re\u0301'])),
  cases: (r) => many(r, r.between(1, 30), () => r.pick(['a', 'B', 'é', 'É', 'ǅ', 'ʰ', '中', '\u0301', 'ß', '\u093e', '1', '_', ' ', '\n', "'s", '/', 'Ω', '🙂', '\u00a0'])),
  unicode: (r) => many(r, r.between(1, 60), () => randomCharacter(r)),
};

// White space by JavaScript's rules differs from Unicode's, which the encodings
// use, in U+0085 and U+FEFF; and only case folding takes the long s of
// U+017F for an s. The unit tests hold what is right there. Characters that this
// Node does not know yet have no class in its patterns.
function randomCharacter(r) {
  for (;;) {
    const c = String.fromCodePoint(r.below([0x80, 0x800, 0x3100, 0x10000, 0x110000][r.below(5)]));
    if (/^[^\p{Cn}\p{Cs}\p{Co}\u0085\ufeff\u017f]$/u.test(c)) return c;
  }
}

function corpus(seed, bytes) {
  const r = new Random(seed);
  const texts = [];
  for (let total = 0; total < bytes;) {
    const kind = r.pick(Object.keys(kinds));
    const text = kinds[kind](r);
    texts.push(text);
    total += Buffer.byteLength(text);
  }
  return texts;
}

function publishedVectors(encodingName) {
  const file = path.join(path.dirname(require.resolve('gpt-tokenizer/package.json')), 'data/TestPlans.txt');
  return fs.readFileSync(file, 'utf8').split('\n\n').flatMap((plan) => {
    const [, name, sample, encoded] = plan.match(/^EncodingName: (.*)\nSample: (.*)\nEncoded: (.*)/) ?? [];
    return name === encodingName ? [{ sample, tokens: JSON.parse(encoded).length }] : [];
  });
}

for (const encoding of ['o200k', 'cl100k']) {
  describe(`counting ${encoding}`, () => {
    let texts;
    before(() => { texts = corpus(encoding === 'o200k' ? 11 : 12, 1_500_000); });

    it('equals the published vectors', () => {
      const vectors = publishedVectors(`${encoding}_base`);
      assert.ok(vectors.length >= 50);
      assert.deepEqual(probe(encoding, vectors.map((v) => v.sample)), vectors.map((v) => v.tokens));
    });
    it('equals the reference on every piece of 1.5 MB of mixed text', () => assertSame(encoding, texts));
    it('equals the reference where pieces run into each other', () => {
      const joined = [];
      for (let i = 0; i < 400; i += 8) joined.push(texts.slice(i, i + 8).join(''));
      assertSame(encoding, joined);
    });
    it('equals the reference on every prefix of a text', () => {
      const text = texts.find((t) => t.length > 300 && /[^\0-\x7f]/.test(t)).slice(0, 300);
      assertSame(encoding, Array.from({ length: text.length }, (_, i) => text.slice(0, i)).filter((t) => t.isWellFormed?.() ?? !/[\ud800-\udbff]$/.test(t)));
    });
  });
}
