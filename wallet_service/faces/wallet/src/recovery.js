/**
 * A lost phone, from its new one: asking for the account, and how that stands. An answer lost on the way is a request the
 * person makes again: nothing is said of one that may not have arrived. Shows nothing.
 */
import { toBase64Url } from "./protocol/bytes.js";
import { forget, remember, remembered } from "./remembered.js";

const TOKEN_BYTES = 32;

/** @returns {{token: string, askedAtUnixMs: number, key: string} | null} what this phone has asked for and not given up */
export const askedHere = () => remembered("recovery");

/**
 * @param {any} app
 * @param {{reference: string} | {code: string}} known what its owner still knows of the account
 */
export async function askForAccount(app, known) {
  const token = toBase64Url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
  const key = await app.device.askRecovery(token, known);
  remember("recovery", { token, askedAtUnixMs: app.nowUnixMs(), key });
}

/** @returns {Promise<import("#ui/api_types.js").Answer<"POST", "/v1/recoveries/progress">>} */
export const progressOf = (app, token) => app.service.post("/v1/recoveries/progress", { token });

export const giveUp = () => forget("recovery");
