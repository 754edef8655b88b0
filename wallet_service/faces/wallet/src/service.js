/**
 * The wallet service as the app sees it: #ui/api.js, plus one new sign-in by the device key when the session is
 * gone. Repeats nothing else: who may send a request twice is the caller's knowledge (see outbox.js).
 */
import { Problem, request, serverNow } from "#ui/api.js";

const isSessionLost = (error) => error instanceof Problem && (error.status === 401 || /csrf/.test(error.code));
const MAY_PASS = new Set([401, 408, 425, 429]);
/** Nothing was taken and the person must know now, not when the deadline has passed. */
const SAID_BY_503 = new Set(["payment.stopped", "redemption.stopped"]);

/** A refusal that will stay one if the same bytes are sent again. */
export const isFinalRefusal = (error) =>
  error instanceof Problem &&
  (SAID_BY_503.has(error.code) ||
    (error.status >= 400 && error.status < 500 && !MAY_PASS.has(error.status) && !isSessionLost(error)));

export class Service {
  /** Opens a new session; resolves false when this device cannot. */
  renewSession = async () => false;
  /** Hears of every request, whoever made it, to which nothing was heard. */
  onSilence = () => {};
  /** @type {Promise<boolean> | null} */
  #renewing = null;

  nowUnixMs() {
    return serverNow();
  }

  /**
   * @template {string} Path
   * @param {Path} path
   * @returns {Promise<import("#ui/api_types.js").Answer<"GET", Path>>}
   */
  get(path) {
    return this.#ask("GET", path, {});
  }

  /**
   * @template {string} Path
   * @param {Path} path
   * @param {import("#ui/api_types.js").Sent<"POST", Path>} [body]
   * @returns {Promise<import("#ui/api_types.js").Answer<"POST", Path>>}
   */
  post(path, body) {
    return this.#ask("POST", path, { body: body ?? {} });
  }

  upload(path, form) {
    return this.#ask("POST", path, { form, timeoutMs: 60_000 });
  }

  /** @param {string} path @returns {Promise<Blob>} */
  getFile(path) {
    return this.#ask("GET", path, { isFile: true, timeoutMs: 60_000 });
  }

  remove(path) {
    return this.#ask("DELETE", path, {});
  }

  async #ask(method, path, options) {
    try {
      return await this.#send(method, path, options);
    } catch (error) {
      if (!isSessionLost(error) || /^\/v1\/(held\/)?session/.test(path)) throw error;
      this.#renewing ??= this.renewSession().finally(() => (this.#renewing = null));
      if (!(await this.#renewing)) throw error;
      return this.#send(method, path, options);
    }
  }

  async #send(method, path, options) {
    try {
      return await request(method, path, options);
    } catch (error) {
      if (error.status === 0) this.onSilence();
      throw error;
    }
  }
}
