// @modes all
// The upstream's errors are the client's, verbatim; ours have the provider's shape.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import * as anthropic from './lib/anthropic.mjs';
import * as openai from './lib/openai.mjs';
import { ANTHROPIC, OPENAI, RawClient, request, requestBytes } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { deliver, faults } from './lib/upstream.mjs';

const BODY = '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
const STREAM = BODY.replace('"max', '"stream":true,"max');
const KINDS = { anthropic: ['/v1/messages', ANTHROPIC, anthropic.errorReply], openai: ['/v1/chat/completions', OPENAI, openai.errorReply] };

describe('errors of the upstream', () => {
  let r;
  before(async () => { r = await rig(); });
  after(() => r.stop());
  beforeEach(() => r.reset());

  for (const [kind, [path, headers, make]] of Object.entries(KINDS)) {
    it(`reach the client verbatim: ${kind}, streaming or not`, async () => {
      const c = await RawClient.connect(r.port);
      for (const status of [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529, 599]) {
        for (const body of [BODY, STREAM]) {
          const reply = make(status, `the provider says ${status} "é"`, [['retry-after', '17'], ['x-should-retry', 'false']]);
          r.upstream.next((req, res) => deliver(res, reply, req));
          const from = r.upstream.requests.length;
          c.send(requestBytes({ path, headers, body }));
          const got = await c.response();
          assert.equal(got.status, status);
          assert.ok(got.body.equals(reply.body));
          for (const [n, v] of reply.headers) assert.equal(got.get(n.toLowerCase()), String(v), n);
          assert.equal(r.upstream.requests.length, from + 1, 'asked once');
        }
      }
      c.close();
    });
  }

  it('that are no JSON at all reach it too', async () => {
    for (const [status, type, body] of [[502, 'text/html', '<html>Bad gateway</html>'], [503, 'text/plain', ''], [200, 'text/html', '<p>captive portal'], [429, 'application/json', '{"error":'], [418, 'application/octet-stream', '\x00\xff']]) {
      r.upstream.next((_, res) => res.send(status, [['content-type', type]], body));
      const got = await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: STREAM });
      assert.equal(got.status, status);
      assert.equal(got.body.toString(), body);
      assert.equal(got.get('content-type'), type);
    }
  });

  it('about a broken request are the upstream\'s to give', async () => {
    const c = await RawClient.connect(r.port);
    for (const [path, headers] of [['/v1/messages', ANTHROPIC], ['/v1/chat/completions', OPENAI]]) {
      for (const body of ['{"model"', '[]', '{"messages":"x"}', '']) {
        c.send(requestBytes({ path, headers, body }));
        assert.equal((await c.response()).status, 400);
        assert.equal(r.upstream.last.body.toString(), body);
      }
    }
    c.close();
  });

  it('when it answers nothing: 502 in the provider\'s shape, asked once', async () => {
    for (const [kind, [path, headers]] of Object.entries(KINDS)) {
      for (const fault of [faults.close(), faults.reset(), faults.rawThenClose('garbage\r\n\r\n'), faults.rawThenClose('HTTP/1.1 200 OK\r\ncontent-le'), faults.rawThenClose(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(3_000_000)}\r\n\r\n`), faults.rawThenClose('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello')]) {
        await r.reset();
        r.upstream.next(fault);
        const got = await request(r.port, { path, headers, body: BODY });
        assert.equal(got?.status, 502, kind);
        const body = JSON.parse(got.body);
        assert.equal(typeof body.error.message, 'string');
        assert.equal(typeof body.error.type, 'string');
        if (kind === 'anthropic') assert.equal(body.type, 'error');
        assert.equal(r.upstream.requests.length, 1, 'what was sent in full is never sent again');
      }
    }
  });

  it('leave the next request unharmed', async () => {
    const c = await RawClient.connect(r.port);
    for (const fault of [faults.close(), faults.status('anthropic', 529, 'x'), faults.reset(), faults.status('anthropic', 400, 'y')]) {
      r.upstream.next(fault);
      c.send(requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: BODY }));
      await c.response();
      if (c.ended) return;
      c.send(requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: BODY }));
      assert.equal((await c.response()).status, 200);
    }
    c.close();
  });
});
