// What the tablet knows and does. Sale states come from the service alone; memory keeps only which sale is on the stage.
import { announce } from "#ui/dom.js";
import { formatAmount, t, unitName } from "#ui/i18n.js";
import { newReference } from "#ui/references.js";
import { setTimeZone } from "#ui/times.js";

import { amountCents, EMPTY_ENTRY, isDropped, typed } from "./amount_entry.js";
import * as api from "./api.js";
import { todayOf } from "./figures.js";
import { keepCurrent, keptCurrent } from "./kept_sale.js";
import { OtherSales } from "./other_sales.js";
import { listen } from "./push.js";
import { makeServerClock } from "./server_clock.js";
import { sayChange, sayStops, sayTooLarge } from "./changes_said.js";
import { signalRefused, wakeSound } from "./signals.js";
import { mergePush, mergeReading, needsReading, resumedSale, stageOf, withRefund } from "./stage_rules.js";

const REOPEN_PAUSE_MS = 2_500;
const AFTER_EXPIRY_POLL_MS = 1_500;
const NOTICE_MS = 6_000;

/** @typedef {import("./stage_rules.js").Sale} Sale @typedef {import("./stage_rules.js").Current} Current */

export class Till {
  others = new OtherSales();
  /** When the last push about each sale was heard: a reading asked for before it is older. @type {Map<string, number>} */
  #pushedAtMs = new Map();

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.clock = makeServerClock();
    /** Closes the line to the point of sale. @type {(() => void) | null} */
    this.push = null;
    /** @type {import("./stage_rules.js").TillState} */
    this.state = {
      loaded: false,
      paired: false,
      revoked: null,
      till: null,
      currency: null,
      environment: null,
      largestSaleCents: 0,
      book: null,
      online: true,
      paymentsStopped: false,
      offlineSinceMs: null,
      entry: EMPTY_ENTRY,
      current: null,
      waiting: false,
      notice: null,
      busy: false,
    };
    setInterval(() => this.#tick(), 250);
    addEventListener("online", () => this.load());
    addEventListener("offline", () => this.#setOnline(false));
  }

  get stage() {
    return stageOf(this.state);
  }

  /** Today's figures, counted from what the tablet holds. */
  get today() {
    return todayOf(this.#book(), this.clock.nowUnixMs());
  }

  get sale() {
    return this.saleById(this.state.current?.saleId);
  }

  /** @returns {any} */
  saleById(saleId) {
    return this.state.book?.sales.find((sale) => sale.id === saleId) ?? this.others.byId(saleId) ?? null;
  }

  /** Reads everything again: at the start, after a cut, when the person asks. */
  async load() {
    const askedAtMs = performance.now();
    try {
      const answer = await api.readState();
      setTimeZone(answer.time_zone);
      this.#hearConnection(answer.connection);
      const first = !this.state.loaded;
      Object.assign(this.state, {
        loaded: true,
        paired: answer.paired,
        till: answer.till ?? null,
        largestSaleCents: answer.largest_sale_cents,
        currency: answer.currency ?? this.state.currency,
        environment: answer.environment ?? this.state.environment,
        revoked: answer.problem?.status === 401 ? answer.problem : null,
      });
      if (answer.book) this.#takeBook(answer.book, askedAtMs);
      if (answer.problem && answer.problem.status !== 401) this.#setOnline(false);
      if (first && answer.paired) this.#resume();
      if (answer.paired && !this.push) this.#listen();
    } catch {
      this.#setOnline(false);
      if (!this.state.loaded) setTimeout(() => this.load(), REOPEN_PAUSE_MS);
    }
    this.onChange();
  }

  async pair(code, label) {
    await api.pair(code, label);
    await this.#beginAgain({ loaded: false });
  }

  async unpair() {
    await api.unpair();
    await this.#beginAgain({});
  }

  #beginAgain(changes) {
    this.push?.();
    this.push = null;
    keepCurrent(null);
    Object.assign(this.state, { current: null, book: null, ...changes });
    return this.load();
  }

  type(key) {
    const { entry: before, largestSaleCents } = this.state;
    const entry = typed(before, key);
    Object.assign(this.state, { entry, notice: null });
    if (this.isTooLarge) this.state.notice = sayTooLarge(this.amountWithUnit(largestSaleCents));
    if (isDropped(before, key, entry) || (this.isTooLarge && amountCents(entry) > amountCents(before))) signalRefused();
    this.onChange();
  }

  /** More than one sale may be: shown as typed, and not charged. */
  get isTooLarge() {
    return amountCents(this.state.entry) > this.state.largestSaleCents;
  }

  async charge() {
    const cents = amountCents(this.state.entry);
    if (cents < 1 || this.isTooLarge || this.stage !== "keypad") return;
    wakeSound();
    this.state.notice = null; // what was said of the last try is not of this one
    const reference = newReference();
    this.#setCurrent({ reference, amountCents: cents, saleId: null });
    await this.#open(reference, cents);
  }

  /** Repeats one reference until it is answered or given up: one sale. @param {string} reference @param {number} cents */
  async #open(reference, cents) {
    const still = () => this.state.current?.reference === reference && !this.state.current.saleId;
    while (still()) {
      const askedAtMs = performance.now();
      try {
        const sale = await api.openSale(reference, cents);
        if (!still()) return;
        this.#setCurrent({ reference, amountCents: cents, saleId: sale.id });
        this.#takeReading(sale, askedAtMs);
        Object.assign(this.state, { waiting: false, paymentsStopped: false }); // none is opened in a stop
        announce(t("Montrez le QR au client : {amount}.", { amount: this.amountWithUnit(cents) }));
      } catch (problem) {
        if (!still()) return;
        if (api.isUnanswered(problem)) {
          this.state.waiting = true;
          this.onChange();
          await new Promise((resolve) => setTimeout(resolve, REOPEN_PAUSE_MS));
          continue;
        }
        this.#setCurrent(null);
        this.#refuse(problem);
      }
      this.onChange();
    }
  }

  async cancel() {
    const sale = this.sale;
    if (!sale || this.state.busy) return;
    this.state.busy = true;
    this.onChange();
    const askedAtMs = performance.now();
    try {
      this.#takeReading(await api.cancelSale(sale.id), askedAtMs);
      this.state.busy = false;
      this.newSale({ tone: "calm", text: t("Vente annulée. Rien n’a été débité.") });
    } catch (problem) {
      this.state.busy = false;
      this.#refuse(problem);
      this.onChange();
      if (!api.isUnanswered(problem)) this.readSale(sale.id);
    }
  }

  /** Back to the keypad. The sale left behind keeps its true state in the list. @param {import("./stage_rules.js").Notice | null} notice */
  newSale(notice = null) {
    wakeSound();
    this.#setCurrent(null);
    Object.assign(this.state, { entry: EMPTY_ENTRY, notice, waiting: false });
    if (notice) {
      announce(notice.text);
      setTimeout(() => this.#dropNotice(notice), NOTICE_MS);
    }
    this.onChange();
  }

  /** What was said long enough makes room again. */
  #dropNotice(notice) {
    if (this.state.notice !== notice) return;
    this.state.notice = null;
    this.onChange();
  }

  retry() {
    if (this.sale) this.state.entry = { digits: String(this.sale.amount_cents), decimals: null };
    this.#setCurrent(null);
    this.charge();
  }

  show(saleId) {
    const sale = this.saleById(saleId);
    if (!sale) return;
    this.#setCurrent({ reference: null, amountCents: sale.amount_cents, saleId });
    this.readSale(saleId); // opened on another tablet, it has come without its QR
    this.onChange();
  }

  async askRefund(saleId, reference, cents) {
    const askedAtMs = performance.now();
    this.#takeReading(await api.askRefund(saleId, reference, cents), askedAtMs);
    announce(
      t("Remboursement de {amount} demandé : il reste à le signer sur le téléphone du commerçant.", {
        amount: this.amountWithUnit(cents),
      }),
    );
    this.onChange();
  }

  amountWithUnit(cents) {
    const unit = this.unit(cents);
    return unit ? `${formatAmount(cents)} ${unit}` : formatAmount(cents);
  }

  unit(cents) {
    return unitName(this.state.currency, cents);
  }

  #listen() {
    this.push = listen(this.pushedHandlers(), () => this.#setOnline(false));
  }

  /** What this page does with each kind its point of sale pushes. */
  pushedHandlers() {
    return {
      sale: (sale) => this.#takePush(sale),
      refund: (refund) => this.#takeRefund(refund),
      stream: ({ connected }) => (connected ? this.load() : this.#setOnline(false)),
      connection: (shown) => {
        const isBack = shown.online && !this.state.online;
        this.#hearConnection(shown);
        if (isBack) return this.load(); // what changed while nobody answered
        return this.onChange();
      },
      refused: (problem) => {
        if (problem.status !== 401) return;
        this.state.revoked = problem;
        this.onChange();
      },
    };
  }

  /** After a reload: the sale that was on the stage, or the one still waiting for its customer. */
  #resume() {
    const current = resumedSale(keptCurrent(), this.state.book, this.clock.nowUnixMs());
    this.#setCurrent(current);
    if (current?.saleId && !this.sale) this.readSale(current.saleId);
    else if (current?.reference && !current.saleId) this.#open(current.reference, current.amountCents);
  }

  /** Asks the service what one sale is, all of it. */
  async readSale(saleId) {
    const askedAtMs = performance.now();
    try {
      this.#takeReading(await api.readSale(saleId), askedAtMs);
    } catch (problem) {
      if (api.isUnanswered(problem)) this.#setOnline(false);
      else if (problem.status === 404 && saleId === this.state.current?.saleId) this.#setCurrent(null);
    }
    this.onChange();
  }

  #refundsOf(saleId) {
    return (this.state.book?.refunds ?? []).filter((refund) => refund.sale_id === saleId);
  }

  /** What is held; before it was read, nothing that reaches back. @returns {import("./stage_rules.js").Book} */
  #book() {
    return this.state.book ?? { sales: [], refunds: [], complete_since_unix_ms: this.clock.nowUnixMs() };
  }

  #isOlder(saleId, askedAtMs) {
    return (this.#pushedAtMs.get(saleId) ?? -Infinity) > askedAtMs;
  }

  #takeBook(book, askedAtMs) {
    const known = new Map((this.state.book?.sales ?? []).map((sale) => [sale.id, sale]));
    const listed = new Set(book.sales.map((sale) => sale.id));
    const sales = book.sales.map((sale) => mergeReading(known.get(sale.id), sale, this.#isOlder(sale.id, askedAtMs)));
    // Opened while the list was under way.
    for (const sale of known.values())
      if (!listed.has(sale.id) && this.#isOlder(sale.id, askedAtMs)) sales.unshift(sale);
    const taken = { ...book, sales };
    this.state.book = taken;
    for (const [saleId, atMs] of this.#pushedAtMs) if (atMs <= askedAtMs) this.#pushedAtMs.delete(saleId);
    // A sale on the stage may be older than the list.
    const shown = known.get(this.state.current?.saleId ?? "");
    const listedNow = shown && this.saleById(shown.id);
    if (listedNow) this.#noticeChange(shown, listedNow);
    else if (shown) taken.sales.push(shown);
  }

  /** A whole sale as the service answered; `askedAtMs`: when it was asked. */
  #takeReading(read, askedAtMs) {
    if (this.others.take(read)) return;
    const known = this.saleById(read.id);
    this.#keepSale(known, mergeReading(known, read, this.#isOlder(read.id, askedAtMs)));
  }

  /** A sale as pushed. Only the one on the stage is asked for, and only for what is never pushed. */
  #takePush(pushed) {
    this.#pushedAtMs.set(pushed.id, performance.now());
    const known = this.saleById(pushed.id);
    const sale = mergePush(known ?? { refunds: this.#refundsOf(pushed.id) }, pushed);
    this.#keepSale(known, sale);
    if (sale.id === this.state.current?.saleId && needsReading(known, sale)) this.readSale(sale.id);
    this.onChange();
  }

  #takeRefund(pushed) {
    const { book } = this.state;
    if (!book) return;
    this.#pushedAtMs.set(pushed.sale_id, performance.now());
    if (this.others.byId(pushed.sale_id)) void this.readSale(pushed.sale_id);
    const sales = book.sales.map((sale) =>
      sale.id === pushed.sale_id ? { ...sale, refunds: withRefund(sale.refunds, pushed) } : sale,
    );
    this.state.book = { ...book, sales, refunds: withRefund(book.refunds, pushed) };
    this.onChange();
  }

  #keepSale(known, sale) {
    const book = this.#book();
    const others = book.sales.filter((item) => item.id !== sale.id);
    const refunds = book.refunds.filter((refund) => refund.sale_id !== sale.id).concat(sale.refunds);
    const sales = [sale, ...others].sort((a, b) => b.created_at_unix_ms - a.created_at_unix_ms);
    this.state.book = { ...book, sales, refunds };
    if (known) this.#noticeChange(known, sale);
  }

  /** The sale on the stage changed under the cashier's eyes: say it, sound it. */
  #noticeChange(before, sale) {
    if (sale.id !== this.state.current?.saleId || before.state === sale.state) return;
    if (["paid", "accepted"].includes(sale.state)) this.state.notice = null;
    sayChange(before, sale, this.amountWithUnit(sale.amount_cents));
  }

  #refuse(problem) {
    if (problem.status === 401) this.state.revoked = { status: problem.status, detail: problem.message };
    this.state.notice = { tone: "bad", text: problem.message };
    signalRefused();
    announce(problem.message);
  }

  #setCurrent(current) {
    keepCurrent((this.state.current = current));
  }

  #hearConnection(shown) {
    this.clock.hear(shown.server_time_unix_ms);
    this.#setOnline(shown.online);
    if (shown.payments_stopped === this.state.paymentsStopped) return;
    this.state.paymentsStopped = sayStops(shown.payments_stopped);
    if (!this.isTooLarge) this.state.notice = null; // the last try was refused for a stop that is over
    this.onChange();
  }

  #setOnline(online) {
    if (online === this.state.online) return;
    this.state.online = online;
    this.state.offlineSinceMs = online ? null : performance.now();
    if (!online && !this.state.revoked) announce(t("Hors ligne : le service ne répond plus."));
    this.onChange();
  }

  /** The countdown is only a picture: when it ends, the service is asked what the sale became. */
  #tick() {
    const sale = this.sale;
    if (sale?.state !== "open" || sale.expires_at_unix_ms > this.clock.nowUnixMs()) return;
    if (performance.now() - (this.polledAtMs ?? -Infinity) < AFTER_EXPIRY_POLL_MS) return;
    this.polledAtMs = performance.now();
    this.readSale(sale.id);
  }
}
