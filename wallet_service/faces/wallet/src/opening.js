/**
 * The part of a screen that opens a wallet: says beforehand where its key would not last, and opens none where it is lost
 * for sure. Shows; the opening itself is app.js'.
 */
import { notice } from "#ui/components.js";
import { element, icon } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { copyRow, runBusy } from "./components.js";
import { isEvictedTab, isInApp } from "./in_app_browser.js";
import { keepWanted } from "./wanted.js";

/**
 * @param {any} app
 * @param {{alert: Element, onOpened: () => void, sentence?: string, browser?: any}} options
 * `alert`: where refusals are shown; `sentence`: what a wallet is needed for
 * @returns {any[]}
 */
export function openWalletPart(app, { alert, onOpened, sentence = "", browser = navigator }) {
  if (isInApp(browser.userAgent)) return [outOfHere()];
  const open = element("button.button.large.wide", { type: "button" }, icon("wallet"), t("Ouvrir un portefeuille"));
  open.addEventListener("click", () =>
    runBusy(open, alert, async () => {
      await app.openWallet();
      onOpened();
    }),
  );
  const elsewhere = (href, words) =>
    element("a.button.quiet.wide", { href, onclick: () => keepWanted(location.pathname) }, words);
  return [
    sentence && notice("", "info", sentence),
    isEvictedTab(browser) && installFirst(),
    termsLine(),
    open,
    element(
      "a.button.secondary.large.wide",
      { href: "/sign-in", onclick: () => keepWanted(location.pathname) },
      t("J’ai déjà un compte"),
    ),
    elsewhere("/move", t("Déjà un portefeuille ailleurs ? Le retrouver ici")),
    elsewhere("/lost", t("Vous aviez un portefeuille ici ?")),
  ];
}
/* icons: wallet info smartphone external-link */

/** What is accepted by opening, before the button; read in a page of its own, so that this one stays. */
const termsLine = () =>
  element(
    "p.small.soft",
    {},
    t("En ouvrant un portefeuille, vous acceptez les conditions."),
    " ",
    element("a", { href: "/help/terms", target: "_blank", rel: "noopener" }, t("Conditions d’utilisation")),
    " · ",
    element("a", { href: "/help/privacy", target: "_blank", rel: "noopener" }, t("Vos données")),
  );

/** An app's own browser: its address, to be carried to a real one. */
const outOfHere = () =>
  element(
    "section.card.stack.notice-block",
    { "aria-label": t("Ouvrez dans votre navigateur") },
    element("h2", {}, icon("external-link"), " ", t("Ouvrez dans votre navigateur")),
    element(
      "p",
      {},
      t(
        "Cette page est ouverte à l’intérieur d’une autre application, qui efface ce qu’on y garde : un portefeuille s’y perdrait. Touchez son menu, puis « Ouvrir dans le navigateur », ou copiez l’adresse.",
      ),
    ),
    element("dl.copy-list", {}, copyRow(t("Adresse"), location.href)),
  );

const installFirst = () =>
  notice(
    "wait",
    "smartphone",
    element("strong", {}, t("Installez d’abord l’application")),
    element(
      "p",
      {},
      t(
        "Touchez Partager, puis « Sur l’écran d’accueil », et ouvrez le portefeuille là. Dans un onglet, Safari efface ce qui n’a pas servi depuis sept jours.",
      ),
    ),
  );
