/** What is held of this person, and the end of their account: seen, taken along, closed for good. */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { dateText } from "#ui/times.js";

import { innerHeader, jsonFile, keepFile, linkRow, runBusy, skeletonList } from "../components.js";
import { withFreshSession } from "../passkey.js";
/* icons: file-down file-text circle-check triangle-alert */

export function dataScreen(app, params, disposables) {
  const place = element("div.stack", {}, skeletonList(4));
  const read = async () => {
    const [held, closing] = await Promise.all([app.service.get("/v1/me/data"), app.service.get("/v1/me/closing")]);
    if (!disposables.isDisposed)
      show(place, heldSection(app, held), rightSection(), closingSection(app, closing, place));
  };
  read().catch((error) => show(place, notice("bad", "triangle-alert", error.message)));
  const title = t("Mes données");
  return { title, body: element("div.narrow.stack", {}, innerHeader(app, title, { back: "/me" }), place) };
}

function heldSection(app, { sections, left_out: leftOut }) {
  const alert = element("div", { role: "alert" });
  const save = (ending, iconName, words) => {
    const button = element(
      "button.button.secondary.wide",
      { type: "button" },
      icon(iconName),
      element("span", {}, words),
    );
    button.addEventListener("click", () =>
      runBusy(button, alert, async () => {
        const file = await withFreshSession(app, () => app.service.getFile(`/v1/me/data.${ending}`));
        keepFile(file, `${t("mes-donnees")}.${ending}`);
      }),
    );
    return button;
  };
  return element(
    "section.card.stack",
    { "aria-labelledby": "held-title" },
    element("h2", { id: "held-title" }, t("Ce que nous gardons de vous")),
    element("ul.list", {}, sections.map(sectionRow)),
    element("p.soft.small", {}, leftOut),
    alert,
    save("pdf", "file-text", t("Tout lire (PDF)")),
    save("json", "file-down", t("Tout emporter (JSON)")),
  );
}

const sectionRow = ({ title, purpose, kept, count }) =>
  element(
    "li.held",
    {},
    element(
      "details",
      {},
      element("summary", {}, element("span.row-title", {}, title), element("span.soft", {}, String(count))),
      element("p.small", {}, purpose),
      element("p.soft.small", {}, kept),
    ),
  );

const rightSection = () =>
  element(
    "section.card.stack",
    { "aria-labelledby": "right-title" },
    element("h2", { id: "right-title" }, t("Quelque chose est faux ?")),
    element(
      "ul.links",
      {},
      linkRow("/identity", "id-card", t("Mon identité"), t("Déclarer à nouveau ; un agent compare et remplace")),
    ),
  );

const MATTERS = () => ({
  payment: t("un paiement en cours"),
  "top-up": t("un virement en cours"),
  redemption: t("un retrait en cours"),
  refund: t("un remboursement demandé"),
  reversal: t("un virement repris par la banque"),
  recovery: t("une récupération en cours"),
  freeze: t("un gel du compte"),
  ledger: t("une écriture en cours au registre"),
});

function closingSection(app, closing, place) {
  const { balance_cents: balanceCents, open_matters: matters, kept_until_unix_ms: keptUntil } = closing;
  const section = (...parts) =>
    element(
      "section.card.stack",
      { "aria-labelledby": "closing-title" },
      element("h2", { id: "closing-title", tabindex: "-1" }, t("Fermer mon compte")),
      ...parts,
    );
  if (balanceCents > 0 || matters.length > 0) {
    const words = MATTERS();
    return section(
      element("p", {}, t("Pas encore : il reste quelque chose sur ce compte.")),
      element(
        "ul.plain",
        {},
        balanceCents > 0 &&
          element("li", {}, t("{amount} à dépenser ou à rendre", { amount: formatAmount(balanceCents) })),
        matters.map((matter) => element("li", {}, words[matter] ?? matter)),
      ),
    );
  }
  const alert = element("div", { role: "alert" });
  const sure = element("input", { type: "checkbox", id: "closing-sure" });
  const button = element("button.button.danger.wide", { type: "submit" }, t("Fermer et être oublié"));
  const submit = (event) => {
    event.preventDefault();
    if (!sure.checked) {
      show(alert, notice("bad", "triangle-alert", t("Cochez d’abord la case : personne ne rouvre un compte fermé.")));
      return sure.focus();
    }
    return runBusy(button, alert, async () => {
      const certificate = await withFreshSession(app, () =>
        app.service.post("/v1/me/closing", { is_understood: true }),
      );
      await app.leave();
      show(place, closedSection(certificate));
      /** @type {HTMLElement | null} */ (place.querySelector("h2"))?.focus();
    });
  };
  return section(
    element(
      "p",
      {},
      t("Tout ce qui ouvre ce compte part aussitôt : clés, connexions, avertissements. Personne ne le rouvre."),
    ),
    element(
      "p.soft",
      {},
      keptUntil
        ? t(
            "La loi fait garder ce que vous avez prouvé de votre identité, scellé, jusqu’au {day} ; puis la clé est détruite.",
            {
              day: dateText(keptUntil),
            },
          )
        : t("Votre clé est détruite tout de suite : rien de ce qu’elle scelle ne se lira plus."),
    ),
    element("p.soft", {}, t("Vos paiements restent dans les comptes des autres, sans votre nom.")),
    element(
      "form.stack",
      { onsubmit: submit, novalidate: true },
      element(
        "label.choice",
        { for: "closing-sure" },
        sure,
        element("span", {}, t("J’ai compris, et j’ai emporté ce que je veux garder.")),
      ),
      alert,
      button,
    ),
  );
}

/** Shown once, and kept by whoever wants it: there is nobody to sign in any more. */
function closedSection(certificate) {
  const { closed_at_unix_ms: closedAt, erased_from_unix_ms: erasedFrom } = certificate;
  const keep = element(
    "button.button.wide",
    { type: "button", onclick: () => keepFile(jsonFile(certificate), `${t("certificat")}.json`) },
    icon("file-down"),
    element("span", {}, t("Garder le certificat")),
  );
  return element(
    "section.card.stack",
    { "aria-labelledby": "closed-title" },
    element("h2", { id: "closed-title", tabindex: "-1" }, t("Votre compte est fermé")),
    notice(
      "good",
      "circle-check",
      erasedFrom <= closedAt
        ? t("Votre clé est détruite. Nous ne pouvons plus lire ce qu’elle scellait.")
        : t("Votre clé sera détruite le {day}.", { day: dateText(erasedFrom) }),
    ),
    element("p.soft.small", {}, t("Le certificat dit quand, combien, et sous quelle empreinte le journal le garde.")),
    element("p.small.code.wrap-anywhere", {}, certificate.journal_hash),
    keep,
    element("a.button.quiet.wide", { href: "/" }, t("Accueil")),
  );
}
