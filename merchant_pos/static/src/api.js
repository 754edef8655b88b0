// The only way the page asks its point of sale for anything. Every failure is a Problem with a stable code and a sentence.
import { Problem, request } from "#ui/api.js";
import { t } from "#ui/i18n.js";

const TIMEOUT_MS = 20_000; // above the point of sale's own three tries, so that its answer is heard
/** The point of sale itself cannot say what became of the request. */
const UNANSWERED = new Set(["pos.service_unreachable", "pos.service_answer_unknown"]);

/** Nobody answered: the same request may be sent again, with the same reference. @param {Problem} problem */
export const isUnanswered = (problem) => problem.status === 0 || UNANSWERED.has(problem.code);

/**
 * @template {"GET" | "POST"} Method
 * @template {string} Path
 * @param {Method} method
 * @param {Path} path
 * @param {import("#ui/till_api_types.js").Sent<Method, Path>} [body]
 * @returns {Promise<import("#ui/till_api_types.js").Answer<Method, Path>>}
 */
async function send(method, path, body) {
  try {
    return await request(method, path, { body, timeoutMs: TIMEOUT_MS });
  } catch (problem) {
    if (problem.code?.startsWith("network.")) throw unknownFate(problem);
    throw problem;
  }
}

/** @param {Problem} problem */
const unknownFate = ({ status }) =>
  new Problem({
    code: "pos.tablet_offline",
    status,
    detail: t(
      "La tablette n’atteint plus sa caisse : impossible de savoir si la demande est arrivée. Ne considérez rien comme payé tant que « Payé » n’est pas affiché.",
    ),
  });

/** @param {string} saleId @returns {`/api/sales/${string}`} */
const salePath = (saleId) => `/api/sales/${encodeURIComponent(saleId)}`;

export const readState = () => send("GET", "/api/state");
/** @param {string} saleId */
export const readSale = (saleId) => send("GET", salePath(saleId));
/** Where the customer reads the receipt. @param {string} saleId */
export const readReceiptLink = (saleId) => send("GET", `/api/receipts/${encodeURIComponent(saleId)}`);
/** What was paid at the shop's other tills. */
export const readOtherSales = () => send("GET", "/api/other-sales");
/** The sums of one day. @param {string} day "2026-07-14" */
export const readDay = (day) => send("GET", `/api/day?day=${day}`);
/** @param {string} cashierId @param {string} pin */
export const cashierEnters = (cashierId, pin) => send("POST", "/api/cashier", { cashier_id: cashierId, pin });
export const cashierLeaves = () => send("POST", "/api/cashier/leave", {});
/** @param {string} code @param {string} label */
export const pair = (code, label) => send("POST", "/api/pair", { code, label });
export const unpair = () => send("POST", "/api/unpair", {});
/** @param {import("./stage_rules.js").Current} wanted */
export const openSale = ({ reference, amountCents, label = "", tipCents = 0 }) =>
  send("POST", "/api/sales", {
    client_reference: reference ?? "",
    amount_cents: amountCents,
    label,
    tip_cents: tipCents,
  });
/** @param {string} saleId */
export const cancelSale = (saleId) => send("POST", `${salePath(saleId)}/cancel`, {});
/** @param {string} saleId @param {string} clientReference @param {number} amountCents */
export const askRefund = (saleId, clientReference, amountCents) =>
  send("POST", `${salePath(saleId)}/refunds`, { client_reference: clientReference, amount_cents: amountCents });
