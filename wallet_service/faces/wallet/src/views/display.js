/** How this wallet looks and speaks on this phone: language, size, colours. Kept on the device, for whoever holds it. */
import { segments } from "#ui/components.js";
import { displayChoices } from "#ui/display_choices.js";
import { element } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { innerHeader } from "../components.js";

export function displayScreen(app) {
  const title = t("Affichage et langue");
  const body = element(
    "div.narrow.stack",
    {},
    innerHeader(app, title, { back: app.me ? "/me" : "/welcome" }),
    element("p.soft", {}, t("Ces choix restent dans ce téléphone.")),
    displayChoices().map(choiceCard),
  );
  return { title, body };
}

/** @param {import("#ui/display_choices.js").DisplayChoice} choice */
const choiceCard = ({ name, legend, options, chosen, choose }) =>
  element(
    "fieldset.card.segmented",
    {},
    element("legend.visually-hidden", {}, legend),
    element("p.segmented-title", { "aria-hidden": "true" }, legend),
    segments(name, options, chosen, choose),
  );
