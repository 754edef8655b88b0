/**
 * What this phone remembers between visits, beside its keys and orders (storage.js): names, limits, and the balance as
 * last read. Holds nothing that money is counted with.
 */
const NAMES = {
  /** Currency, limits, lifetimes: so that the shell can speak without network. No money. */
  config: "alba.config",
  /** Address of the key that signed in last: the one to try first. */
  lastKey: "alba.key",
  /** The balance as last read and when: shown as that, without network. */
  balance: "alba.balance",
  /** Set while this person has signed out: until they ask for it, no key of this phone signs in by itself. */
  signedOut: "alba.signed_out",
  /** Account and holder of the last payout, so that nobody types them twice; forgotten when one signs out. */
  payee: "alba.payee",
  /** The lens that was chosen last for scanning. */
  camera: "alba.camera",
  /** What this phone has asked for after another was lost: the token it asks how that stands with. No key. */
  recovery: "alba.recovery",
  /** Set on a phone that pays from somebody else's account by a limited key. */
  held: "alba.held",
  /** Set once somebody has said "later" to being told while the app is closed. */
  noticesLater: "alba.notices_later",
  /** Set for who wants amounts read aloud when they press for it. */
  spoken: "alba.spoken",
  /** Set while an identity file is looked at: the answer, when it is good, is worth a word. */
  awaited: "alba.awaited",
  /** Set while the balance is not to be read over one's shoulder. */
  hidden: "alba.hidden",
  /** Ids of the passkeys registered from this phone: the only ones it vouches for. */
  passkeysMadeHere: "alba.passkeys",
};

/** @param {keyof typeof NAMES} name @returns {any} null when nothing is kept, or nothing that can be read */
export function remembered(name) {
  try {
    return JSON.parse(localStorage.getItem(NAMES[name]) ?? "null");
  } catch {
    return null;
  }
}

/** @param {keyof typeof NAMES} name @param {unknown} value anything JSON can hold */
export function remember(name, value) {
  try {
    localStorage.setItem(NAMES[name], JSON.stringify(value));
  } catch {
    // A browser that keeps nothing, or has no room: it is known until this page is left.
  }
}

/** @param {keyof typeof NAMES} name */
export function forget(name) {
  try {
    localStorage.removeItem(NAMES[name]);
  } catch {
    // As above.
  }
}
