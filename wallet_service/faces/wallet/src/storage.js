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
export function openDatabase() {
  const opening = indexedDB.open(NAME, VERSION);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("keys", { keyPath: "address" });
    const orders = opening.result.createObjectStore("orders", { keyPath: "ref" });
    orders.createIndex("subject", "subject");
  };
  return request(opening);
}

/** Device keys, by address. The private part is a non-extractable CryptoKey: it can sign here and never leave. */
export class KeyStore {
  #database;

  constructor(database) {
    this.#database = database;
  }

  async add(key) {
    // Strict: a wallet whose key was not on disk would be money lost.
    const transaction = this.#database.transaction("keys", "readwrite", { durability: "strict" });
    transaction.objectStore("keys").put(key);
    await finished(transaction);
  }

  /** The newest last. */
  async all() {
    const keys = await request(this.#database.transaction("keys").objectStore("keys").getAll());
    return keys.sort((one, other) => one.createdAtUnixMs - other.createdAtUnixMs);
  }
}

/** Confirmed orders, by reference. At most one live order a subject (a sale, a refund request, a redemption form). */
export class OrderStore {
  #database;

  constructor(database) {
    this.#database = database;
  }

  get(ref) {
    return request(this.#database.transaction("orders").objectStore("orders").get(ref));
  }

  all() {
    return request(this.#database.transaction("orders").objectStore("orders").getAll());
  }

  /** Write the order unless `isLive` says another of the same subject is; returns the one that stands. */
  async addOnce(order, isLive) {
    const transaction = this.#database.transaction("orders", "readwrite", { durability: "strict" });
    const orders = transaction.objectStore("orders");
    const same = await request(orders.index("subject").getAll(order.subject));
    const standing = same.find(isLive) ?? order;
    if (standing === order) orders.add(order);
    await finished(transaction);
    return standing;
  }

  async update(order) {
    const transaction = this.#database.transaction("orders", "readwrite", { durability: "strict" });
    transaction.objectStore("orders").put(order);
    await finished(transaction);
  }

  async remove(ref) {
    const transaction = this.#database.transaction("orders", "readwrite");
    transaction.objectStore("orders").delete(ref);
    await finished(transaction);
  }
}
