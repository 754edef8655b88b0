/**
 * Moving a wallet by oneself. Without a wallet here: the code of the other phone, then the four words. With one: a code
 * for the other phone, the same four words, and the yes of this phone's key.
 */
import { broughtCode } from "#ui/brought_code.js";
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { field, innerHeader, runBusy, UserFacingError } from "../components.js";
import { publicKeyText, signText } from "../device_key.js";
import { idOf, newCode, parseCode, wordsOf } from "../move.js";
import { takeWanted } from "../wanted.js";
import { withFreshSession } from "../passkey.js";
import { fromHex } from "../protocol/bytes.js";
import { addressOf } from "../protocol/envelope.js";
import { P256_SIGNER, signAddition } from "../signer_addition.js";
import { ASK_EVERY_MS, codeParts, comparing, keyHere, wordsCard } from "../two_phones.js";
/* icons: smartphone triangle-alert circle-check hourglass */

export function moveScreen(app, params, disposables) {
  const stage = element("div.stack");
  if (app.me) leaving(app, stage, disposables);
  else arriving(app, stage, disposables);
  const title = app.me ? t("Déplacer mon portefeuille") : t("Retrouver mon portefeuille ici");
  return {
    title,
    body: element("div.narrow.stack", {}, innerHeader(app, title, { back: app.me ? "/me" : "/" }), stage),
  };
}

// The new phone.

function arriving(app, stage, disposables) {
  const input = element("input.input.code", {
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: "24",
    placeholder: "XXXX-XXXX-XXXX-XXXX",
  });
  input.value = broughtCode();
  const code = field("move-code", t("Code affiché par l’ancien téléphone"), input, {
    hint: t("Là-bas : « Moi », puis « Déplacer mon portefeuille ». Le code reste entre vos deux appareils."),
  });
  const alert = element("div", { role: "alert" });
  const button = element("button.button.large.wide", { type: "submit" }, icon("smartphone"), t("Continuer"));
  const submit = (event) => {
    event.preventDefault();
    void runBusy(button, alert, async () => {
      const known = parseCode(input.value);
      if (!known) throw new UserFacingError(t("Ce code n’a pas seize caractères. Vérifiez-le sur l’ancien téléphone."));
      const join = await app.device.joinMove(await idOf(known));
      const move = await join();
      await compareHere(app, stage, disposables, { code: known, join, move });
    });
  };
  show(stage, element("form.stack", { onsubmit: submit, novalidate: true }, code.box, alert, button));
}

/** The words, and waiting for the other phone's yes. */
async function compareHere(app, stage, disposables, { code, join, move }) {
  const words = await wordsOf(code, move.old_public_key, move.new_public_key);
  const alert = element("div", { role: "alert" });
  show(
    stage,
    wordsCard(words),
    notice("wait", "hourglass", t("Comparez avec l’ancien téléphone, et dites-y oui si les mots sont les mêmes.")),
    alert,
  );
  stage.querySelector("h2").focus();
  const ask = async () => {
    const { state } = await join();
    if (state !== "done" || disposables.isDisposed) return;
    if (!(await app.device.signIn())) return; // the ledger does not know the key yet
    disposables.dispose();
    await app.entered();
    app.go(takeWanted(), { replace: true });
  };
  disposables.every(ASK_EVERY_MS, () =>
    ask().catch((error) => error.status >= 400 && error.status < 500 && ended(alert, error)),
  );
}

const ended = (alert, error) => show(alert, notice("bad", "triangle-alert", error.message));

// The old phone.

function leaving(app, stage, disposables) {
  const alert = element("div", { role: "alert" });
  const button = element("button.button.large.wide", { type: "button" }, icon("smartphone"), t("Faire un code"));
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      const key = await keyHere(app);
      const code = newCode();
      const id = await idOf(code);
      const body = { id, public_key: publicKeyText(key), proof: await signText(key, `alba-move:open:${id}`) };
      await withFreshSession(app, () => app.service.post("/v1/moves", body));
      await showCode(app, stage, disposables, { code, id, key });
    }),
  );
  show(
    stage,
    element(
      "p",
      {},
      t(
        "Un autre téléphone, ou l’application installée à côté de cet onglet, pourra payer pour ce compte. Il vous faut les deux appareils en main.",
      ),
    ),
    alert,
    button,
  );
}

async function showCode(app, stage, disposables, { code, id, key }) {
  const address = `${app.config?.wallet_origin ?? location.origin}/move#${code}`;
  show(
    stage,
    element(
      "p",
      {},
      t("Scannez ce code avec l’autre téléphone, ou tapez-le dans son application. Il vaut dix minutes."),
    ),
    await codeParts(address, code),
    notice("wait", "hourglass", t("En attente de l’autre téléphone…")),
  );
  let isAnswered = false;
  const ask = async () => {
    const move = await app.service.get(`/v1/moves/${id}`);
    if (move.state !== "joined" || isAnswered || disposables.isDisposed) return;
    isAnswered = true;
    await compareThere(app, stage, { code, id, key, move });
  };
  disposables.every(ASK_EVERY_MS, () =>
    ask().catch((error) => error.code === "move.unknown" && !isAnswered && leaving(app, stage, disposables)),
  );
  disposables.add(app.listen((event) => event.kind === "member.changed" && void ask().catch(() => {})));
}

async function compareThere(app, stage, { code, id, key, move }) {
  const words = await wordsOf(code, publicKeyText(key), move.new_public_key);
  const agree = async () => {
    const signer = addressOf(fromHex(move.new_public_key, 64));
    const addition = await signAddition(app, signer, P256_SIGNER);
    await app.service.post(`/v1/moves/${id}/approve`, { new_public_key: move.new_public_key, addition });
    showMoved(app, stage, key);
  };
  comparing(stage, words, {
    agree,
    refuse: () => app.service.remove(`/v1/moves/${id}`),
    refused: t(
      "Un autre appareil que le vôtre a répondu à ce code. Il ne vaut plus rien : recommencez, à l’abri des regards.",
    ),
  });
}

/** Both may pay now; the old one may be signed off, for good. */
function showMoved(app, stage, key) {
  const alert = element("div", { role: "alert" });
  const signOff = element("button.button.secondary.wide", { type: "button" }, t("Retirer ce téléphone-ci"));
  signOff.addEventListener("click", () =>
    runBusy(signOff, alert, async () => {
      const { devices } = await app.refresh();
      const own = devices.find((device) => device.signer_address === key.address);
      await withFreshSession(app, () => app.service.remove(`/v1/me/devices/${own.id}`));
      await app.signOut();
      app.go("/", { replace: true });
    }),
  );
  show(
    stage,
    notice(
      "good",
      "circle-check",
      element("strong", {}, t("C’est relié")),
      element("p", {}, t("Dans un instant, l’autre téléphone pourra payer pour ce compte.")),
    ),
    element("a.button.large.wide", { href: "/" }, t("Garder les deux")),
    alert,
    signOff,
    element("p.soft.small", {}, t("Retiré, ce téléphone ne pourra plus payer pour ce compte ni s’y reconnecter.")),
  );
}
