// A release while a page is open: told once, to pages that began with another one; parts that are gone say so.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.caches ??= {};
const { followReleases, loadPart } = await import("#ui/release.js");
const { dropOldShells } = await import("#ui/shell_cache.js");

function container(controller) {
  const made = new EventTarget();
  return Object.assign(made, { controller, register: async () => ({ update: async () => {} }) });
}

const awake = () => () => {};
const every = () => {};

test("the first worker of a page is no release, the second is", () => {
  const workers = container(null);
  let told = 0;
  followReleases("/w.js", () => (told += 1), { container: workers, awake, every });
  workers.dispatchEvent(new Event("controllerchange"));
  assert.equal(told, 0);
  workers.dispatchEvent(new Event("controllerchange"));
  assert.equal(told, 1);
});

test("a page that had a worker hears of the next one", () => {
  const workers = container({});
  let told = 0;
  followReleases("/w.js", () => (told += 1), { container: workers, awake, every });
  workers.dispatchEvent(new Event("controllerchange"));
  assert.equal(told, 1);
});

test("a browser without workers is left alone", () => {
  followReleases("/w.js", assert.fail, { container: null, awake, every });
});

test("a part that is gone is said in words", async () => {
  assert.equal(await loadPart(async () => 7), 7);
  await assert.rejects(
    loadPart(() => Promise.reject(new TypeError("Failed to fetch dynamically imported module"))),
    (error) => error.name === "PartMissing" && /Rechargez la page/.test(error.message),
  );
});

test("the parts of the release before are kept for pages that are open, its page is not", async () => {
  const names = ["other", "shell-1", "shell-2", "shell-3"];
  const gone = [];
  const kept = {
    keys: async () => names,
    delete: async (name) => gone.push(name),
    open: async (name) => ({ delete: async (path) => gone.push(`${name} ${path}`) }),
  };
  await dropOldShells(kept, "shell-3");
  assert.deepEqual(gone, ["shell-1", "shell-2 /"]);
});
