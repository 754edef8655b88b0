/**
 * Exactly once. An order (payment, refund, redemption) is signed, written on this phone, and only then sent; after a
 * reload, a second tap or a lost answer the same bytes are sent again, never others. Its fate is what the service says;
 * while that is unknown the order is neither paid nor refused.
 *
 * The same orders are shown by every tab of this phone: each hears of the others' changes by `channel`.
 *
 * Must not: make a second order for a subject that has a live one; call an order dead before its deadline has passed
 * and the service has said that it never received it, unless it was never sent.
 */
import { isFinalRefusal } from "./service.js";

/** Each state and those that may follow. `unsent` is written here only; `sent` is in the service's hands. */
export const TRANSITIONS = {
  unsent: ["unsent", "sent", "paid", "refused", "lapsed", "cancelled"],
  sent: ["sent", "paid", "refused"],
  paid: [],
  refused: [],
  lapsed: [],
  cancelled: [],
};
const FINAL = new Set(["paid", "refused", "lapsed", "cancelled"]);

const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];
/** How long after its deadline an order may still be found accepted: a request in flight, clocks apart. */
const GRACE_MS = 15_000;
const KEEP_FINAL_MS = 7 * 86_400_000;

export const isLive = (order) => !FINAL.has(order.state);

/** No attempt of it has begun. An order of an earlier release does not say, and may have left. */
export const neverSent = (order) => order.state === "unsent" && order.isTried === false;

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

/** @type {(ms: number) => Promise<void>} */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Outbox {
  #store;
  #api;
  #isSignedIn;
  #wait;
  #hasNetwork;
  #channel;
  #sending = new Map();
  /** Those that wait before their next try, to be woken. @type {Set<() => void>} */
  #waiting = new Set();
  #listeners = new Set();
  #lastChange = Promise.resolve();

  /**
   * @param {{store: object, api: import("./service.js").Service, isSignedIn: () => boolean,
   *   wait?: (ms: number) => Promise<void>, hasNetwork?: () => boolean,
   *   channel?: {postMessage: (ref: string) => void, onmessage: any} | null}} ports
   * `store` answers get, all, addOnce, change, remove as storage.js does; `isSignedIn`: this page has read its session.
   * Before that nothing is sent, since the session's token would lack: who signs in calls resume(). Nor is anything
   * without network: what was never sent can be taken back. `channel` reaches the other tabs
   */
  constructor({ store, api, isSignedIn, wait = pause, hasNetwork = () => true, channel = null }) {
    this.#store = store;
    this.#api = api;
    this.#isSignedIn = isSignedIn;
    this.#wait = wait;
    this.#hasNetwork = hasNetwork;
    this.#channel = channel;
    if (channel) channel.onmessage = (/** @type {{data: string}} */ { data: ref }) => void this.#hearOtherTab(ref);
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
    const written = {
      ...order,
      state: "unsent",
      isTried: false,
      createdAtUnixMs: this.#api.nowUnixMs(),
      answer: null,
      problem: null,
    };
    const standing = await this.#store.addOnce(written, isLive);
    this.#tell(standing);
    this.#channel?.postMessage(standing.ref);
    void this.deliver(standing.ref);
    return standing;
  }

  /**
   * The person has thought better of it. What was never sent is cancelled at once; of what may have left, nothing is sent
   * any more, and its deadline ends it unless the service has it.
   */
  async giveUp(ref) {
    const order = await this.#change(ref, (known) => {
      if (known.state !== "unsent") return null;
      return neverSent(known) ? { state: "cancelled" } : { isWithdrawn: true };
    });
    this.#wake();
    return order;
  }

  /** At start, and when the network or the page is back: send what is not settled now, drop what has long been. */
  async resume() {
    this.#wake();
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
      await this.#untilNextTry(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
    }
  }

  /** @param {number} ms at most */
  async #untilNextTry(ms) {
    /** @type {() => void} */
    let wake = () => {};
    const woken = new Promise((resolve) => this.#waiting.add((wake = () => resolve(undefined))));
    await Promise.race([this.#wait(ms), woken]);
    this.#waiting.delete(wake);
  }

  #wake() {
    for (const wake of [...this.#waiting]) wake();
  }

  /** One attempt. @returns the changed order, or null when nothing is known yet */
  async #send(order) {
    const deadlineMs = order.validBeforeUnixS * 1000;
    if (this.#api.nowUnixMs() > deadlineMs + GRACE_MS) return this.#close(order);
    if (!this.#hasNetwork()) return null;
    if (order.isWithdrawn) return this.#findWithdrawn(order);
    const leaving = await this.#change(order.ref, (known) => (known.state === "unsent" ? { isTried: true } : null));
    if (leaving?.state !== "unsent" || leaving.isWithdrawn) return null; // changed under us: look again
    try {
      return await this.learn(order.ref, await this.#api.post(order.path, order.body));
    } catch (error) {
      if (!isFinalRefusal(error)) return null;
      const problem = { code: error.code, detail: error.message };
      return this.#change(order.ref, () => ({ state: "refused", problem }));
    }
  }

  /** Nobody wants it any more, but it may have left: it is looked for, and only its deadline says that it is not there. */
  async #findWithdrawn(order) {
    const fate = await this.#askFate(order);
    return fate ? this.learn(order.ref, fate) : null;
  }

  /** The deadline has passed without an answer: was it received? Only the service's "unknown" makes it dead. */
  async #close(order) {
    if (neverSent(order)) return this.#change(order.ref, () => ({ state: "lapsed" }));
    const fate = await this.#askFate(order);
    if (fate === undefined) return null;
    return fate === null ? this.#change(order.ref, () => ({ state: "lapsed" })) : this.learn(order.ref, fate);
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
    return this.#change(ref, () => ({ state: stateFrom(answer), answer, problem }));
  }

  /**
   * One change at a time: a push may come in before the answer to the sending, and "paid" must stand.
   * @param {string} ref
   * @param {(order: any) => any} changesOf what changes of the order as it stands; null: nothing
   */
  #change(ref, changesOf) {
    const changed = this.#lastChange.then(() => this.#write(ref, changesOf));
    this.#lastChange = changed.catch(() => {});
    return changed;
  }

  async #write(ref, changesOf) {
    const { order, isChanged } = await this.#store.change(ref, (known) => {
      const changes = isLive(known) ? changesOf(known) : null;
      return changes && changedOrder(known, changes);
    });
    if (isChanged) {
      this.#tell(order);
      this.#channel?.postMessage(ref);
    }
    return order;
  }

  #tell(order) {
    for (const listener of [...this.#listeners]) listener(order);
  }

  /** Another tab has changed an order. */
  async #hearOtherTab(ref) {
    const order = await this.#store.get(ref);
    if (!order) return;
    this.#wake();
    this.#tell(order);
  }
}

function changedOrder(order, changes) {
  const { state = order.state, answer = null } = changes;
  if (!TRANSITIONS[order.state].includes(state)) throw new Error(`an order cannot go from ${order.state} to ${state}`);
  return { ...order, ...changes, answer: answer ? { ...order.answer, ...answer } : order.answer, state };
}
