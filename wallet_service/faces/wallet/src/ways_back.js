/** Whether anything but this phone leads to the account. Shows nothing. */

/** Another phone, a passkey, a code on paper: any of them leads back to the money. @param {any} app @returns {Promise<boolean>} */
export async function hasSecondWay(app) {
  const { passkey_ids: passkeys, devices } = app.me;
  const phones = devices.filter(({ state, key_kind: kind }) => state === "active" && kind !== "passkey");
  if (passkeys.length > 0 || phones.length > 1) return true;
  return hasCodeOnPaper(app);
}

/** Asked once in a while: home is drawn anew with every event. */
const KNOWN_FOR_MS = 60_000;
let known = { memberId: "", hasCode: false, untilMs: 0 };

/** @param {any} app */
async function hasCodeOnPaper(app) {
  if (known.memberId === app.me.id && performance.now() < known.untilMs) return known.hasCode;
  const memberId = app.me.id;
  const code = await app.service.get("/v1/me/recovery-code").catch(() => null);
  if (code === null) return true; // without an answer nobody is frightened
  const hasCode = code.confirmed_at_unix_ms !== null;
  known = { memberId, hasCode, untilMs: performance.now() + (hasCode ? KNOWN_FOR_MS : 0) };
  return hasCode;
}
