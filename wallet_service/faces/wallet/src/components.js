/** Pieces several screens share: amounts, headers, rows, notices, forms. Knows no address of the service. */
import { mark, notice } from "#ui/components.js";
import { drawing, element, icon } from "#ui/dom.js";
import { language, t } from "#ui/i18n.js";
import { formatTime } from "#ui/times.js";

export const capitalised = (text) => text.charAt(0).toLocaleUpperCase(language()) + text.slice(1);

/** "Aujourd’hui 8 h 12" */
export const whenShown = (unixMs, nowUnixMs) => capitalised(formatTime(unixMs, nowUnixMs));

/** What this screen is for, and a person to talk to. The service knows the screen by the first part of its address alone. */
export const helpLink = () =>
  element(
    "a.help-link",
    { href: `/help?from=${location.pathname.split("/")[1]}`, "aria-label": t("Aide") },
    icon("circle-question-mark"),
  );

/** The head of an inner screen: a way back, a title, something at the end and the help. */
export function innerHeader(app, title, { back = "/", backLabel = t("Retour"), end = null } = {}) {
  return element(
    "header.inner-header",
    {},
    element("a.back", { href: back }, icon("arrow-left"), element("span", {}, backLabel)),
    element("span.row.tight", {}, end, helpLink()),
    element("h1", { tabindex: "-1" }, title),
  );
}

/* icons: circle-question-mark info triangle-alert circle-check hourglass wifi-off lock */

/**
 * A row that leads somewhere.
 * @param {string} href
 * @param {string} iconName
 * @param {string} title
 * @param {string | null} [detail]
 */
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
/* icons: id-card tablet landmark shield-check fingerprint-pattern log-out smartphone */

/**
 * A labelled control. `control` gets its id, its hint and its error wired.
 * @param {string} name
 * @param {string} label
 * @param {any} control
 * @param {{hint?: string | null, optional?: boolean, holder?: any}} [options] `holder` is what is shown when the
 * control is inside more
 */
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
  return {
    box,
    control,
    setError: (/** @type {string | null | undefined} */ sentence) => setFieldError(control, error, sentence),
  };
}

/** @param {Element} control @param {HTMLElement} error @param {string | null} [sentence] */
function setFieldError(control, error, sentence) {
  error.textContent = sentence ?? "";
  error.hidden = !sentence;
  if (sentence) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

/** An amount to type, large, with its unit. */
export function amountInput(unit, attributes = {}) {
  const input = element("input.input.amount-input", {
    inputmode: "decimal",
    autocomplete: "off",
    placeholder: "0",
    maxlength: "14",
    ...attributes,
  });
  return { input, box: element("div.amount-field", {}, input, element("span.unit", { "aria-hidden": "true" }, unit)) };
}

/**
 * A value people carry elsewhere, with a button that copies it and says, to whoever does not see it, that it did.
 * @param {string} label
 * @param {string} shown
 * @param {{copied?: string, spoken?: string | null}} [options] `copied`: without the spaces it is shown with, unless
 * said; `spoken`: what a screen reader says instead of what is shown
 */
export function copyRow(label, shown, { copied = shown.replace(/\s/g, ""), spoken = null } = {}) {
  const word = element("span", {}, t("Copier"));
  const news = element("span.visually-hidden", { role: "status" });
  const copy = async () => {
    news.textContent = ""; // the same words again are news again
    const isCopied = await copyText(copied);
    word.textContent = isCopied ? t("Copié") : t("À recopier");
    news.textContent = isCopied
      ? t("{label} : copié", { label })
      : t("{label} : ce navigateur ne copie pas, recopiez à la main", { label });
  };
  const button = element(
    "button.button.secondary.small",
    { type: "button", "aria-label": t("Copier : {label}", { label }), onclick: copy },
    icon("copy"),
    word,
  );
  const value = spoken
    ? [element("span", { "aria-hidden": "true" }, shown), element("span.visually-hidden", {}, spoken)]
    : shown;
  return element(
    "div.copy-row",
    {},
    element("dt", {}, label),
    element("dd", {}, element("span.code", {}, value), button, news),
  );
}

/** @param {string} text @returns {Promise<boolean>} */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Gives the person a file to keep. @param {Blob} file @param {string} name */
export function keepFile(file, name) {
  const link = element("a", { href: URL.createObjectURL(file), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}

/** What is kept of JSON. @param {unknown} content */
export const jsonFile = (content) => new Blob([`${JSON.stringify(content, null, 2)}\n`], { type: "application/json" });

/** Runs `action` while the button says it is busy; shows the refusal in `container`. One run at a time. */
export async function runBusy(button, container, action) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  container.replaceChildren();
  try {
    await action();
  } catch (error) {
    if (!isForPeople(error)) console.error(error);
    container.replaceChildren(
      notice(
        "bad",
        "triangle-alert",
        isForPeople(error) ? error.message : t("Quelque chose a échoué. Réessayez dans un instant."),
      ),
    );
  } finally {
    button.removeAttribute("aria-busy");
  }
}

const isForPeople = (error) => error.name === "Problem" || error.name === "UserFacingError";

/** A refusal this app words itself. */
export class UserFacingError extends Error {
  name = "UserFacingError";
}

/** Nobody may take the demonstration's money for real. */
export const demoLine = (app) =>
  app.config?.environment === "demo"
    ? element("p.soft.small.center", {}, t("Démonstration : l’argent, les personnes et les commerces sont fictifs."))
    : null;

/** Lines that stand for what is being read. */
export function skeletonList(count) {
  const line = () => element("li", {}, element("span.skeleton.grow", {}, "\u00a0"));
  return element(
    "ul.list",
    { "aria-busy": "true", "aria-label": t("Lecture en cours") },
    Array.from({ length: count }, line),
  );
}

/** Two arches, drawn: the sign on the balance card. */
export const arches = () =>
  drawing(
    "svg",
    { class: "arches", viewBox: "0 0 216 86", preserveAspectRatio: "xMaxYMax meet", "aria-hidden": "true" },
    drawing("path", { d: "M0 86C13 40 31 12 58 12c20 0 33 14 40 34C107 18 126 0 148 0c35 0 54 42 68 86z" }),
  );

/** The mark and the currency's name. */
export const brandMark = (name) => element("span.brand-mark", {}, mark(), name);
