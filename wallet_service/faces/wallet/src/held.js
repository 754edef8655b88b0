/**
 * Somebody else's account, on a phone that pays from it by a limited key: signing in with that key, reading what it may.
 * Loaded on such phones only; owns `app.held`.
 */
import { publicKeyText, signText } from "./device_key.js";
import { forget, remember } from "./remembered.js";

const ENDED = "keyholder.ended";

/** From now on this page's sessions are that key's. Never throws for lack of network. */
export async function openHeld(app) {
  app.service.renewSession = () => signInHeld(app);
  try {
    const { account } = await app.service.get("/v1/held/session");
    if (account) hold(app, account);
    else await signInHeld(app);
  } catch (error) {
    if (error.code === ENDED) app.heldEnded = error.message;
    else if (error.status === 0) app.connection.lost();
  }
}

/** @returns {Promise<boolean>} whether the ledger knows the key, and the holder has not taken it back */
export async function signInHeld(app) {
  const key = await app.device.heldKey();
  if (!key) return false;
  const publicKey = publicKeyText(key);
  const { challenge } = await app.service.post("/v1/session/device/challenge", { public_key: publicKey });
  const signature = await signText(key, `alba-sign-in:${challenge}`);
  try {
    const { account } = await app.service.post("/v1/held/session", { challenge, public_key: publicKey, signature });
    hold(app, account);
    return true;
  } catch (error) {
    if (error.code === ENDED) app.heldEnded = error.message;
    if (error.status === 0 || error.status >= 500) throw error;
    return false;
  }
}

function hold(app, account) {
  app.held = account;
  remember("held", 1);
  void app.outbox.resume();
  app.notify({ kind: "me" });
}

/** What the key may now. Screens hear "me". */
export async function readHeld(app) {
  try {
    app.held = await app.service.get("/v1/held/account");
  } catch (error) {
    if (error.code !== ENDED) throw error;
    app.held = null;
    app.heldEnded = error.message;
  }
  app.notify({ kind: "me" });
  return app.held;
}

/** This phone has nothing to do with that account any more. */
export function forgetHeld(app) {
  app.held = app.heldEnded = null;
  forget("held");
  app.service.renewSession = () => app.device.signInByItself();
}
