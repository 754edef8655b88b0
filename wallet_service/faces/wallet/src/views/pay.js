/** One screen before paying: who, how much, from what, what remains, one button. Who and how much come from the service. */
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { loadPart } from "#ui/release.js";
import { formatCountdown } from "#ui/times.js";

import { amount } from "#ui/components.js";
import { copyRow, helpLink, innerHeader, whenShown } from "../components.js";
import { confirmFoot, figuresOf, isBusy } from "../confirming.js";
import { openWalletPart } from "../opening.js";
import { signedPayment } from "../orders.js";
import { parseSaleToken } from "#ui/sale_qr.js";
import { refusalOf, refusalOfError } from "../refusals.js";
import { spokenPlace } from "../spoken_place.js";

const COUNT_EVERY_MS = 500;
/** The till may cancel, another phone may pay: nobody is to learn it by paying. */
const LOOK_EVERY_MS = 15_000;

export function payScreen(app, params, disposables) {
  const container = element(
    "div.narrow.pay",
    {},
    innerHeader(app, t("Payer"), { backLabel: t("Annuler") }),
    element("div.skeleton.skeleton-card", {}),
  );
  read(app, params)
    .then((sale) => showSale(app, sale, container, disposables))
    .catch((error) => showRefusal(app, container, refusalOfError(error), params));
  return { title: t("Payer"), body: container };
}

async function read(app, { token, code }) {
  const path = code
    ? `/v1/${app.held ? "held/" : ""}sales/by-code/${code}`
    : `/v1/sales/${parseSaleToken(decodeURIComponent(token))}`;
  // The member is read with it: the nonce and what remains must be of now.
  const [sale] = await Promise.all([app.service.get(path), app.me && app.refresh()]);
  return sale;
}

async function showSale(app, sale, container, disposables) {
  const standing = await app.outbox.liveFor(`sale:${sale.id}`);
  if (standing) return app.go(`/order/${standing.ref}`, { replace: true });
  // Back from a sale that is over leads home, not to the end of an older one.
  if (sale.state !== "open" && app.cameBack) return app.go("/", { replace: true });
  if (sale.your_payment_ref) return showOwnPayment(app, sale, container);
  if (sale.state !== "open") return showRefusal(app, container, refusalOf(sale.state, "expired"));
  const clock = element("span.countdown", { role: "timer" });
  const foot = element("div.bottom.stack");
  const alert = element("div", { role: "alert" });
  show(
    container,
    payHeader(clock),
    merchantOf(sale),
    amountOf(app, sale),
    figuresOf(app, sale.amount_cents),
    spokenPlace(disposables, "payment", app, sale.amount_cents, sale.merchant.name),
    foot,
  );
  const drawFoot = async () => {
    const buttons = await footOf(app, sale, alert, drawFoot);
    if (!disposables.isDisposed) show(foot, alert, buttons);
  };
  await drawFoot();
  // A passkey just added may sign a moment later; an account may be frozen under one's eyes.
  disposables.add(app.listen((event) => event.kind === "me" && !isBusy(foot) && void drawFoot()));
  const count = () => {
    const leftMs = sale.expires_at_unix_ms - app.nowUnixMs();
    clock.textContent = t("Valable {left}", { left: formatCountdown(leftMs / 1000) });
    clock.classList.toggle("soon", leftMs < 20_000);
    if (leftMs <= 0) {
      disposables.dispose();
      showRefusal(app, container, refusalOf("expired"));
    }
  };
  const look = async () => {
    if (document.visibilityState === "hidden" || isBusy(foot)) return;
    const now = await app.service.get(`/v1/sales/${sale.id}`).catch(() => null);
    if (!now || now.state === "open" || isBusy(foot) || disposables.isDisposed) return;
    disposables.dispose();
    if (now.your_payment_ref) showOwnPayment(app, now, container);
    else showRefusal(app, container, refusalOf(now.state, "expired"));
  };
  disposables.every(COUNT_EVERY_MS, count);
  disposables.every(LOOK_EVERY_MS, look);
  disposables.add(app.listen((event) => event.kind === "awake" && void look()));
  count();
  container.querySelector("h1").focus({ preventScroll: true });
  return undefined;
}

const payHeader = (clock) =>
  element(
    "div.pay-head",
    {},
    element("a.button.quiet.cancel", { href: "/" }, t("Annuler")),
    element("span.row.tight", {}, clock, helpLink()),
  );

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

const amountOf = (app, sale) => [
  element("p.pay-amount", {}, amount(sale.amount_cents, app.unit(sale.amount_cents), "huge")),
  sale.tip_cents > 0 &&
    element("p.soft.center", {}, t("dont pourboire {amount}", { amount: formatAmount(sale.tip_cents) })),
];

async function footOf(app, sale, alert, drawFoot) {
  if (app.held) return (await loadPart(() => import("../held_paying.js"))).heldFoot(app, sale, alert);
  if (!app.me) return withoutWallet(app, sale, alert);
  return confirmFoot(app, {
    cents: sale.amount_cents,
    word: t("Payer {amount}", { amount: formatAmount(sale.amount_cents) }),
    alert,
    confirm: () => confirm(app, sale),
    again: drawFoot,
  });
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

/**
 * Here is no wallet, but perhaps in an app beside this browser, or on another phone: the digits first, a new one after.
 */
function withoutWallet(app, sale, alert) {
  const shown = `${sale.short_code.slice(0, 3)}\u00a0${sale.short_code.slice(3)}`;
  const spoken = [...sale.short_code].join(" ");
  return [
    element(
      "section.card.stack.code-to-type",
      { "aria-label": t("Code à taper dans votre application") },
      element(
        "p",
        {},
        t("Vous avez déjà l’application {name} ? Tapez-y ce code :", { name: app.config?.currency.name ?? "" }),
      ),
      element("dl.copy-list", {}, copyRow(t("Code de la vente"), shown, { copied: sale.short_code, spoken })),
    ),
    ...openWalletPart(app, {
      alert,
      sentence: t(
        "Sinon, pour payer, il faut un portefeuille avec un peu d’argent dedans. Il s’ouvre en un geste, sans papiers.",
      ),
      onOpened: () => app.go(location.pathname, { replace: true }),
    }),
  ];
}

/** The same person, at the sale they have paid: the digits typed again, a tab brought back. */
function showOwnPayment(app, sale, container) {
  const isPaid = sale.state === "paid";
  const at = sale.your_payment_at_unix_ms;
  const when = at ? whenShown(at, app.nowUnixMs()) : "";
  show(
    container,
    element("div.pay-head", {}, element("a.button.quiet.cancel", { href: "/" }, t("Fermer")), helpLink()),
    element(
      "div.refusal",
      { role: "status" },
      element(`span.icon-tile.large.${isPaid ? "good" : "wait"}`, {}, icon(isPaid ? "circle-check" : "hourglass")),
      element("h1", { tabindex: "-1" }, isPaid ? t("Vous avez payé cette vente") : t("Votre paiement est en cours")),
      element("p.pay-amount", {}, amount(sale.amount_cents, app.unit(sale.amount_cents), "big")),
      element("p.soft", {}, [sale.merchant.name, sale.label, when].filter(Boolean).join(" · ")),
    ),
    element(
      "div.bottom.stack",
      {},
      element("a.button.large.wide", { href: `/movement/${sale.your_payment_ref}` }, t("Voir le reçu")),
      element("a.button.secondary.large.wide", { href: "/" }, t("Accueil")),
    ),
  );
  container.querySelector("h1").focus({ preventScroll: true });
}

function showRefusal(app, container, [title, sentence], { code = "" } = {}) {
  show(
    container,
    element("div.pay-head", {}, element("a.button.quiet.cancel", { href: "/" }, t("Fermer")), helpLink()),
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
      code && element("a.button.large.wide", { href: "/scan#code" }, icon("grid-3x3"), t("Retaper le code")),
      element(
        `a.button.large.wide${code ? ".secondary" : ""}`,
        { href: "/scan" },
        icon("scan-line"),
        t("Scanner un autre code"),
      ),
      element("a.button.secondary.large.wide", { href: "/" }, t("Accueil")),
    ),
  );
  container.querySelector("h1").focus({ preventScroll: true });
}
/* icons: circle-x circle-check hourglass scan-line grid-3x3 store */
