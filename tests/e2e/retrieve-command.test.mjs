// The commands compress --profile and retrieve: what they print, where it is kept, how they end.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Headroom, run, stateFolder } from './lib/headroom.mjs';

const rows = Array.from({ length: 300 }, (_, i) => ({ id: 7000 + i, level: i === 200 ? 'ERROR' : 'INFO', message: i === 200 ? 'disk is füll' : `GET /${i % 7}` }));
const text = `${JSON.stringify(rows, null, 2)}\n`;

describe('headroom retrieve', () => {
  let folder;
  let hash;
  const headroom = (args, options = {}) => run(args, { env: { HEADROOM_WORKSPACE_DIR: folder }, ...options });
  const compress = (args, input = text) => headroom(['compress', ...args, '-'], { input });
  before(() => {
    folder = stateFolder();
    const got = compress(['--profile', 'balanced']);
    assert.equal(got.code, 0, got.stderr);
    const form = got.stdout.toString();
    assert.ok(form.length < text.length / 10);
    assert.ok(form.includes('disk is füll'));
    hash = form.match(/\[300 rows compressed to \d+\. Retrieve more: hash=([0-9a-f]{24})\]$/)[1];
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  it('prints the exact original, without a gateway and beside one', async () => {
    assert.ok(headroom(['retrieve', hash]).stdout.equals(Buffer.from(text)));
    assert.ok(headroom(['retrieve', hash.toUpperCase()]).stdout.equals(Buffer.from(text)));
    const h = await Headroom.start({ state: folder, upstream: 'http://127.0.0.1:9' });
    try {
      assert.ok(headroom(['retrieve', hash]).stdout.equals(Buffer.from(text)));
      const got = await (await fetch(`${h.url}/v1/retrieve/${hash}`)).json();
      assert.equal(got.original_content, text, 'the gateway knows what the command kept');
      const more = compress(['--profile=balanced'], text.replaceAll('700', '800')).stdout.toString().match(/hash=([0-9a-f]{24})/)[1];
      assert.equal((await (await fetch(`${h.url}/v1/retrieve/${more}`)).json()).original_content, text.replaceAll('700', '800'));
    } finally {
      await h.stop();
    }
  });

  it('prints parts', () => {
    const lines = text.split(/(?<=\n)/);
    const number = lines.findIndex((l) => l.includes('ERROR')) + 1;
    for (const [args, want] of [
      [['--lines', '3-5'], lines.slice(2, 5).join('')], [['--head=2'], lines.slice(0, 2).join('')], [['--tail', '1'], lines.at(-1)],
      [['--grep', 'ERROR', '--context', '0'], `${number}:${lines[number - 1]}`], [['--path', '$[200].message'], '"disk is füll"'],
    ]) {
      for (const all of [['retrieve', hash, ...args], ['retrieve', ...args, hash], ['retrieve', '--workspace-dir', folder, ...args, hash], ['retrieve', hash, ...args, '--workspace-dir', folder]]) {
        const got = run(all, all.includes('--workspace-dir') ? {} : { env: { HEADROOM_WORKSPACE_DIR: folder } });
        assert.equal(got.code, 0, got.stderr);
        assert.equal(got.stdout.toString(), want);
      }
    }
    const got = headroom(['retrieve', hash, '--rows', 'where level=ERROR']);
    assert.deepEqual(JSON.parse(got.stdout), [rows[200]]);
  });

  it('ends with 1 when there is nothing, with 2 when it was called wrongly, and says why', () => {
    const never = 'f'.repeat(24);
    for (const [code, says, args] of [
      [1, /run the command that printed it/, ['retrieve', never]], [1, /there is no store in/, ['retrieve', hash, '--workspace-dir', path.join(folder, 'none')]],
      [2, /usage: headroom retrieve HASH/, ['retrieve']], [2, /24 hex digits/, ['retrieve', 'abc']], [2, /not understood/, ['retrieve', hash, never]], [2, /no option "gerp"/, ['retrieve', hash, '--gerp', 'x']], [2, /--grep needs a value/, ['retrieve', hash, '--grep']],
      [2, /grep: The regular/, ['retrieve', hash, '--grep', '(']], [2, /lines takes/, ['retrieve', hash, '--lines', '0']], [2, /do not go together/, ['retrieve', hash, '--lines', '1', '--path', '$']], [2, /no row has a column/, ['retrieve', hash, '--rows', 'x=1']], [2, /there is no line/, ['retrieve', hash, '--lines', '99999']],
    ]) {
      const got = headroom(args);
      assert.equal(got.code, code, args.join(' '));
      assert.match(got.stderr, says);
      assert.equal(got.stdout.length, 0);
    }
    assert.ok(!fs.existsSync(path.join(folder, 'none')), 'a look makes no store');
    const help = run(['retrieve', '--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout.toString(), /Exit status/);
  });

  it('compress leaves nothing out that could not be had back', () => {
    const lossless = run(['compress', '-'], { input: text }).stdout;
    const blocked = path.join(folder, 'file');
    fs.writeFileSync(blocked, '');
    for (const args of [['--profile', 'balanced', '--workspace-dir', blocked], ['--profile', 'balanced', '--originals-bytes', '1m', '--workspace-dir', path.join(folder, 'small')]]) {
      const big = args.includes('--originals-bytes');
      const input = big ? JSON.stringify(Array.from({ length: 3000 }, (_, i) => ({ ...rows[i % 300], id: i })), null, 4) : text;
      const got = run(['compress', ...args, '-'], { input });
      assert.equal(got.code, 0, got.stderr);
      assert.match(got.stderr, /othing is left out/);
      assert.doesNotMatch(got.stdout.toString(), /hash=/);
      assert.ok(got.stdout.length < input.length / 2, 'a lossless form it is');
      if (!big) assert.ok(got.stdout.equals(lossless));
    }
    assert.ok(!fs.existsSync(path.join(folder, 'file', 'headroom.db')));
  });

  it('compress says which profiles there are', () => {
    for (const profile of ['best', '', 'Balanced']) {
      const got = compress(['--profile', profile]);
      assert.equal(got.code, 2);
      assert.match(got.stderr, /off, lossless, balanced and aggressive/);
    }
    assert.ok(compress(['--profile', 'off']).stdout.equals(Buffer.from(text)));
    assert.equal(run(['compress', '--help']).code, 0);
  });
});
