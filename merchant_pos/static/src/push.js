// Listens to the point of sale's push and notices when it has gone silent. Says what it heard; decides nothing.

const SILENCE_MS = 15_000; // the point of sale speaks at least every 4 s
const REOPEN_MS = 3_000;

/** handlers: onSale(sale), onStream(connected), onConnection(shown), onRefused(problem), onSilent(). Returns {close}. */
export function listen(handlers) {
  let source = null;
  let heardAtMs = performance.now();
  let reopenTimer = null;

  const on = (kind, handle) => source.addEventListener(kind, (event) => {
    heardAtMs = performance.now();
    handle(JSON.parse(event.data));
  });

  function open() {
    heardAtMs = performance.now();
    source = new EventSource("/api/events");
    on("sale", handlers.onSale);
    on("stream", ({ connected }) => handlers.onStream(connected));
    on("connection", handlers.onConnection);
    on("refused", handlers.onRefused);
    source.onerror = () => {
      handlers.onSilent();
      // The browser retries a cut stream by itself, with the last event id; a refused one it gives up.
      if (source.readyState === EventSource.CLOSED) reopenLater();
    };
  }

  function reopenLater() {
    clearTimeout(reopenTimer);
    source.close();
    reopenTimer = setTimeout(open, REOPEN_MS);
  }

  const watchdog = setInterval(() => {
    if (performance.now() - heardAtMs < SILENCE_MS) return;
    handlers.onSilent();
    heardAtMs = performance.now();
    reopenLater();
  }, 1_000);

  open();
  return {
    close() {
      clearInterval(watchdog);
      clearTimeout(reopenTimer);
      source.close();
    },
  };
}
