/** Acts that ask their member to show who they are now. */
import { signInWithPasskey } from "./passkey.js";

/**
 * Does what asks its member to show who they are now: by the passkey where there is one, since a lost phone must not
 * undo what its owner did.
 * @template Result
 * @param {any} app
 * @param {() => Promise<Result>} act
 */
export async function withFreshSession(app, act) {
  try {
    return await act();
  } catch (error) {
    if (!["session.too_old", "freeze.passkey_needed", "data.passkey_needed"].includes(error.code)) throw error;
    if (app.me.passkey_ids.length > 0) await signInWithPasskey(app);
    else await app.device.signIn();
    return act();
  }
}
