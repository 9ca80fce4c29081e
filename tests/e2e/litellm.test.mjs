// The contract of LiteLLM's `headroom` guardrail, whose calls this repeats: before a request
// POST /v1/compress, hashes by a pattern out of what comes back, and for each call of
// headroom_retrieve that the model makes GET /v1/retrieve/HASH. (LiteLLM is Python, so the
// guardrail itself is no dependency of these tests.)
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { rig } from './lib/rig.mjs';

const HASH = /hash=([a-f0-9]{24})/g;
const ERROR = 'zyx-7731 lost its leader';
let made = 0;
const events = () => {
  made += 1000;
  return JSON.stringify(Array.from({ length: 300 }, (_, i) => ({ id: made + i, level: i === 123 ? 'ERROR' : 'INFO', message: i === 123 ? ERROR : `GET /items/${i % 9}` })), null, 2);
};

class Guardrail {
  constructor(base, key) {
    this.base = base.replace(/\/+$/, '');
    this.headers = { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) };
  }

  // The messages to send instead, and the hashes that the model may ask for.
  async preCall(messages, model) {
    const response = await fetch(`${this.base}/v1/compress`, { method: 'POST', headers: this.headers, body: JSON.stringify({ messages, ...(model ? { model } : {}) }) });
    const body = response.status === 200 ? JSON.parse(await response.text()) : undefined;
    const compressed = Array.isArray(body?.messages) ? body.messages.filter((m) => m && typeof m === 'object' && !Array.isArray(m)) : [];
    if (!compressed.length) throw Object.assign(new Error('502: compression failed'), { status: response.status });
    return { compressed, hashes: new Set(compressed.flatMap(textsOf).flatMap((t) => [...t.matchAll(HASH)].map((m) => m[1]))), body };
  }

  // What the model is told when it calls the tool.
  async retrieve(hash, query) {
    const response = await fetch(`${this.base}/v1/retrieve/${hash}${query ? `?${new URLSearchParams({ query })}` : ''}`, { headers: this.headers });
    if (response.status === 404) return `[Headroom: hash=${hash} not found or expired]`;
    if (response.status !== 200) return `[Headroom: retrieval error ${response.status} for hash=${hash}]`;
    const body = JSON.parse(await response.text());
    return typeof body.original_content === 'string' ? body.original_content : String(body);
  }
}

// Where the guardrail looks for hashes: contents and the texts of their parts.
const textsOf = ({ content }) => (typeof content === 'string' ? [content] : Array.isArray(content) ? content.map((part) => part.text).filter((t) => typeof t === 'string') : []);

const conversation = (text, { parts = false, id = 'call_1' } = {}) => [
  { role: 'system', content: 'You are a helpful assistant.' }, { role: 'user', content: [{ type: 'text', text: 'What broke?' }] },
  { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name: 'list_events', arguments: '{}' } }] },
  { role: 'tool', tool_call_id: id, content: parts ? [{ type: 'text', text }] : text },
];

describe('LiteLLM\'s guardrail', () => {
  let r, guardrail;
  before(async () => {
    r = await rig({ mode: 'plain' });
    guardrail = new Guardrail(`${r.url}/`, 'hr-key');
  });
  after(() => {
    assert.deepEqual(r.upstream.heads, [], 'nothing goes upstream, least of all its key');
    return r.stop();
  });

  it('compresses, and every hash that it finds gives the original back', async () => {
    for (const model of ['claude-sonnet-4', 'gpt-4o', 'bedrock/anthropic.claude-3-5-sonnet', 'my-own-alias']) {
      for (const parts of [false, true]) {
        const text = events();
        const messages = conversation(text, { parts });
        const { compressed, hashes, body } = await guardrail.preCall(messages, model);
        assert.deepEqual([...hashes], body.ccr_hashes);
        assert.equal(hashes.size, 1);
        assert.ok(body.tokens_after < body.tokens_before / 5 && body.compression_ratio < 0.2);
        assert.deepEqual(compressed.slice(0, 3), messages.slice(0, 3));
        assert.equal(compressed.length, messages.length);
        assert.ok(textsOf(compressed[3])[0].includes(ERROR));
        const [hash] = hashes;
        assert.equal(await guardrail.retrieve(hash), text);
        assert.equal(await guardrail.retrieve(hash, 'lost leader'), text);
      }
    }
  });

  it('sends the same bytes on the next turn, beside what the tool gave back', async () => {
    const text = events();
    const one = await guardrail.preCall(conversation(text), 'gpt-4o');
    const [hash] = one.hashes;
    const history = [...conversation(text), { role: 'assistant', content: null, tool_calls: [{ id: 'call_2', type: 'function', function: { name: 'headroom_retrieve', arguments: JSON.stringify({ hash }) } }] }, { role: 'tool', tool_call_id: 'call_2', content: await guardrail.retrieve(hash) }];
    const two = await guardrail.preCall(history, 'gpt-4o');
    assert.deepEqual(two.compressed.slice(0, 4), one.compressed);
    assert.equal(two.compressed[5].content, text, 'retrieved text is not compressed again');
    assert.deepEqual([...two.hashes], [hash]);
  });

  it('leaves alone what is small and gives it back', async () => {
    for (const messages of [[{ role: 'user', content: 'Hi' }], conversation('{"ok":true}')]) {
      const { compressed, hashes } = await guardrail.preCall(messages, 'gpt-4o');
      assert.deepEqual(compressed, messages);
      assert.equal(hashes.size, 0);
    }
  });

  it('says what is gone', async () => {
    assert.match(await guardrail.retrieve('0'.repeat(24)), /not found or expired/);
    assert.match(await guardrail.retrieve('abc'), /retrieval error 400/);
  });

  it('fails with 400 without a model, as it does with the Headroom proxy', async () => {
    await assert.rejects(guardrail.preCall(conversation(events())), (e) => e.status === 400);
  });
});
