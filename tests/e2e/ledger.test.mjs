// The cases of the ledger, one by one: what was sent stays sent.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';

import * as data from './lib/data.mjs';
import { Headroom, stateFolder } from './lib/headroom.mjs';
import { Random } from './lib/random.mjs';
import { ANTHROPIC, OPENAI, RawClient, request, requestBytes } from './lib/raw.mjs';
import { Upstream, faults } from './lib/upstream.mjs';

let counter = 0;
const id = () => `toolu_${++counter}_${new Random(counter).hex(16)}`;
const table = (seed, n = 50) => JSON.stringify(data.rows(new Random(seed), n), null, 2);
const user = (text) => ({ role: 'user', content: text });
const bot = (...blocks) => ({ role: 'assistant', content: blocks });
const use = (i, name = 'list') => ({ type: 'tool_use', id: i, name, input: {} });
const result = (i, content, more = {}) => ({ type: 'tool_result', tool_use_id: i, content, ...more });
const results = (...r) => ({ role: 'user', content: r });
const text = (t) => ({ type: 'text', text: t });
const TOOL = { name: 'list', description: 'd', input_schema: { type: 'object' } };

describe('the ledger', () => {
  let u, h;
  const state = stateFolder();
  before(async () => { u = await Upstream.start(); h = await Headroom.start({ state, upstream: u.url }); });
  after(async () => { await h.stop(); await u.stop(); fs.rmSync(state, { recursive: true }); });
  beforeEach(() => u.reset());

  // Sends the messages; gives back those that went upstream.
  async function send(messages, { more = {}, headers = [], port = h.port, status = 200 } = {}) {
    const got = await request(port, { path: '/v1/messages', headers: [...ANTHROPIC, ...headers], body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 10, tools: [TOOL], messages, ...more }) });
    assert.equal(got.status, status, String(got.body));
    return u.last.json().messages;
  }

  // Text of the k-th tool result of message m, parts joined.
  const textOf = (messages, m, k = 0) => { const c = messages[m].content[k].content; return typeof c === 'string' ? c : c.map((p) => p.text).join('\0'); };

  // A conversation with one compressed result in message 2.
  async function begun(seed) {
    const i = id();
    const messages = [user(`go ${i}`), bot(use(i)), results(result(i, table(seed)))];
    const form = textOf(await send(messages), 2);
    assert.notEqual(form, table(seed), 'a new block is compressed');
    return { i, messages, form };
  }

  it('a new block is compressed and stays so as the conversation grows', async () => {
    const { messages, form } = await begun(1);
    for (let n = 0; n < 6; n++) {
      const i = id();
      messages.push(bot(text('next'), use(i)), results(result(i, table(50 + n))));
      const sent = await send(messages);
      assert.equal(textOf(sent, 2), form);
    }
  });

  it('a moving cache_control mark changes nothing but itself', async () => {
    const { i, messages, form } = await begun(2);
    const marked = [messages[0], messages[1], results(result(i, table(2), { cache_control: { type: 'ephemeral' } }))];
    const sent = await send(marked);
    assert.equal(textOf(sent, 2), form);
    assert.deepEqual(sent[2].content[0].cache_control, { type: 'ephemeral' });
    const inside = await send([messages[0], messages[1], results(result(i, [{ ...text(table(2)), cache_control: { type: 'ephemeral', ttl: '1h' } }]))]);
    assert.equal(textOf(inside, 2), form);
    assert.deepEqual(inside[2].content[0].content[0].cache_control, { type: 'ephemeral', ttl: '1h' });
  });

  it('a string that becomes one text part, and back, is the same block', async () => {
    const { i, messages, form } = await begun(3);
    const parts = await send([messages[0], messages[1], results(result(i, [text(table(3))]))]);
    assert.equal(textOf(parts, 2), form);
    assert.ok(Array.isArray(parts[2].content[0].content), 'the client\'s shape stays');
    assert.equal(textOf(await send(messages), 2), form);
  });

  it('another system text, model, header or thinking setting changes no form', async () => {
    const { messages, form } = await begun(4);
    for (const more of [{ system: 'x' }, { system: [text('x-anthropic-billing-header: 1'), text('y')] }, { model: 'claude-opus-4-1' }, { thinking: { type: 'enabled', budget_tokens: 2000 } }, { tool_choice: { type: 'any' } }, { tools: [TOOL, { ...TOOL, name: 'other' }] }, { tools: undefined }, { stream: true }, { max_tokens: 99 }]) {
      assert.equal(textOf(await send(messages, { more }), 2), form, JSON.stringify(more));
    }
    assert.equal(textOf(await send(messages, { headers: [['authorization', 'Bearer sk-ant-oat01-refreshed']] }), 2), form);
  });

  it('met half-way, old blocks stay verbatim for ever and new ones are compressed', async () => {
    const [a, b, c] = [id(), id(), id()];
    const messages = [user('go'), bot(use(a)), results(result(a, table(5))), bot(use(b)), results(result(b, table(6)))];
    const sent = await send(messages);
    assert.equal(textOf(sent, 2), table(5), 'stands before the last assistant message: the provider may hold it');
    const form = textOf(sent, 4);
    assert.notEqual(form, table(6));
    messages.push(bot(use(c)), results(result(c, table(7))));
    const later = await send(messages);
    assert.equal(textOf(later, 2), table(5));
    assert.equal(textOf(later, 4), form);
    assert.notEqual(textOf(later, 6), table(7));
    // Even where the conversation is cut back so that the old block is the newest.
    assert.equal(textOf(await send(messages.slice(0, 3)), 2), table(5));
  });

  it('adopt = compress compresses old blocks too', async () => {
    const s = stateFolder();
    const g = await Headroom.start({ state: s, upstream: u.url, args: ['--adopt', 'compress'] });
    const [a, b] = [id(), id()];
    const sent = await send([user('go'), bot(use(a)), results(result(a, table(5))), bot(use(b)), results(result(b, 'ok'))], { port: g.port });
    assert.notEqual(textOf(sent, 2), table(5));
    await g.stop();
    fs.rmSync(s, { recursive: true });
  });

  it('half-way with ids that repeat: the old block with the same id stays', async () => {
    const chat = async (messages) => {
      const got = await request(h.port, { path: '/v1/chat/completions', headers: OPENAI, body: JSON.stringify({ model: 'gpt-4o', messages }) });
      assert.equal(got.status, 200, String(got.body));
      return u.last.json().messages;
    };
    const call = { role: 'assistant', content: null, tool_calls: [{ id: 'call_0', type: 'function', function: { name: 'list', arguments: '{}' } }] };
    const out = (t) => ({ role: 'tool', tool_call_id: 'call_0', content: t });
    const messages = [user('go'), call, out(table(8)), call, out(table(9))];
    const sent = await chat(messages);
    assert.equal(sent[2].content, table(8));
    assert.notEqual(sent[4].content, table(9));
    const later = await chat([...messages, call, out(table(10))]);
    assert.equal(later[2].content, table(8));
    assert.equal(later[4].content, sent[4].content);
  });

  it('a bypassed turn goes verbatim as a whole; afterwards old forms are replayed, its own block stays verbatim', async () => {
    const { messages, form } = await begun(11);
    const i = id();
    messages.push(bot(use(i)), results(result(i, table(12))));
    const bypassed = await send(messages, { headers: [['x-headroom-bypass', 'true']] });
    assert.equal(textOf(bypassed, 2), table(11));
    assert.equal(textOf(bypassed, 4), table(12));
    const next = await send([...messages, bot(text('done')), user('more')]);
    assert.equal(textOf(next, 2), form);
    assert.equal(textOf(next, 4), table(12));
    assert.equal(textOf(await send(messages), 4), table(12), 'also when it is the newest again');
  });

  it('a forced tool, cancelled, retried: same bytes', async () => {
    const { messages, form } = await begun(13);
    const sent = await send(messages, { more: { tool_choice: { type: 'tool', name: 'list' } } });
    assert.equal(textOf(sent, 2), form);
    const i = id();
    messages.push(bot(use(i)), results(result(i, table(14))));
    u.next(faults.stall());
    const arrived = u.received(u.requests.length + 1, 'requests');
    const c = await RawClient.connect(h.port);
    c.send(requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 10, tools: [TOOL], messages }) }));
    const first = (await arrived).sha256;
    c.close();
    await send(messages);
    assert.equal(u.last.sha256, first);
  });

  it('529, restart, retry: same bytes', async () => {
    const i = id();
    const messages = [user('go'), bot(use(i)), results(result(i, table(15)))];
    u.next(faults.status('anthropic', 529, 'Overloaded'));
    await send(messages, { status: 529 });
    const first = u.last.sha256;
    await h.restart();
    await send(messages);
    assert.equal(u.last.sha256, first);
  });

  it('killed after sending: the retry sends the same bytes', async () => {
    const i = id();
    const messages = [user('go'), bot(use(i)), results(result(i, table(16)))];
    u.next(faults.stall());
    const arrived = u.received(u.requests.length + 1, 'requests');
    const c = await RawClient.connect(h.port);
    c.send(requestBytes({ path: '/v1/messages', headers: ANTHROPIC, body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 10, tools: [TOOL], messages }) }));
    const first = (await arrived).sha256;
    await h.kill();
    c.close();
    h = await Headroom.start({ state, upstream: u.url });
    await send(messages);
    assert.equal(u.last.sha256, first);
  });

  it('rewind and fork: the main line is unchanged', async () => {
    const { messages, form } = await begun(17);
    const [a, b] = [id(), id()];
    const main = [...messages, bot(use(a)), results(result(a, table(18)))];
    const sent = await send(main);
    const fork = [...messages, bot(text('other'), use(b)), results(result(b, table(18)))];
    const forked = await send(fork);
    assert.equal(textOf(forked, 2), form);
    assert.equal(textOf(forked, 4), textOf(sent, 4), 'one text, one form');
    assert.deepEqual(await send(main), sent);
    const rewound = await send([user('changed'), ...messages.slice(1)]);
    assert.equal(textOf(rewound, 2), form);
  });

  it('compaction that keeps turns keeps their forms', async () => {
    const { messages, form } = await begun(19);
    const compacted = [user('summary of everything'), ...messages.slice(1), bot(text('ok')), user('go on')];
    assert.equal(textOf(await send(compacted), 2), form);
  });

  it('the result edited by the client is a new block, the others stay', async () => {
    const [a, b] = [id(), id()];
    const both = (x) => [user('go'), bot(use(a), use(b)), results(result(a, table(20)), result(b, x))];
    const one = await send(both(table(21)));
    const two = await send(both(table(22)));
    assert.equal(textOf(two, 2, 0), textOf(one, 2, 0));
    assert.notEqual(textOf(two, 2, 1), textOf(one, 2, 1));
    assert.deepEqual(await send(both(table(21))), one);
  });

  it('mid-conversation system messages and thinking pass and change nothing', async () => {
    const { messages, form } = await begun(23);
    const sent = await send([...messages, { role: 'system', content: 'reminder' }, bot(text('ok')), user('x')]);
    assert.equal(textOf(sent, 2), form);
    assert.deepEqual(sent[3], { role: 'system', content: 'reminder' });
  });

  it('two processes on one store decide once', async () => {
    const second = await Headroom.start({ state, upstream: u.url });
    for (let n = 0; n < 10; n++) {
      const i = id();
      const messages = [user('go'), bot(use(i)), results(result(i, table(200 + n)))];
      const body = JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 10, messages });
      const from = u.requests.length;
      await Promise.all([h.port, second.port].map((port) => request(port, { path: '/v1/messages', headers: ANTHROPIC, body })));
      assert.equal(u.requests.length, from + 2);
      assert.equal(u.requests[from].sha256, u.requests[from + 1].sha256);
    }
    await second.stop();
  });

  it('the same bytes after a restart with other settings', async () => {
    const { messages, form } = await begun(25);
    await h.stop();
    h = await Headroom.start({ state, upstream: u.url, args: ['--min-tokens', '100000'] });
    assert.equal(textOf(await send([...messages, bot(text('ok')), user('x')]), 2), form);
    const i = id();
    assert.equal(textOf(await send([user('n'), bot(use(i)), results(result(i, table(26)))]), 2), table(26), 'a new block is under the new floor');
    await h.stop();
    h = await Headroom.start({ state, upstream: u.url });
  });
});
