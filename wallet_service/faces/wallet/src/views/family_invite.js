/**
 * Letting somebody pay: for whom and within what, a code for their phone, the four words both show, and this phone's
 * word for that one key. Made like a move (move.js): the code stays with the two phones.
 */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { t, typedAmount } from "#ui/i18n.js";
import { parseAmount } from "#ui/money.js";
import { dateText } from "#ui/times.js";

import { amountInput, field, runBusy } from "../components.js";
import { publicKeyText, signText } from "../device_key.js";
import { kindWord, limitsText, signedLimits } from "../key_limits.js";
import { idOf, newCode, wordsOf } from "../move.js";
import { withFreshSession } from "../passkey.js";
import { fromHex } from "../protocol/bytes.js";
import { addressOf } from "../protocol/envelope.js";
import { P256_SIGNER, signAddition } from "../signer_addition.js";
import { ASK_EVERY_MS, codeParts, comparing, keyHere } from "../two_phones.js";
/* icons: user-plus hourglass triangle-alert circle-check */

const PATH = "/v1/me/keyholders";
const DAY_S = 86_400;
const NO_LIMITS = { per_payment_cents: 0, per_day_cents: 0, expires_at_unix_s: 0 };
/** [days, words]; the service takes a helper's for a year at most. @type {Array<[number, () => string]>} */
const LASTING = [
  [7, () => t("une semaine")],
  [30, () => t("un mois")],
  [90, () => t("trois mois")],
  [365, () => t("un an")],
];
const USUAL = {
  child: { per_payment_cents: 20_00, per_day_cents: 50_00, days: 365 },
  helper: { per_payment_cents: 50_00, per_day_cents: 100_00, days: 30 },
};

/**
 * The three limits to choose, as `boxes`; `read` answers them, or null once it has said what is wrong.
 * @param {any} app @param {"child" | "helper"} kind
 * @param {{per_payment_cents: number, per_day_cents: number, expires_at_unix_s: number} | null} [known] those of now
 */
export function limitFields(app, kind, known = null) {
  const start = known ?? USUAL[kind];
  const amounts = [
    ["per_payment_cents", t("Par paiement, au plus")],
    ["per_day_cents", t("Par jour, au plus")],
  ].map(([name, label]) => {
    const { input, box } = amountInput(app.unit(200), { placeholder: t("aucun") });
    input.value = start[name] ? typedAmount(start[name]) : "";
    return { name, input, ...field(`key-${name}`, label, input, { holder: box }) };
  });
  const option = (value, words, isChosen) => element("option", { value: String(value), selected: isChosen }, words);
  const kept = known?.expires_at_unix_s ?? 0;
  const isNew = known === null;
  const options = [
    !isNew && kept > 0 && option("kept", t("jusqu’au {day}", { day: dateText(kept * 1000) }), true),
    ...LASTING.map(([days, words]) => option(days, words(), isNew && days === USUAL[kind].days)),
    kind === "child" && option(0, t("sans date de fin"), !isNew && kept === 0),
  ].filter(Boolean);
  const until = field("key-until", t("Pour combien de temps"), element("select.input", {}, options));
  const read = () => {
    const limits = { ...NO_LIMITS };
    for (const one of amounts) {
      const cents = one.input.value.trim() === "" ? 0 : parseAmount(one.input.value);
      one.setError(cents === null ? t("Écrivez un montant comme 50 ou 12,50.") : null);
      if (cents === null) return one.input.focus() ?? null;
      limits[one.name] = cents;
    }
    const { value } = until.control;
    const seconds = Number(value) * DAY_S;
    if (value === "kept") limits.expires_at_unix_s = kept;
    // A minute less: this phone's clock may be ahead of the service's, whose year it is.
    else if (seconds > 0) limits.expires_at_unix_s = Math.floor(app.nowUnixMs() / 1000) + seconds - 60;
    if (limits.per_payment_cents || limits.per_day_cents || limits.expires_at_unix_s) return limits;
    amounts[0].setError(t("Fixez au moins une limite."));
    return amounts[0].input.focus() ?? null;
  };
  return { boxes: [...amounts.map((one) => one.box), until.box], read };
}

/** @param {any} app @param {HTMLElement} stage @param {any} disposables @param {() => void} done back to the list */
export function inviting(app, stage, disposables, done) {
  const alert = element("div", { role: "alert" });
  const place = element("div.stack");
  let kind = "child";
  let fields = /** @type {any} */ (null);
  const draw = () => {
    fields = kind === "joint" ? null : limitFields(app, /** @type {"child" | "helper"} */ (kind));
    show(place, fields ? fields.boxes : jointWarning());
  };
  const explain = {
    child: t("paie dans vos limites, rien d’autre"),
    helper: t("de même, pour un an au plus"),
    joint: t("peut tout faire, comme vous"),
  };
  const choices = ["child", "helper", "joint"].map((value) => {
    const input = element("input", { type: "radio", name: "kind", value, checked: value === kind });
    input.addEventListener("change", () => {
      kind = value;
      draw();
    });
    return element(
      "label.choice",
      {},
      input,
      element("span", {}, element("strong", {}, kindWord(value)), " ", element("span.soft", {}, explain[value])),
    );
  });
  const name = field(
    "key-name",
    t("Son nom, pour vous seul"),
    element("input.input", { maxlength: "40", autocomplete: "off" }),
  );
  const button = element("button.button.large.wide", { type: "submit" }, icon("user-plus"), t("Faire une invitation"));
  const back = element("button.button.quiet.wide", { type: "button" }, t("Annuler"));
  back.addEventListener("click", done);
  const submit = (event) => {
    event.preventDefault();
    const called = name.control.value.trim();
    name.setError(called ? null : t("Donnez-lui un nom : vous seul le verrez."));
    if (!called) return name.control.focus();
    const limits = fields ? fields.read() : NO_LIMITS;
    if (!limits) return undefined;
    return runBusy(button, alert, async () => {
      const made = await invite(app, { kind, name: called, limits });
      await showCode(app, stage, disposables, { ...made, done });
    });
  };
  draw();
  show(
    stage,
    element(
      "form.stack",
      { onsubmit: submit, novalidate: true, "aria-label": t("Laisser quelqu’un payer") },
      element("fieldset", {}, element("legend", {}, t("Pour qui ?")), choices),
      name.box,
      place,
      alert,
      button,
      back,
    ),
  );
  stage.querySelector("input")?.focus();
}

const jointWarning = () =>
  notice(
    "bad",
    "triangle-alert",
    element("strong", {}, t("Un co-titulaire peut tout.")),
    element(
      "p",
      {},
      t(
        "Payer sans limite, retirer en euros, voir tout l’historique, relier d’autres appareils, et même retirer le vôtre. Ce n’est pas un compte joint devant la loi : l’argent reste à votre nom.",
      ),
    ),
  );

async function invite(app, { kind, name, limits }) {
  const key = await keyHere(app);
  const code = newCode();
  const invitation = await idOf(code, "keyholder");
  const proof = await signText(key, `alba-keyholder:open:${invitation}`);
  const body = { invitation, public_key: publicKeyText(key), proof, kind, name, limits };
  const { keyholders } = await withFreshSession(app, () => app.service.post(PATH, body));
  return { code, key, keyholder: keyholders.find((one) => one.invitation === invitation) };
}

async function showCode(app, stage, disposables, { code, key, keyholder, done }) {
  const address = `${app.config?.wallet_origin ?? location.origin}/held#${code}`;
  const alert = element("div", { role: "alert" });
  let isOver = false;
  const stop = element("button.button.quiet.wide", { type: "button" }, t("Annuler l’invitation"));
  stop.addEventListener("click", () =>
    runBusy(stop, alert, async () => {
      isOver = true;
      await withFreshSession(app, () => app.service.remove(`${PATH}/${keyholder.id}`));
      done();
    }),
  );
  show(
    stage,
    element("h2", { tabindex: "-1" }, t("Invitation pour {name}", { name: keyholder.name })),
    element(
      "p",
      {},
      t("Scannez ce code avec son téléphone, ou ouvrez-y {address} et tapez-le. Il vaut dix minutes.", {
        address: address.split("#")[0],
      }),
    ),
    await codeParts(address, code),
    notice("wait", "hourglass", t("En attente de l’autre téléphone…")),
    alert,
    stop,
  );
  stage.querySelector("h2").focus();
  const ask = async () => {
    if (isOver) return;
    const { keyholders } = await app.service.get(PATH);
    if (isOver || disposables.isDisposed) return;
    const now = keyholders.find((one) => one.id === keyholder.id);
    if (!now) {
      isOver = true;
      done();
    } else if (now.state === "joined") {
      isOver = true;
      await compare(app, stage, { code, key, keyholder: now, done });
    }
  };
  disposables.every(ASK_EVERY_MS, () => void ask().catch(() => {}));
  disposables.add(app.listen((event) => event.kind === "me" && void ask().catch(() => {})));
}

async function compare(app, stage, { code, key, keyholder, done }) {
  const words = await wordsOf(code, publicKeyText(key), keyholder.public_key);
  const path = `${PATH}/${keyholder.id}`;
  const agree = async () => {
    const signer = addressOf(fromHex(keyholder.public_key, 64));
    const addition = await signAddition(app, signer, P256_SIGNER, signedLimits(keyholder.limits));
    await app.service.post(`${path}/approve`, { public_key: keyholder.public_key, addition });
    showAdded(stage, keyholder, done);
  };
  const allowed = `${keyholder.name} · ${kindWord(keyholder.kind)} · ${limitsText(app, keyholder.limits)}`;
  comparing(stage, words, {
    about: keyholder.kind === "joint" ? jointWarning() : element("p", {}, allowed),
    agree,
    refuse: () => withFreshSession(app, () => app.service.remove(path)),
    refused: t("Un autre appareil que le sien a répondu à ce code. Il ne vaut plus rien : recommencez."),
  });
}

function showAdded(stage, keyholder, done) {
  const button = element("button.button.large.wide", { type: "button" }, t("Terminé"));
  button.addEventListener("click", done);
  show(
    stage,
    notice(
      "good",
      "circle-check",
      element("strong", {}, t("C’est relié")),
      element("p", {}, t("Dans un instant, {name} pourra payer avec votre compte.", { name: keyholder.name })),
    ),
    button,
  );
  button.focus();
}
