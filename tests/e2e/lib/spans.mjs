// Finds the string values of a JSON text by position, so that two bodies can be
// compared byte for byte outside of them.

// [{ path, start, end }] of every string value (not keys), start and end around
// the quotes. Throws on what is not JSON.
export function strings(text) {
  let at = 0;
  const out = [];
  const space = () => { while (at < text.length && ' \t\n\r'.includes(text[at])) at++; };
  const string = () => {
    const start = at++;
    while (text[at] !== '"') { if (at >= text.length) throw new Error('unterminated'); at += text[at] === '\\' ? 2 : 1; }
    at++;
    return [start, at];
  };
  const value = (path) => {
    space();
    const c = text[at];
    if (c === '"') { const [start, end] = string(); out.push({ path, start, end }); return; }
    if (c === '[' || c === '{') { container(path, c === '['); return; }
    const m = /[^,\]}\s]+/y;
    m.lastIndex = at;
    if (!m.exec(text)) throw new Error(`no value at ${at}`);
    at = m.lastIndex;
  };
  const container = (path, array) => {
    at++;
    space();
    for (let i = 0; text[at] !== (array ? ']' : '}'); i++) {
      let key = i;
      if (!array) { space(); const [s, e] = string(); key = JSON.parse(text.slice(s, e)); space(); at++; }
      value([...path, key]);
      space();
      if (text[at] === ',') { at++; space(); }
    }
    at++;
  };
  value([]);
  return out;
}

// Compares a client's body with what went upstream: { same, changed: [{ path,
// before, after }] }, where `same` says that everything but the listed string
// values is byte-identical.
export function difference(before, after) {
  const [a, b] = [before.toString('latin1'), after.toString('latin1')];
  if (a === b) return { same: true, changed: [] };
  const [sa, sb] = [strings(a), strings(b)];
  if (sa.length !== sb.length) return { same: false, changed: [] };
  const changed = [];
  let [pa, pb, same] = [0, 0, true];
  const decode = (s) => JSON.parse(Buffer.from(s, 'latin1').toString());
  sa.forEach((x, i) => {
    const y = sb[i];
    const [ta, tb] = [a.slice(x.start, x.end), b.slice(y.start, y.end)];
    if (ta === tb) return;
    same &&= a.slice(pa, x.start) === b.slice(pb, y.start);
    [pa, pb] = [x.end, y.end];
    changed.push({ path: x.path, before: decode(ta), after: decode(tb) });
  });
  return { same: same && a.slice(pa) === b.slice(pb), changed };
}

// The JSON text without white space between tokens and with one spelling per
// string: equal for two texts exactly if they hold the same values, key order
// and number spellings. JSON Lines give one text a line.
export function normalize(text) {
  const out = text.replace(/"(?:[^"\\]|\\.)*"|[ \t\r]+|\n/gs, (m) => (m[0] === '"' ? JSON.stringify(JSON.parse(m)) : m === '\n' ? '' : ''));
  return out;
}

// Is the path that of a tool result's text in this (parsed) body?
export function isToolText(body, path) {
  if (path[0] !== 'messages' || path[2] !== 'content') return false;
  const m = body.messages[path[1]];
  if (m.role === 'tool') return path.length === 3 || (path.length === 5 && path[4] === 'text');
  const block = Array.isArray(m.content) ? m.content[path[3]] : null;
  if (block?.type !== 'tool_result' || path[4] !== 'content') return false;
  return path.length === 5 || (path.length === 7 && path[6] === 'text');
}
