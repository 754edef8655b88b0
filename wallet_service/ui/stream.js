// Server push (SSE). The browser re-connects by itself with the last event id, and the service replays what was missed.
// A page that wakes up opens its line afresh: the one it slept with may be dead without a word.
import { onAwake } from "./awake.js";

const RECONNECT_MIN_MS = 500;
const RECONNECT_MAX_MS = 15_000;
const WATCH_MS = 1_000;

/**
 * openStream("/api/events", {"sale": (data, id) => ...}, {onState}) -> close function.
 * onState(true | false) tells whether the line is open. Handlers must be idempotent: a replay may repeat an event.
 * With `silentAfterMs`, a line that says nothing for so long counts as cut and is opened again.
 * @param {string} path
 * @param {Record<string, Function>} handlers by kind
 * @param {{onState?: (isOpen: boolean) => void, EventSourceClass?: any, lastEventId?: string | null,
 *   silentAfterMs?: number, reconnectMaxMs?: number, awake?: (callback: () => void) => () => void}} [options]
 * @returns {() => void} close
 */
export function openStream(path, handlers, options = {}) {
  const { onState = () => {}, EventSourceClass = globalThis.EventSource, lastEventId = null } = options;
  const { silentAfterMs = Infinity, reconnectMaxMs = RECONNECT_MAX_MS } = options;
  const { awake = "document" in globalThis ? onAwake : () => () => {} } = options;
  /** @type {EventSource | null} */
  let source = null;
  let closed = false;
  let waitMs = RECONNECT_MIN_MS;
  let lastId = lastEventId;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let heardAtMs = performance.now();

  const handle = (/** @type {string} */ kind) => (/** @type {MessageEvent} */ event) => {
    heardAtMs = performance.now();
    if (event.lastEventId) lastId = event.lastEventId;
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    handlers[kind](data, lastId);
  };

  function open() {
    heardAtMs = performance.now();
    // A fresh EventSource knows no last id (the browser only keeps it while it re-connects by itself): say it in the query.
    const url =
      lastId === null ? path : `${path}${path.includes("?") ? "&" : "?"}last_event_id=${encodeURIComponent(lastId)}`;
    const line = /** @type {EventSource} */ (new EventSourceClass(url));
    source = line;
    line.onopen = () => {
      if (line !== source) return;
      waitMs = RECONNECT_MIN_MS;
      onState(true);
    };
    line.onerror = () => {
      if (line !== source) return; // closed for its silence; another is open
      onState(false);
      if (line.readyState !== 2 || closed) return; // 2 = closed for good, for instance after a 401 or 503
      openLater();
    };
    for (const kind of Object.keys(handlers)) line.addEventListener(kind, handle(kind));
  }

  function openLater() {
    clearTimeout(timer);
    timer = setTimeout(open, waitMs);
    waitMs = Math.min(waitMs * 2, reconnectMaxMs);
  }

  function watch() {
    if (performance.now() - heardAtMs < silentAfterMs) return;
    heardAtMs = performance.now();
    source?.close();
    onState(false);
    openLater();
  }

  const stopWaking = awake(() => {
    clearTimeout(timer);
    waitMs = RECONNECT_MIN_MS;
    source?.close();
    open();
  });
  const watchdog = silentAfterMs === Infinity ? undefined : setInterval(watch, WATCH_MS);
  open();
  return () => {
    closed = true;
    stopWaking();
    clearTimeout(timer);
    clearInterval(watchdog);
    source?.close();
  };
}
