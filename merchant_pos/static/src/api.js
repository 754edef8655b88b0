// The only way the page asks its point of sale for anything. Every failure is a Problem with a stable code and a sentence.
import { spaced, t } from "./text.js";

const TIMEOUT_MS = 20_000; // above the point of sale's own three tries, so that its answer is heard

export class Problem extends Error {
  constructor({ status = 0, code = "pos.tablet_offline", detail } = {}) {
    super(code);
    this.status = status;
    this.code = code;
    this.detail = detail ? spaced(detail) : t("La tablette n’atteint plus sa caisse : impossible de savoir si la demande est arrivée. Ne considérez rien comme payé tant que « Payé » n’est pas affiché.");
  }

  /** Nobody answered: the same request may be sent again, with the same reference. */
  get unanswered() {
    return this.status === 0 || this.code === "pos.service_unreachable" || this.code === "pos.service_answer_unknown";
  }

  /** The service does not know this till any more. */
  get notPaired() { return this.status === 401; }
}

let csrfToken = "";
export function useCsrfToken(token) { csrfToken = token; }

async function ask(method, path, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") Object.assign(headers, { "X-CSRF-Token": csrfToken, "Content-Type": "application/json" });
  let response;
  try {
    response = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 204) return null;
    const answer = await response.json();
    if (response.ok) return answer;
    throw new Problem({ status: response.status, code: answer.code, detail: answer.detail });
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem({ status: response && !response.ok ? response.status : 0 });
  }
}

export const readState = () => ask("GET", "/api/state");
export const readBook = () => ask("GET", "/api/book");
export const readSale = (saleId) => ask("GET", `/api/sales/${encodeURIComponent(saleId)}`);
export const pair = (code, label) => ask("POST", "/api/pair", { code, label });
export const unpair = () => ask("POST", "/api/unpair", {});
export const openSale = (clientReference, amountCents) =>
  ask("POST", "/api/sales", { client_reference: clientReference, amount_cents: amountCents });
export const cancelSale = (saleId) => ask("POST", `/api/sales/${encodeURIComponent(saleId)}/cancel`, {});
export const askRefund = (saleId, clientReference, amountCents) =>
  ask("POST", `/api/sales/${encodeURIComponent(saleId)}/refunds`, { client_reference: clientReference, amount_cents: amountCents });

/** 32 random bytes as 0x hex: made and kept before the first try, so that a repeated try does nothing twice. */
export function newReference() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
