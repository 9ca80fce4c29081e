// Installs the build into a folder of its own and uses the C library from there, as somebody would who
// has nothing but what was installed.
//   node installed.mjs BUILD-FOLDER b_sanitize
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const [build, sanitize] = process.argv.slice(2);
const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'headroom-installed-'));
const here = (name) => path.join(dir, name);
const env = { ...process.env };

function run(program, ...args) {
  return execFileSync(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 }).toString();
}

function words(text) {
  return text.trim().split(/\s+/).filter(Boolean);
}

function check(name, body) {
  try {
    body();
    console.log(`ok ${name}`);
  } catch (e) {
    process.exitCode = 1;
    console.log(`not ok ${name}: ${e.message}\n${e.stderr ?? ''}`);
  }
}

run('meson', 'install', '-C', build, '--no-rebuild', '--destdir', here('root'));
const prefix = path.join(here('root'), JSON.parse(run('meson', 'introspect', build, '--buildoptions')).find((o) => o.name === 'prefix').value);
const libdir = path.dirname(run('find', prefix, '-name', 'libheadroom.a').trim());
env.PKG_CONFIG_LIBDIR = [path.join(libdir, 'pkgconfig'), ...words(run('pkg-config', '--variable', 'pc_path', 'pkg-config').replaceAll(':', ' '))].join(':');
env.PKG_CONFIG_SYSROOT_DIR = here('root');
env.LD_LIBRARY_PATH = libdir;

const header = fs.readFileSync(path.join(prefix, 'include/headroom/headroom.h'), 'utf8');
const declared = [...header.matchAll(/^HR_API [^;(]*?\b(hr_\w+)\(/gm)].map((m) => m[1]).sort();
const abi = header.match(/#define HR_ABI_VERSION (\d+)/)[1];
const instrumented = sanitize === 'none' ? [] : [`-fsanitize=${sanitize}`];
const strict = ['-Wall', '-Wextra', '-Wpedantic', '-Werror', '-O1', '-g', ...instrumented];
// Our own flags only: those of the libraries below come by their own names.
const flags = words(run('pkg-config', '--cflags', 'headroom'));
const shared = words(run('pkg-config', '--libs', 'headroom'));
const whole = words(run('pkg-config', '--static', '--libs', 'headroom')).map((w) => (w === '-lheadroom' ? '-l:libheadroom.a' : w));

// Names that nm prints as "value type name".
function names(...args) {
  return run('nm', '--defined-only', '--format=posix', ...args).trim().split('\n')
    .map((line) => line.split(' ')).filter((w) => w.length > 2 && !/^_|^__(odr_)?asan/.test(w[0])).map((w) => w[0]).sort();
}

const rows = JSON.stringify(Array.from({ length: 40 }, (_, i) => ({ id: i, state: 'ready', path: `/srv/a/${i}` })), null, 2);
fs.writeFileSync(here('rows.json'), rows);

function exampleWorks(...libraries) {
  run('cc', ...strict, '-std=c99', path.join(root, 'examples/compress_file.c'), '-o', here('example'), ...flags, ...libraries);
  const form = run(here('example'), here('rows.json'));
  assert.equal(form, run(path.join(prefix, 'bin/headroom'), 'compress', here('rows.json')));
  assert.ok(form.length < rows.length / 2);
}

check('the shared library exports what the header declares', () => {
  assert.ok(declared.length > 15);
  assert.deepEqual(names('-D', path.join(libdir, 'libheadroom.so')), declared);
});

check('no other name of the static library is seen', () => {
  assert.deepEqual(names('-g', path.join(libdir, 'libheadroom.a')).filter((n) => !n.endsWith(':') && !n.includes('[')), declared);
});

check('the shared library carries its ABI version', () => {
  assert.match(run('readelf', '-d', path.join(libdir, 'libheadroom.so')), new RegExp(`soname: \\[libheadroom\\.so\\.${abi}\\]`));
});

check('the example compiles through pkg-config and does what the program does', () => exampleWorks(...shared));

check('the example links with the static library alone', () => {
  exampleWorks(...whole);
  assert.doesNotMatch(run('readelf', '-d', here('example')), /libheadroom/);
});

check('names of ours do not meet those of a program', () => {
  fs.writeFileSync(here('clash.c'), `#include <headroom/headroom.h>
    void buf_init(void); void arena_alloc(void); void json_scan(void); void library_result(void);
    void buf_init(void) {} void arena_alloc(void) {} void json_scan(void) {} void library_result(void) {}
    int main(void) { return hr_count_tokens(0, "a b", 3, 0) == 2 && hr_abi_version() == HR_ABI_VERSION ? 0 : 1; }`);
  for (const libraries of [shared, whole]) {
    run('cc', ...strict, here('clash.c'), '-o', here('clash'), ...flags, ...libraries);
    run(here('clash'));
  }
});

check('C++ can use it', () => {
  fs.writeFileSync(here('plus.cc'), `#include <headroom/headroom.h>
    #include <string>
    int main() {
      const std::string text = "[1, 2]";
      hr_result *result = nullptr;
      if (hr_compress_text(nullptr, nullptr, text.data(), text.size(), &result) != HR_OK) return 1;
      const std::string got = hr_result_text(result, nullptr);
      hr_result_free(result);
      return got == text ? 0 : 1;
    }`);
  run('c++', ...strict, '-std=c++11', here('plus.cc'), '-o', here('plus'), ...flags, ...shared);
  run(here('plus'));
});

check('the header compiles as any C since C99', () => {
  fs.writeFileSync(here('header.c'), '#include <headroom/headroom.h>\nint main(void) { return 0; }\n');
  for (const std of ['c99', 'c11', 'c17'])
    run('cc', ...strict, `-std=${std}`, '-fsyntax-only', here('header.c'), ...flags);
});

fs.rmSync(dir, { recursive: true });
