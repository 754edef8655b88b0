// Listening to what the service pushes. Which kinds there are, and for whom, is in event_kinds.js.
import { shareStream } from "./shared_stream.js";
import { openStream } from "./stream.js";

export { KINDS, KINDS_FOR } from "./event_kinds.js";

/**
 * listen("/v1/events", {"payment.paid": (data, id) => ...}, {onState}) -> close function. What may come on which path
 * is in KINDS_FOR; a test holds every page's handlers to it.
 * @param {string} path
 * @param {Record<string, Function>} handlers by kind
 * @param {Parameters<typeof shareStream>[2] & {isShared?: boolean}} [options] `isShared`: one line for all tabs
 */
export function listen(path, handlers, { isShared = false, ...options } = {}) {
  // "stream.open" comes first, so that there is an id to come back with, and "stream.beat" says that the line lives: heard
  // even where nobody handles them.
  const open = isShared ? shareStream : openStream;
  return open(path, { "stream.open": () => {}, "stream.beat": () => {}, ...handlers }, options);
}
