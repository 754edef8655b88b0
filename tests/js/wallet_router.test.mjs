/** Every address of the app is served: a reload, a bookmark or a scanned code never meets "not found". */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const WALLET = new URL("../../wallet_service/faces/wallet/", import.meta.url);
const router = readFileSync(new URL("src/router.js", WALLET), "utf8");
const pages = readFileSync(new URL("routers/pages.py", WALLET), "utf8");

/** /^\/order\/(?<ref>…)$/ -> /order/*, /^\/p\/…$/i -> /p/* */
const appPaths = [...router.matchAll(/^ {2}\[\/\^(.+?)\$\/i?, /gm)].map((match) =>
  match[1].replaceAll("\\/", "/").replace(/\(\?<\w+>.*\)$/, "*"),
);
const servedPaths = [...pages.matchAll(/^ {4}"(\/[^"]*)",$/gm)].map((match) => match[1].replace(/\{\w+\}/, "*"));

test("the service serves the shell for every screen of the app", () => {
  assert.ok(appPaths.length > 10);
  assert.deepEqual(
    appPaths.filter((path) => !servedPaths.includes(path)),
    [],
  );
});

test("the service serves the shell for nothing else", () => {
  assert.deepEqual(
    servedPaths.filter((path) => !appPaths.includes(path.toLowerCase())),
    [],
  );
});
