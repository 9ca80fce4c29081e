// @modes all
// What of a head crosses the proxy, and what does not.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { ANTHROPIC, OPENAI, RawClient, request, requestBytes } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { faults } from './lib/upstream.mjs';

const BODY = '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
const HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'proxy-authenticate', 'proxy-authorization', 'expect'];

describe('headers', () => {
  let r;
  before(async () => { r = await rig(); });
  after(() => r.stop());
  beforeEach(() => r.reset());

  it('of a request cross unchanged: values, spelling, order, repetition; the host is the upstream', async () => {
    const headers = [['X-Api-Key', 'sk-ant-api03-k'], ['anthropic-version', '2023-06-01'], ['Anthropic-Beta', 'a-1,b-2'], ['anthropic-beta', 'c-3'], ['Content-Type', 'application/json'],
      ['X-Stainless-Lang', 'js'], ['User-Agent', 'thing/1.0 (x; y)'], ['Accept', '*/*'], ['accept-language', '*'], ['Cookie', 'a=b; c=d'], ['X-Claude-Code-Session-Id', 'f00'], ['x-latin', 'caf\xe9'], ['X-Empty', ''], ['X-Long', 'v'.repeat(6000)]];
    for (const path of ['/v1/messages?beta=true', '/v1/messages/count_tokens']) {
      const got = await request(r.port, { path, headers, body: BODY });
      assert.equal(got.status, 200);
      const sent = r.upstream.last;
      assert.equal(sent.target, path);
      assert.equal(sent.get('host'), r.upstream.host);
      const rest = sent.headers.filter(([n]) => !['host', 'content-length', 'connection'].includes(n.toLowerCase()));
      assert.deepEqual(rest.map(([n, v]) => [n.toLowerCase(), v]), headers.map(([n, v]) => [n.toLowerCase(), v]));
      assert.equal(sent.get('content-length'), String(BODY.length));
    }
  });

  it('that the client did not send are not added', async () => {
    for (const spec of [{ path: '/v1/messages', headers: [['x-api-key', 'k'], ['anthropic-version', '1']], body: BODY }, { method: 'GET', path: '/v1/models', headers: [['authorization', 'Bearer sk-x']] }, { path: '/v1/files', headers: [['authorization', 'Bearer sk-x']], body: 'x'.repeat(2_000_000) }]) {
      await request(r.port, spec);
      const allowed = ['host', 'content-length', 'connection', ...spec.headers.map(([n]) => n)];
      assert.deepEqual(r.upstream.last.names().filter((n) => !allowed.includes(n)), []);
      assert.equal(new Set(r.upstream.last.names()).size, r.upstream.last.names().length);
      if (!spec.body) assert.equal(r.upstream.last.get('content-length'), undefined);
    }
  });

  it('of ours and those of one hop stay here', async () => {
    const c = await RawClient.connect(r.port);
    for (const path of ['/v1/messages', '/v1/files']) {
      c.send(requestBytes({
        path, body: BODY,
        headers: [...ANTHROPIC, ['x-headroom-bypass', 'true'], ['X-Headroom-Profile', 'off'], ['X-HEADROOM-Anything', '1'], ['x-headroom-base-url', 'http://evil.test'], ['Connection', 'keep-alive, X-Private, close-not'], ['X-Private', 'p'], ['Keep-Alive', 'timeout=5'],
          ['TE', 'trailers'], ['Trailer', 'x'], ['Proxy-Connection', 'keep-alive'], ['Proxy-Authorization', 'Basic aGk='], ['Proxy-Authenticate', 'Basic']],
      }));
      assert.equal((await c.response()).status, 200);
      const names = r.upstream.last.names();
      assert.deepEqual(names.filter((n) => n.startsWith('x-headroom') || n === 'x-private' || (HOP.includes(n) && n !== 'connection')), [], path);
      assert.ok(!/x-private|close-not/i.test(r.upstream.last.get('connection') ?? ''));
      assert.ok(!r.upstream.last.head.toString().toLowerCase().includes('headroom'));
    }
    c.close();
  });

  it('of a forwarding hop before us pass as the client sent them', async () => {
    await request(r.port, { path: '/v1/messages', headers: [...ANTHROPIC, ['X-Forwarded-For', '1.2.3.4'], ['Forwarded', 'for=1.2.3.4'], ['Via', '1.1 a']], body: BODY });
    assert.equal(r.upstream.last.get('x-forwarded-for'), '1.2.3.4');
    assert.equal(r.upstream.last.get('via'), '1.1 a');
  });

  it('of a response cross unchanged but for the hop; ours are marked as ours', async () => {
    const headers = [['Content-Type', 'application/json'], ['request-id', 'req_1'], ['Retry-After', '3'], ['Set-Cookie', 'a=1'], ['set-cookie', 'b=2'], ['Date', 'Tue, 01 Jan 2030 00:00:00 GMT'], ['Server', 'cloudflare'], ['Anthropic-Ratelimit-Tokens-Remaining', '5'], ['x-latin', 'caf\xe9'], ['X-Big', 'v'.repeat(5000)]];
    const hop = [['Connection', 'X-Hop, keep-alive'], ['X-Hop', '1'], ['Keep-Alive', 'timeout=9'], ['Proxy-Authenticate', 'Basic']];
    r.upstream.next((_, res) => res.send(200, [...headers, ...hop], '{}'));
    const got = await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY });
    const rest = got.headers.filter(([n]) => !/^(content-length|connection|x-headroom-.*)$/i.test(n));
    assert.deepEqual(rest.map(([n, v]) => [n.toLowerCase(), v]), headers.map(([n, v]) => [n.toLowerCase(), v]));
  });

  it('of an upstream that tries to speak as us do not pass for ours', async () => {
    r.upstream.next((_, res) => res.send(200, [['x-headroom-tokens-saved', '999999']], '{}'));
    const got = await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY });
    assert.notEqual(got.get('x-headroom-tokens-saved'), '999999');
  });

  it('leave the connection to the upstream open for the next request', async () => {
    if (r.mode === 'flaky') return;
    const c = await RawClient.connect(r.port);
    const before = r.upstream.requests.length;
    for (let i = 0; i < 20; i++) {
      c.send(requestBytes({ path: '/v1/chat/completions', headers: OPENAI, body: '{"model":"m","messages":[{"role":"user","content":"a"}]}' }));
      assert.equal((await c.response()).status, 200);
    }
    c.close();
    const used = new Set(r.upstream.requests.slice(before).map((q) => q.connection));	// not those of background probes
    assert.equal(used.size, 1);
  });

  it('that say close end the upstream connection after the answer', async () => {
    r.upstream.next((_, res) => { res.raw('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'); res.socket.end(); res.done(); });
    for (let i = 0; i < 2; i++) assert.equal((await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY })).status, 200);
    r.upstream.next(faults.rawThenClose('HTTP/1.0 200 OK\r\n\r\nold'));
    assert.equal((await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY })).body.toString(), 'old');
    assert.equal((await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY })).status, 200);
  });
});
