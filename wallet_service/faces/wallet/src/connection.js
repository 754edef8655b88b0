/**
 * Whether the service answers, as far as this phone knows; while it does not, asks again by itself. Knows no address
 * and shows nothing: what is asked is given.
 *
 * Must not: believe an answer that was asked for before the line was last lost. It was under way when the network went,
 * and nothing would come afterwards to say that it has gone.
 */
const RETRY_AFTER_MS = 5_000;

export class Connection {
  isOnline;
  #ports;
  #losses = 0;
  #retryTimer = 0;
  #isAsking = false;

  /**
   * @param {{notify: () => void, ask: () => Promise<unknown>, readAgain: () => Promise<unknown>, hasNetwork?: () => boolean}} ports
   * `notify` hears every change; `ask` and `readAgain` put questions to the service and say here, by `answered` and
   * `lost`, what came of them; neither rejects for lack of an answer
   */
  constructor({ notify, ask, readAgain, hasNetwork = () => navigator.onLine }) {
    this.#ports = { notify, ask, readAgain, hasNetwork };
    this.isOnline = hasNetwork();
  }

  /** To note before a question, for `answered`. */
  moment() {
    return this.#losses;
  }

  /** @param {number} moment when the question was put */
  answered(moment) {
    if (moment === this.#losses) this.#change(true);
  }

  /** Nothing was heard, or the network said that it is gone. */
  lost() {
    this.#losses += 1;
    this.#change(false);
    this.#retryTimer = setTimeout(() => this.#retry(), RETRY_AFTER_MS);
  }

  /** The network said that it is back: believed until a question shows otherwise, and everything is read again. */
  found() {
    this.#change(true);
    void this.#ports.readAgain();
  }

  /** Something heard nothing. Is the service away, or was it that one answer? */
  async doubt() {
    if (!this.isOnline || this.#isAsking) return;
    this.#isAsking = true;
    try {
      await this.#ports.ask();
    } finally {
      this.#isAsking = false;
    }
  }

  #change(isOnline) {
    clearTimeout(this.#retryTimer);
    if (this.isOnline === isOnline) return;
    this.isOnline = isOnline;
    this.#ports.notify();
  }

  async #retry() {
    if (this.#ports.hasNetwork()) await this.#ports.readAgain();
    if (!this.isOnline) this.lost();
  }
}
