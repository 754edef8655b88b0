/** Pieces several screens share: amounts, headers, rows, notices, forms. Knows no address of the service. */
import { element, icon } from "#shared/dom.js";
import { amountParts, formatAmount, formatTime, language, t } from "./words.js";

/** Let go of what a screen holds (listeners, timers, the camera), all at once. */
export class Disposables {
  #callbacks = [];
  /** Whether the screen was left: an answer that comes late must not paint or lead elsewhere. */
  isDisposed = false;

  add(callback) {
    this.#callbacks.push(callback);
  }

  every(milliseconds, callback) {
    const timer = setInterval(callback, milliseconds);
    this.add(() => clearInterval(timer));
  }

  dispose() {
    this.isDisposed = true;
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}

/** An amount with small cents and its unit; spoken whole. @param {number} cents @param {string} unit @param {string} size huge | big | "" */
export function amount(cents, unit, size = "") {
  const parts = amountParts(cents);
  return element(
    `span.amount${size ? `.${size}` : ""}`,
    {},
    element("span", { "aria-hidden": "true" }, parts.sign, parts.units, element("span.cents", {}, parts.mark, parts.cents)),
    unit && element("span.unit", { "aria-hidden": "true" }, " ", unit),
    element("span.visually-hidden", {}, `${formatAmount(cents)}${unit ? ` ${unit}` : ""}`),
  );
}

/** Browsers let a page vibrate only after a touch, and call it an error before. */
export function vibrate(pattern) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}

export const capitalised = (text) => text.charAt(0).toLocaleUpperCase(language()) + text.slice(1);

/** "Aujourd’hui 8 h 12" */
export const whenShown = (unixMs, nowUnixMs) => capitalised(formatTime(unixMs, nowUnixMs));

/** The head of an inner screen: a way back, a title, something at the end. */
export function innerHeader(app, title, { back = "/", backLabel = t("Retour"), end = null } = {}) {
  return element(
    "header.inner-header",
    {},
    element("a.back", { href: back }, icon("arrow-left"), element("span", {}, backLabel)),
    end,
    element("h1", { tabindex: "-1" }, title),
  );
}

/** A sentence that matters: kind is "" (calm), wait, bad or good. */
export function notice(kind, iconName, ...children) {
  return element(`div.notice-line${kind ? `.${kind}` : ""}`, {}, icon(iconName), element("div.grow", {}, ...children));
}
/* icons: info triangle-alert circle-check hourglass wifi-off lock */

/** A row that leads somewhere. */
export function linkRow(href, iconName, title, detail = null) {
  return element(
    "li",
    {},
    element(
      "a.row-link",
      { href },
      element("span.icon-tile", {}, icon(iconName)),
      element("span.grow", {}, element("span.row-title", {}, title), detail && element("span.row-detail", {}, detail)),
      icon("chevron-right"),
    ),
  );
}
/* icons: id-card tablet landmark shield-check fingerprint-pattern languages sun-moon log-out smartphone */

/** A labelled control. `control` gets its id, its hint and its error wired; `holder` is what is shown when the control is inside more. */
export function field(name, label, control, { hint = null, optional = false, holder = control } = {}) {
  const id = `field-${name}`;
  control.id = id;
  control.name = name;
  const error = element("p.error", { id: `${id}-error`, hidden: true });
  const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  control.setAttribute("aria-describedby", described);
  const box = element(
    "div.field",
    {},
    element("label", { for: id }, label, optional && element("span.soft", {}, ` ${t("(facultatif)")}`)),
    holder,
    hint && element("p.hint", { id: `${id}-hint` }, hint),
    error,
  );
  return { box, control, setError: (sentence) => setFieldError(control, error, sentence) };
}

function setFieldError(control, error, sentence) {
  error.textContent = sentence ?? "";
  error.hidden = !sentence;
  if (sentence) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

/** An amount to type, large, with its unit. */
export function amountInput(unit, attributes = {}) {
  const input = element("input.input.amount-input", { inputmode: "decimal", autocomplete: "off", placeholder: "0", maxlength: "14", ...attributes });
  return { input, box: element("div.amount-field", {}, input, element("span.unit", { "aria-hidden": "true" }, unit)) };
}

/** A value people carry elsewhere, with a button that copies it. */
export function copyRow(label, shown, copied = shown.replace(/\s/g, "")) {
  const word = element("span", {}, t("Copier"));
  const button = element(
    "button.button.secondary.small",
    { type: "button", "aria-label": t("Copier : {label}", { label }), onclick: () => copyText(copied, word) },
    icon("copy"),
    word,
  );
  return element("div.copy-row", {}, element("dt", {}, label), element("dd", {}, element("span.code", {}, shown), button));
}

async function copyText(text, word) {
  try {
    await navigator.clipboard.writeText(text);
    word.textContent = t("Copié");
  } catch {
    word.textContent = t("À recopier");
  }
}

/** Runs `action` while the button says it is busy; shows the refusal in `place`. One run at a time. */
export async function runBusy(button, place, action) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  place.replaceChildren();
  try {
    await action();
  } catch (error) {
    if (!isForPeople(error)) console.error(error);
    place.replaceChildren(notice("bad", "triangle-alert", isForPeople(error) ? error.message : t("Quelque chose a échoué. Réessayez dans un instant.")));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

const isForPeople = (error) => error.name === "Problem" || error.name === "Told";

/** A refusal this app words itself. */
export class Told extends Error {
  name = "Told";
}

/** Nobody may take the demonstration's money for real. */
export const demoLine = (app) =>
  app.config?.environment === "demo" ? element("p.soft.small.center", {}, t("Démonstration : l’argent, les personnes et les commerces sont fictifs.")) : null;

/** Lines that stand for what is being read. */
export function skeletonList(count) {
  const line = () => element("li", {}, element("span.skeleton.grow", {}, "\u00a0"));
  return element("ul.list", { "aria-busy": "true", "aria-label": t("Lecture en cours") }, Array.from({ length: count }, line));
}

/** Two arches, drawn: the sign on the balance card. */
export function arches() {
  const holder = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  holder.setAttribute("class", "arches");
  holder.setAttribute("viewBox", "0 0 216 86");
  holder.setAttribute("preserveAspectRatio", "xMaxYMax meet");
  holder.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M0 86C13 40 31 12 58 12c20 0 33 14 40 34C107 18 126 0 148 0c35 0 54 42 68 86z");
  holder.append(path);
  return holder;
}

/** The mark and the currency's name. */
export function brandMark(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 64 64");
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of [
    ["rect", { class: "tile", width: 64, height: 64, rx: 15 }],
    ["path", { class: "arches", d: "M10 45c4-15 8-24 15-24 5 0 8 4 10 9 2-3 4-5 7-5 6 0 9 9 12 20z" }],
  ]) {
    const part = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
    svg.append(part);
  }
  return element("span.brand-mark", {}, svg, name);
}
