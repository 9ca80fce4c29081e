// Compresses conversations through a gateway that is killed again and again, and holds
// it to the hashes that it gave out.
import assert from 'node:assert/strict';
import fs from 'node:fs';

import { Headroom, stateFolder } from './headroom.mjs';
import { Random } from './random.mjs';
import { request } from './raw.mjs';
import { SLOWNESS } from './sanitizer.mjs';

const LEVELS = ['INFO', 'INFO', 'INFO', 'DEBUG'];

// A log as a tool prints it, of which most can be left out; `name` makes it another one.
export function events(r, name, n = r.between(120, 400)) {
  return JSON.stringify(Array.from({ length: n }, (_, i) => ({ at: 1_700_000_000 + i * 3, level: LEVELS[i % 4], host: `${name}-${r.below(9)}`, message: `request ${r.pick(['served', 'queued'])} by "worker" ${i % 7}`, ms: 20 + r.below(40) })), null, r.pick([0, 1]));
}

export const chat = (...outputs) => [
  { role: 'user', content: 'go' },
  ...outputs.flatMap((content, i) => [
    { role: 'assistant', content: null, tool_calls: [{ id: `call_${i}`, type: 'function', function: { name: 'logs', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: `call_${i}`, content },
  ]),
];

// What /v1/compress answers: { status, json, named }, `named` being the hash of each output or null.
export async function compress(port, outputs, profile = 'balanced') {
  const got = await request(port, { method: 'POST', path: '/v1/compress', headers: [['content-type', 'application/json']], body: JSON.stringify({ model: 'gpt-4o', messages: chat(...outputs), config: { profile } }) });
  const json = JSON.parse(got.body);
  const named = (json.messages ?? []).filter((m) => m.role === 'tool').map((m) => m.content.match(/hash=([0-9a-f]{24})/)?.[1] ?? null);
  return { status: got.status, json, named };
}

export async function assertRedeems(port, hash, text) {
  const got = await request(port, { method: 'GET', path: `/v1/retrieve/${hash}` });
  assert.equal(got.status, 200, `${hash}: ${got.body.subarray(0, 300)}`);
  assert.ok(JSON.parse(got.body).original_content === text, `${hash} gives another text`);
}

// One client: conversations that grow, until the gateway is gone. Remembers in `known` what was promised.
async function work(port, r, known, name) {
  const outputs = [];
  try {
    for (let turn = 0; ; turn++) {
      if (outputs.length === 4) outputs.length = 0;
      outputs.push(events(r, `${name}-${turn}`));
      const { status, json, named } = await compress(port, outputs);
      assert.equal(status, 200);
      assert.deepEqual([...new Set(named.filter(Boolean))], json.ccr_hashes, 'every hash is listed');
      named.forEach((hash, i) => { if (hash) known.set(hash, outputs[i]); });
    }
  } catch (e) {
    if (e.code === 'ERR_ASSERTION') throw e;	// else the connection broke
  }
}

// `rounds` times: load, SIGKILL at a moment of chance, start again, look every promise up.
export async function killRounds(rounds, seed = 1) {
  const state = stateFolder();
  const r = new Random(seed);
  const all = new Map();
  let h = await Headroom.start({ state });
  try {
    for (let round = 0; round < rounds; round++) {
      const known = new Map();
      const clients = [0, 1, 2].map((c) => work(h.port, new Random(seed * 1_000_003 + round * 10 + c), known, `r${round}c${c}`));
      await new Promise((ok) => { setTimeout(ok, r.between(20, 200) * SLOWNESS); });
      await h.kill();
      await Promise.all(clients);
      h = await Headroom.start({ state });
      for (const [hash, text] of known) {
        await assertRedeems(h.port, hash, text);
        all.set(hash, text);
      }
    }
    for (const [hash, text] of all) await assertRedeems(h.port, hash, text);
    return all.size;
  } finally {
    await h.stop();
    fs.rmSync(state, { recursive: true, force: true });
  }
}
