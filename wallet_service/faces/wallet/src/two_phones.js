/**
 * What two phones that find each other show: a code on the one, the four words on both, a yes or a no. What the yes is for
 * is the screen's: a wallet moved (views/move.js), or somebody let pay (views/family_invite.js, views/held.js).
 */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { loadPart } from "#ui/release.js";

import { copyRow, runBusy, UserFacingError } from "./components.js";
/* icons: check x triangle-alert */

/** How often a phone asks what the other has done. */
export const ASK_EVERY_MS = 1_500;

/** This phone's key of the account, which gives its word. @param {any} app */
export async function keyHere(app) {
  const key = await app.signingKey();
  if (!key)
    throw new UserFacingError(t("Ce téléphone ne porte pas de clé de ce compte : il ne peut pas en relier un autre."));
  return key;
}

/**
 * The code as a QR of the page that takes it, and to type.
 * @param {string} address of that page, with the code behind its #
 * @param {string} code
 */
export async function codeParts(address, code) {
  const drawing = await loadPart(() => import("#ui/qr_codes.js")).catch(() => null); // it can be typed without
  const image =
    drawing &&
    element("img", {
      alt: t("Code à scanner avec l’autre téléphone"),
      src: `data:image/svg+xml;utf8,${encodeURIComponent(drawing.encodeQR(address, "svg", { border: 4 }))}`,
      width: "220",
      height: "220",
    });
  return [
    image && element("div.center", {}, element("div.qr", {}, image)),
    element("dl.copy-list", {}, copyRow(t("Code à taper"), code, { copied: code, spoken: [...code].join(" ") })),
  ];
}

/** @param {string[]} words */
export const wordsCard = (words) =>
  element(
    "section.card.stack.center",
    { "aria-labelledby": "four-words" },
    element("h2", { id: "four-words", tabindex: "-1" }, t("Les quatre mots")),
    element(
      "ol.move-words",
      { lang: "fr" },
      words.map((word) => element("li", {}, word)),
    ),
  );

/**
 * The phone that gives its word compares.
 * @param {HTMLElement} stage
 * @param {string[]} words
 * @param {{about?: any, agree: () => Promise<unknown>, refuse: () => Promise<unknown>, refused: string}} says
 * `about`: what the yes is for; `refused`: what is said once the words differ
 */
export function comparing(stage, words, { about = null, agree, refuse, refused }) {
  const alert = element("div", { role: "alert" });
  const yes = element("button.button.large.wide", { type: "button" }, icon("check"), t("Les mots sont les mêmes"));
  const no = element("button.button.secondary.large.wide", { type: "button" }, icon("x"), t("Ils sont différents"));
  yes.addEventListener("click", () => runBusy(yes, alert, agree));
  no.addEventListener("click", () =>
    runBusy(no, alert, async () => {
      await refuse();
      const title = element("strong", {}, t("Rien n’a été relié"));
      show(stage, notice("bad", "triangle-alert", title, element("p", {}, refused)));
    }),
  );
  show(
    stage,
    wordsCard(words),
    about,
    element("p", {}, t("L’autre téléphone affiche-t-il ces quatre mots ?")),
    alert,
    yes,
    no,
  );
  /** @type {HTMLElement} */ (stage.querySelector("h2")).focus();
}
