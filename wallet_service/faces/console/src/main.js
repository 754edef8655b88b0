// The console's page: live regions, dialogs, refusals, menu. Pages are made by the server; nothing here knows a figure.
import htmx from "htmx.org";

import { segments } from "#ui/components.js";
import { displayChoices } from "#ui/display_choices.js";
import { element, show } from "#ui/dom.js";
import { listen } from "#ui/events.js";
import { applyLook } from "#ui/theme.js";
import { confirmFirst } from "./confirmations.js";
import { startDialogs } from "./dialogs.js";
import { refreshLiveRegions } from "./live.js";
import { seenSoon, startNotices } from "./notices.js";
import { startPaperViewer } from "./paper_viewer.js";
import { startPrinting } from "./printing.js";
import { pushedHandlers } from "./pushed.js";
import { keepThePage } from "./sign_in_over.js";

const SETTLE_MS = 350; // a burst of events is one look
const LOOK_AGAIN_MS = 1_600; // after the service's own throttle, so that the last change of a burst is seen
const SLOW_LOOK_MS = 60_000; // ages ("il y a 6 h") move on without any event

applyLook();
startDialogs(document);
startErrors();
onHtmx("confirm", confirmFirst);
onHtmx("beforeOnLoad", keepThePage);
startMenu();
startDisplay();
startNotices(document);
startPrinting(document);
startPaperViewer(document);
forgetDoneMark();
if (document.body.dataset.livePage === "yes") startLive();

/** The choices of the dialog "Affichage et langue", which every page has. */
function startDisplay() {
  const place = document.querySelector("[data-display]");
  if (!place) return;
  const field = (/** @type {import("#ui/display_choices.js").DisplayChoice} */ each) =>
    element(
      "fieldset.stack",
      {},
      element("legend", {}, each.legend),
      segments(each.name, each.options, each.chosen, each.choose),
    );
  show(place, displayChoices().map(field));
}

function startLive() {
  let timer = 0;
  let again = 0;
  const look = () => refreshLiveRegions((node) => htmx.process(node)).then(seenSoon, () => showLine(false));
  const soon = () => {
    clearTimeout(timer);
    clearTimeout(again);
    timer = setTimeout(look, SETTLE_MS);
    again = setTimeout(look, LOOK_AGAIN_MS);
  };
  const close = listen("/events", pushedHandlers(soon), { onState: showLine, isShared: true });
  const slow = setInterval(look, SLOW_LOOK_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) soon();
  });
  addEventListener("pagehide", () => {
    close();
    clearInterval(slow);
  });
}

/** "en direct" or "reconnexion…" beside the date. @param {boolean} open */
function showLine(open) {
  const mark = /** @type {HTMLElement | null} */ (document.querySelector("[data-line-state]"));
  if (!mark) return;
  mark.textContent = (open ? mark.dataset.open : mark.dataset.closed) ?? "";
  mark.classList.toggle("danger-text", !open);
}

/** A refusal is shown where the person is looking: in the open dialog, else at the top of the page. */
function startErrors() {
  onHtmx("beforeSwap", ({ detail }) => {
    if (detail.xhr.status < 400) return;
    detail.shouldSwap = true;
    detail.isError = false;
    detail.swapOverride = "innerHTML";
    detail.selectOverride = "unset"; // what a form takes of the page it asked for is not in a refusal
    const form = detail.requestConfig.elt.closest("form");
    detail.target = form?.querySelector(".problem-place") ?? document.querySelector("#problem");
  });
  // A long form is sent from its end and answered at its top.
  onHtmx("afterSwap", ({ detail }) => {
    if (detail.xhr.status >= 400) detail.target.scrollIntoView({ block: "nearest" });
  });
}

/** @param {string} moment of htmx's own events @param {(event: CustomEvent) => void} listener */
function onHtmx(moment, listener) {
  document.body.addEventListener(`htmx:${moment}`, /** @type {EventListener} */ (listener));
}

function startMenu() {
  const button = /** @type {HTMLElement | null} */ (document.querySelector("[data-toggles]"));
  button?.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    document.getElementById(button.dataset.toggles ?? "")?.classList.toggle("open", open);
  });
}

/** ?done=… said its sentence once; a reload must not say it again. */
function forgetDoneMark() {
  const url = new URL(location.href);
  if (!url.searchParams.has("done")) return;
  url.searchParams.delete("done");
  history.replaceState(null, "", url);
}
