// The public page: fresh figures by push, a button that copies a command, and the check of a receipt.
import { request } from "#shared/api.js";
import { listen } from "#shared/events.js";
import { applyTheme, chooseLanguage } from "#shared/theme.js";
import { refreshLiveRegions } from "../console/live.js";

const SETTLE_MS = 800;
const SAID_MS = 2_000;

applyTheme();
let timer = null;
const look = () => {
  clearTimeout(timer);
  timer = setTimeout(() => refreshLiveRegions(() => {}).catch(() => {}), SETTLE_MS);
};
const close = listen("/v1/public/events", { "reserve.attested": look, "figures.changed": look, "stops.changed": look, "stream.reload": look });
addEventListener("pagehide", close);

document.addEventListener("click", async (event) => {
  const language = event.target.closest("[data-language]");
  if (language) chooseLanguage(language.dataset.language);
  const copier = event.target.closest("[data-copies]");
  if (!copier) return;
  const before = [...copier.childNodes].map((node) => node.cloneNode(true));
  await navigator.clipboard.writeText(copier.dataset.copies);
  copier.textContent = copier.dataset.copied;
  setTimeout(() => copier.replaceChildren(...before), SAID_MS);
});

const MOST_BYTES = 100_000;
const verdict = document.getElementById("receipt-verdict");
document.getElementById("receipt-file")?.addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  verdict.replaceChildren();
  if (file) say(...(await judged(file)));
});

/** [class, sentence] of the file's receipt. "Not known" is never "false". */
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
    const names = JSON.parse(verdict.dataset.differs);
    return ["bad", `${verdict.dataset.false} ${verdict.dataset.lead} ${answer.differences.map((name) => names[name] ?? name).join(", ")}.`];
  } catch (error) {
    return error.status === 422 ? ["bad", verdict.dataset.unreadable] : ["wait", verdict.dataset.unanswered];
  }
}

function say(kind, sentence) {
  const line = document.createElement("p");
  line.className = `band ${kind}`;
  line.textContent = sentence;
  verdict.replaceChildren(line);
}
