/** One screen before paying: who, how much, from what, what remains, one button. Who and how much come from the service. */
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { formatCountdown } from "#ui/times.js";

import { amount, notice } from "#ui/components.js";
import { innerHeader, runBusy } from "../components.js";
import { signedPayment } from "../orders.js";
import { needsPasskey } from "../passkey.js";
import { parseSaleToken } from "#ui/sale_qr.js";
import { refusalOf, refusalOfError } from "../refusals.js";

const COUNT_EVERY_MS = 500;

export function payScreen(app, params, disposables) {
  const container = element(
    "div.narrow.pay",
    {},
    innerHeader(app, t("Payer"), { backLabel: t("Annuler") }),
    element("div.skeleton.skeleton-card", {}),
  );
  read(app, params)
    .then((sale) => showSale(app, sale, container, disposables))
    .catch((error) => showRefusal(app, container, refusalOfError(error)));
  return { title: t("Payer"), body: container };
}

async function read(app, { token, code }) {
  const path = code ? `/v1/sales/by-code/${code}` : `/v1/sales/${parseSaleToken(decodeURIComponent(token))}`;
  // The member is read with it: the nonce and what remains must be of now.
  const [sale] = await Promise.all([app.service.get(path), app.me && app.refresh()]);
  return sale;
}

async function showSale(app, sale, container, disposables) {
  const standing = await app.outbox.liveFor(`sale:${sale.id}`);
  if (standing) return app.go(`/order/${standing.ref}`, { replace: true });
  if (sale.state !== "open") return showRefusal(app, container, refusalOf(sale.state, "expired"));
  const clock = element("span.countdown", { role: "timer" });
  const foot = element("div.bottom.stack");
  const alert = element("div", { role: "alert" });
  show(container, payHeader(clock), merchantOf(sale), amountOf(app, sale), figuresOf(app, sale), foot);
  show(foot, alert, footOf(app, sale, alert));
  const count = () => {
    const leftMs = sale.expires_at_unix_ms - app.nowUnixMs();
    clock.textContent = t("Valable {left}", { left: formatCountdown(leftMs / 1000) });
    clock.classList.toggle("soon", leftMs < 20_000);
    if (leftMs <= 0) {
      disposables.dispose();
      showRefusal(app, container, refusalOf("expired"));
    }
  };
  disposables.every(COUNT_EVERY_MS, count);
  count();
  container.querySelector("h1").focus({ preventScroll: true });
  return undefined;
}

const payHeader = (clock) =>
  element("div.pay-head", {}, element("a.button.quiet.cancel", { href: "/" }, t("Annuler")), clock);

function merchantOf(sale) {
  const { merchant } = sale;
  const about = [merchant.description ?? merchant.sector, merchant.commune].filter(Boolean).join(" · ");
  return element(
    "div.pay-merchant",
    {},
    element("span.icon-tile.brand.large", {}, icon("store")),
    element("h1", { tabindex: "-1" }, merchant.name),
    about && element("p.soft", {}, about),
    sale.label && element("p.soft", {}, sale.label),
  );
}

const amountOf = (app, sale) =>
  element("p.pay-amount", {}, amount(sale.amount_cents, app.unit(sale.amount_cents), "huge"));

function figuresOf(app, sale) {
  if (!app.me) return null;
  const left = app.me.balance.available_cents - sale.amount_cents;
  const line = (label, value, className = "") =>
    element("div", { class: className }, element("dt", {}, label), element("dd", {}, value));
  return element(
    "dl.card.figures",
    {},
    line(t("Depuis mon solde"), formatAmount(sale.amount_cents)),
    left >= 0
      ? line(t("Reste après"), formatAmount(left), "total")
      : line(t("Il manque"), formatAmount(-left), "total missing"),
  );
}

function footOf(app, sale, alert) {
  if (!app.me) return openWalletFoot(app, alert);
  const left = app.me.balance.available_cents - sale.amount_cents;
  if (left < 0) {
    return [
      notice("wait", "info", t("Votre solde ne suffit pas. Rien n’a été débité.")),
      element("a.button.large.wide", { href: "/add" }, t("Ajouter de l’argent")),
    ];
  }
  const button = element(
    "button.button.large.wide.pay-button",
    { type: "button" },
    t("Payer {amount}", { amount: formatAmount(sale.amount_cents) }),
  );
  button.addEventListener("click", () => runBusy(button, alert, () => confirm(app, sale)));
  const sentence = needsPasskey(app.me, sale.amount_cents)
    ? t("Ce montant demande votre clé d’accès : confirmez avec le doigt, le visage ou le code de l’appareil.")
    : t("Rien ne part tant que vous n’avez pas confirmé.");
  return [button, element("p.soft.center.small", {}, sentence)];
}

async function confirm(app, sale) {
  const order = await signedPayment(app, {
    kind: "payment",
    subject: `sale:${sale.id}`,
    to: sale.to_address,
    amountCents: sale.amount_cents,
    extra: { sale_id: sale.id },
    shown: { name: sale.merchant.name, commune: sale.merchant.commune ?? "" },
  });
  const standing = await app.outbox.enqueue(order);
  app.go(`/order/${standing.ref}`, { replace: true });
}

function openWalletFoot(app, alert) {
  const button = element("button.button.large.wide", { type: "button" }, t("Ouvrir un portefeuille"));
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      await app.openWallet();
      app.go(location.pathname, { replace: true });
    }),
  );
  return [
    notice(
      "",
      "info",
      t("Pour payer, il faut un portefeuille avec un peu d’argent dedans. Il s’ouvre en un geste, sans papiers."),
    ),
    button,
    element("a.button.quiet.wide", { href: "/sign-in" }, t("J’ai déjà un compte")),
  ];
}

function showRefusal(app, container, [title, sentence]) {
  show(
    container,
    element("div.pay-head", {}, element("a.button.quiet.cancel", { href: "/" }, t("Fermer"))),
    element(
      "div.refusal",
      { role: "alert" },
      element("span.icon-tile.large.bad", {}, icon("circle-x")),
      element("h1", { tabindex: "-1" }, title),
      element("p.soft", {}, sentence),
    ),
    element(
      "div.bottom.stack",
      {},
      element("a.button.large.wide", { href: "/scan" }, icon("scan-line"), t("Scanner un autre code")),
      element("a.button.secondary.large.wide", { href: "/" }, t("Accueil")),
    ),
  );
  container.querySelector("h1").focus({ preventScroll: true });
}
/* icons: circle-x scan-line store info */
