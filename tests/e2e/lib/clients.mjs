// Conversations as real clients grow them, turn by turn, a function of a seed: what
// Claude Code, Codex and the SDKs were seen to send, and what users do to them.
import { sign } from './anthropic.mjs';
import * as data from './data.mjs';
import { Random } from './random.mjs';

const TOOL_NAMES = ['Bash', 'Grep', 'Glob', 'WebFetch', 'Task', 'TodoWrite', 'mcp__github__list_issues', 'mcp__db__query', 'mcp__k8s__get_pods', 'Search', 'KillShell', 'NotebookEdit'];
const MODELS = { anthropic: ['claude-sonnet-4-5', 'claude-opus-4-1'], openai: ['gpt-4o', 'gpt-5'] };

// What happens next, with weights; `turn` is the ordinary case.
const EVENTS = {
  turn: 50, retry: 5, restyle: 5, edit: 4, fork: 4, compact: 3, compactKeeping: 3, model: 2, billing: 6, system: 2, midSystem: 4, dropThinking: 2, bypass: 4, title: 2, forced: 3, tools: 1, clear: 2,
};

export class Conversation {
  // provider 'anthropic' or 'openai'; toolCount and toolBytes size the tools array;
  // events: weights that replace the ones above, {} for plain turns only.
  constructor(seed, { provider = 'anthropic', toolCount = 24, toolBytes = 400, events = EVENTS, repeatIds = false } = {}) {
    this.r = new Random(seed);
    this.provider = provider;
    this.events = { turn: 1, ...events };
    this.repeatIds = repeatIds;
    this.tools = Array.from({ length: toolCount }, (_, i) => this.makeTool(i, toolBytes));
    this.system = [data.sentence(this.r, 900), data.sentence(this.r, 300)];
    this.billing = this.r.hex(8);
    this.model = MODELS[provider][0];
    this.outputs = [];
    this.branches = [];
    this.history = [{ role: 'user', blocks: [{ type: 'text', text: `Please fix: ${data.sentence(this.r, 20)}` }] }];
    this.turns = 0;
    this.last = null;
  }

  makeTool(i, bytes) {
    const name = i < TOOL_NAMES.length ? TOOL_NAMES[i] : `mcp__server__tool_${i}`;
    let description = '';
    while (description.length < bytes) description += `${data.sentence(this.r, 12)}.\n`;
    return { name, description, schema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', properties: { command: { type: 'string' }, limit: { type: 'number', default: 1.0 } }, required: ['command'] } };
  }

  // The next request: { body, headers, event, bypass }.
  next(only) {
    const event = only ?? (this.turns === 0 ? 'first' : this.choose());
    this.turns++;
    if (event === 'retry' && this.last) return { ...this.last, event };
    const extra = this.apply(event);
    const body = Buffer.from(this.render(extra));
    const request = { body, event, bypass: event === 'bypass', headers: event === 'bypass' ? [['x-headroom-bypass', 'true']] : [] };
    if (event !== 'title') this.last = request;
    return request;
  }

  choose() {
    const all = Object.entries(this.events);
    let n = this.r.below(all.reduce((s, [, w]) => s + w, 0));
    return all.find(([, w]) => (n -= w) < 0)[0];
  }

  // Changes the history as the event says; returns what only this request has.
  apply(event) {
    const r = this.r;
    switch (event) {
    case 'first': return {};
    case 'restyle': return {};
    case 'title': return { title: true };
    case 'edit': this.edit(); return {};
    case 'clear': this.clearOld(); break;
    case 'fork': this.fork(); break;
    case 'compact': this.history = [this.userText(`Summary so far: ${data.sentence(r, 60)}`)]; return {};
    case 'compactKeeping': this.compactKeeping(); break;
    case 'model': this.model = r.pick(MODELS[this.provider]); break;
    case 'billing': this.billing = r.hex(8); break;
    case 'system': this.system[1] = data.sentence(r, 300); break;
    case 'dropThinking': for (const m of this.history) if (m.role === 'assistant' && m.blocks.length > 1) m.blocks = m.blocks.filter((b) => b.type !== 'thinking'); break;
    case 'tools': this.tools = [...this.tools, this.makeTool(this.tools.length, 200)]; break;
    default:
    }
    this.turn();
    if (event === 'midSystem') this.history.push({ role: 'system', blocks: [{ type: 'text', text: `<reminder>${data.sentence(r, 10)}</reminder>` }] });
    return event === 'forced' ? { forced: true } : {};
  }

  userText(text) { return { role: 'user', blocks: [{ type: 'text', text }] }; }

  // The model's answer to the last request, then what the client says to that.
  turn() {
    const r = this.r;
    const blocks = [];
    if (this.provider === 'anthropic' && r.chance(0.5)) { const thinking = data.sentence(r, 25); blocks.push({ type: 'thinking', thinking, signature: sign(thinking) }); }
    const calls = r.chance(0.85) ? r.pick([1, 1, 1, 2, 3]) : 0;
    if (!calls || r.chance(0.6)) blocks.push({ type: 'text', text: data.sentence(r, 15) });
    for (let i = 0; i < calls; i++) blocks.push({ type: 'tool_use', id: this.callId(i), name: r.pick(this.tools).name, input: { command: data.sentence(r, 4) } });
    this.history.push({ role: 'assistant', blocks });
    if (!calls) { this.history.push(this.userText(data.sentence(r, 15))); return; }
    const results = blocks.filter((b) => b.type === 'tool_use').map((b) => this.result(b.id));
    if (this.provider === 'anthropic' && r.chance(0.2)) results.push({ type: 'text', text: `<system-reminder>${data.sentence(r, 12)}</system-reminder>` });
    this.history.push({ role: 'user', blocks: results });
  }

  callId(i) {
    if (this.repeatIds) return `call_${i}`;
    return this.provider === 'anthropic' ? `toolu_01${this.r.alnum(22)}` : `call_${this.r.alnum(24)}`;
  }

  // A tool's result: one text, several parts, or with an image.
  result(id) {
    const r = this.r;
    const again = this.outputs.length && r.chance(0.15);
    const text = again ? r.pick(this.outputs) : data.toolOutput(r).text;
    this.outputs.push(text);
    const shape = this.provider === 'anthropic' ? r.pick(['one', 'one', 'one', 'parts', 'image']) : r.pick(['one', 'one', 'parts']);
    const texts = shape === 'parts' ? [text, data.toolOutput(r).text] : [text];
    return { type: 'tool_result', id, texts, image: shape === 'image', error: r.chance(0.07) };
  }

  // The user goes back to one of his own messages, changes it, and goes on from there.
  edit() {
    const own = this.history.flatMap((m, i) => (m.role === 'user' && m.blocks.every((b) => b.type === 'text') ? [i] : []));
    const at = this.r.pick(own);
    this.history = this.history.slice(0, at);
    this.history.push(this.userText(data.sentence(this.r, 18)));
  }

  // Goes on with another copy of the conversation, and perhaps comes back later.
  fork() {
    if (this.branches.length && this.r.chance(0.5)) {
      const i = this.r.below(this.branches.length);
      [this.history, this.branches[i]] = [this.branches[i], this.history];
      return;
    }
    this.branches.push(this.history.map((m) => ({ ...m, blocks: [...m.blocks] })));
    if (this.branches.length > 3) this.branches.shift();
  }

  compactKeeping() {
    const cut = this.history.findIndex((m, i) => i > this.history.length / 2 && m.role === 'assistant');
    const kept = cut < 0 ? [] : this.history.slice(cut);
    this.history = [this.userText(`Summary so far: ${data.sentence(this.r, 60)}`), ...kept];
  }

  // The client empties an old tool result by itself.
  clearOld() {
    const old = this.history.slice(0, -2).flatMap((m) => (m.role === 'user' ? m.blocks : [])).filter((b) => b.type === 'tool_result');
    if (!old.length) return;
    const victim = this.r.pick(old);
    this.history = this.history.map((m) => ({ ...m, blocks: m.blocks.map((b) => (b === victim ? { ...b, texts: ['[Old tool result content cleared]'], image: false } : b)) }));
  }

  render(extra) { return this.provider === 'anthropic' ? this.renderAnthropic(extra) : this.renderChat(extra); }

  // A single text now as a string, now as parts: clients do both, also for one message.
  texts(texts, more = []) {
    const parts = [...texts.map((text) => ({ type: 'text', text })), ...more];
    return texts.length === 1 && !more.length && this.r.chance(0.6) ? texts[0] : parts;
  }

  renderAnthropic({ title, forced }) {
    const history = title ? this.history.slice(0, 1) : this.history;
    const mark = { cache_control: { type: 'ephemeral', ...(this.r.chance(0.1) ? { ttl: '1h' } : {}) } };
    const messages = history.map((m, i) => this.anthropicMessage(m, i === history.length - 1 ? mark : null));
    const system = [{ type: 'text', text: `x-anthropic-billing-header: cc_version=2.1; cch=${this.billing}` }, { type: 'text', text: this.system[0], ...mark }, { type: 'text', text: this.system[1], ...mark }];
    const tools = this.tools.map((t) => ({ name: t.name, description: t.description, input_schema: t.schema }));
    return JSON.stringify({
      model: this.model, messages, system, ...(title ? {} : { tools }), metadata: { user_id: 'user_1' }, max_tokens: title ? 512 : 32_000,
      ...(forced ? { tool_choice: { type: 'tool', name: this.tools[0].name } } : { thinking: { type: 'enabled', budget_tokens: 10_000 } }), stream: this.r.chance(0.5),
    });
  }

  anthropicMessage(m, mark) {
    if (m.role === 'system') return { role: 'system', content: m.blocks[0].text };
    const blocks = m.blocks.map((b) => {
      if (b.type !== 'tool_result') return { ...b };
      const image = b.image ? [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }] : [];
      return { tool_use_id: b.id, type: 'tool_result', content: this.texts(b.texts, image), ...(b.error ? { is_error: true } : {}) };
    });
    if (mark) blocks[blocks.length - 1] = { ...blocks[blocks.length - 1], ...mark };
    const single = blocks.length === 1 && blocks[0].type === 'text' && !mark && this.r.chance(0.5);
    return { role: m.role, content: single ? blocks[0].text : blocks };
  }

  renderChat({ title, forced }) {
    const history = title ? this.history.slice(0, 1) : this.history;
    const messages = [{ role: 'system', content: this.system.join('\n') }, ...history.flatMap((m) => this.chatMessages(m))];
    const tools = this.tools.map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.schema } }));
    return JSON.stringify({ model: this.model, stream: this.r.chance(0.5), messages, ...(title ? {} : { tools }), ...(forced ? { tool_choice: 'required' } : {}), temperature: 1.0 });
  }

  chatMessages(m) {
    const texts = m.blocks.filter((b) => b.type === 'text').map((b) => b.text);
    const results = m.blocks.filter((b) => b.type === 'tool_result').map((b) => ({ role: 'tool', tool_call_id: b.id, content: this.texts(b.texts) }));
    if (m.role === 'system') return [{ role: 'system', content: texts[0] }];
    if (m.role === 'user') return [...results, ...(texts.length ? [{ role: 'user', content: this.texts(texts) }] : [])];
    const calls = m.blocks.filter((b) => b.type === 'tool_use').map((b) => ({ id: b.id, type: 'function', function: { name: b.name, arguments: JSON.stringify(b.input) } }));
    return [{ role: 'assistant', content: texts[0] ?? null, ...(calls.length ? { tool_calls: calls } : {}) }];
  }
}
