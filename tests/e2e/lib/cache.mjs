// A provider's prompt cache, simulated by the published rules. Deliberately
// shares nothing with the program under test.
import crypto from 'node:crypto';

const LIFE = { '5m': 5 * 60_000, '1h': 60 * 60_000 };
const LOOK_BACK = 20;

const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);

// A block as the provider compares it: marks left out, a string the same as one
// text part.
export function canonicalBlock(block) {
  if (typeof block === 'string') return { type: 'text', text: block };
  if (!isObject(block)) return block;
  const { cache_control: _, ...rest } = block;
  if (rest.type === 'tool_result' && rest.content !== undefined) {
    const parts = typeof rest.content === 'string' ? [rest.content] : rest.content;
    rest.content = Array.isArray(parts) ? parts.map(canonicalBlock) : parts;
  }
  return rest;
}

const parts = (content) => (typeof content === 'string' ? [content] : Array.isArray(content) ? content : []);

// The cached sequence of an Anthropic request: tools, system, messages, each
// block with its breakpoint mark ('5m', '1h' or null).
export function anthropicSequence(body) {
  const out = [];
  const markOf = (b) => {
    if (!isObject(b)) return null;
    const own = b.cache_control ?? (b.type === 'tool_result' && Array.isArray(b.content)
      ? b.content.map((p) => p?.cache_control).find(Boolean) : undefined);
    return own ? own.ttl ?? '5m' : null;
  };
  for (const t of body.tools ?? []) {
    const { cache_control: _, ...tool } = t;
    out.push({ part: 'tools', text: JSON.stringify(tool), mark: markOf(t) });
  }
  for (const b of parts(body.system)) out.push({ part: 'system', text: JSON.stringify(canonicalBlock(b)), mark: markOf(b) });
  (body.messages ?? []).forEach((m, i) => {
    for (const b of parts(m.content)) {
      out.push({ part: 'messages', message: i, text: `${m.role}:${JSON.stringify(canonicalBlock(b))}`, mark: markOf(b) });
    }
  });
  if (body.cache_control && out.length) out[out.length - 1].mark ??= body.cache_control.ttl ?? '5m';
  return out;
}

// The cached sequence of an OpenAI chat request, one entry a tool or message.
export function openaiSequence(body) {
  const message = (m) => {
    const c = typeof m.content === 'string' ? [{ type: 'text', text: m.content }] : m.content;
    return JSON.stringify({ ...m, content: c });
  };
  return [
    ...(body.tools ?? []).map((t) => ({ part: 'tools', text: JSON.stringify(t) })),
    ...(body.messages ?? []).map((m, i) => ({ part: 'messages', message: i, text: message(m) })),
  ];
}

// How many leading entries two sequences share.
export function commonPrefix(a, b) {
  let n = 0;
  while (n < a.length && n < b.length && a[n].text === b[n].text) n++;
  return n;
}

const tokensOf = (text) => Math.ceil(Buffer.byteLength(text) / 4);

export function minimumPrefix(model = '') {
  if (/haiku-4|opus-4-5/.test(model)) return 4096;
  return /haiku/.test(model) ? 2048 : 1024;
}

export class PromptCache {
  // `now` gives milliseconds; tests put their own clock here.
  constructor({ now = Date.now } = {}) {
    this.now = now;
    this.entries = new Map();	// hash → { expires, readableFrom, life }
    this.sequences = new Map();	// scope → earlier sequences, newest last
    this.log = [];
  }

  // Prices one Anthropic request. `begin()` must be called when its response
  // begins: only then can what it wrote be read.
  anthropic(body, credential) {
    const blocks = anthropicSequence(body);
    const scope = `${credential}\n${body.model}`;
    const at = this.now();
    const chain = this.chain(blocks, scope, this.messageSalt(body));
    const sizes = blocks.map((b) => tokensOf(b.text));
    const upTo = (n) => sizes.slice(0, n).reduce((a, b) => a + b, 0);
    const marks = blocks.flatMap((b, i) => (b.mark ? [i] : []));
    const hit = this.lookUp(chain, marks, at);
    const last = marks.length ? marks[marks.length - 1] + 1 : 0;
    const total = upTo(blocks.length);
    const cacheable = last && upTo(last) >= minimumPrefix(body.model) ? last : 0;
    const read = Math.min(hit, cacheable || hit);
    const usage = {
      input_tokens: total - upTo(Math.max(read, cacheable)),
      cache_creation_input_tokens: Math.max(0, upTo(cacheable) - upTo(read)),
      cache_read_input_tokens: upTo(read),
    };
    const entry = this.record(scope, blocks, { read: hit, marks: marks.length, usage });
    return { usage, hit, entry, begin: () => this.write(chain, blocks, marks, upTo, minimumPrefix(body.model)) };
  }

  messageSalt(body) {
    const images = JSON.stringify(body.messages ?? '').includes('"type":"image"');
    return JSON.stringify([body.tool_choice ?? null, body.thinking ?? null, images]);
  }

  chain(blocks, scope, salt) {
    let h = crypto.createHash('sha256').update(scope).digest('hex');
    let salted = false;
    return blocks.map((b) => {
      const extra = b.part === 'messages' && !salted ? ((salted = true), salt) : '';
      return (h = crypto.createHash('sha256').update(h).update(extra).update(b.part).update(b.text).digest('hex'));
    });
  }

  lookUp(chain, marks, at) {
    for (const mark of [...marks].reverse()) {
      for (let i = mark; i >= 0 && i > mark - LOOK_BACK; i--) {
        const e = this.entries.get(chain[i]);
        if (!e || e.expires < at || e.readableFrom > at) continue;
        e.expires = at + e.life;
        return i + 1;
      }
    }
    return 0;
  }

  write(chain, blocks, marks, upTo, minimum) {
    const at = this.now();
    for (const i of marks) {
      if (upTo(i + 1) < minimum) continue;
      const life = LIFE[blocks[i].mark];
      this.entries.set(chain[i], { life, expires: at + life, readableFrom: at });
    }
  }

  // OpenAI's automatic cache: 1,024 tokens and steps of 128, no marks.
  openai(body, credential) {
    const blocks = openaiSequence(body);
    const bytes = Buffer.from(blocks.map((b) => b.text).join('\n'));
    const scope = `${credential}\n${body.model}`;
    const steps = this.steps(bytes, scope);
    const at = this.now();
    let cached = 0;
    for (const [tokens, key] of steps) {
      const e = this.entries.get(key);
      if (!e || e.expires < at) break;
      e.expires = at + LIFE['5m'];
      cached = tokens;
    }
    const total = Math.ceil(bytes.length / 4);
    const entry = this.record(scope, blocks, { read: cached, usage: { cached_tokens: cached } });
    return {
      cached, total, entry,
      begin: () => { for (const [, key] of steps) this.entries.set(key, { life: LIFE['5m'], expires: this.now() + LIFE['5m'], readableFrom: this.now() }); },
    };
  }

  steps(bytes, scope) {
    const out = [];
    const h = crypto.createHash('sha256').update(scope);
    let done = 0;
    for (let tokens = 1024; tokens * 4 <= bytes.length; tokens += 128) {
      h.update(bytes.subarray(done, tokens * 4));
      done = tokens * 4;
      out.push([tokens, h.copy().digest('hex')]);
    }
    return out;
  }

  // Notes what was read and, against the most similar earlier request of the
  // same scope, the first block that differs.
  record(scope, blocks, result) {
    const earlier = this.sequences.get(scope) ?? [];
    let best = null;
    for (const old of earlier) {
      const n = commonPrefix(old, blocks);
      if (!best || n > best.common) best = { common: n, old };
    }
    const entry = { scope, blocks: blocks.length, ...result, common: best?.common ?? 0 };
    if (best && best.common < best.old.length) {
      entry.firstDifference = { block: best.common, was: best.old[best.common].text, is: blocks[best.common]?.text };
    }
    this.log.push(entry);
    this.sequences.set(scope, [...earlier, blocks].slice(-64));
    return entry;
  }
}
