// The benchmark: starts the servers, runs the groups of rows, prints one table.
// tests/bench/run says how to call it, docs/bench.md what the rows mean.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { documents } from '../data/corpus/corpus.mjs';
import { WORKLOADS } from '../data/workloads.mjs';
import { authority } from '../e2e/lib/tls.mjs';
import { Conversation, post, smallBody } from './lib/bodies.mjs';
import { Headroom, Nginx, Upstream, freePort, sleep } from './lib/servers.mjs';
import { print, verdict } from './lib/table.mjs';
import { Load, median, quartiles, wrk, wrkScript } from './lib/tools.mjs';

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..');
const build = path.resolve(root, process.env.HEADROOM_BUILD ?? 'build-release');
const program = path.join(build, 'headroom');
const parts = path.join(build, 'tests/bench');

const GROUPS = ['rates', 'sse', 'body', 'blocks', 'layers', 'forms', 'start', 'streams'];
const FLAGS = ['--quick', '--self', '--strict'];
const words = process.argv.slice(2);
const unknown = words.find((w) => !FLAGS.includes(w) && !GROUPS.includes(w));
if (unknown) {
  console.error(`bench: "${unknown}" is unknown; there are ${[...FLAGS, ...GROUPS].join(' ')}.`);
  process.exit(2);
}
const [quick, self, strict] = FLAGS.map((f) => words.includes(f));
const chosen = words.filter((w) => GROUPS.includes(w));
const groups = GROUPS.filter((g) => (chosen.length ? chosen.includes(g) : true) && !(self && ['start', 'layers', 'forms'].includes(g)));

const MB = 1e6;
const rows = [];
const notes = [];
const servers = [];
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'headroom-bench-'));
const load = new Load(parts);

const keep = (server) => { servers.push(server); return server; };
const row = (r) => rows.push({ better: 'lower', unit: '', ...r });
const file = (name, bytes) => { const f = path.join(dir, name); fs.writeFileSync(f, bytes); return f; };
const times = (n, f) => Array.from({ length: n }, (_, i) => f(i));
const mid = (list, member) => median(list.map((x) => x[member]));

// The side under test: headroom, or with --self a second nginx.
const underTest = (upstream, options = {}) =>
  (self ? Nginx.start(dir, upstream, { name: 'nginx-two', ...options }) : Headroom.start(program, dir, upstream, options));

// Rates and CPU per request: wrk against nginx and headroom by turns; the ratio
// is the median of the ratios of the rounds.
async function rates({ nginx, ours }) {
  const rounds = quick ? 5 : 12; /* many short ones: a noisy neighbour hits both */
  for (const size of [105, 1024]) {
    const label = size < 1000 ? `${size} B` : '1 KB';
    const script = path.join(dir, `post-${size}.lua`);
    wrkScript(script, '/v1/messages', smallBody(size));
    const measure = (server) => wrk(server, script, { connections: 32, seconds: 1 });
    for (const s of [nginx, ours]) await measure(s);
    const seen = [];
    for (let i = 0; i < rounds; i++) {
      const pair = {};
      for (const who of i % 2 ? ['ours', 'nginx'] : ['nginx', 'ours']) pair[who] = await measure({ nginx, ours }[who]);
      seen.push(pair);
    }
    const figures = (member) => {
      const ratios = seen.map((p) => p.ours[member] / p.nginx[member]);
      const [low, high] = quartiles(ratios).map((x) => x.toFixed(2));
      notes.push(`${member === 'rate' ? 'Rate' : 'CPU'} at ${label}: the middle half of the ${rounds} ratios lies between ${low} and ${high}.`);
      return { headroom: mid(seen.map((p) => p.ours), member), nginx: mid(seen.map((p) => p.nginx), member), value: median(ratios), unit: 'x' };
    };
    row({ what: `requests/s, ${label} bodies, 32 connections`, ...figures('rate'), better: 'higher', floor: 0.9, goal: 1.15 });
    row({ what: `CPU us per request, ${label} bodies, 32 connections`, ...figures('cpu'), goal: 1 });
  }
}

// Runs of one-at-a-time requests to direct, nginx and headroom by turns, with
// what the two proxies spent: medians over the runs, times in ms.
async function inTurn({ upstream, nginx, ours }, files, { runs, requests, warm }) {
  const seen = [];
  for (let i = 0; i < runs; i++) {
    const share = Array.isArray(files[0]) ? files[i] : files;
    const before = [nginx.cpu(), ours.cpu()];
    const [direct, n, o] = await load.inTurn([upstream.port, nginx.streamPort, ours.streamPort], share, { requests, warm });
    await sleep(150); /* what is finished after the answer counts too */
    const all = requests + warm;
    seen.push({
      direct50: direct.p50 / 1000, direct99: direct.p99 / 1000,
      nginx50: (n.p50 - direct.p50) / 1000, nginx99: (n.p99 - direct.p99) / 1000, nginxCpu: (nginx.cpu() - before[0]) / MB / all,
      ours50: (o.p50 - direct.p50) / 1000, ours99: (o.p99 - direct.p99) / 1000, oursCpu: (ours.cpu() - before[1]) / MB / all,
    });
  }
  return Object.fromEntries(Object.keys(seen[0]).map((k) => [k, mid(seen, k)]));
}

async function sse(rig) {
  const body = new Conversation(11, 350_000, 'plain').body();
  const files = [file('sse', post('/v1/messages?beta=true&sse=60', body))];
  const m = await inTurn(rig, files, { runs: 5, requests: quick ? 60 : 200, warm: 5 });
  const what = (p) => `ms added at ${p}, 350 KB request, SSE answer, 1 connection`;
  row({ what: what('p50'), headroom: m.ours50, nginx: m.nginx50, direct: m.direct50, value: m.ours50, unit: 'ms', floor: 1, goal: m.nginx50 + 0.7 });
  row({ what: what('p99'), headroom: m.ours99, nginx: m.nginx99, direct: m.direct99, value: m.ours99, unit: 'ms', floor: 3, goal: m.nginx99 + 0.7 });
}

async function body(rig) {
  const text = new Conversation(12, 1_500_000, 'plain').body();
  const size = text.length / MB;
  const m = await inTurn(rig, [file('large', post('/v1/messages?beta=true', text))], { runs: quick ? 3 : 5, requests: quick ? 10 : 30, warm: 3 });
  row({ what: `CPU ms per MB of body, ${size.toFixed(1)} MB, nothing new`, headroom: m.oursCpu / size, nginx: m.nginxCpu / size, value: m.oursCpu / size, unit: 'ms', floor: 3, goal: 1 });
  row({ what: `ms added at p50, ${size.toFixed(1)} MB, nothing new`, headroom: m.ours50, nginx: m.nginx50, direct: m.direct50, value: m.ours50, unit: 'ms' });
}

// What share of the bytes that the clients sent arrives upstream through ours.
async function forwarded({ upstream, ours }, files) {
  const before = await upstream.counted();
  await load.inTurn([ours.port], files, { requests: files.length });
  const after = await upstream.counted();
  const sent = files.reduce((n, f) => n + Number(fs.readFileSync(f, 'latin1').match(/content-length: (\d+)/)[1]), 0);
  return (after.bytes - before.bytes) / sent;
}

async function blocks(rig) {
  const base = new Conversation(13, 1_500_000, 'plain');
  const runs = quick ? 3 : 5;
  const each = quick ? 5 : 8;
  await load.inTurn([rig.ours.port], [file('base', post('/v1/messages', base.body()))], { requests: 1 });
  const fresh = times(runs + 1, (i) => times(each, (k) => file(`new-${i}-${k}`, post('/v1/messages', base.withNewBlock(1000 + 100 * i + k, 100_000)))));
  const n = await inTurn(rig, fresh, { runs, requests: each, warm: 0 });
  const share = await forwarded(rig, fresh[runs]);
  row({ what: 'CPU ms, 1.5 MB body with a new 100 KB JSON block', headroom: n.oursCpu, nginx: n.nginxCpu, value: n.oursCpu, unit: 'ms', goal: 5 });
  row({ what: 'ms added at p50, 1.5 MB body with a new 100 KB JSON block', headroom: n.ours50, nginx: n.nginx50, direct: n.direct50, value: n.ours50, unit: 'ms' });

  const talk = new Conversation(14, 1_000_000, 'json');
  await load.inTurn([rig.ours.port], times(talk.turns + 1, (turn) => file(`turn-${turn}`, post('/v1/messages', talk.body({ turn })))), { requests: talk.turns + 1 });
  const again = file('again', post('/v1/messages', talk.body()));
  const r = await inTurn(rig, [again], { runs, requests: quick ? 8 : 20, warm: 2 });
  const kept = await forwarded(rig, [again]);
  const size = (talk.body().length / MB).toFixed(1);
  row({ what: `CPU ms, ${size} MB body, ${talk.turns} forms replayed`, headroom: r.oursCpu, nginx: r.nginxCpu, value: r.oursCpu, unit: 'ms' });
  row({ what: `ms added at p50, ${size} MB body, ${talk.turns} forms replayed`, headroom: r.ours50, nginx: r.nginx50, direct: r.direct50, value: r.ours50, unit: 'ms' });
  notes.push(`Of the bytes of the new-block requests ${(100 * share).toFixed(1)} % went upstream, of the replayed conversation ${(100 * kept).toFixed(1)} %.`);
  if (!self && (share > 0.995 || kept > 0.97)) notes.push('NOTHING WAS COMPRESSED where something should have been: the rows on blocks say little.');
  for (const f of fresh.flat()) fs.rmSync(f);
}

// Programs that time one layer, what to give them, and where in their words the
// judged figure stands.
const LAYERS = [
  { program: 'bench_compress', find: /pretty rows +lossless +([\d.]+) MB\/s/, what: 'compressing one block of 1 MB (pretty-printed rows), MB/s', unit: 'MB/s', floor: 50, goal: 50, better: 'higher' },
  { program: 'bench_json', find: /([\d.]+) GB\/s/, what: 'JSON scan, GB/s', unit: 'GB/s', floor: 1, goal: 1, better: 'higher' },
  { program: 'bench_tokens', find: /o200k +([\d.]+) MB\/s/, what: 'token counting (o200k) of our sources and pages, MB/s', unit: 'MB/s', floor: 50, goal: 100, better: 'higher' },
];

// The repository's own text in one file: code, prose, tables, Markdown.
function ownText() {
  const names = execFileSync('git', ['ls-files', 'src', 'docs', 'tests', '*.md'], { cwd: root }).toString().trim().split('\n');
  const texts = names.filter((n) => /\.(c|h|mjs|md)$/.test(n) && fs.existsSync(path.join(root, n)));
  return file('own-text', Buffer.concat(texts.map((n) => fs.readFileSync(path.join(root, n)))));
}

function layers() {
  const text = ownText();
  for (const { program: name, find, ...judged } of LAYERS) {
    const exe = path.join(parts, name);
    if (!fs.existsSync(exe)) throw new Error(`${exe} is not there`);
    /* What disturbs only slows: the best of the runs is the code's own. */
    const said = times(quick ? 1 : 3, () => execFileSync(exe, name === 'bench_tokens' ? [text] : []).toString());
    const value = Math.max(...said.map((t) => Number(t.match(find)?.[1] ?? NaN)));
    row({ ...judged, headroom: value, value });
  }
}

// What bench_compress says of each file, in the order of `files`: { lossless, balanced },
// each { ms, mb: memory taken, after, before: tokens }.
function timed(files) {
  const said = execFileSync(path.join(parts, 'bench_compress'), files).toString().trim().split('\n');
  const figures = said.map((l) => l.match(/ (lossless|balanced) .* ([\d.]+) ms +([\d.]+) MB taken .* (\d+) of (\d+) tokens/)).map(([, profile, ...n]) => ({ profile, ms: +n[0], mb: +n[1], after: +n[2], before: +n[3] }));
  return files.map((_, i) => Object.fromEntries(figures.slice(2 * i, 2 * i + 2).map((f) => [f.profile, f])));
}

// Compression alone, one block after the other: each document of the corpus, and
// the tool results of each made-up conversation together.
function forms() {
  const items = documents().map((d) => ({ name: d.file, texts: [d.text] }));
  const talks = Object.entries(WORKLOADS).map(([name, make]) => ({ name, texts: make(1).body.messages.filter((m) => m.role === 'tool').map((m) => m.content) }));
  let number = 0;
  for (const item of [...items, ...talks]) {
    const seen = timed(item.texts.map((t) => file(`form-${number++}`, t)));
    item.bytes = item.texts.reduce((n, t) => n + Buffer.byteLength(t), 0);
    for (const profile of ['lossless', 'balanced']) {
      const sum = (member) => seen.reduce((n, s) => n + s[profile][member], 0);
      item[profile] = { ms: sum('ms'), rate: item.bytes / sum('ms') / 1000, saved: 100 * (1 - sum('after') / sum('before')) };
    }
    item.memory = Math.max(...seen.map((s, i) => s.balanced.mb / (Buffer.byteLength(item.texts[i]) / MB)));
  }
  const slowest = (list, profile) => list.reduce((a, b) => (a[profile].rate < b[profile].rate ? a : b));
  for (const profile of ['lossless', 'balanced']) {
    const s = slowest(items, profile);
    row({ what: `slowest document, ${profile}, MB/s: ${s.name}`, headroom: s[profile].rate, value: s[profile].rate, unit: 'MB/s', floor: 50, goal: 50, better: 'higher' });
    const t = talks.reduce((a, b) => (a[profile].ms > b[profile].ms ? a : b));
    row({ what: `slowest conversation, ${profile}, ms: ${t.name}`, headroom: t[profile].ms, value: t[profile].ms, unit: 'ms', floor: 15, goal: 5 });
  }
  const large = [...items, ...talks].filter((i) => i.bytes > 100_000).reduce((a, b) => (a.memory > b.memory ? a : b));
  row({ what: `most memory for a MB of block: ${large.name}`, headroom: large.memory, value: large.memory, unit: 'MB' });
  const cells = (i, profile) => `${i[profile].ms.toFixed(2).padStart(8)} ${i[profile].rate.toFixed(0).padStart(5)} ${i[profile].saved.toFixed(1).padStart(5)}`;
  notes.push(`\n${''.padEnd(32)}     KB   lossless: ms  MB/s  % saved   balanced: ms  MB/s  % saved   MB per MB`);
  for (const i of [...items, ...talks]) notes.push(`${i.name.padEnd(32)} ${(i.bytes / 1000).toFixed(0).padStart(6)}    ${cells(i, 'lossless')}           ${cells(i, 'balanced')}       ${i.memory.toFixed(1).padStart(8)}`);
}

// From exec to the first 200, on a store that exists; then the memory of one
// that has idled for a second.
async function start({ upstream }) {
  const home = path.join(dir, 'start');
  fs.mkdirSync(home);
  const env = { PATH: process.env.PATH, ...Headroom.env(home) };
  const log = fs.openSync(path.join(home, 'log'), 'a');
  const once = async () => {
    const port = await freePort();
    return Number(execFileSync(path.join(parts, 'bench-start'), [port, '/livez', program, ...Headroom.args(port, upstream.url)].map(String), { env, stdio: ['ignore', 'pipe', log] }));
  };
  const first = await once();
  const seen = [];
  for (let i = 0; i < 20; i++) seen.push(await once());
  row({ what: 'ms from exec to the first 200 (/livez)', headroom: median(seen), value: median(seen), unit: 'ms', floor: 20, goal: 5 });
  notes.push(`Starts took ${Math.min(...seen).toFixed(1)} to ${Math.max(...seen).toFixed(1)} ms; the very first one, which makes the store, ${first.toFixed(1)} ms.`);
  const idle = await Headroom.start(program, dir, upstream, { name: 'idle' });
  await sleep(1000);
  const mb = idle.resident() / 1024 / 1024;
  await idle.stop();
  row({ what: 'idle memory, MB (VmRSS 1 s after start)', headroom: mb, value: mb, unit: 'MB', floor: 15, goal: 8 });
}

// Memory per open stream: fresh processes, so that nothing else is counted.
async function streams() {
  const most = Math.floor((Number(execFileSync('sh', ['-c', 'ulimit -n'])) - 500) / 2);
  const count = Math.min(quick ? 500 : 2000, most);
  const ca = authority();
  const pem = (name, text) => file(name, text);
  const request = file('hold', post('/v1/messages?hold', new Conversation(15, 100_000, 'plain').body()));
  for (const tls of [false, true]) {
    const upstream = await Upstream.start(path.join(parts, 'bench-upstream'), dir, tls ? [pem('cert.pem', ca.cert), pem('key.pem', ca.key)] : undefined);
    keep(upstream);
    const perStream = async (server) => {
      keep(server);
      await sleep(300);
      const before = server.resident();
      const kb = await load.open(server.streamPort, request, count, async () => { await sleep(2200); return (server.resident() - before) / 1024 / count; });
      await server.stop();
      return kb;
    };
    const nginx = await perStream(await Nginx.start(dir, upstream, { name: `nginx-${tls}`, ca: ca.ca }));
    const ours = await perStream(await underTest(upstream, { name: `many-${tls}`, ca: tls ? ca.ca : undefined }));
    row({ what: `KB per open SSE stream at ${count}, ${tls ? 'TLS' : 'plain'} upstream`, headroom: ours, nginx, value: ours, unit: 'KB', floor: tls ? 150 : 80 });
    await upstream.stop();
  }
}

async function everything() {
  const upstream = keep(await Upstream.start(path.join(parts, 'bench-upstream'), dir));
  const nginx = keep(await Nginx.start(dir, upstream));
  const ours = keep(await underTest(upstream));
  const rig = { upstream, nginx, ours };
  const table = { rates, sse, body, blocks, layers, forms, start, streams };
  for (const g of groups) {
    const from = Date.now();
    try {
      await table[g](rig);
    } catch (e) {
      row({ what: g, value: NaN });
      notes.push(`${g}: ${e.message.trim()}`);
      process.exitCode = 1;
    }
    process.stderr.write(`bench: ${g} ${((Date.now() - from) / 1000).toFixed(0)} s\n`);
  }
}

async function end() {
  for (const s of [...servers].reverse()) await s.stop();
  if (!process.env.BENCH_KEEP) fs.rmSync(dir, { recursive: true, force: true });
}

for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => end().then(() => process.exit(130)));

for (const [f, how] of [[parts, 'scripts/build build-release --buildtype=release'], [program, 'scripts/build build-release --buildtype=release']]) {
  if (!fs.existsSync(f)) {
    console.error(`bench: ${f} is not there; run ${how}.`);
    process.exit(1);
  }
}
const began = Date.now();
const loadBefore = os.loadavg()[0];
if (loadBefore > os.cpus().length / 2) notes.push(`THE MACHINE WAS BUSY before this run began (load ${loadBefore.toFixed(1)}): times are upper bounds, ratios less certain.`);
try {
  await everything();
} finally {
  await end();
}
console.log(`headroom${self ? ' = a second nginx (--self)' : ''} and nginx ${execFileSync('sh', ['-c', 'nginx -v 2>&1']).toString().match(/[\d.]+/)?.[0]}; ${os.cpus().length} cores, ` +
  `${os.type()} ${os.release()}, load ${loadBefore.toFixed(1)} before; ${((Date.now() - began) / 1000).toFixed(0)} s${quick ? ', quick' : ''}\n`);
print(rows);
console.log(`\n${notes.join('\n')}`);
if (strict && rows.some((r) => ['BELOW FLOOR', 'not measured'].includes(verdict(r)))) process.exitCode = 1;
