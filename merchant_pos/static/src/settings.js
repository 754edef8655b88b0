// The few things a cashier may set on this tablet: language, look, sound, full screen; and letting the tablet go.
import { segments } from "#ui/components.js";
import { displayChoices } from "#ui/display_choices.js";
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { offerTips, tipsOffered } from "./kept_sale.js";
import { button, openSheet, problemContainer, sheetHead, showRefusal } from "./parts.js";
import { setSound, signalPaid, soundOn, wakeSound } from "./signals.js";

const TITLE = "settings-title";

const choice = (legend, name, options, chosen, onChoose) =>
  element("fieldset.setting", {}, element("legend", {}, legend), segments(name, options, chosen, onChoose));

export function openSettings(till) {
  void till.load(); // cashiers the merchant has named meanwhile
  const sounds = [
    ["on", t("Activé")],
    ["off", t("Coupé")],
  ];
  const tips = [
    ["off", t("Non proposé")],
    ["on", t("Proposé au client")],
  ];
  const dialog = openSheet(
    TITLE,
    sheetHead(TITLE, t("Réglages de la tablette")),
    displayChoices().map((each) => choice(each.legend, each.name, each.options, each.chosen, each.choose)),
    choice(t("Son"), "sound", sounds, soundOn() ? "on" : "off", chooseSound),
    till.state.paired &&
      choice(t("Pourboire"), "tips", tips, tipsOffered() ? "on" : "off", (value) => offerTips(value === "on")),
    element(
      "div.sheet-buttons",
      {},
      document.fullscreenEnabled && fullScreenButton(() => dialog.close()),
      till.state.paired &&
        button("danger", t("Dissocier cette tablette"), () => confirmUnpair(till, dialog), {
          iconElement: icon("unplug"),
        }),
    ),
    element(
      "p",
      {},
      element(
        "a.icon-link",
        { href: "/help", target: "_blank", rel: "noopener" },
        icon("circle-question-mark"),
        t("Aide et contact"),
      ),
      " ",
      element(
        "a.icon-link",
        { href: "/accessibility", target: "_blank", rel: "noopener" },
        t("Accessibilité : non conforme"),
      ),
    ),
    element(
      "p.hint",
      {},
      t("Mode terminal de paiement : cette tablette encaisse et rembourse ; elle ne tient pas la caisse comptable."),
    ),
  );
}

function chooseSound(value) {
  setSound(value === "on");
  if (value !== "on") return;
  wakeSound();
  signalPaid();
}

function fullScreenButton(close) {
  const word = document.fullscreenElement ? t("Quitter le plein écran") : t("Plein écran");
  const toggle = () => {
    close();
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  };
  return button("secondary", word, toggle, { iconElement: icon("maximize") });
}

function confirmUnpair(till, dialog) {
  const problem = problemContainer();
  const unpair = async () => {
    try {
      await till.unpair();
      dialog.close();
    } catch (error) {
      showRefusal(problem, error);
    }
  };
  const merchant = till.state.till?.merchant_name ?? "";
  show(
    dialog,
    element("header.sheet-head", {}, element("h2", { id: TITLE }, t("Dissocier cette tablette ?"))),
    element(
      "p",
      {},
      t(
        "Elle ne pourra plus encaisser pour {merchant}. Les ventes déjà faites ne changent pas. Il faudra un nouveau code pour l’associer.",
        { merchant },
      ),
    ),
    problem,
    element(
      "div.sheet-buttons",
      {},
      button("secondary", t("Garder"), () => dialog.close()),
      button("danger", t("Dissocier"), unpair),
    ),
  );
}
