/** Every ask: what waits for my answer, strangers' last and quietly, and how mine stand. */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { stateView } from "#ui/states.js";

import { waitingRow } from "../../asks.js";
import { innerHeader, skeletonList, whenShown } from "../../components.js";
import { nameOf, shownAddress } from "../../people.js";
/* icons: hand-coins send triangle-alert chevron-right */

const OVER = new Set(["declined", "cancelled", "expired"]);

export function asksScreen(app, params, disposables) {
  const container = element("div.stack", {}, element("section.card.movements", {}, skeletonList(3)));
  const read = async () => {
    try {
      show(container, ...partsOf(app, await app.service.get("/v1/me/asks")));
    } catch (error) {
      show(container, notice("bad", "triangle-alert", error.message));
    }
  };
  void read();
  disposables.add(app.listen((event) => event.kind === "me" && void read()));
  return {
    title: t("Demandes"),
    body: element(
      "div.narrow.stack",
      {},
      innerHeader(app, t("Demandes")),
      container,
      element("a.button.wide", { href: "/ask" }, icon("hand-coins"), t("Demander")),
    ),
  };
}

function partsOf(app, { waiting, made }) {
  const known = waiting.filter((part) => part.is_known);
  const strangers = waiting.filter((part) => !part.is_known);
  return [
    known.length > 0 && section(t("À vous de répondre"), known.map(waitingRow)),
    strangers.length > 0 &&
      section(
        t("De personnes que vous ne connaissez pas"),
        element("p.soft.small", {}, t("Vous n’en êtes pas prévenu. Ne payez que si vous savez pourquoi.")),
        strangers.map(waitingRow),
      ),
    made.length > 0 &&
      section(
        t("Les vôtres"),
        element(
          "div.card.movements",
          {},
          element(
            "ul.list",
            {},
            made.map((ask) => ownRow(app, ask)),
          ),
        ),
      ),
    waiting.length + made.length === 0 &&
      element(
        "section.card.empty",
        {},
        element("p.row-title", {}, t("Aucune demande")),
        element("p.soft", {}, t("Demandez à une personne, ou partagez une addition entre plusieurs.")),
      ),
  ];
}

const section = (title, ...rest) =>
  element("section.stack.tight", { "aria-label": title }, element("h2", {}, title), rest);

function ownRow(app, ask) {
  const name = ask.parts.length === 1 ? nameOfPart(ask.parts[0]) : t("{count} personnes", { count: ask.parts.length });
  const title = ask.message ? `${name} · ${ask.message}` : name;
  return element(
    "li",
    {},
    element(
      "a.row-link",
      { href: `/asks/${ask.id}` },
      element("span.icon-tile", {}, icon(ask.kind === "send" ? "send" : "hand-coins")),
      element(
        "span.grow",
        {},
        element("span.row-title", {}, title),
        element("span.row-detail", {}, whenShown(ask.created_at_unix_ms, app.nowUnixMs())),
      ),
      element("span.end", {}, element("span.amount", {}, formatAmount(askedCents(ask))), standing(ask)),
    ),
  );
}

export const nameOfPart = (part) =>
  part.name ?? shownAddress(part.address) ?? (part.way === "link" ? t("Par lien") : nameOf(part));

const askedCents = ({ parts }) => parts.reduce((all, part) => all + part.amount_cents, 0);

function standing({ kind, parts, paid_cents: paid, total_cents: total }) {
  const word = (tone, text) => element(`span.state-word.${tone}`, {}, text);
  if (parts.every((part) => OVER.has(part.state))) return word("", t("terminée"));
  if (total > 0 && paid === total) return word("good", kind === "send" ? t("envoyé") : t("tout est payé"));
  if (paid > 0) return word("wait", t("payé {amount}", { amount: formatAmount(paid) }));
  if (parts.some((part) => part.is_to_sign)) return word("wait", stateView("ask", "to_sign").word);
  return word("wait", stateView("ask", "open").word);
}
