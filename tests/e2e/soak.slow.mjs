// A long run of everything that clients and upstreams do, well or badly, mixed over
// kept connections: the right answers throughout, one log line per request, and at
// the end nothing is left behind. Under a sanitizer the stop at the end reports
// what leaked. Not in flaky mode: there a request can meet the end of its connection
// after it was sent, and is then rightly answered 502.
// @modes plain tls connect
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { afterEach, describe, it } from 'node:test';
import zlib from 'node:zlib';

import * as anthropic from './lib/anthropic.mjs';
import { Conversation } from './lib/clients.mjs';
import * as data from './lib/data.mjs';
import { cleanUp } from './lib/live.mjs';
import { Random } from './lib/random.mjs';
import { ANTHROPIC, OPENAI, RawClient, chunkedBytes, request, requestBytes, wait } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { SANITIZERS, SLOWNESS } from './lib/sanitizer.mjs';
import { deliver, faults, tunnel } from './lib/upstream.mjs';

const TOTAL = Number(process.env.E2E_SOAK_REQUESTS ?? 10_000);
const CONNECTIONS = 16;
const SAMPLES = 40;
const ROUNDS = 20;

const ask = (stream, text = 'hi') => JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 9, stream, messages: [{ role: 'user', content: text }] });
const chat = (stream, text = 'hi') => JSON.stringify({ model: 'gpt-4o', stream, messages: [{ role: 'user', content: text }] });
const ROUTES = { anthropic: ['/v1/messages', ANTHROPIC, ask], openai: ['/v1/chat/completions', OPENAI, chat] };

// What the upstream is to do with a request, said in a header that goes through.
const FAULTS = {
  truncate: (n) => faults.truncate(n, 'reset'), cut: (n) => faults.truncate(n, 'close'), close: faults.close, reset: faults.reset, dribble: (n) => faults.dribble(1 + n % 40),
  status: (n) => faults.status('anthropic', n, 'scripted'), malformed: () => faults.rawThenClose('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'),
  stall: faults.stall, nothing: () => faults.rawThenClose('HTTP/1.1 2'), length: () => faults.rawThenClose('HTTP/1.1 200 OK\r\n\r\nuntil the end'),
};

function script(upstream) {
  upstream.always = (req, res, reply) => {
    const [name, n] = (req.get('x-fault') ?? '').split(' ');
    if (name in FAULTS) return FAULTS[name](Number(n))(req, res, reply);
    return req.get('upgrade') ? tunnel(req, res) : deliver(res, reply(), req);
  };
  const { onHead } = upstream.server;
  upstream.server.onHead = (req, res) => {
    if (req.get('x-fault') !== 'early') return onHead(req, res);
    upstream.heads.push(req);
    deliver(res, anthropic.errorReply(413, 'too large'), req);
    return true;
  };
}

// One client: a connection that it keeps while it can, and a conversation.
class Worker {
  constructor(rig_, seed, tally) {
    this.rig = rig_;
    this.random = new Random(seed);
    this.tally = tally;
    this.talk = {};
  }

  async connection() {
    if (!this.client || this.client.ended || this.client.error) this.client = await RawClient.connect(this.rig.port);
    return this.client;
  }

  drop(how = 'close') {
    this.client?.[how]();
    this.client = null;
  }

  // Sends one request, again on a fresh connection when the kept one was just
  // closed, and expects exactly one log line for it.
  async exchange(spec, bytes = requestBytes(spec)) {
    const c = await this.connection();
    c.send(bytes);
    const got = await c.response({ method: spec.method ?? 'POST', ms: 20_000 });
    if (!got?.complete || /close/i.test(got.get('connection') ?? '')) this.drop();
    this.tally.expect(spec.path);
    return got;
  }

  conversation(provider) {
    const old = this.talk[provider];
    if (!old || old.turns > 12) this.talk[provider] = new Conversation(this.random.below(1e9), { provider, toolCount: 3 });
    return this.talk[provider].next();
  }

  fault(name, n = 0) { return [['X-Fault', `${name} ${n}`]]; }
}

const whole = (got, status = 200) => {
  assert.equal(got?.status, status, got ? `${got.status} ${got.body}` : 'no answer');
  assert.ok(got.complete, 'the answer was cut');
};

function finished(got, provider) {
  whole(got);
  if (!/event-stream/.test(got.get('content-type'))) { JSON.parse(got.body); return; }
  const text = got.body.toString();
  assert.ok(provider === 'anthropic' ? text.includes('event: message_stop') : text.trimEnd().endsWith('data: [DONE]'), 'the stream has its end');
}

// ---- What the workers do: [weight, (worker, random, provider) → Promise].

const plain = (stream) => async (w, r, provider) => {
  const [path, headers, make] = ROUTES[provider];
  finished(await w.exchange({ path, headers, body: make(stream, data.sentence(r, r.between(1, 400))) }), provider);
};

async function turn(w, r, provider) {
  const [path, headers] = ROUTES[provider];
  const q = w.conversation(provider);
  finished(await w.exchange({ path, headers: [...headers, ...q.headers], body: q.body }), provider);
}

async function bypassed(w, r, provider) {
  const [path, headers] = ROUTES[provider];
  finished(await w.exchange({ path, headers: [...headers, ['x-headroom-bypass', 'true']], body: w.conversation(provider).body }), provider);
}

async function chunked(w, r, provider) {
  const [path, headers] = ROUTES[provider];
  const spec = { path, headers: [...headers, ['Transfer-Encoding', 'chunked']] };
  const body = w.conversation(provider).body;
  finished(await w.exchange(spec, Buffer.concat([requestBytes(spec), chunkedBytes(body, [r.between(1, 5000), r.between(200, 9000)])])), provider);
}

// An upstream that reads no encodings answers 400 to what was not decoded.
async function encoded(w, r, provider) {
  const [path, headers] = ROUTES[provider];
  const [name, encode] = r.pick([['gzip', zlib.gzipSync], ['br', (b) => zlib.brotliCompressSync(b, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 2 } })], ['deflate', zlib.deflateSync]]);
  const got = await w.exchange({ path, headers: [...headers, ['Content-Encoding', name]], body: encode(w.conversation(provider).body) });
  assert.ok([200, 400].includes(got?.status), `${got?.status}`);
}

const ZSTD = execFileSync('zstd', ['-q', '-c'], { input: ask(false) });
async function badlyEncoded(w, r) {
  const body = r.pick([ZSTD, zlib.gzipSync(ask(true)).subarray(0, r.between(1, 60)), r.bytes(r.between(1, 500))]);
  const got = await w.exchange({ path: '/v1/messages', headers: [...ANTHROPIC, ['Content-Encoding', r.pick(['zstd', 'gzip', 'br', 'x-none'])]], body });
  assert.ok([200, 400].includes(got?.status), `${got?.status}`);
}

async function notJson(w, r, provider) {
  const [path, headers] = ROUTES[provider];
  const body = w.conversation(provider).body;
  whole(await w.exchange({ path, headers, body: body.subarray(0, r.between(1, body.length - 1)) }), 400);
}

async function upload(w, r) {
  const body = r.bytes(r.pick([0, 1, 5000, 70_000, 400_000]));
  const got = await w.exchange({ path: '/v1/files', headers: OPENAI, body });
  whole(got);
  assert.equal(JSON.parse(got.body).sha256, crypto.createHash('sha256').update(body).digest('hex'));
}

async function early(w, r) {
  const got = await w.exchange({ path: '/v1/files', headers: [...OPENAI, ['X-Fault', 'early']], body: r.bytes(r.between(1, 300_000)) });
  assert.equal(got?.status, 413);
}

const get = (path, headers, status = 200) => async (w) => whole(await w.exchange({ method: 'GET', path, headers }), status);

async function compress(w, r) {
  const messages = JSON.parse(w.conversation('openai').body).messages;
  const got = await w.exchange({ path: '/v1/compress', headers: [['content-type', 'application/json']], body: JSON.stringify({ model: 'gpt-4o', messages }) });
  whole(got);
  const { tokens_before: before, tokens_after: after, tokens_saved: saved } = JSON.parse(got.body);
  assert.equal(saved, before - after);
}

async function badCompress(w, r) {
  const body = r.pick(['', '{', '[]', '{"model":"x"}', '{"model":"x","messages":5}', '{"model":"x","messages":[],"config":{"profile":"nonesuch"}}']);
  whole(await w.exchange({ path: '/v1/compress', headers: [['content-type', 'application/json']], body }), 400);
}

const status = (code) => async (w, r, provider) => {
  const [path, headers, make] = ROUTES[provider];
  whole(await w.exchange({ path, headers: [...headers, ...w.fault('status', code)], body: make(r.chance(0.5)) }), code);
};

// The upstream breaks off somewhere: the client must see that.
const broken = (name) => async (w, r, provider) => {
  const [path, headers, make] = ROUTES[provider];
  const got = await w.exchange({ path, headers: [...headers, ...w.fault(name, r.below(150))], body: make(r.chance(0.5)) });
  assert.ok(!got?.complete || got.status === 502, 'a broken answer looked whole');
  w.drop();
};

const refusedAnswer = (name) => async (w, r, provider) => {
  const [path, headers, make] = ROUTES[provider];
  whole(await w.exchange({ path, headers: [...headers, ...w.fault(name)], body: make(r.chance(0.5)) }), 502);
};

const odd = (name) => async (w, r, provider) => {
  const [path, headers, make] = ROUTES[provider];
  const got = await w.exchange({ path, headers: [...headers, ...w.fault(name, r.below(100))], body: make(r.chance(0.5)) });
  whole(got);
  w.drop();
};

// The client leaves: somewhere in the request, or in the answer. Whether headroom
// got as far as a request is not known, so these have paths of their own.
async function leaveEarly(w, r) {
  w.drop();
  const c = await RawClient.connect(w.rig.port);
  const path = w.tally.uncertain(r.pick(['/v1/files', '/v1/messages/count_tokens']));
  const bytes = requestBytes({ path, headers: ANTHROPIC, body: r.bytes(r.pick([10, 3000, 200_000])) });
  c.send(bytes.subarray(0, r.between(1, bytes.length)));
  await wait(r.below(4));
  c[r.pick(['close', 'reset'])]();
  await c.closed;
}

// At whatever step the compression of the body is.
async function leaveWhileShrinking(w, r, provider) {
  w.drop();
  const [path, headers] = ROUTES[provider];
  const c = await RawClient.connect(w.rig.port);
  const q = w.conversation(provider);
  c.send(requestBytes({ path: `${path}?${w.tally.maybe(path)}`, headers, body: q.body }));
  await wait(r.below(12));
  c[r.pick(['close', 'reset'])]();
  await c.closed;
}

async function leaveInAnswer(w, r, provider) {
  w.drop();
  const [path, headers, make] = ROUTES[provider];
  const c = await RawClient.connect(w.rig.port);
  c.send(requestBytes({ path, headers: [...headers, ...w.fault('dribble', 1)], body: make(true) }));
  const n = r.between(1, 600);
  await c.until((x) => x.bytes.length >= n || x.ended);
  assert.ok(c.bytes.length > 0);
  w.tally.expect(path);
  c[r.pick(['close', 'reset'])]();
  await c.closed;
}

async function leaveStalled(w, r, provider) {
  w.drop();
  const [path, headers, make] = ROUTES[provider];
  const c = await RawClient.connect(w.rig.port);
  c.send(requestBytes({ path: `${path}?${w.tally.maybe(path)}`, headers: [...headers, ...w.fault('stall')], body: make(true) }));
  await wait(r.below(30));
  c[r.pick(['close', 'reset'])]();
  await c.closed;
}

async function tunnelled(w, r) {
  w.drop();
  const path = '/v1/responses';
  const c = await RawClient.connect(w.rig.port);
  c.send(requestBytes({ method: 'GET', path, headers: [...OPENAI, ['Upgrade', 'websocket'], ['Connection', 'upgrade']] }));
  assert.equal((await c.response()).status, 101);
  w.tally.expect(path);
  const bytes = r.bytes(r.pick([1, 1000, 100_000]));
  c.send(bytes);
  if (r.chance(0.8)) {
    assert.ok(await c.until((x) => x.bytes.length >= bytes.length));
    assert.ok(c.bytes.equals(bytes));
  }
  c[r.pick(['close', 'reset'])]();
  await c.closed;
}

async function pipelined(w) {
  w.drop();
  const c = await w.connection();
  const n = 3;
  c.send(Buffer.concat(Array.from({ length: n }, (_, i) => requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: ask(i % 2 === 0) }))));
  for (let i = 0; i < n; i++) {
    finished(await c.response(), 'anthropic');
    w.tally.expect('/v1/messages');
  }
}

// Heads that can not be read: their log lines have no path.
const BAD_HEADS = [
  'POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  'GET /v1/models\r\n\r\n', 'garbage\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 'GET / HTTP/3.0\r\nHost: a\r\n\r\n', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`,
];

async function badHead(w, r) {
  w.drop();
  const c = await RawClient.connect(w.rig.port);
  c.send(r.pick(BAD_HEADS));
  const got = await c.response();
  assert.ok([400, 431, 505].includes(got?.status), `${got?.status}`);
  w.tally.expect(undefined);
  c.close();
  await c.closed;
}

async function badChunks(w) {
  w.drop();
  const path = '/v1/messages';
  const spec = { path, headers: [...ANTHROPIC, ['Transfer-Encoding', 'chunked']] };
  assert.equal((await w.exchange(spec, Buffer.concat([requestBytes(spec), Buffer.from('5\r\nhello\r\nzz\r\n')])))?.status, 400);
  w.drop();
}

const MIX = [
  [10, plain(true)], [10, plain(false)], [16, turn], [4, bypassed], [5, chunked], [5, encoded], [3, badlyEncoded], [3, notJson], [5, upload], [1, early],
  [3, get('/v1/models', OPENAI)], [2, get('/livez', [])], [2, get('/health', [])], [1, get('/readyz', [])], [1, get('/nope', [], 404)], [1, get('/v1/compress', [], 405)],
  [4, compress], [2, badCompress], [2, status(429)], [2, status(529)], [1, status(500)], [1, status(401)],
  [3, broken('truncate')], [3, broken('cut')], [1, refusedAnswer('close')], [1, refusedAnswer('reset')], [1, refusedAnswer('malformed')], [1, refusedAnswer('nothing')], [2, odd('dribble')], [1, odd('length')],
  [4, leaveEarly], [4, leaveWhileShrinking], [4, leaveInAnswer], [2, leaveStalled], [2, tunnelled], [2, pipelined], [4, badHead], [1, badChunks],
];
const WEIGHTS = MIX.reduce((sum, [weight]) => sum + weight, 0);

function choose(r) {
  let n = r.below(WEIGHTS);
  return MIX.find(([weight]) => (n -= weight) < 0)[1];
}

// Which log lines there must be: of certain requests exactly one each; of those
// whose client left, at most one.
class Tally {
  constructor() {
    this.certain = new Map();
    this.left = new Map();
    this.unique = new Set();
    this.n = 0;
  }

  static add(map, key) { map.set(key, (map.get(key) ?? 0) + 1); }

  expect(path) { Tally.add(this.certain, path); }
  maybe(path) { Tally.add(this.left, path); return `left=${this.n++}`; }

  uncertain(base) {
    const path = `${base}/${this.n++}`;
    this.unique.add(path);
    return path;
  }

  // upstream: paths that arrived there, with how often.
  check(log, upstream) {
    const lines = new Map();
    for (const l of log) Tally.add(lines, l.path);
    for (const [path, n] of lines) {
      if (this.unique.has(path)) assert.equal(n, 1, `${path}: ${n} lines`);
      else assert.ok(this.certain.has(path), `${path}: ${n} lines of requests that nobody sent`);
    }
    for (const [path, n] of this.certain) {
      const got = lines.get(path) ?? 0;
      const left = this.left.get(path) ?? 0;
      assert.ok(got >= n && got <= n + left, `${path}: ${got} lines for ${n} requests and ${left} whose client left`);
    }
    for (const path of upstream) if (this.unique.has(path)) assert.equal(lines.get(path), 1, `${path} went upstream and has ${lines.get(path) ?? 0} lines`);
    return [...lines.values()].reduce((a, b) => a + b, 0);
  }
}

const descriptors = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;

// Waits until idle upstream connections are gone; gives what stays open.
async function settled(pid, aim = 0) {
  let n = descriptors(pid);
  for (let i = 0; i < 50 * SLOWNESS && n > aim; i++) { await wait(100); n = Math.min(n, descriptors(pid)); }
  return n;
}

function requestLines(stderr) {
  return stderr.split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l)).filter((l) => l.event === 'request');
}

describe('a long run', () => {
  afterEach(cleanUp);
  it(`of ${TOTAL} mixed requests leaves nothing behind`, async () => {
    const r = await rig({ args: ['--log-format', 'json', '--pool-timeout', '1s'] });
    const { pid } = r.headroom;
    script(r.upstream);
    const tally = new Tally();
    const upstream = [];
    const workers = Array.from({ length: CONNECTIONS }, (_, i) => new Worker(r, i + 1, tally));
    let begun = 0;
    const forget = () => {
      upstream.push(...r.upstream.heads.map((q) => q.path));
      r.upstream.requests.length = 0;
      r.upstream.heads.length = 0;
      r.upstream.cache.sequences.clear();
      r.upstream.cache.log.length = 0;
    };
    const run = (upTo) => Promise.all(workers.map(async (w) => {
      while (begun < upTo) {
        const n = begun++;
        const act = choose(w.random);
        const provider = w.random.pick(['anthropic', 'openai']);
        await act(w, w.random, provider).catch((e) => { throw new Error(`request ${n}, ${act.name || act}, ${provider}: ${e.stack}`); });
      }
    }));

    await run(CONNECTIONS * 8);
    for (const w of workers) w.drop();
    await wait(1500);
    const start = await settled(pid);
    const memory = [];
    for (let i = 1; i <= SAMPLES; i++) {
      await run(Math.round((TOTAL * i) / SAMPLES));
      forget();
      memory.push(r.headroom.memory().now);
    }
    for (const w of workers) w.drop();
    const end = await settled(pid, start);
    const half = Math.max(...memory.slice(SAMPLES / 4, SAMPLES / 2));
    const grown = Math.max(...memory.slice(SAMPLES / 2)) - half;
    console.log(`# ${begun} requests; resident ${(half / 1e6).toFixed(1)} MB, in the last half ${(grown / 1e6).toFixed(2)} MB more; descriptors ${start} → ${end}`);
    assert.ok(end <= start, `${end} descriptors, ${start} at the start`);
    if (!SANITIZERS.length) assert.ok(grown < 3_000_000, `grown by ${grown} bytes: ${memory.map((m) => (m / 1e6).toFixed(1)).join(' ')}`);

    const after = await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: ask(true) });
    finished(after, 'anthropic');
    tally.expect('/v1/messages');
    assert.equal((await r.headroom.term()).code, 0);
    const lines = tally.check(requestLines(r.headroom.stderr), upstream);
    console.log(`# ${lines} log lines`);
    await r.stop();
  });

  it('can be ended in the middle of it, again and again', async () => {
    const random = new Random(99);
    let cut = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const r = await rig({ args: ['--log-format', 'json', '--drain-timeout', random.pick(['10ms', '100ms', '1s'])] });
      script(r.upstream);
      let over = false;
      const work = Array.from({ length: CONNECTIONS }, async (_, i) => {
        const w = new Worker(r, round * CONNECTIONS + i, new Tally());
        while (!over) await choose(w.random)(w, w.random, w.random.pick(['anthropic', 'openai'])).catch(() => { over ||= !!r.headroom.exit; w.drop(); });
      });
      await wait(random.between(100, 600) * SLOWNESS);
      const end = await r.headroom.term();
      over = true;
      await r.stop();
      await Promise.all(work);
      if (r.headroom.stderr.includes('drain-timeout is over')) cut++;
      assert.equal(end.code, 0, `round ${round}: ${JSON.stringify(end)} ${r.headroom.stderr.slice(-2000)}`);
    }
    console.log(`# ended in the middle ${ROUNDS} times, ${cut} of them with requests cut off`);
  });
});
