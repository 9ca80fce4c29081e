// /v1/retrieve in its four forms: exact originals, parts of them, and what is refused.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';

import * as data from './lib/data.mjs';
import { Random } from './lib/random.mjs';
import { OPENAI, request } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';

const NEVER = '0123456789abcdef01234567';
const LEVELS = ['INFO', 'INFO', 'INFO', 'INFO', 'INFO', 'WARN', 'ERROR'];

// What a tool printed, and the rows of it.
const rows = Array.from({ length: 300 }, (_, i) => ({ id: 5000 + i, level: LEVELS[i % 7], ms: (i * 37) % 900, path: `/api/v2/items/${i % 11}`, user: { name: `user-${i % 5}`, 'e.mail': `u${i % 5}@example.com` }, note: i === 150 ? 'secret: "Füße" \\ \ud83d\ude80 zzyzx' : '' }));
const text = JSON.stringify(rows, null, 1);
const wrapped = JSON.stringify({ total: 300, items: rows, next: null });
const lines = data.jsonLines(new Random(9), 200);

const chat = (content, id = 'c1') => [{ role: 'user', content: 'go' }, { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name: 'list_events', arguments: '{}' } }] }, { role: 'tool', tool_call_id: id, content }];

describe('/v1/retrieve', () => {
  let r;
  const hashes = {};
  const ask = async (method, path, body, headers = []) => {
    const got = await request(r.port, { method, path, headers: [...(body === undefined ? [] : [['content-type', 'application/json']]), ...headers], body: body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) });
    assert.ok(got.status < 500, `${method} ${path}: ${got.status} ${got.body}`);
    return { status: got.status, get: got.get, json: got.body.length ? JSON.parse(got.body) : undefined };
  };
  const post = (body, headers) => ask('POST', '/v1/retrieve', body, headers);
  const get = (hash, query = {}) => ask('GET', `/v1/retrieve/${hash}${Object.keys(query).length ? `?${new URLSearchParams(query)}` : ''}`);
  const compress = async (content) => {
    const { status, json } = await ask('POST', '/v1/compress', { model: 'gpt-4o', messages: chat(content), config: { profile: 'balanced' } });
    assert.equal(status, 200);
    assert.equal(json.ccr_hashes.length, 1, 'something is left out');
    assert.ok(json.messages[2].content.includes(`hash=${json.ccr_hashes[0]}`));
    return json.ccr_hashes[0];
  };
  // A part by both ways; they must agree.
  const part = async (hash, options) => {
    const one = await post({ hash, ...options });
    const two = await get(hash, options);
    assert.equal(one.status, 200, JSON.stringify(one.json));
    assert.equal(one.json.original_content, two.json.original_content);
    assert.deepEqual(one.json.part, two.json.part);
    return one.json;
  };

  before(async () => {
    r = await rig({ mode: 'plain' });
    hashes.text = await compress(text);
    hashes.wrapped = await compress(wrapped);
    hashes.lines = await compress(lines);
  });
  after(async () => {
    assert.deepEqual(r.upstream.heads, [], 'nothing of it goes upstream');
    assert.ok(!/zzyzx|user-3/.test(r.headroom.stderr), 'content is never logged');
    await r.stop();
  });

  it('gives the exact original back, however the hash is spelled', async () => {
    for (const [name, original] of [['text', text], ['wrapped', wrapped], ['lines', lines]]) {
      let count;
      for (const hash of [hashes[name], hashes[name].toUpperCase()]) {
        for (const { status, json } of [await post({ hash }), await get(hash), await post({ hash, lines: null })]) {
          assert.equal(status, 200);
          assert.equal(json.original_content, original);
          assert.equal(json.hash, hashes[name]);
          assert.equal(json.tool_name, 'list_events');
          assert.ok(json.original_tokens > 1000);
          for (const k of ['original_item_count', 'compressed_item_count']) assert.equal(typeof json[k], 'number');
          if (count !== undefined) assert.equal(json.retrieval_count, count + 1);
          count = json.retrieval_count;
          assert.ok(!('part' in json) && !('ignored_options' in json));
        }
      }
    }
  });

  it('answers HEAD like GET', async () => {
    const got = await request(r.port, { method: 'HEAD', path: `/v1/retrieve/${hashes.text}` });
    assert.equal(got.status, 200);
  });

  it('names options without effect', async () => {
    for (const { json } of [await post({ hash: hashes.text, query: 'errors', made_up: [1] }), await get(hashes.text, { query: 'errors', made_up: 1 })]) {
      assert.equal(json.original_content, text);
      assert.deepEqual(json.ignored_options, ['query', 'made_up']);
    }
  });

  it('cuts lines out', async () => {
    const all = text.split(/(?<=\n)/);
    for (const [options, want] of [[{ lines: '200-260' }, all.slice(199, 260)], [{ lines: '7' }, all.slice(6, 7)], [{ lines: '3000-' }, all.slice(2999)], [{ head: 3 }, all.slice(0, 3)], [{ tail: '4' }, all.slice(-4)], [{ lines: '10-20', tail: 2 }, all.slice(18, 20)]]) {
      const { original_content: got, part: p } = await part(hashes.text, options);
      assert.equal(got, want.join(''), JSON.stringify(options));
      assert.deepEqual([p.unit, p.total, p.given], ['lines', all.length, want.length]);
    }
  });

  it('greps with line numbers and context', async () => {
    const all = text.split('\n');
    const { original_content: got, part: p } = await part(hashes.text, { grep: '"level": "ERROR"', context: 1 });
    const numbered = got.trimEnd().split('\n');
    assert.equal(numbered.filter((l) => l === '--').length, p.matched - 1);
    for (const line of numbered.filter((l) => l !== '--')) {
      const [, n, mark, rest] = line.match(/^(\d+)([:-])(.*)$/s);
      assert.equal(rest, all[n - 1]);
      assert.equal(mark === ':', /"level": "ERROR"/.test(rest));
    }
    assert.equal(p.matched, rows.filter((x) => x.level === 'ERROR').length);
    assert.equal((await part(hashes.text, { grep: 'zzyzx', context: '0' })).original_content.match(/^\d+:.*zzyzx/)?.length, 1);
    assert.equal((await part(hashes.text, { grep: 'no such thing' })).original_content, '');
    const one = await part(hashes.wrapped, { grep: 'zzyzx' });
    assert.ok(one.original_content.length < 600, 'of one long line only what is around');
    assert.match(one.original_content, /^1:… .*zzyzx.* …\n$/);
  });

  it('follows paths', async () => {
    assert.equal((await part(hashes.text, { path: '$[150].note' })).original_content, JSON.stringify(rows[150].note));
    assert.equal((await part(hashes.wrapped, { path: '$.items[-1].user["e.mail"]' })).original_content, JSON.stringify(rows[299].user['e.mail']));
    assert.deepEqual(JSON.parse((await part(hashes.wrapped, { path: '$.items[10:13].id' })).original_content), [5010, 5011, 5012]);
    assert.equal((await part(hashes.lines, { path: '$[3]' })).original_content, lines.split('\n')[3]);
  });

  it('chooses rows', async () => {
    const cases = [
      ['where level=ERROR', (x) => x.level === 'ERROR'], ['level=ERROR and ms>500', (x) => x.level === 'ERROR' && x.ms > 500],
      ['not (level=INFO or level=WARN)', (x) => x.level === 'ERROR'], ['path~/items/1$', (x) => x.path.endsWith('/items/1')],
      ['user.name="user-3"', (x) => x.user.name === 'user-3'], ['200-210', (x) => x.id >= 5199 && x.id < 5210], ['200-299 where level!=INFO', (x) => x.id >= 5199 && x.id < 5299 && x.level !== 'INFO'],
    ];
    for (const [condition, test] of cases) {
      for (const hash of [hashes.text, hashes.wrapped]) {
        const got = await part(hash, { rows: condition });
        assert.deepEqual(JSON.parse(got.original_content), rows.filter(test), condition);
        assert.deepEqual([got.part.unit, got.part.total, got.part.matched], ['rows', 300, rows.filter(test).length]);
      }
    }
    assert.deepEqual(JSON.parse((await part(hashes.wrapped, { path: '$.items[0:50]', rows: 'level=ERROR', tail: 2 })).original_content), rows.slice(0, 50).filter((x) => x.level === 'ERROR').slice(-2));
    assert.equal((await part(hashes.lines, { rows: '2-3' })).original_content, lines.split('\n').slice(1, 3).map((l) => `${l}\n`).join(''));
  });

  it('takes encoded bodies', async () => {
    const { json } = await post(zlib.gzipSync(JSON.stringify({ hash: hashes.text, head: 1 })), [['content-encoding', 'gzip']]);
    assert.equal(json.original_content, '[\n');
    assert.equal((await post(Buffer.from('no gzip'), [['content-encoding', 'gzip']])).status, 400);
  });

  it('says of what is not there that it is final', async () => {
    for (const { status, json } of [await post({ hash: NEVER }), await get(NEVER), await get(NEVER, { rows: 'a=1' }), await get(NEVER.toUpperCase())]) {
      assert.equal(status, 404);
      assert.equal(json.error.type, 'never_stored');
      assert.equal(json.detail, json.error.message);
      assert.match(json.detail, /final/);
      assert.match(json.detail, /run the command/);
      assert.doesNotMatch(json.detail, /retry|try again/);
    }
  });

  const H = () => hashes.text;
  const refused = [
    ['a body that is no JSON', () => post('{'), /JSON object/], ['nothing', () => post(''), /JSON object/], ['an array', () => post('[]'), /JSON object/], ['a string', () => post('"x"'), /JSON object/], ['null', () => post('null'), /JSON object/], ['broken UTF-8', () => post(Buffer.from([123, 34, 0xff, 34, 125])), /JSON object/],
    ['no hash', () => post({}), /hash required/], ['an empty hash', () => post({ hash: '' }), /hash required/], ['a hash of null', () => post({ hash: null }), /hash required/], ['a number for a hash', () => post({ hash: 5 }), /hash must be a string/], ['a list for a hash', () => post({ hash: ['a'] }), /hash must be a string/],
    ['a short hash', () => post({ hash: 'abc123' }), /24 hex digits/], ['a long hash', () => post({ hash: `${NEVER}0` }), /24 hex digits/], ['no hex', () => post({ hash: 'g'.repeat(24) }), /24 hex digits/], ['a surrogate', () => post('{"hash":"\\ud800"}'), /surrogate/],
    ['a short hash in the path', () => get('abc'), /24 hex digits/], ['an escaped hash', () => get('%30'.repeat(24)), /24 hex digits/], ['something else in the path', () => get('tool_cal'), /24 hex digits/],
    ['a range backwards', () => post({ hash: H(), lines: '9-3' }), /lines takes a range/], ['line 0', () => get(H(), { lines: '0-3' }), /lines takes a range/], ['letters for lines', () => get(H(), { lines: 'a-b' }), /lines takes a range/], ['lines as a list', () => post({ hash: H(), lines: [1, 2] }), /lines must be a string or a number/], ['lines behind the end', () => get(H(), { lines: '99999-' }), /has \d+ lines/],
    ['head 0', () => post({ hash: H(), head: 0 }), /head takes/], ['head 1.5', () => post({ hash: H(), head: 1.5 }), /head takes/], ['head true', () => post({ hash: H(), head: true }), /head must be/], ['tail -1', () => get(H(), { tail: -1 }), /tail takes/], ['tail of nothing', () => get(H(), { tail: '' }), /tail takes/],
    ['a pattern that is none', () => get(H(), { grep: '(' }), /grep: The regular expression is wrong at character/], ['no pattern', () => get(H(), { grep: '' }), /grep takes/], ['a number for a pattern', () => post({ hash: H(), grep: 5 }), /grep must be a string/], ['a pattern without end', () => get(H(), { grep: '(\\s|\\s\\s|"|.)+$^' }), /too many steps/], ['context alone', () => get(H(), { context: 3 }), /context goes with grep/], ['much context', () => get(H(), { grep: 'a', context: 100000 }), /context takes/],
    ['a path without end', () => get(H(), { path: '$[0' }), /path: "\]" is missing/], ['a path at any depth', () => get(H(), { path: '$..id' }), /not supported/], ['a filter', () => get(H(), { path: '$[?(@.id)]' }), /rows/], ['a path to nowhere', () => get(H(), { path: '$[0].nope' }), /there is no \.nope in \$\[0\]/], ['an object for a path', () => post({ hash: H(), path: {} }), /path must be a string/],
    ['an unknown column', () => get(H(), { rows: 'where lvl=ERROR' }), /no row has a column lvl; there are id, level/], ['a condition cut off', () => get(H(), { rows: 'where level=' }), /rows: a value is missing/], ['no condition', () => get(H(), { rows: '' }), /rows: a column/], ['a row behind the end', () => get(H(), { rows: '900' }), /no row 900/], ['a bad pattern in a condition', () => get(H(), { rows: 'path~[' }), /rows: The regular expression/],
    ['lines and rows', () => get(H(), { lines: '1', rows: '1' }), /do not go together/], ['head and tail', () => get(H(), { head: '1', tail: '1' }), /do not go together/], ['an option twice', () => ask('GET', `/v1/retrieve/${H()}?head=1&head=2`), /given twice/], ['a broken escape', () => ask('GET', `/v1/retrieve/${H()}?grep=%zz`), /%25/],
  ];
  for (const [name, send, says] of refused) {
    it(`refuses ${name}`, async () => {
      const { status, json } = await send();
      assert.equal(status, 400, JSON.stringify(json));
      assert.match(json.detail, says);
      assert.deepEqual(json.error, { type: 'invalid_request', message: json.detail });
    });
  }

  it('refuses other methods and paths here', async () => {
    for (const [method, path, allow] of [['GET', '/v1/retrieve', 'POST'], ['PUT', '/v1/retrieve', 'POST'], ['POST', `/v1/retrieve/${NEVER}`, 'GET'], ['DELETE', `/v1/retrieve/${NEVER}`, 'GET'], ['POST', '/v1/retrieve/stats', 'GET'], ['GET', '/v1/retrieve/tool_call', 'POST']]) {
      const got = await ask(method, path, method === 'GET' ? undefined : '{}', OPENAI);
      assert.equal(got.status, 405, `${method} ${path}`);
      assert.ok(got.get('allow').includes(allow), `${method} ${path}`);
    }
    for (const path of ['/v1/retrieve/', `/v1/retrieve/${NEVER}/`, '/v1/retrieve/a/b']) assert.equal((await ask('GET', path, undefined, OPENAI)).status, 404, path);
  });

  it('is for this machine alone, and not for other web sites', async () => {
    const calls = [['POST', '/v1/retrieve', { hash: hashes.text }], ['GET', `/v1/retrieve/${hashes.text}`], ['GET', '/v1/retrieve/stats'], ['POST', '/v1/retrieve/tool_call', {}]];
    for (const [method, path, body] of calls) {
      assert.equal((await ask(method, path, body, [['Host', 'evil.example']])).status, 404, path);
      if (path.endsWith('stats')) continue;
      assert.equal((await ask(method, path, body, [['Origin', 'https://evil.example']])).status, 403, path);
      assert.equal((await ask(method, path, body, [['Sec-Fetch-Site', 'cross-site']])).status, 403, path);
    }
  });

  describe('tool_call', () => {
    const call = (tool_call, provider, headers) => ask('POST', '/v1/retrieve/tool_call', provider === undefined ? { tool_call } : { tool_call, provider }, headers);
    const name = 'headroom_retrieve';

    it('takes the shapes of the providers', async () => {
      const args = { hash: hashes.text.toUpperCase(), rows: 'id=5150' };
      const shapes = [
        [{ id: 't1', name, input: args }, undefined, { type: 'tool_result', tool_use_id: 't1' }],
        [{ id: 't1', type: 'tool_use', name, input: args }, 'anthropic', { type: 'tool_result', tool_use_id: 't1' }],
        [{ id: 'c1', type: 'function', function: { name, arguments: JSON.stringify(args) } }, 'openai', { role: 'tool', tool_call_id: 'c1' }],
        [{ id: 'c1', function: { name, arguments: args } }, 'openai', { role: 'tool', tool_call_id: 'c1' }],
        [{ functionCall: { name, args } }, 'google', { tool_call_id: null }],
        [{ function_call: { name, args } }, 'google', { tool_call_id: null }],
        [{ id: 'x', name, args }, 'cohere', { tool_call_id: 'x' }],
        [{ id: 'x', name, input: args }, 'cohere', { tool_call_id: 'x' }],
      ];
      for (const [shape, provider, want] of shapes) {
        const { status, json } = await call(shape, provider);
        assert.equal(status, 200, JSON.stringify(json));
        assert.equal(json.success, true);
        assert.deepEqual(JSON.parse(json.data.original_content), [rows[150]]);
        assert.equal(json.data.hash, hashes.text);
        assert.equal(json.data.part.given, 1);
        const { content, functionResponse, ...rest } = json.tool_result;
        assert.deepEqual(rest, want);
        assert.deepEqual(JSON.parse(content), json.data);
        if (provider === 'google') assert.deepEqual(functionResponse, { name, response: json.data });
        else assert.equal(functionResponse, undefined);
      }
      assert.equal((await call({ id: 't', name, input: { hash: hashes.wrapped } })).json.data.original_content, wrapped);
    });

    it('answers a miss to the model', async () => {
      const { status, json } = await call({ id: 't1', name, input: { hash: NEVER } });
      assert.equal(status, 200);
      assert.equal(json.success, false);
      assert.deepEqual({ ...json.data, error: '' }, { error: '', hash: NEVER, status: 'missing', ttl_seconds: 604800 });
      assert.match(json.data.error, /run the command/);
      assert.deepEqual(JSON.parse(json.tool_result.content), json.data);
    });

    const post = (body) => ask('POST', '/v1/retrieve/tool_call', body);
    for (const [title, send, says] of [
      ['no JSON', () => post('{'), /JSON object/], ['an array', () => post([]), /JSON object/], ['nothing', () => post(''), /JSON object/], ['no call', () => post({}), /tool_call must be an object/], ['a call of null', () => call(null), /tool_call must be an object/], ['a call of text', () => call('x'), /tool_call must be an object/],
      ['another tool', () => call({ name: 'bash', input: { hash: NEVER } }), /headroom_retrieve/], ['the name in other letters', () => call({ name: 'Headroom_Retrieve', input: { hash: NEVER } }), /headroom_retrieve/], ['the shape of another provider', () => call({ name, input: { hash: NEVER } }, 'openai'), /headroom_retrieve/], ['a provider that is no text', () => call({ name, input: { hash: NEVER } }, 7), /provider/],
      ['no arguments', () => call({ name }), /no arguments/], ['arguments of null', () => call({ name, input: null }), /no arguments/], ['arguments that are no JSON', () => call({ function: { name, arguments: '{"hash"' } }, 'openai'), /arguments/], ['arguments that are a list', () => call({ function: { name, arguments: '[]' } }, 'openai'), /arguments/], ['a number for an id', () => call({ id: 5, name, input: { hash: NEVER } }), /id/],
      ['no hash', () => call({ name, input: {} }), /hash required/], ['a bad hash', () => call({ name, input: { hash: 'zzz' } }), /24 hex digits/], ['a bad pattern', () => call({ name, input: { hash: hashes.text, grep: '[' } }), /grep/], ['an unknown column', () => call({ name, input: { hash: hashes.text, rows: 'x=1' } }), /no row has a column/],
    ]) {
      it(`refuses ${title}`, async () => {
        const { status, json } = await send();
        assert.equal(status, 400, JSON.stringify(json));
        assert.match(json.detail, says);
        assert.equal(json.error.type, 'invalid_request');
      });
    }
  });

  it('counts', async () => {
    const { json: one } = await ask('GET', '/v1/retrieve/stats');
    await get(hashes.lines, { head: 1 });
    await get(NEVER);
    await get('abc');
    const { status, json: two } = await ask('GET', '/v1/retrieve/stats');
    assert.equal(status, 200);
    assert.equal(two.entries, 3);
    assert.equal(two.text_bytes, [text, wrapped, lines].reduce((n, t) => n + Buffer.byteLength(t), 0));
    assert.ok(two.bytes > 0 && two.bytes < two.text_bytes && two.bytes < two.bytes_limit);
    assert.deepEqual([two.hits - one.hits, two.misses - one.misses], [1, 1]);
    assert.ok(Math.abs(two.hit_rate - two.hits / (two.hits + two.misses)) < 1e-4);
    assert.deepEqual([two.evictions, two.expirations, two.ttl_seconds], [0, 0, 604800]);
    assert.equal(two.recent.length, 20);
    assert.deepEqual({ ...two.recent[0], timestamp: 0, items_total: 0 }, { timestamp: 0, hash: hashes.lines, tool_name: 'list_events', part: 'head=1', items: 1, items_total: 0 });
    assert.ok(Math.abs(Date.parse(two.recent[0].timestamp) - Date.now()) < 60_000);
    const { store } = two;
    assert.deepEqual([store.entry_count, store.default_ttl_seconds, store.total_retrievals, store.event_count, store.backend.backend_type, store.backend.entry_count], [3, 604800, two.hits, 20, 'sqlite', 3]);
    assert.ok(store.total_original_tokens > store.total_compressed_tokens && store.total_compressed_tokens > 0);
    assert.deepEqual({ ...two.recent_retrievals[0], total_items: 0 }, { hash: hashes.lines, query: 'head=1', items_retrieved: 1, total_items: 0, tool_name: 'list_events', retrieval_type: 'part' });
  });
});
