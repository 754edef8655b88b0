/** Scan the till's code, or type its six digits. A refused code says why and the camera goes on. */
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { notice, vibrate } from "#ui/components.js";
import { innerHeader } from "../components.js";
import { parseSaleQr, parseShortCode, saleToken } from "#ui/sale_qr.js";
import { refusalOf } from "../refusals.js";
import { startScanner } from "#ui/scanner.js";

/** A refused code stays in front of the camera: say it once, not ten times a second. */
const SAME_TEXT_MS = 3_000;
const CODE_DIGITS = 6;

const CAMERA_SENTENCES = {
  denied: () => t("L’appareil photo est refusé à cette application. Autorisez-le dans les réglages, ou tapez le code."),
  absent: () => t("Pas d’appareil photo ici. Tapez le code affiché par la caisse."),
  busy: () => t("L’appareil photo sert ailleurs. Fermez l’autre application, puis réessayez, ou tapez le code."),
};

export function scanScreen(app, params, disposables) {
  const wantsDigits = location.hash === "#code";
  const message = element("div.scan-said", { role: "alert" });
  const video = element("video", { playsinline: true, muted: true, "aria-label": t("Image de l’appareil photo") });
  video.muted = true;
  const view = element("div.scan-view", {}, video, element("div.scan-frame", { "aria-hidden": "true" }));
  const digits = codeForm(app, message, wantsDigits ? t("Code affiché par la caisse") : t("Ou tapez le code"));
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
      showProblem(message, error.code);
    }
  };
  const openCamera = async () => {
    try {
      const stop = await startScanner(video, onText);
      if (!view.isConnected) return stop();
      disposables.add(stop);
      view.classList.add("live");
    } catch (error) {
      const reason = error.reason in CAMERA_SENTENCES ? error.reason : "absent";
      show(
        view,
        cameraAway(reason, () => app.go("/scan", { replace: true })),
      );
      view.classList.add("away");
    }
    return undefined;
  };
  // After the screen is in the page: a camera started for a screen already left would stay on.
  queueMicrotask(() => {
    if (wantsDigits) digits.querySelector("input").focus();
    else openCamera();
  });
  if (wantsDigits)
    show(
      view,
      element(
        "button.scan-away",
        { type: "button", onclick: () => app.go("/scan", { replace: true }) },
        icon("camera"),
        t("Scanner plutôt avec l’appareil photo"),
      ),
    );
  const body = element(
    "div.narrow.scan",
    {},
    innerHeader(app, wantsDigits ? t("Taper le code") : t("Scanner le code de la caisse"), { backLabel: t("Annuler") }),
    wantsDigits ? [digits, message, view] : [view, message, digits],
  );
  return { title: t("Scanner"), body };
}

function cameraAway(reason, again) {
  return element(
    "div.scan-away",
    {},
    icon("camera-off"),
    element("p", {}, CAMERA_SENTENCES[reason]()),
    reason === "busy" && element("button.button.secondary", { type: "button", onclick: again }, t("Réessayer")),
  );
}
/* icons: camera camera-off */

function showProblem(container, code) {
  const [title, sentence] = refusalOf(code, "qr.foreign");
  show(container, notice("bad", "triangle-alert", element("strong", {}, title), element("p", {}, sentence)));
}

function codeForm(app, message, label) {
  const input = element("input.input.code-input", {
    id: "short-code",
    name: "code",
    inputmode: "numeric",
    autocomplete: "off",
    maxlength: "7",
    placeholder: "000 000",
    "aria-describedby": "short-code-hint",
  });
  const submit = (event) => {
    event?.preventDefault();
    const code = parseShortCode(input.value);
    if (code === null) return showProblem(message, "code.shape");
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
