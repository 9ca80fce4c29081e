// A client on a raw socket: sends exactly the bytes it is given and shows
// exactly the bytes that came back, with the time each piece came.
import net from 'node:net';

import { SLOWNESS } from './sanitizer.mjs';

// Takes one response off the front of `bytes`: { status, headers, head, body, framed,
// size, complete }, or null while its head is incomplete. `ended` says that no
// more will come.
export function parseResponse(bytes, { method = 'GET', ended = false } = {}) {
  const at = bytes.indexOf('\r\n\r\n');
  if (at < 0) return null;
  const head = bytes.subarray(0, at + 4);
  const lines = head.toString('latin1').split('\r\n');
  const headers = lines.slice(1).filter(Boolean).map((l) => {
    const c = l.indexOf(':');
    return [l.slice(0, c), l.slice(c + 1).trim()];
  });
  const get = (name) => headers.filter(([n]) => n.toLowerCase() === name).map(([, v]) => v).join(', ') || undefined;
  const status = +lines[0].split(' ')[1];
  const out = { status, statusLine: lines[0], headers, head, get, body: Buffer.alloc(0), framed: Buffer.alloc(0), size: at + 4, complete: false };
  const rest = bytes.subarray(at + 4);
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { ...out, complete: true };
  if (/chunked/i.test(get('transfer-encoding') ?? '')) return chunkedBody(out, rest);
  const length = get('content-length');
  const take = length === undefined ? rest : rest.subarray(0, +length);
  return { ...out, body: take, framed: take, size: out.size + take.length, complete: length === undefined ? ended : take.length === +length };
}

function chunkedBody(out, rest) {
  const pieces = [];
  let at = 0;
  let complete = false;
  for (;;) {
    const eol = rest.indexOf('\r\n', at);
    if (eol < 0) break;
    const line = rest.subarray(at, eol).toString('latin1');
    if (!/^[0-9a-f]{1,8}(;|\s*$)/i.test(line)) break;
    const size = parseInt(line, 16);
    if (size === 0) {
      const end = rest.indexOf('\r\n\r\n', eol);
      if (end >= 0) { complete = true; at = end + 4; }
      break;
    }
    const piece = rest.subarray(eol + 2, eol + 2 + size);
    pieces.push(piece);
    if (rest.length < eol + 4 + size) { at = rest.length; break; }
    if (rest.subarray(eol + 2 + size, eol + 4 + size).toString('latin1') !== '\r\n') break;
    at = eol + 4 + size;
  }
  return { ...out, body: Buffer.concat(pieces), framed: rest.subarray(0, at), size: out.size + at, complete, chunks: pieces };
}

export class RawClient {
  static async connect(port, host = '127.0.0.1') {
    const c = new RawClient();
    c.bytes = Buffer.alloc(0);
    c.arrivals = [];	// [milliseconds, bytes]
    c.ended = false;
    c.error = null;
    c.waiting = [];
    c.socket = net.connect({ port, host, noDelay: true });
    const wake = () => { for (const w of c.waiting.splice(0)) w(); };
    c.socket.on('data', (b) => {
      c.arrivals.push([performance.now(), b.length]);
      c.bytes = c.bytes.length ? Buffer.concat([c.bytes, b]) : b;
      wake();
    });
    c.socket.on('end', () => { c.ended = true; wake(); });
    c.socket.on('error', (e) => { c.error = e; wake(); });
    c.closed = new Promise((ok) => c.socket.on('close', () => { c.ended = true; wake(); ok(); }));
    await new Promise((ok, bad) => { c.socket.once('connect', ok); c.socket.once('error', bad); });
    return c;
  }

  send(bytes) { return this.socket.write(bytes); }

  async sendDrained(bytes) {
    if (this.socket.write(bytes) || this.socket.destroyed) return;
    await new Promise((ok) => { this.socket.once('drain', ok); this.socket.once('close', ok); });
  }

  // Waits until `test(this)` holds; false when the time is over.
  async until(test, ms = 5000) {
    const end = Date.now() + ms * SLOWNESS;
    while (!test(this)) {
      const left = end - Date.now();
      if (left <= 0) return false;
      await new Promise((ok) => {
        const timer = setTimeout(ok, left);
        this.waiting.push(() => { clearTimeout(timer); ok(); });
      });
    }
    return true;
  }

  // The next complete response, taken off what has arrived. A connection that
  // ends first gives what there is, with complete: false (null: nothing).
  async response({ method = 'GET', ms = 10_000, keep1xx = false } = {}) {
    for (;;) {
      const parse = () => parseResponse(this.bytes, { method, ended: this.ended });
      const ok = await this.until(() => this.ended || parse()?.complete, ms);
      const r = parse();
      if (!ok) throw new Error(`no complete response in ${ms * SLOWNESS} ms; got ${JSON.stringify(this.bytes.toString('latin1').slice(0, 300))}`);
      if (!r) return null;
      this.bytes = this.bytes.subarray(r.size);
      if (r.status >= 200 || r.status === 101 || keep1xx) return r;
    }
  }

  close() { this.socket.destroy(); }
  reset() { this.socket.resetAndDestroy(); }
}

// A request's bytes. Headers are [name, value] pairs, in that order; `host` and
// `content-length` are added unless they are given or `bare` is set.
export function requestBytes({ method = 'POST', path = '/', headers = [], body, bare = false, host = 'localhost' }) {
  const bytes = body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(body);
  const has = (n) => headers.some(([h]) => h.toLowerCase() === n);
  const all = [...headers];
  if (!bare && !has('host')) all.unshift(['Host', host]);
  if (!bare && bytes && !has('content-length') && !has('transfer-encoding')) all.push(['Content-Length', bytes.length]);
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${all.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`, 'latin1');
  return bytes ? Buffer.concat([head, bytes]) : head;
}

// A body in chunks of the given sizes, the last size repeated.
export function chunkedBytes(body, sizes = [body.length], trailer = '') {
  const out = [];
  for (let at = 0, i = 0; at < body.length; i++) {
    const size = sizes[Math.min(i, sizes.length - 1)];
    const piece = body.subarray(at, at + size);
    out.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    at += piece.length;
  }
  out.push(Buffer.from(`0\r\n${trailer}\r\n`));
  return Buffer.concat(out);
}

// One request on a connection of its own.
export async function request(port, spec, { ms = 10_000 } = {}) {
  const c = await RawClient.connect(port, spec.connectHost);
  c.send(requestBytes({ ...spec, headers: [...(spec.headers ?? []), ['Connection', 'close']] }));
  try {
    const r = await c.response({ method: spec.method ?? 'POST', ms });
    return r && { ...r, arrivals: c.arrivals, error: c.error };
  } finally {
    c.close();
  }
}

export const ANTHROPIC = [['x-api-key', 'sk-ant-api03-test'], ['anthropic-version', '2023-06-01'], ['content-type', 'application/json']];
export const OPENAI = [['Authorization', 'Bearer sk-test'], ['content-type', 'application/json']];
export const wait = (ms) => new Promise((ok) => setTimeout(ok, ms));
