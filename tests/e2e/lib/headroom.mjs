// Starts and stops the program under test, each time with a state folder and an
// environment of its own.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { started, stopped } from './live.mjs';
import { BUILD, SLOWNESS, assertNoReport, readStderr, sanitizerEnv } from './sanitizer.mjs';

export { BUILD };
export const PROGRAM = path.join(BUILD, 'headroom');

export const stateFolder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'headroom-e2e-'));

// Little of the caller's environment, and the options of sanitizers.
const baseEnv = () => ({ ...Object.fromEntries(Object.entries(process.env).filter(([k]) => /^(PATH|HOME|LANG|TMPDIR)$/.test(k))), ...sanitizerEnv() });

export class Headroom {
  // args: flags beyond host and port; env: beyond the bare one; state: an
  // existing state folder to share or continue with; upstream: base URL for all.
  static async start({ args = [], env = {}, state, upstream, port = 0, host = '127.0.0.1', wait = true } = {}) {
    const h = new Headroom();
    h.ownState = !state;
    h.state = state ?? stateFolder();
    h.args = args;
    h.env = env;
    h.upstream = upstream;
    h.host = host;
    await h.spawn(port, wait);
    return h;
  }

  async spawn(port, wait = true) {
    const urls = this.upstream ? ['anthropic', 'openai', 'gemini'].flatMap((p) => [`--${p}-api-url`, this.upstream]) : [];
    this.stderr = '';
    this.stdout = '';
    this.child = spawn(PROGRAM, ['proxy', '--host', this.host, '--port', String(port), ...urls, ...this.args], {
      env: { ...baseEnv(), HEADROOM_WORKSPACE_DIR: this.state, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.child.pid;
    started(this);
    this.exit = undefined;
    let fail;
    this.exited = new Promise((ok) => {
      const over = (code, signal) => { this.exit = { code, signal }; stopped(this); readStderr(this.pid, this.stderr); ok(this.exit); };
      fail = () => over(127, null);
      this.child.on('close', over);	// after 'exit', when all that it wrote has been read
    });
    const ready = new Promise((ok) => {
      this.child.stderr.setEncoding('utf8').on('data', (t) => {
        this.stderr += t;
        const m = this.stderr.match(/https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\]|0\.0\.0\.0):(\d+)/);
        if (m) { this.port = +m[1]; ok(true); }
      });
    });
    this.child.stdout.setEncoding('utf8').on('data', (t) => { this.stdout += t; });
    this.child.on('error', (e) => { this.stderr += e.message; fail(); });
    if (!wait) return;
    let timer;
    const late = new Promise((ok) => { timer = setTimeout(() => ok(false), 20_000 * SLOWNESS); });
    const up = await Promise.race([ready, late, this.exited.then(() => false)]);
    clearTimeout(timer);
    if (!up) { this.child.kill('SIGKILL'); throw new Error(`headroom did not start: ${JSON.stringify(this.exit)} ${this.stderr}`); }
  }

  get url() { return `http://127.0.0.1:${this.port}`; }

  // Resident memory in bytes, now and at its highest.
  memory() {
    const status = fs.readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const kb = (name) => +status.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1] * 1024;
    return { now: kb('VmRSS'), peak: kb('VmHWM') };
  }

  signal(name) { this.child.kill(name); }

  destroy() { this.child.kill('SIGKILL'); }

  async kill() { this.child.kill('SIGKILL'); await this.exited; assertNoReport(this.pid); }

  // SIGTERM, then a wait for the end; a process that does not end is a failure.
  async term(ms = 10_000) {
    if (!this.exit) await this.end(ms * SLOWNESS);
    assertNoReport(this.pid);
    return this.exit;
  }

  async end(ms) {
    this.child.kill('SIGTERM');
    let timer;
    const late = new Promise((ok) => { timer = setTimeout(() => ok(null), ms); });
    const end = await Promise.race([this.exited, late]);
    clearTimeout(timer);
    if (!end) { await this.kill(); throw new Error(`headroom did not end within ${ms} ms of SIGTERM: ${this.stderr.slice(-2000)}`); }
  }

  async restart() { await this.term(); await this.spawn(0); }

  // Ends it and says whether it ended well.
  async stop() {
    try {
      const end = await this.term();
      if (end.code !== 0 && end.signal !== 'SIGKILL') throw new Error(`headroom ended with ${JSON.stringify(end)}: ${this.stderr.slice(-4000)}`);
    } finally {
      if (this.ownState) fs.rmSync(this.state, { recursive: true, force: true });
    }
  }
}

// Runs the program to its end: { code, stdout, stderr }.
export function run(args, { input, env = {}, timeout = 20_000 } = {}) {
  const state = stateFolder();
  try {
    const child = spawnSyncRaw(args, { input, env: { ...baseEnv(), HEADROOM_WORKSPACE_DIR: state, ...env }, timeout: timeout * SLOWNESS });
    readStderr(0, child.stderr);
    assertNoReport();
    return child;
  } finally {
    fs.rmSync(state, { recursive: true, force: true });
  }
}

function spawnSyncRaw(args, options) {
  const r = spawnSync(PROGRAM, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
  return { code: r.status, signal: r.signal, stdout: r.stdout ?? Buffer.alloc(0), stderr: String(r.stderr?.length ? r.stderr : r.error?.message ?? '') };
}
