// The scripted upstream: an Anthropic and OpenAI provider with a prompt cache, which
// keeps what it received and fails in every way a provider or network fails.
import crypto from 'node:crypto';

import * as anthropic from './anthropic.mjs';
import { PromptCache } from './cache.mjs';
import { HttpServer } from './http-server.mjs';
import * as openai from './openai.mjs';
import { authority } from './tls.mjs';

const JSON_TYPE = ['content-type', 'application/json'];
const SSE_TYPE = ['content-type', 'text/event-stream; charset=utf-8'];

const jsonReply = (value, headers = []) => ({ status: 200, headers: [JSON_TYPE, ...headers], body: Buffer.from(JSON.stringify(value)) });

// A background probe of the proxy's, not a client's request.
const isProbe = (req) => req.method === 'HEAD' && req.path === '/';

export class Upstream {
  // tls: serve TLS with our own CA; flaky: close idle connections at random;
  // now: clock of the prompt cache; name: host name to be addressed by.
  static async start({ tls = false, flaky = false, now, name = '127.0.0.1', seed = 1 } = {}) {
    const u = new Upstream();
    u.requests = [];
    u.heads = [];
    u.planned = [];
    u.always = null;	// like next(), for every request that has no plan of its own
    u.turns = [];
    u.turn = () => u.turns.shift() ?? { text: 'ok' };
    u.cache = new PromptCache({ now });
    u.flaky = flaky;
    u.random = seed;
    const { cert, key } = tls ? authority() : {};
    u.server = new HttpServer({
      cert, key,
      onHead: (req, res) => u.onHead(req, res),
      onRequest: (req, res) => u.onRequest(req, res),
      afterResponse: (socket, conn) => u.afterResponse(socket, conn),
    });
    await u.server.listen();
    u.port = u.server.port;
    u.host = `${name}:${u.port}`;
    u.url = `${tls ? 'https' : 'http'}://${u.host}`;
    u.origin = `http${tls ? 's' : ''}://127.0.0.1:${u.port}`;
    return u;
  }

  stop() { return this.server.stop(); }

  // The next client request is handled by `fn(req, res, reply)`, where reply()
  // gives the default answer as { status, headers, body | events }.
  next(...fns) { this.planned.push(...fns); return this; }

  // Like next, but the function is called when the head has arrived.
  nextHead(fn) { fn.atHead = true; this.planned.push(fn); return this; }

  get last() { return this.requests[this.requests.length - 1]; }
  get openConnections() { return this.server.sockets.size; }

  reset() {
    this.requests.length = 0;
    this.heads.length = 0;
    this.planned.length = 0;
    this.turns.length = 0;
    this.always = null;
  }

  // Closes a random part of the idle connections, as a provider's balancer does, and
  // waits until that has left: a request that crosses it would be lost by right.
  async closeIdle() {
    for (const s of this.server.sockets) if (!s.conn.busy && this.chance(0.5)) s.end();
    for (let i = 0; i < 3; i++) await new Promise(setImmediate);
  }

  chance(p) {
    this.random = (Math.imul(this.random, 1664525) + 1013904223) >>> 0;
    return this.random / 2 ** 32 < p;
  }

  afterResponse(socket, conn) {
    if (this.flaky && conn.state === 'head' && this.chance(0.4)) socket.end();
  }

  onHead(req, res) {
    if (isProbe(req)) return false;
    this.heads.push(req);
    this.arrived?.();
    if (!this.planned[0]?.atHead) return false;
    this.requests.push(req);
    this.planned.shift()(req, res, () => this.answer(req));
    return true;
  }

  async onRequest(req, res) {
    if (isProbe(req)) { res.head(200, [['content-length', '0']]); res.done(); return; }
    this.requests.push(req);
    this.arrived?.();
    const plan = this.planned.shift() ?? this.always;
    if (plan) { await plan(req, res, () => this.answer(req)); return; }
    if (req.get('upgrade')) { tunnel(req, res); return; }
    await deliver(res, this.answer(req), req);
  }

  // Resolves when `n` requests have begun to arrive since the last reset.
  async received(n = 1, what = 'heads') {
    while (this[what].length < n) await new Promise((ok) => { this.arrived = ok; });
    return this[what][n - 1];
  }

  answer(req) {
    const p = req.path;
    if (req.method === 'HEAD') return { status: 200, headers: [JSON_TYPE], body: Buffer.alloc(0) };
    const gemini = p.startsWith('/v1beta');
    if (p === '/v1/messages' && req.method === 'POST') return this.messages(req);
    if (p === '/v1/messages/count_tokens') return jsonReply({ input_tokens: Math.ceil(req.length / 4) });
    if (p === '/v1/chat/completions' && req.method === 'POST') return this.chat(req);
    if (p === '/v1/responses' && req.method === 'POST') return this.responses(req);
    if (p === '/v1/embeddings') return jsonReply(openai.embeddings(req.json()));
    if (/^\/v1\/models(\/|$)/.test(p)) return this.models(req);
    if (/^\/v1\/(messages\/batches|files|batches|uploads|echo)/.test(p) || gemini) return echo(req);
    return (req.get('anthropic-version') ? anthropic : openai).errorReply(404, `Not found: ${req.method} ${p}`);
  }

  models(req) {
    const id = req.path.split('/')[3];
    if (req.get('anthropic-version')) {
      const model = (name) => ({ type: 'model', id: name, display_name: name, created_at: '2025-01-01T00:00:00Z' });
      return jsonReply(id ? model(id) : { data: [model('claude-sonnet-4-5')], has_more: false, first_id: 'a', last_id: 'a' });
    }
    const model = (name) => ({ id: name, object: 'model', created: 1, owned_by: 'test' });
    return jsonReply(id ? model(id) : { object: 'list', data: [model('gpt-4o')] });
  }

  credential(req) { return req.get('x-api-key') ?? req.get('authorization'); }

  messages(req) {
    const key = this.credential(req);
    if (!key) return anthropic.errorReply(401, 'x-api-key header is required');
    let body;
    try { body = req.json(); } catch { return anthropic.errorReply(400, 'The request body is not valid JSON'); }
    const bad = anthropic.refusal(body);
    if (bad) { req.refusal = bad; return anthropic.errorReply(400, bad); }
    const priced = this.cache.anthropic(body, key);
    req.cache = priced;
    const msg = anthropic.message(body, this.turn(body, 'anthropic', req), priced.usage);
    const headers = [['request-id', anthropic.requestId()], ['anthropic-ratelimit-requests-remaining', '999'], ['Anthropic-Organization-Id', 'org-1']];
    if (body.stream) return { status: 200, headers: [SSE_TYPE, ['cache-control', 'no-cache'], ...headers], events: anthropic.events(msg), begin: priced.begin };
    return { ...jsonReply(msg, headers), begin: priced.begin };
  }

  chat(req) {
    const key = this.credential(req);
    if (!key) return openai.errorReply(401, "You didn't provide an API key.");
    let body;
    try { body = req.json(); } catch { return openai.errorReply(400, 'We could not parse the JSON body of your request.'); }
    const bad = openai.refusal(body);
    if (bad) { req.refusal = bad; return openai.errorReply(400, bad, [], 'messages'); }
    const priced = this.cache.openai(body, key);
    req.cache = priced;
    const turn = this.turn(body, 'openai', req);
    const c = openai.completion(body, turn, openai.chatUsage(priced, Math.ceil(JSON.stringify(turn).length / 4)));
    const headers = [['x-request-id', `req_${crypto.randomUUID()}`], ['openai-processing-ms', '7'], ['x-ratelimit-remaining-requests', '9']];
    if (body.stream) return { status: 200, headers: [SSE_TYPE, ...headers], events: openai.chunks(c, !!body.stream_options?.include_usage), begin: priced.begin };
    return { ...jsonReply(c, headers), begin: priced.begin };
  }

  responses(req) {
    const body = req.json();
    const r = openai.response(body, this.turn(body, 'responses', req));
    return body.stream ? { status: 200, headers: [SSE_TYPE], events: openai.responseEvents(r) } : jsonReply(r);
  }
}

function echo(req) {
  return jsonReply({ method: req.method, target: req.target, bytes: req.length, sha256: req.sha256, content_type: req.get('content-type') ?? null });
}

export const replySize = (reply) => (reply.events ? Buffer.concat(reply.events) : reply.body);

// Writes an answer: events chunked one by one, anything else at once.
export async function deliver(res, reply, req) {
  reply.begin?.();
  if (!reply.events) {
    if (req?.method === 'HEAD') { res.head(reply.status, [...reply.headers, ['content-length', '0']]); res.done(); return; }
    res.send(reply.status, reply.headers, reply.body);
    return;
  }
  res.start(reply.status, reply.headers);
  for (const e of reply.events) await res.writeDrained(e);
  res.end();
}

// 101, then every byte comes back.
export function tunnel(req, res) {
  const { socket } = req;
  res.head(101, [['upgrade', req.get('upgrade')], ['connection', 'Upgrade']], 'Switching Protocols');
  const { conn } = socket;
  conn.state = 'tunnel';
  conn.onData = (b) => socket.write(b);
  if (conn.buffer.length) socket.write(conn.buffer);
}

const wait = (ms) => new Promise((ok) => setTimeout(ok, ms));

// Handlers for Upstream.next: the ways in which things go wrong.
export const faults = {
  status: (kind, status, message, headers = []) => (req, res) => deliver(res, (kind === 'openai' ? openai : anthropic).errorReply(status, message, headers)),
  raw: (bytes) => (_, res) => { res.raw(bytes); res.done(); },
  rawThenClose: (bytes) => (_, res) => { res.socket.end(bytes); res.finished = true; },
  stall: () => () => {},
  reset: () => (_, res) => res.reset(),
  close: () => (_, res) => res.close(),
  // The default answer, cut after n bytes of its body by a FIN or a RST.
  truncate: (n, how = 'close') => async (_, res, reply) => {
    const r = reply();
    const body = replySize(r);
    if (r.events) res.start(r.status, r.headers);
    else res.head(r.status, [...r.headers, ['content-length', body.length]]);
    res.write(body.subarray(0, n));
    await wait(30);
    res[how]();
  },
  // The default answer in pieces of `size` bytes, each its own write (and chunk).
  dribble: (size = 1, pause = 0) => async (_, res, reply) => {
    const r = reply();
    const body = replySize(r);
    res.start(r.status, r.headers);
    for (let i = 0; i < body.length; i += size) {
      await res.writeDrained(body.subarray(i, i + size));
      if (pause) await wait(pause);
    }
    res.end();
  },
  // The default answer split at byte n of its body: two writes with a pause.
  split: (n, pause = 1) => async (_, res, reply) => {
    const r = reply();
    const body = replySize(r);
    res.start(r.status, r.headers);
    res.write(body.subarray(0, n));
    await (pause ? wait(pause) : new Promise(setImmediate));
    res.write(body.subarray(n));
    res.end();
  },
};
