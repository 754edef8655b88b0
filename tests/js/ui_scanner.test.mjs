/** A camera somebody still holds is asked for again; one that is refused or absent is not. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { CameraUnavailable, OPEN_TRIES, openCamera } from "../../wallet_service/ui/scanner.js";

/** A device that fails so often, by this name, before it gives its stream. */
function camera(name, failures) {
  const asked = { times: 0, pauses: 0 };
  const devices = {
    async getUserMedia() {
      asked.times += 1;
      if (asked.times <= failures) throw Object.assign(new Error(name), { name });
      return "stream";
    },
  };
  const pause = async () => {
    asked.pauses += 1;
  };
  return { asked, open: () => openCamera(devices, pause) };
}

const reasonOf = (reason) => (error) => error instanceof CameraUnavailable && error.reason === reason;

for (const name of ["NotReadableError", "AbortError", "UnknownError"]) {
  test(`a camera that says ${name} is asked again until it opens`, async () => {
    const { asked, open } = camera(name, OPEN_TRIES - 1);
    assert.equal(await open(), "stream");
    assert.deepEqual(asked, { times: OPEN_TRIES, pauses: OPEN_TRIES - 1 });
  });

  test(`a camera that says ${name} for ever is busy, after a bounded number of tries`, async () => {
    const { asked, open } = camera(name, Infinity);
    await assert.rejects(open, reasonOf("busy"));
    assert.equal(asked.times, OPEN_TRIES);
  });
}

for (const [name, reason, times] of [
  ["NotAllowedError", "denied", 1],
  ["SecurityError", "denied", 1],
  ["NotFoundError", "absent", OPEN_TRIES],
  ["OverconstrainedError", "absent", OPEN_TRIES],
]) {
  test(`${name} is ${reason} after ${times} tries`, async () => {
    const { asked, open } = camera(name, Infinity);
    await assert.rejects(open, reasonOf(reason));
    assert.deepEqual(asked, { times, pauses: times - 1 });
  });
}

test("a browser without cameras says absent", async () => {
  await assert.rejects(() => openCamera({}), reasonOf("absent"));
});
