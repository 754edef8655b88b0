/** How this wallet looks and speaks on this phone: language, size, colours. Kept on the device, for whoever holds it. */
import { segments } from "#ui/components.js";
import { displayChoices } from "#ui/display_choices.js";
import { element } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { chooseWords, chosen, UNCHOSEN } from "#ui/theme.js";

import { innerHeader } from "../components.js";
import { chooseSpoken, isSpoken } from "../speech.js";

export function displayScreen(app) {
  const title = t("Affichage et langue");
  const body = element(
    "div.narrow.stack",
    {},
    innerHeader(app, title, { back: app.me ? "/me" : "/welcome" }),
    element("p.soft", {}, t("Ces choix restent dans ce téléphone.")),
    displayChoices().map(choiceCard),
    choiceCard(wordsChoice()),
    choiceCard(spokenChoice()),
    element("p.soft.small", {}, t("Rien n’est lu sans votre geste, et seule une voix de ce téléphone lit.")),
    element("p", {}, element("a", { href: "/accessibility" }, t("Accessibilité : non conforme"))),
  );
  return { title, body };
}

/** @returns {import("#ui/display_choices.js").DisplayChoice} */
const wordsChoice = () => ({
  name: "words",
  legend: t("Phrases"),
  options: [
    [UNCHOSEN, t("Habituelles")],
    ["plain", t("Faciles à lire")],
  ],
  chosen: chosen("words"),
  choose: chooseWords,
});

/** @returns {import("#ui/display_choices.js").DisplayChoice} */
const spokenChoice = () => ({
  name: "spoken",
  legend: t("Montants à voix haute"),
  options: [
    ["no", t("Non")],
    ["yes", t("Avec un bouton")],
  ],
  chosen: isSpoken() ? "yes" : "no",
  choose: (value) => chooseSpoken(value === "yes"),
});

/** @param {import("#ui/display_choices.js").DisplayChoice} choice */
const choiceCard = ({ name, legend, options, chosen: current, choose }) =>
  element(
    "fieldset.card.segmented",
    {},
    element("legend.visually-hidden", {}, legend),
    element("p.segmented-title", { "aria-hidden": "true" }, legend),
    segments(name, options, current, choose),
  );
