/** What the wallet believes of the line: late answers, silences, and asking again until somebody answers. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Connection } from "../../wallet_service/faces/wallet/src/connection.js";

const RETRY_AFTER_MS = 5_000;
const soon = () => new Promise((resolve) => setImmediate(resolve));

let notified;
let requests;
let reads;
let network;
/** What the service does with the next questions. */
let answers;

const connect = () => {
  const question = async () => {
    const moment = connection.moment();
    if (await answers) connection.answered(moment);
    else connection.lost();
  };
  const connection = new Connection({
    notify: () => notified.push(connection.isOnline),
    ask: () => question((requests += 1)),
    readAgain: () => question((reads += 1)),
    hasNetwork: () => network,
  });
  return connection;
};

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  [notified, requests, reads, network, answers] = [[], 0, 0, true, true];
});

afterEach(() => mock.timers.reset());

test("an answer that was under way when the network went does not call it back", () => {
  const connection = connect();
  const moment = connection.moment();
  connection.lost();
  connection.answered(moment);
  assert.equal(connection.isOnline, false);
  assert.deepEqual(notified, [false]);
});

test("an answer asked for before a second loss does not end it either", () => {
  const connection = connect();
  connection.lost();
  const moment = connection.moment();
  connection.lost();
  connection.answered(moment);
  assert.equal(connection.isOnline, false);
});

test("an answer asked for since ends the loss, and is told once", () => {
  const connection = connect();
  connection.lost();
  connection.answered(connection.moment());
  connection.answered(connection.moment());
  assert.deepEqual(notified, [false, true]);
});

test("a silence is looked into once, and believed when the service is silent too", async () => {
  const connection = connect();
  await connection.doubt();
  assert.equal(connection.isOnline, true, "it was that one answer");
  answers = false;
  await Promise.all([connection.doubt(), connection.doubt()]);
  assert.equal(connection.isOnline, false);
  assert.equal(requests, 2);
  await connection.doubt();
  assert.equal(requests, 2, "what is known is not asked");
});

test("while it is lost the service is asked again and again, until it answers", async () => {
  const connection = connect();
  answers = false;
  connection.lost();
  for (const times of [1, 2]) {
    mock.timers.tick(RETRY_AFTER_MS);
    await soon();
    assert.deepEqual([reads, connection.isOnline], [times, false]);
  }
  answers = true;
  mock.timers.tick(RETRY_AFTER_MS);
  await soon();
  assert.deepEqual([reads, connection.isOnline], [3, true]);
  mock.timers.tick(10 * RETRY_AFTER_MS);
  await soon();
  assert.equal(reads, 3);
});

test("without a network nothing is asked, and the asking begins when there is one", async () => {
  const connection = connect();
  network = false;
  connection.lost();
  mock.timers.tick(RETRY_AFTER_MS);
  await soon();
  assert.equal(reads, 0);
  network = true;
  mock.timers.tick(RETRY_AFTER_MS);
  await soon();
  assert.deepEqual([reads, connection.isOnline], [1, true]);
});

test("a network that comes back is believed, and everything is read again", async () => {
  const connection = connect();
  connection.lost();
  connection.found();
  assert.equal(connection.isOnline, true);
  answers = false;
  connection.found();
  await soon();
  assert.deepEqual([reads, connection.isOnline], [2, false], "until a question shows otherwise");
});
