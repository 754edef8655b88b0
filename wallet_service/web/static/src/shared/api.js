// Talks to the origin the page came from: JSON, CSRF token, time-out, RFC 9457 problems. Owns no business rule.
import { t } from "#shared/i18n.js";

const TIMEOUT_MS = 15_000;
let csrfToken = null;
let clockOffsetMs = 0;

export const setCsrfToken = (token) => { csrfToken = token; };
/** Server time, as last heard: countdowns must not trust the device's clock. */
export const serverNow = () => Date.now() + clockOffsetMs;

/** A refusal from the service. `code` is stable; `message` is a sentence for people; `status` 0 means nothing was heard. */
export class Problem extends Error {
  constructor({ code, status, detail, values, correlationId }) {
    super(detail);
    this.name = "Problem";
    Object.assign(this, { code, status, values: values ?? {}, correlationId });
  }

  /** Nothing was heard: the request may or may not have been carried out. Ask again with the same reference. */
  get unknownOutcome() { return this.status === 0 || this.status >= 500; }
}

/** request("POST", "/v1/payments", {body}) -> parsed JSON (null when empty). Throws Problem. */
export async function request(method, path, { body, form, headers = {}, timeoutMs = TIMEOUT_MS } = {}) {
  const options = { method, headers: { Accept: "application/json", ...headers }, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(timeoutMs) };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  } else if (form) options.body = form;
  if (method !== "GET" && csrfToken) options.headers["X-CSRF-Token"] = csrfToken;
  let response;
  const sentAt = Date.now();
  try {
    response = await fetch(path, options);
  } catch {
    throw new Problem({ code: "network.unreachable", status: 0, detail: t("Pas de réponse du service. Vérifiez la connexion et réessayez.") });
  }
  learnClock(response, sentAt);
  const text = await response.text();
  const data = parse(text);
  if (response.ok) return rememberCsrf(data);
  throw new Problem({
    code: data?.code ?? "network.unexpected", status: response.status, values: data?.values, correlationId: data?.correlation_id,
    detail: data?.detail ?? t("Le service a répondu de façon inattendue. Réessayez dans un instant."),
  });
}

export const get = (path, options) => request("GET", path, options);
export const post = (path, body, options) => request("POST", path, { body: body ?? {}, ...options });
export const remove = (path, options) => request("DELETE", path, options);

function parse(text) {
  try { return text ? JSON.parse(text) : null; } catch { return null; }
}

function rememberCsrf(data) {
  if (data?.csrf_token) csrfToken = data.csrf_token;
  return data;
}

function learnClock(response, sentAt) {
  const served = Number(response.headers.get("Alba-Server-Time"));
  if (served) clockOffsetMs = served - (sentAt + Date.now()) / 2;
}
