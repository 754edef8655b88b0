// The console's live regions leave alone what an officer is using.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { refreshLiveRegions } from "../../wallet_service/faces/console/src/live.js";

/** As much of an element as the module asks. */
class Piece {
  constructor({ id = "", kind = "div", classes = [], inside = [], words = "" } = {}) {
    Object.assign(this, { id, kind, inside, words });
    this.classList = { contains: (name) => classes.includes(name), remove() {}, length: 0 };
    this.replacedBy = null;
  }

  contains(other) {
    return this === other || this.inside.some((each) => each.contains(other));
  }

  matches(selector) {
    return selector.split(", ").includes(this.kind);
  }

  querySelector(selector) {
    return selector === "dialog[open]" ? (this.inside.find((each) => each.kind === "dialog") ?? null) : null;
  }

  querySelectorAll() {
    return [];
  }

  cloneNode() {
    return this;
  }

  getAttribute() {
    return null;
  }

  isEqualNode(other) {
    return this.words === other.words;
  }

  replaceWith(other) {
    this.replacedBy = other;
  }
}

/** A page with one live list and the form that fills it. */
function page({ form, active = null, list = new Piece({ id: "unmatched", words: "before" }) }) {
  globalThis.document = {
    activeElement: active,
    importNode: (node) => node,
    querySelectorAll: (selector) =>
      ({ "[data-live][id]": [list], '[hx-target="#unmatched"]': form ? [form] : [] })[selector],
  };
  return list;
}

const fresh = async () => ({ getElementById: () => new Piece({ id: "unmatched", words: "after" }) });
const look = () => refreshLiveRegions(() => {}, fresh);

afterEach(() => {
  delete globalThis.document;
});

test("a list nobody uses is replaced", async () => {
  const list = page({ form: new Piece() });
  assert.equal(await look(), 1);
  assert.equal(list.replacedBy.words, "after");
});

test("a list whose search has been sent waits for its answer", async () => {
  const list = page({ form: new Piece({ classes: ["htmx-request"] }) });
  assert.equal(await look(), 0);
  assert.equal(list.replacedBy, null);
});

test("a list whose search is being written stays as it is", async () => {
  const field = new Piece({ kind: "input" });
  page({ form: new Piece({ inside: [field] }), active: field });
  assert.equal(await look(), 0);
});

test("the search's button having the focus keeps nothing still", async () => {
  const button = new Piece({ kind: "button" });
  page({ form: new Piece({ inside: [button] }), active: button });
  assert.equal(await look(), 1);
});

test("an open dialog, or a field of its own, keeps a list still", async () => {
  const field = new Piece({ kind: "textarea" });
  page({ list: new Piece({ id: "unmatched", words: "before", inside: [field] }), active: field });
  assert.equal(await look(), 0);
  page({ list: new Piece({ id: "unmatched", words: "before", inside: [new Piece({ kind: "dialog" })] }) });
  assert.equal(await look(), 0);
});
