/**
 * A demonstration's own push service in the place of the browser's: no foreign origin is asked. The address is made
 * here, under the origin the service names, and kept; that service shows the knocks instead of waking this browser.
 */
const KEPT = "alba.push-stand-in";

/** The subscription made earlier, as a push manager would give it. */
export function standInSubscription() {
  const endpoint = keptAddress();
  return endpoint ? { endpoint, unsubscribe: async () => localStorage.removeItem(KEPT) } : null;
}

/** @param {string} origin @returns {string} the address, the same one while that service is the same */
export function subscribeAtStandIn(origin) {
  const known = keptAddress();
  if (known?.startsWith(`${origin}/`)) return known;
  const made = `${origin}/${crypto.randomUUID()}`;
  localStorage.setItem(KEPT, made);
  return made;
}

function keptAddress() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // a browser that keeps nothing
  }
}
