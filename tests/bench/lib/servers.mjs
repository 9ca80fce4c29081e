// The processes that a run measures. Each has a port, says what it has cost
// (cpu, resident) and is ended by its own pid.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

export const sleep = (ms) => new Promise((ok) => setTimeout(ok, ms));

async function waitFor(what, ms, probe) {
  const end = Date.now() + ms;
  for (;;) {
    const r = await probe();
    if (r) return r;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await sleep(5);
  }
}

const accepts = (port) => new Promise((ok) => {
  const s = net.connect(port, '127.0.0.1', () => { s.destroy(); ok(true); }).on('error', () => ok(false));
});

export const freePort = () => new Promise((ok) => {
  const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => ok(port)); });
});

// Nanoseconds of CPU that the threads of a process have used so far.
function cpuOf(pid) {
  let ns = 0;
  for (const t of fs.readdirSync(`/proc/${pid}/task`)) ns += Number(fs.readFileSync(`/proc/${pid}/task/${t}/schedstat`, 'utf8').split(' ')[0]);
  return ns;
}

const residentOf = (pid) => Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+)/m)[1]) * 1024;

class Server {
  launch(program, args, { env, log, stdio }) {
    this.logFile = log;
    const fd = fs.openSync(log, 'a');
    this.child = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: stdio ?? ['ignore', fd, fd] });
    fs.closeSync(fd);
    this.exited = new Promise((ok) => this.child.on('exit', ok).on('error', ok));
    this.exited.then(() => { this.gone = true; });
    this.pid = this.child.pid;
  }

  // Throws with the end of the log if the process is no longer there.
  alive() {
    if (this.gone) throw new Error(`${this.name} ended by itself:\n${fs.readFileSync(this.logFile, 'utf8').slice(-2000)}`);
    return true;
  }

  get worker() { return this.pid; }
  cpu() { this.alive(); return cpuOf(this.worker); }
  resident() { this.alive(); return residentOf(this.worker); }

  async stop() {
    if (!this.child || this.gone) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await this.exited;
    clearTimeout(timer);
  }
}

// The scripted upstream of upstream.c; it ends with its stdin.
export class Upstream extends Server {
  static async start(program, dir, tls) {
    const u = new Upstream();
    u.name = 'bench-upstream';
    u.launch(program, tls ?? [], { log: path.join(dir, 'upstream.log'), stdio: ['pipe', 'pipe', 'inherit'] });
    u.scheme = tls ? 'https' : 'http';
    u.port = await new Promise((ok, no) => { u.child.stdout.once('data', (d) => ok(Number(d))); u.exited.then(() => no(new Error('bench-upstream did not start'))); });
    return u;
  }

  get url() { return `${this.scheme}://127.0.0.1:${this.port}`; }

  // { requests, bytes } that have arrived so far.
  async counted() { return (await fetch(`${this.url}/?counted`)).json(); }
}

// One worker, upstream connections kept alive, an access log in a file. Bodies
// stay in memory. streamPort answers unbuffered, as one sets nginx for SSE.
export class Nginx extends Server {
  static async start(dir, upstream, { name = 'nginx', ca } = {}) {
    const n = new Nginx();
    n.name = name;
    const home = path.join(dir, name);
    fs.mkdirSync(home, { recursive: true });
    [n.port, n.streamPort] = [await freePort(), await freePort()];
    const tls = upstream.scheme === 'https' ? `proxy_ssl_trusted_certificate ${ca}; proxy_ssl_verify on; proxy_ssl_name localhost; proxy_ssl_session_reuse on;` : '';
    const server = (port, buffering) => `server { listen 127.0.0.1:${port} backlog=4096; location / { proxy_pass ${upstream.scheme}://up; proxy_buffering ${buffering}; ${tls} } }`;
    const root = process.getuid() === 0 ? 'user root;' : '';
    fs.writeFileSync(path.join(home, 'nginx.conf'), `
      daemon off; ${root} worker_processes 1; worker_rlimit_nofile 20000; pid ${home}/pid; error_log ${home}/error.log warn;
      events { worker_connections 16000; }
      http {
        access_log ${home}/access.log; keepalive_requests 100000000; keepalive_timeout 300s;
        client_max_body_size 64m; client_body_buffer_size 8m; client_body_temp_path ${home}/body; proxy_temp_path ${home}/proxy;
        fastcgi_temp_path ${home}/f; uwsgi_temp_path ${home}/u; scgi_temp_path ${home}/s;
        upstream up { server 127.0.0.1:${upstream.port}; keepalive 128; keepalive_requests 100000000; keepalive_timeout 300s; }
        proxy_http_version 1.1; proxy_set_header Connection "";
        ${server(n.port, 'on')}
        ${server(n.streamPort, 'off')}
      }`);
    n.launch('nginx', ['-p', home, '-c', path.join(home, 'nginx.conf'), '-e', `${home}/error.log`], { log: path.join(home, 'out.log') });
    await waitFor(name, 5000, () => n.alive() && accepts(n.port));
    /* The master listens before there is a worker. */
    n.workerPid = await waitFor(name, 5000, () => Number(fs.readdirSync('/proc').find((p) => /^\d+$/.test(p) && parentOf(p) === n.pid)));
    return n;
  }

  get worker() { return this.workerPid; }
}

function parentOf(pid) {
  try {
    return Number(fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1]);
  } catch {
    return 0;
  }
}

// The program under test with its real store, its log in a file.
export class Headroom extends Server {
  static async start(program, dir, upstream, { name = 'headroom', ca } = {}) {
    const h = new Headroom();
    h.name = name;
    const home = path.join(dir, name);
    fs.mkdirSync(home, { recursive: true });
    h.launch(program, Headroom.args(0, upstream.url), { env: Headroom.env(home, ca), log: path.join(home, 'log') });
    h.port = await waitFor(name, 10_000, () => h.alive() && Number(fs.readFileSync(h.logFile, 'utf8').match(/http:\/\/127\.0\.0\.1:(\d+)/)?.[1]));
    h.streamPort = h.port;
    return h;
  }

  static args(port, url) {
    return ['proxy', '--host', '127.0.0.1', '--port', String(port), '--anthropic-api-url', url, '--openai-api-url', url, '--gemini-api-url', url, '--profile', 'lossless'];
  }

  static env(home, ca) { return { HOME: home, HEADROOM_WORKSPACE_DIR: path.join(home, 'state'), ...(ca ? { SSL_CERT_FILE: ca } : {}) }; }
}
