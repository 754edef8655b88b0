/** Lines of home that few people ever see: loaded when there is one. */
import { element, icon } from "#ui/dom.js";
import { formatAmount, t, tn } from "#ui/i18n.js";

import { runBusy } from "../components.js";
import { linkThisPhone } from "../passkey.js";
import { forget } from "../remembered.js";
/* icons: undo-2 smartphone store circle-check chevron-right */

export { disputeRow } from "../disputes.js";

/**
 * Which shop this wallet is, and what it has taken since midnight.
 * @param {any} app
 * @param {{taken_cents: number, payments: number, given_back_cents: number}} takings
 */
export function shopRow(app, { taken_cents: taken, payments, given_back_cents: back }) {
  const counted = tn("{count} paiement", "{count} paiements", payments);
  const said = [
    t("{amount} aujourd’hui", { amount: formatAmount(taken) }),
    counted,
    back > 0 && t("{amount} remboursés", { amount: formatAmount(back) }),
  ];
  return element(
    "a.card.notice.row",
    { href: "/movements" },
    element("span.icon-tile.brand", {}, icon("store")),
    element(
      "span.grow",
      {},
      element("span.row-title", {}, app.me.public_name),
      element("span.row-detail", {}, said.filter(Boolean).join(" · ")),
    ),
    icon("chevron-right"),
  );
}

/** The answer somebody waited for, said once: what it gives from now on. @param {any} app */
export function verifiedCard(app) {
  const most = app.me.limits?.max_balance_cents;
  const card = element(
    "section.card.stack",
    { "aria-label": t("Identité vérifiée") },
    element("p.row-title", {}, icon("circle-check"), " ", t("C’est fait : votre identité est vérifiée.")),
    most && element("p.soft", {}, t("Vous pouvez garder jusqu’à {amount}.", { amount: formatAmount(most) })),
  );
  const seen = () => {
    forget("awaited");
    card.remove();
  };
  card.append(element("button.button.secondary", { type: "button", onclick: seen }, t("Merci")));
  return card;
}

/** What the bank took back and is not settled: what that means, and what happens now. @param {any} reversal */
export function reversalRow(reversal) {
  return element(
    "section.card.notice.row",
    { "aria-label": t("Virement repris par la banque") },
    element("span.icon-tile.wait", {}, icon("undo-2")),
    element(
      "span.grow",
      {},
      element(
        "span.row-title",
        {},
        t("La banque a repris votre virement de {amount} €", { amount: formatAmount(reversal.amount_cents) }),
      ),
      element("span.row-detail", {}, whatHappensNow(reversal)),
    ),
  );
}

function whatHappensNow(reversal) {
  const missing = { amount: formatAmount(reversal.missing_cents) };
  if (!reversal.stops_payments)
    return reversal.may_pay_back
      ? t(
          "Pour rendre {amount} €, payez l’association à sa caisse. D’ici là, cette somme est retenue ; le reste est à vous.",
          missing,
        )
      : t(
          "{amount} € sont retenus le temps de comprendre pourquoi ; vous pouvez payer avec le reste. L’association vous contacte.",
          missing,
        );
  return reversal.may_pay_back
    ? t(
        "Pour rendre {amount}, payez l’association à sa caisse. D’ici là, vous ne pouvez payer personne d’autre.",
        missing,
      )
    : t(
        "Vos paiements sont arrêtés le temps de comprendre pourquoi. L’association vous contacte ; rien n’est pris sans vous le dire.",
      );
}

/** A second phone, signed in with the passkey: it pays with that, and may have a key of its own. */
export async function linkCard(app) {
  const own = await app.device.addresses();
  const isComing = app.me.devices.some((device) => own.includes(device.signer_address) && device.state === "pending");
  const alert = element("div", { role: "alert" });
  const button = element(
    "button.button.secondary.wide",
    { type: "button" },
    icon("smartphone"),
    t("Relier ce téléphone"),
  );
  button.addEventListener("click", () => runBusy(button, alert, () => linkThisPhone(app)));
  return element(
    "section.card.stack",
    { "aria-label": t("Relier ce téléphone") },
    element("p", {}, t("Ce téléphone paie avec votre clé d’accès. Relié, il paie d’un geste.")),
    alert,
    isComing ? element("p.soft", {}, t("en attente du registre")) : button,
  );
}
