// What the console does with each kind the service pushes to officers: looks at its live regions again.
import { KINDS_FOR } from "#ui/event_kinds.js";

/**
 * "stream.open" counts too: something may have changed between the making of the page and the opening of the line.
 * @param {() => void} lookSoon
 */
export const pushedHandlers = (lookSoon) =>
  Object.fromEntries(["stream.open", "stream.reload", ...KINDS_FOR.console].map((kind) => [kind, lookSoon]));
