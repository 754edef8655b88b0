/** First screen without a wallet: open one in a tap, or come back to one. Says what a visitor may do before the tap. */
import { element, icon } from "#ui/dom.js";
import { formatAmount, language, languages, t } from "#ui/i18n.js";

import { arches, brandMark, demoLine, helpLink } from "../components.js";
import { openWalletPart } from "../opening.js";
import { takeWanted } from "../wanted.js";

const whole = (cents) => formatAmount(cents).replace(/[.,]00$/, "");

export function welcomeScreen(app) {
  const name = app.config?.currency.name ?? "";
  const visitor = app.config?.tiers?.visitor;
  const unit = app.unit(10_000);
  const container = element("div", { role: "alert" });
  const point = (iconName, text) =>
    element("li", {}, element("span.icon-tile.brand", {}, icon(iconName)), element("span", {}, text));
  const body = element(
    "div.welcome",
    {},
    element("div.welcome-top", {}, brandMark(name), element("span.row.tight", {}, displayLink(), helpLink())),
    element(
      "div.stack",
      {},
      element(
        "div.card.brand.hero",
        {},
        arches(),
        element("h1", { tabindex: "-1" }, t("Payez près de chez vous, d’un geste.")),
        element("p.lead", {}, t("Un portefeuille sans papiers, prêt en une minute. La clé reste dans ce téléphone.")),
      ),
      element(
        "ul.list.points",
        {},
        point("store", element("a", { href: "/directory" }, t("Payer chez les commerçants du réseau"))),
        visitor &&
          point(
            "shield-check",
            t("Garder jusqu’à {held} {unit} et dépenser {spent} {unit} sur 30 jours", {
              held: whole(visitor.max_balance_cents),
              spent: whole(visitor.max_30_days_cents),
              unit,
            }),
          ),
        point("id-card", t("Déclarer son identité plus tard, pour aller plus loin")),
      ),
    ),
    element(
      "div.bottom.stack",
      {},
      container,
      ...openWalletPart(app, { alert: container, onOpened: () => app.go(takeWanted(), { replace: true }) }),
      demoLine(app),
    ),
  );
  return { title: t("Bienvenue"), body };
}
/* icons: store shield-check id-card */

/** Large letters, contrast and the other language are one tap away for who needs them to read this page. */
const displayLink = () => {
  const others = languages.filter(([code]) => code !== language());
  const names = others.map(([lang, name]) => element("span", { lang }, name));
  return element("a.button.quiet.small", { href: "/display" }, names, "Aa");
};
