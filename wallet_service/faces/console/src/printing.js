// Papers printed at the desk: the button that prints, and a code that does not outlive its page.
import { nearest } from "#ui/dom.js";

/** @param {Document} root */
export function startPrinting(root) {
  root.addEventListener("click", (event) => {
    if (nearest(event, "[data-prints]")) print();
  });
  // A page that the browser keeps for "back" must not keep what is shown once.
  addEventListener("pagehide", () => root.querySelectorAll("[data-once]").forEach((shown) => shown.remove()));
}
