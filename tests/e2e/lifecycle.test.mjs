// Starting, logging, draining, ending.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, it } from 'node:test';

import { Headroom, run, stateFolder } from './lib/headroom.mjs';
import { cleanUp } from './lib/live.mjs';
import { ANTHROPIC, OPENAI, RawClient, request, requestBytes, wait } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { Upstream, faults } from './lib/upstream.mjs';

const BODY = '{"model":"claude-sonnet-4-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}';
const messages = () => requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: BODY });

// A stream that has begun and goes on when `release` is called.
async function openStream(r) {
  let release;
  const held = new Promise((ok) => { release = ok; });
  r.upstream.next(async (_, res, reply) => {
    const { headers, events } = reply();
    res.start(200, headers);
    res.write(events[0]);
    await held;
    for (const e of events.slice(1)) res.write(e);
    res.end();
  });
  const c = await RawClient.connect(r.port);
  c.send(messages());
  assert.ok(await c.until((x) => x.bytes.includes('message_start')));
  return { c, release };
}

const refused = (port) => new Promise((ok) => {
  const s = net.connect(port, '127.0.0.1');
  s.on('connect', () => { s.destroy(); ok(false); });
  s.on('error', () => ok(true));
});

describe('ending', () => {
  afterEach(cleanUp);
  for (const signal of ['SIGTERM', 'SIGINT']) {
    it(`on ${signal}: open requests finish, new connections are refused, the exit code is 0`, async () => {
      const r = await rig({ mode: 'plain' });
      const { c, release } = await openStream(r);
      const idle = await RawClient.connect(r.port);
      idle.send(requestBytes({ method: 'GET', path: '/livez' }));
      await idle.response();
      r.headroom.signal(signal);
      assert.ok(await idle.until((x) => x.ended, 2000), 'an idle connection is closed');
      let closed = false;
      for (let i = 0; i < 40 && !closed; i++) { closed = await refused(r.port); await wait(25); }
      assert.ok(closed, 'no new connections');
      assert.equal(r.headroom.exit, undefined);
      release();
      const got = await c.response();
      assert.ok(got.complete && got.body.includes('message_stop'));
      assert.deepEqual(await r.headroom.exited, { code: 0, signal: null });
      await r.stop();
    });
  }

  it('has a deadline', async () => {
    const r = await rig({ mode: 'plain', args: ['--drain-timeout', '400ms'] });
    const { c } = await openStream(r);
    const from = performance.now();
    r.headroom.signal('SIGTERM');
    await r.headroom.exited;
    const took = performance.now() - from;
    assert.ok(took > 300 && took < 3000, `${took} ms`);
    await c.until((x) => x.ended);
    c.close();
    await r.upstream.last.closed;
    await r.upstream.stop();
  });

  it('at once on a second signal', async () => {
    const r = await rig({ mode: 'plain', args: ['--drain-timeout', '60s'] });
    const { c } = await openStream(r);
    r.headroom.signal('SIGTERM');
    await wait(150);
    assert.equal(r.headroom.exit, undefined);
    const from = performance.now();
    r.headroom.signal('SIGTERM');
    await r.headroom.exited;
    assert.ok(performance.now() - from < 1000);
    c.close();
    await r.upstream.stop();
  });

  it('with nothing open takes no time', async () => {
    const r = await rig({ mode: 'plain' });
    const from = performance.now();
    r.headroom.signal('SIGTERM');
    assert.equal((await r.headroom.exited).code, 0);
    assert.ok(performance.now() - from < 1000);
    await r.stop();
  });
});

describe('starting', () => {
  afterEach(cleanUp);
  it('is ready in a moment and says where it listens', async () => {
    const from = performance.now();
    const h = await Headroom.start({ upstream: 'http://127.0.0.1:1' });
    assert.ok(performance.now() - from < 2000);
    assert.match(h.stderr, /http:\/\/127\.0\.0\.1:\d+/);
    await h.stop();
  });

  it('makes its folder private', async () => {
    const parent = stateFolder();
    const state = path.join(parent, 'deep', 'er');
    const h = await Headroom.start({ state, upstream: 'http://127.0.0.1:1' });
    assert.equal(fs.statSync(state).mode & 0o777, 0o700);
    for (const f of fs.readdirSync(state)) assert.equal(fs.statSync(path.join(state, f)).mode & 0o077, 0, f);
    assert.ok(fs.existsSync(path.join(state, 'headroom.db')));
    await h.stop();
    fs.rmSync(parent, { recursive: true });
  });

  it('on a port in use is refused in a sentence that helps', async () => {
    const s = net.createServer();
    await new Promise((ok) => s.listen(0, '127.0.0.1', ok));
    const { port } = s.address();
    const got = run(['proxy', '--port', String(port), '--anthropic-api-url', 'http://127.0.0.1:1']);
    assert.ok(got.code > 0, `exit ${got.code}`);
    assert.match(got.stderr, new RegExp(String(port)));
    assert.match(got.stderr, /in use/i);
    assert.match(got.stderr, /--port|HEADROOM_PORT/);
    assert.ok(got.stderr.trim().split('\n').length <= 2, got.stderr);
    s.close();
  });

  const WRONG = [
    [['--prot', '1'], {}, /mean "(--)?port"/], [['--port', '99999'], {}, /port/], [['--port', 'abc'], {}, /port/], [['--connect-timeout', 'soon'], {}, /connect-timeout/],
    [['--profile', 'lossles'], {}, /lossless/], [['--anthropic-api-url', 'ftp://x'], {}, /anthropic-api-url/], [['--anthropic-api-url', 'not a url'], {}, /anthropic-api-url/], [['--port'], {}, /port/], [['stray'], {}, /stray/],
    [[], { HEADROOM_PROFIL: 'off' }, /HEADROOM_PROFILE/], [[], { HEADROOM_PORT: '-1' }, /HEADROOM_PORT|port/], [[], { HEADROOM_MIN_TOKENS: 'many' }, /HEADROOM_MIN_TOKENS|min-tokens/], [['--host', '999.1.1.1'], {}, /host|999/],
    [['--ssl-cert-file', '/does/not/exist.pem'], {}, /exist\.pem/],
  ];
  for (const [args, env, says] of WRONG) {
    it(`with ${[...args, ...Object.entries(env).map((e) => e.join('='))].join(' ')} is refused, naming what was meant`, () => {
      const got = run(['proxy', '--port', '0', ...args], { env, timeout: 5000 });
      assert.ok(got.code > 0, `exit ${got.code} ${got.signal} ${got.stderr}`);
      assert.match(got.stderr, says);
      assert.ok(got.stderr.trim().split('\n').length <= 3, got.stderr);
    });
  }

  it('reads headroom.ini; the environment and flags stand above it', async () => {
    const config = stateFolder();
    const file = path.join(config, 'headroom', 'headroom.ini');
    fs.mkdirSync(path.dirname(file));
    const env = { XDG_CONFIG_HOME: config };
    const u = await Upstream.start();
    const ask = (h) => request(h.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY });
    const slow = async (_, res) => { await wait(500); res.send(200, [], 'late'); };
    fs.writeFileSync(file, `[upstream]\nanthropic-api-url = ${u.url}\n[timeouts]\nfirst-byte-timeout = 200ms\n`);
    for (const [more, args, status] of [[{}, [], 504], [{ HEADROOM_FIRST_BYTE_TIMEOUT: '5s' }, [], 200], [{ HEADROOM_FIRST_BYTE_TIMEOUT: '5s' }, ['--first-byte-timeout', '100ms'], 504]]) {
      const h = await Headroom.start({ env: { ...env, ...more }, args });
      u.next(slow);
      assert.equal((await ask(h)).status, status, JSON.stringify([more, args]));
      await h.stop();
    }
    fs.writeFileSync(file, '[timeouts]\nfirst-byte-timeot = 1s\n');
    const bad = run(['proxy', '--port', '0'], { env });
    assert.ok(bad.code > 0);
    assert.match(bad.stderr, /first-byte-timeout/);
    await u.stop();
    fs.rmSync(config, { recursive: true });
  });

  it('takes the file that --config names, wherever it stands, or HEADROOM_CONFIG', () => {
    const folder = stateFolder();
    const write = (name, host) => { const f = path.join(folder, name); fs.writeFileSync(f, `[server]\nhost = ${host}\n`); return f; };
    const one = write('one.ini', '127.0.0.1'), two = write('two.ini', '127.0.0.2');
    const host = (args, env = {}) => { const got = run(['settings', ...args], { env }); assert.equal(got.code, 0, got.stderr); return got.stdout.toString().match(/^host = (\S+)/m)[1]; };
    assert.equal(host(['--config', two]), '127.0.0.2');
    assert.equal(host(['--port', '1', `--config=${two}`, '--profile', 'off']), '127.0.0.2');
    assert.equal(host(['--port', '1', '--config', two]), '127.0.0.2');
    assert.equal(host(['--config', one, '--config', two]), '127.0.0.2', 'the last one counts');
    assert.equal(host([], { HEADROOM_CONFIG: two }), '127.0.0.2');
    assert.equal(host(['--port', '1', '--config', one], { HEADROOM_CONFIG: two }), '127.0.0.1');
    assert.equal(host(['--config', two, '--host', '127.0.0.3']), '127.0.0.3');
    for (const args of [['--config'], ['--port', '1', '--config'], ['--config', path.join(folder, 'none.ini')], ['--configs', two]]) {
      const got = run(['settings', ...args]);
      assert.equal(got.code, 2, args.join(' '));
      assert.match(got.stderr, /config|none\.ini/);
    }
    fs.rmSync(folder, { recursive: true });
  });

  it('says how each command is called when asked', () => {
    for (const command of ['proxy', 'compress', 'decode', 'settings']) {
      const got = run([command, '--help']);
      assert.equal(got.code, 0, command);
      assert.match(got.stdout.toString(), new RegExp(`^Usage: headroom ${command} `));
      assert.equal(got.stderr, '');
    }
  });

  it('with a database of a newer program is refused and leaves it alone', async () => {
    const state = stateFolder();
    const h = await Headroom.start({ state, upstream: 'http://127.0.0.1:1' });
    await h.stop();
    const db = path.join(state, 'headroom.db');
    // user_version stands big-endian at byte 60 of an SQLite file.
    const bytes = fs.readFileSync(db);
    bytes.writeUInt32BE(9999, 60);
    fs.writeFileSync(db, bytes);
    for (const f of ['-wal', '-shm']) fs.rmSync(db + f, { force: true });
    const got = run(['proxy', '--port', '0'], { env: { HEADROOM_WORKSPACE_DIR: state }, timeout: 5000 });
    assert.ok(got.code > 0, `exit ${got.code}`);
    assert.match(got.stderr, /newer|version|schema/i);
    fs.rmSync(state, { recursive: true });
  });
});

describe('the log', () => {
  afterEach(cleanUp);
  it('has one line per request and never a key or content', async () => {
    const r = await rig({ mode: 'plain', args: ['--log-format', 'json'] });
    const before = r.headroom.stderr.length;
    const marker = 'Sup3rSecretContent';
    r.upstream.turns.push({ text: `answer ${marker}` });
    await request(r.port, { path: `/v1/messages?secret=${marker}`, headers: [['x-api-key', `sk-ant-${marker}`], ['anthropic-version', '1'], ['cookie', marker], ['x-headroom-profile', 'off']], body: BODY.replace('hi', marker) });
    await request(r.port, { method: 'GET', path: '/v1/models', headers: OPENAI });
    r.upstream.next(faults.truncate(10, 'reset'));
    await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY });
    await request(r.port, { method: 'GET', path: '/nothing' });
    await wait(100);
    const lines = r.headroom.stderr.slice(before).trim().split('\n').map((l) => JSON.parse(l)).filter((l) => l.path || l.route || l.target);
    assert.equal(lines.length, 4, JSON.stringify(lines));
    assert.ok(!r.headroom.stderr.includes(marker));
    assert.equal(lines[0].status, 200);
    assert.equal(lines[3].status, 404);
    await r.stop();
  });

  it('reads as text by default', async () => {
    const r = await rig({ mode: 'plain' });
    const before = r.headroom.stderr.length;
    await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY });
    await wait(100);
    const text = r.headroom.stderr.slice(before).trim();
    assert.equal(text.split('\n').length, 1, text);
    assert.match(text, /200/);
    assert.match(text, /\/v1\/messages/);
    await r.stop();
  });

  it('ends with what was counted', async () => {
    const r = await rig({ mode: 'plain', args: ['--log-format', 'json'] });
    await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY });
    r.upstream.next(faults.truncate(10, 'reset'));
    await request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body: BODY });
    await request(r.port, { method: 'GET', path: '/nothing' });
    await r.stop();
    const last = JSON.parse(r.headroom.stderr.trim().split('\n').at(-1));
    assert.equal(last.event, 'totals');
    assert.equal(last.requests, 3);
    assert.equal(last.requests_anthropic, 2);
    assert.equal(last.responses_4xx, 1);
  });
});
