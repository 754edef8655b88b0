/** Me: tier and limits, passkey, devices, language, theme, sign out. */
import { element, icon, show } from "#shared/dom.js";
import { t } from "../words.js";
import { chooseTheme, chosenTheme } from "#shared/theme.js";

import { demoLine, linkRow, runBusy } from "../components.js";
import { addPasskey } from "../passkey.js";
import { limitsList, tierPill } from "../tiers.js";

export function meScreen(app, params, held) {
  const who = element("section.card.stack");
  const showMember = () => show(
    who,
    element("div.row.between.wrap", {}, element("h2", {}, app.me.display_name || app.me.public_name || t("Mon compte")), tierPill(app.me)),
    limitsList(app.me),
  );
  const links = element("ul.card.links");
  const showLinks = () => show(
    links,
    linkRow("/identity", "id-card", t("Mon identité"), t("Palier, documents, état du dossier")),
    app.me?.tier === "professional" && linkRow("/tills", "tablet", t("Mes caisses"), t("Appairer ou révoquer une tablette")),
    linkRow("/redeem", "landmark", t("Retirer en euros")),
    linkRow("/movements", "file-text", t("Tous les mouvements")),
    linkRow("/public", "scale", t("La réserve, en public"), t("Un euro gardé pour chaque unité : vérifiez vous-même")),
  );
  const access = accessSection(app);
  let tier = app.me?.tier;
  if (app.me) showMember();
  showLinks();
  held.add(app.listen((event) => {
    if (event.kind !== "me") return;
    showMember();
    access.draw();
    // Drawn again only for another tier: a link must not leave from under a finger or lose the keyboard.
    if (tier !== app.me.tier) showLinks();
    tier = app.me.tier;
  }));
  const body = element(
    "div.narrow.stack",
    {},
    element("h1.page-title", { tabindex: "-1" }, t("Moi")),
    who,
    links,
    access.place,
    choices("language", t("Langue"), [["fr", "Français"], ["en", "English"]], document.documentElement.lang, (wanted) => app.speak(wanted)),
    choices("theme", t("Apparence"), [["system", t("Auto")], ["light", t("Clair")], ["dark", t("Sombre")]], chosenTheme(), chooseTheme),
    signOutSection(app),
    demoLine(app),
  );
  return { title: t("Moi"), body, hasTabs: true };
}
/* icons: scale file-text fingerprint-pattern log-out smartphone */

function accessSection(app) {
  const place = element("section.card.stack", { "aria-label": t("Accès") });
  const list = element("ul.list");
  const draw = () => {
    const devices = (app.me?.devices ?? []).filter((device) => device.state !== "revoked");
    const passkeys = app.me?.passkey_ids ?? [];
    show(
      list,
      devices.filter((device) => device.key_kind !== "passkey").map((device) => accessRow("smartphone", device.label, pendingWord(device))),
      passkeys.map((id) => accessRow("fingerprint-pattern", t("Clé d’accès"), powerOf(devices.find((device) => device.credential_id === id)))),
    );
  };
  show(place, element("h2", {}, t("Se reconnecter et signer")), element("p.soft.small", {}, t("La clé de ce téléphone n’en sort jamais. Une clé d’accès vous reconnaît au doigt ou au visage, et signe les montants élevés.")), list, ...addPasskey(app, draw));
  draw();
  return { place, draw };
}

const pendingWord = (device) => (device.state === "pending" ? t("en attente du registre") : null);
const powerOf = (signer) => (signer ? pendingWord(signer) ?? t("ouvre le compte et signe") : t("ouvre le compte"));

const accessRow = (iconName, title, detail) =>
  element("li", {}, element("span.icon-tile", {}, icon(iconName)), element("span.grow", {}, element("span.row-title", {}, title), detail && element("span.row-detail", {}, detail)));

function choices(name, legend, options, chosen, onChoose) {
  return element(
    "fieldset.card.segmented",
    {},
    element("legend.visually-hidden", {}, legend),
    element("p.segmented-title", { "aria-hidden": "true" }, legend),
    element(
      "div.segments",
      {},
      options.map(([value, word]) => element(
        "label.segment",
        {},
        element("input", { type: "radio", name, value, checked: value === chosen, onchange: () => onChoose(value) }),
        element("span", value === "fr" || value === "en" ? { lang: value } : {}, word),
      )),
    ),
  );
}

function signOutSection(app) {
  const alert = element("div", { role: "alert" });
  const button = element("button.button.quiet.wide", { type: "button" }, icon("log-out"), t("Se déconnecter"));
  button.addEventListener("click", () => runBusy(button, alert, async () => {
    await app.signOut();
    app.go("/", { replace: true });
  }));
  return element("div.stack", {}, alert, button, element("p.soft.small.center", {}, t("La clé reste dans ce téléphone : vous pourrez revenir avec « J’ai déjà un compte ».")));
}
