// Conversations of four kinds whose tool results are long JSON lists, as chat
// bodies: an incident, the triage of issues, the exploration of a code base and a code
// search. A seed decides everything. In each result some rows are planted that a
// reader is after: errors among good rows, values far outside, what the user named.
import { Random } from '../e2e/lib/random.mjs';

const pad = (n) => String(n).padStart(2, '0');
const day = (r) => `2025-03-${pad(r.between(1, 28))}`;
const times = (n, f) => Array.from({ length: n }, (_, i) => f(i));

// `count` different places among the rows, away from both ends, where a form that
// keeps only edges would lose them.
function places(r, rows, count) {
  const chosen = new Set();
  while (chosen.size < count) chosen.add(r.between(Math.floor(rows * 0.2), Math.floor(rows * 0.8)));
  return [...chosen].sort((a, b) => a - b);
}

const SERVICES = ['billing-api', 'catalog-api', 'session-store', 'mail-relay', 'edge-router'];
const ROUTINE = [
  ['INFO', () => 'Health probe answered'], ['INFO', () => 'Order accepted'], ['DEBUG', (r) => `Session restored for account_${r.between(1000, 4999)}`],
  ['INFO', (r) => `Cache hit for key: basket_${r.between(1000, 1999)}`], ['DEBUG', () => 'Order accepted'], ['WARN', (r) => `Queue depth at ${r.between(70, 95)}%`], ['WARN', () => 'Slow answer: 1800ms (limit: 1000ms)'],
];
const FAILURES = [
  'Connection pool to orders-db exhausted after 30 s', 'TLS handshake with acquirer failed: certificate expired', 'Unhandled exception: KeyError: \'currency\'', 'Deadlock found when trying to get lock; transaction rolled back',
  'Disk quota exceeded on /var/lib/queue', 'Out of memory: worker 17 killed',
];

function logs(r, n) {
  const at = places(r, n, FAILURES.length);
  const entries = times(n, (i) => {
    const service = r.pick(SERVICES);
    const failure = at.indexOf(i);
    const [level, text] = r.pick(ROUTINE);
    return {
      timestamp: new Date(Date.UTC(2025, 2, 9, 6, 0, 0) + i * 60_000).toISOString().replace('.000', ''), level: failure < 0 ? level : 'ERROR', service, message: failure < 0 ? text(r) : FAILURES[failure], trace_id: r.hex(16),
      metadata: { host: `pod-${service}-${r.between(1, 5)}`, region: r.pick(['eu-central-1', 'us-east-2', 'ap-south-1']) },
    };
  });
  return { name: 'search_logs', value: { total_hits: n * 10, returned: n, entries }, planted: at.map((i) => [entries[i].message, entries[i].trace_id]) };
}

function accounts(r, n) {
  const [rich, owing, busy] = places(r, n, 3);
  const rows = times(n, (i) => ({
    user_id: `acct_${20_000 + i}`, email: `acct${20_000 + i}@example.org`, created_at: day(r), last_login: `${day(r)}T${pad(r.below(24))}:00:00Z`, total_orders: i === busy ? 48_213 : r.below(100), total_revenue: i === rich ? 918_273.45 : i === owing ? -4410.5 : r.below(1_000_000) / 100,
    status: r.pick(['active', 'active', 'active', 'closed', 'paused']), country: r.pick(['SE', 'BR', 'KE', 'NZ', 'PL', 'CA', 'VN']), subscription_tier: r.pick(['free', 'free', 'basic', 'team', 'enterprise']),
  }));
  const value = { columns: Object.keys(rows[0]), row_count: n, rows, execution_time_ms: r.between(90, 600) };
  return { name: 'database_query', value, planted: [[rows[rich].user_id, '918273.45'], [rows[owing].user_id, '-4410.5'], [rows[busy].user_id, '48213']] };
}

const FILES = ['src/auth/token_store.py', 'src/auth/session.py', 'src/api/routes/orders.py', 'src/services/ledger_writer.py', 'src/services/mailer.py', 'src/middleware/quota.py', 'src/models/account.py', 'tests/test_orders.py', 'config/storage.py'];

function files(r, n, topic, named) {
  const at = places(r, n, 1)[0];
  const matches = times(n, (i) => ({
    path: i === at ? named : FILES[i] ?? `src/modules/part_${i}.py`, type: 'file', size: r.between(900, 15_000), modified: day(r),
    matches: [{ line: r.between(1, 500), content: `    def handle_${topic}(self, data):`, context_before: '    # Handle the incoming request', context_after: `        return self.handler.${topic}(data)` }], score: r.between(500, 950) / 1000,
  }));
  return { name: 'search_files', value: { total_matches: n, files_searched: n * 10, matches }, planted: [[named]] };
}

const TITLES = ['Crash when the config is empty', 'Add support for webhooks', 'Document the retry policy', 'Search is slow on large projects', 'Upgrade the build image', 'Keyboard focus is lost in dialogs', 'Export drops the last row'];
const LEAK = 'Access tokens are written to the debug log';
const LOSS = 'Data loss after failover';
const KINDS = ['a defect', 'an improvement', 'a documentation change'];
const LABELS = ['bug', 'enhancement', 'documentation', 'help wanted', 'good first issue'];

function issues(r, n) {
  const [secret, loss] = places(r, n, 2);
  const items = times(n, (i) => ({
    number: 2000 + i, title: `Issue #${2000 + i}: ${i === secret ? LEAK : i === loss ? LOSS : r.pick(TITLES)}`, state: r.chance(0.75) ? 'open' : 'closed',
    user: { login: `dev${r.between(100, 999)}`, avatar_url: `https://avatars.example.com/u/${r.between(10_000, 99_999)}` }, labels: i === secret ? ['security'] : i === loss ? ['critical', 'bug'] : LABELS.filter(() => r.chance(0.3)),
    created_at: `${day(r)}T${pad(r.below(24))}:00:00Z`, updated_at: `${day(r)}T${pad(r.below(24))}:00:00Z`, comments: i === loss ? 612 : r.below(50),
    body: `## Summary\n\nThis issue is about ${r.pick(KINDS)}.\n\n## How to reproduce\n\n1. First step\n2. Second step\n3. Third step\n\n## Expected\n\nIt works.\n\n## Seen\n\nIt does not.`,
  }));
  return { name: 'github_list_issues', value: { total_count: n, items }, planted: [[LEAK, 'security'], [LOSS, 'critical', '612']] };
}

const REPOSITORIES = ['acme/scheduler', 'acme/gateway', 'northwind/ledger', 'northwind/portal', 'contoso/search-core', 'contoso/mobile', 'fabrikam/queue', 'fabrikam/storage', 'globex/compiler', 'globex/runtime', 'initech/reports'];

function code(r, n, topic, named) {
  const at = places(r, n, 1)[0];
  const snake = topic.replace(/ /g, '_').toLowerCase();
  const items = times(n, (i) => {
    const full_name = i === at ? named : r.pick(REPOSITORIES);
    return {
      repository: { full_name, description: `The ${full_name.split('/')[1]} project`, stars: r.between(900, 90_000), language: r.pick(['Python', 'Go', 'TypeScript', 'Rust', 'Java']), updated_at: `${day(r)}T00:00:00Z` },
      path: `src/${snake}/handler.py`, sha: r.hex(40), url: `https://git.example.com/${full_name}/blob/main/src/handler.py`, score: r.between(1000, 9999) / 100,
      text_matches: [{ fragment: `def ${snake}(request):\n    # To be written\n    return response`, matches: [{ text: topic, indices: [4, 4 + topic.length] }] }],
    };
  });
  return { name: 'github_search_code', value: { total_count: n * 50, incomplete_results: false, items }, planted: [[named, items[at].sha]] };
}

function tree(r) {
  const name = (i) => `part_${i}.${r.pick(['yaml', 'js', 'json', 'md', 'py', 'ts'])}`;
  const file = (folder, leaf, size = r.between(400, 9999)) => ({ name: leaf, type: 'file', path: `${folder}/${leaf}`, size, modified: `${day(r)}T${pad(r.below(24))}:${pad(r.below(60))}:00Z` });
  const folder = (at, leaf, children) => ({ name: leaf, type: 'directory', path: `${at}/${leaf}`, children: children(`${at}/${leaf}`) });
  const leaves = (at) => times(20, (i) => file(at, name(i)));
  const inner = (at) => [...['adapters', 'models_1', 'views_2', 'helpers_3'].map((leaf) => folder(at, leaf, leaves)), ...leaves(at)];
  const value = folder('', 'workspace', (at) => [...['server', 'client_1', 'tools_2'].map((leaf) => folder(at, leaf, inner)), ...leaves(at)]);
  const home = value.children[r.below(3)].children[r.below(4)];
  home.children[10] = file(home.path, 'signing-key.pem', 1679);
  home.children[14] = file(home.path, 'core.dump', 734_003_200);
  return { name: 'filesystem_tree', value, planted: [['signing-key.pem'], ['core.dump', '734003200']] };
}

// { body, planted }: a chat body and, for each tool message, what must stay in line:
// lists of strings that belong together.
function conversation(system, question, results) {
  const messages = [{ role: 'system', content: system }, { role: 'user', content: question }];
  results.forEach(({ name, value }, i) => {
    const id = `call_${i}_${name}`;
    messages.push({ role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name, arguments: '{}' } }] });
    messages.push({ role: 'tool', tool_call_id: id, content: JSON.stringify(value, null, 2) });
  });
  messages.push({ role: 'user', content: 'What do you make of it, and what should we do first?' });
  return { body: { model: 'gpt-4o', messages }, planted: results.map((x) => x.planted) };
}

export const WORKLOADS = {
  incident: (seed) => {
    const r = new Random(seed);
    return conversation('You help to debug incidents in production.', 'Orders fail since this morning. Has it to do with src/ledger/rounding_rules.py?', [logs(r, 300), accounts(r, 200), files(r, 150, 'order', 'src/ledger/rounding_rules.py')]);
  },
  triage: (seed) => {
    const r = new Random(seed);
    return conversation('You help to triage issues.', 'Which open issues matter most, and is umbrella/vault affected?', [issues(r, 100), code(r, 80, 'token leak', 'umbrella/vault'), logs(r, 200)]);
  },
  exploration: (seed) => {
    const r = new Random(seed);
    return conversation('You help to find a way around code bases.', 'How does this service authenticate? Look at src/auth/device_grant.py and at umbrella/identity.', [tree(r), files(r, 200, 'authentication', 'src/auth/device_grant.py'), code(r, 110, 'device authentication flow', 'umbrella/identity')]);
  },
  search: (seed) => {
    const r = new Random(seed);
    return conversation('You help with code.', 'Where is the rate limiter of umbrella/frontdoor?', [code(r, 110, 'rate limiting middleware', 'umbrella/frontdoor')]);
  },
};
