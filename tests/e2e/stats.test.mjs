// Accounting: what a scripted provider charged is what /stats says, to the token and
// to the picodollar, after a restart and after a kill too.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Headroom } from './lib/headroom.mjs';
import { jsonTable } from './lib/data.mjs';
import { Random } from './lib/random.mjs';
import { ANTHROPIC, OPENAI, request, wait } from './lib/raw.mjs';
import { Upstream } from './lib/upstream.mjs';

const JSON_TYPE = ['content-type', 'application/json'];
const getJson = async (port, path) => JSON.parse((await request(port, { method: 'GET', path })).body);

// Dollars per million tokens, as the providers publish them.
const PRICES = {
  'claude-opus-4-5': { input: 5, read: 0.5, write5m: 6.25, write1h: 10, output: 25 },
  'gpt-4o': { input: 2.5, read: 1.25, output: 10 },
};

// One answer with usage that the test chose.
function anthropicReply(u, stream) {
  const usage = { input_tokens: u.input, cache_read_input_tokens: u.read, cache_creation_input_tokens: u.write5m + u.write1h, cache_creation: { ephemeral_5m_input_tokens: u.write5m, ephemeral_1h_input_tokens: u.write1h }, output_tokens: stream ? 1 : u.output };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: u.model, content: [], stop_reason: stream ? null : 'end_turn', usage };
  if (!stream) return { status: 200, headers: [JSON_TYPE], body: Buffer.from(JSON.stringify({ ...message, content: [{ type: 'text', text: 'ok' }] })) };
  const events = [['message_start', { type: 'message_start', message }], ['message_delta', { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: u.output } }], ['message_stop', { type: 'message_stop' }]];
  return { status: 200, headers: [['content-type', 'text/event-stream']], body: Buffer.from(events.map(([e, d]) => `event: ${e}\ndata: ${JSON.stringify(d)}\n\n`).join('')) };
}

const openaiReply = (u) => ({ status: 200, headers: [JSON_TYPE], body: Buffer.from(JSON.stringify({ id: 'c1', object: 'chat.completion', model: u.model, choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }], usage: { prompt_tokens: u.input + u.read, completion_tokens: u.output, prompt_tokens_details: { cached_tokens: u.read } } })) });

const give = ({ status, headers, body }) => (req, res) => {
  res.head(status, [...headers, ['content-length', String(body.length)]]);
  res.write(body);
  res.done();
};

const toolTurn = (text) => [{ role: 'user', content: 'look' }, { role: 'assistant', content: null, tool_calls: [{ id: 'call_x', type: 'function', function: { name: 'list', arguments: '{}' } }] }, { role: 'tool', tool_call_id: 'call_x', content: text }];

// What is to be found, added up beside the program.
class Expected {
  sums = { requests: 0, input: 0, output: 0, read: 0, write5m: 0, write1h: 0, uncached: 0, hits: 0, saved: 0, pico: 0, failed: 0, rejected: 0 };
  by = { provider: {}, model: {}, client: {}, project: {} };

  add(u, { provider, client, project, saved }) {
    const p = PRICES[u.model];
    const s = this.sums;
    s.requests++; s.input += u.input + u.read + u.write5m + u.write1h; s.output += u.output; s.read += u.read;
    s.write5m += u.write5m; s.write1h += u.write1h; s.uncached += u.input; s.hits += u.read > 0 ? 1 : 0; s.saved += saved;
    s.pico += Math.round(1e6 * (u.input * p.input + u.read * p.read + u.write5m * (p.write5m ?? 0) + u.write1h * (p.write1h ?? 0) + u.output * p.output));
    for (const [k, name] of Object.entries({ provider, model: u.model, client, project })) this.by[k][name] = (this.by[k][name] ?? 0) + 1;
  }
}

async function play(port, upstream, expected, r, n) {
  for (let i = 0; i < n; i++) {
    const claude = r.chance(0.5), stream = claude && r.chance(0.5);
    const u = { model: claude ? 'claude-opus-4-5' : 'gpt-4o', input: r.below(5000) + 1, read: r.chance(0.5) ? r.below(20000) : 0, write5m: claude && r.chance(0.4) ? r.below(3000) : 0, write1h: claude && r.chance(0.2) ? r.below(3000) : 0, output: r.below(800) };
    const project = r.pick(['alpha', 'beta']), client = r.pick(['claude-cli', 'codex']);
    const compressible = !claude && r.chance(0.3);
    const body = JSON.stringify({ model: u.model, max_tokens: 9, stream, messages: compressible ? toolTurn(jsonTable(r, 40)) : [{ role: 'user', content: `question ${i}` }] });
    upstream.next(give(claude ? anthropicReply(u, stream) : openaiReply(u)));
    const got = await request(port, { path: claude ? '/v1/messages' : '/v1/chat/completions', headers: [...(claude ? ANTHROPIC : OPENAI), JSON_TYPE, ['user-agent', `${client}/1.2 (test)`], ['x-headroom-project', project]], body });
    assert.equal(got.status, 200);
    expected.add(u, { provider: claude ? 'anthropic' : 'openai', client, project, saved: Number(got.get('x-headroom-tokens-saved') ?? 0) });
  }
}

function assertSession(stats, expected) {
  const s = expected.sums;
  assert.equal(stats.requests.total, s.requests);
  assert.deepEqual(stats.requests.by_provider, expected.by.provider);
  assert.deepEqual(stats.requests.by_model, expected.by.model);
  assert.deepEqual(stats.requests.by_client, expected.by.client);
  assert.deepEqual(stats.requests.by_project, expected.by.project);
  assert.equal(stats.requests.failed + stats.requests.rejected + stats.requests.cached + stats.requests.estimated + stats.requests.unpriced, 0);
  assert.equal(stats.tokens.input, s.input);
  assert.equal(stats.tokens.output, s.output);
  assert.equal(stats.tokens.saved, s.saved);
  assert.equal(stats.tokens.savings_percent, Math.round(10000 * s.saved / (s.input + s.saved)) / 100);
  const cache = stats.prefix_cache.totals;
  assert.deepEqual([cache.cache_read_tokens, cache.cache_write_5m_tokens, cache.cache_write_1h_tokens, cache.uncached_input_tokens, cache.hit_requests], [s.read, s.write5m, s.write1h, s.uncached, s.hits]);
  assert.equal(stats.cost.cost_with_headroom_usd, Math.round(s.pico / 1e6) / 1e6);
  assert.equal(stats.summary.cost.with_headroom_usd, stats.cost.cost_with_headroom_usd);
  const models = Object.values(stats.cost.per_model);
  assert.equal(models.reduce((n, m) => n + m.tokens_sent, 0), s.input);
  assert.equal(stats.agent_usage.agents.reduce((n, a) => n + a.tokens_saved, 0), s.saved);
}

function assertLifetime(stats, expected) {
  const s = expected.sums;
  for (const kept of [stats.persistent_savings.lifetime, stats.display_session]) {
    assert.equal(kept.requests, s.requests);
    assert.equal(kept.tokens_saved, s.saved);
    assert.equal(kept.total_input_tokens, s.input);
  }
  const projects = stats.persistent_savings.projects;
  assert.deepEqual(Object.fromEntries(Object.entries(projects).map(([k, v]) => [k, v.requests])), expected.by.project);
  assert.equal(Object.values(projects).reduce((n, p) => n + p.total_input_tokens, 0), s.input);
}

const sum = (list, key) => list.reduce((n, x) => n + x[key], 0);
const csvRows = (text) => {
  const [head, ...lines] = text.trimEnd().split('\r\n').map((l) => l.split(','));
  return lines.map((l) => Object.fromEntries(head.map((name, i) => [name, name === 'timestamp' ? l[i] : Number(l[i])])));
};

async function assertHistory(port, expected) {
  const s = expected.sums;
  const history = await getJson(port, '/stats-history');
  assert.equal(history.lifetime.tokens_saved, s.saved);
  assert.equal(history.display_session.total_input_tokens, s.input);
  assert.equal(history.history.at(-1).total_tokens_saved, s.saved);
  for (const [name, buckets] of Object.entries(history.series)) {
    assert.ok(buckets.length >= 1, name);
    assert.equal(sum(buckets, 'tokens_saved'), s.saved, name);
    assert.equal(sum(buckets, 'total_input_tokens_delta'), s.input, name);
    assert.equal(sum(buckets, 'requests'), s.requests, name);
    assert.equal(buckets.at(-1).total_tokens_saved, s.saved, name);
    assert.equal(buckets.at(-1).total_input_tokens, s.input, name);
    assert.equal(buckets[0].total_tokens_saved, buckets[0].tokens_saved, `the first ${name} bucket holds its own requests only`);
    for (const b of buckets) for (const by of ['by_provider', 'by_model']) assert.equal(sum(Object.values(b[by]), 'tokens_saved'), b.tokens_saved);
    const csv = await request(port, { method: 'GET', path: `/stats-history?series=${name}&format=csv` });
    assert.equal(csv.get('content-type'), 'text/csv; charset=utf-8');
    assert.match(csv.get('content-disposition'), new RegExp(`headroom-stats-history-${name}\\.csv`));
    assert.deepEqual(csvRows(csv.body.toString()), buckets.map((b) => Object.fromEntries(['timestamp', 'tokens_saved', 'compression_savings_usd_delta', 'total_tokens_saved', 'compression_savings_usd', 'total_input_tokens_delta', 'total_input_tokens', 'total_input_cost_usd_delta', 'total_input_cost_usd'].map((k) => [k, b[k]]))));
    const only = await getJson(port, `/stats-history?series=${name}`);
    assert.deepEqual(only.series[name], buckets);
    assert.ok(Object.entries(only.series).every(([k, v]) => k === name || v.length === 0));
  }
  const csv = csvRows((await request(port, { method: 'GET', path: '/stats-history?format=csv' })).body.toString());
  assert.deepEqual(csv, history.history.map((h) => ({ timestamp: h.timestamp, total_tokens_saved: h.total_tokens_saved, compression_savings_usd: h.compression_savings_usd, total_input_tokens: h.total_input_tokens, total_input_cost_usd: h.total_input_cost_usd })));
  const full = await getJson(port, '/stats-history?history_mode=full');
  assert.equal(sum(full.history, 'tokens_saved'), s.saved);
  assert.equal(full.history.length, full.history_summary.stored_points);
  // Each point's sums are those of the one before and of the requests in between.
  for (let i = 1; i < full.history.length; i++) assert.equal(full.history[i].total_tokens_saved, full.history[i - 1].total_tokens_saved + full.history[i].tokens_saved);
  const none = await getJson(port, '/stats-history?history_mode=none');
  assert.deepEqual(none.history, []);
  assert.equal(none.lifetime.requests, s.requests);
  for (const query of ['series=yearly', 'format=xml', 'history_mode=most', 'series=', 'format=%zz']) {
    const got = await request(port, { method: 'GET', path: `/stats-history?${query}` });
    assert.equal(got.status, 400, query);
    assert.ok(JSON.parse(got.body).detail.length > 10);
  }
}

// The text format, held to its rules: HELP and TYPE before samples, families once,
// buckets that only grow and end with +Inf.
function parseMetrics(text) {
  const families = new Map();
  let current;
  for (const line of text.split('\n').filter(Boolean)) {
    const help = line.match(/^# HELP ([a-z_0-9]+) (\S.*)$/), type = line.match(/^# TYPE ([a-z_0-9]+) (counter|gauge|histogram)$/);
    if (help) { assert.ok(!families.has(help[1]), `${help[1]} twice`); families.set(help[1], current = { name: help[1], samples: new Map() }); continue; }
    if (type) { assert.equal(type[1], current.name); current.type = type[2]; continue; }
    const sample = line.match(/^([a-z_0-9]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/);
    assert.ok(sample, line);
    assert.ok(current.type === 'histogram' ? sample[1].startsWith(current.name) : sample[1] === current.name, line);
    assert.ok(Number.isFinite(Number(sample[3])), line);
    current.samples.set(`${sample[1]}${sample[2] ?? ''}`, Number(sample[3]));
  }
  for (const f of families.values()) {
    if (f.type === 'counter') assert.match(f.name, /_total$|_by_(provider|model)$/);
    if (f.type !== 'histogram') continue;
    const buckets = [...f.samples].filter(([k]) => k.includes('_bucket')).map(([, v]) => v);
    for (let i = 1; i < buckets.length; i++) assert.ok(buckets[i] >= buckets[i - 1], f.name);
    assert.equal(buckets.at(-1), f.samples.get(`${f.name}_count`));
  }
  return families;
}

// Until the store has caught up with what was answered.
async function settled(port, requests) {
  for (let i = 0; i < 100; i++) {
    const stats = await getJson(port, '/stats');
    if (stats.persistent_savings.lifetime.requests >= requests) return stats;
    await wait(50);
  }
  throw new Error('the store never caught up');
}

describe('accounting', () => {
  let upstream, headroom;
  const expected = new Expected();
  before(async () => {
    upstream = await Upstream.start();
    headroom = await Headroom.start({ upstream: upstream.url });
  });
  after(async () => { await headroom.stop(); await upstream.stop(); });

  it('is exact over 300 requests', async () => {
    await play(headroom.port, upstream, expected, new Random(6), 300);
    const stats = await settled(headroom.port, 300);
    assert.ok(expected.sums.saved > 1000, 'something was saved');
    assertSession(stats, expected);
    assertLifetime(stats, expected);
    assert.equal(stats.recent_requests.length, 10);
    assert.ok(stats.cost.savings_usd > 0);
  });

  it('says the same in /stats-history, as JSON and as CSV, in every series', async () => assertHistory(headroom.port, expected));

  it('says the same in /metrics, in a form that Prometheus takes', async () => {
    const got = await request(headroom.port, { method: 'GET', path: '/metrics' });
    assert.equal(got.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const metrics = parseMetrics(got.body.toString());
    const s = expected.sums;
    const value = (name, labels = '') => metrics.get(name).samples.get(`${name}${labels}`);
    assert.equal(value('headroom_requests_total'), s.requests);
    assert.equal(value('headroom_tokens_input_total'), s.input);
    assert.equal(value('headroom_tokens_output_total'), s.output);
    assert.equal(value('headroom_tokens_saved_total'), s.saved);
    assert.equal(value('headroom_persistent_savings_requests_total'), s.requests);
    assert.equal(value('headroom_persistent_savings_tokens_saved_total'), s.saved);
    assert.equal(value('headroom_persistent_savings_input_tokens_total'), s.input);
    assert.equal(value('headroom_cache_read_tokens_total', '{provider="anthropic"}') + value('headroom_cache_read_tokens_total', '{provider="openai"}'), s.read);
    for (const [provider, n] of Object.entries(expected.by.provider)) assert.equal(value('headroom_requests_by_provider', `{provider="${provider}"}`), n);
    for (const [model, n] of Object.entries(expected.by.model)) assert.equal(value('headroom_requests_by_model', `{model="${model}"}`), n);
    assert.equal(metrics.get('headroom_request_duration_seconds').samples.get('headroom_request_duration_seconds_count'), s.requests);
    assert.ok(Math.abs(value('headroom_cost_usd_total') - s.pico / 1e12) < 1e-9);
  });

  it('keeps lifetime, display session and projects over a restart', async () => {
    await headroom.restart();
    const stats = await settled(headroom.port, 300);
    assert.equal(stats.requests.total, 0);
    assertLifetime(stats, expected);
    await assertHistory(headroom.port, expected);
  });

  it('keeps what was committed over a kill', async () => {
    await play(headroom.port, upstream, expected, new Random(7), 20);
    await settled(headroom.port, 320);
    await headroom.kill();
    await headroom.spawn(0);
    assertLifetime(await settled(headroom.port, 320), expected);
  });

  it('forgets what was counted since the start on reset, and nothing else', async () => {
    await play(headroom.port, upstream, expected, new Random(8), 3);
    await settled(headroom.port, 323);
    assert.deepEqual(JSON.parse((await request(headroom.port, { path: '/stats/reset' })).body), { status: 'reset' });
    const stats = await getJson(headroom.port, '/stats');
    assert.equal(stats.requests.total, 0);
    assert.equal(stats.tokens.input, 0);
    assertLifetime(stats, expected);
  });
});

describe('what is not a plain answer', () => {
  let upstream, headroom;
  before(async () => {
    upstream = await Upstream.start();
    headroom = await Headroom.start({ upstream: upstream.url });
  });
  after(async () => { await headroom.stop(); await upstream.stop(); });
  const chat = (body) => request(headroom.port, { path: '/v1/chat/completions', headers: [...OPENAI, JSON_TYPE], body: JSON.stringify(body) });
  const question = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] };

  it('a refusal of the provider saves and costs nothing', async () => {
    upstream.next(give({ status: 429, headers: [JSON_TYPE], body: Buffer.from('{"error":{"type":"rate_limit"}}') }));
    assert.equal((await chat({ model: 'gpt-4o', messages: toolTurn(jsonTable(new Random(1), 40)) })).status, 429);
    const stats = await getJson(headroom.port, '/stats');
    assert.equal(stats.requests.rejected, 1);
    assert.equal(stats.tokens.saved, 0);
    assert.equal(stats.cost.savings_usd, 0);
    assert.equal(stats.cost.cost_with_headroom_usd, 0);
  });

  it('an answer without figures is estimated and says so', async () => {
    await request(headroom.port, { path: '/stats/reset' });
    upstream.next(give({ status: 200, headers: [JSON_TYPE], body: Buffer.from('{"model":"gpt-4o","choices":[]}') }));
    await chat(question);
    const stats = await getJson(headroom.port, '/stats');
    assert.equal(stats.requests.estimated, 1);
    assert.equal(stats.tokens.input, Math.floor(JSON.stringify(question).length / 4));
    assert.equal(stats.recent_requests.at(-1).tokens_estimated, true);
  });

  it('a model without a price costs nothing that we know of, and is said to', async () => {
    await request(headroom.port, { path: '/stats/reset' });
    upstream.next(give(openaiReply({ model: 'house-model', input: 100, read: 0, output: 5 })));
    await chat(question);
    const stats = await getJson(headroom.port, '/stats');
    assert.equal(stats.requests.unpriced, 1);
    assert.equal(stats.cost.per_model['house-model'].priced, false);
    assert.equal(stats.cost.cost_with_headroom_usd, 0);
    assert.equal(stats.tokens.input, 100);
  });

  it('labels of metrics are escaped and bounded, whatever clients send', async () => {
    for (const model of ['quote"d', 'back\\\\slash', 'x'.repeat(500)]) {
      upstream.next(give({ status: 200, headers: [JSON_TYPE], body: Buffer.from(`{"model":${JSON.stringify(model)},"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}`) }));
      await chat(question);
    }
    const { body } = await request(headroom.port, { method: 'GET', path: '/metrics' });
    parseMetrics(body.toString());
    assert.ok(!body.toString().includes('x'.repeat(200)));
  });

  it('requests of our own are not counted among them', async () => {
    await request(headroom.port, { path: '/stats/reset' });
    await getJson(headroom.port, '/health');
    assert.equal((await getJson(headroom.port, '/stats')).requests.total, 0);
  });

  it('single requests are not shown to other machines, and a bad query is refused', async () => {
    const other = JSON.parse((await request(headroom.port, { method: 'GET', path: '/stats', bare: true, headers: [['host', 'gateway.example']] })).body);
    assert.equal(other.recent_requests, undefined);
    assert.equal(other.request_logs, undefined);
    assert.ok(other.requests);
    for (const query of ['cached=maybe', 'cached=', 'cached=2']) {
      const got = await request(headroom.port, { method: 'GET', path: `/stats?${query}` });
      assert.equal(got.status, 400, query);
      assert.match(JSON.parse(got.body).detail, /cached/);
    }
    assert.equal((await request(headroom.port, { method: 'GET', path: '/stats?cached=true' })).status, 200);
  });
});
