// What nearly every suite stands on: a scripted upstream and headroom in front of
// it, joined as E2E_UPSTREAM says: plain, tls, connect (TLS through a CONNECT
// proxy) or flaky (plain, idle connections closed at random).
import { ConnectProxy } from './connect-proxy.mjs';
import { Headroom } from './headroom.mjs';
import { authority } from './tls.mjs';
import { Upstream } from './upstream.mjs';

export const MODES = ['plain', 'tls', 'connect', 'flaky'];
export const MODE = process.env.E2E_UPSTREAM ?? 'plain';
if (!MODES.includes(MODE)) throw new Error(`E2E_UPSTREAM=${MODE}: the modes are ${MODES.join(', ')}`);

// { upstream, headroom, port, url, reset(), stop() }. args and env go to headroom,
// upstream to Upstream.start.
export async function rig({ args = [], env = {}, upstream: options = {}, mode = MODE, state } = {}) {
  const tls = mode === 'tls' || mode === 'connect';
  const upstream = await Upstream.start({ tls, flaky: mode === 'flaky', name: mode === 'connect' ? 'upstream.test' : '127.0.0.1', ...options });
  const proxy = mode === 'connect' ? await ConnectProxy.start() : null;
  const more = { ...(tls ? { SSL_CERT_FILE: authority().ca } : {}), ...(proxy ? { HTTPS_PROXY: proxy.url } : {}) };
  // E2E_DIRECT=1: no proxy at all, to see that a suite asks nothing impossible.
  const headroom = process.env.E2E_DIRECT ? direct(upstream) : await Headroom.start({ args, env: { ...more, ...env }, upstream: upstream.url, state }).catch(async (e) => {
    await upstream.stop();
    await proxy?.stop();
    throw e;
  });
  return {
    upstream, headroom, proxy, mode, env: { ...more, ...env },
    get port() { return headroom.port; },
    get url() { return headroom.url; },
    async reset() { upstream.reset(); if (mode === 'flaky') await upstream.closeIdle(); },
    async stop() {
      try {
        await headroom.stop();
      } finally {
        await upstream.stop();
        await proxy?.stop();
      }
    },
  };
}

const direct = (upstream) => ({ port: upstream.port, url: upstream.origin, stop: async () => {}, memory: () => ({ now: 0, peak: 0 }) });
