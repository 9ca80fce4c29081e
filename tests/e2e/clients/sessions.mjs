// The real Claude Code and Codex programs through headroom: scripted multi-turn
// sessions with real tool calls must end as they end without us.
//   tests/e2e/clients/run        installs the programs in a temporary folder and runs this
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';

import { rows } from '../lib/data.mjs';
import { Headroom } from '../lib/headroom.mjs';
import { Random } from '../lib/random.mjs';
import { Upstream } from '../lib/upstream.mjs';

const CLIENTS = process.env.E2E_CLIENTS;	// the folder with node_modules
const bin = (p) => path.join(CLIENTS ?? '', 'node_modules', p);
const CLAUDE = bin('@anthropic-ai/claude-code-linux-x64/claude');
const CODEX = fs.existsSync(bin('@openai')) ? find(bin('@openai/codex-linux-x64'), 'codex') : '';

function find(dir, name) {
  for (const e of fs.readdirSync(dir, { withFileTypes: true })) {
    const p = path.join(dir, e.name);
    const found = e.isDirectory() ? find(p, name) : e.name === name ? p : '';
    if (found) return found;
  }
  return '';
}

// A folder for one session: a home of its own and a project with data in it.
function project() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'headroom-client-'));
  const work = path.join(dir, 'work');
  fs.mkdirSync(work);
  fs.mkdirSync(path.join(dir, 'home'));
  for (let i = 0; i < 4; i++) fs.writeFileSync(path.join(work, `page${i}.json`), JSON.stringify(rows(new Random(i + 1), 60), null, 2));
  fs.writeFileSync(path.join(work, 'app.c'), 'int\nmain(void)\n{\n\treturn 1;\n}\n');
  fs.writeFileSync(path.join(work, 'list.sh'), 'cat "page$1.json"\n');
  return { dir, work, home: path.join(dir, 'home') };
}

// Runs a program to its end, not longer than `ms`.
function run(program, args, { cwd, env, ms = 120_000, input = '' }) {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (b) => { stdout += b; });
    child.stderr.on('data', (b) => { stderr += b; });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    child.on('error', (e) => done({ code: -1, stdout, stderr: e.message }));
    child.on('exit', (code) => { clearTimeout(timer); done({ code, stdout, stderr }); });
  });
}

// The state of the project's files after a session.
function files(work) {
  return Object.fromEntries(fs.readdirSync(work).sort().map((f) => [f, crypto.createHash('sha256').update(fs.readFileSync(path.join(work, f))).digest('hex')]));
}

const common = (home) => ({ PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', TERM: 'dumb', XDG_CONFIG_HOME: path.join(home, '.config') });

// The same session straight to the upstream (through = false) or through headroom.
async function session(through, { provider, program, script, args, env }) {
  const p = project();
  const upstream = await Upstream.start();
  const headroom = through ? await Headroom.start({ upstream: upstream.url }) : null;
  const base = through ? headroom.url : upstream.url;
  let step = 0;
  const steps = script(p);
  upstream.turn = (body, kind) => {
    if (kind !== provider || !body.tools?.length) return { text: 'A title' };
    return steps[Math.min(step++, steps.length - 1)];
  };
  try {
    const got = await run(program, args(base, p), { cwd: p.work, env: { ...common(p.home), ...env(base, p) } });
    const main = upstream.requests.filter((q) => q.method === 'POST' && /messages$|responses$|completions$/.test(q.path));
    const refused = main.filter((q) => q.refusal).map((q) => q.refusal);
    return { ...got, files: files(p.work), steps: step, refused, sent: main.reduce((n, q) => n + q.length, 0), requests: main, names: new Set(upstream.requests.flatMap((q) => q.names())), log: headroom?.stderr ?? '' };
  } finally {
    await headroom?.stop();
    await upstream.stop();
    fs.rmSync(p.dir, { recursive: true, force: true });
  }
}

// Both ways; everything a user would see must be equal.
async function compare(spec, word) {
  const alone = await session(false, spec);
  assert.equal(alone.code, 0, `without headroom: ${alone.stderr}\n${alone.stdout}`.slice(0, 4000));
  assert.match(alone.stdout, word);
  const through = await session(true, spec);
  assert.equal(through.code, 0, `${through.stderr}\n${through.stdout}\n${through.log}`.slice(0, 6000));
  assert.match(through.stdout, word);
  assert.deepEqual(through.files, alone.files);
  assert.equal(through.steps, alone.steps);
  assert.deepEqual(through.refused, []);
  assert.ok(![...through.names].some((n) => n.startsWith('x-headroom')));
  console.log(`# ${spec.name}: ${through.steps} turns, ${alone.sent} bytes upstream alone, ${through.sent} through headroom`);
  return { alone, through };
}

describe('Claude Code', () => {
  const bash = (command) => ({ name: 'Bash', input: { command, description: 'run a command' } });
  const spec = {
    name: 'Claude Code', provider: 'anthropic', program: CLAUDE,
    script: (p) => [
      { thinking: 'look around', text: 'Looking.', tools: [bash('ls')] },
      ...[0, 1, 2].map((i) => ({ text: `Page ${i}.`, tools: [bash(`sh list.sh ${i}`)] })),
      { text: 'Two at once.', tools: [bash('sh list.sh 3'), { name: 'Read', input: { file_path: path.join(p.work, 'app.c') } }] },
      { text: 'Fixing.', tools: [{ name: 'Edit', input: { file_path: path.join(p.work, 'app.c'), old_string: 'return 1;', new_string: 'return 0;' } }] },
      { text: 'Noting.', tools: [bash('echo fixed > done.txt; wc -l app.c')] },
      ...[0, 1, 2, 3].map((i) => ({ thinking: `again ${i}`, tools: [bash(`sh list.sh ${i}`)] })),
      { text: 'A failure.', tools: [bash('exit 3')] },
      { text: 'FINAL: app.c returns 0 now.' },
    ],
    args: () => ['-p', 'Fix app.c so that it returns 0.', '--model', 'claude-sonnet-4-5', '--dangerously-skip-permissions', '--output-format', 'text'],
    env: (base) => ({ ANTHROPIC_BASE_URL: base, ANTHROPIC_API_KEY: 'sk-ant-api03-placeholder', DISABLE_TELEMETRY: '1', DISABLE_ERROR_REPORTING: '1', DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', IS_SANDBOX: '1' }),
  };

  it('ends a session of 13 turns as it does without us', { skip: !fs.existsSync(CLAUDE) && 'not installed' }, async () => {
    const { alone, through } = await compare(spec, /FINAL: app\.c returns 0 now\./);
    assert.ok('done.txt' in through.files);
    assert.ok(through.sent < alone.sent, 'and sends less');
    const hits = (session) => session.requests.map((q) => q.cache.hit);
    assert.ok(hits(alone)[5] > 0);
    assert.deepEqual(hits(through), hits(alone), 'blocks read from the simulated prompt cache, request by request');
  });
});

describe('Codex', () => {
  const exec = (cmd) => ({ name: 'exec_command', input: { cmd } });
  const shell = (cmd) => ({ name: 'shell', input: { command: ['bash', '-lc', cmd] } });
  const spec = {
    name: 'Codex', provider: 'responses', program: CODEX,
    script: () => {
      const call = (cmd) => (process.env.E2E_CODEX_TOOL === 'shell' ? shell(cmd) : exec(cmd));
      return [
        { text: 'Looking.', tools: [call('ls')] },
        ...[0, 1, 2].map((i) => ({ text: `Page ${i}.`, tools: [call(`sh list.sh ${i}`)] })),
        { text: 'Fixing.', tools: [call("sed -i 's/return 1/return 0/' app.c && echo fixed > done.txt")] },
        { text: 'Two at once.', tools: [call('sh list.sh 3'), call('cat app.c')] },
        { text: 'FINAL: app.c returns 0 now.' },
      ];
    },
    args: (base) => ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '-m', 'gpt-5', '-c', 'model_provider="test"', '-c', `model_providers.test={ name = "test", base_url = "${base}/v1", env_key = "TEST_KEY", wire_api = "responses" }`, 'Fix app.c so that it returns 0.'],
    env: (_, p) => ({ TEST_KEY: 'sk-placeholder', CODEX_HOME: p.home, RUST_LOG: 'error' }),
  };

  it('ends a session of 7 turns as it does without us', { skip: !CODEX && 'not installed' }, async () => {
    const { through } = await compare(spec, /FINAL: app\.c returns 0 now\./);
    assert.ok('done.txt' in through.files);
  });
});

