/**
 * What every screen can reach: the service, the member as last read, this phone's keys and orders, and what is pushed.
 * Owns signing in and reading the member again; shows nothing.
 */
import { chooseLanguage } from "#shared/theme.js";
import { Problem } from "#shared/api.js";
import { listen } from "#shared/events.js";
import { language } from "./words.js";

import { Connection } from "./connection.js";
import { deviceLabel, makeDeviceKey, publicKeyText, signText } from "./device_key.js";
import { Outbox } from "./outbox.js";
import { addressOf } from "./protocol/envelope.js";
import { isFinalRefusal, Service } from "./service.js";
import { KeyStore, openDatabase, OrderStore } from "./storage.js";

const CONFIG_KEY = "alba.config";
/** Address of the key that signed in last: the one to try first. */
const LAST_KEY = "alba.key";
/** The balance as last read and when: shown as that, without network, and never counted with. */
const KNOWN_BALANCE = "alba.balance";
/** Set while this person has signed out: until they ask for it, no key of this phone signs in by itself. */
const SIGNED_OUT = "alba.signed_out";
/** Pushes come in bursts (a busy till); the member is read once for all of them. */
const REFRESH_AFTER_MS = 120;
/** Says nothing of the member's own money: what follows it does. */
const NOT_ABOUT_ME = new Set(["sale.changed"]);

export class App {
  service = new Service();
  config = null;
  me = null;
  /** @type {{availableCents: number, reservedCents: number, atUnixMs: number}|null} */
  knownBalance = null;
  connection = new Connection({
    tell: () => this.tell({ kind: "connection" }),
    ask: () => this.#read("/v1/session").catch(() => {}),
    readAgain: () => this.reconnect(),
  });
  isStreamOpen = false;
  keys = null;
  outbox = null;
  /** Set by main.js: shows the screen at a path. */
  go = () => {};
  #listeners = new Set();
  #closeStream = null;
  #refreshTimer = null;
  /** Counts sign-outs: an answer asked for before one is not for who comes after it. */
  #visit = 0;
  /** The reading under way: a session does not end under it. */
  #reading = Promise.resolve();

  get isOnline() {
    return this.connection.isOnline;
  }

  /** @param {(event: {kind: string, data?: any}) => void} listener @returns {() => void} stop listening */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event) {
    for (const listener of [...this.#listeners]) listener(event);
  }

  nowUnixMs() {
    return this.service.nowUnixMs();
  }

  /** The unit's name for that many cents. */
  unit(cents = 0) {
    const currency = this.config?.currency;
    return (Math.abs(cents) < 200 ? currency?.unit_one : currency?.unit_many) ?? "";
  }

  /** Opens what this phone holds, then the session if there is one. Never throws for lack of network. */
  async start() {
    const database = await openDatabase();
    this.keys = new KeyStore(database);
    this.outbox = new Outbox({ store: new OrderStore(database), api: this.service });
    this.outbox.listen((order) => this.tell({ kind: "order.changed", data: order }));
    this.service.renewSession = () => this.#signInByItself();
    this.service.onSilence = () => void this.connection.doubt();
    window.addEventListener("online", () => this.connection.found());
    window.addEventListener("offline", () => this.connection.lost());
    this.config = remembered(CONFIG_KEY);
    this.knownBalance = remembered(KNOWN_BALANCE);
    await Promise.all([this.#readConfig(), this.#openSession()]);
  }

  async #readConfig() {
    try {
      this.config = await this.#read("/v1/config");
      // Names and limits only, so that the shell can speak without network. No money.
      localStorage.setItem(CONFIG_KEY, JSON.stringify(this.config));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  async #openSession() {
    try {
      const session = await this.#read("/v1/session");
      if (session?.member || (await this.#signInByItself())) await this.#enter();
    } catch (error) {
      if (!isFinalRefusal(error) && error.status !== 401) return this.#heard(error);
      if (await this.#signInByItself().catch(() => false)) await this.#enter();
    }
    return undefined;
  }

  async #enter() {
    localStorage.removeItem(SIGNED_OUT);
    await this.refresh();
    this.#openStream();
    void this.outbox.resume();
  }

  #heard(error) {
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
      this.#heard(error);
      throw error;
    }
  }

  /** After the network came back: everything true again, every unsent order on its way. */
  async reconnect() {
    if (!this.config) await this.#readConfig();
    if (this.me) await Promise.all([this.refresh().catch(() => {}), this.outbox.resume()]);
    else await this.#openSession();
    if (this.isOnline) this.tell({ kind: "reconnected" });
  }

  /** Reads the member again; screens hear "me". */
  async refresh() {
    const visit = this.#visit;
    const reading = this.#read("/v1/me");
    this.#reading = Promise.allSettled([this.#reading, reading]);
    const me = await reading;
    if (visit !== this.#visit) return this.me;
    this.me = me;
    this.#rememberBalance();
    this.tell({ kind: "me" });
    return this.me;
  }

  #rememberBalance() {
    const { available_cents: availableCents, reserved_cents: reservedCents } = this.me.balance;
    this.knownBalance = { availableCents, reservedCents, atUnixMs: this.nowUnixMs() };
    localStorage.setItem(KNOWN_BALANCE, JSON.stringify(this.knownBalance));
  }

  #openStream() {
    this.#closeStream?.();
    this.#closeStream = listen("/v1/events", { "*": (kind, data) => this.#pushed(kind, data) }, {
      onState: (isOpen) => {
        const wasOpen = this.isStreamOpen;
        this.isStreamOpen = isOpen;
        if (isOpen && !this.isOnline) this.connection.found();
        // Opened again: what was missed is read. Closed: perhaps the session ended, and reading opens a new one.
        if (wasOpen !== isOpen) this.#refreshSoon();
        else if (!isOpen) void this.connection.doubt(); // it could not open at all
        this.tell({ kind: "stream" });
      },
    });
  }

  async #pushed(kind, data) {
    // A refusal's reason is a sentence in this person's language: asked for, never pushed.
    if (kind === "payment.refused" && data.ref) await this.outbox.deliver(data.ref);
    else if (kind.startsWith("payment.") && data.ref) await this.outbox.learn(data.ref, data);
    this.tell({ kind, data });
    if (!NOT_ABOUT_ME.has(kind)) this.#refreshSoon();
  }

  #refreshSoon() {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => this.me && this.refresh().catch(() => {}), REFRESH_AFTER_MS);
  }

  /** A visitor's wallet in one tap: the key is on disk before the service hears of it. */
  async openWallet() {
    const key = (await this.keys.all()).at(-1) ?? (await this.#newKey());
    void navigator.storage?.persist?.();
    const publicKey = publicKeyText(key);
    try {
      await this.service.post("/v1/wallets", {
        public_key: publicKey,
        key_kind: "p256",
        label: deviceLabel(navigator.userAgent),
        language: language(),
        proof: await signText(key, `alba-wallet:${publicKey}`),
      });
    } catch (error) {
      // An answer lost earlier: the wallet exists already and this key opens it.
      if (!isFinalRefusal(error) || !(await this.signInWithDevice().catch(() => false))) throw error;
    }
    await this.#enter();
  }

  async #signInByItself() {
    return localStorage.getItem(SIGNED_OUT) === null && this.signInWithDevice();
  }

  /** Sign in with a key of this phone. @returns {Promise<boolean>} */
  async signInWithDevice() {
    const last = localStorage.getItem(LAST_KEY);
    const keys = (await this.keys.all()).reverse().sort((one, other) => (other.address === last) - (one.address === last));
    for (const key of keys) {
      const publicKey = publicKeyText(key);
      try {
        const { challenge } = await this.service.post("/v1/session/device/challenge", { public_key: publicKey });
        await this.service.post("/v1/session/device", { challenge, public_key: publicKey, signature: await signText(key, `alba-sign-in:${challenge}`) });
        localStorage.setItem(LAST_KEY, key.address);
        localStorage.removeItem(SIGNED_OUT);
        return true;
      } catch (error) {
        if (!isFinalRefusal(error) && error.status !== 401) throw error;
      }
    }
    return false;
  }

  /** Tie this phone to an account with the issuer's one-time code: the ledger then lets its key sign. */
  async linkDevice(code) {
    const key = (await this.keys.all()).at(-1) ?? (await this.#newKey());
    try {
      await this.#link(code, key);
    } catch (error) {
      // This phone's key has an account of its own already: the new account gets a key of its own too.
      if (error.code !== "device.known") throw error;
      await this.#link(code, await this.#newKey());
    }
  }

  async #link(code, key) {
    const publicKey = publicKeyText(key);
    const proof = await signText(key, `alba-device:${code}:${publicKey}`);
    await this.service.post("/v1/devices/link", { code, public_key: publicKey, proof, label: deviceLabel(navigator.userAgent) });
    localStorage.setItem(LAST_KEY, key.address);
  }

  /** A key is on disk before anybody hears of it. */
  async #newKey() {
    const key = await makeDeviceKey(this.nowUnixMs());
    await this.keys.add(key);
    return key;
  }

  /** After a sign-in made by a screen (passkey). */
  async entered() {
    await this.#enter();
  }

  /** The key of this phone that may sign for the member, or null. */
  async signingKey() {
    const keys = await this.keys.all();
    const active = (this.me.devices ?? []).filter((device) => (device.state ?? "active") === "active");
    const signers = new Set([this.me.account_address, ...active.map((device) => device.signer_address)]);
    return keys.find((key) => signers.has(addressOf(key.publicKey))) ?? null;
  }

  /** Ends the session and forgets the balance. Without an answer of the service, the person is still signed in. */
  async signOut() {
    localStorage.setItem(SIGNED_OUT, "1"); // before the session ends: a request under way must not open another
    this.#closeStream?.();
    clearTimeout(this.#refreshTimer);
    await this.#reading; // nothing of ours asks any more once the session has ended
    try {
      await this.service.remove("/v1/session");
    } catch (error) {
      localStorage.removeItem(SIGNED_OUT);
      this.#openStream();
      throw error;
    }
    this.#visit += 1;
    clearTimeout(this.#refreshTimer); // whoever answered late may have set it again
    this.me = this.knownBalance = null;
    localStorage.removeItem(KNOWN_BALANCE);
  }

  speak(wanted) {
    chooseLanguage(wanted);
  }
}

function remembered(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}
