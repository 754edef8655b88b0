import assert from "node:assert/strict";
import test from "node:test";

import { changed, sizes, WHOLE } from "../../wallet_service/faces/console/src/paper_viewer.js";

const CARD = { width: 800, height: 400 };
const ROOM = { width: 400, height: 400 };

test("all of a page is seen first, whichever way it is turned", () => {
  assert.deepEqual(sizes(WHOLE, CARD, ROOM), { width: 400, height: 200, filledWidth: 400, filledHeight: 200 });
  const turned = sizes(changed(WHOLE, "right"), CARD, ROOM);
  assert.deepEqual(turned, { width: 400, height: 200, filledWidth: 200, filledHeight: 400 });
});

test("larger and smaller have an end, a turn has none", () => {
  const often = (act) => Array.from({ length: 40 }).reduce((view) => changed(view, act), WHOLE);
  assert.equal(often("larger").zoom, 8);
  assert.equal(often("smaller").zoom, 1);
  assert.equal(often("right").turn, 0);
  assert.equal(changed(WHOLE, "left").turn, 270);
  assert.deepEqual(changed(often("larger"), "whole"), WHOLE);
});
