// 200 rounds of SIGKILL under load: what an answer names is there.
import assert from 'node:assert/strict';
import { it } from 'node:test';

import { killRounds } from './lib/kills.mjs';

it('every hash of an answer outlives 200 kills', async (t) => {
  const promised = await killRounds(200, Number(process.env.E2E_SEED ?? 1));
  t.diagnostic(`${promised} originals`);
  assert.ok(promised > 500);
});
