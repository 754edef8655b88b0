/**
 * A lost phone, from its new one: asking for the account, and how that stands. The token is kept before it is sent, so
 * that an answer lost on the way is asked for again. Shows nothing.
 */
import { toBase64Url } from "./protocol/bytes.js";
import { forget, remember, remembered } from "./remembered.js";

const TOKEN_BYTES = 32;

/** @returns {{token: string, askedAtUnixMs: number} | null} what this phone has asked for and not given up */
export const askedHere = () => remembered("recovery");

/**
 * @param {any} app
 * @param {{reference: string} | {code: string}} known what its owner still knows of the account
 */
export async function askForAccount(app, known) {
  const token = toBase64Url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
  remember("recovery", { token, askedAtUnixMs: app.nowUnixMs() });
  try {
    return await app.device.askRecovery(token, known);
  } catch (error) {
    if (!error.unknownOutcome) giveUp(); // refused: nothing waits
    throw error;
  }
}

/** @returns {Promise<import("#ui/api_types.js").Answer<"POST", "/v1/recoveries/progress">>} */
export const progressOf = (app, token) => app.service.post("/v1/recoveries/progress", { token });

export const giveUp = () => forget("recovery");
