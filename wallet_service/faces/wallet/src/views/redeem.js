/** A professional gets back to euros: amount and account, then fee and delay, then a signature, then the state to "paid". */
import { element, show } from "#ui/dom.js";
import { formatAmount, t, tn, typedAmount } from "#ui/i18n.js";
import { statePill } from "#ui/states.js";

import { amount, notice } from "#ui/components.js";
import { amountInput, field, innerHeader, runBusy, UserFacingError, whenShown } from "../components.js";
import { signedRedemption } from "../orders.js";
import { remember, remembered } from "../remembered.js";
import { parseAmount } from "#ui/money.js";

const DEFAULT_LIFETIME_S = 900;
/** The id components.js gives to the hint of the field named "amount". */
const AMOUNT_HINT = "field-amount-hint";
export function redeemScreen(app, params, disposables) {
  const container = element("div.stack");
  const past = element("div.stack");
  const body = element("div.narrow.stack", {}, innerHeader(app, t("Retirer en euros")), container, past);
  if (app.me.tier !== "professional") {
    show(container, whyNot());
    return { title: t("Retirer en euros"), body };
  }
  const readPast = () =>
    showPast(app, past).catch((error) => show(past, notice("bad", "triangle-alert", error.message)));
  show(container, amountForm(app, container));
  readPast();
  disposables.add(
    app.listen((event) => {
      if (["redemption.changed", "me"].includes(event.kind)) readPast();
      const hint = event.kind === "me" && container.querySelector(`#${AMOUNT_HINT}`);
      if (hint) hint.textContent = availableLine(app);
    }),
  );
  return { title: t("Retirer en euros"), body };
}

const availableLine = (app) => t("Disponible : {amount}", { amount: formatAmount(app.me.balance.available_cents) });

function whyNot() {
  return [
    notice(
      "wait",
      "info",
      element("strong", {}, t("Réservé aux professionnels")),
      element(
        "p",
        {},
        t(
          "La loi ne permet pas de rendre des euros aux particuliers. Votre argent reste entier : il se dépense chez tous les commerçants du réseau.",
        ),
      ),
    ),
    element("a.button.wide", { href: "/" }, t("Accueil")),
  ];
}
/* icons: info triangle-alert landmark */

const spaceless = (iban) => iban.replace(/\s/g, "").toUpperCase();

function amountForm(app, container, typed = {}) {
  const { input, box } = amountInput(app.unit(10_000));
  input.value = typed.amount ?? "";
  const amountField = field("amount", t("Combien ?"), input, { hint: availableLine(app), holder: box });
  const takeAll = () => {
    input.value = typedAmount(app.me.balance.available_cents);
    amountField.setError(null);
  };
  const all = element("button.button.quiet.small", { type: "button", onclick: takeAll }, t("Tout retirer"));
  const ibanInput = element("input.input", {
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    placeholder: "FR76 …",
    maxlength: "42",
  });
  const known = remembered("payee");
  ibanInput.value = typed.iban ?? known?.iban ?? "";
  const ibanField = field("iban", t("Vers quel compte (IBAN) ?"), ibanInput, {
    hint: t("Un compte au nom de votre entreprise."),
  });
  const otherAccount = element("p.small", { role: "status" });
  const sayOther = () => {
    const isOther = known && spaceless(ibanInput.value) !== spaceless(known.iban);
    otherAccount.textContent = isOther
      ? t("Ce n’est pas le compte de votre dernier retrait ({iban}) : vérifiez-le.", {
          iban: `… ${known.iban.slice(-4)}`,
        })
      : "";
  };
  ibanInput.addEventListener("change", sayOther);
  const holderInput = element("input.input", { autocomplete: "name", spellcheck: "false", maxlength: "70" });
  holderInput.value = typed.holder ?? known?.holder ?? "";
  const holderField = field("holder", t("Au nom de qui est ce compte ?"), holderInput, {
    hint: t("Comme sur votre RIB : la banque vérifie ce nom avant de virer."),
  });
  const alert = element("div", { role: "alert" });
  const button = element("button.button.large.wide", { type: "submit" }, t("Voir les frais et le délai"));
  const submit = (event) => {
    event.preventDefault();
    const cents = parseAmount(input.value);
    amountField.setError(
      cents === null
        ? t("Écrivez un montant comme 50 ou 12,50.")
        : cents > app.me.balance.available_cents
          ? t("C’est plus que votre solde disponible.")
          : null,
    );
    const iban = spaceless(ibanInput.value);
    ibanField.setError(/^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(iban) ? null : t("Cet IBAN n’a pas la bonne forme."));
    const holder = holderInput.value.trim();
    holderField.setError(/\p{L}/u.test(holder) ? null : t("Écrivez le nom du titulaire, comme sur votre RIB."));
    const first = [amountField, ibanField, holderField].find(({ control }) => control.getAttribute("aria-invalid"));
    if (first) return first.control.focus();
    return runBusy(button, alert, async () => {
      const quote = await app.service.post("/v1/me/redemptions/quote", { amount_cents: cents, iban, holder });
      await app.refresh();
      const written = { amount: input.value, iban: ibanInput.value, holder };
      showQuote(app, container, { cents, iban, holder, quote, typed: written });
    });
  };
  return element(
    "form.stack",
    { onsubmit: submit, novalidate: true },
    amountField.box,
    element("div", {}, all),
    ibanField.box,
    otherAccount,
    holderField.box,
    alert,
    button,
  );
}

function showQuote(app, container, { cents, iban, holder, quote, typed }) {
  const line = (label, value, className = "") =>
    element("div", { class: className }, element("dt", {}, label), element("dd", {}, value));
  const alert = element("div", { role: "alert" });
  const button = element(
    "button.button.large.wide",
    { type: "button" },
    t("Retirer {amount}", { amount: formatAmount(cents) }),
  );
  // One form, one order: a second tap or a reload of the same wish finds the first.
  const subject = `redemption:${crypto.randomUUID()}`;
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      if (!quote.payee_hash)
        throw new UserFacingError(t("Rien n’a été débité. Le service n’a pas donné de quoi signer : recommencez."));
      const order = await signedRedemption(app, {
        subject,
        amountCents: cents,
        payee: { iban, holder },
        payeeHash: quote.payee_hash,
        lifetimeS: app.config.redemption_lifetime_s ?? DEFAULT_LIFETIME_S,
        extra: quote.quote_id ? { quote_id: quote.quote_id } : {},
        shown: { name: t("Retrait en euros") },
      });
      const standing = await app.outbox.enqueue(order);
      remember("payee", { iban, holder });
      app.go(`/order/${standing.ref}`, { replace: true });
    }),
  );
  show(
    container,
    element("p.pay-amount.center", {}, amount(quote.net_cents, "€", "huge")),
    element("p.center.soft", {}, t("arriveront sur votre compte")),
    element(
      "dl.card.figures",
      {},
      line(t("Vous retirez"), formatAmount(cents)),
      line(t("Frais"), formatAmount(quote.fee_cents)),
      line(t("Vous recevez"), `${formatAmount(quote.net_cents)}\u00a0€`, "total"),
      line(t("Délai"), tn("{count} jour", "{count} jours", quote.delay_days)),
      line(t("Compte"), `…\u00a0${iban.slice(-4)}`),
      line(t("Au nom de"), holder),
    ),
    alert,
    button,
    element(
      "button.button.quiet.wide",
      { type: "button", onclick: () => show(container, amountForm(app, container, typed)) },
      t("Modifier"),
    ),
    element(
      "p.soft.center.small",
      {},
      t("Rien ne part tant que vous n’avez pas confirmé. Le montant est ensuite mis de côté jusqu’au virement."),
    ),
  );
}

/** The name given last time, unless the person has begun to write one. */
function rememberHolder([last]) {
  const input = document.querySelector("#field-holder");
  if (!(input instanceof HTMLInputElement) || document.activeElement === input) return;
  if (input.value === "") input.value = last.holder;
}

async function showPast(app, past) {
  const redemptions = await app.service.get("/v1/me/redemptions");
  if (redemptions.length === 0) return show(past);
  rememberHolder(redemptions);
  const now = app.nowUnixMs();
  return show(
    past,
    element("h2", {}, t("Mes retraits")),
    element(
      "section.card.movements",
      {},
      element(
        "ul.list",
        {},
        redemptions.map((redemption) => redemptionRow(redemption, now)),
      ),
    ),
  );
}

function redemptionRow(redemption, nowUnixMs) {
  const at = redemption.requested_at_unix_ms;
  return element(
    "li",
    {},
    element(
      "span.grow",
      {},
      element("span.row-title", {}, formatAmount(redemption.amount_cents)),
      element(
        "span.row-detail",
        {},
        [at && whenShown(at, nowUnixMs), sentenceOf(redemption)].filter(Boolean).join(" · "),
      ),
    ),
    statePill("redemption", redemption.state),
  );
}

function sentenceOf({ state }) {
  return (
    {
      requested: t("demande reçue"),
      locked: t("mis de côté, virement à préparer"),
      exported: t("virement remis à la banque"),
      paid: t("viré sur votre compte"),
      returning: t("la banque a rendu le virement"),
      returned: t("rendu sur votre solde"),
      refused: t("rien n’a été débité"),
    }[state] ?? ""
  );
}
