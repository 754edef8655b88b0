/** A document of its owner, by camera, album or file alike: chosen, looked at for its size, and handed on. */
import { notice } from "#ui/components.js";
import { element, icon } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { runBusy } from "./components.js";
/* icons: camera */

const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

/**
 * @param {string} id
 * @param {string} word on the button
 * @param {Element} alert where refusals are shown
 * @param {(chosen: File) => Promise<void>} send
 * @returns {{input: HTMLElement, label: HTMLElement}} to be shown beside each other, in this order
 */
export function documentChooser(id, word, alert, send) {
  const input = /** @type {HTMLInputElement} */ (
    element("input.visually-hidden", {
      type: "file",
      id,
      // Without "capture": a phone then offers camera, album and files alike, and an iPhone hands over a JPEG.
      accept: "image/jpeg,image/png,application/pdf",
    })
  );
  const label = element("label.button.secondary.wide", { for: id }, icon("camera"), word);
  input.addEventListener("change", () => {
    const chosen = input.files?.[0];
    if (!chosen) return;
    if (chosen.size > MAX_DOCUMENT_BYTES) {
      alert.replaceChildren(notice("bad", "triangle-alert", t("Ce fichier dépasse 8 Mo.")));
      return;
    }
    void runBusy(label, alert, () => send(chosen)).finally(() => {
      input.value = ""; // the same picture may be chosen again after a refusal
    });
  });
  return { input, label };
}
