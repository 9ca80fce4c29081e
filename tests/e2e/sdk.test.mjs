// @modes all
// The official SDKs through headroom, as their users use them.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { File } from 'node:buffer';
import { after, before, beforeEach, describe, it } from 'node:test';
import OpenAI from 'openai';

import { jsonTable } from './lib/data.mjs';
import { Random } from './lib/random.mjs';
import { rig } from './lib/rig.mjs';
import { faults } from './lib/upstream.mjs';

globalThis.File ??= File;	// the SDK wants it there; Node 18 keeps it in a module
const MODEL = 'claude-sonnet-4-5';
const TOOLS = [{ name: 'list_items', description: 'List items of a page', input_schema: { type: 'object', properties: { page: { type: 'integer' } }, required: ['page'] } }];
const CHAT_TOOLS = TOOLS.map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.input_schema } }));
const user = { role: 'user', content: 'List everything.' };

describe('the Anthropic SDK', () => {
  let r, claude;
  before(async () => {
    r = await rig();
    claude = new Anthropic({ baseURL: r.url, apiKey: 'sk-ant-api03-x', maxRetries: 0 });
  });
  after(() => r.stop());
  beforeEach(() => r.reset());
  const ask = (more) => ({ model: MODEL, max_tokens: 100, messages: [user], ...more });

  it('gets a message', async () => {
    r.upstream.turns.push({ text: 'Grüße, 世界' });
    const m = await claude.messages.create(ask());
    assert.equal(m.content[0].text, 'Grüße, 世界');
    assert.ok(m.usage.input_tokens > 0);
    assert.equal(r.upstream.last.get('x-api-key'), 'sk-ant-api03-x');
  });

  it('gets the raw response with the provider\'s headers', async () => {
    const { response, request_id } = await claude.messages.create(ask()).withResponse();
    assert.match(request_id, /^req_/);
    assert.equal(response.headers.get('anthropic-organization-id'), 'org-1');
  });

  it('streams events and the final message', async () => {
    r.upstream.turns.push({ thinking: 'think '.repeat(50), text: 'text '.repeat(100) });
    const stream = claude.messages.stream(ask());
    let text = '';
    let thinking = '';
    stream.on('text', (t) => { text += t; });
    stream.on('thinking', (t) => { thinking += t; });
    const final = await stream.finalMessage();
    assert.equal(text, 'text '.repeat(100));
    assert.equal(thinking, 'think '.repeat(50));
    assert.equal(final.content[1].text, text);
  });

  for (const stream of [false, true]) {
    it(`runs a tool loop of six turns with parallel calls${stream ? ', streaming' : ''}`, async () => {
      const random = new Random(5);
      const messages = [user];
      const tools = TOOLS.map((t, i) => (i === TOOLS.length - 1 ? { ...t, cache_control: { type: 'ephemeral' } } : t));
      for (let turn = 0; turn < 6; turn++) {
        const last = turn === 5;
        r.upstream.turns.push(last ? { text: 'All listed.' } : { thinking: `step ${turn}`, text: 'Next.', tools: [{ name: 'list_items', input: { page: turn } }, { name: 'list_items', input: { page: turn + 100 } }] });
        const m = stream ? await claude.messages.stream(ask({ messages, tools })).finalMessage() : await claude.messages.create(ask({ messages, tools }));
        messages.push({ role: 'assistant', content: m.content });
        if (last) { assert.equal(m.content[0].text, 'All listed.'); break; }
        assert.equal(m.stop_reason, 'tool_use');
        const uses = m.content.filter((b) => b.type === 'tool_use');
        assert.deepEqual(uses.map((b) => b.input), [{ page: turn }, { page: turn + 100 }]);
        messages.push({ role: 'user', content: uses.map((b) => ({ type: 'tool_result', tool_use_id: b.id, content: jsonTable(random, 40) })) });
      }
      assert.equal(r.upstream.requests.length, 6);
      const sent = r.upstream.last.json();
      assert.equal(sent.messages.length, 11);
      assert.ok(JSON.stringify(sent).length < JSON.stringify(messages).length, 'the tables got smaller');
    });
  }

  it('raises the class of each provider error, body and headers included', async () => {
    for (const [status, Class] of [[400, 'BadRequestError'], [401, 'AuthenticationError'], [403, 'PermissionDeniedError'], [404, 'NotFoundError'], [413, 'APIError'], [429, 'RateLimitError'], [500, 'InternalServerError'], [529, 'InternalServerError']]) {
      for (const stream of [false, true]) {
        r.upstream.next(faults.status('anthropic', status, `message ${status}`, [['retry-after', '7']]));
        await assert.rejects(claude.messages.create(ask({ stream })), (e) => {
          assert.ok(e instanceof Anthropic[Class]);
          assert.equal(e.status, status);
          assert.equal(e.error.error.message, `message ${status}`);
          assert.equal(e.headers.get('retry-after'), '7');
          assert.match(e.requestID, /^req_/);
          return true;
        });
      }
    }
  });

  it('retries by itself, once for each answer the upstream gave', async () => {
    const retrying = new Anthropic({ baseURL: r.url, apiKey: 'k', maxRetries: 2 });
    for (const status of [429, 529, 500]) {
      await r.reset();
      r.upstream.next(faults.status('anthropic', status, 'again', [['retry-after-ms', '10']]), faults.status('anthropic', status, 'again', [['retry-after-ms', '10']]));
      const m = await retrying.messages.create(ask());
      assert.equal(m.content[0].text, 'ok');
      assert.equal(r.upstream.requests.length, 3, 'headroom itself sends nothing twice');
    }
  });

  it('sees a stream that breaks off as broken', async () => {
    r.upstream.turns.push({ text: 'word '.repeat(50) });
    r.upstream.next(faults.truncate(700, 'reset'));
    await assert.rejects(claude.messages.stream(ask()).finalMessage());
  });

  it('sees an error event inside a stream', async () => {
    r.upstream.next((_, res) => { res.start(200, [['content-type', 'text/event-stream']]); res.write('event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'); res.end(); });
    await assert.rejects(claude.messages.stream(ask()).finalMessage(), /Overloaded/);
  });

  it('aborts: the upstream is closed', async () => {
    r.upstream.next(faults.stall());
    const control = new AbortController();
    const arrived = r.upstream.received(1, 'requests');
    const call = claude.messages.create(ask(), { signal: control.signal });
    call.catch(() => {});
    const req = await arrived;
    control.abort();
    await assert.rejects(call, Anthropic.APIUserAbortError);
    await req.closed;
  });

  it('counts tokens, lists models and uses batches', async () => {
    assert.ok((await claude.messages.countTokens({ model: MODEL, messages: [user] })).input_tokens > 0);
    assert.equal((await claude.models.list()).data[0].id, MODEL);
    assert.equal((await claude.models.retrieve('claude-x')).id, 'claude-x');
    const batch = await claude.messages.batches.create({ requests: [{ custom_id: 'a', params: ask() }] });
    assert.equal(batch.target, '/v1/messages/batches');
    assert.equal(r.upstream.last.json().requests[0].custom_id, 'a');
  });

  it('with an OAuth token is served and the token goes to Anthropic only', async () => {
    const oauth = new Anthropic({ baseURL: r.url, authToken: 'sk-ant-oat01-x', apiKey: null, maxRetries: 0 });
    assert.equal((await oauth.messages.create(ask())).content[0].text, 'ok');
    assert.equal(r.upstream.last.get('authorization'), 'Bearer sk-ant-oat01-x');
    assert.equal(r.upstream.last.get('x-api-key'), undefined);
  });
});

describe('the OpenAI SDK', () => {
  let r, gpt;
  before(async () => {
    r = await rig();
    gpt = new OpenAI({ baseURL: `${r.url}/v1`, apiKey: 'sk-x', maxRetries: 0 });
  });
  after(() => r.stop());
  beforeEach(() => r.reset());
  const ask = (more) => ({ model: 'gpt-4o', messages: [user], ...more });

  it('gets and streams completions, with usage only if asked', async () => {
    r.upstream.turns.push({ text: 'Hallo' }, { text: 'Hallo' }, { text: 'Hallo' });
    assert.equal((await gpt.chat.completions.create(ask())).choices[0].message.content, 'Hallo');
    for (const include_usage of [false, true]) {
      let text = '';
      let usage = null;
      for await (const c of await gpt.chat.completions.create(ask({ stream: true, ...(include_usage ? { stream_options: { include_usage } } : {}) }))) {
        text += c.choices[0]?.delta.content ?? '';
        usage = c.usage ?? usage;
      }
      assert.equal(text, 'Hallo');
      assert.equal(usage !== null, include_usage);
      assert.equal('stream_options' in r.upstream.last.json(), include_usage);
    }
  });

  for (const stream of [false, true]) {
    it(`runs a tool loop with parallel calls${stream ? ', streaming' : ''}`, async () => {
      const random = new Random(9);
      const messages = [{ role: 'system', content: 'Be brief.' }, user];
      for (let turn = 0; turn < 5; turn++) {
        r.upstream.turns.push(turn === 4 ? { text: 'Done.' } : { tools: [{ name: 'list_items', input: { page: turn } }, { name: 'list_items', input: { page: 10 + turn } }] });
        const m = stream ? (await gpt.chat.completions.stream(ask({ messages, tools: CHAT_TOOLS })).finalChatCompletion()).choices[0].message
          : (await gpt.chat.completions.create(ask({ messages, tools: CHAT_TOOLS }))).choices[0].message;
        messages.push(m);
        if (turn === 4) { assert.equal(m.content, 'Done.'); break; }
        assert.equal(m.tool_calls.length, 2);
        for (const c of m.tool_calls) messages.push({ role: 'tool', tool_call_id: c.id, content: jsonTable(random, 30) });
      }
      assert.ok(r.upstream.last.length < JSON.stringify(messages).length);
      assert.equal(r.upstream.requests.filter((q) => q.refusal).length, 0);
    });
  }

  it('raises the class of each provider error', async () => {
    for (const [status, Class] of [[400, 'BadRequestError'], [401, 'AuthenticationError'], [404, 'NotFoundError'], [429, 'RateLimitError'], [500, 'InternalServerError'], [503, 'InternalServerError']]) {
      r.upstream.next(faults.status('openai', status, `message ${status}`, [['retry-after', '7']]));
      await assert.rejects(gpt.chat.completions.create(ask()), (e) => {
        assert.ok(e instanceof OpenAI[Class]);
        assert.match(e.message, new RegExp(`message ${status}`));
        assert.equal(e.headers.get('retry-after'), '7');
        return true;
      });
    }
  });

  it('uses responses, embeddings, models and files', async () => {
    r.upstream.turns.push({ text: 'one' }, { text: 'two', tools: [{ name: 'f', input: { a: 1 } }] });
    assert.equal((await gpt.responses.create({ model: 'gpt-5', input: 'hi' })).output_text, 'one');
    const types = [];
    for await (const e of await gpt.responses.create({ model: 'gpt-5', input: 'hi', stream: true })) types.push(e.type);
    assert.equal(types[0], 'response.created');
    assert.equal(types[types.length - 1], 'response.completed');
    assert.equal((await gpt.embeddings.create({ model: 'e', input: ['a', 'b'] })).data[1].embedding.length, 4);
    assert.equal((await gpt.models.list()).data[0].id, 'gpt-4o');
    const file = await gpt.files.create({ file: new File([Buffer.alloc(200_000, 'z')], 'a.jsonl'), purpose: 'batch' });
    assert.match(file.content_type, /^multipart\/form-data; boundary=/);
    assert.ok(file.bytes > 200_000);
    assert.equal(file.sha256, r.upstream.last.sha256);
  });

  it('retries by itself', async () => {
    const retrying = new OpenAI({ baseURL: `${r.url}/v1`, apiKey: 'k', maxRetries: 2 });
    r.upstream.next(faults.status('openai', 429, 'again', [['retry-after-ms', '10']]), faults.status('openai', 503, 'again', [['retry-after-ms', '10']]));
    assert.equal((await retrying.chat.completions.create(ask())).choices[0].message.content, 'ok');
    assert.equal(r.upstream.requests.length, 3);
  });
});
