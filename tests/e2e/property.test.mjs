// P1, P2 and the prompt cache over random conversations, with restarts, SIGKILL in
// the middle of requests, and two processes on one store. A failure names its
// seed: E2E_SEED=n runs that one alone. E2E_WORLDS says how many (default 60).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { Conversation } from './lib/clients.mjs';
import { Headroom, run, stateFolder } from './lib/headroom.mjs';
import { Random } from './lib/random.mjs';
import { RawClient, requestBytes } from './lib/raw.mjs';
import { normalize } from './lib/spans.mjs';
import { Upstream } from './lib/upstream.mjs';
import { Worlds } from './lib/worlds.mjs';

const COUNT = Number(process.env.E2E_WORLDS ?? 60);
const ONLY = process.env.E2E_SEED;
const LANES = 2;

describe('random conversations', () => {
  const totals = { client: 0, sent: 0, changes: 0, turns: 0, restarts: 0, kills: 0 };
  const forms = new Map();
  const lanes = [];

  before(async () => {
    for (let i = 0; i < LANES; i++) lanes.push(await makeLane());
  });
  after(async () => { for (const l of lanes) await l.stop(); });

  for (let i = 0; i < (ONLY ? 1 : COUNT); i++) {
    const seed = ONLY ? +ONLY : i + 1;
    it(`seed ${seed}`, async () => {
      const lane = lanes[i % LANES];
      await converse(lane, seed);
    });
  }

  it('did compress, crash and restart enough to mean something', () => {
    if (ONLY) return;
    console.log(`# ${JSON.stringify(totals)} forms ${forms.size}`);
    assert.ok(totals.changes > COUNT * 10, `${totals.changes} replaced texts`);
    assert.ok(totals.sent < totals.client * 0.95, `${totals.sent} of ${totals.client} bytes`);
    assert.ok(totals.kills > COUNT / 10 && totals.restarts > COUNT / 10);
  });

  it('sent forms that decode to their originals', () => {
    const random = new Random(1);
    const sample = [...forms].filter(() => forms.size < 60 || random.chance(60 / forms.size));
    for (const [form, original] of sample) {
      const got = run(['decode', '-'], { input: form });
      assert.equal(got.code, 0, `${got.stderr}\n${form.slice(0, 500)}`);
      assert.equal(normalize(got.stdout.toString()), normalize(original), form.slice(0, 300));
    }
  });

  // A clock, an upstream, a store and one or two processes on it.
  async function makeLane() {
    const lane = { clock: { now: 1e12 }, state: stateFolder(), procs: [] };
    lane.upstream = await Upstream.start({ now: () => lane.clock.now });
    lane.start = async () => Headroom.start({ state: lane.state, upstream: lane.upstream.url, args: ['--log-level', 'error'] });
    lane.procs.push(await lane.start(), await lane.start());
    lane.stop = async () => {
      for (const p of lane.procs) await p.stop();
      await lane.upstream.stop();
      fs.rmSync(lane.state, { recursive: true, force: true });
    };
    return lane;
  }

  async function converse(lane, seed) {
    const r = new Random(seed * 7919);
    const provider = seed % 3 === 0 ? 'openai' : 'anthropic';
    const conversation = new Conversation(seed, { provider, toolCount: r.pick([3, 24]), repeatIds: provider === 'openai' && r.chance(0.3) });
    const { upstream, clock } = lane;
    upstream.reset();
    clock.now += 24 * 3_600_000;
    const worlds = new Worlds(provider, upstream, clock);
    const halfWay = r.chance(0.3) ? r.between(1, 4) : 0;
    const length = r.between(8, 20);
    for (let t = 0; t < length; t++) {
      const q = conversation.next(t > 0 && t <= halfWay ? 'turn' : undefined);
      const where = `seed ${seed} turn ${t} (${q.event})`;
      clock.now += r.chance(0.06) ? 6 * 60_000 : r.below(120_000);
      if (t < halfWay) { worlds.direct(q, where); continue; }
      totals.turns++;
      if (r.chance(0.06)) await killMidway(lane, worlds, q, where, r);
      if (r.chance(0.05)) await race(lane, worlds, q, where);
      await worlds.send(r.pick(lane.procs).port, q, where);
      if (r.chance(0.04)) { totals.restarts++; await r.pick(lane.procs).restart(); }
    }
    totals.client += worlds.bytes.client;
    totals.sent += worlds.bytes.sent;
    totals.changes += worlds.changes;
    for (const [k, v] of worlds.replaced) forms.set(k, v);
  }

  // The provider has the whole request, then the process that sent it dies. What was
  // sent counts: the client's retry must send the same.
  async function killMidway(lane, worlds, q, where, r) {
    const i = r.below(lane.procs.length);
    const p = lane.procs[i];
    const arrived = lane.upstream.received(lane.upstream.requests.length + 1, 'requests');
    lane.upstream.next(() => {});
    const c = await RawClient.connect(p.port);
    c.send(requestBytes({ path: worlds.path, headers: [...worlds.headers, ...q.headers], body: q.body }));
    const req = await arrived;
    await p.kill();
    c.close();
    lane.procs[i] = await lane.start();
    totals.kills++;
    worlds.check(q, req, `${where}, killed`);
  }

  // Both processes get the request at once: whoever decides first decides for both.
  async function race(lane, worlds, q, where) {
    const from = lane.upstream.requests.length;
    const clients = await Promise.all(lane.procs.map((p) => RawClient.connect(p.port)));
    for (const c of clients) c.send(requestBytes({ path: worlds.path, headers: [...worlds.headers, ...q.headers], body: q.body }));
    for (const c of clients) { assert.equal((await c.response()).status, 200, where); c.close(); }
    const both = lane.upstream.requests.slice(from);
    assert.equal(both.length, 2);
    assert.ok(both[0].body.equals(both[1].body), `${where}: two processes sent different bytes`);
    worlds.check(q, both[0], `${where}, raced`);
    worlds.alone[worlds.provider](JSON.parse(q.body), worlds.credential).begin();
  }
});
