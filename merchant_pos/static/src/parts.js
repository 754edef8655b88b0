// Small pieces used by several screens: an amount, a pill, a button.
import { h, icon } from "./dom.js";
import { amountParts, amountText, t } from "./text.js";

/** A big amount: cents smaller, unit written out; read aloud as one number. */
export function bigAmount(cents, unit = "", tag = "p") {
  const { sign, units, mark, cents: small } = amountParts(cents);
  return h(`${tag}.amount`, {},
    h("span.visually-hidden", {}, unit ? `${amountText(cents)} ${unit}` : amountText(cents)),
    h("span.amount-figures", { "aria-hidden": "true" },
      h("span.amount-units", {}, sign + units), h("span.amount-cents", {}, mark + small), unit ? h("span.amount-unit", {}, ` ${unit}`) : null));
}

// Words of the pills, said here in full so that each has its translation.
const PILL_WORDS = () => ({
  "en attente": t("en attente"), "en cours": t("en cours"), payé: t("payé"), expiré: t("expiré"), annulé: t("annulé"),
  remboursé: t("remboursé"), demandé: t("demandé"), refusé: t("refusé"),
});

export function pill([tone, word]) {
  const mark = { paid: () => icon("check"), refused: () => icon("x"), wait: () => icon("hourglass"), neutral: () => null }[tone]();
  return h(`span.pill.${tone}`, {}, mark, PILL_WORDS()[word] ?? word);
}

export function button(kind, text, onclick, { iconElement = null, ...properties } = {}) {
  return h(`button.button.${kind}`, { type: "button", onclick, ...properties }, iconElement, h("span", {}, text));
}

/** The mark: two chalk arches. */
export function mark() {
  const template = document.createElement("template");
  template.innerHTML = '<svg class="mark" viewBox="0 0 64 64" aria-hidden="true" focusable="false"><rect class="mark-tile" width="64" height="64" rx="15"/><path class="mark-arches" d="M10 45c4-15 8-24 15-24 5 0 8 4 10 9 2-3 4-5 7-5 6 0 9 9 12 20z"/></svg>';
  return template.content.firstChild;
}
