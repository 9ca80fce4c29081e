// @modes all
// P1 and P8: bodies reach the upstream and the client as they were, byte for byte.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import zlib from 'node:zlib';

import { plainBodies } from './lib/bodies.mjs';
import { jsonTable } from './lib/data.mjs';
import { Random } from './lib/random.mjs';
import { ANTHROPIC, OPENAI, RawClient, chunkedBytes, parseResponse, request, requestBytes } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { faults } from './lib/upstream.mjs';

const sha = (b) => crypto.createHash('sha256').update(b).digest('hex');
const ok = (req, res) => res.send(200, [['content-type', 'application/json']], JSON.stringify({ sha256: req.sha256, bytes: req.length }));

describe('request bodies', () => {
  let r;
  before(async () => { r = await rig(); });
  after(() => r.stop());
  beforeEach(async () => { await r.reset(); r.upstream.always = ok; });

  for (const [path, headers] of [['/v1/messages?beta=true', ANTHROPIC], ['/v1/chat/completions', OPENAI]]) {
    it(`arrive with the same SHA-256 on ${path}: 200 bodies`, async () => {
      const c = await RawClient.connect(r.port);
      for (const [i, { name, body }] of plainBodies().entries()) {
        const chunked = i % 3 === 1;
        const framing = chunked ? [['Transfer-Encoding', 'chunked']] : [];
        const head = requestBytes({ path, headers: [...headers, ...framing, ...(chunked ? [] : [['Content-Length', body.length]])] });
        await c.sendDrained(Buffer.concat([head, chunked ? chunkedBytes(body, [1, 10, 4096, 65_536]) : body]));
        const got = await c.response({ ms: 20_000 });
        assert.equal(got?.status, 200, `${name}: ${got?.status} ${got?.body}`);
        const { sha256, bytes } = JSON.parse(got.body);
        assert.equal(bytes, body.length, name);
        assert.equal(sha256, sha(body), name);
      }
      c.close();
      assert.equal(r.upstream.requests.length, 200);
    });
  }

  it('pass on every other path, with any method and the query as it was', async () => {
    const targets = ['/v1/messages/count_tokens?beta=true&x=%2F%20a+b', '/v1/embeddings', '/v1/responses?include[]=a&&', '/v1/files?purpose=a&purpose=b', '/v1/messages/batches/msgbatch_1/results', '/v1/unknown/thing?', '/v1/models/ft:gpt-4o%2Fx?limit=1#'.slice(0, -1), '/v1/a//b/./c/%2e%2e/d'];
    for (const path of targets) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        if (method === 'GET' || method === 'DELETE') {
          const got = await request(r.port, { method, path, headers: OPENAI });
          assert.equal(got.status, 200, `${method} ${path}`);
          assert.equal(r.upstream.last.length, 0);
        } else {
          const body = crypto.randomBytes(1000);
          const got = await request(r.port, { method, path, headers: OPENAI, body });
          assert.equal(got.status, 200, `${method} ${path}`);
          assert.equal(r.upstream.last.sha256, sha(body));
        }
        assert.equal(r.upstream.last.target, path);
        assert.equal(r.upstream.last.method, method);
      }
    }
  });

  it('may be encoded: relayed as they came when nothing is changed', async () => {
    const plain = Buffer.from('{"model":"claude-sonnet-4-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}');
    for (const [encoding, bytes] of [['gzip', zlib.gzipSync(plain)], ['deflate', zlib.deflateSync(plain)], ['br', zlib.brotliCompressSync(plain)], ['gzip', Buffer.from('not gzip at all')], ['identity', plain], ['unheard-of', plain]]) {
      const got = await request(r.port, { path: '/v1/messages', headers: [...ANTHROPIC, ['Content-Encoding', encoding]], body: bytes });
      assert.equal(got.status, 200, encoding);
      assert.equal(r.upstream.last.sha256, sha(bytes), encoding);
      assert.equal(r.upstream.last.get('content-encoding'), encoding);
    }
  });

  it('keep a length when they had one, and stay chunked when they were', async () => {
    for (const path of ['/v1/files', '/v1/messages']) {
      const headers = path === '/v1/files' ? OPENAI : ANTHROPIC;
      await request(r.port, { path, headers, body: 'x'.repeat(5000) });
      assert.equal(r.upstream.last.get('content-length'), '5000');
      assert.equal(r.upstream.last.get('transfer-encoding'), undefined);
    }
    const c = await RawClient.connect(r.port);
    c.send(Buffer.concat([requestBytes({ path: '/v1/files', headers: [...OPENAI, ['Transfer-Encoding', 'chunked']] }), chunkedBytes(Buffer.from('y'.repeat(5000)), [7])]));
    assert.equal((await c.response()).status, 200);
    c.close();
    assert.equal(r.upstream.last.sha256, sha('y'.repeat(5000)));
    assert.equal(r.upstream.last.get('content-length'), undefined);
  });

  it('with something to compress, keep every byte outside the replaced strings', async () => {
    // The strict comparison is in compression.test.mjs; here: nothing but the lossless path runs at all.
    const text = jsonTable(new Random(3), 60);
    const body = Buffer.from(`{"messages": [{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},\n {"role":"tool", "tool_call_id":"c1","content":${JSON.stringify(text)}}],"model":"gpt-4o", "seed":1.0}`);
    await request(r.port, { path: '/v1/chat/completions', headers: OPENAI, body });
    const sent = r.upstream.last.body.toString();
    const [a, b] = body.toString().split(JSON.stringify(text));
    assert.ok(sent.startsWith(a) && sent.endsWith(b));
    assert.ok(r.upstream.last.length < body.length, 'a table of 60 rows got smaller');
    assert.equal(r.upstream.last.get('content-length'), String(Buffer.byteLength(sent)));
  });
});

describe('response bodies', () => {
  let r;
  before(async () => { r = await rig(); });
  after(() => r.stop());
  beforeEach(() => r.reset());
  const post = (more = {}) => request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"}]}', ...more });

  it('arrive as they were, with a length or chunked', async () => {
    const random = new Random(11);
    for (const size of [0, 1, 100, 16_384, 70_000, 1_500_000]) {
      const body = random.bytes(size);
      r.upstream.next((_, res) => res.send(200, [['content-type', 'application/octet-stream']], body));
      const whole = await post();
      assert.equal(sha(whole.body), sha(body));
      assert.equal(whole.get('content-length'), String(size));
      r.upstream.next(async (_, res) => {
        res.start(200, []);
        for (let at = 0; at < size; at += 9973) await res.writeDrained(body.subarray(at, at + 9973));
        res.end();
      });
      const chunked = await post();
      assert.equal(sha(chunked.body), sha(body));
      assert.ok(chunked.complete);
    }
  });

  it('delimited by the end of the connection arrive whole', async () => {
    const body = 'until the end '.repeat(9000);
    r.upstream.next(faults.rawThenClose(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n${body}`));
    const got = await post();
    assert.equal(got.status, 200);
    assert.equal(got.body.toString(), body);
    assert.ok(got.complete);
  });

  it('stay encoded, are not decoded for the client', async () => {
    const body = zlib.gzipSync(JSON.stringify({ type: 'message', usage: { input_tokens: 5, output_tokens: 6 } }));
    r.upstream.next((_, res) => res.send(200, [['content-type', 'application/json'], ['content-encoding', 'gzip']], body));
    const got = await post({ headers: [...ANTHROPIC, ['accept-encoding', 'gzip, br']] });
    assert.equal(r.upstream.last.get('accept-encoding'), 'gzip, br');
    assert.equal(got.get('content-encoding'), 'gzip');
    assert.deepEqual(got.body, body);
  });

  it('without a body keep the connection in step', async () => {
    const c = await RawClient.connect(r.port);
    for (const [method, status] of [['HEAD', 200], ['GET', 204], ['GET', 304], ['HEAD', 404], ['GET', 200]]) {
      const headers = status === 204 ? [] : [['content-length', status === 200 && method === 'GET' ? '2' : '1234']];
      r.upstream.next((_, res) => { res.head(status, [['etag', '"x"'], ...headers]); if (method === 'GET' && status === 200) res.raw('ok'); res.done(); });
      c.send(requestBytes({ method, path: '/v1/models', headers: OPENAI }));
      const got = await c.response({ method });
      assert.equal(got.status, status);
      assert.equal(got.get('etag'), '"x"');
      if (method === 'HEAD') assert.equal(got.get('content-length'), '1234');
      assert.equal(c.bytes.length, 0);
    }
    c.close();
  });

  it('keep informational answers away and trailers out of step with nothing', async () => {
    r.upstream.next(faults.raw('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\nx-trailer: 1\r\n\r\n'));
    const c = await RawClient.connect(r.port);
    const bytes = requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: '{"model":"m","messages":[]}' });
    c.send(bytes);
    const got = await c.response({ keep1xx: true });
    assert.equal(got.status, 200);
    assert.equal(got.body.toString(), 'hello');
    c.send(bytes);
    assert.equal((await c.response()).status, 400, 'the next exchange is in step (max_tokens is missing)');
    c.close();
  });

  it('tunnels an upgrade on a provider path', async () => {
    for (let round = 0; round < 3; round++) {
      const c = await RawClient.connect(r.port);
      c.send(requestBytes({ method: 'GET', path: '/v1/responses?x=1', headers: [['Authorization', 'Bearer sk-test'], ['Upgrade', 'websocket'], ['Connection', 'Upgrade'], ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='], ['Sec-WebSocket-Protocol', 'a, b']] }));
      const got = await c.response();
      assert.equal(got.status, 101);
      assert.equal(got.get('upgrade'), 'websocket');
      assert.equal(r.upstream.last.get('upgrade'), 'websocket');
      assert.equal(r.upstream.last.get('sec-websocket-protocol'), 'a, b');
      const bytes = crypto.randomBytes(300_000);
      c.send(bytes);
      assert.ok(await c.until((x) => x.bytes.length >= bytes.length));
      assert.equal(sha(c.bytes), sha(bytes));
      const { closed } = r.upstream.last;
      c.close();
      await closed;
    }
    r.upstream.next((_, res) => res.send(426, [['content-type', 'application/json']], '{"error":{}}'));
    const c = await RawClient.connect(r.port);
    c.send(requestBytes({ method: 'GET', path: '/v1/responses', headers: [['Authorization', 'Bearer sk-test'], ['Upgrade', 'websocket'], ['Connection', 'Upgrade']] }));
    assert.equal((await c.response()).status, 426, 'a refused upgrade is an ordinary answer');
    c.close();
  });

  it('of an early refusal reach a client that is still uploading', async () => {
    r.upstream.nextHead((_, res) => { res.raw('HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig'); });
    const c = await RawClient.connect(r.port);
    c.send(requestBytes({ path: '/v1/files', headers: [...OPENAI, ['Content-Length', '50000000']] }));
    c.send(Buffer.alloc(100_000, 'x'));
    const got = await c.response();
    assert.equal(got.status, 413);
    assert.equal(got.body.toString(), 'big');
    c.close();
  });

  it('with a status line and headers of odd but valid spelling', async () => {
    r.upstream.next(faults.raw('HTTP/1.1 299 \r\nX-Empty:\r\nX-UPPER:  padded \t\r\nx-latin: caf\xe9\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nok'));
    const got = await post();
    assert.equal(got.status, 299);
    assert.deepEqual(got.headers.filter(([n]) => /^set-cookie$/i.test(n)).map(([, v]) => v), ['a=1', 'b=2']);
    assert.equal(got.get('x-upper'), 'padded');
    assert.equal(got.get('x-empty') ?? '', '');
    assert.ok(parseResponse(Buffer.concat([got.head, got.body]), {}).complete);
  });
});
