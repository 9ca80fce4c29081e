// Sends a conversation through headroom and, at the same simulated time, past it,
// and holds what arrived against the promises: P1 outside tool texts, P2 against
// every earlier request, and no cache miss that the client alone would not have had.
import assert from 'node:assert/strict';

import { PromptCache, anthropicSequence, commonPrefix, openaiSequence } from './cache.mjs';
import { ANTHROPIC, OPENAI, request } from './raw.mjs';
import { difference, isToolText } from './spans.mjs';

const ROUTES = { anthropic: ['/v1/messages?beta=true', ANTHROPIC], openai: ['/v1/chat/completions', OPENAI] };

export class Worlds {
  // upstream: a scripted upstream whose cache uses clock.now.
  constructor(provider, upstream, clock) {
    [this.path, this.headers] = ROUTES[provider];
    this.provider = provider;
    this.credential = provider === 'anthropic' ? ANTHROPIC[0][1] : OPENAI[0][1];
    this.upstream = upstream;
    this.clock = clock;
    this.alone = new PromptCache({ now: () => clock.now });
    this.sequence = provider === 'anthropic' ? anthropicSequence : openaiSequence;
    this.seen = [];	// { client, sent, bypass, event }
    this.replaced = new Map();	// form → original text
    this.bytes = { client: 0, sent: 0 };
    this.changes = 0;
  }

  // Sends one request to the given port and checks everything about it.
  async send(port, q, where) {
    const n = this.upstream.requests.length;
    const got = await request(port, { path: this.path, headers: [...this.headers, ...q.headers], body: q.body });
    assert.equal(got?.status, 200, `${where}: ${got?.status} ${got?.body}`);
    assert.ok(got.complete, where);
    assert.equal(this.upstream.requests.length, n + 1, `${where}: one request upstream`);
    this.check(q, this.upstream.requests[n], where);
    this.price(q, this.upstream.requests[n], where);
  }

  // Compares what arrived with what the client sent now and before.
  check(q, arrived, where) {
    const body = JSON.parse(q.body);
    const sentBody = arrived.json();
    assert.equal(arrived.refusal, undefined, where);
    const { same, changed } = difference(q.body, arrived.body);
    assert.ok(same, `${where}: bytes outside of replaced strings changed`);
    for (const c of changed) {
      assert.ok(isToolText(body, c.path), `${where}: ${c.path.join('.')} is no tool text`);
      this.replaced.set(c.after, c.before);
    }
    if (q.bypass) assert.equal(changed.length, 0, `${where}: bypassed, yet changed`);
    this.changes += changed.length;
    this.bytes.client += q.body.length;
    this.bytes.sent += arrived.body.length;
    const now = { client: this.sequence(body), sent: this.sequence(sentBody), bypass: q.bypass, where, event: q.event };
    for (const old of this.seen) {
      if (old.bypass || now.bypass) continue;
      const mine = commonPrefix(old.client, now.client);
      const sent = commonPrefix(old.sent, now.sent);
      if (sent >= mine) continue;
      assert.fail(`${where} against ${old.where}: the client kept ${mine} blocks, sent were ${sent}.\n  then: ${cut(old.sent[sent])}\n  now:  ${cut(now.sent[sent])}\n  client: ${cut(now.client[sent])}`);
    }
    this.seen.push(now);
  }

  // A request that went to the provider without headroom.
  direct(q, where) {
    const body = JSON.parse(q.body);
    this.seen.push({ client: this.sequence(body), sent: this.sequence(body), bypass: false, where, event: q.event });
    for (const cache of [this.alone, this.upstream.cache]) cache[this.provider](body, this.credential).begin();
  }

  price(q, arrived, where) {
    const mine = this.alone[this.provider](JSON.parse(q.body), this.credential);
    mine.begin();
    this.bypassed ||= q.bypass;
    if (this.bypassed) return;	// from then on a miss may be the client's own doing
    const theirs = arrived.cache;
    if (this.provider === 'anthropic') {
      assert.ok(theirs.hit >= mine.hit, `${where}: read ${theirs.hit} blocks, alone it would have been ${mine.hit}; first difference ${JSON.stringify(theirs.entry.firstDifference)?.slice(0, 400)}`);
      return;
    }
    const missed = mine.entry.common > theirs.entry.common;
    assert.ok(!missed, `${where}: shares ${theirs.entry.common} messages with an earlier request, alone it would have been ${mine.entry.common}`);
  }
}

const cut = (b) => (b ? b.text.slice(0, 300) : 'nothing');
