// Runs the end-to-end suites in every mode and ends with one line per mode and
// the totals.
//   node tests/e2e/run.mjs                  every suite; those of the relay in every mode
//   node tests/e2e/run.mjs plain tls        only these modes
//   node tests/e2e/run.mjs --slow           the slow suites (*.slow.mjs) instead
//   node tests/e2e/run.mjs plain http1      only files whose names contain a word
// A suite whose first lines hold "@modes all", or "@modes" and some of them, runs in
// those modes, others in plain.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { PROGRAM } from './lib/headroom.mjs';
import { MODES } from './lib/rig.mjs';
import { SANITIZERS, SLOWNESS } from './lib/sanitizer.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const words = process.argv.slice(2);
const slow = words.includes('--slow');
const modes = words.filter((w) => MODES.includes(w));
const names = words.filter((w) => !MODES.includes(w) && w !== '--slow');
const width = Number(process.env.E2E_JOBS ?? Math.max(2, os.cpus().length));
const fileLimit = Number(process.env.E2E_FILE_SECONDS ?? (slow ? 1800 : 300)) * 1000 * SLOWNESS;

if (!fs.existsSync(PROGRAM)) {
  console.log(`e2e: ${PROGRAM} is not there; build it first (make build).\ne2e-passed 0\ne2e-failed 1`);
  process.exit(1);
}

const files = fs.readdirSync(here).filter((f) => f.endsWith(slow ? '.slow.mjs' : '.test.mjs'))
  .filter((f) => names.length === 0 || names.some((n) => f.includes(n)));
function runsIn(file, mode) {
  const said = fs.readFileSync(path.join(here, file), 'utf8').slice(0, 2000).match(/@modes ([a-z ]+)/)?.[1].split(' ') ?? ['plain'];
  return said.includes('all') || said.includes(mode);
}
const jobs = (modes.length ? modes : MODES).flatMap((mode) =>
  files.filter((f) => runsIn(f, mode)).map((file) => ({ mode, file, size: fs.statSync(path.join(here, file)).size })));

function runFile({ mode, file }) {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['--test', '--test-reporter=tap', path.join(here, file)], {
      env: { ...process.env, E2E_UPSTREAM: mode }, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    });
    running.add(child);
    let out = '';
    child.stdout.on('data', (b) => { out += b; });
    child.stderr.on('data', (b) => { out += b; });
    const timer = setTimeout(() => { out += `\n# stopped after ${fileLimit / 1000} s\n`; process.kill(-child.pid, 'SIGKILL'); }, fileLimit);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      const figure = (name) => Number(out.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
      const failed = figure('fail') + figure('cancelled') || (code === 0 && !signal ? 0 : 1);
      done({ passed: figure('pass'), failed, out });
    });
  });
}

// Each file is a process group of its own: nothing of it outlives a runner that is
// stopped.
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) try { process.kill(-child.pid, 'SIGKILL'); } catch { /* just ended */ }
    process.exit(1);
  });
}

// Only what a reader of a failure needs: the failed tests with their details.
function failures(out) {
  const lines = out.split('\n');
  const keep = [];
  for (let i = 0; i < lines.length; i++) {
    const indent = lines[i].match(/^( *)not ok/)?.[1];
    if (indent === undefined) continue;
    keep.push(lines[i]);
    for (i++; i < lines.length && !new RegExp(`^${indent}  \\.\\.\\.$`).test(lines[i]); i++) if (!/^ *(duration_ms|---|type:)/.test(lines[i])) keep.push(lines[i]);
  }
  const report = lines.findIndex((l) => l.includes('a sanitizer reported'));
  if (report >= 0) keep.push(...lines.slice(report, report + 60));
  return (keep.length ? keep : lines.slice(-40)).join('\n');
}

const began = Date.now();
const totals = new Map();
const queue = [...jobs];
async function work() {
  for (let job; (job = queue.shift());) {
    const from = Date.now();
    const r = await runFile(job);
    const t = totals.get(job.mode) ?? { passed: 0, failed: 0, ms: 0 };
    totals.set(job.mode, { passed: t.passed + r.passed, failed: t.failed + r.failed, ms: t.ms + Date.now() - from });
    console.log(`${r.failed ? 'FAIL' : 'ok  '} ${job.mode.padEnd(7)} ${job.file.padEnd(28)} ${String(r.passed).padStart(4)} passed ${String(r.failed).padStart(3)} failed ${((Date.now() - from) / 1000).toFixed(1).padStart(6)} s`);
    for (const [, note] of r.out.matchAll(/^# \\# (.*)$/gm)) console.log(`     ${note}`);
    if (r.failed) console.log(failures(r.out));
  }
}
await Promise.all(Array.from({ length: width }, work));

let [passed, failed] = [0, 0];
for (const [mode, t] of totals) {
  passed += t.passed;
  failed += t.failed;
  console.log(`e2e ${mode}: ${t.passed} passed, ${t.failed} failed, ${(t.ms / 1000).toFixed(0)} s of suites`);
}
if (SANITIZERS.length) console.log(`e2e: the program had the sanitizers ${SANITIZERS.join(' and ')}`);
console.log(`e2e all: ${((Date.now() - began) / 1000).toFixed(0)} s`);
console.log(`e2e-passed ${passed}`);
console.log(`e2e-failed ${failed || (passed ? 0 : 1)}`);
process.exit(failed || !passed ? 1 : 0);
