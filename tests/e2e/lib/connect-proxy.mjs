// A CONNECT proxy that resolves upstream.test to this machine and remembers
// what was asked of it.
import net from 'node:net';

import { started, stopped } from './live.mjs';

export class ConnectProxy {
  // `refuse`: a status to answer every CONNECT with, instead of a tunnel.
  static async start({ refuse } = {}) {
    const p = new ConnectProxy();
    p.asked = [];
    p.heads = [];
    p.refuse = refuse;
    p.sockets = new Set();
    p.server = net.createServer((s) => p.accept(s));
    await new Promise((ok) => p.server.listen(0, '127.0.0.1', ok));
    p.port = p.server.address().port;
    started(p);
    p.url = `http://127.0.0.1:${p.port}`;
    return p;
  }

  accept(socket) {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    let seen = Buffer.alloc(0);
    const onData = (bytes) => {
      seen = Buffer.concat([seen, bytes]);
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', onData);
      this.tunnel(socket, seen.subarray(0, end + 4).toString('latin1'), seen.subarray(end + 4));
    };
    socket.on('data', onData);
  }

  tunnel(socket, head, rest) {
    const [method, target] = head.split(' ');
    this.heads.push(head);
    this.asked.push(`${method} ${target}`);
    if (method !== 'CONNECT') { socket.end('HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n'); return; }
    if (this.refuse) { socket.end(`HTTP/1.1 ${this.refuse} Refused\r\ncontent-length: 0\r\n\r\n`); return; }
    const colon = target.lastIndexOf(':');
    const name = target.slice(0, colon);
    const far = net.connect({ port: +target.slice(colon + 1), host: name === 'upstream.test' ? '127.0.0.1' : name });
    this.sockets.add(far);
    far.setNoDelay(true);
    socket.setNoDelay(true);
    far.on('error', () => socket.destroy());
    far.on('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (rest.length) far.write(rest);
      far.pipe(socket);
      socket.pipe(far);
    });
    far.on('close', () => { this.sockets.delete(far); socket.destroy(); });
    socket.on('close', () => far.destroy());
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
}
