// What is compressed, what is not, and that everything else of the body stays.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, beforeEach, describe, it } from 'node:test';
import zlib from 'node:zlib';

import * as data from './lib/data.mjs';
import { Headroom, run } from './lib/headroom.mjs';
import { Random } from './lib/random.mjs';
import { ANTHROPIC, OPENAI, RawClient, request, requestBytes } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { SANITIZERS } from './lib/sanitizer.mjs';
import { difference, isToolText, normalize } from './lib/spans.mjs';

const table = (seed = 1, n = 60) => JSON.stringify(data.rows(new Random(seed), n), null, 2);
const lines = (seed = 2) => data.jsonLines(new Random(seed), 60);

// A chat body with these tool outputs, each the result of a call of its own.
function chat(outputs, { name = 'list', args = '{}' } = {}) {
  const calls = outputs.map((_, i) => ({ id: `c${i}_${new Random(i + 1).hex(12)}`, type: 'function', function: { name, arguments: args } }));
  return { model: 'gpt-4o', messages: [{ role: 'user', content: 'go' }, { role: 'assistant', content: null, tool_calls: calls }, ...outputs.map((content, i) => ({ role: 'tool', tool_call_id: calls[i].id, content }))] };
}

function claude(contents, { name = 'list', input = {}, ...result } = {}) {
  const uses = contents.map((_, i) => ({ type: 'tool_use', id: `toolu_${new Random(i + 1).hex(20)}`, name, input }));
  return { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'go' }, { role: 'assistant', content: uses }, { role: 'user', content: contents.map((content, i) => ({ type: 'tool_result', tool_use_id: uses[i].id, content, ...result })) }] };
}

describe('compression', () => {
  let r;
  let fresh = 0;
  before(async () => { r = await rig({ mode: 'plain' }); });
  after(() => r.stop());
  beforeEach(() => r.reset());

  // Call ids are made unique, so that tests do not meet each other's decisions.
  async function send(body, { raw, headers = [] } = {}) {
    const text = raw ?? JSON.stringify(body).replace(/(c\d+_|toolu_)[0-9a-f]+/g, (m) => `${m}x${fresh}`);
    fresh++;
    const messages = text.includes('max_tokens');
    const bytes = Buffer.from(text);
    const got = await request(r.port, { path: messages ? '/v1/messages' : '/v1/chat/completions', headers: [...(messages ? ANTHROPIC : OPENAI), ...headers], body: bytes });
    assert.equal(got.status, 200, String(got.body));
    const sent = r.upstream.last.body;
    const d = difference(bytes, sent);
    assert.ok(d.same, 'bytes outside the replaced strings changed');
    const parsed = JSON.parse(text);
    for (const c of d.changed) assert.ok(isToolText(parsed, c.path), c.path.join('.'));
    return { ...d, sent, bytes, got };
  }

  const decodes = (c) => {
    const out = run(['decode', '-'], { input: c.after });
    assert.equal(out.code, 0, out.stderr);
    assert.equal(normalize(out.stdout.toString()), normalize(c.before));
  };

  const CASES = {
    'a table, pretty': () => table(), 'a table, compact': () => JSON.stringify(data.rows(new Random(3), 80)), 'JSON Lines': () => lines(),
    'rows of mixed shape': () => JSON.stringify(data.mixedRows(new Random(4), 80), null, 1), 'a map of objects': () => JSON.stringify(JSON.parse(data.jsonMap(new Random(5), 40)), null, 2),
    'an object around an array': () => data.jsonMixed(new Random(6), 60), 'numbers of odd spelling': () => data.oddNumbers(new Random(7), 60),
    'strings that look like our syntax': () => JSON.stringify(Array.from({ length: 40 }, (_, i) => ({ i, s: ['a,b', '"q"', "''", 'null', '1.0', 'true', '|', '~', '*A', '', ' lead', 'trail ', 'x\ny', '\\', '%', '[1]', '{"a":1}'][i % 17], note: 'the same text in every row of it' })), null, 2),
    'null, missing and empty side by side': () => JSON.stringify(Array.from({ length: 60 }, (_, i) => ({ id: i, status: 'active', ...(i % 3 === 0 ? {} : { v: i % 3 === 1 ? null : '' }) })), null, 2),
    'deep nesting in rows': () => JSON.stringify(Array.from({ length: 30 }, (_, i) => ({ a: { b: { c: { d: [i, { e: [[]], f: {} }] } } }, k: 'constant value' })), null, 2),
    'key orders that differ': () => JSON.stringify(Array.from({ length: 50 }, (_, i) => (i % 2 ? { alpha: i, beta: 'x', gamma: null } : { gamma: null, alpha: i, beta: 'x' })), null, 2),
    'duplicate keys in rows': () => `[${Array.from({ length: 40 }, (_, i) => `{"key": ${i}, "other": "same same", "key": ${i + 1}}`).join(',\n  ')}]`,
    'escapes and surrogates': () => `[${Array.from({ length: 40 }, (_, i) => `{"n": ${i}, "t": "\\u00e9\\ud83d\\ude00\\/\\u0000 x", "same": "constant value"}`).join(',\n  ')}]`,
    'an array of arrays': () => JSON.stringify(Array.from({ length: 60 }, (_, i) => [i, 'constant', { x: i % 4 }]), null, 2),
    'an empty key and a dotted one': () => JSON.stringify(Array.from({ length: 50 }, (_, i) => ({ '': i, 'a.b': 1, a: { b: 2 }, ' ': 'blank' })), null, 2),
  };
  for (const [name, make] of Object.entries(CASES)) {
    it(`makes ${name} smaller and it decodes to the same`, async () => {
      for (const build of [chat, claude]) {
        const { changed, sent, bytes } = await send(build([make()]));
        assert.equal(changed.length, 1);
        assert.ok(sent.length < bytes.length);
        decodes(changed[0]);
      }
    });
  }

  it('takes every block of a request, in strings and in parts', async () => {
    const parts = [{ type: 'text', text: table(11) }, { type: 'text', text: 'between' }, { type: 'text', text: lines(12) }];
    const { changed } = await send(claude([table(13), parts, table(14)]));
    assert.deepEqual(changed.map((c) => c.path.slice(3).join('.')), ['0.content', '1.content.0.text', '1.content.2.text', '2.content']);
    const two = await send(chat([table(15), [{ type: 'text', text: table(16) }]]));
    assert.deepEqual(two.changed.map((c) => c.path.slice(2).join('.')), ['content', 'content.0.text']);
  });

  const LEFT = {
    'a small result': () => chat(['{"a":[1,2,3],"b":"c"}']), 'prose': () => chat([data.sentence(new Random(1), 600)]), 'a broken document': () => chat(['[' + '{"id": 1, "state": "open"\n'.repeat(60)]),
    'user text': () => ({ model: 'gpt-4o', messages: [{ role: 'user', content: table() }] }), 'a system prompt': () => ({ model: 'gpt-4o', messages: [{ role: 'system', content: table() }, { role: 'user', content: 'x' }] }),
    'an assistant\'s text': () => ({ model: 'gpt-4o', messages: [{ role: 'user', content: 'x' }, { role: 'assistant', content: table() }, { role: 'user', content: 'y' }] }),
    'tool arguments': () => ({ model: 'gpt-4o', messages: [{ role: 'user', content: 'x' }, { role: 'assistant', content: null, tool_calls: [{ id: 'c1_ab', type: 'function', function: { name: 'write', arguments: table() } }] }, { role: 'tool', tool_call_id: 'c1_ab', content: 'ok' }] }),
    'tool input': () => claude(['ok'], { input: { content: table() } }),
    'a short error': () => claude([table(1, 8)], { is_error: true }),
    'a file read': () => claude([table()], { name: 'Read', input: { file_path: 'a.json' } }), 'a file read by the shell': () => claude([table()], { name: 'Bash', input: { command: 'cat data.json' } }),
    'a file read by head': () => chat([table()], { name: 'shell', args: '{"command":"head -50 data.json"}' }), 'a file viewed': () => claude([table()], { name: 'str_replace_editor', input: { command: 'view', path: 'x.json' } }),
    'a tool that is excluded': () => claude([table()], { name: 'mcp__secret__dump' }),
    'a result beside an image': () => claude([[{ type: 'text', text: table() }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }]]),
  };
  describe('leaves alone', () => {
    let x;
    before(async () => { x = await rig({ mode: 'plain', args: ['--exclude-tools', 'mcp__secret__*,other'] }); });
    after(() => x.stop());
    for (const [name, make] of Object.entries(LEFT)) {
      it(name, async () => {
        const body = Buffer.from(JSON.stringify(make()));
        const messages = body.includes('max_tokens');
        const got = await request(x.port, { path: messages ? '/v1/messages' : '/v1/chat/completions', headers: messages ? ANTHROPIC : OPENAI, body });
        assert.equal(got.status, 200, String(got.body));
        assert.ok(x.upstream.last.body.equals(body));
      });
    }
  });

  it('is off for a request that says so, by any of three headers', async () => {
    for (const h of [['x-headroom-bypass', 'true'], ['X-Headroom-Bypass', 'TRUE'], ['x-headroom-mode', 'passthrough'], ['x-headroom-profile', 'off']]) {
      const { changed, sent, bytes } = await send(chat([table(20)]), { headers: [h] });
      assert.equal(changed.length, 0, h.join());
      assert.ok(sent.equals(bytes));
    }
    assert.equal((await send(chat([table(20)]), { headers: [['x-headroom-bypass', 'false']] })).changed.length, 1);
    assert.equal((await send(chat([table(20)]), { headers: [['x-headroom-profile', 'lossless']] })).changed.length, 1);
  });

  it('keeps odd spelling around the replaced strings', async () => {
    const text = JSON.stringify(table(21));
    const raw = `\n{ "model" : "gpt-4o" ,"n":1.0,"big":1152921504606846976,"e":1e5,"x":"\\u0041\\/","dup":1,"dup":2,"messages":[ {"role":"user","content":"\\ud83d\\ude00"},\t{"role":"assistant","content":null,"tool_calls":[{"id":"idA","type":"function","function":{"name":"f","arguments":"{\\"a\\": 1.0}"}}]},{"tool_call_id":"idA","content" :${text} ,"role":"tool","future":{"a":[1,]}}],"tail":[ ] }\n`.replace('[1,]', '[1]');
    const { changed } = await send(null, { raw });
    assert.equal(changed.length, 1);
    decodes(changed[0]);
  });

  it('is relayed untouched where a member stands twice that decides', async () => {
    const t = JSON.stringify(table(22));
    for (const raw of [`{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"q","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"q","content":${t}}]}`,
      `{"model":"gpt-4o","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"q","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","role":"tool","tool_call_id":"q","content":${t}}]}`]) {
      const { sent, bytes } = await send(null, { raw });
      assert.ok(sent.equals(bytes));
    }
  });

  it('reads encoded bodies when there is something to change, and sends them plain', async () => {
    const zstd = (b) => execFileSync('zstd', ['-q', '-c'], { input: b, maxBuffer: 1 << 26 });
    for (const [encoding, encode] of [['gzip', zlib.gzipSync], ['deflate', zlib.deflateSync], ['br', zlib.brotliCompressSync], ['zstd', zstd]]) {
      const plain = Buffer.from(JSON.stringify(chat([table(30)])).replace(/c0_[0-9a-f]+/g, `enc_${encoding}`));
      const got = await request(r.port, { path: '/v1/chat/completions', headers: [...OPENAI, ['Content-Encoding', encoding]], body: encode(plain) });
      assert.equal(got.status, 200, `${encoding} ${got.body}`);
      const { last } = r.upstream;
      assert.equal(last.get('content-encoding'), undefined, encoding);
      assert.equal(last.get('content-length'), String(last.length));
      const d = difference(plain, last.body);
      assert.ok(d.same && d.changed.length === 1, encoding);
      const small = encode(Buffer.from('{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}'));
      r.upstream.always = (req, res) => res.send(200, [], req.sha256);
      await request(r.port, { path: '/v1/chat/completions', headers: [...OPENAI, ['Content-Encoding', encoding]], body: small });
      assert.ok(r.upstream.last.body.equals(small), `${encoding}: nothing to change, relayed as it came`);
      assert.equal(r.upstream.last.get('content-encoding'), encoding);
      const cut = encode(plain).subarray(0, -7);
      await request(r.port, { path: '/v1/chat/completions', headers: [...OPENAI, ['Content-Encoding', encoding]], body: cut });
      assert.ok(r.upstream.last.body.equals(cut), `${encoding}: damaged, the upstream's business`);
      await r.reset();
    }
  });

  it('does not fall for a bomb', async () => {
    const before_ = r.headroom.memory().peak;
    const bomb = zlib.gzipSync(Buffer.alloc(400_000_000, ' '));
    r.upstream.always = (req, res) => res.send(200, [], 'ok');
    const got = await request(r.port, { path: '/v1/messages', headers: [...ANTHROPIC, ['Content-Encoding', 'gzip']], body: bomb }, { ms: 20_000 });
    assert.equal(got.status, 200);
    assert.ok(r.upstream.last.body.equals(bomb));
    assert.ok(SANITIZERS.length || r.headroom.memory().peak - before_ < 200_000_000, 'memory stays bounded');
  });

  it('says what it did in response headers, and only there', async () => {
    const { got, sent } = await send(chat([table(31)]));
    const names = got.headers.map(([n]) => n.toLowerCase()).filter((n) => n.startsWith('x-headroom-'));
    assert.ok(names.includes('x-headroom-tokens-saved'), names.join());
    assert.ok(Number(got.get('x-headroom-tokens-saved')) > 0);
    assert.ok(!sent.toString().includes('x-headroom'));
  });

  it('gives the same bytes in every process, alone or under load', async () => {
    const other = await rig({ mode: 'plain' });
    const body = Buffer.from(JSON.stringify(claude([table(40), lines(41), CASES['rows of mixed shape']()])));
    await Promise.all(Array.from({ length: 20 }, () => request(r.port, { path: '/v1/messages', headers: ANTHROPIC, body })));
    const here = new Set(r.upstream.requests.map((q) => q.sha256));
    await request(other.port, { path: '/v1/messages', headers: ANTHROPIC, body });
    here.add(other.upstream.last.sha256);
    assert.equal(here.size, 1);
    await other.stop();
  });

  it('copes with a conversation of 2 MB and 300 results', async () => {
    const outputs = Array.from({ length: 300 }, (_, i) => JSON.stringify(data.rows(new Random(100 + i), 30)));
    const from = performance.now();
    const { changed, sent, bytes } = await send(chat(outputs));
    assert.equal(changed.length, 300);
    assert.ok(sent.length < bytes.length * 0.8);
    assert.ok(performance.now() - from < 10_000);
  });
});

describe('memory', () => {
  it('of replacements counts as held until the answer begins: further bodies then go as they came', async () => {
    const r = await rig({ mode: 'plain' });
    const h = await Headroom.start({ args: ['--max-held-total', '1200k'], upstream: r.upstream.url });
    const waiting = [];
    try {
      for (const [seed, smaller] of [[31, true], [32, false]]) {
        const body = Buffer.from(JSON.stringify(chat([table(seed, 1600)])));
        assert.ok(body.length > 400e3 && body.length < 560e3, `two bodies of ${body.length} bytes alone fit`);
        const arrived = r.upstream.received(r.upstream.requests.length + 1, 'requests');
        r.upstream.next(() => {});
        const c = await RawClient.connect(h.port);
        waiting.push(c);
        c.send(requestBytes({ path: '/v1/chat/completions', headers: OPENAI, body }));
        const sent = (await arrived).body;
        assert.equal(sent.length < body.length, smaller, `request ${seed}: ${sent.length} of ${body.length} bytes`);
      }
    } finally {
      for (const c of waiting) c.close();
      await h.stop();
      await r.stop();
    }
  });
});
