/**
 * Exactly once. An order (payment, refund, redemption) is signed, written on this phone, and only then sent; after a
 * reload, a second tap or a lost answer the same bytes are sent again, never others. Its fate is what the service says;
 * while that is unknown the order is neither paid nor refused.
 *
 * Must not: make a second order for a subject that has a live one; call an order dead before its deadline has passed
 * and the service has said that it never received it.
 */
import { isFinalRefusal } from "./service.js";

/** Each state and those that may follow. `unsent` is written here only; `sent` is in the service's hands. */
export const TRANSITIONS = {
  unsent: ["unsent", "sent", "paid", "refused", "lapsed"],
  sent: ["sent", "paid", "refused"],
  paid: [],
  refused: [],
  lapsed: [],
};
const FINAL = new Set(["paid", "refused", "lapsed"]);

const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];
/** How long after its deadline an order may still be found accepted: a request in flight, clocks apart. */
const GRACE_MS = 15_000;
const KEEP_FINAL_MS = 7 * 86_400_000;

export const isLive = (order) => !FINAL.has(order.state);

/** The service's word for a state, in ours. */
function stateFrom(answer) {
  if (answer.state === "paid") return "paid";
  if (["refused", "returned"].includes(answer.state)) return "refused";
  return "sent";
}

/** What the service answers when it has never received an order with that reference; no other 404 says so. */
const NEVER_RECEIVED = new Set(["payment.not_found", "redemption.unknown"]);

/** Where an order was sent is where it is found again: by its reference, never by looking through a list. */
const fatePath = ({ path, ref }) => `${path}/${ref}`;

export class Outbox {
  #store;
  #api;
  #isSignedIn;
  #wait;
  #sending = new Map();
  #listeners = new Set();
  #lastChange = Promise.resolve();

  /**
   * @param {{store: object, api: import("./service.js").Service, isSignedIn: () => boolean,
   *   wait?: (ms: number) => Promise<void>}} ports
   * `store` answers get, all, addOnce, update, remove as storage.js does; `isSignedIn`: this page has read its session.
   * Before that nothing is sent, since the session's token would lack: who signs in calls resume()
   */
  constructor({ store, api, isSignedIn, wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }) {
    this.#store = store;
    this.#api = api;
    this.#isSignedIn = isSignedIn;
    this.#wait = wait;
  }

  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get(ref) {
    return this.#store.get(ref);
  }

  /** Every order whose fate is not settled. */
  async live() {
    return (await this.#store.all()).filter(isLive);
  }

  /** The live order of a subject, if any: what a reloaded page must show instead of asking again. */
  async liveFor(subject) {
    return (await this.live()).find((order) => order.subject === subject);
  }

  /**
   * Write a signed order and start sending it.
   * @param {{ref: string, kind: string, subject: string, path: string, body: object, validBeforeUnixS: number, shown: object}} order
   * @returns {Promise<object>} the order that stands for the subject: this one, or the earlier live one
   */
  async enqueue(order) {
    const written = { ...order, state: "unsent", createdAtUnixMs: this.#api.nowUnixMs(), answer: null, problem: null };
    const standing = await this.#store.addOnce(written, isLive);
    void this.deliver(standing.ref);
    return standing;
  }

  /** At start: send again what is not settled, drop what has long been. */
  async resume() {
    for (const order of await this.#store.all()) {
      if (isLive(order)) void this.deliver(order.ref);
      else if (this.#api.nowUnixMs() - order.createdAtUnixMs > KEEP_FINAL_MS) await this.#store.remove(order.ref);
    }
  }

  /** Send until the service has answered, or read the fate again. One delivery at a time for each order. */
  deliver(ref) {
    if (!this.#sending.has(ref)) {
      this.#sending.set(
        ref,
        this.#deliver(ref).finally(() => this.#sending.delete(ref)),
      );
    }
    return this.#sending.get(ref);
  }

  async #deliver(ref) {
    for (let attempt = 0; ; attempt += 1) {
      const order = await this.#store.get(ref);
      if (!order || !isLive(order) || !this.#isSignedIn()) return order;
      const settled = order.state === "sent" ? await this.#readFate(order) : await this.#send(order);
      if (settled) return settled;
      await this.#wait(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
    }
  }

  /** One attempt. @returns the changed order, or null when nothing is known yet */
  async #send(order) {
    const deadlineMs = order.validBeforeUnixS * 1000;
    if (this.#api.nowUnixMs() > deadlineMs + GRACE_MS) return this.#close(order);
    try {
      return await this.learn(order.ref, await this.#api.post(order.path, order.body));
    } catch (error) {
      if (!isFinalRefusal(error)) return null;
      return this.#change(order.ref, "refused", { problem: { code: error.code, detail: error.message } });
    }
  }

  /** The deadline has passed without an answer: was it received? Only the service's "unknown" makes it dead. */
  async #close(order) {
    const fate = await this.#askFate(order);
    if (fate === undefined) return null;
    return fate === null ? this.#change(order.ref, "lapsed", {}) : this.learn(order.ref, fate);
  }

  async #readFate(order) {
    const fate = await this.#askFate(order);
    if (fate === undefined) return null;
    return fate === null ? this.#sendAgain(order) : this.learn(order.ref, fate);
  }

  /**
   * The service had this order and no longer knows it: it was restored from a backup. The same bytes again; only its
   * acceptance changes anything, since a refusal says nothing of what became of the order before.
   */
  async #sendAgain(order) {
    try {
      return await this.learn(order.ref, await this.#api.post(order.path, order.body));
    } catch {
      return order;
    }
  }

  /** @returns {Promise<object|null|undefined>} what became of it; null: never received; undefined: no answer */
  async #askFate(order) {
    try {
      return await this.#api.get(fatePath(order));
    } catch (error) {
      return NEVER_RECEIVED.has(error.code) ? null : undefined;
    }
  }

  /** Take in what the service said about an order (an answer or a push). @returns the order as it stands */
  learn(ref, answer) {
    const isRefused = stateFrom(answer) === "refused";
    const problem = isRefused ? { code: answer.refusal_code ?? "", detail: answer.refusal_detail ?? "" } : null;
    return this.#change(ref, stateFrom(answer), { answer, problem });
  }

  /** One change at a time: a push may come in before the answer to the sending, and "paid" must stand. */
  #change(ref, state, changes) {
    const changed = this.#lastChange.then(() => this.#write(ref, state, changes));
    this.#lastChange = changed.catch(() => {});
    return changed;
  }

  async #write(ref, state, changes) {
    const order = await this.#store.get(ref);
    if (!order || !isLive(order)) return order;
    if (!TRANSITIONS[order.state].includes(state))
      throw new Error(`an order cannot go from ${order.state} to ${state}`);
    const answer = changes.answer ? { ...order.answer, ...changes.answer } : order.answer;
    const changed = { ...order, ...changes, answer, state };
    await this.#store.update(changed);
    for (const listener of [...this.#listeners]) listener(changed);
    return changed;
  }
}
