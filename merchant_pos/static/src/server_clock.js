// Server time on a tablet whose own clock may be wrong or moved: the last known server time plus what a monotonic clock counted.

export function makeServerClock(monotonicMs = () => performance.now()) {
  /** @type {{serverUnixMs: number, atMs: number} | null} */
  let known = null;
  return {
    /** Called with each server time heard. @param {number} serverUnixMs */
    hear(serverUnixMs) {
      known = { serverUnixMs, atMs: monotonicMs() };
    },
    nowUnixMs() {
      return known ? known.serverUnixMs + (monotonicMs() - known.atMs) : Date.now();
    },
  };
}
