/**
 * The service worker's part of a push. It comes without content: what is shown is asked for behind the session, in the
 * language of this browser; without session or network it only says that there is news.
 */
const PLAIN = { title: "Du nouveau · News", count: 0 };
const TAG = "news"; // one at a time: the later replaces the earlier

/**
 * @param {string} newsPath where this face says what was not seen yet
 * @param {any} [worker]
 */
export function hearPushes(newsPath, worker = globalThis) {
  worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(tell(newsPath, worker)));
  worker.addEventListener("notificationclick", (/** @type {any} */ event) => event.waitUntil(open(worker, event)));
}

/** @param {string} newsPath @param {any} worker */
export async function tell(newsPath, worker) {
  const pages = await worker.clients.matchAll({ type: "window" });
  if (pages.some((/** @type {any} */ { visibilityState }) => visibilityState === "visible")) return undefined; // it is on the page already
  const { title, count } = await news(newsPath, worker);
  void worker.navigator.setAppBadge?.(count || undefined)?.catch?.(() => {});
  return worker.registration.showNotification(title, { tag: TAG, icon: "/icon-192.png", badge: "/icon-192.png" });
}

/** @param {string} newsPath @param {any} worker */
async function news(newsPath, worker) {
  try {
    const answer = await worker.fetch(newsPath, { credentials: "same-origin", cache: "no-store" });
    const { title, told } = await answer.json();
    return title ? { title, count: countOf(told) } : PLAIN;
  } catch {
    return PLAIN;
  }
}

/** @param {Array<{count: number}>} told */
const countOf = (told) => told.reduce((sum, { count }) => sum + count, 0);

/** @param {any} worker @param {any} event */
async function open(worker, event) {
  event.notification.close();
  const [page] = await worker.clients.matchAll({ type: "window" });
  return page ? page.focus() : worker.clients.openWindow("/");
}
