/** Asking for the account of a lost phone from a new one, and waiting for it: what is frozen, and when it opens. */
import { amount, notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { formatCountdown, formatTime } from "#ui/times.js";

import { arches, field, runBusy, skeletonList } from "../components.js";
import { memberNumber } from "../member_number.js";
import { remember } from "../remembered.js";
import { takeWanted } from "../wanted.js";
import { documentChooser } from "../document_chooser.js";
import { askedHere, askForAccount, giveUp, papersSent, progressOf, sendPaper } from "../recovery.js";
/* icons: snowflake lock hourglass circle-check */

/** A phone that waits looks so often; a lost answer changes nothing. */
const LOOK_AGAIN_MS = 4_000;
const SOON_MS = 60 * 60 * 1000;

/** Two ways to say whose account it is. @param {any} app @returns {any[]} */
export function askPart(app) {
  const reference = field(
    "reference",
    t("Numéro de membre ou référence de virement"),
    element("input.input", { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: "60" }),
    {
      hint: t(
        "La référence commence par RF : elle est sur le relevé de votre banque. L’association peut aussi retrouver votre numéro.",
      ),
    },
  );
  const code = field(
    "recovery-code",
    t("Code de secours sur papier"),
    element("input.input", {
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      maxlength: "24",
      placeholder: "XXXX-XXXX-XXXX-XXXX",
    }),
  );
  return [
    element("p.soft", {}, t("Dites quel est le compte : nous le gelons, le temps que l’association vous voie.")),
    form(app, reference, t("Geler et demander ce compte"), (typed) => ({ reference: typed })),
    element("p.soft", {}, t("Vous aviez imprimé un code de secours ? Il remplace le passage à l’association.")),
    form(app, code, t("Utiliser mon code"), (typed) => ({ code: typed }), ".secondary"),
  ];
}

function form(app, { box, control, setError }, word, known, look = ".danger") {
  const alert = element("div", { role: "alert" });
  const button = element(
    `button.button${look}.wide`,
    { type: "submit" },
    look === ".danger" && icon("snowflake"),
    element("span", {}, word),
  );
  const submit = (event) => {
    event.preventDefault();
    const typed = control.value.trim();
    setError(typed ? null : t("À remplir."));
    if (!typed) return control.focus();
    return runBusy(button, alert, async () => {
      await askForAccount(app, known(typed));
      app.go("/lost", { replace: true });
    });
  };
  return element("form.stack", { onsubmit: submit, novalidate: true }, box, alert, button);
}

/** How what was asked stands, looked at again and again while this is shown. */
export function waitingPart(app, disposables) {
  const { token, askedAtUnixMs, key } = /** @type {any} */ (askedHere());
  const part = element("div.stack", { "aria-live": "polite" }, skeletonList(3));
  const again = element("button.button.quiet.wide", { type: "button" }, t("Demander autrement"));
  again.addEventListener("click", () => {
    giveUp();
    app.go("/lost", { replace: true });
  });
  let shown = "";
  const look = async () => {
    let progress;
    try {
      progress = await progressOf(app, token);
    } catch (error) {
      if (!shown && !disposables.isDisposed) show(part, notice("bad", "triangle-alert", error.message));
      return;
    }
    if (disposables.isDisposed) return;
    if (progress.state === "executed") return void enter();
    const said = JSON.stringify(progress);
    if (said !== shown) show(part, ...stateParts(app, progress, askedAtUnixMs, disposables));
    shown = said;
  };
  const enter = async () => {
    remember("lastKey", key); // this phone may have other accounts
    if (!(await app.device.signIn().catch(() => false)) || disposables.isDisposed) return;
    giveUp();
    await app.entered();
    app.go(takeWanted(), { replace: true });
  };
  void look();
  disposables.every(LOOK_AGAIN_MS, () => document.visibilityState === "visible" && look());
  disposables.add(app.listen((event) => event.kind === "awake" && look()));
  return element("div.stack", {}, part, again);
}

function stateParts(app, progress, askedAtUnixMs, disposables) {
  const number = memberNumber(progress.request_number);
  const when = formatTime(askedAtUnixMs, app.nowUnixMs());
  switch (progress.state) {
    case "asked":
      return [
        element(
          "section.card.stack",
          { "aria-label": t("Votre demande") },
          element("p.label", {}, t("Votre numéro de demande")),
          element("p.pairing-code.code", {}, number),
          element(
            "p",
            {},
            t(
              "Demandé : {when}. Si ce compte existe, plus rien n’en sort, sauf si son téléphone a répondu ces derniers jours.",
              { when },
            ),
          ),
          element(
            "p.soft",
            {},
            t(
              "Montrez ce numéro à l’association avec une pièce d’identité. Elle annonce ce téléphone ; vos anciens appareils sont prévenus, et le compte s’ouvre ici après un délai.",
            ),
          ),
        ),
        papersPart(app),
      ];
    case "proposing":
    case "proposed":
      return [frozenCard(app, progress, disposables)];
    case "vetoed":
      return [
        notice(
          "bad",
          "lock",
          element("strong", {}, t("Un ancien téléphone a répondu : « j’ai mon téléphone ».")),
          element("p", {}, t("Si ce n’était pas vous, allez voir l’association avec une pièce d’identité.")),
        ),
      ];
    default:
      return [
        notice(
          "wait",
          "hourglass",
          element("strong", {}, t("Cette demande n’a pas abouti.")),
          element("p", {}, t("Demandez à nouveau, ou allez voir l’association.")),
        ),
      ];
  }
}

/** Who cannot come shows their papers from here; who they are, the officer sees from what the account has on file. */
function papersPart(app) {
  const card = element("section.card.stack", { "aria-label": t("Vous ne pouvez pas venir ?") });
  const draw = () => {
    const sent = papersSent();
    const alert = element("div", { role: "alert" });
    const { input, label } = documentChooser(
      "paper",
      sent ? t("Ajouter une autre page") : t("Photographier ou choisir un fichier"),
      alert,
      async (chosen) => {
        await sendPaper(app, chosen);
        draw();
      },
    );
    show(
      card,
      element("h2", {}, t("Vous ne pouvez pas venir ?")),
      element(
        "p.soft",
        {},
        t(
          "Envoyez d’ici la pièce d’identité que l’association a déjà vue : recto, verso, entière et lisible. Une personne la compare à votre dossier et peut vous appeler.",
        ),
      ),
      sent > 0 &&
        notice(
          "good",
          "circle-check",
          sent === 1 ? t("Un document envoyé.") : t("{count} documents envoyés.", { count: sent }),
        ),
      input,
      label,
      alert,
      element(
        "p.soft.small",
        {},
        t("Chiffré, lu par l’association seule, effacé trente jours après la fin de la demande."),
      ),
    );
  };
  draw();
  return card;
}

/** What the account holds, frozen, and the hour at which it opens here. */
function frozenCard(app, { balance_cents: cents, executable_at_unix_s: opensAtUnixS }, disposables) {
  const opens = element("p.opens-at");
  const opensAtUnixMs = opensAtUnixS === null ? null : opensAtUnixS * 1000;
  const tell = () => {
    if (opensAtUnixMs === null) return show(opens, t("L’annonce est en route."));
    const left = opensAtUnixMs - app.nowUnixMs();
    if (left <= 0) return show(opens, t("Le compte s’ouvre à l’instant…"));
    const when = formatTime(opensAtUnixMs, app.nowUnixMs());
    if (left >= SOON_MS) return show(opens, t("Gelé. S’ouvre ici {when}.", { when }));
    return show(opens, t("Gelé. S’ouvre ici {when}, dans {left}.", { when, left: formatCountdown(left / 1000) }));
  };
  tell();
  disposables.every(1_000, tell);
  return element(
    "div.stack",
    {},
    element(
      "section.card.brand.balance",
      { "aria-label": t("Solde gelé"), "aria-live": "off" },
      arches(),
      element("p", {}, icon("lock"), " ", t("Votre argent")),
      element("p.balance-amount", {}, amount(cents ?? 0, app.unit(cents ?? 0), "big")),
      opens,
    ),
    element(
      "p.soft",
      {},
      t(
        "Jusque-là, vos anciens appareils peuvent s’y opposer, et rien ne sort. Vous n’avez rien à faire : gardez cette page ou revenez plus tard.",
      ),
    ),
  );
}
