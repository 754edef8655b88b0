// The service worker of a face: keeps its shell (page, scripts, styles, fonts) so that it opens without network.
// Answers about money, and everything else, go to the network alone and are never kept.
import made from "#precache";

/** @type {any} {version, files}, as the build lists them */
const precache = made;

const PREFIX = "shell-";
const CACHE = `${PREFIX}${precache.version}`;
const SHELL = "/";
const LOOKS = ["/theme.css", "/icon.svg"];
const NAVIGATION_TIMEOUT_MS = 4_000;
const worker = /** @type {any} */ (globalThis);

/**
 * @param {(path: string) => boolean} isPage which addresses the shell answers for
 * @param {{paths: string[], standIn: (path: string) => string | null, renewed?: string[]}} [kept] what is kept beside the
 *   shell and asked of the network first: whole answers that are the same for everybody, and which of them stands in for
 *   an address; `renewed`: those that are asked for under addresses with a query alone, and fetched once more then
 */
export function keepShell(isPage, kept = { paths: [], standIn: () => null }) {
  worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install(kept.paths)));
  worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(takeOver()));
  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin) return;
    const standIn = kept.standIn(pathname);
    if (standIn) event.respondWith(freshOrKept(event, standIn, kept.renewed?.includes(standIn) ?? false));
    else if (request.mode === "navigate" && isPage(pathname)) event.respondWith(page(event));
    else if (pathname.startsWith("/static/") || LOOKS.includes(pathname)) event.respondWith(part(request));
  });
}

/** @param {string[]} paths */
async function install(paths) {
  const cache = await caches.open(CACHE);
  await cache.addAll([...precache.files, ...LOOKS]);
  // Another release may have come since this worker was read: then the browser installs that one's, a moment later.
  const isWhole = await keepIfWhole(await fetch(SHELL, { credentials: "same-origin", cache: "no-store" }), cache);
  if (!isWhole) throw new Error("the page is of another release than this worker");
  await Promise.allSettled(paths.map((path) => cache.add(new Request(path, { cache: "no-store" }))));
  await worker.skipWaiting();
}

async function takeOver() {
  await dropOldShells(caches, CACHE);
  await worker.clients.claim();
}

/**
 * Pages that are open go on with the release they began with: its parts stay until the next one. Its page goes, so that
 * nobody starts with it any more.
 * @param {Pick<CacheStorage, "keys" | "delete" | "open">} kept
 * @param {string} current
 */
export async function dropOldShells(kept, current) {
  const old = (await kept.keys()).filter((name) => name.startsWith(PREFIX) && name !== current); // the newest last
  const before = old.pop();
  for (const name of old) await kept.delete(name);
  if (before) await (await kept.open(before)).delete(SHELL);
}

/** @param {any} event */
async function page(event) {
  try {
    const answer = await fetch(event.request, { signal: AbortSignal.timeout(NAVIGATION_TIMEOUT_MS) });
    if (answer.ok) event.waitUntil(caches.open(CACHE).then((cache) => keepIfWhole(answer.clone(), cache)));
    return answer;
  } catch (error) {
    const kept = await caches.match(SHELL, { cacheName: CACHE });
    if (!kept) throw error;
    return kept;
  }
}

/**
 * The network's answer; where there is none in time, or the service cannot, what was kept in its place.
 * @param {any} event
 * @param {string} standIn
 * @param {boolean} isRenewed
 */
async function freshOrKept(event, standIn, isRenewed) {
  const { pathname, search } = new URL(event.request.url);
  try {
    const answer = await fetch(event.request, { signal: AbortSignal.timeout(NAVIGATION_TIMEOUT_MS) });
    if (answer.status >= 500) return (await caches.match(standIn)) ?? answer;
    if (answer.ok && pathname === standIn && !search)
      event.waitUntil(caches.open(CACHE).then((cache) => keepIfWhole(answer.clone(), cache, standIn)));
    else if (answer.ok && isRenewed) event.waitUntil(renew(standIn));
    return answer;
  } catch (error) {
    const keptAnswer = await caches.match(standIn);
    if (!keptAnswer) throw error;
    return keptAnswer;
  }
}

/** What is kept is of now again. Nothing is lost where it cannot be had. @param {string} path */
async function renew(path) {
  const answer = await fetch(path, { credentials: "same-origin" }).catch(() => null);
  if (answer?.ok) await keepIfWhole(answer, await caches.open(CACHE), path);
}

/**
 * Keeps a fresh page only beside the very scripts and styles it names: after a release the new page waits for the new
 * worker, or the next start without network would be a page whose scripts are nowhere.
 * @param {Response} answer
 * @param {{match: (path: string) => Promise<unknown>, put: (path: string, answer: Response) => Promise<unknown>}} cache
 * @param {string} [address]
 * @returns {Promise<boolean>} whether it is
 */
export async function keepIfWhole(answer, cache, address = SHELL) {
  const text = await answer.text();
  const parts = new Set(text.match(/\/static\/[\w.-]+/g) ?? []);
  const kept = await Promise.all([...parts].map((path) => cache.match(path)));
  const isWhole = answer.ok && kept.every(Boolean);
  if (isWhole) await cache.put(address, new Response(text, { headers: answer.headers }));
  return isWhole;
}

/** @param {Request} request */
async function part(request) {
  return (await caches.match(request)) ?? fetch(request);
}
