/** A till asks for a refund; the merchant's own phone decides, and signs an ordinary payment back. */
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";

import { amount, notice } from "#ui/components.js";
import { innerHeader, runBusy, whenShown } from "../components.js";
import { signedPayment } from "../orders.js";

export function refundScreen(app, { id }) {
  const container = element(
    "div.narrow.pay",
    {},
    innerHeader(app, t("Rembourser")),
    element("div.skeleton.skeleton-card", {}),
  );
  read(app, id)
    .then((request) => showRequest(app, request, container))
    .catch((error) =>
      show(container, innerHeader(app, t("Rembourser")), notice("bad", "triangle-alert", error.message)),
    );
  return { title: t("Rembourser"), body: container };
}

async function read(app, id) {
  const [request] = await Promise.all([
    app.service.get(`/v1/me/refund-requests/${encodeURIComponent(id)}`),
    app.refresh(),
  ]);
  return request;
}

async function showRequest(app, request, container) {
  if (request.state !== "requested") {
    return show(
      container,
      innerHeader(app, t("Rembourser")),
      notice("", "info", t("Cette demande n’attend plus de réponse.")),
    );
  }
  const standing = await app.outbox.liveFor(`refund:${request.id}`);
  if (standing) return app.go(`/order/${standing.ref}`, { replace: true });
  const payer = request.payer_label ?? t("un client");
  const alert = element("div", { role: "alert" });
  const left = app.me.balance.available_cents - request.amount_cents;
  const line = (label, value, className = "") =>
    element("div", { class: className }, element("dt", {}, label), element("dd", {}, value));
  const confirm = element(
    "button.button.large.wide",
    { type: "button" },
    t("Rembourser {amount}", { amount: formatAmount(request.amount_cents) }),
  );
  const refuse = element("button.button.danger.large.wide", { type: "button" }, t("Refuser la demande"));
  confirm.addEventListener("click", () => runBusy(confirm, alert, () => sign(app, request, payer)));
  refuse.addEventListener("click", () =>
    runBusy(refuse, alert, async () => {
      await app.service.post(`/v1/refund-requests/${request.id}/refuse`);
      app.go("/", { replace: true });
    }),
  );
  if (left < 0) confirm.disabled = true;
  return show(
    container,
    innerHeader(app, t("Rembourser {payer} ?", { payer })),
    element("div.pay-merchant", {}, element("span.icon-tile.large.wait", {}, icon("undo-2"))),
    element("p.pay-amount", {}, amount(request.amount_cents, app.unit(request.amount_cents), "huge")),
    element(
      "dl.card.figures",
      {},
      request.till_label && line(t("Demandé par"), request.till_label),
      request.requested_at_unix_ms && line(t("Demandé"), whenShown(request.requested_at_unix_ms, app.nowUnixMs())),
      request.sale_amount_cents && line(t("Vente de"), formatAmount(request.sale_amount_cents)),
      left >= 0
        ? line(t("Reste après"), formatAmount(left), "total")
        : line(t("Il manque"), formatAmount(-left), "total missing"),
    ),
    element(
      "div.bottom.stack",
      {},
      alert,
      confirm,
      refuse,
      element("p.soft.center.small", {}, t("Rien ne part tant que vous n’avez pas confirmé.")),
    ),
  );
}
/* icons: undo-2 info triangle-alert */

async function sign(app, request, payer) {
  const order = await signedPayment(app, {
    kind: "refund",
    subject: `refund:${request.id}`,
    to: request.to_address,
    amountCents: request.amount_cents,
    extra: { refund_request_id: request.id },
    shown: { name: payer },
  });
  const standing = await app.outbox.enqueue(order);
  app.go(`/order/${standing.ref}`, { replace: true });
}
