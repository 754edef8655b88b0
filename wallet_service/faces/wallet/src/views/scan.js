/** Scan the till's code, or type its six digits. A refused code says why and the camera goes on. */
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { notice, vibrate } from "#ui/components.js";
import { innerHeader } from "../components.js";
import { parseSaleQr, parseShortCode, saleToken } from "#ui/sale_qr.js";
import { personPath } from "../person_qr.js";
import { refusalOf } from "../refusals.js";
import { remember, remembered } from "../remembered.js";
import { hasTorch, readPicture, rearCameras, setTorch, startScanner } from "#ui/scanner.js";

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
    const origin = app.config?.wallet_origin ?? location.origin;
    const person = personPath(text, origin);
    if (person) {
      vibrate(40);
      app.go(person, { replace: true });
      return;
    }
    try {
      const saleId = parseSaleQr(text, origin);
      vibrate(40);
      app.go(`/P/${saleToken(saleId)}`, { replace: true });
    } catch (error) {
      showProblem(message, error.code);
    }
  };
  const camera = { stop: () => {}, isStarting: false };
  const tools = element("div.scan-tools");
  const openCamera = async () => {
    if (camera.isStarting) return;
    camera.isStarting = true;
    camera.stop();
    try {
      const { stop, track } = await startScanner(video, onText, {
        deviceId: remembered("camera"),
        onEnded: () => void openCamera(), // the system took it: asked for again
      });
      camera.stop = stop;
      if (!view.isConnected) return stop();
      show(view, video, element("div.scan-frame", { "aria-hidden": "true" }), tools);
      view.classList.add("live");
      view.classList.remove("away");
      show(tools, ...(await lensTools(track, openCamera)));
    } catch (error) {
      if (error.name === "PartMissing") show(view, reloadPart(error.message));
      else show(view, cameraAway(error.reason in CAMERA_SENTENCES ? error.reason : "absent", openCamera));
      view.classList.add("away");
    } finally {
      camera.isStarting = false;
    }
    return undefined;
  };
  disposables.add(() => camera.stop());
  disposables.add(
    app.listen((event) => {
      // What a phone that slept has left of the picture may be a black one.
      if (event.kind === "awake" && !wantsDigits && !video.srcObject?.active) void openCamera();
    }),
  );
  // After the screen is in the page: a camera started for a screen already left would stay on.
  queueMicrotask(() => {
    if (wantsDigits) digits.querySelector("input").focus();
    else openCamera();
  });
  if (wantsDigits) show(view, toCamera(app));
  const album = albumPart(onText, message);
  const body = element(
    "div.narrow.scan",
    {},
    innerHeader(app, wantsDigits ? t("Taper le code") : t("Scanner un code"), { backLabel: t("Annuler") }),
    wantsDigits ? [digits, message, view] : [view, message, digits, album],
  );
  return { title: t("Scanner"), body };
}

const toCamera = (app) =>
  element(
    "button.scan-away",
    { type: "button", onclick: () => app.go("/scan", { replace: true }) },
    icon("camera"),
    t("Scanner plutôt avec l’appareil photo"),
  );

function cameraAway(reason, again) {
  return element(
    "div.scan-away",
    {},
    icon("camera-off"),
    element("p", {}, CAMERA_SENTENCES[reason]()),
    reason === "denied" && element("p.small", {}, howToAllow(navigator.userAgent)),
    reason !== "absent" &&
      element("button.button.secondary", { type: "button", onclick: () => void again() }, t("Réessayer")),
  );
}
/** The release changed under this page: the digits below work without what is missing. */
const reloadPart = (sentence) =>
  element(
    "div.scan-away",
    {},
    icon("refresh-cw"),
    element("p", {}, sentence),
    element("button.button.secondary", { type: "button", onclick: () => location.reload() }, t("Recharger")),
  );
/* icons: camera camera-off image flashlight switch-camera */

/** Where each system keeps that permission. @param {string} userAgent */
export function howToAllow(userAgent) {
  if (/iPhone|iPad/.test(userAgent))
    return t("Sur iPhone : Réglages, Apps, Safari (ou cette application), Appareil photo, Autoriser.");
  if (/Android/.test(userAgent))
    return t("Sur Android : touchez l’icône à gauche de l’adresse, Autorisations, Appareil photo, Autoriser.");
  return t("Touchez l’icône à gauche de l’adresse, puis autorisez l’appareil photo.");
}

/** Another lens, when there are several at the back; a light, when the camera has one. */
async function lensTools(track, again) {
  /** @type {string[]} */
  const lenses = await rearCameras().catch(() => []);
  const switchLens = () => {
    const at = lenses.indexOf(track?.getSettings?.().deviceId);
    remember("camera", lenses[(at + 1) % lenses.length]);
    void again();
  };
  let isLit = false;
  const light = element(
    "button.button.secondary.small",
    { type: "button", "aria-pressed": "false" },
    icon("flashlight"),
    t("Lampe"),
  );
  light.addEventListener("click", () => {
    isLit = !isLit;
    light.setAttribute("aria-pressed", String(isLit));
    void setTorch(track, isLit);
  });
  return [
    lenses.length > 1 &&
      element(
        "button.button.secondary.small",
        { type: "button", onclick: switchLens },
        icon("switch-camera"),
        t("Autre objectif"),
      ),
    hasTorch(track) && light,
  ];
}

/** A code in a picture: sent by somebody, or taken before. */
function albumPart(onText, message) {
  const input = element("input.visually-hidden", { type: "file", id: "code-picture", accept: "image/*" });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const text = await readPicture(file).catch((error) => {
      show(message, notice("bad", "triangle-alert", error.message));
      return undefined;
    });
    input.value = "";
    if (text === undefined) return;
    if (text) onText(text);
    else show(message, notice("bad", "triangle-alert", t("Aucun code dans cette image. Rien n’a été débité.")));
  });
  return [
    input,
    element("label.button.quiet.wide", { for: "code-picture" }, icon("image"), t("Choisir une image du code")),
  ];
}

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
    element("p.soft.small", { id: "short-code-hint" }, t("Six chiffres, affichés par la caisse avec le code.")),
  );
}
