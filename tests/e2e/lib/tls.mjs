// A certificate authority of our own and a server certificate from it, made with
// the openssl program in a temporary folder.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

let made;

// { ca: path of the CA's PEM, cert, key: PEM texts, dir } for localhost,
// 127.0.0.1 and upstream.test; made once per process.
export function authority() {
  if (made) return made;
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'headroom-ca-'));
  const run = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=headroom test CA',
    '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign');
  run('req', ...ec, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=upstream.test');
  fs.writeFileSync(path.join(dir, 'ext'), 'subjectAltName=DNS:localhost,DNS:upstream.test,IP:127.0.0.1\n');
  run('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
    '-extfile', 'ext', '-out', 'server.pem');
  const read = (f) => fs.readFileSync(path.join(dir, f), 'utf8');
  made = { dir, ca: path.join(dir, 'ca.pem'), cert: read('server.pem'), key: read('server.key') };
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
  return made;
}
