/** A connection to the phone's database that the browser has taken away is opened again, and nothing is lost by it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { OrderStore, PhoneDatabase } from "../../wallet_service/faces/wallet/src/storage.js";

/** As much of IndexedDB as an order needs; `close` is what a browser does to a page that sleeps. */
class FakeDatabase {
  static rows = new Map();
  isClosed = false;
  transaction() {
    if (this.isClosed) throw Object.assign(new Error("closed"), { name: "InvalidStateError" });
    const transaction = { error: null };
    const answered = (result) => {
      const asked = { result: structuredClone(result) };
      queueMicrotask(() => asked.onsuccess?.());
      return asked;
    };
    transaction.objectStore = () => ({
      get: (ref) => answered(FakeDatabase.rows.get(ref)),
      put: (row) => answered(FakeDatabase.rows.set(row.ref, structuredClone(row)) && row.ref),
    });
    setImmediate(() => transaction.oncomplete?.());
    return transaction;
  }
}

test("a closed connection is opened again and the work is done", async () => {
  const opened = [];
  const database = new PhoneDatabase(async () => opened[opened.push(new FakeDatabase()) - 1]);
  const orders = new OrderStore(database);
  FakeDatabase.rows.set("0xaa", { ref: "0xaa", state: "unsent" });
  assert.equal((await orders.get("0xaa")).state, "unsent");
  opened[0].isClosed = true;
  const { order, isChanged } = await orders.change("0xaa", (known) => ({ ...known, state: "sent" }));
  assert.deepEqual([order.state, isChanged, opened.length], ["sent", true, 2]);
  opened[1].onclose();
  assert.equal((await orders.get("0xaa")).state, "sent");
  assert.equal(opened.length, 3);
});

test("a browser that opens none is asked again the next time", async () => {
  let tries = 0;
  const database = new PhoneDatabase(async () => {
    tries += 1;
    throw new Error("private mode");
  });
  await assert.rejects(database.opened(), /private mode/);
  await assert.rejects(database.opened(), /private mode/);
  assert.equal(tries, 2);
});
