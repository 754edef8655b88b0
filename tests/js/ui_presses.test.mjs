/** A tap on what is being drawn anew is not lost. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { CLICK_COMES_WITHIN_MS, Presses } from "../../wallet_service/ui/presses.js";

const holding = (...nodes) => ({ contains: (node) => nodes.includes(node) });

function page() {
  const heard = {};
  const presses = new Presses();
  presses.hear({ addEventListener: (name, act) => (heard[name] = act) });
  const down = (target, more = {}) => heard.pointerdown({ target, isPrimary: true, button: 0, ...more });
  return { presses, heard, down };
}

test("what holds the pressed thing is drawn once its click has been heard, the last drawing alone", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { presses, heard, down } = page();
  const drawn = [];
  down("link");
  const list = holding("link");
  presses.draw(list, () => drawn.push("first"));
  presses.draw(list, () => drawn.push("second"));
  heard.pointerup({});
  context.mock.timers.tick(CLICK_COMES_WITHIN_MS - 1);
  assert.deepEqual(drawn, []);
  heard.click({});
  assert.deepEqual(drawn, []); // whoever hears the click comes first
  context.mock.timers.tick(0);
  assert.deepEqual(drawn, ["second"]);
});

test("what a click draws itself is drawn at once and takes the place of what waited", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { presses, heard, down } = page();
  const drawn = [];
  const list = holding("button");
  down("button");
  presses.draw(list, () => drawn.push("a line of the service"));
  heard.pointerup({});
  heard.click({});
  presses.draw(list, () => drawn.push("the answer"));
  context.mock.timers.tick(CLICK_COMES_WITHIN_MS);
  assert.deepEqual(drawn, ["the answer"]);
});

test("elsewhere, and with another button, drawing waits for nothing", () => {
  const { presses, down } = page();
  const drawn = [];
  down("link");
  presses.draw(holding("another"), () => drawn.push("elsewhere"));
  down("link", { button: 2 });
  presses.end();
  down("link", { button: 2 });
  presses.draw(holding("link"), () => drawn.push("no press"));
  assert.deepEqual(drawn, ["elsewhere", "no press"]);
});

for (const name of ["pointercancel", "blur"])
  test(`a press that ends by ${name} lets everything be drawn`, () => {
    const { presses, heard, down } = page();
    const draw = mock.fn();
    down("link");
    presses.draw(holding("link"), draw);
    heard[name]({});
    assert.equal(draw.mock.callCount(), 1);
  });

test("a release without a click, a press that moved away, ends after a moment; not the press after it", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { presses, heard, down } = page();
  const draw = context.mock.fn();
  down("link");
  heard.pointerup({});
  context.mock.timers.tick(CLICK_COMES_WITHIN_MS - 1);
  down("link");
  presses.draw(holding("link"), draw);
  context.mock.timers.tick(CLICK_COMES_WITHIN_MS);
  assert.equal(draw.mock.callCount(), 0);
  heard.pointerup({});
  context.mock.timers.tick(CLICK_COMES_WITHIN_MS);
  assert.equal(draw.mock.callCount(), 1);
});
