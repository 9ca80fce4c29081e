// How good a compressed text is: tokens, whether it says the same, and which facts
// can still be read in it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { run } from './headroom.mjs';
import { request } from './raw.mjs';
import { BUILD, sanitizerEnv } from './sanitizer.mjs';
import { normalize } from './spans.mjs';

// o200k tokens of each text, by our own counter: tokens_differential.test.mjs
// holds it to the published one.
export function tokens(texts) {
  const input = Buffer.concat(texts.flatMap((t) => {
    const bytes = Buffer.from(t);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(bytes.length);
    return [head, bytes];
  }));
  const r = spawnSync(path.join(BUILD, 'tests/tools/tokens_probe'), ['o200k'], { input, env: { ...process.env, ...sanitizerEnv() } });
  assert.equal(r.status, 0, r.stderr?.toString());
  return r.stdout.toString().trim().split('\n').map(Number);
}

const unescaped = (text) => text.replace(/\\u([0-9a-fA-F]{4})/g, (_, h) => String.fromCharCode(parseInt(h, 16)))
  .replace(/\\"/g, '"').replace(/\\\//g, '/').replace(/\\[nt]/g, ' ').replace(/\s+/g, ' ');

// A predicate: do all of `must` stand in the text, escapes undone, within `window`
// characters of one place where the first of them does?
export function reader(text) {
  const t = unescaped(text);
  return (must, window = 3000) => {
    for (let at = t.indexOf(must[0]), tries = 0; at >= 0 && tries < 400; at = t.indexOf(must[0], at + 1), tries++) {
      const near = t.slice(Math.max(0, at - window), at + window);
      if (must.every((m) => near.includes(m))) return true;
    }
    return false;
  };
}

// The values of a document, one spelling per string, numbers as spelled; JSON Lines
// by line, so that no two lines can merge.
const values = (text, type) => (type === 'ndjson' ? text.trim().split('\n') : [text]).map(normalize);

// Fails unless the form decodes to the values of the original.
export function assertDecodes(form, { file, type, text }) {
  const out = run(['decode', '-'], { input: form });
  assert.equal(out.code, 0, `${file}: ${out.stderr}`);
  assert.deepEqual(values(out.stdout.toString(), type), values(text, type), file);
}

// Sends a chat body to /v1/compress of the program at `port`.
export async function compress(port, body, profile) {
  const got = await request(port, { path: '/v1/compress', headers: [['content-type', 'application/json']], body: JSON.stringify({ ...body, config: { profile } }) }, { ms: 60_000 });
  assert.equal(got.status, 200, String(got.body).slice(0, 500));
  return JSON.parse(got.body);
}

// A chat body whose only tool result is this text.
export const asToolResult = (text) => ({
  model: 'gpt-4o', messages: [
    { role: 'user', content: 'What matters in this output?' }, { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'fetch_data', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: 'call_1', content: text }, { role: 'user', content: 'Answer from the tool output.' },
  ],
});

export const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
