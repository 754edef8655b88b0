/**
 * Keeps the shell (page, scripts, styles, fonts) so that the wallet opens without network. Answers about money, and
 * everything else under /v1, go to the network alone and are never kept.
 */
import precache from "#precache";

const CACHE = `shell-${precache.version}`;
const SHELL = "/";
const NAVIGATION_TIMEOUT_MS = 4_000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll([...precache.files, "/theme.css", "/icon.svg"]);
    await cache.put(SHELL, await fetch(SHELL, { credentials: "same-origin", cache: "no-store" }));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && isWalletPage(url.pathname)) event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/") || ["/theme.css", "/icon.svg"].includes(url.pathname)) event.respondWith(part(request));
});

/** Pages of other faces on this origin (public page, API reference) are not the wallet's to keep. */
const isWalletPage = (path) => !/^\/(v1|public|docs|openapi|static|health|ready|metrics)(\/|\.|$)/.test(path);

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

async function part(request) {
  return (await caches.match(request)) ?? fetch(request);
}
