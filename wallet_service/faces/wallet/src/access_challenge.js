/**
 * A passkey that opens a session also signs payments: it must not sign the one for the other. What it signs to sign in
 * begins with words of its own, and this is where the phone insists on them, whatever is asked.
 */
import { fromBase64Url } from "./protocol/bytes.js";

const ACCESS_PREFIX = new TextEncoder().encode("alba access:");

/**
 * @template {{challenge: string}} Options
 * @param {Options} options of `navigator.credentials.get`, as the service wants them
 * @returns {Options} the same
 * @throws {Error} when the challenge could be something else: a payment's digest, for one
 */
export function onlyForAccess(options) {
  const challenge = fromBase64Url(options.challenge);
  const begins = ACCESS_PREFIX.every((byte, place) => challenge[place] === byte);
  if (!begins || challenge.length <= ACCESS_PREFIX.length) throw new Error("this challenge is not for access");
  return options;
}
