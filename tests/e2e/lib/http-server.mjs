// A small HTTP/1.1 server on raw sockets: unlike node:http it keeps the exact
// bytes of every request and lets a test answer with any bytes at any time.
import crypto from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';

import { started, stopped } from './live.mjs';

const CRLF2 = Buffer.from('\r\n\r\n');

// A request as it arrived. `head` and `body` are exact bytes (`body` with the
// chunk framing taken off; `framed` with it), `sha256` covers `body`.
export class Request {
  constructor(head, socket, connection) {
    this.head = head;
    this.socket = socket;
    this.connection = connection;
    const lines = head.toString('latin1').split('\r\n');
    [this.method, this.target, this.version] = lines[0].split(' ');
    const q = this.target.indexOf('?');
    this.path = q < 0 ? this.target : this.target.slice(0, q);
    this.query = q < 0 ? '' : this.target.slice(q + 1);
    this.headers = lines.slice(1).filter(Boolean).map((l) => {
      const c = l.indexOf(':');
      return [l.slice(0, c), l.slice(c + 1).trim()];
    });
    this.pieces = [];
    this.framedPieces = [];
    this.hash = crypto.createHash('sha256');
    this.length = 0;
    this.complete = false;
    this.closed = new Promise((done) => socket.once('close', done));
  }

  get(name) {
    const found = this.headers.filter(([n]) => n.toLowerCase() === name.toLowerCase());
    return found.length ? found.map(([, v]) => v).join(', ') : undefined;
  }

  names() { return this.headers.map(([n]) => n.toLowerCase()); }
  get body() { return Buffer.concat(this.pieces); }
  get framed() { return Buffer.concat(this.framedPieces); }
  get sha256() { return this.hash.copy().digest('hex'); }
  json() { return JSON.parse(this.body.toString()); }
}

// Writes one response. Every method may be called at any time, in any order
// that the test wants; `done` frees the connection for the next request.
export class Response {
  constructor(socket, finish) {
    this.socket = socket;
    this.finish = finish;
    this.chunked = false;
    this.started = false;
    this.finished = false;
  }

  raw(bytes) {
    if (this.socket.destroyed) return true;
    return this.socket.write(bytes);
  }

  head(status, headers = [], reason = 'Status') {
    this.started = true;
    return this.raw(`HTTP/1.1 ${status} ${reason}\r\n${headers.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`);
  }

  send(status, headers, body) {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body ?? '');
    this.started = true;
    const head = `HTTP/1.1 ${status} Status\r\n${[...headers, ['content-length', bytes.length]].map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`;
    this.raw(Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
    this.done();
  }

  start(status, headers) {
    this.chunked = true;
    return this.head(status, [...headers, ['transfer-encoding', 'chunked']]);
  }

  write(bytes) {
    const b = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
    if (!this.chunked) return this.raw(b);
    if (b.length === 0) return true;
    return this.raw(Buffer.concat([Buffer.from(b.length.toString(16) + '\r\n'), b, Buffer.from('\r\n')]));
  }

  async writeDrained(bytes) {
    if (this.write(bytes) || this.socket.destroyed) return;
    await new Promise((ok) => {
      const over = () => { this.socket.off('drain', over); this.socket.off('close', over); ok(); };
      this.socket.on('drain', over);
      this.socket.on('close', over);
    });
  }

  end() {
    if (this.chunked) this.raw('0\r\n\r\n');
    this.done();
  }

  done() {
    if (this.finished) return;
    this.finished = true;
    this.finish();
  }

  reset() { this.finished = true; this.socket.reset(); }
  close() { this.finished = true; this.socket.end(); }
}

// Events: onRequest(req, res) when a body is complete; onHead(req, res), if it
// is set, when the head is: returning true takes the request over at that point.
export class HttpServer {
  constructor({ cert, key, onRequest, onHead, afterResponse } = {}) {
    this.onRequest = onRequest;
    this.onHead = onHead;
    this.afterResponse = afterResponse;
    this.keepBodies = true;
    this.sockets = new Set();
    this.connections = 0;
    const accept = (socket) => this.accept(socket);
    this.server = cert
      ? tls.createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, accept)
      : net.createServer({ allowHalfOpen: false }, accept);
    this.server.on('tlsClientError', () => {});
    // A reset is the TCP socket's to do; a TLS socket cannot.
    this.tcp = new Map();
    this.server.on('connection', (s) => {
      if (!cert) return;
      const port = s.remotePort;
      this.tcp.set(port, s);
      s.on('close', () => this.tcp.delete(port));
    });
    this.tls = !!cert;
  }

  async listen(port = 0, host = '127.0.0.1') {
    await new Promise((ok, bad) => this.server.once('error', bad).listen(port, host, ok));
    this.port = this.server.address().port;
    started(this);
    return this;
  }

  destroy() {
    for (const s of this.sockets) s.destroy();
    this.server.close();
  }

  async stop() {
    stopped(this);
    for (const s of this.sockets) s.destroy();
    await new Promise((ok) => this.server.close(ok));
  }

  accept(socket) {
    this.connections++;
    const conn = { number: this.connections, buffer: Buffer.alloc(0), req: null, busy: false, state: 'head', served: 0 };
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.conn = conn;
    const tcp = this.tcp.get(socket.remotePort) ?? socket;
    socket.reset = () => tcp.resetAndDestroy();
    socket.setMaxListeners(0);
    socket.on('data', (bytes) => {
      if (conn.state === 'tunnel') { conn.onData?.(bytes); return; }
      conn.buffer = conn.buffer.length ? Buffer.concat([conn.buffer, bytes]) : bytes;
      this.advance(socket, conn);
    });
  }

  advance(socket, conn) {
    for (;;) {
      if (conn.state === 'head') {
        if (conn.busy || !this.readHead(socket, conn)) return;
      } else if (conn.state === 'length') {
        const take = conn.buffer.subarray(0, conn.left);
        conn.buffer = conn.buffer.subarray(take.length);
        conn.left -= take.length;
        this.took(conn.req, take, take);
        if (conn.left > 0) return;
        this.complete(conn);
      } else if (conn.state === 'chunked') {
        if (!this.readChunks(conn)) return;
        this.complete(conn);
      } else {
        return;
      }
    }
  }

  took(req, data, framed) {
    req.hash.update(data);
    req.length += data.length;
    if (!this.keepBodies) return;
    if (data.length) req.pieces.push(Buffer.from(data));
    if (framed.length) req.framedPieces.push(Buffer.from(framed));
  }

  readHead(socket, conn) {
    const at = conn.buffer.indexOf(CRLF2);
    if (at < 0) return false;
    const head = Buffer.from(conn.buffer.subarray(0, at + 4));
    conn.buffer = conn.buffer.subarray(at + 4);
    const req = new Request(head, socket, conn.number);
    conn.req = req;
    conn.busy = true;
    conn.served++;
    conn.res = new Response(socket, () => {
      conn.busy = false;
      this.afterResponse?.(socket, conn);
      if (!socket.destroyed) setImmediate(() => this.advance(socket, conn));
    });
    const length = req.get('content-length');
    const chunked = /chunked/i.test(req.get('transfer-encoding') ?? '');
    conn.state = chunked ? 'chunked' : 'length';
    conn.left = chunked ? 0 : Number(length ?? 0);
    conn.chunkLeft = -1;
    conn.early = !!this.onHead?.(req, conn.res);
    return true;
  }

  // Reads whole chunks; true when the last one and the trailer were read.
  readChunks(conn) {
    for (;;) {
      if (conn.chunkLeft < 0) {
        const eol = conn.buffer.indexOf('\r\n');
        if (eol < 0) return false;
        const line = conn.buffer.subarray(0, eol + 2);
        const size = parseInt(line.toString('latin1'), 16);
        if (size === 0) {
          const end = conn.buffer.indexOf('\r\n\r\n', eol);
          if (end < 0) return false;
          this.took(conn.req, Buffer.alloc(0), conn.buffer.subarray(0, end + 4));
          conn.buffer = conn.buffer.subarray(end + 4);
          return true;
        }
        this.took(conn.req, Buffer.alloc(0), line);
        conn.buffer = conn.buffer.subarray(eol + 2);
        conn.chunkLeft = size;
      }
      const take = conn.buffer.subarray(0, conn.chunkLeft);
      if (take.length) this.took(conn.req, take, take);
      conn.buffer = conn.buffer.subarray(take.length);
      conn.chunkLeft -= take.length;
      if (conn.chunkLeft > 0 || conn.buffer.length < 2) return false;
      this.took(conn.req, Buffer.alloc(0), conn.buffer.subarray(0, 2));
      conn.buffer = conn.buffer.subarray(2);
      conn.chunkLeft = -1;
    }
  }

  complete(conn) {
    const { req, res } = conn;
    req.complete = true;
    conn.state = 'head';
    req.completed?.();
    if (!conn.early) this.onRequest(req, res);
  }
}
