/**
 * What this phone keeps (IndexedDB): its device keys, and orders the person confirmed, written before their first
 * sending. Holds no balance and no history: those are the service's to tell (app.js remembers the last balance it read,
 * with its time, to show it as that).
 */

const NAME = "wallet";
const VERSION = 1;

function request(operation) {
  return new Promise((resolve, reject) => {
    operation.onsuccess = () => resolve(operation.result);
    operation.onerror = () => reject(operation.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  const opening = indexedDB.open(NAME, VERSION);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("keys", { keyPath: "address" });
    const orders = opening.result.createObjectStore("orders", { keyPath: "ref" });
    orders.createIndex("subject", "subject");
  };
  return request(opening);
}

/** The browser has closed the connection behind our back, as it does to a page that sleeps. */
const isClosed = (error) => error.name === "InvalidStateError";

/** One connection, opened again when the browser has taken it away. */
export class PhoneDatabase {
  #open;
  /** @type {Promise<IDBDatabase> | null} */
  #opening = null;

  /** @param {() => Promise<IDBDatabase>} [open] */
  constructor(open = openDatabase) {
    this.#open = open;
  }

  /** Rejects where this browser keeps nothing. @returns {Promise<IDBDatabase>} */
  opened() {
    const opening = (this.#opening ??= this.#openAgain());
    return opening;
  }

  async #openAgain() {
    try {
      const database = await this.#open();
      database.onclose = () => (this.#opening = null);
      return database;
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }

  /**
   * Everything or nothing of `work`, on disk when this resolves.
   * @template Result
   * @param {"keys" | "orders"} name
   * @param {"readonly" | "readwrite"} mode
   * @param {(store: IDBObjectStore) => Promise<Result> | Result} work awaits nothing but requests of that store
   * @returns {Promise<Result>}
   */
  async within(name, mode, work) {
    // Strict: a wallet whose key was not on disk would be money lost.
    const begin = async () => (await this.opened()).transaction(name, mode, { durability: "strict" });
    const transaction = await begin().catch((error) => {
      if (!isClosed(error)) throw error;
      this.#opening = null;
      return begin();
    });
    const ended = finished(transaction);
    const [result] = await Promise.all([work(transaction.objectStore(name)), ended]);
    return result;
  }
}

/** Device keys, by address. The private part is a non-extractable CryptoKey: it can sign here and never leave. */
export class KeyStore {
  #database;

  /** @param {PhoneDatabase} database */
  constructor(database) {
    this.#database = database;
  }

  async add(key) {
    await this.#database.within("keys", "readwrite", (keys) => request(keys.put(key)));
  }

  /** Those of this person's own accounts, the newest last. */
  async all() {
    return (await this.#everyOne()).filter((key) => !key.isHeld);
  }

  /** The newest limited key to somebody else's account: it opens no wallet and signs no other message. */
  async held() {
    return (await this.#everyOne()).findLast((key) => key.isHeld) ?? null;
  }

  async #everyOne() {
    const all = await this.#database.within("keys", "readonly", (keys) => request(keys.getAll()));
    return all.sort((one, other) => one.createdAtUnixMs - other.createdAtUnixMs);
  }
}

/** Confirmed orders, by reference. At most one live order a subject (a sale, a refund request, a redemption form). */
export class OrderStore {
  #database;

  /** @param {PhoneDatabase} database */
  constructor(database) {
    this.#database = database;
  }

  get(ref) {
    return this.#database.within("orders", "readonly", (orders) => request(orders.get(ref)));
  }

  all() {
    return this.#database.within("orders", "readonly", (orders) => request(orders.getAll()));
  }

  /** Write the order unless `isLive` says another of the same subject is; returns the one that stands. */
  addOnce(order, isLive) {
    return this.#database.within("orders", "readwrite", async (orders) => {
      const same = await request(orders.index("subject").getAll(order.subject));
      const standing = same.find(isLive) ?? order;
      if (standing === order) orders.add(order);
      return standing;
    });
  }

  /**
   * Reads and writes in one step, so that two tabs do not undo each other.
   * @param {string} ref
   * @param {(order: any) => object | null} changed what to write instead; null: leave it
   * @returns {Promise<{order: any, isChanged: boolean}>} the order as it stands
   */
  change(ref, changed) {
    return this.#database.within("orders", "readwrite", async (orders) => {
      const order = await request(orders.get(ref));
      const next = order ? changed(order) : null;
      if (next) orders.put(next);
      return { order: next ?? order, isChanged: next !== null };
    });
  }

  async remove(ref) {
    await this.#database.within("orders", "readwrite", (orders) => request(orders.delete(ref)));
  }
}
