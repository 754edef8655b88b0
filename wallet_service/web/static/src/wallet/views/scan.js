/** Scan the till's code, or type its six digits. A refused code says why and the camera goes on. */
import { element, icon, show } from "#shared/dom.js";
import { t } from "../words.js";

import { innerHeader, notice, vibrate } from "../components.js";
import { parseSaleQr, parseShortCode, saleToken } from "../protocol/qr.js";
import { refusalOf } from "../refusals.js";
import { startScanner } from "../scanner.js";

/** A refused code stays in front of the camera: say it once, not ten times a second. */
const SAME_TEXT_MS = 3_000;
const CODE_DIGITS = 6;

const CAMERA_SENTENCES = {
  denied: () => t("L’appareil photo est refusé à cette application. Autorisez-le dans les réglages, ou tapez le code."),
  absent: () => t("Pas d’appareil photo ici. Tapez le code affiché par la caisse."),
};

export function scanScreen(app, params, held) {
  const wantsDigits = location.hash === "#code";
  const said = element("div.scan-said", { role: "alert" });
  const video = element("video", { playsinline: true, muted: true, "aria-label": t("Image de l’appareil photo") });
  video.muted = true;
  const view = element("div.scan-view", {}, video, element("div.scan-frame", { "aria-hidden": "true" }));
  const digits = codeForm(app, said, wantsDigits ? t("Code affiché par la caisse") : t("Ou tapez le code"));
  let lastText = "";
  let lastAt = 0;
  const onText = (text) => {
    if (text === lastText && Date.now() - lastAt < SAME_TEXT_MS) return;
    lastText = text;
    lastAt = Date.now();
    try {
      const saleId = parseSaleQr(text, app.config?.wallet_origin ?? location.origin);
      vibrate(40);
      app.go(`/P/${saleToken(saleId)}`, { replace: true });
    } catch (error) {
      say(said, error.code);
    }
  };
  const openCamera = async () => {
    try {
      const stop = await startScanner(video, onText);
      if (!view.isConnected) return stop();
      held.add(stop);
      view.classList.add("live");
    } catch (error) {
      show(view, element("div.scan-away", {}, icon("camera-off"), element("p", {}, (CAMERA_SENTENCES[error.reason] ?? CAMERA_SENTENCES.absent)())));
      view.classList.add("away");
    }
    return undefined;
  };
  // After the screen is in the page: a camera started for a screen already left would stay on.
  queueMicrotask(() => {
    if (wantsDigits) digits.querySelector("input").focus();
    else openCamera();
  });
  if (wantsDigits) show(view, element("button.scan-away", { type: "button", onclick: () => app.go("/scan", { replace: true }) }, icon("camera"), t("Scanner plutôt avec l’appareil photo")));
  const body = element(
    "div.narrow.scan",
    {},
    innerHeader(app, wantsDigits ? t("Taper le code") : t("Scanner le code de la caisse"), { backLabel: t("Annuler") }),
    wantsDigits ? [digits, said, view] : [view, said, digits],
  );
  return { title: t("Scanner"), body };
}
/* icons: camera camera-off */

function say(place, code) {
  const [title, sentence] = refusalOf(code) ?? refusalOf("qr.foreign");
  show(place, notice("bad", "triangle-alert", element("strong", {}, title), element("p", {}, sentence)));
}

function codeForm(app, said, label) {
  const input = element("input.input.code-input", {
    id: "short-code", name: "code", inputmode: "numeric", autocomplete: "off", maxlength: "7", placeholder: "000 000", "aria-describedby": "short-code-hint",
  });
  const submit = (event) => {
    event?.preventDefault();
    const code = parseShortCode(input.value);
    if (code === null) return say(said, "code.shape");
    return app.go(`/code/${code}`, { replace: true });
  };
  input.addEventListener("input", () => {
    if (input.value.replace(/\D/g, "").length === CODE_DIGITS) submit();
  });
  return element(
    "form.code-form",
    { onsubmit: submit, novalidate: true },
    element("label", { for: "short-code" }, label),
    input,
    element("p.soft.small", { id: "short-code-hint" }, t("Six chiffres, sous le carré affiché par la caisse.")),
  );
}
