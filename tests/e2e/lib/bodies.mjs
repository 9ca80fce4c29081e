// Request bodies in which nothing is to be changed, of every spelling that a
// careless proxy would "repair".
import { KINDS } from './data.mjs';
import { Random } from './random.mjs';

const wrap = (inner) => `{"model":"claude-sonnet-4-5","max_tokens":10,"messages":[{"role":"user","content":${inner}}]}`;
const nested = (depth, open, close, core = '1') => open.repeat(depth) + core + close.repeat(depth);

const SPELLINGS = [
  '1.0', '1e5', '1E+5', '1152921504606846976', '-0', '-0.0', '0.1e-400', '123456789012345678901234567890', '3.14159265358979323846264338327950288',
  '"\\u0041\\u00e9"', '"\\/slash\\/"', '"\\b\\f\\n\\r\\t"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\udc00 alone"', '"a\\ud800\\u0041"', '"\\u0000"', '"\u2028\u2029"', '"\u007f"',
  '{"a":1,"a":2}', '{"a":{"a":1,"a":[]},"":""}', '{"role":"user","role":"assistant"}', '[1 , 2\t,\n3 ]', '{ }', '[ ]', 'null', 'true', '"\ufeff bom inside"', '"😀 ünïcödé 漢字"',
];

const NOT_JSON = [
  '', ' ', 'hello', '{', '}', '[1,2', '{"a":}', "{'a':1}", '{"a":1,}', 'NaN', '[01]', '{"a":1}{"b":2}', '{"a":1} trailing', '\ufeff{"model":"x","messages":[]}',
  '{"a":"unterminated', '"\\x41"', '{"a":"line\nbreak"}', '<xml/>', 'model=x&messages=y', '/* c */{}', '{"a":tru}', '\0\0\0', '{"messages":[{"role":"tool","content":"x"]}',
];

const text = (s) => Buffer.from(s);

// [{ name, body }], always the same ones.
export function plainBodies() {
  const out = [];
  const add = (name, body) => out.push({ name, body: Buffer.isBuffer(body) ? body : text(body) });
  SPELLINGS.forEach((s, i) => {
    add(`spelling ${i}`, wrap(s));
    add(`spelling ${i} elsewhere`, `{"model":"gpt-4o","x":${s},"messages":[{"role":"user","content":"hi","y":[${s},${s}]}],"z":{"k":${s}}}`);
  });
  NOT_JSON.forEach((s, i) => add(`not JSON ${i}`, s));
  for (const [i, bytes] of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82], [0x80], [0xf0, 0x9f, 0x98]].entries()) {
    const bad = Buffer.concat([text('{"model":"x","messages":[{"role":"user","content":"'), Buffer.from(bytes), text('"}]}')]);
    add(`invalid UTF-8 ${i}`, bad);
    add(`invalid UTF-8 in a tool result ${i}`, Buffer.concat([text('{"model":"x","messages":[{"role":"tool","tool_call_id":"c","content":"[{\\"a\\":1}'), Buffer.from(bytes), text('"}]}')]));
  }
  for (const depth of [50, 127, 128, 129, 255, 256, 257, 511, 512, 600, 5000]) {
    add(`${depth} arrays deep`, wrap(nested(depth, '[', ']')));
    add(`${depth} objects deep`, `{"model":"x","messages":[],"deep":${nested(depth, '{"a":', '}')}}`);
  }
  const r = new Random(7);
  add('5 MB of text', wrap(JSON.stringify('lorem ipsum '.repeat(440_000))));
  add('2 MB of small numbers', wrap(`[${'1.50,'.repeat(400_000)}0]`));
  add('a megabyte of white space', `{"model":"x",${' \n\t\r'.repeat(262_144)}"messages":[]}`);
  add('binary', r.bytes(70_000));
  for (let i = 0; i < 12; i++) add(`binary ${i}`, r.bytes(r.between(1, 3000)));
  for (const n of [1, 2, 4095, 4096, 4097, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 131_072]) {
    const frame = wrap('""');
    add(`${n} bytes`, n > frame.length ? wrap(`"${'x'.repeat(n - frame.length)}"`) : 'x'.repeat(n));
  }
  shapes(add);
  for (let i = 0; out.length < 200; i++) add(`user text ${i}`, `{ "messages" :[{"content": ${JSON.stringify(KINDS.jsonTable(r, 8))} ,"role":"user"}], "model" : "m${i}","max_tokens":1e2}`);
  return out;
}

// Requests of a shape that a view of the conversation trips over.
function shapes(add) {
  const table = JSON.stringify(JSON.stringify([{ a: 1, b: 2 }, { a: 2, b: 3 }]));
  const shapes = {
    'messages is null': '{"model":"x","messages":null}', 'messages is a string': '{"model":"x","messages":"hi"}', 'messages is an object': '{"model":"x","messages":{"0":1}}',
    'messages holds scalars': '{"model":"x","messages":[1,"a",null,[],true]}', 'no messages': '{"model":"x"}', 'an array': '[]', 'a string': '"hi"', 'a number': '42',
    'messages twice': '{"messages":[{"role":"user","content":"a"}],"messages":[{"role":"user","content":"b"}]}',
    'content is a number': '{"messages":[{"role":"user","content":5}]}', 'content is null': '{"messages":[{"role":"assistant","content":null}]}',
    'role is missing': '{"messages":[{"content":"a"}]}', 'role unknown': '{"messages":[{"role":"developer","content":"a"},{"role":"critic","content":[]}]}',
    'a small tool result': `{"messages":[{"role":"tool","tool_call_id":"c","content":${table}}]}`,
    'a tool result without id': `{"messages":[{"role":"user","content":[{"type":"tool_result","content":${table}}]}]}`,
    'tool result content null': '{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":null}]}]}',
    'tool result with an image': '{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]}]}',
    'model is a number': '{"model":5,"messages":[]}', 'stream is a string': '{"model":"x","stream":"yes","messages":[]}',
    'keys in escapes': '{"m\\u006fdel":"x","messa\\u0067es":[{"rol\\u0065":"user","content":"a"}]}',
  };
  for (const [name, body] of Object.entries(shapes)) add(name, body);
}
