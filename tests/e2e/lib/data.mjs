// What tools print: JSON tables and trees, JSON Lines, logs, files. Each is a
// function of a Random.
const WORDS = 'alpha beta gamma delta order invoice user session gateway cache shard replica batch worker token region stream queue commit branch'.split(' ');
const FIRST = ['Ada', 'Grace', 'Linus', 'Søren', 'Zoë', '李', 'Ивaн', 'Ken'];

export const sentence = (r, n = 8) => Array.from({ length: n }, () => r.pick(WORDS)).join(' ');

const stamp = (r, i) => new Date(1_700_000_000_000 + i * 61_000 + r.below(60_000)).toISOString();

// Rows as an API would list them.
export function rows(r, n) {
  const host = r.pick(['https://api.example.com/v2', 'https://git.example.org/repos/acme']);
  return Array.from({ length: n }, (_, i) => ({
    id: 1000 + i, url: `${host}/items/${1000 + i}`, name: `${r.pick(WORDS)}-${r.alnum(5)}`, state: r.pick(['open', 'open', 'open', 'closed']),
    owner: { login: r.pick(FIRST), admin: r.chance(0.1) }, score: r.below(10_000) / 100, created_at: stamp(r, i), labels: [],
  }));
}

// Rows that differ in shape, null against missing, numbers no double keeps.
export function mixedRows(r, n) {
  return Array.from({ length: n }, (_, i) => {
    const row = { kind: r.pick(['a', 'b', 'c']), at: i };
    if (r.chance(0.5)) row.note = r.pick([null, '', 'x, "quoted"', 'two\nlines', 'tab\there', sentence(r, 5)]);
    if (r.chance(0.3)) row.nested = { list: Array.from({ length: r.below(4) }, (_, k) => k), deep: { flag: r.chance(0.5) } };
    if (r.chance(0.3)) row[r.pick(['x', 'y.z', 'weird key', 'ключ'])] = r.below(100);
    return row;
  });
}

const spell = (value, r) => (r.chance(0.5) ? JSON.stringify(value, null, 2) : JSON.stringify(value));

// The same data with spellings JSON.stringify would never choose.
export function oddNumbers(r, n) {
  const number = () => r.pick(['1.0', '1e5', '1152921504606846976', '-0', '0.10', '1E-7', '12345678901234567890.5', '3']);
  const row = (i) => `{ "n": ${i}, "big": ${number()},\t"text": "caf\\u00e9 ${r.alnum(4)} \\/ ${r.alnum(6)}", "same": true }`;
  return `[\n${Array.from({ length: n }, (_, i) => row(i)).join(',\n')}\n]`;
}

export const jsonTable = (r, n = r.between(12, 60)) => spell(rows(r, n), r);
export const jsonMixed = (r, n = r.between(12, 50)) => spell({ total: n, items: mixedRows(r, n), next: null }, r);
export const jsonLines = (r, n = r.between(15, 60)) => (r.chance(0.5) ? rows(r, n) : mixedRows(r, n)).map((o) => JSON.stringify(o)).join('\n') + (r.chance(0.5) ? '\n' : '');
export const jsonMap = (r, n = r.between(10, 40)) => spell(Object.fromEntries(rows(r, n).map((o) => [o.name, o])), r);
export const log = (r, n = r.between(20, 120)) => Array.from({ length: n }, (_, i) => `${stamp(r, i)} ${r.pick(['INFO', 'WARN', 'ERROR'])} [${r.pick(WORDS)}] ${sentence(r)} took=${r.below(900)}ms`).join('\n');
export const file = (r, n = r.between(20, 120)) => Array.from({ length: n }, (_, i) => `${String(i + 1).padStart(6)}\t${r.pick(['const', 'let', 'return', '//'])} ${sentence(r, 4)};`).join('\n');
export const small = (r) => r.pick(['ok', '{"ok":true}', '[]', 'no matches', 'Exit code 1', '{"a":[1,2,3]}']);
export const brokenJson = (r) => jsonTable(r).slice(0, -r.between(1, 40));

export const KINDS = { jsonTable, jsonMixed, jsonLines, jsonMap, log, file, small, brokenJson, oddNumbers: (r) => oddNumbers(r, r.between(20, 60)) };

export function toolOutput(r) {
  const kind = r.pick(['jsonTable', 'jsonTable', 'jsonTable', 'jsonMixed', 'jsonMixed', 'jsonLines', 'jsonLines', 'jsonMap', 'oddNumbers', 'log', 'file', 'small', 'brokenJson']);
  return { kind, text: KINDS[kind](r) };
}
