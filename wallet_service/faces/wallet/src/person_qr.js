/**
 * Codes that people show each other: `{ORIGIN}/C/{CODE}` to be paid, `{ORIGIN}/R/{ID}` for an ask or a send. Both are
 * opaque: who and how much come from the service alone.
 */
/** Crockford's base32, as all ids of the service. */
const CODE = /^[0-9A-HJKMNP-TV-Z]{16}$/;
const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/**
 * @param {string} text what the camera read
 * @param {string} walletOrigin e.g. "https://wallet.example"
 * @returns {string | null} the app's own path for it, or null for anything else
 */
export function personPath(text, walletOrigin) {
  const upper = text.trim().toUpperCase();
  const origin = `${walletOrigin.toUpperCase()}/`;
  if (!upper.startsWith(origin)) return null;
  const [kind, rest, ...more] = upper.slice(origin.length).split("/");
  if (more.length > 0) return null;
  if (kind === "C" && CODE.test(rest ?? "")) return `/C/${rest}`;
  if (kind === "R" && ID.test(rest ?? "")) return `/R/${rest}`;
  return null;
}
