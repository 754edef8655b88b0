/** Me: tier and limits, where everything else is, what opens the account, sign out. */
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { demoLine, linkRow, runBusy } from "../components.js";
import { limitsList, tierPill } from "../tiers.js";
import { accessSection } from "./access.js";
import { freezeSection } from "./own_freeze.js";

export function meScreen(app, params, disposables) {
  const who = element("section.card.stack");
  const showMember = () =>
    show(
      who,
      element(
        "div.row.between.wrap",
        {},
        element("h2", {}, app.me.display_name || app.me.public_name || t("Mon compte")),
        tierPill(app.me),
      ),
      limitsList(app.me),
    );
  const links = element("ul.card.links");
  const showLinks = () => show(links, ...linksOf(app));
  let tier = app.me?.tier;
  if (app.me) showMember();
  showLinks();
  disposables.add(
    app.listen((event) => {
      if (event.kind !== "me") return;
      showMember();
      // Drawn again only for another tier: a link must not leave from under a finger or lose the keyboard.
      if (tier !== app.me.tier) showLinks();
      tier = app.me.tier;
    }),
  );
  const body = element(
    "div.narrow.stack",
    {},
    element("h1.page-title", { tabindex: "-1" }, t("Moi")),
    who,
    links,
    app.me && freezeSection(app, disposables),
    accessSection(app, disposables),
    signOutSection(app),
    demoLine(app),
  );
  return { title: t("Moi"), body, hasTabs: true };
}
const linksOf = (app) => [
  linkRow("/identity", "id-card", t("Mon identité"), t("Palier, documents, état du dossier")),
  app.me?.tier === "professional" &&
    linkRow("/tills", "tablet", t("Mes caisses"), t("Appairer ou révoquer une tablette")),
  app.me?.tier === "professional" &&
    linkRow("/listing", "store", t("Ma fiche dans l’annuaire"), t("Horaires, adresse, photo, ce que vous vendez")),
  app.me?.tier === "professional" && linkRow("/redeem", "landmark", t("Retirer en euros")),
  linkRow(
    "/recovery-code",
    "key-round",
    t("Code de secours"),
    t("Sur papier, pour retrouver votre argent sans téléphone"),
  ),
  linkRow(
    "/move",
    "smartphone",
    t("Déplacer mon portefeuille"),
    t("Vers un autre téléphone, ou l’application installée"),
  ),
  linkRow("/notices", "bell", t("Être prévenu"), t("Notifications et courrier, quand l’application est fermée")),
  linkRow("/movements", "file-text", t("Tous les mouvements")),
  linkRow("/asks", "hand-coins", t("Demandes"), t("Ce qu’on vous demande, ce que vous demandez")),
  linkRow("/receive", "qr-code", t("Être payé"), t("Votre code, à faire scanner")),
  linkRow("/caps", "gauge", t("Mes plafonds"), t("Ce que vous vous autorisez à dépenser")),
  linkRow("/family", "key-round", t("Proches et aides"), t("Qui peut payer avec votre compte, combien, jusqu’à quand")),
  linkRow("/contacts", "users", t("Mes contacts"), t("Favoris, personnes bloquées")),
  linkRow("/display", "a-large-small", t("Affichage et langue"), t("Taille du texte, couleurs, langue")),
  linkRow("/data", "file-down", t("Mes données"), t("Ce que nous gardons de vous, l’emporter, être oublié")),
  linkRow("/directory", "map-pin", t("Où payer"), t("Commerces, horaires et carte, même sans réseau")),
  linkRow("/public", "scale", t("La réserve, en public"), t("Un euro gardé pour chaque unité : vérifiez vous-même")),
];
/* icons: a-large-small map-pin store file-down gauge hand-coins qr-code users scale file-text log-out bell key-round */

function signOutSection(app) {
  const alert = element("div", { role: "alert" });
  const button = element("button.button.quiet.wide", { type: "button" }, icon("log-out"), t("Se déconnecter"));
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      await app.signOut();
      app.go("/", { replace: true });
    }),
  );
  return element(
    "div.stack",
    {},
    alert,
    button,
    element(
      "p.soft.small.center",
      {},
      t("La clé reste dans ce téléphone : vous pourrez revenir avec « J’ai déjà un compte »."),
    ),
  );
}
