// 10,000 mixed requests: memory and descriptors stay where they were.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { afterEach, describe, it } from 'node:test';

import { Conversation } from './lib/clients.mjs';
import { cleanUp } from './lib/live.mjs';
import { Random } from './lib/random.mjs';
import { ANTHROPIC, OPENAI, RawClient, request, requestBytes, wait } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { faults } from './lib/upstream.mjs';

const TOTAL = Number(process.env.E2E_LEAK_REQUESTS ?? 10_000);
const ASK = '{"model":"claude-sonnet-4-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}';

describe('a long run', () => {
  afterEach(cleanUp);
  it(`of ${TOTAL} mixed requests leaves nothing behind`, async () => {
    const r = await rig({ args: ['--log-level', 'error', '--pool-timeout', '1s'] });
    const random = new Random(1);
    r.upstream.server.keepBodies = true;
    const descriptors = () => fs.readdirSync(`/proc/${r.headroom.pid}/fd`).length;
    const post = (body, path = '/v1/messages', headers = ANTHROPIC) => request(r.port, { path, headers, body });
    let conversation = new Conversation(1, { toolCount: 3 });
    const kinds = [
      () => post(ASK), () => post(ASK.replace('true', 'false')), () => post('{"broken'), () => request(r.port, { method: 'GET', path: '/livez' }), () => request(r.port, { method: 'GET', path: '/nope' }),
      () => request(r.port, { method: 'GET', path: '/v1/models', headers: OPENAI }), () => post('x'.repeat(random.below(300_000)), '/v1/files', OPENAI),
      async () => { if (random.chance(0.05)) conversation = new Conversation(random.below(1e9), { toolCount: 3 }); return post(conversation.next().body); },
      () => { r.upstream.next(faults.truncate(random.below(400), 'reset')); return post(ASK); },
      () => { r.upstream.next(faults.close()); return post(ASK); },
      () => { r.upstream.next(faults.status('anthropic', 529, 'x')); return post(ASK); },
      async () => { const c = await RawClient.connect(r.port); c.send(requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: ASK })); await wait(random.below(3)); c.reset(); },
      async () => { const c = await RawClient.connect(r.port); c.send('POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'); await c.response(); c.close(); },
      async () => { const c = await RawClient.connect(r.port); c.send(requestBytes({ method: 'GET', path: '/v1/responses', headers: [...OPENAI, ['Upgrade', 'websocket'], ['Connection', 'upgrade']] })); await c.response(); c.send('x'); await c.until((x) => x.bytes.length > 0); c.close(); },
    ];
    let warm;
    for (let i = 0; i < TOTAL; i += 8) {
      await Promise.all(Array.from({ length: 8 }, () => random.pick(kinds)().catch((e) => { throw new Error(`request ${i}: ${e.message}`); })));
      r.upstream.requests.length = 0;
      r.upstream.heads.length = 0;
      r.upstream.cache.sequences.clear();
      r.upstream.cache.log.length = 0;
      if (i >= TOTAL / 5 && !warm) { await wait(1500); warm = { memory: r.headroom.memory().now, fds: descriptors() }; }
    }
    await wait(2500);
    const grown = r.headroom.memory().now - warm.memory;
    console.log(`# resident ${(warm.memory / 1e6).toFixed(1)} MB after a fifth, grown by ${(grown / 1e6).toFixed(2)} MB; descriptors ${warm.fds} → ${descriptors()}`);
    assert.ok(grown < 8_000_000, `grown by ${grown} bytes`);
    assert.ok(descriptors() <= warm.fds + 2, `${descriptors()} descriptors, ${warm.fds} before`);
    await r.stop();
  });
});
