// Knows whether the program under test was built with sanitizers, has them write
// their reports to files of this process, and finds the reports.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const here = path.dirname(new URL(import.meta.url).pathname);
const root = path.resolve(here, '../../..');

export const BUILD = path.resolve(root, process.env.HEADROOM_BUILD ?? 'build');

function sanitizers() {
  const file = path.join(BUILD, 'meson-info/intro-buildoptions.json');
  if (!fs.existsSync(file)) return [];
  const option = JSON.parse(fs.readFileSync(file, 'utf8')).find((o) => o.name === 'b_sanitize');
  return option && option.value !== 'none' ? option.value.split(',') : [];
}

// 'address', 'undefined', 'thread'; empty for an ordinary build.
export const SANITIZERS = sanitizers();

// How much longer everything may take. Limits on waiting are multiplied by it;
// what is asserted stays the same.
export const SLOWNESS = Number(process.env.E2E_SLOWNESS ?? (SANITIZERS.includes('thread') ? 8 : SANITIZERS.length ? 4 : 1));

// One folder per test process. Each report is a file named after the process that
// made it: report.PID.
let folder;

function reportFolder() {
  if (folder) return folder;
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'headroom-reports-'));
  process.on('exit', lastLook);
  return folder;
}

const OPTIONS = {
  ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1:check_initialization_order=1:strict_init_order=1:quarantine_size_mb=64:exitcode=99',
  UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1:exitcode=99',
  TSAN_OPTIONS: `second_deadlock_stack=1:exitcode=99:suppressions=${path.join(root, 'tests/tsan.supp')}`,
  LSAN_OPTIONS: '',
};

// What the program's environment needs; the caller's own options come last and win,
// but for the place of the reports.
export function sanitizerEnv() {
  if (!SANITIZERS.length) return {};
  const log = `log_path=${path.join(reportFolder(), 'report')}`;
  return Object.fromEntries(Object.entries(OPTIONS).map(([name, ours]) => [name, [ours, process.env[name], log].filter(Boolean).join(':')]));
}

// Reports that came with the standard error of a process: gcc's UBSan, beside ASan,
// writes them nowhere else.
const seen = [];
const SPOKEN = /runtime error: |ERROR: \w+Sanitizer|WARNING: ThreadSanitizer/;

// To be called with everything that a process wrote to its standard error.
export function readStderr(pid, text) {
  if (SANITIZERS.length && SPOKEN.test(text)) seen.push({ pid, text: text.slice(text.search(SPOKEN)) });
}

// The reports of one process, or of all, which are then forgotten.
function takeReports(pid) {
  const texts = seen.filter((s) => pid === undefined || s.pid === pid).map((s) => s.text);
  seen.splice(0, seen.length, ...seen.filter((s) => pid !== undefined && s.pid !== pid));
  for (const name of folder ? fs.readdirSync(folder) : []) {
    if (pid !== undefined && !name.endsWith(`.${pid}`)) continue;
    texts.push(fs.readFileSync(path.join(folder, name), 'utf8'));
    fs.rmSync(path.join(folder, name));
  }
  return texts.join('\n');
}

// Throws when the process, which has ended, left a report.
export function assertNoReport(pid) {
  const text = takeReports(pid);
  if (text) throw new Error(`a sanitizer reported:\n${text.slice(0, 12_000)}`);
}

// Reports of processes that nobody waited for, such as those of tests that failed
// or killed them: they fail the file.
function lastLook() {
  const text = takeReports();
  fs.rmSync(folder, { recursive: true, force: true });
  if (!text) return;
  console.log(`a sanitizer reported:\n${text.slice(0, 12_000)}`);
  process.exitCode = 1;
}
