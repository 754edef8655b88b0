/**
 * Before money is in it: what would be left of a wallet whose phone is lost, broken or emptied by its browser. Shows a
 * card with the two ways to a second key, or nothing where there is one.
 */
import { element } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { linkRow } from "./components.js";
import { addPasskey } from "./passkey.js";
import { hasSecondWay } from "./ways_back.js";
/* icons: printer */

/** Whether this browser has promised to keep what is stored; a private window never does. */
export const isKept = async (storage = navigator.storage) => (await storage?.persisted?.().catch(() => false)) ?? false;

/** @param {any} app @param {() => void} onAdded @returns {Promise<Element | null>} */
export async function secondWayCard(app, onAdded) {
  if (!app.me || (await hasSecondWay(app))) return null;
  const isPromised = await isKept();
  return element(
    "section.card.stack.notice-block",
    { "aria-label": t("Un second moyen d’y arriver") },
    element("h2", {}, t("D’abord un second moyen d’y arriver")),
    element(
      "p",
      {},
      t(
        "L’argent est inscrit à votre compte, mais seul ce téléphone en a la clé. S’il se perd, se casse ou s’efface, une clé d’accès ou un code sur papier vous y ramène.",
      ),
    ),
    !isPromised &&
      element(
        "p",
        {},
        t(
          "Ce navigateur ne promet pas de garder la clé : une fenêtre de navigation privée l’efface dès qu’on la ferme.",
        ),
      ),
    ...addPasskey(app, onAdded),
    element(
      "ul.links",
      {},
      linkRow(
        "/recovery-code",
        "printer",
        t("Un code de secours sur papier"),
        t("À imprimer ou à recopier, sans doigt ni visage"),
      ),
    ),
  );
}
