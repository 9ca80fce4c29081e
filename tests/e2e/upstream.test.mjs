// The scripted upstream against the official SDKs, with nothing in between: what
// the other suites rely on must itself hold.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import OpenAI from 'openai';

import { sign } from './lib/anthropic.mjs';
import { PromptCache } from './lib/cache.mjs';
import { RawClient, request, requestBytes } from './lib/raw.mjs';
import { Upstream, faults } from './lib/upstream.mjs';

const TOOL = { name: 'get_weather', description: 'Weather of a city', input_schema: { type: 'object', properties: { city: { type: 'string' } } } };

describe('the scripted upstream', () => {
  let u, claude, gpt;
  before(async () => {
    u = await Upstream.start();
    claude = new Anthropic({ baseURL: u.url, apiKey: 'sk-ant-test', maxRetries: 0 });
    gpt = new OpenAI({ baseURL: `${u.url}/v1`, apiKey: 'sk-test', maxRetries: 0 });
  });
  after(() => u.stop());
  beforeEach(() => u.reset());
  const ask = (more = {}) => ({ model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }], ...more });

  it('answers and streams messages with tools and signed thinking', async () => {
    const turn = { thinking: 'let me see', text: 'Looking it up.', tools: [{ name: 'get_weather', input: { city: 'Ulm' } }] };
    u.turns.push(turn, turn);
    const once = await claude.messages.create(ask({ tools: [TOOL] }));
    assert.deepEqual(once.content.map((b) => b.type), ['thinking', 'text', 'tool_use']);
    assert.equal(once.content[0].signature, sign('let me see'));
    const streamed = await claude.messages.stream(ask({ tools: [TOOL] })).finalMessage();
    assert.deepEqual(streamed.content.map(({ id: _, ...b }) => b), once.content.map(({ id: _, ...b }) => b));
    assert.equal(streamed.stop_reason, 'tool_use');
  });

  it('refuses what a provider refuses', async () => {
    const use = { type: 'tool_use', id: 't1', name: 'get_weather', input: {} };
    const bad = (messages, more) => assert.rejects(claude.messages.create(ask({ messages, ...more })), Anthropic.BadRequestError);
    const user = { role: 'user', content: 'hi' };
    await bad([user, { role: 'assistant', content: [use] }, { role: 'user', content: 'no result' }]);
    await bad([user, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't9', content: 'x' }] }]);
    await bad([user, { role: 'assistant', content: [{ type: 'thinking', thinking: 'changed', signature: sign('original') }] }, user]);
    const marked = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } };
    await bad([{ role: 'user', content: [marked, marked, marked, marked, marked] }]);
    await assert.rejects(gpt.chat.completions.create({ model: 'gpt-4o', messages: [user, { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] }, user] }), OpenAI.BadRequestError);
  });

  it('serves the other shapes', async () => {
    u.turns.push({ text: 'Hello from chat' }, { text: 'Hello from chat' }, { text: 'From responses' }, { text: 'From responses' });
    const q = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] };
    assert.equal((await gpt.chat.completions.create(q)).choices[0].message.content, 'Hello from chat');
    let text = '';
    for await (const c of await gpt.chat.completions.create({ ...q, stream: true })) text += c.choices[0]?.delta.content ?? '';
    assert.equal(text, 'Hello from chat');
    assert.equal((await gpt.responses.create({ model: 'gpt-5', input: 'hi' })).output_text, 'From responses');
    let last;
    for await (const e of await gpt.responses.create({ model: 'gpt-5', input: 'hi', stream: true })) last = e;
    assert.equal(last.type, 'response.completed');
    assert.equal((await gpt.embeddings.create({ model: 'e', input: ['a', 'b'] })).data.length, 2);
    assert.equal((await gpt.models.list()).data[0].id, 'gpt-4o');
    assert.ok((await claude.messages.countTokens(ask())).input_tokens > 0);
    assert.equal((await request(u.port, { method: 'HEAD', path: '/' })).status, 200);
  });

  it('gives provider errors their classes', async () => {
    for (const [status, Class] of [[400, 'BadRequestError'], [401, 'AuthenticationError'], [429, 'RateLimitError'], [529, 'InternalServerError'], [500, 'InternalServerError']]) {
      u.next(faults.status('anthropic', status, 'no'), faults.status('openai', status, 'no'));
      await assert.rejects(claude.messages.create(ask()), Anthropic[Class]);
      await assert.rejects(gpt.chat.completions.create({ model: 'gpt-4o', messages: [] }), OpenAI[Class]);
    }
  });

  it('keeps the exact bytes and echoes a tunnel', async () => {
    const bytes = requestBytes({ path: '/v1/echo?x=1', headers: [['X-Odd', 'a  b'], ['x-odd', 'c']], body: Buffer.from([0, 255, 10]) });
    const c = await RawClient.connect(u.port);
    c.send(bytes);
    assert.equal((await c.response()).status, 200);
    assert.deepEqual(Buffer.concat([u.last.head, u.last.body]), bytes);
    c.send('GET /v1/responses HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nearly');
    assert.equal((await c.response()).status, 101);
    c.send('late');
    assert.ok(await c.until(() => c.bytes.toString() === 'earlylate'));
    c.close();
  });
});

describe('the simulated prompt cache', () => {
  const big = (name, n = 5000) => ({ type: 'text', text: `${name} `.repeat(n / (name.length + 1)) });
  const mark = (b, ttl) => ({ ...b, cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) } });
  const body = (messages, more = {}) => ({ model: 'claude-sonnet-4-5', system: [big('system')], messages, ...more });
  const user = (...content) => ({ role: 'user', content });
  const bot = (text) => ({ role: 'assistant', content: [{ type: 'text', text }] });

  it('reads what was written once the response began, for as long as it lives', () => {
    let now = 0;
    const c = new PromptCache({ now: () => now });
    const one = body([user(mark(big('a')))]);
    const first = c.anthropic(one, 'k');
    assert.equal(first.hit, 0);
    assert.ok(first.usage.cache_creation_input_tokens > 2000);
    assert.equal(c.anthropic(one, 'k').hit, 0, 'before the response began');
    first.begin();
    const two = body([user(big('a')), bot('b'), user(mark(big('c')))]);
    assert.equal(c.anthropic(two, 'k').hit, 2, 'the mark moved, the prefix did not');
    assert.equal(c.anthropic(two, 'other').hit, 0, 'another credential');
    assert.equal(c.anthropic({ ...two, model: 'claude-opus-4-1' }, 'k').hit, 0, 'another model');
    assert.equal(c.anthropic({ ...two, thinking: { type: 'enabled' } }, 'k').hit, 0, 'other thinking settings');
    now += 5 * 60_000 + 1;
    assert.equal(c.anthropic(two, 'k').hit, 0, 'its life is over');
  });

  it('knows the minimum, the look-back, the hour and the first difference', () => {
    let now = 0;
    const c = new PromptCache({ now: () => now });
    const small = { model: 'claude-sonnet-4-5', messages: [user(mark({ type: 'text', text: 'short' }))] };
    const s = c.anthropic(small, 'k');
    s.begin();
    assert.equal(s.usage.cache_creation_input_tokens, 0);
    assert.equal(c.anthropic(small, 'k').hit, 0);
    c.anthropic(body([user(mark(big('a'), '1h'))]), 'k').begin();
    const more = (n) => body([user(big('a'), ...Array.from({ length: n }, (_, i) => ({ type: 'text', text: `b${i}` })), mark(big('z')))]);
    assert.equal(c.anthropic(more(18), 'k').hit, 2, '19 blocks after it');
    assert.equal(c.anthropic(more(19), 'k').hit, 0, '20 blocks after it');
    now += 59 * 60_000;
    assert.equal(c.anthropic(more(1), 'k').hit, 2);
    const changed = c.anthropic(body([user(big('A')), bot('b'), user(mark(big('c')))]), 'k');
    assert.equal(changed.hit, 0);
    assert.equal(changed.entry.firstDifference.block, 1);
  });

  it('counts OpenAI tokens in steps of 128 from 1,024', () => {
    const c = new PromptCache({ now: () => 0 });
    const chat = (...texts) => ({ model: 'gpt-4o', messages: texts.map((t) => ({ role: 'user', content: t })) });
    c.openai(chat('x'.repeat(3000)), 'k').begin();
    assert.equal(c.openai(chat('x'.repeat(3000)), 'k').cached, 0);
    c.openai(chat('y'.repeat(6000)), 'k').begin();
    const again = c.openai(chat('y'.repeat(6000), 'more'), 'k');
    assert.equal(again.cached % 128, 0);
    assert.ok(again.cached >= 1408 && again.cached <= 1536, String(again.cached));
  });
});
