// Keeps the tablet awake while a customer pays: a code on a dark screen is a sale lost. Decides nothing of sales.

/**
 * @param {{locks?: any, page?: any}} [browser]
 * @returns {{want: (isWanted: boolean) => void}} to be told at every change; asks and lets go by itself
 */
export function makeScreenLock({ locks = navigator.wakeLock, page = document } = {}) {
  let isWanted = false;
  let isAsking = false;
  /** @type {any} */
  let held = null;
  /** The system lets go by itself when the page is hidden, so it is asked again when it shows. */
  const bring = async () => {
    if (!locks || isAsking || !isWanted || held || page.visibilityState === "hidden") return;
    isAsking = true;
    try {
      const lock = await locks.request("screen");
      lock.addEventListener("release", () => {
        if (held === lock) held = null;
      });
      held = lock;
    } catch {
      /* refused, for instance on a low battery: the tablet sleeps as it would have */
    } finally {
      isAsking = false;
    }
    if (!isWanted) letGo();
  };
  const letGo = () => {
    const lock = held;
    held = null;
    void lock?.release();
  };
  page.addEventListener("visibilitychange", () => {
    if (page.visibilityState === "hidden") held = null;
    else void bring();
  });
  return {
    want(next) {
      isWanted = next;
      if (isWanted) void bring();
      else letGo();
    },
  };
}
