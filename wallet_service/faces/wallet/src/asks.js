/** What screens do with a part of an ask: sign it, and say how it stands. Shows; moves no money but by the outbox. */
import { element, icon } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { stateView } from "#ui/states.js";

import { UserFacingError } from "./components.js";
import { signedPayment } from "./orders.js";
import { nameOf } from "./people.js";

/**
 * Signs and sends an ordinary payment of that part; shows the order. @param {any} app
 * @param {import("#ui/api_types.js").SeenPartAnswer} part as the service has just answered
 */
export async function signPart(app, part) {
  if (!part.to_address) throw new UserFacingError(t("Rien n’a été débité. Il n’y a plus personne à payer ici."));
  const order = await signedPayment(app, {
    kind: "payment",
    subject: `ask:${part.id}`,
    to: part.to_address,
    amountCents: part.amount_cents,
    extra: { ask_part_id: part.id },
    shown: { name: nameOf(part) },
  });
  const standing = await app.outbox.enqueue(order);
  app.go(`/order/${standing.ref}`, { replace: true });
}

export function partPill(state) {
  const { tone, icon: iconName, word } = stateView("ask", state);
  return element(`span.pill.${tone}`, {}, iconName && icon(iconName), word);
}

/** What waits for me, in one line: whose it is, how much, why. */
export const waitingTitle = (part) =>
  part.kind === "send"
    ? t("{name} est là pour recevoir {amount}", { name: nameOf(part), amount: formatAmount(part.amount_cents) })
    : t("{name} vous demande {amount}", { name: nameOf(part), amount: formatAmount(part.amount_cents) });

export const waitingDetail = (part) =>
  part.message ? t("« {message} »", { message: part.message }) : t("À vous de confirmer, ou non.");

/** A row that leads to it. */
export const waitingRow = (part) =>
  element(
    `a.card.row.ask${part.is_known ? "" : ".quiet-ask"}`,
    { href: `/R/${part.id}` },
    element(`span.icon-tile${part.is_known ? ".wait" : ""}`, {}, icon(part.kind === "send" ? "send" : "hand-coins")),
    element(
      "span.grow",
      {},
      element("span.row-title", {}, waitingTitle(part)),
      element("span.row-detail", {}, waitingDetail(part)),
    ),
    icon("chevron-right"),
  );
/* icons: send hand-coins chevron-right */
