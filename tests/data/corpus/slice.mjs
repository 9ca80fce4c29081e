// Cuts pieces out of a JSON text and leaves every byte of them as it is: number
// spellings, escapes and white space survive, which parsing and printing would change.

const space = (text, at) => { while (/\s/.test(text[at])) at++; return at; };

function stringEnd(text, at) {
  for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++;
  return at + 1;
}

// Where the value that starts at `at` ends.
function valueEnd(text, at) {
  if (text[at] === '"') return stringEnd(text, at);
  if (!'[{'.includes(text[at])) return at + text.slice(at, at + 1000).match(/^[^\s,\]}]+/)[0].length;
  for (let depth = 0; ; at++) {
    if (text[at] === '"') at = stringEnd(text, at) - 1;
    else if ('[{'.includes(text[at])) depth++;
    else if (']}'.includes(text[at]) && --depth === 0) return at + 1;
  }
}

// The elements or members of the container at `at`: [{ key, start, end }] of their
// values, then where the container ends.
function children(text, at) {
  const array = text[at] === '[';
  const list = [];
  for (at = space(text, at + 1); !']}'.includes(text[at]);) {
    let key = list.length;
    if (!array) {
      const end = stringEnd(text, at);
      key = JSON.parse(text.slice(at, end));
      at = space(text, space(text, end) + 1);
    }
    const end = valueEnd(text, at);
    list.push({ key, start: at, end });
    at = space(text, end);
    if (text[at] === ',') at = space(text, at + 1);
  }
  return { list, end: at + 1 };
}

// The span of the value under `path`, a list of keys and indices.
function find(text, path) {
  let start = space(text, 0);
  for (const key of path) {
    const child = children(text, start).list.find((c) => c.key === key);
    if (!child) throw new Error(`no ${JSON.stringify(key)} of ${JSON.stringify(path)}`);
    ({ start } = child);
  }
  return { start, end: valueEnd(text, start) };
}

const compact = (text) => text.replace(/"(?:[^"\\]|\\.)*"|\s+/gs, (m) => (m[0] === '"' ? m : ''));

// The part of `text` that `rule` asks for:
//   only   path of the value to take instead of the whole
//   first  { path: n } of containers of which the first n elements stay; paths are joined by dots
//   lines  the elements, or values, of the whole as JSON Lines; a path says which part of each, those without it are left out
export function slice(text, { only, first = {}, lines } = {}) {
  if (only) {
    const { start, end } = find(text, only);
    text = text.slice(start, end);
  }
  for (const [path, n] of Object.entries(first)) {
    const { list, end } = children(text, find(text, path === '' ? [] : path.split('.')).start);
    if (list.length > n) text = text.slice(0, list[n - 1].end) + text.slice(list.at(-1).end, end) + text.slice(end);
  }
  if (!lines) return text;
  const parts = children(text, space(text, 0)).list.flatMap(({ start, end }) => {
    const part = text.slice(start, end);
    try {
      const at = find(part, lines);
      return [part.slice(at.start, at.end)];
    } catch { return []; }
  });
  return parts.map((p) => `${compact(p)}\n`).join('');
}
