/** Somebody who had a wallet and does not have its key any more: what is left to do, the quickest way first. */
import { element, icon } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { innerHeader, runBusy } from "../components.js";
import { signInWithPasskey } from "../passkey.js";
import { askedHere } from "../recovery.js";
import { takeWanted } from "../wanted.js";
import { askPart, waitingPart } from "./lost_asking.js";
import { freezeNow } from "./own_freeze.js";
/* icons: fingerprint-pattern snowflake smartphone */

export function lostScreen(app, params, disposables) {
  const parts = askedHere() ? [waitingPart(app, disposables)] : waysBack(app);
  const body = element(
    "div.narrow.stack",
    {},
    innerHeader(app, t("Retrouver mon argent"), { back: askedHere() ? "/welcome" : "/" }),
    element(
      "p.soft",
      {},
      t(
        "Votre argent n’est pas dans le téléphone : il est inscrit à votre compte et il y reste. Il manque seulement une clé.",
      ),
    ),
    ...parts,
  );
  return { title: t("Retrouver mon argent"), body };
}

function waysBack(app) {
  const alert = element("div", { role: "alert" });
  const passkey = element(
    "button.button.large.wide",
    { type: "button" },
    icon("fingerprint-pattern"),
    t("Entrer avec ma clé d’accès"),
  );
  passkey.addEventListener("click", () =>
    runBusy(passkey, alert, async () => {
      await signInWithPasskey(app);
      await app.entered();
      app.go(takeWanted(), { replace: true });
    }),
  );
  const freeze = element(
    "button.button.danger.wide",
    { type: "button" },
    icon("snowflake"),
    t("Entrer et geler mon compte"),
  );
  freeze.addEventListener("click", () =>
    runBusy(freeze, alert, async () => {
      await signInWithPasskey(app);
      await app.entered();
      await freezeNow(app);
      app.go("/me", { replace: true });
    }),
  );
  const way = (title, ...content) =>
    element("section.card.stack", { "aria-label": title }, element("h2", {}, title), ...content);
  return [
    alert,
    way(
      t("J’ai une clé d’accès"),
      element("p.soft", {}, t("Elle vous suit d’un appareil à l’autre. Elle ouvre votre compte et paie ici aussi.")),
      passkey,
      element("p.soft", {}, t("L’autre téléphone est perdu ou volé ? Gelez d’abord : plus rien ne sortira.")),
      freeze,
    ),
    way(
      t("Mon ancien téléphone marche encore"),
      element(
        "p.soft",
        {},
        t(
          "Là-bas, « Moi », puis « Déplacer mon portefeuille » : il montre un code, et les deux affichent quatre mots.",
        ),
      ),
      element("a.button.secondary.wide", { href: "/move" }, icon("smartphone"), t("Le retrouver ici")),
    ),
    way(t("Je n’ai ni l’un ni l’autre"), ...askPart(app)),
    way(
      t("L’association m’a donné un code"),
      element("a.button.secondary.wide", { href: "/sign-in" }, t("Lier ce téléphone")),
    ),
  ];
}
