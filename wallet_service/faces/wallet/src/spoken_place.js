/** Where something may be read aloud, for who asked for it; how is a part of its own, which nobody else loads. */
import { element } from "#ui/dom.js";

import { remembered } from "./remembered.js";

/**
 * @param {{add: (dispose: () => void) => void}} disposables
 * @param {"balance" | "payment"} what
 * @param {any[]} about the app; of a payment also its cents and the payee's name
 */
export function spokenPlace(disposables, what, ...about) {
  if (!remembered("spoken")) return null;
  const place = element("div");
  // Without network the first time nothing comes: the amount is there to read.
  import("./speech.js").then((speech) => speech.putButton(place, disposables, what, about), console.warn);
  return place;
}
