// The public pages: fresh figures by push, buttons that copy a command and print, and the check of a receipt.
import { request } from "#ui/api.js";
import { nearest } from "#ui/dom.js";
import { listen } from "#ui/events.js";
import { applyLook, chooseLanguage } from "#ui/theme.js";
import { refreshLiveRegions } from "../../console/src/live.js";
import { startPrinting } from "../../console/src/printing.js";
import { pushedHandlers } from "./pushed.js";

const SETTLE_MS = 800;
const SAID_MS = 2_000;

applyLook();
startPrinting(document);
let timer = 0;
const look = () => {
  clearTimeout(timer);
  timer = setTimeout(() => refreshLiveRegions(() => {}).catch(() => {}), SETTLE_MS);
};
const close = listen("/v1/public/events", pushedHandlers(look));
addEventListener("pagehide", close);

document.addEventListener("click", async (event) => {
  const language = nearest(event, "[data-language]");
  if (language) chooseLanguage(language.dataset.language);
  const copier = nearest(event, "[data-copies]");
  if (!copier) return;
  const before = [...copier.childNodes].map((node) => node.cloneNode(true));
  await navigator.clipboard.writeText(copier.dataset.copies);
  copier.textContent = copier.dataset.copied;
  setTimeout(() => copier.replaceChildren(...before), SAID_MS);
});

const MOST_BYTES = 100_000;
/** Beside the field for the file, on every page that has it. */
const verdict = /** @type {HTMLElement} */ (document.getElementById("receipt-verdict"));
document.getElementById("receipt-file")?.addEventListener("change", async (event) => {
  const [file] = nearest(event, "input").files;
  verdict.replaceChildren();
  if (file) showVerdict(...(await judged(file)));
});

/**
 * [class, sentence] of the file's receipt. "Not known" is never "false".
 * @param {File} file
 * @returns {Promise<[string, string | undefined]>}
 */
async function judged(file) {
  let receipt;
  try {
    if (file.size > MOST_BYTES) throw new SyntaxError("too large");
    receipt = JSON.parse(await file.text());
    if (receipt?.kind !== "alba-receipt") throw new SyntaxError("another kind");
  } catch {
    return ["bad", verdict.dataset.unreadable];
  }
  try {
    const answer = await request("POST", "/v1/public/receipts/check", { body: receipt });
    if (answer.is_true) return ["good", verdict.dataset.true];
    const names = JSON.parse(verdict.dataset.differs ?? "{}");
    const differing = answer.differences.map((/** @type {string} */ name) => names[name] ?? name);
    return ["bad", `${verdict.dataset.false} ${verdict.dataset.lead} ${differing.join(", ")}.`];
  } catch (error) {
    return error.status === 422 ? ["bad", verdict.dataset.unreadable] : ["wait", verdict.dataset.unanswered];
  }
}

/** @param {string} kind @param {string} [sentence] */
function showVerdict(kind, sentence = "") {
  const line = document.createElement("p");
  line.className = `band ${kind}`;
  line.textContent = sentence;
  verdict.replaceChildren(line);
}
