/**
 * The other side of "letting somebody pay": answering an invitation with a key made here, and what that key may. A
 * phone that has a wallet of its own is told so before, and answers nothing.
 */
import { broughtCode } from "#ui/brought_code.js";
import { amount, notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { stateView } from "#ui/states.js";

import { arches, brandMark, field, helpLink, innerHeader, runBusy, UserFacingError, whenShown } from "../components.js";
import { deviceLabel, publicKeyText, signText } from "../device_key.js";
import { forgetHeld, openHeld, readHeld, signInHeld } from "../held.js";
import { accountTitle, kindWord, limitsText } from "../key_limits.js";
import { idOf, parseCode, wordsOf } from "../move.js";
import { forget, remember, remembered } from "../remembered.js";
import { ASK_EVERY_MS, wordsCard } from "../two_phones.js";
/* icons: smartphone hourglass triangle-alert scan-line grid-3x3 store wallet log-out users */

/** Nobody is in front of two phones any more. */
const WAIT_EVERY_MS = 5_000;

export function heldScreen(app, params, disposables) {
  const stage = element("div.stack");
  const title = t("Payer avec un autre compte");
  if (app.held) home(app, stage, disposables);
  else if (app.heldEnded) ended(app, stage);
  else if (remembered("held")) waiting(app, stage, disposables);
  else if (app.me) ownWallet(stage);
  else answering(app, stage, disposables);
  const isHome = Boolean(app.held);
  const head = isHome
    ? element("header.home-head", {}, brandMark(app.config?.currency.name ?? ""), helpLink())
    : innerHeader(app, title, { back: "/" });
  return { title, body: element("div.narrow.stack", {}, head, stage) };
}

const ownWallet = (stage) =>
  show(
    stage,
    notice(
      "wait",
      "wallet",
      element("strong", {}, t("Ce téléphone porte déjà votre portefeuille")),
      element(
        "p",
        {},
        t(
          "Un même navigateur ne tient pas deux comptes : on ne saurait plus lequel paie. Ouvrez l’invitation sur un autre téléphone, ou dans un autre navigateur de celui-ci.",
        ),
      ),
    ),
    element("a.button.large.wide", { href: "/" }, t("Mon portefeuille")),
  );

// Answering an invitation.

function answering(app, stage, disposables) {
  const input = element("input.input.code", {
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: "24",
    placeholder: "XXXX-XXXX-XXXX-XXXX",
  });
  input.value = broughtCode();
  const code = field("held-code", t("Code affiché par l’autre téléphone"), input, {
    hint: t("Là-bas : « Moi », puis « Proches et aides ». Le code reste entre vos deux appareils."),
  });
  const alert = element("div", { role: "alert" });
  const button = element("button.button.large.wide", { type: "submit" }, icon("smartphone"), t("Continuer"));
  const submit = (event) => {
    event.preventDefault();
    return runBusy(button, alert, async () => {
      const known = parseCode(input.value);
      if (!known) throw new UserFacingError(t("Ce code n’a pas seize caractères. Vérifiez-le sur l’autre téléphone."));
      await compare(app, stage, disposables, known, await answer(app, known));
    });
  };
  show(
    stage,
    element("p", {}, t("Quelqu’un vous laisse payer avec son compte, dans des limites qu’il a choisies.")),
    element("form.stack", { onsubmit: submit, novalidate: true }, code.box, alert, button),
  );
}

/** Makes a key and shows it to the other phone; asks how that stands, as often as wanted. */
async function answer(app, code) {
  const [key, invitation] = await Promise.all([app.device.newHeldKey(), idOf(code, "keyholder")]);
  void navigator.storage?.persist?.();
  const publicKey = publicKeyText(key);
  const proof = await signText(key, `alba-keyholder:join:${invitation}:${publicKey}`);
  const body = { invitation, public_key: publicKey, label: deviceLabel(navigator.userAgent), proof };
  const ask = () => app.service.post("/v1/keyholders/join", body);
  const seen = await ask();
  if (seen.kind === "joint") await app.device.makeOwn(key);
  else remember("held", 1);
  return { ask, seen };
}

async function compare(app, stage, disposables, code, { ask, seen }) {
  const words = await wordsOf(code, seen.old_public_key, seen.new_public_key);
  const alert = element("div", { role: "alert" });
  show(
    stage,
    wordsCard(words),
    element(
      "section.card.stack",
      { "aria-label": t("Ce qui vous sera permis") },
      element("strong", {}, accountTitle(seen.holder_name)),
      seen.kind === "joint"
        ? element(
            "p",
            {},
            t("Comme co-titulaire, vous pourrez tout faire avec ce compte, comme la personne qui vous invite."),
          )
        : [
            element("p", {}, `${kindWord(seen.kind)} · ${limitsText(app, seen.limits)}`),
            element("p.soft.small", {}, t("Payer, et rien d’autre. Chaque paiement se voit sur l’autre téléphone.")),
          ],
    ),
    notice("wait", "hourglass", t("Comparez avec l’autre téléphone, et dites-y oui si les mots sont les mêmes.")),
    alert,
    giveUp(app),
  );
  stage.querySelector("h2").focus();
  const look = async () => {
    const { state, kind } = await ask();
    if (state !== "active" || disposables.isDisposed) return;
    if (kind === "joint" ? !(await app.device.signIn()) : !(await signInHeld(app))) return;
    disposables.dispose();
    if (kind !== "joint") return app.go("/held", { replace: true });
    await app.entered();
    return app.go("/", { replace: true });
  };
  disposables.every(ASK_EVERY_MS, () =>
    look().catch((error) => {
      if (error.status < 400 || error.status >= 500) return;
      forget("held");
      show(alert, notice("bad", "triangle-alert", error.message));
    }),
  );
}

function giveUp(app) {
  const button = element("button.button.quiet.wide", { type: "button" }, t("Abandonner"));
  button.addEventListener("click", () => {
    forgetHeld(app);
    app.go("/welcome", { replace: true });
  });
  return button;
}

/** Answered, and closed before the other phone said yes: the key is here and waits. */
function waiting(app, stage, disposables) {
  show(
    stage,
    notice("wait", "hourglass", t("En attente de l’autre téléphone, ou du réseau. Cette page s’ouvrira d’elle-même.")),
    giveUp(app),
  );
  disposables.every(WAIT_EVERY_MS, async () => {
    await openHeld(app);
    if (disposables.isDisposed || !(app.held || app.heldEnded)) return;
    app.go("/held", { replace: true });
  });
}

function ended(app, stage) {
  const button = element("button.button.large.wide", { type: "button" }, t("Ouvrir mon propre portefeuille"));
  button.addEventListener("click", () => {
    forgetHeld(app);
    app.go("/welcome", { replace: true });
  });
  show(stage, notice("bad", "triangle-alert", app.heldEnded), button);
}

// What this phone may pay.

function home(app, stage, disposables) {
  const card = element("section.card.brand.balance", { "aria-label": t("Ce que je peux payer") });
  const list = element("section.card.movements", { "aria-label": t("Mes paiements avec ce compte") });
  const draw = () => {
    if (!app.held) return app.go("/held", { replace: true });
    show(card, ...cardOf(app, app.held));
    return show(list, ...listOf(app, app.held));
  };
  const action = (href, iconName, word) => element("a.button.secondary", { href }, icon(iconName), word);
  show(
    stage,
    element("h1.visually-hidden", { tabindex: "-1" }, t("Payer avec un autre compte")),
    card,
    element(
      "div.actions-pair",
      {},
      action("/scan", "scan-line", t("Scanner")),
      action("/scan#code", "grid-3x3", t("Taper un code")),
    ),
    list,
    element(
      "p.soft.small",
      {},
      t("Ce téléphone peut payer à une caisse, et rien d’autre : ni virement, ni relevé, ni réglage du compte."),
    ),
    giveBack(app),
  );
  draw();
  disposables.add(
    app.listen((event) => ["me", "order.changed"].includes(event.kind) && !disposables.isDisposed && draw()),
  );
  void readHeld(app).catch(() => {});
  disposables.add(app.listen((event) => event.kind === "awake" && void readHeld(app).catch(() => {})));
}

function cardOf(app, held) {
  const left = held.left_today_cents;
  return [
    arches(),
    element("p", {}, accountTitle(held.holder_name)),
    element(
      "p.balance-amount",
      {},
      amount(held.can_spend_cents, app.unit(held.can_spend_cents), "big"),
      element("span.visually-hidden", {}, ` ${t("au plus pour un paiement maintenant")}`),
    ),
    element("p.small", {}, t("au plus pour un paiement maintenant")),
    element("p.small", {}, limitsText(app, held.limits)),
    left !== null && element("p.small", {}, t("Il reste {amount} aujourd’hui", { amount: formatAmount(left) })),
    held.is_frozen && element("p.small", {}, t("Ce compte est gelé pour l’instant.")),
  ];
}

function listOf(app, held) {
  if (held.payments.length === 0)
    return [element("div.empty", {}, element("p.soft", {}, t("Vos paiements avec ce compte s’afficheront ici.")))];
  return [
    element("h2.side-title", {}, t("Mes paiements avec ce compte")),
    element(
      "ul.list",
      {},
      held.payments.map((paid) => {
        const { tone, word } = stateView("movement", paid.state);
        return element(
          "li.row",
          {},
          element("span.icon-tile", {}, icon("store")),
          element(
            "span.grow",
            {},
            element("span.row-title", {}, paid.payee_name ?? t("Paiement")),
            element("span.row-detail", {}, `${whenShown(paid.at_unix_ms, app.nowUnixMs())} · ${paid.proof_code}`),
          ),
          element(
            "span.end",
            {},
            element(`span.amount${paid.state === "refused" ? ".void" : ""}`, {}, formatAmount(-paid.amount_cents)),
            element(`span.state-word.${tone}`, {}, word),
          ),
        );
      }),
    ),
  ];
}

function giveBack(app) {
  const place = element("div.stack");
  const ask = element(
    "button.button.quiet.wide",
    { type: "button" },
    icon("log-out"),
    t("Ne plus payer avec ce compte"),
  );
  ask.addEventListener("click", () => {
    const alert = element("div", { role: "alert" });
    const sure = element("button.button.danger", { type: "button" }, t("Rendre cette clé"));
    const back = element("button.button.quiet", { type: "button" }, t("Ne rien faire"));
    sure.addEventListener("click", () =>
      runBusy(sure, alert, async () => {
        await app.service.remove("/v1/held/account");
        forgetHeld(app);
        app.go("/welcome", { replace: true });
      }),
    );
    back.addEventListener("click", () => {
      show(place, ask);
      ask.focus();
    });
    const sentence = t(
      "Ce téléphone ne pourra plus payer avec ce compte, tout de suite. Il faudra une nouvelle invitation.",
    );
    show(place, element("p.small", {}, sentence), alert, element("div.row.wrap", {}, sure, back));
    sure.focus();
  });
  show(place, ask);
  return place;
}
