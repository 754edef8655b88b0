// Fetches the page again and puts its [data-live] regions in place, leaving alone what a person is using.
import { isWriting } from "./sign_in_over.js";

/**
 * Replaces every live region that changed.
 * @param {(node: Element) => void} process is called on each new node (htmx)
 * @returns {Promise<number>} how many
 */
export async function refreshLiveRegions(process, fetchPage = fetchThisPage) {
  const fresh = await fetchPage();
  let changed = 0;
  for (const region of document.querySelectorAll("[data-live][id]")) {
    const next = fresh.getElementById(region.id);
    if (!next || next.isEqualNode(withoutMarks(region)) || isInUse(region)) continue;
    const opened = [...region.querySelectorAll("details")].map((node) => node.open);
    const adopted = document.importNode(next, true);
    adopted.querySelectorAll("details").forEach((node, at) => {
      node.open = opened[at] ?? false;
    });
    const hadFocus = region.contains(document.activeElement);
    region.replaceWith(adopted);
    process(adopted);
    if (hadFocus) focusWithin(adopted);
    changed += 1;
  }
  return changed;
}

async function fetchThisPage() {
  const answer = await fetch(location.href, {
    headers: { Accept: "text/html" },
    credentials: "same-origin",
    cache: "no-store",
  });
  if (answer.redirected && new URL(answer.url).pathname === "/sign-in") {
    // What somebody is writing is not taken from them: they are asked when they send it.
    if (!isWriting(document)) location.assign("/sign-in");
    throw new Error("signed out");
  }
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

const FIELDS = "input, textarea, select";

/**
 * An open dialog, or a field being filled: replacing it would take the words out of a person's hands. So would
 * replacing what a form beside it is asked to fill: its answer would come into a region that is gone.
 * @param {Element} region
 */
function isInUse(region) {
  const active = document.activeElement;
  /** @param {Element} place */
  const isFilled = (place) => active !== null && place.contains(active) && active.matches(FIELDS);
  const asking = [...document.querySelectorAll(`[hx-target="#${region.id}"]`)];
  return (
    region.querySelector("dialog[open]") !== null ||
    isFilled(region) ||
    asking.some((form) => form.classList.contains("htmx-request") || isFilled(form))
  );
}

/** The button that had the focus may have changed its name or gone: its place keeps the keyboard's. @param {Element} region */
function focusWithin(region) {
  const place = region.querySelector("button, a[href], summary") ?? document.querySelector("main h1, main");
  if (place instanceof HTMLElement) place.focus();
}

/** What pages' scripts add to a region must not make it look changed. @param {Element} region */
function withoutMarks(region) {
  const copy = /** @type {Element} */ (region.cloneNode(true));
  copy.classList.remove("htmx-request", "htmx-settling");
  const line = /** @type {HTMLElement | null} */ (copy.querySelector("[data-line-state]"));
  if (line) {
    line.textContent = line.dataset.open ?? "";
    line.classList.remove("danger-text");
    if (!line.classList.length) line.removeAttribute("class");
  }
  if (copy.getAttribute("class") === "") copy.removeAttribute("class");
  return copy;
}
