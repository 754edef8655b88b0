// A kept page and its scripts are replaced together: never a new page beside old scripts.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.caches ??= {};
const { keepIfWhole } = await import("#ui/shell_cache.js");

const page = (script) =>
  new Response(`<link href="/static/style.AAAA.css"><script src="/static/${script}"></script>`, {
    headers: { "Content-Type": "text/html" },
  });

function cacheOf(...paths) {
  const put = [];
  return {
    put: async (path, answer) => put.push([path, await answer.text()]),
    match: async (path) => paths.includes(path),
    kept: put,
  };
}

test("a page whose parts are kept is kept with them", async () => {
  const cache = cacheOf("/static/style.AAAA.css", "/static/wallet.AAAA.js");
  await keepIfWhole(page("wallet.AAAA.js"), cache);
  assert.equal(cache.kept.length, 1);
  assert.equal(cache.kept[0][0], "/");
  assert.match(cache.kept[0][1], /wallet\.AAAA\.js/);
});

test("the page of the next release is not kept beside this one's scripts", async () => {
  const cache = cacheOf("/static/style.AAAA.css", "/static/wallet.AAAA.js");
  await keepIfWhole(page("wallet.BBBB.js"), cache);
  assert.deepEqual(cache.kept, []);
});
