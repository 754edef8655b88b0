// When a page is in front of a person again: it was hidden, kept aside by the browser, or the whole device slept. What it
// shows may be of long ago and its lines may be dead without having said so.

/** Several of these signs come together for one waking. */
const ONE_WAKING_MS = 300;
const LOOK_EVERY_MS = 2_000;
/** A clock that went further than that between two looks: the device slept with the page in front. */
const SLEPT_MS = 10_000;

/**
 * @param {() => void} callback
 * @param {{page?: any, frame?: any, nowMs?: () => number}} [where]
 * @returns {() => void} stop listening
 */
export function onAwake(callback, { page = document, frame = globalThis, nowMs = Date.now } = {}) {
  let wokenAtMs = -Infinity;
  let lookedAtMs = nowMs();
  const tell = () => {
    const now = nowMs();
    if (page.visibilityState === "hidden" || Math.abs(now - wokenAtMs) < ONE_WAKING_MS) return;
    wokenAtMs = now;
    callback();
  };
  const shown = (/** @type {PageTransitionEvent} */ event) => event.persisted && tell();
  const look = () => {
    const passedMs = nowMs() - lookedAtMs;
    lookedAtMs += passedMs;
    if (passedMs > SLEPT_MS) tell();
  };
  page.addEventListener("visibilitychange", tell);
  page.addEventListener("resume", tell);
  frame.addEventListener("pageshow", shown);
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    page.removeEventListener("visibilitychange", tell);
    page.removeEventListener("resume", tell);
    frame.removeEventListener("pageshow", shown);
  };
}
