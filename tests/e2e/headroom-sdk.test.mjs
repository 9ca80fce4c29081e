// The TypeScript SDK of the Headroom proxy (headroom-ai) against our gateway: all that it
// offers that our endpoints cover, but for health(), which wants another word than ours.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { File } from 'node:buffer';
import { after, before, beforeEach, describe, it } from 'node:test';
import { HeadroomClient, HeadroomCompressError, HeadroomConnectionError, SharedContext, compress, simulate } from 'headroom-ai';
import { withHeadroom as withAnthropic } from 'headroom-ai/anthropic';
import { withHeadroom as withGemini } from 'headroom-ai/gemini';
import { withHeadroom as withOpenAI } from 'headroom-ai/openai';
import { compressVercelMessages, headroomMiddleware } from 'headroom-ai/vercel-ai';
import OpenAI from 'openai';

import { rig } from './lib/rig.mjs';

globalThis.File ??= File;	// the OpenAI SDK wants it there; Node 18 keeps it in a module
const ERROR = 'zyx-7731 lost its leader';
let made = 0;
// What a tool prints: different at each call, since what was sent before is sent again.
const events = (n = 300) => {
  made += 1000;
  return JSON.stringify(Array.from({ length: n }, (_, i) => ({ id: made + i, level: i === 123 ? 'ERROR' : 'INFO', message: i === 123 ? ERROR : `GET /items/${i % 9}` })), null, 1);
};
const call = (id) => ({ id, type: 'function', function: { name: 'list_events', arguments: '{"page":1}' } });
const chat = (text, id = 'c1') => [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'What broke?' }, { role: 'assistant', content: null, tool_calls: [call(id)] }, { role: 'tool', tool_call_id: id, content: text }];
const claude = (text, id = 't1') => [{ role: 'user', content: 'What broke?' }, { role: 'assistant', content: [{ type: 'tool_use', id, name: 'list_events', input: { page: 1 } }] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: text }] }];
const vercel = (text) => [{ role: 'user', content: [{ type: 'text', text: 'What broke?' }] }, { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'v1', toolName: 'list_events', input: { page: 1 } }] }, { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'v1', toolName: 'list_events', output: { type: 'text', value: text } }] }];
const gemini = (text) => [{ role: 'user', parts: [{ text: 'What broke?' }] }, { role: 'model', parts: [{ functionCall: { name: 'list_events', args: { page: 1 } } }] }, { role: 'user', parts: [{ functionResponse: { name: 'list_events', response: JSON.parse(text) } }] }];

describe('headroom-ai', () => {
  let r, client, options;
  before(async () => {
    r = await rig({ mode: 'plain' });
    options = { baseUrl: r.url, fallback: false, retries: 0 };
    client = new HeadroomClient({ ...options, apiKey: 'hr-key', providerApiKey: 'sk-provider', stack: 'test' });
  });
  after(() => r.stop());
  beforeEach(() => r.reset());

  function assertSmaller(result) {
    assert.equal(result.compressed, true);
    assert.ok(result.tokensSaved > 1000 && result.tokensAfter < result.tokensBefore / 5, JSON.stringify({ ...result, messages: 0 }));
    assert.equal(result.tokensSaved, result.tokensBefore - result.tokensAfter);
    assert.ok(Math.abs(result.compressionRatio - result.tokensAfter / result.tokensBefore) < 0.001);
    assert.ok(result.transformsApplied.length > 0);
    assert.equal(result.ccrHashes.length, 1);
    assert.ok(JSON.stringify(result.messages).includes(ERROR), 'the error survives');
    assert.equal(r.upstream.heads.length, 0, 'nothing goes upstream');
  }

  it('compress: messages of OpenAI, Anthropic, the AI SDK and Gemini keep their shape', async () => {
    for (const [shape, text] of [[chat, events()], [claude, events()], [vercel, events()]]) {
      const messages = shape(text);
      const result = await compress(messages, { ...options, model: 'gpt-4o' });
      assertSmaller(result);
      assert.equal(result.messages.length, messages.length);
      assert.deepEqual(result.messages.map((m) => m.role), messages.map((m) => m.role));
      assert.equal((await client.retrieve(result.ccrHashes[0])).originalContent, text);
    }
    assertSmaller(await compress(gemini(events()), { ...options, model: 'gemini-2.0-flash' }));
  });

  it('compress: a client, a budget and options in camel case', async () => {
    const text = events();
    assertSmaller(await compress(chat(text), { client, tokenBudget: 100_000 }));
    const lossless = new HeadroomClient({ ...options, config: { profile: 'lossless', smartCrusher: { enabled: true } } });
    const result = await lossless.compress(chat(text));
    assert.deepEqual(result.ccrHashes, []);
    assert.ok(result.tokensSaved > 1000);
    const recent = new HeadroomClient({ ...options, config: { protectRecent: 2 } });
    assert.deepEqual((await recent.compress(chat(events()))).tokensSaved, 0);
  });

  it('compress: what was sent is sent again as the conversation grows', async () => {
    const messages = chat(events());
    const one = await client.compress(messages);
    const two = await client.compress([...messages, { role: 'assistant', content: 'The leader.' }, ...chat(events(), 'c2').slice(1)]);
    assert.deepEqual(two.messages.slice(0, messages.length), one.messages);
    assert.equal(two.ccrHashes.length, 2);
    assert.equal(two.ccrHashes[0], one.ccrHashes[0]);
  });

  it('compress: errors of ours are theirs', async () => {
    await assert.rejects(client.compress('no list'), (e) => e instanceof HeadroomCompressError && e.statusCode === 400 && e.errorType === 'invalid_request' && /array/.test(e.message));
    await assert.rejects(client.compress([], { model: 5 }), (e) => e instanceof HeadroomCompressError && /model/.test(e.message));
    const nobody = new HeadroomClient({ baseUrl: 'http://127.0.0.1:9', retries: 0, fallback: false });
    await assert.rejects(nobody.compress([]), HeadroomConnectionError);
  });

  it('simulate', async () => {
    const text = events();
    for (const result of [await simulate(chat(text), options), await client.chat.completions.simulate({ model: 'gpt-4o', messages: chat(text) }), await client.messages.simulate({ model: 'claude-sonnet-4-5', messages: claude(text) })]) {
      assert.ok(result.tokensSaved > 1000);
      assert.deepEqual(result.ignoredOptions, ['default_mode', 'generate_diff_artifact']);
    }
  });

  it('retrieve: the original, what is gone, what is no hash', async () => {
    const text = events();
    const { ccrHashes: [hash] } = await client.compress(chat(text));
    const got = await client.retrieve(hash);
    assert.equal(got.originalContent, text);
    assert.deepEqual([got.hash, got.toolName, got.retrievalCount], [hash, 'list_events', 1]);
    assert.ok(got.originalTokens > 1000);
    assert.equal(typeof got.originalItemCount + typeof got.compressedItemCount, 'numbernumber');
    assert.equal((await client.retrieve(hash.toUpperCase(), { query: 'errors' })).originalContent, text);
    await assert.rejects(client.retrieve('0'.repeat(24)), (e) => e.statusCode === 404 && e.errorType === 'never_stored' && /run the command/.test(e.message));
    await assert.rejects(client.retrieve('abc'), (e) => e.statusCode === 400 && /24 hex digits/.test(e.message));
  });

  it('handleToolCall', async () => {
    const text = events();
    const { ccrHashes: [hash] } = await client.compress(chat(text));
    const name = 'headroom_retrieve';
    const one = await client.handleToolCall({ toolCall: { id: 't1', name, input: { hash } } });
    assert.equal(one.success, true);
    assert.equal(one.data.originalContent, text);
    assert.deepEqual({ ...one.toolResult, content: 0 }, { type: 'tool_result', toolUseId: 't1', content: 0 });
    assert.equal(JSON.parse(one.toolResult.content).original_content, text);
    const two = await client.handleToolCall({ toolCall: { id: 'c1', type: 'function', function: { name, arguments: JSON.stringify({ hash, rows: 'level=ERROR' }) } }, provider: 'openai' });
    assert.deepEqual(JSON.parse(two.data.originalContent).map((row) => row.message), [ERROR]);
    assert.equal(two.toolResult.toolCallId, 'c1');
    const three = await client.handleToolCall({ toolCall: { functionCall: { name, args: { hash } } }, provider: 'google' });
    assert.equal(three.data.originalContent, text);
    const miss = await client.handleToolCall({ toolCall: { id: 't1', name, input: { hash: 'f'.repeat(24) } } });
    assert.deepEqual([miss.success, miss.data.status], [false, 'missing']);
    await assert.rejects(client.handleToolCall({ toolCall: { id: 't1', name: 'bash', input: {} } }), (e) => e.statusCode === 400);
  });

  it('getCCRStats', async () => {
    const { ccrHashes: [hash] } = await client.compress(chat(events()));
    await client.retrieve(hash);
    const stats = await client.getCCRStats();
    assert.ok(stats.store.entries > 0 && stats.store.retrievals > 0);
    assert.ok(stats.store.originalTokensCached > stats.store.compressedTokensCached);
    assert.deepEqual({ ...stats.recentRetrievals[0], itemsRetrieved: 0, totalItems: 0 }, { hash, query: null, itemsRetrieved: 0, totalItems: 0, toolName: 'list_events', retrievalType: 'full' });
    assert.ok(stats.hitRate > 0 && stats.hitRate <= 1);
  });

  it('SharedContext', async () => {
    const shared = new SharedContext({ ...options, config: { compressUserMessages: true } });
    const text = events();
    const entry = await shared.put('events', text, { agent: 'a' });
    assert.ok(entry.savingsPercent > 80);
    assert.ok(shared.get('events').includes(ERROR) && shared.get('events').length < text.length / 5);
    assert.equal(shared.get('events', { full: true }), text);
  });

  it('adapters: the wrapped OpenAI and Anthropic clients send compressed messages', async () => {
    const openai = withOpenAI(new OpenAI({ baseURL: `${r.url}/v1`, apiKey: 'sk-x', maxRetries: 0 }), { ...options });
    r.upstream.turns.push({ text: 'The leader.' });
    const text = events();
    const answer = await openai.chat.completions.create({ model: 'gpt-4o', messages: chat(text) });
    assert.equal(answer.choices[0].message.content, 'The leader.');
    assert.ok(r.upstream.last.body.length < text.length / 5);
    assert.ok(r.upstream.last.json().messages[3].content.includes(ERROR));

    const anthropic = withAnthropic(new Anthropic({ baseURL: r.url, apiKey: 'sk-ant-api03-x', maxRetries: 0 }), { ...options });
    r.upstream.turns.push({ text: 'The leader.' });
    const other = events();
    const message = await anthropic.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 100, messages: claude(other) });
    assert.equal(message.content[0].text, 'The leader.');
    assert.ok(r.upstream.last.body.length < other.length / 5);
    assert.ok(JSON.stringify(r.upstream.last.json()).includes(ERROR));
  });

  it('adapters: the AI SDK and Gemini', async () => {
    const text = events();
    const got = await compressVercelMessages(vercel(text), options);
    assertSmaller(got);
    const params = await headroomMiddleware(options).transformParams({ params: { prompt: vercel(events()), modelId: 'gpt-4o' } });
    assert.ok(JSON.stringify(params.prompt).includes(ERROR) && JSON.stringify(params.prompt).length < text.length / 3);
    let sent;
    const model = withGemini({ generateContent: async (p) => { sent = p; return 'ok'; } }, options);
    assert.equal(await model.generateContent({ contents: gemini(events()) }), 'ok');
    assert.ok(JSON.stringify(sent).includes(ERROR) && JSON.stringify(sent).length < text.length / 3);
  });

  it('provider calls go to the provider', async () => {
    r.upstream.turns.push({ text: 'Hello.' });
    const one = await client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }], headroomMode: 'audit' });
    assert.equal(one.choices[0].message.content, 'Hello.');
    assert.equal(r.upstream.last.get('authorization'), 'Bearer sk-provider');
    assert.ok(!r.upstream.last.head.toString().toLowerCase().includes('x-headroom'));
    r.upstream.turns.push({ text: 'Hello again.' });
    let text = '';
    for await (const event of await client.messages.stream({ model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'Hi' }] })) text += event.delta?.text ?? '';
    assert.equal(text, 'Hello again.');
  });
});
