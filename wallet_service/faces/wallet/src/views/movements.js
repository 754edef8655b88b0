/** Every movement, by pages, searched and filtered; and the month's statement to keep. */
import { element, icon, show } from "#ui/dom.js";
import { locale, t } from "#ui/i18n.js";

import { notice } from "#ui/components.js";
import { field, innerHeader, skeletonList } from "../components.js";
import { movementRow } from "../movements.js";

const PAGE_SIZE = 30;
const SEARCH_AFTER_MS = 300;
const MOST_MONTHS = 24;

export function movementsScreen(app, params, disposables) {
  const list = element("ul.list");
  const container = element(
    "section.card.movements",
    { "aria-label": t("Tous les mouvements"), "aria-live": "polite" },
    skeletonList(5),
  );
  const older = element(
    "button.button.secondary.wide",
    { type: "button", hidden: true, onclick: () => read(false) },
    t("Plus anciens"),
  );
  const query = searchField();
  const direction = directionField();
  let before = null;
  let latest = 0;
  /** A later question makes the answer to an earlier one worthless. */
  const read = async (isAnew) => {
    const question = (latest += 1);
    try {
      const found = await app.service.post("/v1/me/movements/search", {
        query: query.control.value,
        direction: direction.control.value,
        before: isAnew ? null : before,
        limit: PAGE_SIZE,
      });
      if (question !== latest) return;
      if (isAnew) list.replaceChildren();
      const now = app.nowUnixMs();
      list.append(...found.movements.map((movement) => movementRow(movement, now)));
      const isFiltered = query.control.value.trim() !== "" || direction.control.value !== "all";
      show(
        container,
        list.childElementCount
          ? list
          : element("p.soft.empty", {}, isFiltered ? t("Aucun mouvement ne correspond.") : t("Rien encore")),
      );
      before = found.next_before;
      older.hidden = before === null;
    } catch (error) {
      if (question === latest)
        show(container, list.childElementCount ? list : null, notice("bad", "triangle-alert", error.message));
    }
  };
  let timer;
  query.control.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => read(true), SEARCH_AFTER_MS);
  });
  direction.control.addEventListener("change", () => read(true));
  disposables.add(() => clearTimeout(timer));
  read(true);
  disposables.add(app.listen((event) => event.kind === "me" && read(true)));
  const form = element(
    "form.stack.movement-search",
    { role: "search", onsubmit: (event) => event.preventDefault() },
    query.box,
    direction.box,
  );
  const body = element(
    "div.narrow.stack",
    {},
    innerHeader(app, t("Tous les mouvements")),
    form,
    container,
    older,
    statements(app),
  );
  return { title: t("Tous les mouvements"), body };
}
/* icons: triangle-alert file-down */

const searchField = () =>
  field(
    "query",
    t("Chercher"),
    element("input.input", {
      type: "search",
      maxlength: "80",
      autocomplete: "off",
      placeholder: t("Un nom, un montant, un code de preuve"),
    }),
  );

function directionField() {
  const choice = (value, word) => element("option", { value }, word);
  return field(
    "direction",
    t("Montrer"),
    element(
      "select.input",
      {},
      choice("all", t("Tout")),
      choice("out", t("Ce que j’ai payé")),
      choice("in", t("Ce que j’ai reçu")),
      choice("bank", t("Virements et retraits")),
      choice("refunds", t("Remboursements")),
    ),
  );
}

/** One statement a month, since the account exists. */
function statements(app) {
  const months = monthsSince(app.me.created_at_unix_ms, app.nowUnixMs());
  const choice = field(
    "month",
    t("Mois"),
    element(
      "select.input",
      {},
      months.map(({ name, word }) => element("option", { value: name }, word)),
    ),
  );
  const link = (ending, word) => element("a.button.secondary", { download: "" }, icon("file-down"), word);
  const pdf = link("pdf", t("PDF"));
  const csv = link("csv", t("CSV"));
  const point = () => {
    pdf.href = `/v1/me/statements/${choice.control.value}.pdf`;
    csv.href = `/v1/me/statements/${choice.control.value}.csv`;
  };
  choice.control.addEventListener("change", point);
  point();
  return element(
    "section.card.stack",
    { "aria-labelledby": "statements-title" },
    element("h2", { id: "statements-title" }, t("Relevé du mois")),
    element("p.soft.small", {}, t("Ce qui est définitif, avec le solde au début et à la fin.")),
    choice.box,
    element("div.row.wrap", {}, pdf, csv),
    element("h3", { id: "years-title" }, t("Résumé de l’année")),
    element("p.soft.small", {}, t("Chaque mois sur une page, pour une déclaration ou un budget.")),
    element(
      "div.row.wrap",
      { role: "group", "aria-labelledby": "years-title" },
      yearsOf(months).map((year) =>
        element("a.button.secondary", { href: `/v1/me/summaries/${year}.pdf`, download: "" }, icon("file-down"), year),
      ),
    ),
  );
}

/** The newest first. */
const yearsOf = (months) => [...new Set(months.map(({ name }) => name.slice(0, 4)))];

/** The newest first: {name: "2026-11", word: "novembre 2026"}. */
export function monthsSince(firstUnixMs, nowUnixMs) {
  const now = new Date(nowUnixMs);
  const first = new Date(firstUnixMs);
  const months = [];
  for (let back = 0; back < MOST_MONTHS; back += 1) {
    const month = new Date(now.getFullYear(), now.getMonth() - back, 1);
    if (month < new Date(first.getFullYear(), first.getMonth(), 1)) break;
    const name = `${month.getFullYear()}-${String(month.getMonth() + 1).padStart(2, "0")}`;
    months.push({ name, word: month.toLocaleDateString(locale(), { month: "long", year: "numeric" }) });
  }
  return months;
}
