// Clients that take their answers slowly: served to the end, in bounded memory.
import assert from 'node:assert/strict';
import net from 'node:net';
import { afterEach, describe, it } from 'node:test';

import { cleanUp } from './lib/live.mjs';
import { OPENAI, RawClient, requestBytes, wait } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { SANITIZERS } from './lib/sanitizer.mjs';

const MB = 1 << 20;
const GET = requestBytes({ method: 'GET', path: '/v1/files/1/content', headers: OPENAI });

// A client that reads at most `rate` bytes a second; resolves to how many came,
// when `want` have or the connection is over.
async function readSlowly(port, { rate, want, each = () => {} }) {
  const socket = net.connect({ port });
  let got = 0;
  let over = false;
  socket.on('data', (b) => { got += b.length; if (got > budget()) socket.pause(); });
  socket.on('close', () => { over = true; });
  socket.on('error', () => { over = true; });
  const from = performance.now();
  const budget = () => (performance.now() - from) / 1000 * rate;
  socket.write(GET);
  while (!over && got < want && performance.now() - from < 30_000) {
    await wait(10);
    if (got <= budget()) socket.resume();
    each();
  }
  socket.destroy();
  return got;
}

const body = (size) => async (_, res) => {
  res.head(200, [['content-length', size]]);
  for (let at = 0; at < size && !res.socket.destroyed; at += MB) await res.writeDrained(Buffer.alloc(Math.min(MB, size - at)));
  res.done();
};

describe('slow clients', () => {
  afterEach(cleanUp);

  it('cost what waits for them, not all that they were sent', async () => {
    const r = await rig({ mode: 'plain', args: ['--high-water', '8m'] });
    r.upstream.next(body(200 * MB));
    let peak = 0;
    const got = await readSlowly(r.port, { rate: 60 * MB, want: 200 * MB, each: () => { peak = Math.max(peak, r.headroom.memory().now); } });
    assert.ok(got >= 200 * MB, String(got));
    assert.ok(peak < 80 * MB, `${peak / MB} MB`);
    await r.stop();
  });

  it('are not given up while they take something', async () => {
    const r = await rig({ mode: 'plain', args: ['--high-water', '8m', '--client-write-timeout', '600ms'] });
    r.upstream.next(body(20 * MB));
    const got = await readSlowly(r.port, { rate: 5 * MB, want: 20 * MB });
    assert.ok(got >= 20 * MB, String(got));
    await r.stop();
  });

  it('may take the last of an answer for longer than an idle connection lasts', async () => {
    const r = await rig({ mode: 'plain', args: ['--high-water', '16m', '--keep-alive-timeout', '400ms'] });
    r.upstream.next(body(15 * MB));
    const got = await readSlowly(r.port, { rate: 5 * MB, want: 15 * MB });
    assert.ok(got >= 15 * MB, String(got));
    await r.stop();
  });

  it('that pipeline and do not read get no further answers until they do', async () => {
    const r = await rig({ mode: 'plain' });
    const COUNT = 30_000;
    const before = r.headroom.memory().now;
    const socket = net.connect({ port: r.port });
    socket.pause();
    const one = requestBytes({ method: 'GET', path: '/health' });
    for (let i = 0; i < COUNT; i += 500) socket.write(Buffer.concat(Array.from({ length: 500 }, () => one)));
    await wait(2500);
    const grown = r.headroom.memory().now - before;
    let answers = 0;
    let tail = '';
    socket.on('data', (b) => {
      const text = tail + b.toString('latin1');
      answers += text.split('HTTP/1.1 200 OK\r\n').length - 1;
      tail = text.slice(-16);
      if (tail.includes('HTTP/1.1 200 OK\r\n')) tail = '';
    });
    socket.resume();
    for (let i = 0; i < 1000 && answers < COUNT; i++) await wait(20);
    socket.destroy();
    assert.equal(answers, COUNT);
    assert.ok(SANITIZERS.length || grown < 24 * MB, `${grown / MB} MB`);
    await r.stop();
  });

  it('may send a head larger than what may be pipelined', async () => {
    const r = await rig({ mode: 'plain', args: ['--max-header-bytes', '256k', '--header-timeout', '2s'] });
    const c = await RawClient.connect(r.port);
    c.send('GET /v1/models HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-test\r\n');
    for (let i = 0; i < 20; i++) { c.send(`X-${i}: ${'v'.repeat(9000)}\r\n`); await wait(5); }
    c.send('\r\n');
    assert.equal((await c.response()).status, 200);
    c.close();
    await r.stop();
  });
});
