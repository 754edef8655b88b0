/** One movement with its receipt: state, moment, proof code, what was given back; the paper; the proof, folded. */
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";

import { onHoldSentence } from "../on_hold.js";
import { amount, notice } from "#ui/components.js";
import { dateText, timeText } from "#ui/times.js";
import { copyRow, innerHeader, jsonFile, keepFile, runBusy } from "../components.js";
import { disputeRow, isContestable } from "../disputes.js";
import { messagePart } from "../people.js";
import { nameOf, stateOf } from "../movements.js";
import { proofCode } from "../protocol/references.js";

export function movementScreen(app, { ref }, disposables) {
  const container = element(
    "div.narrow.stack",
    {},
    innerHeader(app, t("Reçu"), { back: "/movements" }),
    element("div.skeleton.skeleton-card", {}),
  );
  const read = () =>
    Promise.all([find(app, ref), app.service.get("/v1/me/disputes")])
      .then(([movement, contested]) => showMovement(app, ref, movement, contested, container))
      .catch((error) =>
        show(
          container,
          innerHeader(app, t("Reçu"), { back: "/movements" }),
          notice("bad", "triangle-alert", error.message),
        ),
      );
  read();
  disposables.add(app.listen((event) => event.kind === "me" && read()));
  return { title: t("Reçu"), body: container };
}

async function find(app, ref) {
  const { movements } = await app.service.post("/v1/me/movements/search", { query: ref, limit: 1 });
  return movements.find((movement) => movement.ref === ref) ?? null;
}

function showMovement(app, ref, movement, contested, container) {
  const header = innerHeader(app, t("Reçu"), { back: "/movements" });
  if (!movement)
    return show(container, header, notice("", "info", t("Ce mouvement n’est pas dans vos 2 000 derniers.")));
  const { title, detail } = nameOf(movement);
  const { tone, word } = stateOf(movement);
  const line = (label, value) => value && element("div", {}, element("dt", {}, label), element("dd", {}, value));
  const pill = element(`span.pill.${tone}`, {}, word);
  const hasProof = movement.kind.startsWith("payment") || movement.kind.startsWith("refund");
  return show(
    container,
    header,
    element(
      "section.receipt-head.center",
      {},
      element("p.row-title", {}, title),
      element("p.pay-amount", {}, amount(movement.amount_cents, app.unit(movement.amount_cents), "huge")),
      pill,
    ),
    messagePart(movement.message),
    element(
      "dl.card.figures",
      {},
      line(t("Nature"), natureOf(movement) || detail),
      line(t("Payé par"), movement.paid_by_name),
      movement.tip_cents > 0 && line(t("dont pourboire"), formatAmount(movement.tip_cents)),
      line(t("Libellé"), movement.label),
      line(t("Date"), momentText(movement.at_unix_ms)),
      hasProof && line(t("Code de preuve"), element("span.code", {}, movement.proof_code ?? proofCode(ref))),
      movement.refunded_cents > 0 &&
        line(t("Remboursé"), [
          formatAmount(movement.refunded_cents),
          ...movement.refund_refs.map((refundRef) =>
            paymentLink(refundRef, t("voir {code}", { code: proofCode(refundRef) })),
          ),
        ]),
      movement.fee_cents > 0 && line(t("Frais"), formatAmount(movement.fee_cents)),
      movement.refund_of_ref &&
        line(
          t("Rembourse"),
          paymentLink(movement.refund_of_ref, t("le paiement {code}", { code: proofCode(movement.refund_of_ref) })),
        ),
    ),
    movement.held_reason &&
      notice(
        "wait",
        "hourglass",
        element("strong", {}, t("Vos euros sont arrivés.")),
        element("p", {}, onHoldSentence(movement.held_reason)),
      ),
    movement.state === "refused" && notice("bad", "circle-x", movement.refusal_detail || t("Rien n’a été débité.")),
    hasProof && movement.state === "paid" && paper(app, ref),
    disputePart(app, movement, ref, contested),
    proof(app, movement, hasProof && movement.state === "paid"),
  );
}
/** How a dispute about it stands; or, for whoever paid it lately, the way to one. */
function disputePart(app, movement, ref, contested) {
  const known = contested.disputes.find((dispute) => dispute.payment_ref === ref);
  if (known) return disputeRow(known);
  return (
    isContestable(movement, contested, app.nowUnixMs()) &&
    element(
      "a.button.quiet.wide",
      { href: `/contest/${ref}` },
      icon("message-square-warning"),
      t("Contester ce paiement"),
    )
  );
}
/* icons: message-square-warning circle-x hourglass info triangle-alert file-down share-2 shield-check */

/** "24 novembre 2026, 14 h 32": a receipt is read again on other days. */
const momentText = (unixMs) => `${dateText(unixMs)}, ${timeText(unixMs)}`;

const paymentLink = (ref, word) => element("a.receipt-link", { href: `/movement/${ref}` }, word);

/** The receipt as a paper, to keep and to hand on. */
function paper(app, ref) {
  const alert = element("div", { role: "alert" });
  const name = `${t("recu")}-${proofCode(ref)}.pdf`;
  const made = async () => {
    const content = await app.service.getFile(`/v1/me/movements/${ref}/receipt.pdf`);
    return new File([content], name, { type: "application/pdf" });
  };
  const button = (kind, iconName, word, act) => {
    const control = element(`button.button.${kind}`, { type: "button" }, icon(iconName), word);
    control.addEventListener("click", () => runBusy(control, alert, async () => act(await made())));
    return control;
  };
  return element(
    "div.stack",
    {},
    element(
      "div.row.wrap.halves",
      {},
      button("secondary", "file-down", t("Reçu en PDF"), (file) => keepFile(file, name)),
      sharesFiles() && button("secondary", "share-2", t("Partager"), shareFile),
    ),
    alert,
  );
}

/** Whether this device hands files on; those that do not still keep them. */
const sharesFiles = () =>
  Boolean(navigator.canShare?.({ files: [new File([], "a.pdf", { type: "application/pdf" })] }));

/** @param {File} file */
async function shareFile(file) {
  try {
    await navigator.share({ files: [file], title: file.name });
  } catch (error) {
    if (error.name === "NotAllowedError")
      keepFile(file, file.name); // the tap was too long ago for this browser
    else if (error.name !== "AbortError") throw error;
  }
}

/** For whoever checks: folded, long numbers say nothing to people. The file holds accounts and amounts, no name. */
function proof(app, { ref, sale_id: saleId }, isFinal) {
  return element(
    "details.card.folded",
    {},
    element("summary", {}, icon("shield-check"), isFinal ? t("La preuve, pour toujours") : t("La référence")),
    element("dl.copy-list.reference", {}, copyRow(t("Référence"), ref)),
    isFinal && proofFile(app, ref, saleId),
  );
}

function proofFile(app, ref, saleId) {
  const alert = element("div", { role: "alert" });
  const button = element(
    "button.button.secondary.wide",
    { type: "button" },
    icon("file-down"),
    t("Télécharger la preuve"),
  );
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      const receipt = await app.service.get(`/v1/me/movements/${ref}/receipt`);
      keepFile(jsonFile(receipt), `${t("recu")}-${receipt.proof_code}.json`);
    }),
  );
  return element(
    "div.stack",
    {},
    element(
      "p.soft.small",
      {},
      saleId ? t("La caisse voit le même code de preuve.") : t("L’autre personne voit le même code de preuve."),
      " ",
      t(
        "Avec ce fichier, n’importe qui peut vérifier le paiement plus tard, sans compte et sans nous croire. Il ne contient aucun nom.",
      ),
    ),
    alert,
    button,
    element("a.button.quiet.wide", { href: "/public#check" }, icon("shield-check"), t("Vérifier un reçu")),
  );
}

function natureOf(movement) {
  const words = {
    payment_out: t("Paiement"),
    payment_in: t("Paiement reçu"),
    topup: t("Virement reçu"),
    redemption: t("Retrait en euros"),
    refund_in: t("Remboursement reçu"),
    refund_out: t("Remboursement"),
  };
  return words[movement.kind] ?? "";
}
