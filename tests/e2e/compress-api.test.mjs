// POST /v1/compress and the commands compress and decode.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';

import * as data from './lib/data.mjs';
import { run, stateFolder } from './lib/headroom.mjs';
import { Random } from './lib/random.mjs';
import { request } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { normalize } from './lib/spans.mjs';

const table = (seed = 1, n = 60) => JSON.stringify(data.rows(new Random(seed), n), null, 2);
const chat = (t = table()) => [{ role: 'user', content: 'go' }, { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'list', arguments: '{}' } }] }, { role: 'tool', tool_call_id: 'c1', content: t }];
const claude = (t = table()) => [{ role: 'user', content: 'go' }, { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'list', input: {} }] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: t }] }];

describe('POST /v1/compress', () => {
  let r;
  before(async () => { r = await rig({ mode: 'plain' }); });
  after(() => { assert.equal(r.upstream.heads.length, 0, 'nothing of it goes upstream'); return r.stop(); });
  async function ask(body, headers = []) {
    const got = await request(r.port, { path: '/v1/compress', headers: [['content-type', 'application/json'], ...headers], body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) });
    return { status: got.status, json: JSON.parse(got.body), text: got.body.toString() };
  }

  it('compresses chat and messages shapes and says by how much', async () => {
    for (const messages of [chat(), claude()]) {
      const { status, json } = await ask({ model: 'gpt-4o', messages, config: { profile: 'lossless' } });
      assert.equal(status, 200);
      for (const k of ['messages', 'tokens_before', 'tokens_after', 'tokens_saved', 'compression_ratio', 'transforms_applied', 'transforms_summary', 'ccr_hashes']) assert.ok(k in json, k);
      assert.ok(json.tokens_saved > 100);
      assert.equal(json.tokens_saved, json.tokens_before - json.tokens_after);
      assert.ok(Math.abs(json.compression_ratio - json.tokens_after / json.tokens_before) < 0.01);
      assert.deepEqual(json.ccr_hashes, []);
      assert.ok(!('ignored_options' in json));
      assert.equal(json.transforms_applied.length, 1);
      const c = json.messages[2].content;
      const form = typeof c === 'string' ? c : c[0].content;
      assert.equal(normalize(run(['decode', '-'], { input: form }).stdout.toString()), normalize(table()));
      assert.deepEqual(json.messages.slice(0, 2), messages.slice(0, 2));
    }
  });

  it('compresses old turns too: the caller decides, not a ledger', async () => {
    const { json } = await ask({ model: 'gpt-4o', messages: [...chat(), { role: 'assistant', content: 'ok' }, { role: 'user', content: 'x' }] });
    assert.ok(json.tokens_saved > 100);
  });

  it('never inflates and keeps every byte of what it does not change', async () => {
    const body = '{"model":"gpt-4o","messages":[ {"role":"user","content":"caf\\u00e9 1.0","n":1.0,"big":1152921504606846976} ]}';
    const { json, text } = await ask(body);
    assert.equal(json.tokens_saved, 0);
    assert.equal(json.compression_ratio, 1);
    assert.ok(text.includes('{"role":"user","content":"caf\\u00e9 1.0","n":1.0,"big":1152921504606846976}'));
  });

  it('takes an empty list', async () => {
    const { status, json } = await ask({ model: 'gpt-4o', messages: [] });
    assert.equal(status, 200);
    assert.deepEqual([json.messages, json.tokens_before, json.tokens_after, json.tokens_saved, json.compression_ratio], [[], 0, 0, 0, 1]);
  });

  it('gives the messages back on bypass', async () => {
    const { status, json } = await ask({ model: 'gpt-4o', messages: chat() }, [['x-headroom-bypass', 'True']]);
    assert.equal(status, 200);
    assert.deepEqual(json.messages, chat());
    assert.equal(json.tokens_saved, 0);
  });

  describe('leaves parts out and says where the rest is', () => {
    const ERROR = 'zyx-7731 lost its leader';
    const events = (n, from = 0) => JSON.stringify(Array.from({ length: n }, (_, i) => ({ id: from + i, level: i === 123 ? 'ERROR' : 'INFO', message: i === 123 ? ERROR : `GET /items/${i % 9}`, ms: (i * 31) % 97 })), null, 1);
    const retrieve = async (hash) => JSON.parse((await request(r.port, { method: 'GET', path: `/v1/retrieve/${hash}` })).body);

    it('by default', async () => {
      for (const messages of [chat(events(300)), claude(events(300, 1000))]) {
        const { json } = await ask({ model: 'gpt-4o', messages });
        assert.ok(json.compression_ratio < 0.15, `${json.compression_ratio}`);
        assert.equal(json.ccr_hashes.length, 1);
        const content = json.messages[2].content;
        const form = typeof content === 'string' ? content : content[0].content;
        assert.match(form, new RegExp(`\\[300 rows compressed to \\d+\\. Retrieve more: hash=${json.ccr_hashes[0]}\\]$`));
        assert.ok(form.includes(ERROR), 'an error survives');
        const old = messages[2].content;
        assert.equal((await retrieve(json.ccr_hashes[0])).original_content, typeof old === 'string' ? old : old[0].content);
      }
    });

    it('names every original that the answer names: new, sent again, and sent back by the caller', async () => {
      const one = await ask({ model: 'gpt-4o', messages: chat(events(300, 5000)) });
      const [hash] = one.json.ccr_hashes;
      const more = [...chat(events(300, 5000)), ...chat(events(300, 6000)).slice(1)];
      const two = await ask({ model: 'gpt-4o', messages: more });
      assert.equal(two.json.ccr_hashes.length, 2);
      assert.equal(two.json.ccr_hashes[0], hash);
      assert.deepEqual(two.json.messages.slice(0, 3), one.json.messages, 'what was sent is sent again');
      const back = [...two.json.messages, { role: 'user', content: `hash=${hash} hash=${'0'.repeat(24)} hash=${hash}0 hash=${hash.toUpperCase()}` }];
      for (const headers of [[], [['x-headroom-bypass', 'true']]]) {
        const three = await ask({ model: 'gpt-4o', messages: back }, headers);
        assert.deepEqual(three.json.messages, back);
        assert.deepEqual(three.json.ccr_hashes, two.json.ccr_hashes);
      }
    });

    it('not where the caller asks for a lossless form, before or after', async () => {
      for (const profile of ['lossless', 'balanced', 'lossless']) {
        const { json } = await ask({ model: 'gpt-4o', messages: chat(events(300, 8000)), config: { profile } });
        assert.equal(json.ccr_hashes.length, profile === 'balanced' ? 1 : 0);
      }
    });

    it('as header and setting say, where the body does not', async () => {
      const hashes = async (headers, config) => (await ask({ model: 'gpt-4o', messages: chat(events(300, 15000)), ...(config ? { config } : {}) }, headers)).json.ccr_hashes.length;
      assert.equal(await hashes([['x-headroom-profile', 'lossless']]), 0);
      assert.equal(await hashes([['x-headroom-profile', 'lossless']], { profile: 'balanced' }), 1);
      assert.equal(await hashes([['x-headroom-mode', 'passthrough']]), 0);
      const { status, json } = await ask({ model: 'gpt-4o', messages: [] }, [['x-headroom-profile', 'tiny']]);
      assert.deepEqual([status, json.error.type], [400, 'invalid_request']);
      const other = await rig({ mode: 'plain', args: ['--profile', 'lossless'] });
      try {
        for (const [config, want] of [[{}, 0], [{ profile: 'balanced' }, 1]]) {
          const got = await request(other.port, { path: '/v1/compress', headers: [['content-type', 'application/json']], body: JSON.stringify({ model: 'gpt-4o', messages: chat(events(300)), config }) });
          assert.equal(JSON.parse(got.body).ccr_hashes.length, want);
        }
      } finally {
        await other.stop();
      }
    });

    it('of user texts only when asked', async () => {
      const said = [{ role: 'user', content: events(300, 9000) }, { role: 'user', content: [{ type: 'text', text: events(300, 9500) }, { type: 'text', text: 'why?' }] }];
      const one = await ask({ model: 'gpt-4o', messages: said });
      assert.deepEqual(one.json.messages, said);
      const two = await ask({ model: 'gpt-4o', messages: said, config: { compress_user_messages: true } });
      assert.equal(two.json.ccr_hashes.length, 2);
      assert.equal(two.json.messages[1].content[1].text, 'why?');
      assert.equal((await retrieve(two.json.ccr_hashes[1])).original_content, said[1].content[0].text);
    });

    it('not of the last messages when these are protected; later they are like others', async () => {
      const messages = [...chat(events(300, 20000)), { role: 'assistant', content: 'ok' }];
      for (const [protect_recent, hashes] of [[1, 1], [2, 0], [99, 0], [0, 1]]) {
        const { json } = await ask({ model: 'gpt-4o', messages, config: { protect_recent } });
        assert.equal(json.ccr_hashes.length, hashes, `${protect_recent}`);
        if (!hashes) assert.deepEqual(json.messages, messages);
      }
    });

    it('as far as a ratio or a budget asks, but for what always survives', async () => {
      const one = (more, at) => ask({ model: 'gpt-4o', messages: chat(events(800, at)), ...more }).then(({ json }) => json);
      const usual = await one({}, 30000);
      const tenth = await one({ config: { target_ratio: 0.1 } }, 40000);
      assert.ok(tenth.compression_ratio > 2 * usual.compression_ratio && tenth.compression_ratio < 0.11, `${tenth.compression_ratio}`);
      assert.equal((await one({ config: { target_ratio: 1 } }, 50000)).ccr_hashes.length, 0);
      for (const model of ['gpt-4o', 'gpt-4', 'claude-sonnet-4-5']) {
        const ask2 = (more) => ask({ model, messages: [...chat(events(800, 60000)), ...chat(events(800, 70000)).slice(1)], ...more }).then(({ json }) => json);
        const free = await ask2({});
        const budget = Math.round(free.tokens_after * 0.85);
        const tight = await ask2({ token_budget: budget });
        assert.ok(tight.tokens_after <= budget && tight.tokens_after > budget * 0.6, `${model}: ${tight.tokens_after} of ${budget}`);
        assert.equal(tight.ccr_hashes.length, 2);
        assert.equal((await ask2({ token_budget: free.tokens_after + 500 })).tokens_after, free.tokens_after, 'a ceiling, no aim');
        const least = await ask2({ token_budget: 1 });
        assert.ok(least.tokens_after < tight.tokens_after && JSON.stringify(least.messages).split(ERROR).length === 3);
      }
    });
  });

  it('refuses what it cannot use with 400, typed, and says why', async () => {
    const bad = {
      'not JSON': ['{', /JSON/], 'an array': ['[]', /object|JSON/], 'nothing': ['', /JSON/], 'no messages': [{ model: 'x' }, /messages/], 'messages null': [{ model: 'x', messages: null }, /messages/], 'no model': [{ messages: [] }, /model/], 'model null': [{ model: null, messages: [] }, /model/],
      'messages a string': [{ model: 'x', messages: 'abc' }, /messages/], 'messages of strings': [{ model: 'x', messages: ['abc'] }, /message/], 'config null': [{ model: 'x', messages: [], config: null }, /config/], 'config a string': [{ model: 'x', messages: [], config: 'a' }, /config/],
      'a ratio of nothing': [{ model: 'x', messages: [], config: { target_ratio: 0 } }, /target_ratio/], 'a ratio above 1': [{ model: 'x', messages: [], config: { target_ratio: 1.01 } }, /target_ratio/], 'a ratio of text': [{ model: 'x', messages: [], config: { target_ratio: 'abc' } }, /target_ratio/],
      'no budget': [{ model: 'x', messages: [], token_budget: 0 }, /token_budget/], 'a budget below nothing': [{ model: 'x', messages: [], token_budget: -1 }, /token_budget/], 'half a token': [{ model: 'x', messages: [], token_budget: 1.5 }, /token_budget/], 'a budget of text': [{ model: 'x', messages: [], token_budget: 'all' }, /token_budget/],
      'protect -1': [{ model: 'x', messages: [], config: { protect_recent: -1 } }, /protect_recent/], 'protect text': [{ model: 'x', messages: [], config: { protect_recent: 'x' } }, /protect_recent/], 'protect true': [{ model: 'x', messages: [], config: { protect_recent: true } }, /protect_recent/],
      'user messages 1': [{ model: 'x', messages: [], config: { compress_user_messages: 1 } }, /compress_user_messages/],
      'a profile unknown': [{ model: 'x', messages: [], config: { profile: 'tiny' } }, /profile/],
    };
    for (const [name, [body, says]] of Object.entries(bad)) {
      const { status, json } = await ask(body);
      assert.equal(status, 400, name);
      assert.match(json.error.message, says, name);
      assert.equal(json.error.type, 'invalid_request', name);
      assert.equal(typeof json.detail, 'string', name);
    }
  });

  it('names options without effect', async () => {
    const { status, json } = await ask({ model: 'gpt-4o', messages: [], config: { default_mode: 'simulate', protect_recent: 3, target_ratio: 0.5, made_up: 1 } });
    assert.equal(status, 200);
    assert.deepEqual(json.ignored_options, ['default_mode', 'made_up']);
    const two = await ask({ model: 'gpt-4o', messages: [], token_budget: 100, config: { profile: 'lossless', target_ratio: 0.5 } });
    assert.deepEqual(two.json.ignored_options, ['target_ratio', 'token_budget'], 'nothing is left out, so nothing steers it');
  });

  it('honours the profile off', async () => {
    for (const config of [{ profile: 'off' }, { mode: 'off' }]) {
      const { json } = await ask({ model: 'gpt-4o', messages: chat(), config });
      assert.deepEqual(json.messages, chat());
      assert.equal(json.tokens_saved, 0);
    }
    assert.ok((await ask({ model: 'gpt-4o', messages: chat(), config: { profile: 'lossless' } })).json.tokens_saved > 100);
  });

  it('takes encoded bodies and has a limit', async () => {
    const body = Buffer.from(JSON.stringify({ model: 'gpt-4o', messages: chat() }));
    const zstd = execFileSync('zstd', ['-q', '-c'], { input: body });
    for (const [encoding, bytes] of [['gzip', zlib.gzipSync(body)], ['deflate', zlib.deflateSync(body)], ['br', zlib.brotliCompressSync(body)], ['zstd', zstd]]) {
      const { status, json } = await ask(bytes, [['content-encoding', encoding]]);
      assert.equal(status, 200, encoding);
      assert.ok(json.tokens_saved > 100);
    }
    assert.equal((await ask(Buffer.from('not gzip'), [['content-encoding', 'gzip']])).status, 400);
    assert.ok([400, 415].includes((await ask(body, [['content-encoding', 'lzma']])).status));
    const bomb = zlib.gzipSync(Buffer.concat([Buffer.from('{"model":"x","messages":['), Buffer.alloc(600_000_000, ' '), Buffer.from(']}')]));
    assert.ok([400, 413].includes((await ask(bomb, [['content-encoding', 'gzip']])).status));
    assert.equal((await request(r.port, { method: 'GET', path: '/livez' })).status, 200);
  });

  it('counts exactly where the tokenizer is public and says where it is not', async () => {
    const { encode } = await import('gpt-tokenizer/encoding/o200k_base');
    const text = table(2, 20);
    const [one, two] = [await ask({ model: 'gpt-4o', messages: chat(text) }), await ask({ model: 'claude-sonnet-4-5', messages: chat(text) })];
    assert.ok(Math.abs(one.json.tokens_before - encode(text).length) < 40, `${one.json.tokens_before} of ${encode(text).length}`);
    assert.ok(!one.json.tokens_estimated);
    assert.ok(two.json.tokens_estimated);
  });
});

describe('the commands', () => {
  it('compress and decode are inverse, from a file or stdin', () => {
    const dir = stateFolder();
    const file = path.join(dir, 'a.json');
    const r = new Random(3);
    for (const text of [table(4), data.jsonLines(r, 60), data.jsonMixed(r, 60), data.oddNumbers(r, 50)]) {
      fs.writeFileSync(file, text);
      const one = run(['compress', file]);
      assert.equal(one.code, 0, one.stderr);
      assert.ok(one.stdout.length < text.length);
      const two = run(['compress', '-'], { input: text });
      assert.ok(two.stdout.equals(one.stdout));
      fs.writeFileSync(file, one.stdout);
      for (const back of [run(['decode', file]), run(['decode', '-'], { input: one.stdout })]) {
        assert.equal(back.code, 0, back.stderr);
        assert.equal(normalize(back.stdout.toString()), normalize(text));
      }
    }
    fs.rmSync(dir, { recursive: true });
  });

  it('leave text that is nothing of theirs as it is', () => {
    for (const text of ['hello\n', '', '{"a":1}', '\x00\xff binary']) {
      const got = run(['compress', '-'], { input: Buffer.from(text, 'latin1') });
      assert.equal(got.code, 0, got.stderr);
      assert.ok(got.stdout.equals(Buffer.from(text, 'latin1')), JSON.stringify(text));
    }
  });

  it('say in one line what is wrong', () => {
    for (const args of [['compress', '/does/not/exist'], ['decode', '/does/not/exist'], ['compress'], ['comprss', '-'], []]) {
      const got = run(args);
      assert.ok(got.code > 0, args.join(' '));
      assert.ok(got.stderr.trim().length > 0);
    }
    assert.match(run(['comprss']).stderr, /compress/);
    for (const args of [['--help'], ['proxy', '--help'], ['--version']]) {
      const got = run(args);
      assert.equal(got.code, 0, args.join(' '));
      assert.ok(got.stdout.length > 0);
    }
    assert.match(run(['proxy', '--help']).stdout.toString(), /--anthropic-api-url/);
  });
});
