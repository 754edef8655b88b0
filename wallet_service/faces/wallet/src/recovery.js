/**
 * A lost phone, from its new one: asking for the account, and how that stands. An answer lost on the way is a request the
 * person makes again: nothing is said of one that may not have arrived. Shows nothing.
 */
import { toBase64Url } from "./protocol/bytes.js";
import { forget, remember, remembered } from "./remembered.js";

const TOKEN_BYTES = 32;

/** @returns {{token: string, askedAtUnixMs: number, key: string, papers?: number} | null} what this phone has asked for and not given up */
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

/** Papers for the officer who will look, from here. @param {any} app @param {File} document */
export async function sendPaper(app, document) {
  const asked = /** @type {any} */ (askedHere());
  const form = new FormData();
  form.append("token", asked.token);
  form.append("document", document);
  await app.service.upload("/v1/recoveries/documents", form);
  remember("recovery", { ...asked, papers: (asked.papers ?? 0) + 1 });
}

/** How many papers were sent from here: the service says nothing of an account that may not exist. */
export const papersSent = () => /** @type {any} */ (askedHere())?.papers ?? 0;

export const giveUp = () => forget("recovery");
