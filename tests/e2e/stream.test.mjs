// @modes all
// Streams stay streams: every split, at once, with back-pressure, and with the end
// that the upstream gave them.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { ANTHROPIC, OPENAI, RawClient, requestBytes, wait } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { SANITIZERS } from './lib/sanitizer.mjs';
import { faults, replySize } from './lib/upstream.mjs';

const ASK = Buffer.from('{"model":"claude-sonnet-4-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}');
const CHAT = Buffer.from('{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hi"}]}');
const messages = (body = ASK) => requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body });
const chat = () => requestBytes({ path: '/v1/chat/completions', headers: OPENAI, body: CHAT });
const TURN = { thinking: 'hmm, 漢字 😀', text: 'Für dich', tools: [{ id: 'toolu_1', name: 'run', input: { cmd: 'ls "x"' } }] };

describe('streams', () => {
  let r;
  before(async () => { r = await rig(); });
  after(() => r.stop());
  beforeEach(() => r.reset());

  it('arrive byte-identical whichever byte they are split at', async () => {
    const c = await RawClient.connect(r.port);
    for (const [bytes, kind] of [[messages(), 'anthropic'], [chat(), 'openai']]) {
      r.upstream.turns.push(TURN);
      let recorded;
      r.upstream.next(async (_, res, reply) => { recorded = reply(); res.start(200, recorded.headers); res.write(replySize(recorded)); res.end(); });
      c.send(bytes);
      const whole = replySize(recorded ?? (await c.response(), recorded));
      for (let at = 1; at < whole.length; at++) {
        r.upstream.next((req, res) => faults.split(at, 0)(req, res, () => recorded));
        c.send(bytes);
        const got = await c.response();
        assert.ok(got.complete && got.body.equals(whole), `${kind} split at ${at}`);
      }
    }
    c.close();
  });

  it('of one byte at a time arrive whole', async () => {
    for (const bytes of [messages(), chat()]) {
      r.upstream.turns.push(TURN);
      let sent;
      r.upstream.next((req, res, reply) => { sent = reply(); return faults.dribble(1)(req, res, () => sent); });
      const c = await RawClient.connect(r.port);
      c.send(bytes);
      const got = await c.response({ ms: 20_000 });
      assert.ok(got.body.equals(replySize(sent)));
      assert.equal(got.get('content-type'), 'text/event-stream; charset=utf-8');
      c.close();
    }
  });

  it('give the first event at once, while the upstream stalls', async () => {
    for (const bytes of [messages(), chat()]) {
      let release;
      const stalled = new Promise((ok) => { release = ok; });
      let events;
      r.upstream.next(async (_, res, reply) => {
        events = reply();
        res.start(200, events.headers);
        res.write(events.events[0]);
        await stalled;
        for (const e of events.events.slice(1)) res.write(e);
        res.end();
      });
      const c = await RawClient.connect(r.port);
      c.send(bytes);
      assert.ok(await c.until((x) => events && x.bytes.includes(events.events[0]), 2000), 'the first event within 2 s, before the second exists');
      await wait(50);
      release();
      assert.ok((await c.response()).body.equals(replySize(events)));
      c.close();
    }
  });

  it('give the head at once, before any event', async () => {
    let release;
    r.upstream.next(async (_, res, reply) => {
      const { headers, events } = reply();
      res.start(200, headers);
      await new Promise((ok) => { release = ok; });
      res.write(Buffer.concat(events));
      res.end();
    });
    const c = await RawClient.connect(r.port);
    c.send(messages());
    assert.ok(await c.until((x) => x.bytes.includes('\r\n\r\n'), 2000));
    release();
    assert.ok((await c.response()).complete);
    c.close();
  });

  it('add little delay to each event', async () => {
    const gaps = [];
    r.upstream.next(async (_, res) => {
      res.start(200, [['content-type', 'text/event-stream']]);
      for (let i = 0; i < 40; i++) { res.write(`data: ${performance.now()}\n\n`); await wait(5); }
      res.end();
    });
    const c = await RawClient.connect(r.port);
    let seen = 0;
    c.socket.on('data', () => {
      const times = [...c.bytes.toString().matchAll(/data: ([\d.]+)\n\n/g)].map((m) => +m[1]);
      for (; seen < times.length; seen++) gaps.push(performance.now() - times[seen]);
    });
    c.send(messages());
    await c.response();
    c.close();
    gaps.sort((a, b) => a - b);
    assert.equal(gaps.length, 40);
    assert.ok(gaps[20] < 20, `median delay ${gaps[20]} ms`);
  });

  it('pause the upstream while the client does not read, in bounded memory', async () => {
    const total = 100 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    let finished;
    const over = new Promise((ok) => { finished = ok; });
    r.upstream.next(async (_, res) => {
      res.start(200, [['content-type', 'text/event-stream']]);
      while (written < total && !res.socket.destroyed) { await res.writeDrained(piece); written += piece.length; }
      res.end();
      finished();
    });
    const before = r.headroom.memory().now;
    const c = await RawClient.connect(r.port);
    c.socket.pause();
    c.send(messages());
    let last = -1;
    while (written !== last) { last = written; await wait(300); }
    assert.ok(written < 40 * 1024 * 1024, `the upstream could write ${written} bytes to a client that reads nothing`);
    const grown = r.headroom.memory().now - before;
    assert.ok(SANITIZERS.length || grown < 16 * 1024 * 1024, `memory grew by ${grown}`);
    let got = 0;
    c.socket.removeAllListeners('data');
    c.socket.on('data', (b) => { got += b.length; });
    c.socket.resume();
    await over;
    for (let i = 0; got <= total && i < 400; i++) await wait(50);
    assert.ok(got > total, 'all of it arrives once the client reads');
    c.close();
  });

  it('end at the upstream at once when the client is gone', async () => {
    for (const how of ['close', 'reset']) {
      for (const begun of [true, false]) {
        r.upstream.next((_, res, reply) => { if (begun) { const { headers, events } = reply(); res.start(200, headers); res.write(events[0]); } });
        const c = await RawClient.connect(r.port);
        const arrived = r.upstream.received(r.upstream.requests.length + 1, 'requests');
        c.send(messages());
        const req = await arrived;
        if (begun) await c.until((x) => x.bytes.includes('message_start'));
        const from = performance.now();
        c[how]();
        await req.closed;
        assert.ok(performance.now() - from < 1000, `upstream closed ${performance.now() - from} ms after the client`);
      }
    }
    const c = await RawClient.connect(r.port);
    c.send(messages());
    assert.equal((await c.response()).status, 200, 'and the next request is served');
    c.close();
  });

  it('cut by the upstream are cut for the client in the same place', async () => {
    for (const bytes of [messages(), chat()]) {
      for (const how of ['close', 'reset']) {
        for (const n of [0, 1, 57, 300]) {
          let sent;
          r.upstream.next((req, res, reply) => { sent = reply(); return faults.truncate(n, how)(req, res, () => sent); });
          const c = await RawClient.connect(r.port);
          c.send(bytes);
          const got = await c.response();
          assert.equal(got.status, 200);
          assert.equal(got.complete, false, `${how} after ${n} bytes must not look complete`);
          assert.ok(got.body.equals(replySize(sent).subarray(0, n)), `${how} after ${n}: got ${got.body.length} bytes`);
          c.close();
        }
      }
    }
  });

  it('of a JSON answer that is cut do not look complete', async () => {
    for (const how of ['close', 'reset']) {
      r.upstream.next(faults.truncate(40, how));
      const c = await RawClient.connect(r.port);
      c.send(messages(Buffer.from('{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}')));
      const got = await c.response();
      assert.equal(got.status, 200);
      assert.equal(got.body.length, 40);
      assert.equal(got.complete, false);
      c.close();
    }
  });

  it('with chunk framing that is broken do not look complete', async () => {
    for (const bad of ['zz\r\nhello\r\n0\r\n\r\n', '5\r\nhelloXX0\r\n\r\n', 'ffffffffffffffffff\r\nx', '-5\r\nhello\r\n']) {
      r.upstream.next(faults.rawThenClose(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n${bad}`));
      const c = await RawClient.connect(r.port);
      c.send(messages());
      const got = await c.response();
      assert.ok(got === null || got.status === 502 || got.complete === false, JSON.stringify(bad));
      c.close();
    }
  });

  it('run beside each other: 100 at once, each whole', async () => {
    r.upstream.always = (req, res, reply) => faults.dribble(97, 1)(req, res, reply);
    const one = async (i) => {
      const c = await RawClient.connect(r.port);
      c.send(i % 2 ? messages() : chat());
      const got = await c.response({ ms: 30_000 });
      c.close();
      return got.complete && got.body.includes(i % 2 ? 'message_stop' : '[DONE]');
    };
    const all = await Promise.all(Array.from({ length: 100 }, (_, i) => one(i)));
    assert.equal(all.filter(Boolean).length, 100);
  });

  it('carry an error event of the provider through', async () => {
    const events = 'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":1,"output_tokens":1}}}\n\nevent: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
    r.upstream.next((_, res) => { res.start(200, [['content-type', 'text/event-stream']]); res.write(events); res.end(); });
    const c = await RawClient.connect(r.port);
    c.send(messages());
    assert.equal((await c.response()).body.toString(), events);
    c.close();
  });
});
