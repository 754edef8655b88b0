// What the tablet knows and does. Sale states come from the service alone; memory keeps only which sale is on the stage.
import { announce } from "#ui/dom.js";
import { formatAmount, t, unitName } from "#ui/i18n.js";
import { newReference } from "#ui/references.js";
import { setTimeZone } from "#ui/times.js";

import { amountCents, EMPTY_ENTRY, isDropped, typed } from "./amount_entry.js";
import * as api from "./api.js";
import { Cashiers } from "./cashiers.js";
import { todayOf } from "./figures.js";
import { HeldSales } from "./held_sales.js";
import { keepCurrent, keptCurrent, tipsOffered } from "./kept_sale.js";
import { listen } from "./push.js";
import { makeServerClock } from "./server_clock.js";
import { sayChange, sayStops, sayTooLarge } from "./changes_said.js";
import { signalRefused, wakeSound } from "./signals.js";
import { resumedSale, stageOf } from "./stage_rules.js";

const REOPEN_PAUSE_MS = 2_500;
const AFTER_EXPIRY_POLL_MS = 1_500;
const NOTICE_MS = 6_000;

/** @typedef {import("./stage_rules.js").Sale} Sale @typedef {import("./stage_rules.js").Current} Current */

export class Till {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.clock = makeServerClock();
    this.cashiers = new Cashiers(onChange);
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
      label: "",
      tipFor: null,
      current: null,
      waiting: false,
      notice: null,
      busy: false,
    };
    this.held = new HeldSales(this.state, {
      nowUnixMs: () => this.clock.nowUnixMs(),
      changed: (before, sale) => this.#noticeChange(before, sale),
      read: (saleId) => this.readSale(saleId),
    });
    this.others = this.held.others;
    setInterval(() => this.#tick(), 250);
    addEventListener("online", () => this.load());
    addEventListener("offline", () => this.#setOnline(false));
  }

  get stage() {
    return stageOf(this.state);
  }

  /** Today's figures, counted from what the tablet holds. */
  get today() {
    return todayOf(this.held.book, this.clock.nowUnixMs());
  }

  get sale() {
    return this.saleById(this.state.current?.saleId);
  }

  /** @returns {any} */
  saleById(saleId) {
    return this.held.byId(saleId);
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
      this.cashiers.take(answer.cashiers);
      if (answer.book) this.held.takeBook(answer.book, askedAtMs);
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

  /** @param {string} label a line, checked; empty: none */
  setLabel(label) {
    this.state.label = label;
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
    if (tipsOffered()) this.#askTip(cents);
    else await this.#sell(cents, 0);
  }

  /** The customer chooses before the QR opens: what is signed is one sum. @param {number} cents */
  #askTip(cents) {
    this.state.tipFor = cents;
    announce(t("Un pourboire ? Au client de choisir."));
    this.onChange();
  }

  /** @param {number} tipCents 0 for none */
  async chooseTip(tipCents) {
    if (this.stage === "tip") await this.#sell(Number(this.state.tipFor), tipCents);
  }

  leaveTip() {
    this.state.tipFor = null;
    this.onChange();
  }

  /** @param {number} saleCents @param {number} tipCents */
  async #sell(saleCents, tipCents) {
    const { label } = this.state;
    const wanted = { reference: newReference(), amountCents: saleCents + tipCents, saleId: null, label, tipCents };
    this.state.tipFor = null;
    this.#setCurrent(wanted);
    await this.#open(wanted);
  }

  /** Repeats one reference, with the same words, until it is answered or given up: one sale. @param {Current} wanted */
  async #open(wanted) {
    const { reference, amountCents: cents } = wanted;
    const still = () => this.state.current?.reference === reference && !this.state.current.saleId;
    while (still()) {
      const askedAtMs = performance.now();
      try {
        const sale = await api.openSale(wanted);
        if (!still()) return;
        this.#setCurrent({ ...wanted, saleId: sale.id });
        this.held.takeReading(sale, askedAtMs);
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
      this.held.takeReading(await api.cancelSale(sale.id), askedAtMs);
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
    Object.assign(this.state, { entry: EMPTY_ENTRY, label: "", tipFor: null, notice, waiting: false });
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

  async retry() {
    const { sale } = this;
    if (!sale) return;
    const saleCents = sale.amount_cents - sale.tip_cents;
    Object.assign(this.state, {
      entry: { digits: String(saleCents), decimals: null },
      label: sale.label ?? "",
      notice: null,
    });
    wakeSound();
    await this.#sell(saleCents, sale.tip_cents);
  }

  show(saleId) {
    const sale = this.saleById(saleId);
    if (!sale) return;
    this.#setCurrent({ reference: null, amountCents: sale.amount_cents, saleId, label: sale.label ?? "" });
    this.readSale(saleId); // opened on another tablet, it has come without its QR
    this.onChange();
  }

  async askRefund(saleId, reference, cents) {
    const askedAtMs = performance.now();
    this.held.takeReading(await api.askRefund(saleId, reference, cents), askedAtMs);
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
      sale: (sale) => {
        this.held.takePush(sale);
        this.onChange();
      },
      refund: (refund) => {
        this.held.takeRefund(refund);
        this.onChange();
      },
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
    else if (current?.reference && !current.saleId) this.#open(current);
  }

  /** Asks the service what one sale is, all of it. */
  async readSale(saleId) {
    const askedAtMs = performance.now();
    try {
      this.held.takeReading(await api.readSale(saleId), askedAtMs);
    } catch (problem) {
      if (api.isUnanswered(problem)) this.#setOnline(false);
      else if (problem.status === 404 && saleId === this.state.current?.saleId) this.#setCurrent(null);
    }
    this.onChange();
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
