// Server push (SSE). The browser re-connects by itself with the last event id, and the service replays what was missed.
const RECONNECT_MIN_MS = 500;
const RECONNECT_MAX_MS = 15_000;

/**
 * listen("/v1/events", {"payment.paid": (data, id) => ..., "*": (kind, data) => ...}, {onState}) -> close function.
 * onState(true | false) tells whether the line is open. Handlers must be idempotent: a replay may repeat an event.
 */
export function listen(path, handlers, { onState = () => {}, EventSourceClass = globalThis.EventSource, lastEventId = null } = {}) {
  let source = null;
  let closed = false;
  let waitMs = RECONNECT_MIN_MS;
  let lastId = lastEventId;
  let timer = null;

  const handle = (kind) => (event) => {
    if (event.lastEventId) lastId = event.lastEventId;
    let data;
    try { data = JSON.parse(event.data); } catch { return; }
    handlers[kind]?.(data, lastId);
    handlers["*"]?.(kind, data, lastId);
  };

  function open() {
    // A fresh EventSource knows no last id (the browser only keeps it while it re-connects by itself): say it in the query.
    const url = lastId === null ? path : `${path}${path.includes("?") ? "&" : "?"}last_event_id=${encodeURIComponent(lastId)}`;
    source = new EventSourceClass(url);
    source.onopen = () => { waitMs = RECONNECT_MIN_MS; onState(true); };
    source.onerror = () => {
      onState(false);
      if (source.readyState !== 2 || closed) return; // 2 = closed for good, for instance after a 401 or 503
      timer = setTimeout(open, waitMs);
      waitMs = Math.min(waitMs * 2, RECONNECT_MAX_MS);
    };
    for (const kind of kinds(handlers)) source.addEventListener(kind, handle(kind));
  }

  open();
  return () => { closed = true; clearTimeout(timer); source?.close(); };
}

/** Every kind the service pushes: "*" needs them all, since EventSource has no wildcard. */
export const KINDS = [
  "stream.open", "stream.reload",
  "payment.accepted", "payment.paid", "payment.refused", "money.received", "topup.credited", "topup.held", "topup.returned",
  "member.changed", "redemption.changed",
  "refund.requested", "refund.changed", "sale.changed", "identity.submitted", "identity.decided", "reserve.attested", "figures.changed",
  "stops.changed", "freeze.changed", "approval.changed", "bank.unmatched", "payout.changed",
];
const kinds = (handlers) => ("*" in handlers ? [...new Set([...KINDS, ...Object.keys(handlers)])].filter((kind) => kind !== "*") : Object.keys(handlers));
