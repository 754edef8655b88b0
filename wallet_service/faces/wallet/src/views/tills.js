/** A professional's tills: pair a tablet with a one-time code, see those paired, revoke one. */
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { formatCountdown, formatTime } from "#ui/times.js";

import { notice } from "#ui/components.js";
import { cashiersCard } from "./cashiers.js";
import { field, innerHeader, runBusy, skeletonList } from "../components.js";

export function tillsScreen(app, params, disposables) {
  const list = element("section.card.movements", { "aria-label": t("Caisses appairées") }, skeletonList(2));
  const pairing = element("div.stack");
  const body = element("div.narrow.stack", {}, innerHeader(app, t("Mes caisses"), { back: "/me" }));
  if (app.me.tier !== "professional") {
    body.append(notice("wait", "info", t("Les caisses sont réservées aux professionnels.")));
    disposables.add(
      app.listen(
        (event) => event.kind === "me" && app.me.tier === "professional" && app.go("/tills", { replace: true }),
      ),
    );
    return { title: t("Mes caisses"), body };
  }
  const read = async () => {
    try {
      showTills(app, list, await app.service.get("/v1/me/tills"), read);
    } catch (error) {
      show(list, notice("bad", "triangle-alert", error.message));
    }
  };
  show(pairing, pairingForm(app, pairing, disposables));
  read();
  disposables.add(
    app.listen((event) => {
      if (["me", "till.paired", "till.revoked"].includes(event.kind)) read();
      // The code on the screen has served.
      if (event.kind === "till.paired" && pairing.querySelector(".pairing-code"))
        show(pairing, pairingForm(app, pairing, disposables));
    }),
  );
  body.append(
    element("p.soft", {}, t("Une caisse peut seulement recevoir. Elle ne peut jamais dépenser votre argent.")),
    list,
    element(
      "section.card.stack",
      { "aria-label": t("Ajouter une caisse") },
      element("h2", {}, t("Ajouter une caisse")),
      pairing,
    ),
    cashiersCard(app),
  );
  return { title: t("Mes caisses"), body };
}
/* icons: tablet info triangle-alert trash-2 */

function showTills(app, list, tills, read) {
  const active = tills.filter((till) => (till.state ?? "active") === "active");
  if (active.length === 0) return show(list, element("p.soft.empty", {}, t("Aucune caisse appairée.")));
  return show(
    list,
    element(
      "ul.list",
      {},
      active.map((till) => tillRow(app, till, read)),
    ),
  );
}

function tillRow(app, till, read) {
  const alert = element("div", { role: "alert" });
  const revoke = element(
    "button.button.danger.small",
    { type: "button", "aria-label": t("Révoquer {label}", { label: till.label }) },
    t("Révoquer"),
  );
  let isSure = false;
  revoke.addEventListener("click", () => {
    if (!isSure) {
      isSure = true;
      revoke.textContent = t("Confirmer");
      revoke.setAttribute("aria-label", t("Confirmer : révoquer {label}", { label: till.label }));
      revoke.classList.add("filled");
      return undefined;
    }
    return runBusy(revoke, alert, async () => {
      await app.service.remove(`/v1/me/tills/${till.id}`);
      await read();
    });
  });
  const shown = (unixMs) => formatTime(unixMs, app.nowUnixMs());
  const since = [
    till.paired_at_unix_ms && t("appairée : {when}", { when: shown(till.paired_at_unix_ms) }),
    till.last_sale_at_unix_ms
      ? t("dernière vente : {when}", { when: shown(till.last_sale_at_unix_ms) })
      : t("aucune vente encore"),
  ]
    .filter(Boolean)
    .join(" · ");
  return element(
    "li.till",
    {},
    element("span.icon-tile", {}, icon("tablet")),
    element("span.grow", {}, element("span.row-title", {}, till.label), element("span.row-detail", {}, since), alert),
    revoke,
  );
}

function pairingForm(app, container, disposables) {
  const input = element("input.input", { autocomplete: "off", maxlength: "60", placeholder: t("Caisse 1") });
  const label = field("label", t("Nom de la caisse"), input);
  const alert = element("div", { role: "alert" });
  const button = element("button.button.wide", { type: "submit" }, t("Créer un code d’appairage"));
  const submit = (event) => {
    event.preventDefault();
    runBusy(button, alert, async () => {
      const answer = await app.service.post("/v1/me/tills/pairing-codes", {
        label: input.value.trim() || t("Caisse 1"),
      });
      showCode(app, container, answer, disposables);
    });
  };
  return element("form.stack", { onsubmit: submit, novalidate: true }, label.box, alert, button);
}

function showCode(app, container, answer, disposables) {
  const left = element("span");
  const expiresAt = answer.expires_at_unix_ms;
  const again = () => show(container, pairingForm(app, container, disposables));
  const count = () => {
    const seconds = (expiresAt - app.nowUnixMs()) / 1000;
    left.textContent = seconds > 0 ? t("Valable {left}", { left: formatCountdown(seconds) }) : t("Expiré");
  };
  if (expiresAt) {
    disposables.every(1_000, count);
    count();
  }
  show(
    container,
    element("p", {}, t("Sur la tablette, ouvrez la caisse et tapez :")),
    element("p.pairing-code.code", { role: "status" }, answer.code),
    element("p.soft.small.center", {}, t("Une seule fois."), " ", left),
    element("button.button.quiet.wide", { type: "button", onclick: again }, t("Créer un autre code")),
  );
}
