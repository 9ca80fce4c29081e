// What lies between headroom and the provider: time-outs, connecting, proxies,
// certificates.
import assert from 'node:assert/strict';
import net from 'node:net';
import { afterEach, describe, it } from 'node:test';

import { ConnectProxy } from './lib/connect-proxy.mjs';
import { Headroom } from './lib/headroom.mjs';
import { cleanUp } from './lib/live.mjs';
import { ANTHROPIC, OPENAI, RawClient, request, requestBytes, wait } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { authority } from './lib/tls.mjs';
import { Upstream, faults } from './lib/upstream.mjs';

const BODY = '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
const ask = (h, more = {}) => request(h.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY, ...more });
const message = (got) => JSON.parse(got.body).error.message;

// Runs `fn` against headroom started so, and ends everything whatever happens.
async function against(options, fn) {
  const h = await Headroom.start(options);
  try { await fn(h); } finally { await h.stop(); }
}

// A TCP server that accepts and does with each connection what `fn` says.
async function listener(fn) {
  const sockets = new Set();
  const s = net.createServer((c) => { sockets.add(c); c.on('error', () => {}); c.on('close', () => sockets.delete(c)); s.accepted++; fn(c); });
  s.accepted = 0;
  await new Promise((ok) => s.listen(0, '127.0.0.1', ok));
  return { port: s.address().port, get accepted() { return s.accepted; }, stop: () => { for (const c of sockets) c.destroy(); return new Promise((ok) => s.close(ok)); } };
}

describe('time-outs', () => {
  afterEach(cleanUp);
  it('to connect: 504 in the provider\'s shape', async () => {
    const l = await listener(() => {});	// TCP only: the TLS handshake never ends
    await against({ upstream: `https://127.0.0.1:${l.port}`, args: ['--connect-timeout', '300ms', '--connect-retries', '0'] }, async (h) => {
      const from = performance.now();
      const got = await ask(h);
      assert.equal(got.status, 504);
      assert.equal(JSON.parse(got.body).type, 'error');
      assert.ok(performance.now() - from < 3000);
    });
    await l.stop();
  });

  it('for the first byte: 504, the upstream closed, asked once', async () => {
    const r = await rig({ mode: 'plain', args: ['--first-byte-timeout', '300ms'] });
    for (const spec of [{}, { path: '/v1/chat/completions', headers: OPENAI, body: '{"stream":true}' }, { path: '/v1/files', headers: OPENAI }]) {
      await r.reset();
      r.upstream.next(faults.stall());
      const got = await ask(r, spec);
      assert.equal(got.status, 504);
      assert.match(message(got), /\w/);
      await r.upstream.last.closed;
      assert.equal(r.upstream.requests.length, 1);
    }
    await r.stop();
  });

  it('for silence inside a response: the cut reaches the client', async () => {
    const r = await rig({ mode: 'plain', args: ['--idle-timeout', '300ms'] });
    r.upstream.next((_, res) => { res.start(200, [['content-type', 'text/event-stream']]); res.write('data: 1\n\n'); });
    const from = performance.now();
    const got = await ask(r);
    assert.equal(got.status, 200);
    assert.equal(got.body.toString(), 'data: 1\n\n');
    assert.equal(got.complete, false);
    assert.ok(performance.now() - from < 3000);
    await r.upstream.last.closed;
    r.upstream.next(async (_, res) => { res.start(200, []); for (let i = 0; i < 10; i++) { res.write('x'); await wait(100); } res.end(); });
    assert.equal((await ask(r)).body.toString(), 'xxxxxxxxxx', 'a slow stream that does not fall silent is served');
    await r.stop();
  });

  it('do not run while the client is the one who is slow', async () => {
    const r = await rig({ mode: 'plain', args: ['--first-byte-timeout', '400ms', '--idle-timeout', '400ms'] });
    const c = await RawClient.connect(r.port);
    c.send(requestBytes({ path: '/v1/files', headers: [...OPENAI, ['Content-Length', '50']] }));
    for (let i = 0; i < 10; i++) { c.send('abcde'); await wait(100); }
    assert.equal((await c.response()).status, 200);
    c.close();
    await r.stop();
  });
});

describe('connecting', () => {
  afterEach(cleanUp);
  it('to nobody: 502 that names the upstream', async () => {
    const l = await listener(() => {});
    await l.stop();
    await against({ upstream: `http://127.0.0.1:${l.port}` }, async (h) => {
      for (const [path, headers] of [['/v1/messages', ANTHROPIC], ['/v1/chat/completions', OPENAI], ['/v1/files', OPENAI]]) {
        const got = await ask(h, { path, headers });
        assert.equal(got.status, 502, path);
        assert.match(message(got), /127\.0\.0\.1|refused|connect/i);
      }
    });
  });

  it('to a name that does not exist: 502', () => against({ upstream: 'http://no-such-host.invalid:1' }, async (h) => {
    const got = await ask(h);
    assert.equal(got.status, 502);
    assert.match(message(got), /no-such-host\.invalid|resolve|name/i);
  }));

  it('is tried again when it failed before anything was sent', async () => {
    const u = await Upstream.start({ tls: true });
    let first = true;
    const front = await listener((c) => {
      if (first) { first = false; c.resetAndDestroy(); return; }
      const far = net.connect(u.port, '127.0.0.1');
      far.on('error', () => c.destroy());
      far.on('close', () => c.destroy());
      c.on('close', () => far.destroy());
      c.pipe(far).pipe(c);
    });
    await against({ upstream: `https://127.0.0.1:${front.port}`, env: { SSL_CERT_FILE: authority().ca }, args: ['--probe-interval', '1h'] }, async (h) => {
      await wait(200);	// a first background probe may take the refusal
      first = true;
      assert.equal((await ask(h)).status, 200);
      assert.equal(u.requests.length, 1);
    });
    await front.stop();
    await u.stop();
  });

  it('anew replaces, once, a kept connection that broke before the request was sent in full', async () => {
    const r = await rig({ mode: 'plain' });
    const big = Buffer.from(`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"${'x'.repeat(40_000_000)}"}]}`);
    assert.equal((await ask(r)).status, 200);
    let whole = 0;
    r.upstream.nextHead((req, res) => { req.socket.pause(); setTimeout(() => res.reset(), 100); });
    r.upstream.next((req, res) => { whole++; res.send(200, [], req.sha256); });
    const got = await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: big }, { ms: 20_000 });
    assert.equal(got.status, 200);
    assert.equal(whole, 1);
    await r.stop();
  });

  it('leaves nothing open to an upstream once clients are gone', async () => {
    const r = await rig({ mode: 'plain', args: ['--pool-timeout', '200ms'] });
    await Promise.all(Array.from({ length: 30 }, () => ask(r)));
    await wait(1200);
    assert.equal(r.upstream.openConnections, 0);
    await r.stop();
  });
});

describe('retries by status', () => {
  afterEach(cleanUp);
  it('are off: a 529 is passed on at once', async () => {
    const r = await rig({ mode: 'plain' });
    r.upstream.next(faults.status('anthropic', 529, 'x'));
    assert.equal((await ask(r)).status, 529);
    assert.equal(r.upstream.requests.length, 1);
    await r.stop();
  });

  it('switched on, repeat the same bytes after retry-after, and give up with the last answer', async () => {
    const r = await rig({ mode: 'plain', args: ['--retry-status=on', '--retry-max', '2', '--retry-after-max', '2s'] });
    r.upstream.next(faults.status('anthropic', 429, 'x', [['retry-after', '0']]), faults.status('anthropic', 529, 'y', [['retry-after', '1']]));
    const from = performance.now();
    assert.equal((await ask(r)).status, 200);
    assert.ok(performance.now() - from > 900, 'waited as told');
    assert.equal(new Set(r.upstream.requests.map((q) => q.sha256)).size, 1);
    assert.equal(r.upstream.requests.length, 3);
    await r.reset();
    const no = () => faults.status('anthropic', 503, 'last', [['retry-after', '0']]);
    r.upstream.next(no(), no(), no());
    const got = await ask(r);
    assert.equal(got.status, 503);
    assert.equal(message(got), 'last');
    assert.equal(r.upstream.requests.length, 3);
    await r.reset();
    r.upstream.next(faults.status('anthropic', 429, 'far', [['retry-after', '3600']]));
    assert.equal((await ask(r)).status, 429, 'too long to wait: the client\'s decision');
    await r.reset();
    r.upstream.next(faults.status('anthropic', 500, 'x'), faults.status('anthropic', 400, 'x'));
    assert.equal((await ask(r)).status, 500, 'other statuses are never repeated');
    assert.equal(r.upstream.requests.length, 1);
    await r.stop();
  });
});

describe('proxies', () => {
  afterEach(cleanUp);
  const PAIRS = [['HTTP_PROXY', false], ['HTTPS_PROXY', true], ['ALL_PROXY', false], ['ALL_PROXY', true]];
  for (const [name, tls] of PAIRS) {
    it(`${name} is used for ${tls ? 'https' : 'http'}, by CONNECT`, async () => {
      const [u, p] = [await Upstream.start({ tls, name: 'upstream.test' }), await ConnectProxy.start()];
      await against({ upstream: u.url, env: { [name]: p.url, ...(tls ? { SSL_CERT_FILE: authority().ca } : {}) } }, async (h) => {
        assert.equal((await ask(h)).status, 200);
        assert.equal(u.last.get('host'), u.host);
        assert.ok(p.asked.includes(`CONNECT ${u.host}`));
        assert.ok(p.asked.every((a) => a.startsWith('CONNECT ')));
      });
      await u.stop();
      await p.stop();
    });
  }

  it('are not used for the other scheme, for NO_PROXY, or for loopback', async () => {
    const [u, p] = [await Upstream.start({ name: 'upstream.test' }), await ConnectProxy.start()];
    for (const [env, upstream, status] of [[{ HTTPS_PROXY: p.url }, u.url, 502], [{ HTTP_PROXY: p.url, NO_PROXY: 'other.test,upstream.test' }, u.url, 502], [{ HTTP_PROXY: p.url, NO_PROXY: '.test' }, u.url, 502], [{ HTTP_PROXY: p.url, NO_PROXY: '*' }, u.url, 502], [{ HTTP_PROXY: p.url }, u.origin, 200], [{ HTTP_PROXY: p.url }, `http://localhost:${u.port}`, 200], [{ HTTP_PROXY: p.url, NO_PROXY: 'other.test' }, u.url, 200]]) {
      await against({ upstream, env, args: ['--connect-timeout', '2s'] }, async (h) => {
        assert.equal((await ask(h)).status, status, JSON.stringify([env, upstream]));
      });
    }
    await u.stop();
    await p.stop();
  });

  it('get the credentials of their URL, the upstream does not', async () => {
    const [u, p] = [await Upstream.start({ name: 'upstream.test' }), await ConnectProxy.start()];
    await against({ upstream: u.url, env: { HTTP_PROXY: p.url.replace('http://', 'http://me:s3cret@') } }, async (h) => {
      assert.equal((await ask(h)).status, 200);
      assert.ok(p.heads.some((head) => head.includes(`Basic ${Buffer.from('me:s3cret').toString('base64')}`)));
      assert.ok(!u.last.head.toString().includes('Basic'));
      assert.ok(!h.stderr.includes('s3cret'));
    });
    await u.stop();
    await p.stop();
  });

  it('that refuse or are not there: 502', async () => {
    const u = await Upstream.start({ name: 'upstream.test' });
    for (const refuse of [407, 403, 502]) {
      const p = await ConnectProxy.start({ refuse });
      await against({ upstream: u.url, env: { HTTP_PROXY: p.url } }, async (h) => assert.equal((await ask(h)).status, 502, String(refuse)));
      await p.stop();
    }
    const gone = await ConnectProxy.start();
    await gone.stop();
    await against({ upstream: u.url, env: { HTTP_PROXY: gone.url } }, async (h) => assert.equal((await ask(h)).status, 502));
    await u.stop();
  });
});

describe('certificates', () => {
  afterEach(cleanUp);
  it('of an authority that is not known: 502, the key is not sent', async () => {
    const u = await Upstream.start({ tls: true });
    await against({ upstream: u.url }, async (h) => {
      const got = await ask(h);
      assert.equal(got.status, 502);
      assert.match(message(got), /certificate|TLS|SSL|verif/i);
    });
    assert.equal(u.heads.length, 0);
    await u.stop();
  });

  it('are known by SSL_CERT_FILE or by an extra file beside the system\'s', async () => {
    const u = await Upstream.start({ tls: true });
    for (const env of [{ SSL_CERT_FILE: authority().ca }, { HEADROOM_EXTRA_CA_FILE: authority().ca }]) await against({ upstream: u.url, env }, async (h) => assert.equal((await ask(h)).status, 200, Object.keys(env)[0]));
    await u.stop();
  });

  it('for another name: 502', async () => {
    const [u, p] = [await Upstream.start({ tls: true }), await ConnectProxy.start()];
    await against({ upstream: `https://127.0.0.2:${u.port}`, env: { SSL_CERT_FILE: authority().ca } }, async (h) => assert.equal((await ask(h)).status, 502));
    assert.equal(u.heads.length, 0);
    await u.stop();
    await p.stop();
  });
});
