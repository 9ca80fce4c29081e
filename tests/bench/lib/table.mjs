// The one table: each row with what was measured, what it is judged by, its
// floor and its goal, and whether it keeps them.
const show = (x) => {
  if (x === undefined || x === null || Number.isNaN(x)) return '-';
  const a = Math.abs(x);
  return a >= 1000 ? Math.round(x).toLocaleString('en') : a >= 100 ? x.toFixed(0) : a >= 10 ? x.toFixed(1) : a >= 1 ? x.toFixed(2) : x.toFixed(3);
};

export function verdict({ value, floor, goal, better }) {
  if (!Number.isFinite(value)) return 'not measured';
  const worse = (limit) => limit !== undefined && (better === 'higher' ? value < limit : value > limit);
  if (worse(floor)) return 'BELOW FLOOR';
  if (worse(goal)) return 'below goal';
  return floor === undefined && goal === undefined ? '' : 'ok';
}

// rows: { what, headroom, nginx, direct, value, unit, floor, goal, better: 'higher' | 'lower' }
export function print(rows, out = console.log) {
  const cells = rows.map((r) => [r.what, show(r.headroom), show(r.nginx), show(r.direct), `${show(r.value)} ${r.unit}`,
    r.floor === undefined ? '-' : `${r.better === 'higher' ? '>=' : '<='} ${show(r.floor)}`,
    r.goal === undefined ? '-' : `${r.better === 'higher' ? '>=' : '<='} ${show(r.goal)}`, verdict(r)]);
  const all = [['', 'headroom', 'nginx', 'direct', 'judged', 'floor', 'goal', ''], ...cells];
  const widths = all[0].map((_, i) => Math.max(...all.map((c) => c[i].length)));
  const line = (c) => c.map((text, i) => (i === 0 || i === 7 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  ').trimEnd();
  out(line(all[0]));
  out(widths.map((w) => '-'.repeat(w)).join('  '));
  for (const c of cells) out(line(c));
}
