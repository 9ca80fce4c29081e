// Everything that was started and not yet stopped, so that a test that fails in
// the middle leaves nothing running.
const live = new Set();

export const started = (thing) => { live.add(thing); };
export const stopped = (thing) => { live.delete(thing); };

// Ends at once what is left. For afterEach, where each test starts its own.
export function cleanUp() {
  for (const thing of live) thing.destroy();
  live.clear();
}

process.on('exit', cleanUp);
