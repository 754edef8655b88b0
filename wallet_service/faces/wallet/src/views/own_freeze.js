/** A phone lost or stolen: the account lets nothing out from now on, and its member undoes that. */
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { runBusy } from "../components.js";
import { withFreshSession } from "../passkey.js";

/** The section of « Moi ». */
export function freezeSection(app, disposables) {
  const section = element("section.card.stack", { "aria-label": t("Téléphone perdu ou volé") });
  let shown = "";
  const draw = () => {
    const state = !app.me?.frozen_outgoing ? "open" : app.me.is_own_freeze ? "own" : "others";
    if (state === shown) return;
    shown = state;
    section.hidden = state === "others"; // the band says whom to ask
    show(section, ...(state === "own" ? frozenPart(app) : openPart(app)));
  };
  draw();
  disposables.add(app.listen((event) => event.kind === "me" && draw()));
  return section;
}
/* icons: snowflake */

function openPart(app) {
  const alert = element("div", { role: "alert" });
  const freeze = element(
    "button.button.danger.wide",
    { type: "button" },
    icon("snowflake"),
    element("span", {}, t("Geler mon compte")),
  );
  let isSure = false;
  freeze.addEventListener("click", () => {
    if (!isSure) {
      isSure = true;
      freeze.classList.add("filled");
      show(freeze, icon("snowflake"), t("Oui, geler maintenant"));
      return undefined;
    }
    return runBusy(freeze, alert, () => freezeNow(app));
  });
  return [
    element("h2", {}, t("Téléphone perdu ou volé ?")),
    element(
      "p.soft.small",
      {},
      t(
        "Rien ne pourra plus sortir de ce compte, de nulle part. Votre argent y reste, et vous levez le gel vous-même.",
      ),
    ),
    alert,
    freeze,
  ];
}

/** @param {any} app */
export async function freezeNow(app) {
  await app.service.post("/v1/me/freeze");
  await app.refresh();
}

function frozenPart(app) {
  const alert = element("div", { role: "alert" });
  const lift = element("button.button.wide", { type: "button" }, t("Lever le gel"));
  lift.addEventListener("click", () =>
    runBusy(lift, alert, async () => {
      await withFreshSession(app, () => app.service.remove("/v1/me/freeze"));
      await app.refresh();
    }),
  );
  return [
    element("h2", {}, t("Vous avez gelé ce compte")),
    element(
      "p.soft.small",
      {},
      t("Rien n’en sort. Avant de lever le gel, retirez ci-dessous le téléphone que vous n’avez plus."),
    ),
    alert,
    lift,
  ];
}
