// Holds the house rules: includes go only to the left, headers stand alone,
// functions stay readable, every setting has a consumer, docs are true.
// Prints a line for each breach, then "checks-passed N" and "checks-failed N".
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
process.chdir(root);
const build = process.env.HEADROOM_BUILD ?? 'build';
let passed = 0;
let failed = 0;

function check(name, breaches) {
  if (breaches.length === 0) {
    passed++;
    return;
  }
  failed++;
  for (const b of breaches) console.log(`${name}: ${b}`);
}

function walk(dir, ending) {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const p = path.join(dir, e.name);
    if (e.isDirectory()) return walk(p, ending);
    return ending.test(e.name) ? [p] : [];
  });
}

const meson = fs.readFileSync('meson.build', 'utf8');
const layers = meson.match(/^layers = \[([^\]]*)\]/m)[1].match(/\w+/g);
const sources = walk('src', /\.[ch]$/);

// A file of src/LAYER includes only its own layer and those before it.
check('layers', sources.flatMap((file) => {
  const own = layers.indexOf(file.split(path.sep)[1]);
  const text = fs.readFileSync(file, 'utf8');
  return [...text.matchAll(/^#include "([^"]+)"/gm)].flatMap(([, inc]) => {
    const layer = layers.indexOf(inc.split('/')[0]);
    if (layer < 0 && !inc.startsWith('headroom/')) return [`${file} includes "${inc}", which is in no layer`];
    return layer > own ? [`${file} includes "${inc}", a layer to its right`] : [];
  });
}));

check('guards', walk('src', /\.h$/).flatMap((file) => {
  const guard = 'HR_' + file.slice(4).replace(/[^A-Za-z0-9]/g, '_').toUpperCase();
  return fs.readFileSync(file, 'utf8').includes(`#ifndef ${guard}\n`) ? [] : [`${file} is not guarded by ${guard}`];
}));

// Every header compiles with nothing before it.
{
  const headers = [...walk('src', /\.h$/), ...walk('include', /\.h$/)];
  const flags = execFileSync('pkg-config', ['--cflags', 'libuv', 'libcurl', 'openssl', 'sqlite3']).toString().trim().split(/\s+/).filter(Boolean);
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'headroom-headers-'));
  check('headers', headers.flatMap((h) => {
    const c = path.join(dir, 'one.c');
    fs.writeFileSync(c, `#include "${path.relative(h.startsWith('src') ? 'src' : 'include', h)}"\n`);
    const r = spawnSync('cc', ['-std=gnu17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-Isrc', '-Iinclude', ...flags, c]);
    return r.status === 0 ? [] : [`${h} does not compile alone:\n${r.stderr}`];
  }));
  fs.rmSync(dir, { recursive: true });
}

// pmccabe: complexity, …, lines, file(first line): function.
{
  const limits = { complexity: 20, lines: 80 };
  const out = execFileSync('pmccabe', sources.filter((f) => f.endsWith('.c')), { maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  const lengths = [];
  check('functions', out.trim().split('\n').flatMap((line) => {
    const m = line.match(/^(\d+)\t\d+\t\d+\t\d+\t(\d+)\t(.*)$/);
    if (!m) return [`pmccabe said: ${line}`];
    lengths.push(+m[2]);
    if (+m[1] > limits.complexity) return [`${m[3]} has complexity ${m[1]} (at most ${limits.complexity})`];
    return +m[2] > limits.lines ? [`${m[3]} has ${m[2]} lines (at most ${limits.lines})`] : [];
  }));
  lengths.sort((a, b) => a - b);
  const at = (p) => lengths[Math.floor(lengths.length * p)];
  console.log(`functions: ${lengths.length}, lines median ${at(0.5)}, 90 % ${at(0.9)}, longest ${lengths.at(-1)}`);
}

// A setting that nothing reads is accepted and does nothing.
{
  const rows = [...fs.readFileSync('src/base/settings.def', 'utf8').matchAll(/^SETTING\(\w+, (\w+),[^]*?"([a-z_]+\/[a-z_]+\.c)"/gm)];
  check('settings', rows.flatMap(([, member, consumer]) => {
    const file = `src/${consumer}`;
    if (!fs.existsSync(file)) return [`${member}: its consumer ${file} does not exist`];
    return new RegExp(`\\b${member}\\b`).test(fs.readFileSync(file, 'utf8')) ? [] : [`${file} never reads ${member}`];
  }));
}

{
  const said = spawnSync(path.join(build, 'headroom'), ['settings', '--markdown']).stdout?.toString() ?? '';
  const kept = fs.existsSync('docs/settings.md') ? fs.readFileSync('docs/settings.md', 'utf8') : '';
  check('docs/settings.md', said === kept ? [] : ['is not what `headroom settings --markdown` prints']);
}

{
  const stated = fs.readFileSync('include/headroom/version.h', 'utf8').match(/VERSION "([^"]+)"/)[1];
  const built = meson.match(/version: '([^']+)'/)[1];
  check('version', stated === built ? [] : [`version.h says ${stated}, meson.build ${built}`]);
}

// Relative links in our pages lead somewhere.
{
  const pages = [...fs.readdirSync('.').filter((f) => f.endsWith('.md')), ...walk('docs', /\.md$/)];
  check('links', pages.flatMap((page) =>
    [...fs.readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].flatMap(([, to]) =>
      fs.existsSync(path.join(path.dirname(page), to)) ? [] : [`${page} links to ${to}, which is not there`])));
}

console.log(`checks-passed ${passed}`);
console.log(`checks-failed ${failed}`);
process.exit(failed ? 1 : 0);
