// The tape against Node's JSON.parse, over valid UTF-8 and within our depth:
// both accept or both refuse, and what is accepted is the same value.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { BUILD, sanitizerEnv } from './lib/sanitizer.mjs';
import { Random } from './lib/random.mjs';

const PROBE = path.join(BUILD, 'tests/tools/json_probe');
const OURS_DEPTH = 1024;

// ---- The two readers.

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function reference(bytes) {
  try {
    return { value: JSON.parse(utf8.decode(bytes)) };
  } catch {
    return undefined;
  }
}

function probe(documents) {
  const input = Buffer.concat(documents.flatMap((d) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(d.length);
    return [head, d];
  }));
  const r = spawnSync(PROBE, { input, env: { ...process.env, ...sanitizerEnv() }, maxBuffer: 1 << 30 });
  assert.equal(r.status, 0, r.stderr?.toString() || String(r.error ?? r.signal));
  const lines = r.stdout.toString().trimEnd().split('\n');
  assert.equal(lines.length, documents.length);
  return lines;
}

// The value that a dumped tape describes; what it says about itself is held to it.
function rebuild([kind, ...rest]) {
  switch (kind) {
    case 'Z': return null;
    case 'T': return true;
    case 'F': return false;
    case 'N': return Number(rest[0]);
    case 'L': {
      const text = JSON.parse(`"${rest[0]}"`);
      assert.match(text, /\p{Surrogate}/u);
      return text;
    }
    case 'S': {
      const [escaped, ascii, text] = rest;
      assert.doesNotMatch(text, /\p{Surrogate}/u);
      if (!escaped) assert.equal(ascii === 1, /^[\x20-\x7f]*$/.test(text));
      return text;
    }
    case 'A':
      assert.equal(rest.length - 1, rest[0]);
      return rest.slice(1).map(rebuild);
    case 'O': {
      const object = {};
      assert.equal(rest.length - 1, 2 * rest[0]);
      for (let i = 1; i < rest.length; i += 2) {
        const value = rebuild(rest[i + 1]);
        Object.defineProperty(object, rebuild(rest[i]), { value, writable: true, enumerable: true, configurable: true });
      }
      return object;
    }
    default: throw new Error(`unknown kind ${kind}`);
  }
}

// Both accept and agree, or both refuse. Returns how many were accepted.
function compare(documents) {
  let accepted = 0;
  for (let from = 0; from < documents.length; from += 20000) {
    const some = documents.slice(from, from + 20000);
    probe(some).forEach((line, i) => {
      const theirs = reference(some[i]);
      const shown = () => JSON.stringify(some[i].toString('latin1').slice(0, 300));
      if (theirs === undefined) {
        assert.equal(line, 'malformed', `should be refused: ${shown()}`);
        return;
      }
      assert.notEqual(line, 'malformed', `should be accepted: ${shown()}`);
      const ours = rebuild(JSON.parse(line));
      // -0 and prototypes, then the order of keys.
      assert.ok(isDeepStrictEqual(ours, theirs.value), `differs: ${shown()}`);
      assert.equal(JSON.stringify(ours), JSON.stringify(theirs.value), `order differs: ${shown()}`);
      accepted++;
    });
  }
  return accepted;
}

// ---- Documents.

const NUMBERS = ['0', '-0', '1', '-1', '10', '1.0', '1e5', '1E+5', '1e-5', '-0.0e-0', '1e400', '-1e400', '1152921504606846976', '0.1', '123456789012345678901234567890', '5e-324', '3.141592653589793'];
const PIECES = ['a', 'word ', '"', '\\', '/', '\n', '\t', '\b', '\u0000', '\u001f', '\u007f', 'é', '結果', '😀', '\u2028', '\ud800', '\udc00', '\ufeff', '0123456789abcdef', ' a longer run of plain text, past two vectors of bytes '];
const KEYS = ['', 'a', 'b', 'id', '__proto__', 'constructor', 'toString', '0', '1', 'é', 'key with spaces', '\ud83d'];

function randomString(r, most) {
  let s = '';
  for (let n = r.below(most); n > 0; n--) s += r.pick(PIECES);
  return s;
}

// A string as somebody may spell it: any character may be an escape.
function spellString(r, s) {
  const odds = r.pick([0, 0.1, 0.9]);
  let out = '"';
  for (const unit of s) {
    const plain = JSON.stringify(unit).slice(1, -1);
    if (!r.chance(odds)) out += plain;
    else for (let i = 0; i < unit.length; i++) {
      const hex = unit.charCodeAt(i).toString(16).padStart(4, '0');
      out += `\\u${r.chance(0.5) ? hex : hex.toUpperCase()}`;
    }
  }
  return `${out}"`.replaceAll('/', () => r.pick(['/', '\\/']));
}

const space = (r) => (r.chance(0.7) ? '' : r.pick([' ', '\n', '\t', '\r\n', '    ', '\n                          ']));

function spell(r, depth) {
  const around = (s) => space(r) + s + space(r);
  const kind = r.below(depth > 0 ? 10 : 6);
  if (kind < 2) return r.pick(NUMBERS);
  if (kind < 5) return spellString(r, randomString(r, r.pick([3, 8, 30])));
  if (kind < 6) return r.pick(['null', 'true', 'false']);
  const items = Array.from({ length: r.pick([0, 1, 2, 5]) }, () => {
    const value = around(spell(r, depth - 1));
    return kind < 8 ? value : around(spellString(r, r.pick(KEYS))) + ':' + value;
  });
  const inner = items.length ? items.join(',') : space(r);
  return kind < 8 ? `[${inner}]` : `{${inner}}`;
}

const document = (r) => Buffer.from(space(r) + spell(r, r.pick([0, 2, 5])) + space(r));

// Damage: a byte changed, lost, doubled or put in, the end cut, two texts joined.
function damage(r, bytes, other) {
  const at = r.below(bytes.length + 1);
  const token = Buffer.from(r.pick(['"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', '1', ' ', '\n', '\u0000', 'null', '\ufeff', '\\u', '//', '\u00a0', 'é']));
  const before = bytes.subarray(0, at);
  switch (r.below(8)) {
    case 0: return before;
    case 1: return Buffer.concat([before, bytes.subarray(at + 1)]);
    case 2: return Buffer.concat([before, token, bytes.subarray(at)]);
    case 3: return Buffer.concat([before, token, bytes.subarray(at + 1)]);
    case 4: return Buffer.concat([before, bytes.subarray(Math.max(0, at - 3))]);
    case 5: return Buffer.concat([before, other.subarray(r.below(other.length + 1))]);
    case 6: return Buffer.concat([bytes, other]);
    default: return Buffer.concat([before, Buffer.from([r.below(256)]), bytes.subarray(at + 1)]);
  }
}

// Every text of up to `most` of these pieces.
function everyText(alphabet, most) {
  let last = [''];
  const all = [];
  for (let n = 1; n <= most; n++) {
    last = last.flatMap((s) => [...alphabet].map((c) => s + c));
    for (const s of last) all.push(s);
  }
  return all.map((s) => Buffer.from(s));
}

const product = (...lists) => lists.reduce((all, list) => all.flatMap((a) => list.map((b) => a + b)), ['']);

// A set of documents of which nearly none is JSON would prove little.
function assertSome(accepted, least) {
  assert.ok(accepted >= least, `only ${accepted} were JSON`);
}

describe('the JSON tape against JSON.parse', () => {
  it('reads random documents as the same values', () => {
    const r = new Random(1);
    const documents = Array.from({ length: 15000 }, () => document(r));
    assert.equal(compare(documents), documents.length);
  });

  it('agrees on damaged documents', () => {
    const r = new Random(2);
    const documents = [];
    for (let i = 0; i < 40000; i++) {
      let bytes = document(r);
      for (let n = r.between(1, 3); n > 0; n--) bytes = damage(r, bytes, document(r));
      documents.push(bytes);
    }
    const accepted = compare(documents);
    assert.ok(accepted > 2000 && accepted < 38000, `${accepted} accepted: the damage is too small or too great`);
  });

  it('agrees on every short text of the characters that matter', () => {
    assertSome(compare(everyText('[]{},:"1 ', 5)), 100);
    assertSome(compare(everyText('0123-+.eE', 5)), 1000);
    const inner = everyText(['"', '\\', '\\u', '00', 'd8', 'Dc', 'n', '/'], 5);
    assertSome(compare(inner.map((t) => Buffer.concat([Buffer.from('"'), t]))), 500);
  });

  it('agrees on every shape of number', () => {
    const shapes = product(['', '-', '+', '--'], ['', '0', '00', '1', '01', '12', '9007199254740993'], ['', '.', '.0', '.5', '.50', '..5'], ['', 'e', 'E', 'e+', 'e-', 'e0', 'E5', 'e+05', 'E-12', 'e400', 'e1.5', 'ee1']);
    const placed = shapes.flatMap((s) => [s, `[${s}]`, `{"a":${s} }`, ` ${s}\n`, `[1,${s},2]`]);
    assertSome(compare(placed.map((s) => Buffer.from(s))), 500);
  });

  it('agrees on every byte in every kind of place', () => {
    const places = [['', ''], ['"', '"'], ['"\\', '"'], ['"\\u00', '1"'], ['', '1'], ['1', ''], ['[1', '2]'], ['[', ']'], ['{', '"a":1}'], ['{"a"', '1}'], ['{"a":1', '}'], ['tru', ''], ['[true', ']'], [`"${'x'.repeat(40)}`, `${'y'.repeat(40)}"`], ['"é', 'é"'], ['"é😀 and thirty-two bytes more of it', 'é"']];
    const documents = places.flatMap(([before, after]) =>
      Array.from({ length: 256 }, (_, byte) => Buffer.concat([Buffer.from(before), Buffer.from([byte]), Buffer.from(after)])));
    assertSome(compare(documents), 400);
  });

  it('agrees on two and three bytes that may be UTF-8', () => {
    const leads = [0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff];
    const next = [0x20, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xff];
    const documents = [];
    for (const a of leads) for (const b of next) for (const c of next) for (const d of [0x20, 0x80, 0xbf, 0xc2])
      for (const pad of [0, 29, 61])
        documents.push(Buffer.concat([Buffer.from(`"${'p'.repeat(pad)}`), Buffer.from([a, b, c, d]), Buffer.from('"')]));
    assertSome(compare(documents), 100);
  });

  it('agrees on escapes and quotes at every place of a vector', () => {
    const marks = ['\\"', '\\\\', '\\n', '\\u00e9', '\\ud83d\\ude00', '\\ud800', '\\x', '\\', '"', '\n', 'é', '\\\\"', '\\u12', ''];
    const documents = marks.flatMap((m) => Array.from({ length: 100 }, (_, n) => Buffer.from(`["${'x'.repeat(n)}${m}${'y'.repeat(n % 37)}",1]`)));
    assertSome(compare(documents), 600);
  });

  it('agrees on a text cut after every byte', () => {
    const r = new Random(3);
    const documents = Array.from({ length: 60 }, () => document(r)).flatMap((d) => Array.from({ length: d.length }, (_, n) => d.subarray(0, n)));
    compare(documents);
  });

  it('agrees as deep as we go, and stops where we say', () => {
    const deep = (n) => [Buffer.from('['.repeat(n) + ']'.repeat(n)), Buffer.from('{"a":'.repeat(n) + '1' + '}'.repeat(n))];
    for (const n of [1, 2, 500, OURS_DEPTH]) assert.equal(compare(deep(n)), 2);
    for (const n of [OURS_DEPTH + 1, 100000]) assert.deepEqual(probe(deep(n)), ['over a limit', 'over a limit']);
  });

  it('reads a large document as the same value', () => {
    const r = new Random(4);
    const rows = Array.from({ length: 20000 }, (_, id) => `{"id":${id},"v":${spell(r, 2)},"text":${spellString(r, randomString(r, 20))}}`);
    assert.equal(compare([Buffer.from(`[${rows.join(',\n')}]`)]), 1);
  });
});
