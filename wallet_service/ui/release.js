// A release while a page is open: noticed, told once, never forced. The page goes on with the scripts it has, which its
// worker keeps (`shell_cache.js`); a part of them that is fetched late may be gone all the same.
import { onAwake } from "./awake.js";
import { t } from "./i18n.js";

/** A page that is never closed is never looked for by the browser: a till's, an installed app's. */
const LOOK_EVERY_MS = 30 * 60_000;

/**
 * Registers the face's worker, and says when another release has taken over from the one this page began with.
 * @param {string} path
 * @param {() => void} onRelease
 * @param {{container?: ServiceWorkerContainer, awake?: typeof onAwake, every?: (look: () => void, ms: number) => unknown}} [where]
 */
export function followReleases(path, onRelease, where = {}) {
  const { container = navigator.serviceWorker, awake = onAwake, every = setInterval } = where;
  if (!container) return; // the page works without it, online
  let isFirst = container.controller === null;
  container.addEventListener("controllerchange", () => {
    if (!isFirst) onRelease();
    isFirst = false;
  });
  container
    .register(path)
    .then((registration) => {
      let lookedAtMs = Date.now();
      const look = () => {
        if (Date.now() - lookedAtMs < LOOK_EVERY_MS) return;
        lookedAtMs = Date.now();
        registration.update().catch(() => {}); // no network: the next time
      };
      awake(look);
      every(look, LOOK_EVERY_MS);
    })
    .catch((error) => console.warn(error));
}

/** Part of this page's scripts cannot be had any more, or not now. Its message is for people. */
export class PartMissing extends Error {
  name = "PartMissing";
}

/**
 * A part that is fetched only when it is needed. Throws PartMissing.
 * @template Part
 * @param {() => Promise<Part>} load
 * @returns {Promise<Part>}
 */
export async function loadPart(load) {
  try {
    return await load();
  } catch (cause) {
    throw new PartMissing(
      t("L’application a changé entre-temps, ou le réseau manque. Rechargez la page : rien n’est perdu."),
      { cause },
    );
  }
}
