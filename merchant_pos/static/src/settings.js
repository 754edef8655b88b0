// The few things a cashier may set on this tablet: language, look, sound, full screen; and letting the tablet go.
import { h, icon } from "./dom.js";
import { button } from "./parts.js";
import { setSound, signalPaid, soundOn, wakeSound } from "./signals.js";
import { currentLanguage, t } from "./text.js";

const YEAR_S = 365 * 24 * 3600;

function keep(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? YEAR_S : 0}; SameSite=Lax${secure}`;
}

function choice(legend, name, options, chosen, onchoose) {
  return h("fieldset.choice", {}, h("legend", {}, legend), h("div.choice-row", {}, options.map(([value, words, lang]) =>
    h("label", { lang: lang ?? null }, h("input", { type: "radio", name, value, checked: value === chosen, onchange: () => onchoose(value) }), h("span", {}, words)))));
}

export function openSettings(till) {
  const theme = document.documentElement.dataset.theme ?? "auto";
  const dialog = h("dialog.sheet", { "aria-labelledby": "settings-title" },
    h("header.sheet-head", {}, h("h2", { id: "settings-title" }, t("Réglages de la tablette")), h("button.round", { type: "button", "aria-label": t("Fermer"), onclick: () => dialog.close() }, icon("x"))),
    choice(t("Langue"), "language", [["fr", "Français", "fr"], ["en", "English", "en"]], currentLanguage(), (value) => { keep("alba_language", value); location.reload(); }),
    choice(t("Apparence"), "theme", [["auto", t("Comme la tablette")], ["light", t("Claire")], ["dark", t("Sombre")]], theme, chooseTheme),
    choice(t("Son"), "sound", [["on", t("Activé")], ["off", t("Coupé")]], soundOn() ? "on" : "off", (value) => { setSound(value === "on"); if (value === "on") { wakeSound(); signalPaid(); } }),
    h("div.sheet-buttons", {},
      document.fullscreenEnabled ? button("outline", document.fullscreenElement ? t("Quitter le plein écran") : t("Plein écran"), () => { dialog.close(); toggleFullScreen(); }, { iconElement: icon("maximize") }) : null,
      till.state.paired ? button("danger", t("Dissocier cette tablette"), () => confirmUnpair(till, dialog), { iconElement: icon("unplug") }) : null),
    h("p.help", {}, t("Mode terminal de paiement : cette tablette encaisse et rembourse ; elle ne tient pas la caisse comptable.")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function chooseTheme(value) {
  if (value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
  keep("alba_theme", value === "auto" ? "" : value);
}

function toggleFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}

function confirmUnpair(till, dialog) {
  const problemPlace = h("div.notice-place", { role: "alert" });
  const content = [
    h("header.sheet-head", {}, h("h2", { id: "settings-title" }, t("Dissocier cette tablette ?"))),
    h("p", {}, t("Elle ne pourra plus encaisser pour {merchant}. Les ventes déjà faites ne changent pas. Il faudra un nouveau code pour l’associer.", { merchant: till.state.till?.merchant_name ?? "" })),
    problemPlace,
    h("div.sheet-buttons", {}, button("outline", t("Garder"), () => dialog.close()), button("danger", t("Dissocier"), async () => {
      try {
        await till.unpair();
        dialog.close();
      } catch (problem) {
        problemPlace.replaceChildren(h("p.notice.refused", {}, icon("circle-alert"), h("span", {}, problem.detail)));
      }
    })),
  ];
  dialog.replaceChildren(...content);
}
