// What compression is worth on a corpus of real documents and on made-up
// conversations: tokens saved, facts in line, originals that come back.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { documents } from '../data/corpus/corpus.mjs';
import { WORKLOADS } from '../data/workloads.mjs';
import { request } from './lib/raw.mjs';
import { rig } from './lib/rig.mjs';
import { asToolResult, assertDecodes, compress, mean, reader, tokens } from './lib/score.mjs';

// What must be saved: shares of tokens. `goal` is what we work towards; `floor` is
// asserted and only ever goes up.
const DOCUMENTS = { lossless: { floor: 0.47, goal: 0.54 }, balanced: { floor: 0.59, goal: 0.67 } };
const CONVERSATIONS = {
  incident: { lossless: { floor: 0.77, goal: 0.80 }, balanced: { floor: 0.93, goal: 0.95 } },
  triage: { lossless: { floor: 0.77, goal: 0.80 }, balanced: { floor: 0.91, goal: 0.93 } },
  exploration: { lossless: { floor: 0.77, goal: 0.80 }, balanced: { floor: 0.91, goal: 0.935 } },
  search: { lossless: { floor: 0.78, goal: 0.81 }, balanced: { floor: 0.93, goal: 0.955 } },
};
// Shares of needles that can be read in line; planted rows always can.
const IN_LINE = { lossless: { tier: 'all', floor: 0.94, goal: 0.94 }, balanced: { tier: 'critical', floor: 0.97, goal: 0.97 } };
const SEEDS = [1, 2, 3];

const percent = (x) => `${(100 * x).toFixed(1)} %`;
const isForm = (text) => text.startsWith('[JSON');
const share = (list) => mean(list.map(Number));

function minified({ type, text }) {
  return (type === 'ndjson' ? text.trim().split('\n') : [text]).map((t) => JSON.stringify(JSON.parse(t))).join('\n');
}

let r;
before(async () => { r = await rig({ mode: 'plain' }); });
after(() => r.stop());

async function original(hash) {
  const got = await request(r.port, { method: 'GET', path: `/v1/retrieve/${hash}` });
  assert.equal(got.status, 200, String(got.body));
  return JSON.parse(got.body).original_content;
}

for (const profile of ['lossless', 'balanced']) {
  describe(`documents, ${profile}`, () => {
    let scored;
    before(async () => {
      const list = documents();
      const answers = [];
      for (const d of list) answers.push(await compress(r.port, asToolResult(d.text), profile));
      const outs = answers.map((a) => a.messages[2].content);
      const counts = [list.map((d) => d.text), list.map(minified), outs].map(tokens);
      scored = list.map((d, i) => ({
        ...d, out: outs[i], hashes: answers[i].ccr_hashes, before: counts[0][i], minified: counts[1][i], after: counts[2][i], saved: 1 - counts[2][i] / counts[0][i],
        seen: d.needles.map((n) => ({ ...n, inLine: reader(outs[i])(n.must, n.window) })),
      }));
    });

    it('saves its share of tokens in the mean', (t) => {
      const saved = mean(scored.map((d) => d.saved));
      const { floor, goal } = DOCUMENTS[profile];
      t.diagnostic(`# ${scored.length} documents, ${profile}: ${percent(saved)} saved in the mean (goal ${percent(goal)}); least: ${[...scored].sort((a, b) => a.saved - b.saved).slice(0, 5).map((d) => `${d.file} ${percent(d.saved)}`).join(', ')}`);
      assert.ok(saved >= floor, percent(saved));
    });

    it('never has more tokens than the minified text, where that is worth a change', () => {
      const worse = scored.filter((d) => d.after > d.minified && d.before - d.minified >= Math.max(16, d.before * 0.05));
      assert.deepEqual(worse.map((d) => `${d.file}: ${d.after}, minified ${d.minified}`), []);
    });

    it('keeps facts readable in line', (t) => {
      const all = scored.flatMap((d) => d.seen);
      const { tier, floor, goal } = IN_LINE[profile];
      const figures = { all: share(all.map((n) => n.inLine)), critical: share(all.filter((n) => n.tier === 'critical').map((n) => n.inLine)) };
      t.diagnostic(`# ${profile}: ${percent(figures.all)} of ${all.length} facts in line, ${percent(figures.critical)} of the critical ones (goal: ${percent(goal)} of ${tier}); hidden: ${all.filter((n) => !n.inLine).map((n) => n.id).join(' ') || 'none'}`);
      assert.ok(figures[tier] >= floor, `${tier}: ${percent(figures[tier])}`);
    });

    it('says the same, or gives back the original byte for byte', async () => {
      for (const d of scored.filter((x) => x.out !== x.text)) {
        if (d.hashes.length === 0) assertDecodes(d.out, d);
        for (const hash of d.hashes) assert.equal(await original(hash), d.text, d.file);
      }
    });
  });

  for (const [name, make] of Object.entries(WORKLOADS)) {
    describe(`${name}, ${profile}`, () => {
      let scored;
      before(async () => {
        scored = [];
        for (const seed of SEEDS) {
          const { body, planted } = make(seed);
          const answer = await compress(r.port, body, profile);
          const [from, to] = [body, answer].map((x) => x.messages.filter((m) => m.role === 'tool').map((m) => m.content));
          scored.push({ planted, from, to, hashes: answer.ccr_hashes, before: tokens(from), after: tokens(to) });
        }
      });

      it('saves its share of tokens with every seed', (t) => {
        const sum = (list) => list.reduce((a, b) => a + b, 0);
        const saved = scored.map((x) => 1 - sum(x.after) / sum(x.before));
        const { floor, goal } = CONVERSATIONS[name][profile];
        t.diagnostic(`# ${name}, ${profile}: ${saved.map(percent).join(', ')} saved (goal ${percent(goal)})`);
        for (const x of saved) assert.ok(x >= floor, percent(x));
      });

      it('keeps every planted row in line', () => {
        const hidden = scored.flatMap((x) => x.planted.flatMap((rows, i) => rows.filter((must) => !reader(x.to[i])(must))));
        assert.deepEqual(hidden, []);
      });

      it('says the same, or gives back the original byte for byte', async () => {
        for (const { from, to, hashes } of scored) {
          const originals = await Promise.all(hashes.map(original));
          from.forEach((text, i) => {
            if (to[i].includes('hash=')) assert.ok(originals.includes(text), name);
            else if (isForm(to[i])) assertDecodes(to[i], { file: name, type: 'json', text });
          });
        }
      });
    });
  }
}
