// The Anthropic Messages API as a provider serves it: what it checks, what it
// answers, as JSON or as events.
import crypto from 'node:crypto';

// A thinking signature: what a real provider would verify.
export const sign = (thinking) => crypto.createHmac('sha256', 'thinking').update(thinking).digest('base64');

const counters = {};
const fresh = (prefix) => `${prefix}_01${String((counters[prefix] = (counters[prefix] ?? 0) + 1)).padStart(22, '0')}`;

const TYPES = {
  400: 'invalid_request_error', 401: 'authentication_error', 403: 'permission_error', 404: 'not_found_error',
  413: 'request_too_large', 429: 'rate_limit_error', 500: 'api_error', 529: 'overloaded_error',
};

export function errorReply(status, message, headers = []) {
  const id = fresh('req');
  const body = { type: 'error', error: { type: TYPES[status] ?? 'api_error', message }, request_id: id };
  return { status, headers: [['content-type', 'application/json'], ['request-id', id], ...headers], body: Buffer.from(JSON.stringify(body)) };
}

const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const blocksOf = (m) => (typeof m.content === 'string' ? [{ type: 'text', text: m.content }] : m.content);

function countMarks(value) {
  if (Array.isArray(value)) return value.reduce((n, v) => n + countMarks(v), 0);
  if (!isObject(value)) return 0;
  const nested = value.type === 'tool_result' ? countMarks(value.content) : 0;
  return (value.cache_control ? 1 : 0) + nested;
}

// The message of the 400 a provider would answer with, or null.
export function refusal(body) {
  if (!isObject(body)) return 'request body: Input should be a valid dictionary';
  if (typeof body.model !== 'string') return 'model: Field required';
  if (!Number.isInteger(body.max_tokens)) return 'max_tokens: Field required';
  if (!Array.isArray(body.messages) || body.messages.length === 0) return 'messages: at least one message is required';
  const marks = countMarks(body.tools) + countMarks(body.system)
    + body.messages.reduce((n, m) => n + countMarks(m?.content), 0) + (body.cache_control ? 1 : 0);
  if (marks > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`;
  for (const [i, m] of body.messages.entries()) {
    const bad = refuseMessage(m, i);
    if (bad) return bad;
  }
  return refusePairing(body.messages.filter((m) => m.role !== 'system'));
}

function refuseMessage(m, i) {
  if (!isObject(m) || !['user', 'assistant', 'system'].includes(m.role)) return `messages.${i}.role: Input should be 'user' or 'assistant'`;
  const blocks = blocksOf(m);
  if (!Array.isArray(blocks) || blocks.length === 0) return `messages.${i}: content must not be empty`;
  for (const [j, b] of blocks.entries()) {
    if (b.type === 'text' && b.text === '') return `messages.${i}.content.${j}: text content blocks must be non-empty`;
    if (b.type === 'thinking' && b.signature !== sign(b.thinking)) return `messages.${i}.content.${j}: Invalid \`signature\` in \`thinking\` block`;
  }
  return null;
}

function refusePairing(messages) {
  let open = [];
  for (const [i, m] of messages.entries()) {
    const blocks = blocksOf(m);
    const results = blocks.filter((b) => b.type === 'tool_result').map((b) => b.tool_use_id);
    const missing = open.filter((id) => !results.includes(id));
    if (missing.length) return `messages.${i - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}.`;
    const stray = results.filter((id) => !open.includes(id));
    if (stray.length) return `messages.${i}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray.join(', ')}.`;
    if (new Set(results).size !== results.length) return `messages.${i}: each tool_use must have a single result`;
    open = m.role === 'assistant' ? blocks.filter((b) => b.type === 'tool_use').map((b) => b.id) : [];
    if (new Set(open).size !== open.length) return `messages.${i}: \`tool_use\` ids must be unique`;
  }
  return open.length ? `messages.${messages.length - 1}: \`tool_use\` ids were found without \`tool_result\` blocks` : null;
}

// A scripted turn { thinking, text, tools: [{ name, input, id }], stop } as
// content blocks.
export function contentOf(turn) {
  const out = [];
  if (turn.thinking) out.push({ type: 'thinking', thinking: turn.thinking, signature: sign(turn.thinking) });
  if (turn.text) out.push({ type: 'text', text: turn.text });
  for (const t of turn.tools ?? []) out.push({ type: 'tool_use', id: t.id ?? `toolu_01${crypto.randomBytes(11).toString('hex')}`, name: t.name, input: t.input ?? {} });
  return out;
}

export function message(body, turn, usage) {
  const content = contentOf(turn);
  return {
    id: fresh('msg'), type: 'message', role: 'assistant', model: body.model, content,
    stop_reason: turn.stop ?? (turn.tools?.length ? 'tool_use' : 'end_turn'), stop_sequence: null,
    usage: { ...usage, output_tokens: Math.ceil(JSON.stringify(content).length / 4), service_tier: 'standard' },
  };
}

const event = (name, data) => Buffer.from(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);

function* pieces(text, size = 12) {
  for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size);
}

// The events of a streamed message, one buffer each.
export function events(msg) {
  const out = [];
  const { output_tokens, ...input } = msg.usage;
  out.push(event('message_start', { type: 'message_start', message: { ...msg, content: [], stop_reason: null, usage: { ...input, output_tokens: 1 } } }));
  out.push(event('ping', { type: 'ping' }));
  msg.content.forEach((b, index) => {
    const start = { thinking: { type: 'thinking', thinking: '', signature: '' }, text: { type: 'text', text: '' }, tool_use: { ...b, input: {} } }[b.type];
    const delta = (d) => out.push(event('content_block_delta', { type: 'content_block_delta', index, delta: d }));
    out.push(event('content_block_start', { type: 'content_block_start', index, content_block: start }));
    if (b.type === 'text') for (const p of pieces(b.text)) delta({ type: 'text_delta', text: p });
    if (b.type === 'thinking') {
      for (const p of pieces(b.thinking)) delta({ type: 'thinking_delta', thinking: p });
      delta({ type: 'signature_delta', signature: b.signature });
    }
    if (b.type === 'tool_use') for (const p of pieces(JSON.stringify(b.input))) delta({ type: 'input_json_delta', partial_json: p });
    out.push(event('content_block_stop', { type: 'content_block_stop', index }));
  });
  out.push(event('message_delta', { type: 'message_delta', delta: { stop_reason: msg.stop_reason, stop_sequence: null }, usage: { output_tokens } }));
  out.push(event('message_stop', { type: 'message_stop' }));
  return out;
}

export const requestId = () => fresh('req');
