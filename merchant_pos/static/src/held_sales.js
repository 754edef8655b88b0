// What the tablet holds of its sales: lists, readings and pushes put together. Sale states come from the service alone.
import { OtherSales } from "./other_sales.js";
import { mergePush, mergeReading, needsReading, withRefund } from "./stage_rules.js";

/** @typedef {import("./stage_rules.js").Sale} Sale @typedef {import("./stage_rules.js").Book} Book */

/**
 * @typedef {object} Listener what the till does with what it learns
 * @property {() => number} nowUnixMs the service's time
 * @property {(before: Sale, sale: Sale) => void} changed
 * @property {(saleId: string) => unknown} read asks the service what one sale is
 */

export class HeldSales {
  others = new OtherSales();
  /** When the last push about each sale was heard: a reading asked for before it is older. @type {Map<string, number>} */
  #pushedAtMs = new Map();
  #state;
  #till;

  /** @param {import("./stage_rules.js").TillState} state its `book` is kept here @param {Listener} till */
  constructor(state, till) {
    this.#state = state;
    this.#till = till;
  }

  /** What is held; before it was read, nothing that reaches back. @returns {Book} */
  get book() {
    return this.#state.book ?? { sales: [], refunds: [], complete_since_unix_ms: this.#till.nowUnixMs() };
  }

  /** @param {string | null | undefined} saleId @returns {any} */
  byId(saleId) {
    return this.#state.book?.sales.find((sale) => sale.id === saleId) ?? this.others.byId(saleId ?? "") ?? null;
  }

  /** @param {Book} book as the service lists it @param {number} askedAtMs when it was asked for */
  takeBook(book, askedAtMs) {
    const known = new Map((this.#state.book?.sales ?? []).map((sale) => [sale.id, sale]));
    const listed = new Set(book.sales.map((sale) => sale.id));
    const sales = book.sales.map((sale) => mergeReading(known.get(sale.id), sale, this.#isOlder(sale.id, askedAtMs)));
    // Opened while the list was under way.
    for (const sale of known.values())
      if (!listed.has(sale.id) && this.#isOlder(sale.id, askedAtMs)) sales.unshift(sale);
    const taken = { ...book, sales };
    this.#state.book = taken;
    for (const [saleId, atMs] of this.#pushedAtMs) if (atMs <= askedAtMs) this.#pushedAtMs.delete(saleId);
    // A sale on the stage may be older than the list.
    const shown = known.get(this.#state.current?.saleId ?? "");
    const listedNow = shown && this.byId(shown.id);
    if (listedNow) this.#till.changed(shown, listedNow);
    else if (shown) taken.sales.push(shown);
  }

  /** A whole sale as the service answered. @param {Sale} read @param {number} askedAtMs when it was asked for */
  takeReading(read, askedAtMs) {
    if (this.others.take(read)) return;
    const known = this.byId(read.id);
    this.#keep(known, mergeReading(known, read, this.#isOlder(read.id, askedAtMs)));
  }

  /**
   * A sale as pushed. Only the one on the stage is asked for, and only for what is never pushed.
   * @param {import("./stage_rules.js").PushedSale} pushed
   */
  takePush(pushed) {
    this.#pushedAtMs.set(pushed.id, performance.now());
    const known = this.byId(pushed.id);
    const sale = mergePush(known ?? { refunds: this.#refundsOf(pushed.id) }, pushed);
    this.#keep(known, sale);
    if (sale.id === this.#state.current?.saleId && needsReading(known, sale)) this.#till.read(sale.id);
  }

  /** @param {import("./stage_rules.js").Refund} pushed */
  takeRefund(pushed) {
    const { book } = this.#state;
    if (!book) return;
    this.#pushedAtMs.set(pushed.sale_id, performance.now());
    if (this.others.byId(pushed.sale_id)) this.#till.read(pushed.sale_id);
    const sales = book.sales.map((sale) =>
      sale.id === pushed.sale_id ? { ...sale, refunds: withRefund(sale.refunds, pushed) } : sale,
    );
    this.#state.book = { ...book, sales, refunds: withRefund(book.refunds, pushed) };
  }

  /** @param {string} saleId */
  #refundsOf(saleId) {
    return (this.#state.book?.refunds ?? []).filter((refund) => refund.sale_id === saleId);
  }

  /** @param {string} saleId @param {number} askedAtMs */
  #isOlder(saleId, askedAtMs) {
    return (this.#pushedAtMs.get(saleId) ?? -Infinity) > askedAtMs;
  }

  /** @param {Sale | null} known @param {Sale} sale */
  #keep(known, sale) {
    const { book } = this;
    const others = book.sales.filter((item) => item.id !== sale.id);
    const refunds = book.refunds.filter((refund) => refund.sale_id !== sale.id).concat(sale.refunds);
    const sales = [sale, ...others].sort((a, b) => b.created_at_unix_ms - a.created_at_unix_ms);
    this.#state.book = { ...book, sales, refunds };
    if (known) this.#till.changed(known, sale);
  }
}
