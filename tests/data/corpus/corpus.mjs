// The corpus of real documents: what documents.json names, read from the npm
// packages of this folder's package-lock.json (scripts/setup installs them).
//   node tests/data/corpus/corpus.mjs FOLDER    writes the documents with their needles, and a manifest.json, into FOLDER
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { slice } from './slice.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const json = (name) => JSON.parse(fs.readFileSync(path.join(here, name), 'utf8'));

// Every document: { file, type, licence, note, text, needles }. What a package of
// another version, or another rule, would give instead is refused by its SHA-256.
export function documents() {
  const needles = json('needles.json');
  return json('documents.json').map((d) => {
    const text = slice(fs.readFileSync(path.join(here, d.from), 'utf8'), d.take);
    const sha256 = crypto.createHash('sha256').update(text).digest('hex');
    if (sha256 !== d.sha256) throw new Error(`${d.file} has the SHA-256 ${sha256}; run scripts/setup, or correct documents.json`);
    return { ...d, text, needles: (needles[d.file] ?? []).map((n, i) => ({ id: `${d.file}#${i + 1}`, window: 3000, ...n })) };
  });
}

function write(folder) {
  const manifest = documents().map(({ file, type, licence, note, text, needles }) => {
    const to = path.join(folder, file);
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.writeFileSync(to, text);
    fs.writeFileSync(`${to}.needles.json`, `${JSON.stringify({ item: file, type, needles }, null, 1)}\n`);
    return { type, file, bytes: Buffer.byteLength(text), lines: text.split('\n').length, licence, note };
  });
  fs.writeFileSync(path.join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv[2]) {
    console.error('usage: node tests/data/corpus/corpus.mjs FOLDER');
    process.exit(2);
  }
  write(process.argv[2]);
}
