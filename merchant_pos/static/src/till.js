// What the tablet knows and does. Sale states come from the service alone; memory keeps only which sale is on the stage.
import * as api from "./api.js";
import { amountCents, EMPTY_ENTRY, typed } from "./amount_entry.js";
import { listen } from "./push.js";
import { makeServerClock } from "./server_clock.js";
import { signalPaid, signalRefused, wakeSound } from "./signals.js";
import { announce } from "./dom.js";
import { mergeSale, resumedSale, stageOf } from "./stage_rules.js";
import { amountText, currentLanguage, secondsText, setTimeZone, t } from "./text.js";

const CURRENT_KEY = "alba_till_current_sale";
const REOPEN_PAUSE_MS = 2_500;
const AFTER_EXPIRY_POLL_MS = 1_500;
const BOOK_PAUSE_MS = 120;

export class Till {
  constructor(onChange) {
    this.onChange = onChange;
    this.clock = makeServerClock();
    this.push = null;
    this.state = {
      loaded: false, paired: false, revoked: null, till: null, currency: null, environment: null, largestSaleCents: 0,
      book: null, online: true, offlineSinceMs: null, entry: EMPTY_ENTRY, current: null, waiting: false,
      notice: null, busy: false,
    };
    setInterval(() => this.#tick(), 250);
    addEventListener("online", () => this.load());
    addEventListener("offline", () => this.#setOnline(false));
  }

  get stage() { return stageOf(this.state); }

  get sale() { return this.saleById(this.state.current?.saleId); }

  saleById(saleId) { return (saleId && this.state.book?.sales.find((sale) => sale.id === saleId)) || null; }

  /** Reads everything again: at the start, after a cut, when the person asks. */
  async load() {
    try {
      const answer = await api.readState();
      api.useCsrfToken(answer.csrf_token);
      setTimeZone(answer.time_zone);
      this.#hearConnection(answer.connection);
      const first = !this.state.loaded;
      Object.assign(this.state, {
        loaded: true, paired: answer.paired, till: answer.till ?? null, largestSaleCents: answer.largest_sale_cents,
        currency: answer.currency ?? this.state.currency, environment: answer.environment ?? this.state.environment,
        revoked: answer.problem?.status === 401 ? answer.problem : null,
      });
      if (answer.book) this.#takeBook(answer.book);
      if (answer.problem && answer.problem.status !== 401) this.#setOnline(false);
      if (first && answer.paired) this.#resume();
      if (answer.paired && !this.push) this.#listen();
    } catch (problem) {
      this.#setOnline(false);
      if (!this.state.loaded) setTimeout(() => this.load(), REOPEN_PAUSE_MS);
    }
    this.onChange();
  }

  async pair(code, label) {
    await api.pair(code, label);
    this.push?.close();
    this.push = null;
    localStorage.removeItem(CURRENT_KEY);
    Object.assign(this.state, { current: null, book: null, loaded: false });
    await this.load();
  }

  async unpair() {
    await api.unpair();
    this.push?.close();
    this.push = null;
    localStorage.removeItem(CURRENT_KEY);
    Object.assign(this.state, { current: null, book: null });
    await this.load();
  }

  type(key) {
    this.state.entry = typed(this.state.entry, key, this.state.largestSaleCents);
    this.state.notice = null;
    this.onChange();
  }

  async charge() {
    const cents = amountCents(this.state.entry);
    if (cents < 1 || this.stage !== "keypad") return;
    wakeSound();
    this.#setCurrent({ reference: api.newReference(), amountCents: cents, saleId: null });
    await this.#open();
  }

  /** Repeats the same reference until the service answers or the cashier gives up: one sale, whatever was lost on the way. */
  async #open() {
    const { reference, amountCents: cents } = this.state.current;
    const still = () => this.state.current?.reference === reference && !this.state.current.saleId;
    while (still()) {
      try {
        const sale = await api.openSale(reference, cents);
        if (!still()) return;
        this.#setCurrent({ reference, amountCents: cents, saleId: sale.id });
        this.#takeSale(sale);
        this.state.waiting = false;
        announce(t("Montrez le QR au client : {amount}.", { amount: this.amountWithUnit(cents) }));
      } catch (problem) {
        if (!still()) return;
        if (problem.unanswered) {
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
    try {
      this.#takeSale(await api.cancelSale(sale.id));
      this.state.busy = false;
      this.newSale({ tone: "neutral", text: t("Vente annulée. Rien n’a été débité.") });
    } catch (problem) {
      this.state.busy = false;
      this.#refuse(problem);
      this.onChange();
      if (!problem.unanswered) this.#readCurrent();
    }
  }

  /** Back to the keypad. The sale left behind keeps its true state in the list. */
  newSale(notice = null) {
    wakeSound();
    this.#setCurrent(null);
    Object.assign(this.state, { entry: EMPTY_ENTRY, notice, waiting: false });
    if (notice) announce(notice.text);
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
    this.onChange();
  }

  async askRefund(saleId, reference, cents) {
    this.#takeSale(await api.askRefund(saleId, reference, cents));
    announce(t("Remboursement de {amount} demandé : il reste à le signer sur le téléphone du commerçant.", { amount: this.amountWithUnit(cents) }));
    this.#readBookSoon();
    this.onChange();
  }

  amountWithUnit(cents) {
    const unit = this.unit(cents);
    return unit ? `${amountText(cents)} ${unit}` : amountText(cents);
  }

  unit(cents) {
    const { currency } = this.state;
    if (!currency) return "";
    const single = currentLanguage() === "en" ? Math.abs(cents) === 100 : Math.abs(cents) < 200;
    return single ? currency.unit_one : currency.unit_many;
  }

  #listen() {
    this.push = listen({
      onSale: (sale) => { this.#takeSale(sale); this.#readBookSoon(); this.onChange(); },
      onStream: (connected) => { if (connected) this.load(); else this.#setOnline(false); },
      onConnection: (shown) => {
        const back = shown.online && !this.state.online;
        this.#hearConnection(shown);
        if (back) this.load(); // what changed while nobody answered
        else this.onChange();
      },
      onRefused: (problem) => { if (problem.status === 401) { this.state.revoked = problem; this.onChange(); } },
      onSilent: () => this.#setOnline(false),
    });
  }

  /** After a reload: the sale that was on the stage, or the one still waiting for its customer. */
  #resume() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(CURRENT_KEY));
    } catch { /* unreadable: as if nothing was kept */ }
    const current = resumedSale(kept, this.state.book, this.clock.nowUnixMs());
    this.#setCurrent(current);
    if (current && !current.saleId) this.#open();
    else if (current && !this.sale) this.#readCurrent();
  }

  async #readCurrent() {
    const saleId = this.state.current?.saleId;
    if (!saleId) return;
    try {
      this.#takeSale(await api.readSale(saleId));
    } catch (problem) {
      if (problem.unanswered) this.#setOnline(false);
      else if (problem.status === 404) this.#setCurrent(null);
    }
    this.onChange();
  }

  #takeBook(book) {
    const known = new Map((this.state.book?.sales ?? []).map((sale) => [sale.id, sale]));
    this.state.book = { ...book, sales: book.sales.map((sale) => mergeSale(known.get(sale.id), sale)) };
    // A sale on the stage may be older than the list.
    const shown = known.get(this.state.current?.saleId);
    if (shown && !book.sales.some((sale) => sale.id === shown.id)) this.state.book.sales.push(shown);
    if (shown) this.#noticeChange(shown, this.saleById(shown.id));
  }

  #takeSale(received) {
    const book = this.state.book ?? { sales: [], refunds: [], today: null };
    const before = book.sales.find((sale) => sale.id === received.id);
    const sale = mergeSale(before, received);
    const others = book.sales.filter((item) => item.id !== sale.id);
    const refunds = book.refunds.filter((refund) => refund.sale_id !== sale.id).concat(sale.refunds);
    const sales = [sale, ...others].sort((a, b) => b.created_at_unix_ms - a.created_at_unix_ms);
    this.state.book = { ...book, sales, refunds };
    if (before) this.#noticeChange(before, sale);
  }

  /** The sale on the stage changed under the cashier's eyes: say it, sound it. */
  #noticeChange(before, sale) {
    if (sale.id !== this.state.current?.saleId || before.state === sale.state) return;
    const amount = this.amountWithUnit(sale.amount_cents);
    if (sale.state === "paid") {
      this.state.notice = null;
      signalPaid();
      const taken = sale.accepted_at_unix_ms ? secondsText(sale.paid_at_unix_ms - sale.accepted_at_unix_ms) : "";
      announce(t("Payé : {amount}. {payer} {taken}", { amount, payer: sale.payer_label ?? "", taken }));
    } else if (sale.state === "accepted") {
      this.state.notice = null;
      announce(t("En cours : le client a confirmé {amount}. Attendez « Payé ».", { amount }));
    } else if (sale.state === "expired") {
      signalRefused();
      announce(t("Vente expirée : {amount} non payé. Rien n’a été débité.", { amount }));
    } else if (sale.state === "open" && before.state === "accepted") {
      signalRefused();
      announce(t("Paiement refusé. Rien n’a été débité : le client peut réessayer."));
    }
  }

  #refuse(problem) {
    if (problem.notPaired) this.state.revoked = problem;
    this.state.notice = { tone: "refused", text: problem.detail };
    signalRefused();
    announce(problem.detail);
  }

  #setCurrent(current) {
    this.state.current = current;
    if (current) localStorage.setItem(CURRENT_KEY, JSON.stringify(current));
    else localStorage.removeItem(CURRENT_KEY);
  }

  #hearConnection(shown) {
    this.clock.hear(shown.server_time_unix_ms);
    this.#setOnline(shown.online);
  }

  #setOnline(online) {
    if (online === this.state.online) return;
    this.state.online = online;
    this.state.offlineSinceMs = online ? null : performance.now();
    if (!online) announce(t("Hors ligne : le service ne répond plus."));
    this.onChange();
  }

  #readBookSoon() {
    clearTimeout(this.bookTimer);
    this.bookTimer = setTimeout(async () => {
      try {
        this.#takeBook(await api.readBook());
        this.onChange();
      } catch { /* the list stays as it was; the stream says whether the service is there */ }
    }, BOOK_PAUSE_MS);
  }

  /** The countdown is only a picture: when it ends, the service is asked what the sale became. */
  #tick() {
    const sale = this.sale;
    if (sale?.state !== "open" || sale.expires_at_unix_ms > this.clock.nowUnixMs()) return;
    if (performance.now() - (this.polledAtMs ?? -Infinity) < AFTER_EXPIRY_POLL_MS) return;
    this.polledAtMs = performance.now();
    this.#readCurrent();
  }
}
