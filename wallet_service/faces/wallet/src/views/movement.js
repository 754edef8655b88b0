/** One movement with its receipt: state, time, proof code, reference. */
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";

import { onHoldSentence } from "../on_hold.js";
import { amount, notice } from "#ui/components.js";
import { copyRow, innerHeader, jsonFile, keepFile, runBusy, whenShown } from "../components.js";
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
    find(app, ref)
      .then((movement) => showMovement(app, ref, movement, container))
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

function showMovement(app, ref, movement, container) {
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
      line(t("Quand"), whenShown(movement.at_unix_ms, app.nowUnixMs())),
      line(t("État"), word),
      hasProof && line(t("Code de preuve"), element("span.code", {}, movement.proof_code ?? proofCode(ref))),
      movement.refunded_cents > 0 && line(t("Remboursé"), formatAmount(movement.refunded_cents)),
      movement.fee_cents > 0 && line(t("Frais"), formatAmount(movement.fee_cents)),
      movement.refund_of_ref &&
        line(
          t("Rembourse"),
          element(
            "a",
            { href: `/movement/${movement.refund_of_ref}` },
            t("le paiement {code}", { code: proofCode(movement.refund_of_ref) }),
          ),
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
    element("dl.card.copy-list.reference", {}, copyRow(t("Référence"), ref)),
    hasProof && movement.state === "paid" && proof(app, movement),
  );
}
/* icons: circle-x hourglass info triangle-alert file-down shield-check */

/** The receipt as a file that anybody can check, and where. It holds accounts and amounts, no name. */
function proof(app, { ref, sale_id: saleId }) {
  const alert = element("div", { role: "alert" });
  const button = element(
    "button.button.secondary.wide",
    { type: "button" },
    icon("file-down"),
    t("Télécharger le reçu"),
  );
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      const receipt = await app.service.get(`/v1/me/movements/${ref}/receipt`);
      keepFile(jsonFile(receipt), `${t("recu")}-${receipt.proof_code}.json`);
    }),
  );
  return element(
    "section.card.stack",
    { "aria-labelledby": "proof-title" },
    element("h2", { id: "proof-title" }, t("Une preuve pour toujours")),
    element(
      "p.soft.small",
      {},
      saleId ? t("La caisse voit le même code de preuve.") : t("L’autre personne voit le même code de preuve."),
      " ",
      t(
        "Avec ce reçu, n’importe qui peut vérifier le paiement plus tard, sans compte et sans nous croire. Il ne contient aucun nom.",
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
