/** What became of a confirmed order, full screen, live: confirming, paid or refused. After a reload it says the same truth. */
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { formatTime, timeText } from "#ui/times.js";

import { amount, vibrate } from "#ui/components.js";
import { capitalised, runBusy } from "../components.js";
import { isLive, neverSent } from "../outbox.js";

/** A safety net under the push: while this screen is open, ask as well. */
const ASK_EVERY_MS = 3_000;
const SLOW_AFTER_MS = 8_000;
const TICK_MS = 1_000;

export function orderScreen(app, { ref }, disposables) {
  const container = element("div.stage-body", {});
  let stage = "";
  const showOrder = (order) => {
    const next = stageOf(order);
    show(container, faceOf(app, order));
    const root = /** @type {HTMLElement} */ (document.getElementById("app"));
    root.className = `screen stage ${next}`;
    if (next !== stage) announce(container, next);
    stage = next;
  };
  const read = async () => {
    const order = await app.outbox.get(ref);
    if (disposables.isDisposed) return undefined;
    if (!order) return app.go(`/movement/${ref}`, { replace: true });
    if (order.kind === "redemption" && order.state === "sent") {
      void app.refresh().catch(() => {}); // what is set aside is no longer available
      return app.go("/redeem", { replace: true });
    }
    return showOrder(order);
  };
  disposables.add(
    app.listen((event) => {
      if (event.kind === "order.changed" && event.data.ref === ref) read();
      if (["connection", "stream", "awake"].includes(event.kind)) read();
    }),
  );
  // A picture of this screen stands still; the screen itself moves, by the service's clock.
  disposables.every(TICK_MS, () => {
    const clock = container.querySelector(".stage-clock");
    if (clock) clock.textContent = nowText(app);
  });
  disposables.every(ASK_EVERY_MS, async () => {
    const order = await app.outbox.get(ref);
    if (!order || disposables.isDisposed) return;
    if (isLive(order)) void app.outbox.deliver(ref);
    // Another tab may have ended it.
    if (isLive(order) || stageOf(order) !== stage) showOrder(order);
  });
  read();
  return { title: t("Paiement"), body: container, stage: "stage confirming" };
}

const nowText = (app) => timeText(app.nowUnixMs(), { hasSeconds: true });

const stageOf = (order) =>
  ({
    unsent: "confirming",
    sent: "confirming",
    paid: "paid",
    refused: "refused",
    lapsed: "refused",
    cancelled: "refused",
  })[order.state];

function announce(container, stage) {
  container.querySelector("h1")?.focus({ preventScroll: true });
  if (stage === "paid") vibrate([60, 40, 120]);
  if (stage === "refused") vibrate(200);
}

function faceOf(app, order) {
  const stage = stageOf(order);
  const { icon: iconName, title, lines } = wordsOf(app, order);
  const { shown } = order;
  const at =
    order.answer?.final_at_unix_ms ??
    order.answer?.paid_at_unix_ms ??
    order.answer?.accepted_at_unix_ms ??
    order.createdAtUnixMs;
  const details = [shown.name, capitalised(formatTime(at, app.nowUnixMs()))].filter(Boolean).join(" · ");
  const isDead = stage === "refused";
  // Before the service has the order there is nothing to prove.
  const isKnown = ["sent", "paid"].includes(order.state);
  return [
    element(
      "div.stage-middle",
      { role: "status", "aria-live": "assertive" },
      element("span.stage-sign", {}, icon(iconName)),
      element("h1", { tabindex: "-1" }, title),
      element(
        "p.stage-amount",
        { class: isDead ? "void" : "" },
        amount(shown.amountCents, app.unit(shown.amountCents), "huge"),
      ),
      element("p.stage-details", {}, details),
      isKnown &&
        element(
          "p.stage-proof",
          {},
          t("Code de preuve"),
          " ",
          element("strong.code", {}, order.answer?.proof_code ?? shown.proofCode),
        ),
      lines.map((line) => element("p.stage-line", {}, line)),
    ),
    stage === "paid" &&
      element(
        "p.stage-live",
        { "aria-hidden": "true" },
        element("span.stage-pulse"),
        element("span.stage-clock", {}, nowText(app)),
      ),
    element("div.bottom.stack", {}, giveUpButton(app, order), buttonsOf(order)),
  ];
}
/* icons: check x hourglass wifi-off */

function wordsOf(app, order) {
  if (order.state === "paid")
    return { icon: "check", title: order.kind === "refund" ? t("Remboursé") : t("Payé"), lines: [] };
  if (order.state === "lapsed") {
    return {
      icon: "x",
      title: t("Expiré"),
      lines: [t("Rien n’a été débité."), t("L’ordre n’est pas parti à temps et ne partira plus.")],
    };
  }
  if (order.state === "cancelled") {
    return {
      icon: "x",
      title: t("Annulé"),
      lines: [t("Rien n’a été débité."), t("L’ordre n’a jamais quitté ce téléphone et ne partira plus.")],
    };
  }
  if (order.state === "refused") {
    const nothing = t("Rien n’a été débité.");
    const why = withoutOpening(order.problem?.detail, nothing);
    return { icon: "x", title: t("Refusé"), lines: [nothing, why].filter(Boolean) };
  }
  const until = timeText(order.validBeforeUnixS * 1000, { isPadded: false });
  if (order.state === "unsent" && order.isWithdrawn) {
    return {
      icon: "hourglass",
      title: t("Abandonné"),
      lines: [
        t(
          "Ce téléphone n’enverra plus cet ordre. Un premier envoi est peut-être déjà arrivé : la réponse s’affichera ici, au plus tard à {until}.",
          { until },
        ),
      ],
    };
  }
  if (order.state === "unsent" && !app.isOnline) {
    return {
      icon: "wifi-off",
      title: t("En attente du réseau"),
      lines: [
        t(
          "Votre ordre partira une seule fois, dès le retour du réseau. Après {until}, il sera abandonné et rien ne sera débité.",
          { until },
        ),
      ],
    };
  }
  return {
    icon: "hourglass",
    title: t("En cours"),
    lines: [
      order.state === "sent" ? t("Accepté. La confirmation définitive arrive.") : t("Envoi de votre ordre…"),
      isSlow(app, order) && t("C’est plus long que d’habitude. Vous pouvez fermer : rien ne partira deux fois."),
    ].filter(Boolean),
  };
}

/** The service's sentence may open with the same words. */
function withoutOpening(sentence, opening) {
  const plain = (text) => text.replaceAll("'", "’");
  const text = plain(sentence ?? "");
  return text.startsWith(opening) ? text.slice(opening.length).trim() : text;
}

/** While the service has not answered, the person may think better of it: they may have paid otherwise meanwhile. */
function giveUpButton(app, order) {
  const mayGiveUp = order.state === "unsent" && !order.isWithdrawn && (!app.isOnline || isSlow(app, order));
  if (!mayGiveUp) return null;
  const alert = element("div", { role: "alert" });
  const button = element(
    "button.button.secondary.large.wide",
    { type: "button" },
    neverSent(order) ? t("Annuler cet ordre") : t("Ne plus envoyer cet ordre"),
  );
  button.addEventListener("click", () => runBusy(button, alert, () => app.outbox.giveUp(order.ref)));
  return [alert, button];
}

const isSlow = (app, order) => app.nowUnixMs() - order.createdAtUnixMs > SLOW_AFTER_MS;

function buttonsOf(order) {
  const home = (className) =>
    element(
      `a.button.large.wide${className}`,
      { href: order.kind === "redemption" ? "/redeem" : "/" },
      order.state === "paid" ? t("Terminé") : t("Accueil"),
    );
  if (order.state === "paid")
    return [
      home(""),
      order.path === "/v1/payments" &&
        element("a.button.quiet.wide", { href: `/movement/${order.ref}` }, t("Voir le reçu")),
    ];
  if (stageOf(order) === "refused" && order.kind === "payment") {
    return [element("a.button.large.wide", { href: "/scan" }, t("Scanner un nouveau code")), home(".secondary")];
  }
  return [home(".secondary")];
}
