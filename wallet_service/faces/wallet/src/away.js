/**
 * What happened while this person was not looking: read when they come back, told to the screens, and then said to the
 * service, so that nobody is called for what is in front of them. Shows nothing.
 */
const SEEN_AFTER_MS = 1_000;
const MONEY = new Set(["money", "sale"]);
const INCOMING = new Set(["payment_in", "refund_in", "topup"]);

/** @typedef {{kind: string, count: number}} Told */

/** How many movements of money nobody has looked at. @param {Told[]} told */
export const moneyCount = (told) =>
  told.filter(({ kind }) => MONEY.has(kind)).reduce((sum, { count }) => sum + count, 0);

/**
 * The lines to mark: the newest of those that brought money, as many as were told.
 * @param {Array<{ref: string, kind: string, at_unix_ms: number}>} movements
 * @param {Told[]} told
 * @returns {Set<string>} refs
 */
export function newRefs(movements, told) {
  const incoming = movements.filter(({ kind }) => INCOMING.has(kind));
  incoming.sort((one, other) => other.at_unix_ms - one.at_unix_ms);
  return new Set(incoming.slice(0, moneyCount(told)).map(({ ref }) => ref));
}

export class Away {
  /** @type {Told[]} */
  told = [];
  #ports;
  #timer = 0;

  /**
   * @param {{service: any, nowUnixMs: () => number, notify: () => void, isInFront?: () => boolean, badge?: any}} ports
   */
  constructor({ isInFront = () => document.visibilityState === "visible", badge = navigator, ...ports }) {
    this.#ports = { isInFront, badge, ...ports };
  }

  /** Back in front of somebody, or just signed in. */
  async read() {
    const { service, notify, isInFront } = this.#ports;
    if (!isInFront()) return;
    try {
      const { told } = await service.get("/v1/me/notices");
      if (told.length === 0) return;
      this.told = told;
      notify();
      await this.#seen();
    } catch {
      // Without network: it is read the next time.
    }
  }

  /** Something came while the page was in front of them. */
  seenSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#ports.isInFront()) void this.#seen().catch(() => {});
    }, SEEN_AFTER_MS);
  }

  forget() {
    clearTimeout(this.#timer);
    this.told = [];
  }

  async #seen() {
    const { service, nowUnixMs, badge } = this.#ports;
    void badge.clearAppBadge?.()?.catch?.(() => {});
    await service.post("/v1/me/notices/seen", { until_unix_ms: Math.trunc(nowUnixMs()) });
  }
}
