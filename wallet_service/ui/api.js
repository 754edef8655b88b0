// Talks to the origin the page came from: JSON, CSRF token, time-out, RFC 9457 problems. Owns no business rule.
import { t, unbroken } from "./i18n.js";

const TIMEOUT_MS = 15_000;
/** @type {string | null} */
let csrfToken = null;
let clockOffsetMs = 0;

/** @param {string | null} token */
export const setCsrfToken = (token) => {
  csrfToken = token;
};
/** Server time, as last heard: countdowns must not trust the device's clock. */
export const serverNow = () => Date.now() + clockOffsetMs;

/** A refusal from the service. `code` is stable; `message` is a sentence for people; `status` 0 means nothing was heard. */
export class Problem extends Error {
  name = "Problem";

  /** @param {{code: string, status: number, detail: string, values?: object, correlationId?: string}} body */
  constructor({ code, status, detail, values = {}, correlationId }) {
    super(detail);
    this.code = code;
    this.status = status;
    this.values = values;
    this.correlationId = correlationId;
  }

  /** Nothing was heard: the request may or may not have been carried out. Ask again with the same reference. */
  get unknownOutcome() {
    return this.status === 0 || this.status >= 500;
  }
}

/**
 * request("POST", "/v1/payments", {body}) -> parsed JSON (null when empty). Throws Problem.
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, form?: FormData, timeoutMs?: number, more?: Record<string, string>, isFile?: boolean}} [options]
 * `more` headers; `isFile`: the answer is a Blob
 * @returns {Promise<any>}
 */
export async function request(method, path, { body, form, timeoutMs = TIMEOUT_MS, more = {}, isFile = false } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", ...more };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  const sentAt = Date.now();
  const { response, file, text } = await answerTo(path, isFile, {
    method,
    headers,
    body: body === undefined ? form : JSON.stringify(body),
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(timeoutMs),
  });
  learnClock(response, sentAt);
  if (file) return file;
  const data = parsed(text);
  if (response.ok && data !== undefined) return rememberCsrf(data);
  throw new Problem({
    code: data?.code ?? "network.unexpected",
    // An answer nobody can read says as little as none.
    status: response.ok ? 0 : response.status,
    detail: data?.detail
      ? unbroken(data.detail)
      : t("Le service a répondu de façon inattendue. Réessayez dans un instant."),
    values: data?.values,
    correlationId: data?.correlation_id,
  });
}

/** @param {string} path @param {boolean} isFile @param {RequestInit} options */
async function answerTo(path, isFile, options) {
  try {
    const response = await fetch(path, options);
    if (isFile && response.ok) return { response, file: await response.blob(), text: "" };
    return { response, file: null, text: await response.text() };
  } catch (cause) {
    const detail = t("Pas de réponse du service. Vérifiez la connexion et réessayez.");
    throw Object.assign(new Problem({ code: "network.unreachable", status: 0, detail }), { cause });
  }
}

/** @param {string} path @param {{timeoutMs?: number}} [options] */
export const get = (path, options = {}) => request("GET", path, options);
/** @param {string} path @param {unknown} [body] @param {{timeoutMs?: number, more?: Record<string, string>}} [options] */
export const post = (path, body = {}, options = {}) => request("POST", path, { body, ...options });

/** @param {string} text @returns {any} null for nothing, undefined for what is not JSON */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return undefined;
  }
}

/** @param {any} data */
function rememberCsrf(data) {
  if (data?.csrf_token) csrfToken = data.csrf_token;
  return data;
}

/** @param {Response} response @param {number} sentAt unix ms of the device */
function learnClock(response, sentAt) {
  const served = Number(response.headers.get("Alba-Server-Time"));
  if (served) clockOffsetMs = served - (sentAt + Date.now()) / 2;
}
