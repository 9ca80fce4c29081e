// HTTP/1.1 towards clients, by raw socket: what a strict server takes and what it
// refuses.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { ANTHROPIC, OPENAI, RawClient, chunkedBytes, requestBytes, wait } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { deliver } from './lib/upstream.mjs';

const BODY = '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
const lines = (...l) => Buffer.from(l.join('\r\n') + '\r\n\r\n', 'latin1');
const AUTH = 'x-api-key: sk-ant-k';
const HIDDEN = 'GET /v1/models HTTP/1.1\r\nHost: x\r\nx-api-key: hidden\r\n\r\n';
const post = (...headers) => lines('POST /v1/messages HTTP/1.1', 'Host: localhost', AUTH, ...headers);
const with_ = (head, body) => Buffer.concat([head, Buffer.from(body, 'latin1')]);
const chunked = (body) => with_(post('Transfer-Encoding: chunked'), body);

// Requests that two parsers could read differently. Each is refused, and what
// hides behind it never becomes a request.
const SMUGGLING = {
  'length and chunked': with_(post('Content-Length: 5', 'Transfer-Encoding: chunked'), `0\r\n\r\n${HIDDEN}`),
  'chunked and length': with_(post('Transfer-Encoding: chunked', 'Content-Length: 5'), `0\r\n\r\n${HIDDEN}`),
  'two lengths that differ': with_(post('Content-Length: 0', 'Content-Length: 60'), HIDDEN),
  'two lengths in a list': with_(post('Content-Length: 0, 60'), HIDDEN),
  'a length with a sign': with_(post('Content-Length: +3'), `abc${HIDDEN}`),
  'a negative length': with_(post('Content-Length: -1'), HIDDEN),
  'a hexadecimal length': with_(post('Content-Length: 0x3'), `abc${HIDDEN}`),
  'a length with letters': with_(post('Content-Length: 3a'), `abc${HIDDEN}`),
  'an empty length': with_(post('Content-Length: '), HIDDEN),
  'a length beyond 64 bits': with_(post('Content-Length: 18446744073709551619'), `abc${HIDDEN}`),
  'a length with a fraction': with_(post('Content-Length: 3.0'), `abc${HIDDEN}`),
  'a length with a space inside': with_(post('Content-Length: 1 0'), HIDDEN),
  'chunked twice': with_(post('Transfer-Encoding: chunked, chunked'), `0\r\n\r\n${HIDDEN}`),
  'chunked in two headers': with_(post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), `0\r\n\r\n${HIDDEN}`),
  'chunked not last': with_(post('Transfer-Encoding: chunked, identity'), `0\r\n\r\n${HIDDEN}`),
  'an encoding that sounds like chunked': with_(post('Transfer-Encoding: xchunked'), `0\r\n\r\n${HIDDEN}`),
  'an encoding in quotes': with_(post('Transfer-Encoding: "chunked"'), `0\r\n\r\n${HIDDEN}`),
  'identity as transfer encoding': with_(post('Transfer-Encoding: identity', 'Content-Length: 0'), HIDDEN),
  'an empty transfer encoding': with_(post('Transfer-Encoding: '), HIDDEN),
  'a vertical tab before chunked': with_(post('Transfer-Encoding: \x0bchunked'), `0\r\n\r\n${HIDDEN}`),
  'a space before the colon': with_(post('Transfer-Encoding : chunked'), `0\r\n\r\n${HIDDEN}`),
  'a space before the first name': with_(lines('POST /v1/messages HTTP/1.1', ' Host: localhost', AUTH), HIDDEN),
  'a folded line': with_(post('X-A: b', ' Transfer-Encoding: chunked'), HIDDEN),
  'a tab-folded encoding': with_(post('Transfer-Encoding:', '\tchunked'), `0\r\n\r\n${HIDDEN}`),
  'chunked in HTTP/1.0': with_(lines('POST /v1/messages HTTP/1.0', 'Host: localhost', AUTH, 'Transfer-Encoding: chunked'), `0\r\n\r\n${HIDDEN}`),
  'bare line feeds': Buffer.from(`POST /v1/messages HTTP/1.1\nHost: localhost\n${AUTH}\nContent-Length: 0\n\n${HIDDEN}`),
  'one bare line feed': Buffer.from(`POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nX: y\nTransfer-Encoding: chunked\r\n${AUTH}\r\n\r\n0\r\n\r\n${HIDDEN}`),
  'a bare carriage return in a value': with_(post('X-A: b\rTransfer-Encoding: chunked'), HIDDEN),
  'a NUL in a value': with_(post('X-A: b\0c', 'Content-Length: 0'), HIDDEN),
  'a control character in a value': with_(post('X-A: b\x01c', 'Content-Length: 0'), HIDDEN),
  'a line without colon': with_(post('Transfer-Encoding chunked'), HIDDEN),
  'an empty name': with_(post(': value'), HIDDEN),
  'a name with a space': with_(post('Content Length: 5'), HIDDEN),
  'a name with a bracket': with_(post('X(a): 5'), HIDDEN),
  'a name with a NUL': with_(post('Content\0-Length: 5'), HIDDEN),
  'a negative chunk': chunked(`-1\r\na\r\n0\r\n\r\n${HIDDEN}`),
  'a chunk with 0x': chunked(`0x1\r\na\r\n0\r\n\r\n${HIDDEN}`),
  'a chunk beyond 64 bits': chunked(`10000000000000001\r\na\r\n0\r\n\r\n${HIDDEN}`),
  'a chunk without size': chunked(`\r\na\r\n0\r\n\r\n${HIDDEN}`),
  'a chunk size ended by a line feed': chunked(`1\na\r\n0\r\n\r\n${HIDDEN}`),
  'chunk data ended by a line feed': chunked(`1\r\na\n0\r\n\r\n${HIDDEN}`),
  'chunk data longer than its size': chunked(`1\r\nab\r\n0\r\n\r\n${HIDDEN}`),
  'a chunk extension with a line feed': chunked(`1;a\nb\r\na\r\n0\r\n\r\n${HIDDEN}`),
  'a space before a chunk size': chunked(` 1\r\na\r\n0\r\n\r\n${HIDDEN}`),
  'a trailer line without colon': chunked(`0\r\nContent-Length\r\n\r\n${HIDDEN}`),
  'no host': with_(lines('POST /v1/messages HTTP/1.1', AUTH, 'Content-Length: 0'), HIDDEN),
  'two hosts': with_(post('Host: other', 'Content-Length: 0'), HIDDEN),
  'a host with a path': with_(lines('GET /v1/models HTTP/1.1', 'Host: a/b', AUTH), HIDDEN),
  'a host with a space': with_(lines('GET /v1/models HTTP/1.1', 'Host: a b', AUTH), HIDDEN),
  'two spaces after the method': with_(lines('GET  /v1/models HTTP/1.1', 'Host: a', AUTH), HIDDEN),
  'a tab after the method': with_(lines('GET\t/v1/models HTTP/1.1', 'Host: a', AUTH), HIDDEN),
  'a space in the target': with_(lines('GET /v1/mod els HTTP/1.1', 'Host: a', AUTH), HIDDEN),
  'a control character in the target': with_(lines('GET /v1/\x01 HTTP/1.1', 'Host: a', AUTH), HIDDEN),
  'a target that is no path': with_(lines('GET v1/models HTTP/1.1', 'Host: a', AUTH), HIDDEN),
  'a method that is no token': with_(lines('GE(T /v1/models HTTP/1.1', 'Host: a', AUTH), HIDDEN),
  'lower-case http': with_(lines('GET /v1/models http/1.1', 'Host: a', AUTH), HIDDEN),
  'no version': with_(lines('GET /v1/models', 'Host: a', AUTH), HIDDEN),
  'another version': with_(lines('GET /v1/models HTTP/3.0', 'Host: a', AUTH), HIDDEN),
  'the preface of HTTP/2': Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  'a tunnel asked by CONNECT': with_(lines('CONNECT example.com:443 HTTP/1.1', 'Host: example.com:443', AUTH), HIDDEN),
};
const OTHER_STATUS = { 'another version': [400, 505], 'the preface of HTTP/2': [400, 505], 'a tunnel asked by CONNECT': [400, 404, 405, 501], 'an encoding that sounds like chunked': [400, 501], 'identity as transfer encoding': [400, 501], 'an encoding in quotes': [400, 501] };

describe('HTTP/1.1', () => {
  let r;
  before(async () => { r = await rig(); });
  after(() => r.stop());
  beforeEach(() => r.reset());

  for (const [name, bytes] of Object.entries(SMUGGLING)) {
    it(`refuses ${name}`, async () => {
      const c = await RawClient.connect(r.port);
      c.send(bytes);
      const got = await c.response({ ms: 3000 });
      assert.ok((OTHER_STATUS[name] ?? [400]).includes(got?.status), `${got?.status} ${got?.body}`);
      assert.ok(await c.until((x) => x.ended, 3000), 'the connection ends');
      assert.equal(c.bytes.length, 0, 'one answer only');
      assert.deepEqual(r.upstream.requests.map((q) => q.target), [], 'nothing of it was a request upstream');
      assert.equal(r.upstream.requests.length, 0);
      c.close();
    });
  }

  it('serves many requests on one connection', async () => {
    const c = await RawClient.connect(r.port);
    for (let i = 0; i < 50; i++) {
      c.send(requestBytes({ path: `/v1/messages?i=${i}`, headers: ANTHROPIC, body: BODY }));
      assert.equal((await c.response()).status, 200);
      assert.equal(r.upstream.last.query, `i=${i}`);
    }
    c.close();
  });

  it('answers pipelined requests in order, whatever the upstream\'s order', async () => {
    const slow = async (req, res, reply) => { await wait(60); await deliver(res, reply(), req); };
    r.upstream.next(slow);
    const c = await RawClient.connect(r.port);
    const list = [['POST', '/v1/messages/count_tokens?n=0', ANTHROPIC, BODY], ['GET', '/v1/models/a', OPENAI], ['GET', '/livez', []], ['POST', '/v1/files?n=3', OPENAI, 'x'.repeat(30_000)], ['HEAD', '/', []], ['GET', '/nothing/here', []], ['GET', '/v1/models/z', OPENAI]];
    c.send(Buffer.concat(list.map(([method, path, headers, body]) => requestBytes({ method, path, headers, body }))));
    const got = [];
    for (const [method] of list) got.push(await c.response({ method }));
    assert.deepEqual(got.map((g) => g.status), [200, 200, 200, 200, 200, 404, 200]);
    assert.ok('input_tokens' in JSON.parse(got[0].body));
    assert.equal(JSON.parse(got[1].body).id, 'a');
    assert.equal(JSON.parse(got[3].body).target, '/v1/files?n=3');
    assert.equal(JSON.parse(got[6].body).id, 'z');
    c.close();
  });

  it('answers 200 pipelined requests sent as one write', async () => {
    const c = await RawClient.connect(r.port);
    c.send(Buffer.concat(Array.from({ length: 200 }, (_, i) => requestBytes({ method: 'GET', path: `/v1/models/m${i}`, headers: OPENAI }))));
    for (let i = 0; i < 200; i++) assert.equal(JSON.parse((await c.response()).body).id, `m${i}`);
    c.close();
  });

  it('takes a head and a body one byte at a time', async () => {
    const c = await RawClient.connect(r.port);
    for (const bytes of [requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: BODY }), Buffer.concat([requestBytes({ path: '/v1/files', headers: [...OPENAI, ['Transfer-Encoding', 'chunked']] }), chunkedBytes(Buffer.from('hello world'), [1, 3], 'X-Trailer: 1\r\n')])]) {
      for (const b of bytes) { c.send(Buffer.from([b])); await new Promise(setImmediate); }
      assert.equal((await c.response()).status, 200);
    }
    assert.equal(r.upstream.last.body.toString(), 'hello world');
    c.close();
  });

  it('takes chunks with extensions, upper-case sizes and leading zeros', async () => {
    const c = await RawClient.connect(r.port);
    c.send(Buffer.concat([requestBytes({ path: '/v1/files', headers: [...OPENAI, ['transfer-encoding', 'Chunked']] }), Buffer.from('000A;name="va;l"\r\n0123456789\r\nb\r\nabcdefghijk\r\n0\r\n\r\n')]));
    assert.equal((await c.response()).status, 200);
    assert.equal(r.upstream.last.body.toString(), '0123456789abcdefghijk');
    c.close();
  });

  it('answers Expect: 100-continue itself and never sends it on', async () => {
    for (const [path, headers] of [['/v1/messages', ANTHROPIC], ['/v1/files', OPENAI]]) {
      const c = await RawClient.connect(r.port);
      c.send(requestBytes({ path, headers: [...headers, ['Expect', '100-continue'], ['Content-Length', BODY.length]] }));
      const go = await c.response({ keep1xx: true, ms: 3000 });
      assert.equal(go.status, 100);
      c.send(BODY);
      assert.equal((await c.response()).status, 200);
      assert.equal(r.upstream.last.get('expect'), undefined);
      assert.equal(r.upstream.last.body.toString(), BODY);
      c.close();
    }
    const c = await RawClient.connect(r.port);
    c.send(requestBytes({ path: '/v1/messages', headers: [...ANTHROPIC, ['Expect', '200-ok']], body: BODY }));
    assert.ok([200, 417].includes((await c.response()).status));
    c.close();
  });

  it('closes when asked to, and for HTTP/1.0', async () => {
    for (const bytes of [requestBytes({ method: 'GET', path: '/livez', headers: [['Connection', 'close']] }), Buffer.from('GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n')]) {
      const c = await RawClient.connect(r.port);
      c.send(bytes);
      const got = await c.response();
      assert.equal(got.status, 200);
      assert.match(got.get('connection') ?? '', /close/i);
      assert.ok(await c.until((x) => x.ended, 2000));
    }
  });

  it('gives an HTTP/1.0 client a stream it can read', async () => {
    const c = await RawClient.connect(r.port);
    const body = BODY.replace('"max_tokens"', '"stream":true,"max_tokens"');
    c.send(Buffer.from(`POST /v1/messages HTTP/1.0\r\nHost: localhost\r\nx-api-key: k\r\nanthropic-version: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    const got = await c.response();
    assert.equal(got.status, 200);
    assert.equal(got.get('transfer-encoding'), undefined, 'HTTP/1.0 knows no chunks');
    assert.ok(got.body.includes('message_stop'));
    c.close();
  });

  it('keeps a client that half-closes nowhere: the request ends with it', async () => {
    r.upstream.next(() => {});
    const c = await RawClient.connect(r.port);
    const arrived = r.upstream.received(1, 'requests');
    c.send(requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: BODY }));
    const req = await arrived;
    c.socket.end();
    await req.closed;
    c.close();
  });

  it('takes an absolute target for this host as its path, or refuses it; never for another', async () => {
    const c = await RawClient.connect(r.port);
    c.send(`GET http://evil.test/v1/models HTTP/1.1\r\nHost: evil.test\r\n${AUTH}\r\n\r\n`);
    const got = await c.response();
    assert.ok(got.status === 400 || r.upstream.last?.get('host') === r.upstream.host, String(got.status));
    c.close();
  });

  it('skips blank lines before a request', async () => {
    const c = await RawClient.connect(r.port);
    c.send('\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.ok([200, 400].includes((await c.response()).status));
    c.close();
  });

  it('errors on provider routes have the provider\'s shape', async () => {
    const c = await RawClient.connect(r.port);
    c.send(with_(post('anthropic-version: 2023-06-01', 'Content-Length: 5', 'Transfer-Encoding: chunked'), ''));
    const got = await c.response();
    assert.equal(got.status, 400);
    assert.match(got.get('content-type'), /^application\/json/);
    const body = JSON.parse(got.body);
    assert.equal(typeof body.error.message, 'string');
    c.close();
  });
});

describe('limits on slow and large clients', () => {
  let r;
  before(async () => { r = await rig({ args: ['--header-timeout', '300ms', '--body-timeout', '300ms', '--keep-alive-timeout', '400ms', '--max-header-bytes', '8k', '--max-connections', '20', '--client-write-timeout', '500ms', '--linger-timeout', '200ms'] }); });
  after(() => r.stop());
  beforeEach(() => r.reset());

  const within = async (c, ms) => {
    const from = performance.now();
    assert.ok(await c.until((x) => x.ended, ms + 3000), 'the connection ends');
    const took = performance.now() - from;
    assert.ok(took < ms, `${took} ms`);
  };

  it('a head that does not come: 408', async () => {
    const c = await RawClient.connect(r.port);
    c.send('POST /v1/messages HTTP/1.1\r\nHost: loc');
    assert.equal((await c.response({ ms: 3000 })).status, 408);
    await within(c, 1500);
  });

  it('a head that trickles: 408, the time is for the whole head', async () => {
    const c = await RawClient.connect(r.port);
    const timer = setInterval(() => c.send('X'), 40);
    c.send('POST /v1/messages HTTP/1.1\r\nX-');
    const got = await c.response({ ms: 3000 });
    clearInterval(timer);
    assert.equal(got.status, 408);
    c.close();
  });

  it('a body that stops: 408, nothing complete upstream', async () => {
    for (const [path, headers] of [['/v1/messages', ANTHROPIC], ['/v1/files', OPENAI]]) {
      const c = await RawClient.connect(r.port);
      c.send(requestBytes({ path, headers: [...headers, ['Content-Length', '1000']] }));
      c.send('{"model":');
      assert.equal((await c.response({ ms: 3000 })).status, 408, path);
      await within(c, 1500);
      assert.equal(r.upstream.requests.length, 0);
    }
  });

  it('a connection that says nothing is closed without an answer', async () => {
    const c = await RawClient.connect(r.port);
    await within(c, 2000);
    assert.equal(c.bytes.length, 0);
    const d = await RawClient.connect(r.port);
    d.send(requestBytes({ method: 'GET', path: '/livez' }));
    assert.equal((await d.response()).status, 200);
    await within(d, 2000);
    assert.equal(d.bytes.length, 0);
  });

  it('a client that never reads is given up, and the upstream with it', async () => {
    r.upstream.next(async (_, res) => {
      res.start(200, []);
      while (!res.socket.destroyed) await res.writeDrained(Buffer.alloc(65_536));
    });
    const arrived = r.upstream.received(1, 'requests');
    const c = await RawClient.connect(r.port);
    c.socket.pause();
    c.send(requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: BODY }));
    const req = await arrived;
    const from = performance.now();
    await req.closed;
    assert.ok(performance.now() - from < 5000);
    c.close();
  });

  it('a head over the limit: 431; headers in great number: 431', async () => {
    const big = [['X-Big', 'v'.repeat(9000)]];
    const many = Array.from({ length: 1000 }, (_, i) => [`X-${i}`, '1']);
    for (const headers of [big, many]) {
      const c = await RawClient.connect(r.port);
      c.send(requestBytes({ path: '/v1/messages', headers: [...ANTHROPIC, ...headers], body: BODY }));
      assert.equal((await c.response()).status, 431);
      assert.ok(await c.until((x) => x.ended, 2000));
      assert.equal(r.upstream.requests.length, 0);
    }
    const c = await RawClient.connect(r.port);
    c.send('GET /' + 'a'.repeat(20_000));
    assert.ok([414, 431].includes((await c.response()).status), 'a target without end');
    c.close();
  });

  it('too many connections: 503 and closed, the others are served', async () => {
    const open = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(r.port)));
    const one = await RawClient.connect(r.port);
    one.send(requestBytes({ method: 'GET', path: '/livez' }));
    const got = await one.response({ ms: 2000 });
    assert.ok(got === null || got.status === 503, String(got?.status));
    open[0].send(requestBytes({ method: 'GET', path: '/livez' }));
    assert.equal((await open[0].response()).status, 200);
    for (const c of [...open, one]) c.close();
    await wait(50);
    const later = await RawClient.connect(r.port);
    later.send(requestBytes({ method: 'GET', path: '/livez' }));
    assert.equal((await later.response()).status, 200);
    later.close();
  });
});
