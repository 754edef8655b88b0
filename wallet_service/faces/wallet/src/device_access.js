/**
 * Getting in with the keys of this phone: opening a wallet with one, signing in, tying the phone to an account. Every
 * key is on disk before anybody hears of it. Owns no session and no member: it says whether the service let the key in.
 */
import { language, t } from "#ui/i18n.js";

import { deviceLabel, makeDeviceKey, publicKeyText, signText } from "./device_key.js";
import { UserFacingError } from "./components.js";
import { addressOf } from "./protocol/envelope.js";
import { forget, remember, remembered } from "./remembered.js";
import { isFinalRefusal } from "./service.js";

const signerOf = (device) => device.signer_address;

export class DeviceAccess {
  #service;
  #keys;

  /** @param {{service: import("./service.js").Service, keys: import("./storage.js").KeyStore}} ports */
  constructor({ service, keys }) {
    this.#service = service;
    this.#keys = keys;
  }

  /** A visitor's wallet with this phone's newest key. @param {string} [termsVersion] of the terms shown beside the button */
  async openWallet(termsVersion) {
    const key = await this.#newestKey();
    void navigator.storage?.persist?.();
    const publicKey = publicKeyText(key);
    try {
      await this.#service.post("/v1/wallets", {
        public_key: publicKey,
        key_kind: "p256",
        label: deviceLabel(navigator.userAgent),
        language: language(),
        terms_version: termsVersion,
        proof: await signText(key, `alba-wallet:${publicKey}`),
      });
    } catch (error) {
      // An answer lost earlier: the wallet exists already and this key opens it.
      if (!isFinalRefusal(error) || !(await this.signIn().catch(() => false))) throw error;
    }
  }

  /** Signs in unless this person has signed out. @returns {Promise<boolean>} */
  async signInByItself() {
    return remembered("signedOut") === null && this.signIn();
  }

  /** @returns {Promise<boolean>} whether a key of this phone was let in */
  async signIn() {
    const last = remembered("lastKey");
    const newestFirst = (await this.#keys.all()).reverse();
    const isLast = (key) => Number(key.address === last);
    for (const key of newestFirst.sort((one, other) => isLast(other) - isLast(one))) {
      try {
        await this.#signInWith(key);
        return true;
      } catch (error) {
        if (!isFinalRefusal(error) && error.status !== 401) throw error;
      }
    }
    return false;
  }

  async #signInWith(key) {
    const publicKey = publicKeyText(key);
    const { challenge } = await this.#service.post("/v1/session/device/challenge", { public_key: publicKey });
    const signature = await signText(key, `alba-sign-in:${challenge}`);
    await this.#service.post("/v1/session/device", { challenge, public_key: publicKey, signature });
    remember("lastKey", key.address);
    forget("signedOut");
  }

  /** Ties this phone to an account with the issuer's one-time code: the ledger then lets its key sign. */
  async link(code) {
    await this.#withFreeKey((key) => this.#link(code, key));
  }

  /** This phone's key may have an account of its own already: another account gets a key of its own too. */
  async #withFreeKey(use) {
    try {
      return await use(await this.#newestKey());
    } catch (error) {
      if (error.code !== "device.known") throw error;
      return use(await this.#newKey());
    }
  }

  /**
   * Asks that a key of this phone replaces those of an account whose phone is lost.
   * @param {string} token
   * @param {{reference: string} | {code: string}} known
   * @returns {Promise<string>} that key's address
   */
  askRecovery(token, known) {
    void navigator.storage?.persist?.();
    return this.#withFreeKey(async (key) => {
      const publicKey = publicKeyText(key);
      const proof = await signText(key, `alba-recovery:${token}:${publicKey}`);
      const asked = { token, public_key: publicKey, proof, label: deviceLabel(navigator.userAgent) };
      if ("code" in known) await this.#service.post("/v1/recoveries/code", { ...asked, ...known });
      else await this.#service.post("/v1/recoveries", { ...asked, ...known });
      return key.address;
    });
  }

  async #link(code, key) {
    const publicKey = publicKeyText(key);
    const proof = await signText(key, `alba-device:${code}:${publicKey}`);
    const label = deviceLabel(navigator.userAgent);
    await this.#service.post("/v1/devices/link", { code, public_key: publicKey, proof, label });
    remember("lastKey", key.address);
  }

  /**
   * Ties this phone to the account with a passkey that may sign for it.
   * @param {(signer: string) => Promise<any>} agree has the account take on the key of that address
   */
  async linkWithPasskey(agree) {
    const key = await this.#keyToLink();
    const publicKey = publicKeyText(key);
    const addition = await agree(key.address);
    const proof = await signText(key, `alba-device:passkey:${publicKey}`);
    const label = deviceLabel(navigator.userAgent);
    await this.#service.post("/v1/devices/passkey", { public_key: publicKey, label, proof, addition });
    remember("lastKey", key.address);
  }

  /**
   * Answers another phone's code with a key of its own: a key that has an account already cannot have two.
   * @param {string} id of the move
   * @returns {Promise<() => Promise<any>>} asks how the move stands, as often as wanted
   */
  async joinMove(id) {
    const key = await this.#newKey();
    const publicKey = publicKeyText(key);
    const proof = await signText(key, `alba-move:join:${id}:${publicKey}`);
    const body = { id, public_key: publicKey, label: deviceLabel(navigator.userAgent), proof };
    remember("lastKey", key.address);
    return () => this.#service.post("/v1/devices/move", body);
  }

  /** This phone's newest key, or a new one where that has an account of its own. */
  #keyToLink() {
    return this.#withFreeKey(async (key) => {
      await this.#service.post("/v1/devices/check", { public_key: publicKeyText(key) });
      return key;
    });
  }

  /** The key of this phone that may sign for the member, or null. @param {any} me as /v1/me answers */
  async signingKey(me) {
    const devices = me.devices ?? [];
    const signsNoMore = ({ state }) => state === "revoked" || state === "suspended";
    const signers = new Set(devices.filter(({ state }) => (state ?? "active") === "active").map(signerOf));
    // The account's own key, unless a recovery has ended it or an officer has suspended it.
    if (!devices.filter(signsNoMore).map(signerOf).includes(me.account_address)) signers.add(me.account_address);
    return (await this.#keys.all()).find((key) => signers.has(addressOf(key.publicKey))) ?? null;
  }

  /** Whether a key of this phone waits for the ledger to take it. @param {any} me as /v1/me answers */
  async isBeingLinked({ devices = [] }) {
    const waiting = new Set(devices.filter(({ state }) => state === "pending").map(signerOf));
    return (await this.#keys.all()).some((key) => waiting.has(addressOf(key.publicKey)));
  }

  /** This phone's limited key to somebody else's account, or null. */
  heldKey() {
    return this.#keys.held();
  }

  /** A new key for somebody else's account; `isHeld`: within limits, not with all of its power. */
  newHeldKey() {
    return this.#newKey({ isHeld: true });
  }

  /** A joint holder's key is one of their own account. */
  async makeOwn(key) {
    await this.#keys.add({ ...key, isHeld: false });
    remember("lastKey", key.address);
  }

  /** The addresses of this phone's keys, whosever accounts they sign for. @returns {Promise<string[]>} */
  async addresses() {
    return (await this.#keys.all()).map((key) => addressOf(key.publicKey));
  }

  async #newestKey() {
    return (await this.#keys.all()).at(-1) ?? (await this.#newKey());
  }

  async #newKey(use = {}) {
    let key;
    try {
      key = { ...(await makeDeviceKey(this.#service.nowUnixMs())), ...use }; // no WebCrypto here: an insecure page, or a mode that refuses it
      await this.#keys.add(key);
    } catch (error) {
      throw new UserFacingError(
        t(
          "Rien n’a été ouvert : ce navigateur refuse de garder la clé de votre portefeuille. C’est le cas en navigation privée et en mode Isolement. Quittez ce mode, ou ouvrez cette page dans un autre navigateur.",
        ),
        { cause: error },
      );
    }
    return key;
  }
}
