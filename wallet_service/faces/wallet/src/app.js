/**
 * What every screen can reach: the service, the member as last read, this phone's keys and orders, and what is pushed.
 * Owns signing in and reading the member again; shows nothing.
 */
import { Problem } from "#ui/api.js";
import { listen } from "#ui/events.js";
import { unitName } from "#ui/i18n.js";
import { setTimeZone } from "#ui/times.js";

import { Away } from "./away.js";
import { Connection } from "./connection.js";
import { DeviceAccess } from "./device_access.js";
import { onAwake } from "#ui/awake.js";
import { turnOff } from "./notices.js";
import { Outbox } from "./outbox.js";
import { pushedHandlers } from "./pushed.js";
import { forget, remember, remembered } from "./remembered.js";
import { isFinalRefusal, Service } from "./service.js";
import { KeyStore, OrderStore, PhoneDatabase } from "./storage.js";

/** Pushes come in bursts (a busy till); the member is read once for all of them. */
const REFRESH_AFTER_MS = 120;
/** The service speaks every five seconds; a line silent for so long is dead, whatever the browser believes. */
const SILENT_AFTER_MS = 15_000;
/** Where the tabs of this phone tell each other of its orders. */
const ORDERS_CHANNEL = "alba.orders";

export class App {
  service = new Service();
  /** @type {import("#ui/api_types.js").ConfigAnswer | null} */
  config = null;
  /** @type {import("#ui/api_types.js").OwnAccountAnswer | null} */
  me = null;
  /** @type {{availableCents: number, reservedCents: number, atUnixMs: number}|null} */
  knownBalance = null;
  /** Somebody else's account that this phone pays from by a limited key (held.js).
   * @type {import("#ui/api_types.js").HeldAccountAnswer | null} */
  held = null;
  /** What the service said when that key was taken back. @type {string | null} */
  heldEnded = null;
  /** What is said of this phone's key while an officer has suspended it. @type {string | null} */
  suspension = null;
  connection = new Connection({
    notify: () => this.notify({ kind: "connection" }),
    ask: () => this.#read("/v1/session").catch(() => {}),
    readAgain: () => this.reconnect(),
  });
  /** What happened while nobody was looking; screens hear "away". */
  away = new Away({
    service: this.service,
    nowUnixMs: () => this.nowUnixMs(),
    notify: () => this.notify({ kind: "away" }),
  });
  isStreamOpen = false;
  /** Opened by start(), as the next. @type {DeviceAccess} */
  device = /** @type {any} */ (null);
  /** @type {Outbox} */
  outbox = /** @type {any} */ (null);
  /** Whether this screen was reached by going back. */
  cameBack = false;
  /** Set by main.js: shows the screen at a path. @type {(path: string, options?: {replace?: boolean}) => void} */
  go = () => {};
  /** @type {Set<(event: {kind: string, data?: any}) => void>} */
  #listeners = new Set();
  /** @type {(() => void) | null} */
  #closeStream = null;
  #refreshTimer = 0;
  /** Counts sign-outs: an answer asked for before one is not for who comes after it. */
  #visit = 0;
  /** The reading under way: a session does not end under it. */
  /** @type {Promise<unknown>} */
  #reading = Promise.resolve();

  get isOnline() {
    return this.connection.isOnline;
  }

  /** @param {(event: {kind: string, data?: any}) => void} listener @returns {() => void} stop listening */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(event) {
    for (const listener of [...this.#listeners]) listener(event);
  }

  nowUnixMs() {
    return this.service.nowUnixMs();
  }

  /** The unit's name for that many cents. */
  unit(cents = 0) {
    return unitName(this.config?.currency, cents);
  }

  /** Opens what this phone holds, then the session if there is one. Never throws for lack of network. */
  async start() {
    const database = new PhoneDatabase();
    await database.opened();
    this.device = new DeviceAccess({ service: this.service, keys: new KeyStore(database) });
    const isSignedIn = () => this.me !== null || this.held !== null;
    this.outbox = new Outbox({
      store: new OrderStore(database),
      api: this.service,
      isSignedIn,
      hasNetwork: () => navigator.onLine,
      channel: "BroadcastChannel" in globalThis ? new BroadcastChannel(ORDERS_CHANNEL) : null,
    });
    this.outbox.listen((order) => this.notify({ kind: "order.changed", data: order }));
    this.service.renewSession = () => this.device.signInByItself();
    this.service.onSilence = () => void this.connection.doubt();
    window.addEventListener("online", () => this.connection.found());
    window.addEventListener("offline", () => this.connection.lost());
    onAwake(() => this.#wokenUp());
    this.#useConfig(remembered("config"));
    this.knownBalance = remembered("balance");
    await Promise.all([this.#readConfig(), this.#openSession()]);
  }

  async #readConfig() {
    try {
      this.#useConfig(await this.#read("/v1/config"));
      remember("config", this.config);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  /** A payment has the time its till shows, wherever the phone is. */
  #useConfig(config) {
    this.config = config;
    setTimeZone(config?.currency.time_zone);
  }

  async #openSession() {
    try {
      const session = await this.#read("/v1/session");
      if (session?.member || (await this.device.signInByItself())) await this.#enter();
      else await this.openHeld();
    } catch (error) {
      if (!isFinalRefusal(error) && error.status !== 401) return this.#noteFailure(error);
      if (await this.device.signInByItself().catch(() => false)) await this.#enter();
    }
    return undefined;
  }

  /** The account of somebody who lets this phone pay, where one does. */
  async openHeld() {
    if (remembered("held")) await (await import("./held.js")).openHeld(this);
  }

  async #enter() {
    forget("signedOut");
    await this.refresh();
    this.#openStream();
    void this.outbox.resume();
    void this.away.read();
  }

  #noteFailure(error) {
    if (!(error instanceof Problem)) throw error;
    if (error.unknownOutcome) this.connection.lost();
  }

  /** A question whose answer, or silence, tells whether the service is there. */
  async #read(path) {
    const moment = this.connection.moment();
    try {
      const answer = await this.service.get(path);
      this.connection.answered(moment);
      return answer;
    } catch (error) {
      this.#noteFailure(error);
      throw error;
    }
  }

  /** In front of a person again: what is shown is read now, and screens hear "awake" (the stream looks after itself). */
  #wokenUp() {
    if (this.me) {
      this.#refreshSoon();
      void this.away.read();
    }
    void this.outbox.resume();
    this.notify({ kind: "awake" });
  }

  /** After the network came back: everything true again, every unsent order on its way. */
  async reconnect() {
    if (!this.config) await this.#readConfig();
    if (this.me) await Promise.all([this.refresh().catch(() => {}), this.outbox.resume()]);
    else await this.#openSession();
    if (this.isOnline) this.notify({ kind: "reconnected" });
  }

  /** Reads the member again; screens hear "me". */
  async refresh() {
    const visit = this.#visit;
    const reading = this.#read("/v1/me");
    this.#reading = Promise.allSettled([this.#reading, reading]);
    const me = await reading;
    const suspension = me.devices.some((device) => device.suspended_until_unix_s) ? await this.#suspend(me) : null;
    if (visit !== this.#visit) return this.me;
    this.me = me;
    this.suspension = suspension;
    this.#rememberBalance(me.balance);
    this.notify({ kind: "me" });
    return this.me;
  }

  /** Marks what an officer has suspended of the account's keys; says it where this phone's is among them. */
  async #suspend(me) {
    const { markSuspended, suspensionHere } = await import("./suspended_key.js");
    me.devices = markSuspended(me.devices, this.nowUnixMs());
    return suspensionHere(me.devices, await this.device.addresses(), this.nowUnixMs());
  }

  /** @param {import("#ui/api_types.js").AccountBalance} balance */
  #rememberBalance({ available_cents: availableCents, reserved_cents: reservedCents }) {
    this.knownBalance = { availableCents, reservedCents, atUnixMs: this.nowUnixMs() };
    remember("balance", this.knownBalance);
  }

  #openStream() {
    this.#closeStream?.();
    this.#closeStream = listen("/v1/events", this.#pushed(), {
      silentAfterMs: SILENT_AFTER_MS,
      isShared: true,
      onState: (isOpen) => {
        const wasOpen = this.isStreamOpen;
        this.isStreamOpen = isOpen;
        if (isOpen && !this.isOnline) this.connection.found();
        // Opened again: what was missed is read. Closed: perhaps the session ended, and reading opens a new one.
        if (wasOpen !== isOpen) this.#refreshSoon();
        else if (!isOpen) void this.connection.doubt(); // it could not open at all
        this.notify({ kind: "stream" });
      },
    });
  }

  #pushed() {
    return pushedHandlers({
      outbox: this.outbox,
      notify: (event) => this.notify(event),
      learnStops: ({ payments_stopped: paymentsStopped }) => {
        if (!this.me) return;
        this.me = { ...this.me, payments_stopped: paymentsStopped };
        this.notify({ kind: "me" });
      },
      readSoon: () => {
        this.#refreshSoon();
        this.away.seenSoon();
      },
    });
  }

  #refreshSoon() {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => this.me && this.refresh().catch(() => {}), REFRESH_AFTER_MS);
  }

  /** A visitor's wallet in one tap. */
  async openWallet() {
    await this.device.openWallet(this.config?.terms_version);
    await this.#enter();
  }

  /** After a sign-in made by a screen. */
  async entered() {
    await this.#enter();
  }

  /** The key of this phone that may sign for the member, or null. */
  signingKey() {
    return this.device.signingKey(this.me);
  }

  /** Ends the session and forgets the balance. Without an answer of the service, the person is still signed in. */
  async signOut() {
    remember("signedOut", 1); // before the session ends: a request under way must not open another
    this.#closeStream?.();
    clearTimeout(this.#refreshTimer);
    await turnOff(this.service).catch(() => {}); // whoever comes next here is not told of this account
    await this.#reading; // nothing of ours asks any more once the session has ended
    try {
      await this.service.remove("/v1/session");
    } catch (error) {
      forget("signedOut");
      this.#openStream();
      throw error;
    }
    this.#forgetMember();
  }

  #forgetMember() {
    this.#visit += 1;
    clearTimeout(this.#refreshTimer); // whoever answered late may have set it again
    this.me = this.knownBalance = this.suspension = null;
    this.away.forget();
    forget("balance");
    forget("payee");
  }

  /** The account has ended: nothing of it is shown or asked for any more, and no key of it signs in again. */
  async leave() {
    remember("signedOut", 1);
    this.#closeStream?.();
    this.#closeStream = null;
    await this.#reading;
    this.#forgetMember();
  }
}
