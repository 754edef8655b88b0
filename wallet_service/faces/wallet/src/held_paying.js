/** The foot of a sale on a phone that pays from somebody else's account: what its key may, before the tap. */
import { notice } from "#ui/components.js";
import { element } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { newReference } from "#ui/references.js";

import { runBusy, UserFacingError } from "./components.js";
import { readHeld } from "./held.js";
import { accountTitle } from "./key_limits.js";
import { domainOf } from "./orders.js";
import { signDigest } from "./protocol/envelope.js";
import { proofCode } from "./protocol/references.js";
import { paymentDigest } from "./protocol/typed_data.js";
/* icons: gauge lock octagon-pause */

const DEADLINE_MARGIN_S = 10;

export async function heldFoot(app, sale, alert) {
  const held = await readHeld(app);
  const why = held ? whyNot(held, sale.amount_cents) : app.heldEnded;
  if (why) {
    return [
      notice("wait", "gauge", why),
      element("a.button.secondary.large.wide", { href: "/held" }, t("Voir ce que je peux payer")),
    ];
  }
  const word = t("Payer {amount}", { amount: formatAmount(sale.amount_cents) });
  const button = element("button.button.large.wide.pay-button", { type: "button" }, word);
  button.addEventListener("click", () => runBusy(button, alert, () => pay(app, sale)));
  return [
    button,
    element(
      "p.soft.center.small",
      {},
      `${accountTitle(held.holder_name)}. ${t("Rien ne part tant que vous n’avez pas confirmé.")}`,
    ),
  ];
}

function whyNot(held, cents) {
  const { limits, left_today_cents: left } = held;
  if (held.payments_stopped) return t("Rien n’a été débité : les paiements sont arrêtés pour tout le monde.");
  if (held.is_frozen) return t("Rien n’a été débité : ce compte est gelé. Voyez son titulaire.");
  if (limits.per_payment_cents > 0 && cents > limits.per_payment_cents)
    return t("Rien n’a été débité. Avec ce compte, vous pouvez payer {amount} à la fois au plus.", {
      amount: formatAmount(limits.per_payment_cents),
    });
  if (left !== null && cents > left)
    return t("Rien n’a été débité. Il vous reste {amount} à payer aujourd’hui avec ce compte.", {
      amount: formatAmount(left),
    });
  if (cents > held.can_spend_cents)
    return t("Rien n’a été débité. Ce paiement ne passera pas avec ce compte : voyez son titulaire.");
  return null;
}

async function pay(app, sale) {
  const [key, held] = await Promise.all([app.device.heldKey(), readHeld(app)]);
  if (!key || !held) throw new UserFacingError(t("Rien n’a été débité. Ce téléphone ne paie plus avec ce compte."));
  const ref = newReference();
  const live = (await app.outbox.live()).map((order) => Number(order.body.nonce) + 1);
  const nonce = String(Math.max(held.next_nonce, ...live));
  const validBeforeUnixS =
    Math.floor(app.nowUnixMs() / 1000) + (app.config?.payment_lifetime_s ?? 180) - DEADLINE_MARGIN_S;
  const message = { from: held.account_address, to: sale.to_address, value: sale.amount_cents, ref, nonce };
  const digest = paymentDigest(domainOf(app.config), { ...message, validBefore: validBeforeUnixS });
  const standing = await app.outbox.enqueue({
    ref,
    kind: "payment",
    subject: `sale:${sale.id}`,
    path: "/v1/held/payments",
    body: {
      from: message.from,
      to: message.to,
      amount_cents: sale.amount_cents,
      ref,
      valid_before_unix_s: validBeforeUnixS,
      nonce,
      signature: await signDigest(key, digest),
      sale_id: sale.id,
    },
    validBeforeUnixS,
    shown: {
      name: sale.merchant.name,
      commune: sale.merchant.commune ?? "",
      amountCents: sale.amount_cents,
      proofCode: proofCode(ref),
    },
  });
  app.go(`/order/${standing.ref}`, { replace: true });
}
