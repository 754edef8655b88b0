// Listens to the point of sale's push and notices when it has gone silent. Says what it heard; decides nothing.
import { openStream } from "#ui/stream.js";

const SILENCE_MS = 15_000; // the point of sale speaks at least every 4 s
const REOPEN_MS = 3_000;

/**
 * @param {Record<string, (data: any) => void>} handlers by kind: one for each of SCREEN_KINDS (screen_kinds.js)
 * @param {() => void} onSilent nothing is heard any more
 * @returns {() => void} close
 */
export function listen(handlers, onSilent) {
  return openStream("/api/events", handlers, {
    onState: (isOpen) => isOpen || onSilent(),
    silentAfterMs: SILENCE_MS,
    reconnectMaxMs: REOPEN_MS,
  });
}
