// The requests that the benchmarks send: small ones, and ones of Claude Code's
// shape (member order, 24 tools of 63 KB, tool results of 5 to 30 KB).
import { file, jsonLines, jsonMixed, jsonTable, log, mixedRows, rows, sentence } from '../../e2e/lib/data.mjs';
import { Random } from '../../e2e/lib/random.mjs';

const MODEL = 'claude-sonnet-4-5';

// A raw HTTP/1.1 request with this body.
export function post(path, body) {
  const bytes = Buffer.from(body);
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: sk-bench\r\nanthropic-version: 2023-06-01\r\n` +
    `content-type: application/json\r\naccept: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

// A one-message request padded with prose to exactly this many bytes.
export function smallBody(size) {
  const make = (text) => JSON.stringify({ model: MODEL, max_tokens: 8, messages: [{ role: 'user', content: text }] });
  const frame = make('').length;
  if (size < frame) throw new Error(`a body of ${size} bytes is too small`);
  return make(sentence(new Random(5), size).slice(0, size - frame));
}

function tools(r) {
  return Array.from({ length: 24 }, (_, i) => ({
    name: `Tool${i}`,
    description: sentence(r, 300),
    input_schema: { type: 'object', additionalProperties: false, required: ['path'],
      properties: Object.fromEntries(Array.from({ length: 6 }, (__, k) => [`arg_${k}`, { type: 'string', description: sentence(r, 10) }])) },
  }));
}

const use = (r, id) => ({ role: 'assistant', content: [{ type: 'text', text: sentence(r, 25) }, { type: 'tool_use', id, name: 'Bash', input: { command: `show ${sentence(r, 3)}` } }] });
const result = (id, text) => ({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: text }] });

const TEXTS = { plain: [(r) => log(r, 150), (r) => file(r, 300)], json: [(r) => jsonTable(r, 90), (r) => jsonMixed(r, 160), (r) => jsonLines(r, 90)] };

// A conversation whose body has at least this many bytes, with tool results of
// one kind: 'plain' (logs, source text) or 'json'.
export class Conversation {
  constructor(seed, size, kind) {
    const r = new Random(seed);
    this.head = { model: MODEL };
    this.tail = {
      system: [{ type: 'text', text: sentence(r, 1500), cache_control: { type: 'ephemeral' } }],
      tools: tools(r), metadata: { user_id: 'bench' }, max_tokens: 32000, stream: true,
    };
    this.messages = [{ role: 'user', content: [{ type: 'text', text: sentence(r, 60) }] }];
    let bytes = JSON.stringify(this.tail).length;
    for (let i = 0; bytes < size; i++) {
      const id = `toolu_01${r.alnum(20)}`;
      const turn = [use(r, id), result(id, TEXTS[kind][i % TEXTS[kind].length](r))];
      this.messages.push(...turn);
      bytes += JSON.stringify(turn).length;
    }
  }

  // The body at a turn (the last one, if not told), perhaps with more messages.
  body({ turn, more = [] } = {}) {
    const messages = [...(turn === undefined ? this.messages : this.messages.slice(0, 1 + 2 * turn)), ...more];
    return JSON.stringify({ ...this.head, messages, ...this.tail });
  }

  get turns() { return (this.messages.length - 1) / 2; }

  // The body with one more turn, whose result no other request has: JSON of
  // about this many bytes, half of it rows of one shape, half of mixed ones.
  withNewBlock(seed, size) {
    const r = new Random(seed);
    const id = `toolu_02${r.alnum(20)}`;
    const half = (make, n) => JSON.stringify(make(r, n));
    const per = (make) => half(make, 50).length / 50;
    const text = `{"items":${half(rows, Math.round(size / 2 / per(rows)))},"events":${half(mixedRows, Math.round(size / 2 / per(mixedRows)))}}`;
    return this.body({ more: [use(r, id), result(id, text)] });
  }
}
