/** My code: what others scan to pay me, and how to get another. */
import { notice } from "#ui/components.js";
import { element, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { innerHeader, linkRow, runBusy } from "../../components.js";
import { linkPart, twoTaps } from "../../people.js";
/* icons: hand-coins refresh-cw triangle-alert */

export function receiveScreen(app) {
  const card = element(
    "section.card.stack",
    { "aria-label": t("Mon code") },
    element("div.skeleton.skeleton-card", {}),
  );
  const draw = (answer) => show(card, ...codePart(app, answer, draw));
  app.service
    .get("/v1/me/payee-code")
    .then(draw)
    .catch((error) => show(card, notice("bad", "triangle-alert", error.message)));
  return {
    title: t("Être payé"),
    body: element(
      "div.narrow.stack",
      {},
      innerHeader(app, t("Être payé")),
      element("p.soft", {}, t("Faites scanner ce code : l’autre lit votre nom court, tape un montant et confirme.")),
      card,
      element(
        "ul.card.links",
        {},
        linkRow("/ask", "hand-coins", t("Demander un montant précis"), t("À une personne, ou partagé entre plusieurs")),
      ),
    ),
  };
}

function codePart(app, { link }, draw) {
  const alert = element("div", { role: "alert" });
  const [list, share, button, code] = linkPart(link, {
    title: app.config?.currency.name ?? "",
    text: t("Pour me payer :"),
  });
  button.click(); // here the code is the point
  const renew = twoTaps("quiet", "refresh-cw", t("Changer de code"), t("Oui, l’ancien ne servira plus"), (pressed) =>
    runBusy(pressed, alert, async () => draw(await app.service.post("/v1/me/payee-code"))),
  );
  return [
    element("h2.center", {}, app.me.display_name || app.me.public_name || t("Mon code")),
    code,
    list,
    share,
    alert,
    renew,
  ];
}
