// Runs the load programs and reduces what they say.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export function median(list) {
  const s = [...list].sort((a, b) => a - b);
  const m = s.length >> 1;
  return s.length % 2 ? s[m] : (s[m - 1] + s[m]) / 2;
}

export function quartiles(list) {
  const s = [...list].sort((a, b) => a - b);
  return [s[s.length >> 2], s[s.length - 1 - (s.length >> 2)]];
}

// A Lua script that makes wrk send one POST over and over.
export function wrkScript(file, path_, body) {
  fs.writeFileSync(file, `wrk.method = "POST"\nwrk.path = "${path_}"\nwrk.body = [==[${body}]==]\n` +
    'wrk.headers["x-api-key"] = "sk-bench"\nwrk.headers["anthropic-version"] = "2023-06-01"\nwrk.headers["content-type"] = "application/json"\n');
}

// Load of wrk's on a server for some seconds: { rate, cpu: µs a request }.
export async function wrk(server, script, { connections, seconds }) {
  const before = server.cpu();
  const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, `http://127.0.0.1:${server.port}`]);
  const cpu = server.cpu() - before;
  const bad = stdout.match(/Non-2xx[^\n]*|Socket errors[^\n]*/);
  if (bad) throw new Error(`${server.name}: ${bad[0]}`);
  const [, requests, took] = stdout.match(/(\d+) requests in ([\d.]+)s/);
  const rate = Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)[1]);
  if (Math.abs(rate * Number(took) - requests) > requests / 50 + 5) throw new Error(`wrk contradicts itself:\n${stdout}`);
  return { rate, cpu: cpu / 1000 / requests };
}

export class Load {
  constructor(build) { this.program = path.join(build, 'bench-load'); }

  // Requests one at a time to each port in turn: what load.c prints, per port.
  async inTurn(ports, files, { requests, warm = 0 }) {
    const { stdout } = await run(this.program, ['-n', requests, '-w', warm, ports.join(','), ...files].map(String));
    const results = stdout.trim().split('\n').map((l) => JSON.parse(l));
    const bad = results.findIndex((r) => r.errors);
    if (bad >= 0) throw new Error(`port ${ports[bad]}: ${results[bad].errors} of ${requests + warm} requests did not end in a 200`);
    return results;
  }

  // Holds streams open while work() runs; throws if one of them ended.
  async open(port, file, streams, work) {
    const child = spawn(this.program, ['-o', String(streams), String(port), file], { stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    const exited = new Promise((ok) => child.on('exit', ok));
    const opened = new Promise((ok, no) => {
      child.stdout.on('data', (d) => { out += d; if (out.startsWith('open\n')) ok(); });
      child.stderr.on('data', (d) => { out += d; });
      exited.then(() => no(new Error(out || 'bench-load ended')));
    });
    try {
      await opened;
      return await work();
    } finally {
      child.stdin.end();
      await exited;
      const said = out.match(/\{.*\}/);
      if (said && JSON.parse(said[0]).ended) throw new Error(`port ${port}: ${JSON.parse(said[0]).ended} of ${streams} streams ended by themselves`);
    }
  }
}
