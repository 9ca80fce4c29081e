// Writes the price table that src/stats/prices.c includes, from the price data of
// the npm package @pydantic/genai-prices:
//   node tools/gen-prices.mjs OUT.h
// One row per model and date from which a price holds. A row's pattern is a
// regular expression made of the package's own matching rules.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [out] = process.argv.slice(2);
const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const require = createRequire(path.join(root, 'package.json'));
const { findProvider } = require('@pydantic/genai-prices');

function die(sentence) {
  console.error(`gen-prices: ${sentence}`);
  process.exit(1);
}

const literal = (text) => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

const rules = {
  equals: (v) => `^${literal(v)}$`,
  starts_with: (v) => `^${literal(v)}`,
  ends_with: (v) => `${literal(v)}$`,
  contains: (v) => literal(v),
  regex: (v) => v,
  or: (v) => v.map(pattern).join('|'),
  and: (v) => `^${v.map((m) => `(?=.*?(?:${pattern(m)}))`).join('')}`,
};

// An anchor inside a look-ahead must stand at the start of the name.
function pattern(match) {
  const [[rule, value]] = Object.entries(match);
  if (!rules[rule]) die(`the package has a matching rule "${rule}" that is not known here.`);
  const text = rules[rule](value);
  return rule === 'or' || rule === 'regex' ? `(?:${text})` : text;
}

// Dollars per million tokens are micro-dollars per token; a row has picodollars.
function picodollars(price, what) {
  const pico = Math.round(price * 1e6);
  if (!(pico >= 0) || Math.abs(pico - price * 1e6) > 1e-6) die(`${what}: a price of ${price} is no whole picodollar a token.`);
  return pico;
}

const FIELDS = ['input_mtok', 'cache_read_mtok', 'cache_write_mtok', 'cache_write_1h_mtok', 'output_mtok'];
const FALLBACK = { cache_read_mtok: 'input_mtok', cache_write_mtok: 'input_mtok', cache_write_1h_mtok: 'cache_write_mtok' };

const base = (price) => (typeof price === 'object' ? price.base : price);

function above(prices, id) {
  const starts = new Set();
  for (const field of FIELDS) {
    const price = prices[field];
    if (typeof price !== 'object') continue;
    if (price.tiers.length !== 1) die(`${id}: ${price.tiers.length} tiers; the table has room for one.`);
    starts.add(price.tiers[0].start);
  }
  if (starts.size > 1) die(`${id}: prices rise at different sizes.`);
  return starts.size ? [...starts][0] : 0;
}

function row(prices, id, tier) {
  const value = (field) => {
    const price = prices[field];
    if (price === undefined) return FALLBACK[field] ? value(FALLBACK[field]) : 0;
    return picodollars(tier && typeof price === 'object' ? price.tiers[0].price : base(price), `${id} ${field}`);
  };
  return `{ ${FIELDS.map(value).join(', ')} }`;
}

function since(constraint, id) {
  if (!constraint) return 0;
  if (constraint.type !== 'start_date') die(`${id}: a price by ${constraint.type} has no place in the table.`);
  return Date.parse(`${constraint.start_date}T00:00:00Z`) / 1000;
}

const lines = [];
for (const provider of ['anthropic', 'openai', 'google']) {
  const { models } = findProvider({ providerId: provider }) ?? die(`the package does not know ${provider}.`);
  for (const { id, match, prices } of models) {
    // Later dates first: the first row that matches and holds is the price.
    const rows = (Array.isArray(prices) ? [...prices] : [{ prices }])
      .map((p) => ({ from: since(p.constraint, id), prices: p.prices }))
      .sort((a, b) => b.from - a.from);
    for (const { from, prices: p } of rows) {
      if (p.input_mtok === undefined) continue; // priced by something else than tokens
      const start = above(p, id);
      lines.push(`PRICE("${provider}", ${JSON.stringify(id)}, ${JSON.stringify(pattern(match))}, ${from}, ${start},\n\t${row(p, id, false)},\n\t${row(p, id, start > 0)})`);
    }
  }
}
if (lines.length < 100) die(`only ${lines.length} prices were found; the package has changed.`);
fs.writeFileSync(out, `/* PRICE(provider, id, pattern, since, above, base, high) */\n${lines.join('\n')}\n`);
