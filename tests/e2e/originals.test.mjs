// Originals outlive kills; where they can not be kept nothing is left out, and it is said.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

import { Headroom, stateFolder } from './lib/headroom.mjs';
import { assertRedeems, compress, events, killRounds } from './lib/kills.mjs';
import { Random } from './lib/random.mjs';
import { request } from './lib/raw.mjs';

const output = (seed, n = 200) => events(new Random(seed), `host-${seed}`, n);

// Runs with a gateway on a folder that the test is told.
async function withState(test, options = {}) {
  const state = stateFolder();
  let h;
  try {
    h = await Headroom.start({ state, ...(typeof options === 'function' ? options(state) : options) });
    await test(h, state);
  } finally {
    await h?.stop();
    fs.rmSync(state, { recursive: true, force: true });
  }
}

const seconds = (n) => new Promise((ok) => { setTimeout(ok, n * 1000); });

describe('originals', () => {
  it('outlive kills under load', async (t) => {
    const promised = await killRounds(15, Number(process.env.E2E_SEED ?? 7));
    t.diagnostic(`${promised} originals`);
    assert.ok(promised > 20);
  });

  it('go when nobody used them for HEADROOM_CCR_TTL_SECONDS, and come back with their markers', async () => {
    await withState(async (h) => {
      const text = output(1);
      const { named: [hash] } = await compress(h.port, [text]);
      await assertRedeems(h.port, hash, text);
      await seconds(5.1);
      const got = await request(h.port, { method: 'GET', path: `/v1/retrieve/${hash}` });
      assert.equal(got.status, 404);
      assert.match(String(got.body), /expired/);
      const again = await compress(h.port, [text]);
      assert.deepEqual(again.named, [hash]);
      await assertRedeems(h.port, hash, text);
    }, { env: { HEADROOM_CCR_TTL_SECONDS: '4' } });
  });

  it('are not promised while the disk is full, and are again when there is room', async () => {
    await withState(async (h, state) => {
      const limit = (bytes) => execFileSync('prlimit', ['--pid', String(h.pid), `--fsize=${bytes}:`]);
      const kept = output(1);
      const first = await compress(h.port, [kept]);
      assert.ok(first.named[0]);
      limit(fs.statSync(path.join(state, 'headroom.db-wal')).size + 1000);
      const refused = await compress(h.port, [kept, output(2), output(3)]);
      assert.equal(refused.status, 200);
      assert.deepEqual(refused.named, [first.named[0], null, null], 'old markers stay, no new one');
      assert.deepEqual(refused.json.ccr_hashes, [first.named[0]]);
      assert.equal(refused.json.messages[4].content, output(2), 'what can not be recorded goes as it is');
      await assertRedeems(h.port, first.named[0], kept);
      const health = JSON.parse((await request(h.port, { method: 'GET', path: '/health' })).body);
      assert.match(JSON.stringify(health), /store/, 'and health says so');
      limit('unlimited');
      const after = await compress(h.port, [kept, output(2), output(3)]);
      assert.equal(after.named.filter(Boolean).length, 3);
      await assertRedeems(h.port, after.named[1], output(2));
    });
  });

  it('are not promised where there is no store', async () => {
    // A folder under a file can not be made, not even by root.
    await withState(async (h) => {
      assert.match(h.stderr, /Cannot make the folder .*Not a directory.*HEADROOM_WORKSPACE_DIR/, 'what is wrong and what to do');
      const { status, json, named } = await compress(h.port, [output(1)]);
      assert.equal(status, 200);
      assert.deepEqual(named, [null]);
      assert.deepEqual(json.ccr_hashes, []);
      const got = await request(h.port, { method: 'GET', path: '/v1/retrieve/0123456789abcdef01234567' });
      assert.equal(got.status, 503);
    }, (state) => {
      fs.writeFileSync(path.join(state, 'file'), '');
      return { args: ['--workspace-dir', path.join(state, 'file', 'folder')] };
    });
  });

  it('are right or not there when the file is damaged', async () => {
    const texts = Array.from({ length: 12 }, (_, i) => output(i + 1, 300));
    await withState(async (h, state) => {
      const file = path.join(state, 'headroom.db');
      const { named } = await compress(h.port, texts);
      assert.equal(named.filter(Boolean).length, texts.length);
      await h.term();
      const good = fs.readFileSync(file);
      const r = new Random(3);
      let lost = 0;
      let healings = 0;
      for (let round = 0; round < 8; round++) {
        const bad = Buffer.from(good);
        // The first round takes the head, the others some bytes of some pages.
        if (round === 0) bad.fill(0x5a, 0, 100);
        else for (let k = 0; k < 6; k++) bad.fill(r.below(256), ...[r.between(4096, bad.length - 300)].flatMap((at) => [at, at + r.between(1, 300)]));
        for (const name of fs.readdirSync(state)) fs.rmSync(path.join(state, name));
        fs.writeFileSync(file, bad, { mode: 0o600 });
        await h.spawn(0);
        if (round === 0) assert.match(h.stderr, /headroom\.db: is not a database\. Move it away/);
        const again = await compress(h.port, texts);
        assert.equal(again.status, 200);
        for (let i = 0; i < texts.length; i++) {
          const got = await request(h.port, { method: 'GET', path: `/v1/retrieve/${named[i]}` });
          const answer = JSON.parse(got.body);
          if (got.status === 200) assert.ok(answer.original_content === texts[i], 'never another text');
          else assert.match(answer.error.type, /^(damaged|never_stored|store_unavailable)$/);
          if (got.status !== 200) lost++;
        }
        // What was found to be spoilt is kept anew, unless the whole file is given up.
        const healed = await compress(h.port, texts);
        const givenUp = (await request(h.port, { method: 'GET', path: `/v1/retrieve/${named[0]}` })).status === 503;
        for (let i = 0; i < texts.length; i++) {
          if (!healed.named[i]) assert.equal(healed.json.messages[2 * i + 2].content, texts[i]);
          else if (!givenUp) await assertRedeems(h.port, healed.named[i], texts[i]);
        }
        healings += !givenUp;
        await h.term();
      }
      assert.ok(lost >= texts.length, 'something was damaged');
      assert.ok(healings > 0);
    });
  });
});
