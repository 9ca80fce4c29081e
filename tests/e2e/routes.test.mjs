// Which requests are ours, which go where, and who may ask.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { Headroom } from './lib/headroom.mjs';
import { HttpServer } from './lib/http-server.mjs';
import { cleanUp } from './lib/live.mjs';
import { ANTHROPIC, OPENAI, RawClient, request, requestBytes, wait } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { Upstream } from './lib/upstream.mjs';

const COMPRESS = JSON.stringify({ model: 'gpt-4o', messages: [] });
const JSON_BODY = ['content-type', 'application/json'];

describe('routes of our own', () => {
  let r;
  before(async () => { r = await rig({ mode: 'plain' }); });
  after(() => r.stop());
  beforeEach(() => r.reset());

  it('HEAD / is 200 and stays here', async () => {
    const got = await request(r.port, { method: 'HEAD', path: '/' });
    assert.equal(got.status, 200);
    assert.equal(r.upstream.heads.length, 0);
  });

  it('unknown paths under our prefixes are 404, wrong methods 405, with or without credentials; none goes upstream', async () => {
    const unknown = ['/admin', '/admin/nothing', '/stats/nothing', '/stats/', '/metrics/x', '/health/', '/health/deep', '/healthzz', '/livez/', '/readyz/x', '/v1/retrieve/', '/v1/retrieve/a/b/c', '/v1/compress/', '/v1/compress/x', '/cache', '/cache/nothing', '/transformations', '/transformations/x', '/dashboard/x', '/favicon.ico', '/', '/anything'];
    const wrong = [['GET', '/v1/compress'], ['DELETE', '/v1/compress'], ['PUT', '/v1/compress'], ['POST', '/health'], ['DELETE', '/livez'], ['POST', '/readyz'], ['PATCH', '/health']];
    for (const headers of [[], OPENAI, ANTHROPIC]) {
      for (const path of unknown) {
        if (headers.length && ['/favicon.ico', '/', '/anything', '/healthzz'].includes(path)) continue;
        const got = await request(r.port, { method: 'GET', path, headers });
        assert.equal(got.status, 404, `GET ${path}`);
        const body = JSON.parse(got.body);
        assert.ok(body.detail ?? body.error, path);
      }
      for (const [method, path] of wrong) {
        const got = await request(r.port, { method, path, headers });
        assert.equal(got.status, 405, `${method} ${path}`);
        assert.match(got.get('allow') ?? '', /[A-Z]+/, `${method} ${path} says what is allowed`);
        const body = JSON.parse(got.body);
        assert.equal(typeof body.detail, 'string');
        assert.equal(typeof body.error.message, 'string');
      }
    }
    assert.deepEqual(r.upstream.heads.map((h) => h.target), []);
  });

  it('paths that only begin like ours belong to the provider', async () => {
    for (const path of ['/v1/compressor', '/v1/retrievers/1', '/v1/statistics']) {
      await request(r.port, { method: 'GET', path, headers: OPENAI });
      assert.equal(r.upstream.last?.target, path);
    }
  });

  it('unknown paths with credentials go to the provider, without to nobody', async () => {
    await request(r.port, { method: 'GET', path: '/organization/usage', headers: OPENAI });
    assert.equal(r.upstream.last.target, '/organization/usage');
    const got = await request(r.port, { method: 'GET', path: '/organization/usage' });
    assert.equal(got.status, 404);
    assert.equal(r.upstream.requests.length, 1);
  });

  it('/livez, /readyz and /health answer, by GET and HEAD', async () => {
    for (const path of ['/livez', '/readyz', '/health']) {
      const got = await request(r.port, { method: 'GET', path });
      assert.equal(got.status, 200, path);
      assert.match(got.get('content-type'), /^application\/json/);
      const body = JSON.parse(got.body);
      assert.equal(typeof body.version, 'string');
      const head = await request(r.port, { method: 'HEAD', path });
      assert.equal(head.status, 200);
      assert.equal(head.body.length, 0);
    }
    const health = JSON.parse((await request(r.port, { method: 'GET', path: '/health' })).body);
    assert.equal(health.status, 'ok');
    assert.equal(health.upstream, 'healthy');
    assert.equal(JSON.parse((await request(r.port, { method: 'GET', path: '/livez' })).body).alive, true);
  });

  it('loopback routes look at the host asked for', async () => {
    const ask = (host) => request(r.port, { path: '/v1/compress', headers: [['Host', host], JSON_BODY], body: COMPRESS });
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1', '127.1.2.3:99', '[::1]', '[::1]:80']) assert.equal((await ask(host)).status, 200, host);
    for (const host of ['localhost.', 'localhost.evil.com', '127.0.0.1.evil.com', '0.0.0.0', 'evil.com', '128.0.0.1', '[::2]', 'localhost:80:80']) {
      const got = await ask(host);
      assert.ok([400, 404].includes(got.status), `${host}: ${got.status}`);
      if (got.status === 404) assert.equal(JSON.parse(got.body).detail, 'Not Found');
    }
    const forwarded = await request(r.port, { path: '/v1/compress', headers: [JSON_BODY, ['X-Forwarded-For', '8.8.8.8']], body: COMPRESS });
    assert.equal(forwarded.status, 200, 'X-Forwarded-For decides nothing');
    for (const path of ['/livez', '/health']) assert.equal((await request(r.port, { method: 'GET', path, headers: [['Host', 'proxy.example']] })).status, 200, 'health is for anyone');
  });

  it('a body that others leave no room for is told from one that is too large', async () => {
    const h = await Headroom.start({ args: ['--max-held-total', '1m'], upstream: r.upstream.url });
    const ask = (n) => request(h.port, { path: '/v1/compress', headers: [JSON_BODY], body: Buffer.alloc(n, ' ') });
    assert.equal((await ask(2 << 20)).status, 503);
    assert.equal((await ask(1 << 19)).status, 400);
    await h.stop();
  });

  it('other web sites cannot make us do things', async () => {
    const ask = (...headers) => request(r.port, { path: '/v1/compress', headers: [...headers, JSON_BODY], body: COMPRESS });
    for (const h of [['Origin', 'https://evil.com'], ['Origin', 'null'], ['Origin', 'http://localhost.evil.com'], ['Sec-Fetch-Site', 'cross-site'], ['Origin', 'http://127.0.0.1.evil.com:8787']]) assert.equal((await ask(h)).status, 403, h.join());
    for (const h of [['Sec-Fetch-Site', 'same-origin'], ['Sec-Fetch-Site', 'none'], ['Origin', `http://localhost:${r.port}`], ['Origin', `http://127.0.0.1:${r.port}`]]) assert.equal((await ask(h, ['Host', `localhost:${r.port}`])).status, 200, h.join());
    assert.equal(r.upstream.heads.length, 0);
  });
});

describe('routing by credentials', () => {
  const up = {};
  let h;
  before(async () => {
    for (const p of ['anthropic', 'openai', 'gemini']) up[p] = await Upstream.start();
    h = await Headroom.start({ args: Object.entries(up).flatMap(([p, u]) => [`--${p}-api-url`, u.url]) });
  });
  after(async () => {
    await h.stop();
    for (const u of Object.values(up)) await u.stop();
  });
  beforeEach(() => { for (const u of Object.values(up)) u.reset(); });
  const seen = () => Object.entries(up).filter(([, u]) => u.heads.length).map(([p]) => p).join();
  const ask = (path, headers, method = 'POST') => request(h.port, { method, path, headers, body: method === 'POST' ? '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"}]}' : undefined });

  const KEYS = {
    'x-api-key': ['anthropic', [['x-api-key', 'sk-ant-api03-secret']]],
    'an Anthropic bearer': ['anthropic', [['authorization', 'Bearer sk-ant-oat01-secret']]],
    'a Google key': ['gemini', [['x-goog-api-key', 'AIza-secret']]],
    'an OpenAI bearer': ['openai', [['authorization', 'Bearer sk-proj-secret']]],
  };
  const OWN = { anthropic: ['/v1/messages', '/v1/messages/count_tokens', '/v1/messages/batches', '/v1/models'], openai: ['/v1/chat/completions', '/v1/responses', '/v1/embeddings', '/v1/models', '/v1/files'], gemini: ['/v1beta/models/gemini-2.5-pro:generateContent', '/v1beta/models'] };

  for (const [name, [provider, headers]] of Object.entries(KEYS)) {
    it(`${name} reaches ${provider} on its paths`, async () => {
      for (const path of OWN[provider]) {
        for (const u of Object.values(up)) u.reset();
        const got = await ask(path, headers);
        assert.equal(seen(), provider, `${path}: ${got.status} ${got.body}`);
      }
    });

    it(`${name} reaches no other provider on any path: 404 that says so`, async () => {
      for (const path of [...Object.values(OWN).flat(), '/v1/unknown', '/elsewhere', '/v1beta/x', '/v1/threads']) {
        for (const more of [[], [['anthropic-version', '2023-06-01']]]) {
          for (const u of Object.values(up)) u.reset();
          const got = await ask(path, [...headers, ...more]);
          assert.ok(seen() === '' || seen() === provider, `${path} with ${name} went to ${seen()}`);
          if (seen() === '') {
            assert.equal(got.status, 404, path);
            assert.ok(got.body.length > 0 && JSON.parse(got.body).error, path);
          }
        }
      }
    });
  }

  it('the clear mismatches are 404', async () => {
    for (const [path, headers] of [['/v1/messages', KEYS['a Google key'][1]], ['/v1beta/models', KEYS['x-api-key'][1]], ['/v1beta/models', KEYS['an Anthropic bearer'][1]]]) {
      const got = await ask(path, headers);
      assert.equal(got.status, 404, path);
      assert.equal(seen(), '');
    }
  });

  it('a Google key in the query is one, too', async () => {
    await ask('/v1/models/gemini-pro:generateContent?alt=sse&key=AIzaSySecret', []);
    assert.equal(seen(), 'gemini');
    for (const u of Object.values(up)) u.reset();
    await ask('/v1/chat/completions?key=AIzaSySecret', [['authorization', 'Bearer sk-proj-1']]);
    assert.equal(seen(), '');
  });

  it('credentials of two providers in one request go nowhere', async () => {
    const got = await ask('/v1/messages', [['x-api-key', 'sk-ant-1'], ['x-goog-api-key', 'AIza']]);
    assert.equal(got.status, 404);
    assert.equal(seen(), '');
  });

  it('anthropic-version alone chooses Anthropic, nothing at all OpenAI', async () => {
    await ask('/v1/models', [['anthropic-version', '2023-06-01']], 'GET');
    assert.equal(seen(), 'anthropic');
    for (const u of Object.values(up)) u.reset();
    await ask('/v1/models', [], 'GET');
    assert.equal(seen(), 'openai');
  });

  it('the key in a Gemini query stays in the query', async () => {
    await ask('/v1beta/models/g:streamGenerateContent?alt=sse&key=AIza%2B', []);
    assert.equal(seen(), 'gemini');
    assert.equal(up.gemini.last.target, '/v1beta/models/g:streamGenerateContent?alt=sse&key=AIza%2B');
    assert.ok(!h.stderr.includes('AIza'), 'and out of the log');
  });
});

describe('an upstream below a path', () => {
  afterEach(cleanUp);
  it('keeps its path in front of the request\'s', async () => {
    const u = await Upstream.start();
    const h = await Headroom.start({ args: ['--anthropic-api-url', `${u.url}/gateway/anthropic/`, '--openai-api-url', `${u.url}/oa`] });
    await request(h.port, { path: '/v1/messages?beta=true', headers: ANTHROPIC, body: '{}' });
    assert.equal(u.last.target, '/gateway/anthropic/v1/messages?beta=true');
    await request(h.port, { method: 'GET', path: '/v1/models', headers: OPENAI });
    assert.equal(u.last.target, '/oa/v1/models');
    await h.stop();
    await u.stop();
  });
});

describe('health', () => {
  afterEach(cleanUp);
  it('shows proxies without their passwords', async () => {
    for (const [given, shown] of [['http://user:s3cret@127.0.0.1:9', '127.0.0.1:9'], ['user:s3cret@127.0.0.1:9', '127.0.0.1:9'], ['http://user:s3@cret@127.0.0.1:9/', '127.0.0.1:9/']]) {
      const h = await Headroom.start({ upstream: 'http://127.0.0.1:9', env: { HTTPS_PROXY: given } });
      const got = await request(h.port, { method: 'GET', path: '/health' });
      assert.equal(JSON.parse(got.body).config['https-proxy'], shown);
      assert.ok(!/s3|cret/.test(got.body.toString()), given);
      await h.stop();
    }
  });

  it('degrades when no upstream answers, and recovers', async () => {
    const u = await Upstream.start();
    const h = await Headroom.start({ args: ['--probe-interval', '100ms', '--connect-timeout', '300ms'], upstream: u.url });
    const health = async () => { const g = await request(h.port, { method: 'GET', path: '/health' }); return [g.status, JSON.parse(g.body).status]; };
    const becomes = async (status) => {
      for (let i = 0; i < 60; i++) { if ((await health())[0] === status) return true; await wait(50); }
      return false;
    };
    assert.ok(await becomes(200));
    const port = u.port;
    await u.stop();
    assert.ok(await becomes(503), 'degraded when all are gone');
    assert.equal((await health())[1], 'degraded');
    assert.equal((await request(h.port, { method: 'GET', path: '/readyz' })).status, 200, 'readiness is about ourselves');
    const s = await new HttpServer({ onRequest: (_, res) => res.send(500, [], 'even an error is an answer') }).listen(port);
    assert.ok(await becomes(200), 'ok when one answers at all');
    await h.stop();
    await s.stop();
  });

  it('never waits for an upstream that takes the connection and is silent', async () => {
    const sockets = [];
    const silent = net.createServer((s) => { sockets.push(s); s.on('error', () => {}); });
    await new Promise((ok) => silent.listen(0, '127.0.0.1', ok));
    const h = await Headroom.start({ args: ['--probe-interval', '100ms', '--connect-timeout', '60s'], upstream: `https://127.0.0.1:${silent.address().port}` });
    while (sockets.length === 0) await wait(10);
    const from = performance.now();
    for (let i = 0; i < 5; i++) await request(h.port, { method: 'GET', path: '/health' });
    assert.ok(performance.now() - from < 20_000);
    assert.ok(sockets.some((s) => !s.destroyed), 'a probe was waiting all the while');
    await h.stop();
    sockets.forEach((s) => s.destroy());
    silent.close();
  });
});

describe('a listener on every address', () => {
  afterEach(cleanUp);
  it('serves provider routes to others but keeps loopback routes by host', async () => {
    const u = await Upstream.start();
    const h = await Headroom.start({ host: '0.0.0.0', upstream: u.url });
    const c = await RawClient.connect(h.port);
    c.send(requestBytes({ path: '/v1/messages', headers: ANTHROPIC, host: 'gateway.lan', body: '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"}]}' }));
    assert.equal((await c.response()).status, 200);
    c.close();
    assert.equal((await request(h.port, { path: '/v1/compress', headers: [JSON_BODY], host: 'gateway.lan', body: COMPRESS })).status, 404);
    await h.stop();
    await u.stop();
  });
});
