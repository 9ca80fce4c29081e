// The same text has the same form, byte for byte: again, after a restart, on a machine
// that is busy, in a process with another environment and another memory layout.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { after, before, describe, it } from 'node:test';

import { documents } from '../data/corpus/corpus.mjs';
import { WORKLOADS } from '../data/workloads.mjs';
import { stateFolder } from './lib/headroom.mjs';
import { rig } from './lib/rig.mjs';
import { asToolResult, compress } from './lib/score.mjs';

const PROFILES = ['lossless', 'balanced', 'aggressive'];

// Keeps four times as many threads busy as the machine has cores, until it is called.
function busy() {
  const children = Array.from({ length: 4 * os.cpus().length }, () => spawn(process.execPath, ['-e', 'const end = Date.now() + 60_000; while (Date.now() < end) Math.sqrt(2);'], { stdio: 'ignore' }));
  return () => children.forEach((c) => c.kill('SIGKILL'));
}

describe('forms', () => {
  let bodies;
  let secret;	// a state folder in which only the deployment's secret has been made
  const folders = [];
  const copy = () => {
    const to = stateFolder();
    folders.push(to);
    fs.cpSync(secret, to, { recursive: true });
    return to;
  };

  before(async () => {
    bodies = [...documents().map((d) => asToolResult(d.text)), ...Object.values(WORKLOADS).map((make) => make(7).body)];
    secret = stateFolder();
    folders.push(secret);
    const r = await rig({ mode: 'plain', state: secret });
    await r.stop();
  });
  after(() => folders.forEach((f) => fs.rmSync(f, { recursive: true, force: true })));

  // A hash over all messages that come back; how many requests run at once.
  async function digest(port, width = 1) {
    const jobs = PROFILES.flatMap((profile) => bodies.map((body) => ({ profile, body })));
    const out = new Array(jobs.length);
    let next = 0;
    const work = async () => {
      while (next < jobs.length) {
        const i = next++;
        const answer = await compress(port, jobs[i].body, jobs[i].profile);
        out[i] = JSON.stringify([answer.messages, answer.ccr_hashes]);
      }
    };
    await Promise.all(Array.from({ length: width }, work));
    return out.map((x) => crypto.createHash('sha256').update(x).digest('hex'));
  }

  async function fresh(env, width) {
    const r = await rig({ mode: 'plain', state: copy(), env });
    try {
      return await digest(r.port, width);
    } finally {
      await r.stop();
    }
  }

  let first;
  it('are the same twice, and after a restart', async () => {
    const r = await rig({ mode: 'plain', state: copy() });
    first = await digest(r.port);
    assert.deepEqual(await digest(r.port), first);
    await r.headroom.restart();
    assert.deepEqual(await digest(r.port), first);
    await r.stop();
  });

  it('are the same with a fresh memory and under four-fold load', async () => {
    const rest = busy();
    try {
      assert.deepEqual(await fresh({}, 8), first);
    } finally {
      rest();
    }
  });

  it('are the same in another locale, time zone and memory layout', async () => {
    const malloc = { MALLOC_PERTURB_: '165', MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '4096' };
    assert.deepEqual(await fresh({ ...malloc, LC_ALL: 'C', LANG: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati' }), first);
    assert.deepEqual(await fresh({ LC_ALL: 'C.UTF-8', LANGUAGE: 'de', TZ: 'America/St_Johns' }), first);
  });
});
