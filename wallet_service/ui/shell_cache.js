// The service worker of a face: keeps its shell (page, scripts, styles, fonts) so that it opens without network.
// Answers about money, and everything else, go to the network alone and are never kept.
import made from "#precache";

/** @type {any} {version, files}, as the build lists them */
const precache = made;

const CACHE = `shell-${precache.version}`;
const SHELL = "/";
const LOOKS = ["/theme.css", "/icon.svg"];
const NAVIGATION_TIMEOUT_MS = 4_000;
const worker = /** @type {any} */ (globalThis);

/** @param {(path: string) => boolean} isPage which addresses the shell answers for */
export function keepShell(isPage) {
  worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
  worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(dropOldShells()));
  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin) return;
    if (request.mode === "navigate" && isPage(pathname)) event.respondWith(page(request));
    else if (pathname.startsWith("/static/") || LOOKS.includes(pathname)) event.respondWith(part(request));
  });
}

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...precache.files, ...LOOKS]);
  await cache.put(SHELL, await fetch(SHELL, { credentials: "same-origin", cache: "no-store" }));
  await worker.skipWaiting();
}

async function dropOldShells() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await worker.clients.claim();
}

/** @param {Request} request */
async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(NAVIGATION_TIMEOUT_MS) });
    if (answer.ok) await (await caches.open(CACHE)).put(SHELL, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(SHELL);
    if (!kept) throw error;
    return kept;
  }
}

/** @param {Request} request */
async function part(request) {
  return (await caches.match(request)) ?? fetch(request);
}
