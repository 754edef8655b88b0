/** Server time on a tablet, and how long something took. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { durationText, secondsText } from "../../merchant_pos/static/src/durations.js";
import { makeServerClock } from "../../merchant_pos/static/src/server_clock.js";

test("durations", () => {
  assert.equal(secondsText(1_240), "1,2 s");
  assert.equal(secondsText(0), "0,1 s");
  assert.equal(durationText(59), "59 s");
  assert.equal(durationText(125), "2 min");
});

test("server time runs on a monotonic clock: moving the tablet's clock changes nothing", () => {
  let monotonicMs = 1_000;
  const clock = makeServerClock(() => monotonicMs);
  clock.hear(1_800_000_000_000);
  monotonicMs += 2_500;
  assert.equal(clock.nowUnixMs(), 1_800_000_002_500);
  clock.hear(1_800_000_002_000);
  assert.equal(clock.nowUnixMs(), 1_800_000_002_000);
});
