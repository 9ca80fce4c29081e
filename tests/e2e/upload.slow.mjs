// Large bodies in constant memory.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { afterEach, describe, it } from 'node:test';

import { cleanUp } from './lib/live.mjs';
import { ANTHROPIC, OPENAI, RawClient, requestBytes } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';

const MB = 1024 * 1024;

// Sends `size` bytes of a repeated megabyte; gives its SHA-256.
async function upload(c, piece, size, chunked) {
  const hash = crypto.createHash('sha256');
  for (let done = 0; done < size; done += piece.length) {
    hash.update(piece);
    await c.sendDrained(chunked ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]) : piece);
  }
  if (chunked) c.send('0\r\n\r\n');
  return hash.digest('hex');
}

describe('uploads', () => {
  afterEach(cleanUp);
  for (const chunked of [false, true]) {
    it(`of 500 MB${chunked ? ', chunked,' : ''} need less than 30 MB of memory`, async () => {
      const r = await rig();
      r.upstream.server.keepBodies = false;
      const c = await RawClient.connect(r.port);
      const piece = crypto.randomBytes(MB);
      c.send(requestBytes({ path: '/v1/files', headers: [...OPENAI, chunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', 500 * MB]] }));
      const sha = await upload(c, piece, 500 * MB, chunked);
      const got = await c.response({ ms: 60_000 });
      assert.equal(got.status, 200);
      assert.equal(r.upstream.last.length, 500 * MB);
      assert.equal(r.upstream.last.sha256, sha);
      const { peak } = r.headroom.memory();
      console.log(`# peak ${(peak / MB).toFixed(1)} MB`);
      assert.ok(peak < 30 * MB, `${peak} bytes`);
      c.close();
      await r.stop();
    });
  }

  it('over the limit for compression are relayed in constant memory too', async () => {
    const r = await rig();
    r.upstream.server.keepBodies = false;
    r.upstream.always = (req, res) => res.send(200, [], req.sha256);
    const c = await RawClient.connect(r.port);
    c.send(requestBytes({ path: '/v1/messages', headers: [...ANTHROPIC, ['Content-Length', 300 * MB]] }));
    const sha = await upload(c, crypto.randomBytes(MB), 300 * MB, false);
    assert.equal((await c.response({ ms: 60_000 })).body.toString(), sha);
    const { peak } = r.headroom.memory();
    assert.ok(peak < 30 * MB, `${peak} bytes`);
    c.close();
    await r.stop();
  });

  it('that arrive chunked beyond the limit are relayed whole', async () => {
    const r = await rig();
    r.upstream.server.keepBodies = false;
    r.upstream.always = (req, res) => res.send(200, [], req.sha256);
    const c = await RawClient.connect(r.port);
    c.send(requestBytes({ path: '/v1/messages', headers: [...ANTHROPIC, ['Transfer-Encoding', 'chunked']] }));
    const sha = await upload(c, crypto.randomBytes(MB), 100 * MB, true);
    assert.equal((await c.response({ ms: 60_000 })).body.toString(), sha);
    c.close();
    await r.stop();
  });

  it('to an upstream that takes its time wait for it, in bounded memory', async () => {
    const r = await rig();
    r.upstream.server.keepBodies = false;
    r.upstream.nextHead((req, res) => {
      req.socket.pause();
      setTimeout(() => req.socket.resume(), 1500);
      req.completed = () => res.send(200, [], req.sha256);
    });
    const c = await RawClient.connect(r.port);
    c.send(requestBytes({ path: '/v1/files', headers: [...OPENAI, ['Content-Length', 100 * MB]] }));
    const sha = await upload(c, crypto.randomBytes(MB), 100 * MB, false);
    assert.equal((await c.response({ ms: 30_000 })).body.toString(), sha);
    assert.ok(r.headroom.memory().peak < 30 * MB);
    c.close();
    await r.stop();
  });
});
