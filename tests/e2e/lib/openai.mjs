// OpenAI's chat completions, responses and embeddings as a provider serves them.
import crypto from 'node:crypto';

const TYPES = { 401: 'authentication_error', 429: 'rate_limit_exceeded', 500: 'server_error', 503: 'server_error' };
const CODES = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' };
const rand = () => crypto.randomBytes(12).toString('hex');

export function errorReply(status, message, headers = [], param = null) {
  const error = { message, type: TYPES[status] ?? 'invalid_request_error', param, code: CODES[status] ?? null };
  return { status, headers: [['content-type', 'application/json'], ['x-request-id', `req_${rand()}`], ...headers], body: Buffer.from(JSON.stringify({ error }, null, 2)) };
}

export function refusal(body) {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return 'We could not parse the JSON body of your request.';
  if (typeof body.model !== 'string') return 'you must provide a model parameter';
  if (!Array.isArray(body.messages) || body.messages.length === 0) return "Missing required parameter: 'messages'.";
  let open = [];
  for (const [i, m] of body.messages.entries()) {
    if (m.role === 'tool') {
      if (!open.includes(m.tool_call_id)) return `Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'. (messages.${i})`;
      open.splice(open.indexOf(m.tool_call_id), 1);
      continue;
    }
    if (open.length) return unanswered(open);
    open = (m.tool_calls ?? []).map((c) => c.id);
  }
  return open.length ? unanswered(open) : null;
}

const unanswered = (ids) => `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`;

const now = () => Math.floor(Date.now() / 1000);

export function completion(body, turn, usage) {
  const calls = (turn.tools ?? []).map((t) => ({ id: t.id ?? `call_${rand()}`, type: 'function', function: { name: t.name, arguments: JSON.stringify(t.input ?? {}) } }));
  const message = { role: 'assistant', content: turn.text ?? null, refusal: null };
  if (calls.length) message.tool_calls = calls;
  return {
    id: `chatcmpl-${rand()}`, object: 'chat.completion', created: now(), model: body.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: turn.stop ?? (calls.length ? 'tool_calls' : 'stop') }],
    usage, system_fingerprint: 'fp_test',
  };
}

export function chatUsage({ total, cached }, output) {
  return {
    prompt_tokens: total, completion_tokens: output, total_tokens: total + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

const data = (o) => Buffer.from(`data: ${typeof o === 'string' ? o : JSON.stringify(o)}\n\n`);

export function chunks(c, includeUsage) {
  const out = [];
  const base = { id: c.id, object: 'chat.completion.chunk', created: c.created, model: c.model, system_fingerprint: c.system_fingerprint };
  const push = (delta, finish = null) => out.push(data({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...(includeUsage ? { usage: null } : {}) }));
  const { message, finish_reason } = c.choices[0];
  push({ role: 'assistant', content: message.content === null ? null : '' });
  for (const p of (message.content ?? '').match(/[^]{1,9}/g) ?? []) push({ content: p });
  (message.tool_calls ?? []).forEach((t, index) => {
    push({ tool_calls: [{ index, id: t.id, type: 'function', function: { name: t.function.name, arguments: '' } }] });
    for (const p of t.function.arguments.match(/[^]{1,9}/g) ?? []) push({ tool_calls: [{ index, function: { arguments: p } }] });
  });
  push({}, finish_reason);
  if (includeUsage) out.push(data({ ...base, choices: [], usage: c.usage }));
  out.push(data('[DONE]'));
  return out;
}

export function embeddings(body) {
  const inputs = Array.isArray(body.input) ? body.input : [body.input];
  const vector = (text) => Array.from({ length: 4 }, (_, i) => crypto.createHash('md5').update(`${i}${text}`).digest().readInt16LE() / 32768);
  const encode = (v) => (body.encoding_format === 'base64' ? Buffer.from(new Float32Array(v).buffer).toString('base64') : v);
  return {
    object: 'list', data: inputs.map((t, index) => ({ object: 'embedding', index, embedding: encode(vector(t)) })),
    model: body.model, usage: { prompt_tokens: 8, total_tokens: 8 },
  };
}

// A Responses answer; tools are function calls unless they carry `item`, which
// is sent as it is.
export function response(body, turn) {
  const output = [];
  if (turn.text) output.push({ type: 'message', id: `msg_${rand()}`, status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: turn.text, annotations: [] }] });
  for (const t of turn.tools ?? []) {
    output.push(t.item ?? { type: 'function_call', id: `fc_${rand()}`, status: 'completed', call_id: t.id ?? `call_${rand()}`, name: t.name, arguments: JSON.stringify(t.input ?? {}) });
  }
  return {
    id: `resp_${rand()}`, object: 'response', created_at: now(), status: 'completed', error: null, incomplete_details: null,
    model: body.model, output, parallel_tool_calls: true, tool_choice: 'auto', tools: [],
    usage: { input_tokens: 100, input_tokens_details: { cached_tokens: 0 }, output_tokens: 10, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 110 },
  };
}

export function responseEvents(r) {
  const out = [];
  let n = 0;
  const push = (type, fields) => out.push(Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: n++, ...fields })}\n\n`));
  push('response.created', { response: { ...r, status: 'in_progress', output: [], usage: null } });
  r.output.forEach((item, output_index) => {
    push('response.output_item.added', { output_index, item: item.type === 'message' ? { ...item, status: 'in_progress', content: [] } : item.type === 'function_call' ? { ...item, status: 'in_progress', arguments: '' } : item });
    if (item.type === 'message') {
      const where = { item_id: item.id, output_index, content_index: 0 };
      push('response.content_part.added', { ...where, part: { type: 'output_text', text: '', annotations: [] } });
      for (const delta of item.content[0].text.match(/[^]{1,9}/g) ?? []) push('response.output_text.delta', { ...where, delta });
      push('response.output_text.done', { ...where, text: item.content[0].text });
      push('response.content_part.done', { ...where, part: item.content[0] });
    }
    if (item.type === 'function_call') {
      push('response.function_call_arguments.delta', { item_id: item.id, output_index, delta: item.arguments });
      push('response.function_call_arguments.done', { item_id: item.id, output_index, arguments: item.arguments });
    }
    push('response.output_item.done', { output_index, item });
  });
  push('response.completed', { response: r });
  return out;
}
