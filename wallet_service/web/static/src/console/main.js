// The console's page: live regions, dialogs, refusals, menu. Pages are made by the server; nothing here knows a figure.
import htmx from "htmx.org";

import { listen } from "#shared/events.js";
import { applyTheme, chooseLanguage, chosenTheme, chooseTheme } from "#shared/theme.js";
import { startDialogs } from "./dialogs.js";
import { refreshLiveRegions } from "./live.js";

const SETTLE_MS = 350; // a burst of events is one look
const LOOK_AGAIN_MS = 1_600; // after the service's own throttle, so that the last change of a burst is seen
const SLOW_LOOK_MS = 60_000; // ages ("il y a 6 h") move on without any event

applyTheme();
startDialogs(document);
startErrors();
startMenu();
forgetDoneMark();
if (document.body.dataset.livePage === "yes") startLive();

document.addEventListener("click", (event) => {
  const language = event.target.closest("[data-language]");
  if (language) chooseLanguage(language.dataset.language);
  if (event.target.closest("[data-theme-toggle]")) chooseTheme(isDark() ? "light" : "dark");
});

function isDark() {
  const chosen = chosenTheme();
  return chosen === "system" ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
}

function startLive() {
  let timer = null;
  let again = null;
  const look = () => refreshLiveRegions((node) => htmx.process(node)).catch(() => showLine(false));
  const soon = () => {
    clearTimeout(timer);
    clearTimeout(again);
    timer = setTimeout(look, SETTLE_MS);
    again = setTimeout(look, LOOK_AGAIN_MS);
  };
  // "stream.open" counts too: something may have changed between the making of the page and the opening of the line.
  const close = listen("/events", { "*": soon, "stream.reload": soon, "topup.held": soon, "topup.returned": soon, "bank.entry_resolved": soon, "bank.statement": soon, "bank.file_refused": soon }, { onState: showLine });
  const slow = setInterval(look, SLOW_LOOK_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
  addEventListener("pagehide", () => { close(); clearInterval(slow); });
}

/** "en direct" or "reconnexion…" beside the date. */
function showLine(open) {
  const mark = document.querySelector("[data-line-state]");
  if (!mark) return;
  mark.textContent = open ? mark.dataset.open : mark.dataset.closed;
  mark.classList.toggle("danger-text", !open);
}

/** A refusal is shown where the person is looking: in the open dialog, else at the top of the page. */
function startErrors() {
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status < 400) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    event.detail.swapOverride = "innerHTML";
    const form = event.detail.requestConfig.elt.closest("form");
    event.detail.target = form?.querySelector(".problem-place") ?? document.querySelector("#problem");
  });
  // A long form is sent from its end and answered at its top.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.xhr.status >= 400) event.detail.target.scrollIntoView({ block: "nearest" });
  });
}

function startMenu() {
  const button = document.querySelector("[data-toggles]");
  button?.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    document.getElementById(button.dataset.toggles).classList.toggle("open", open);
  });
}

/** ?done=… said its sentence once; a reload must not say it again. */
function forgetDoneMark() {
  const url = new URL(location.href);
  if (!url.searchParams.has("done")) return;
  url.searchParams.delete("done");
  history.replaceState(null, "", url);
}
