/** A recovery code on paper: made, shown once, printed, and typed back in part, so that it is really there. */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { formatTime } from "#ui/times.js";

import { field, innerHeader, runBusy, skeletonList } from "../components.js";
import { memberNumber } from "../member_number.js";
import { spelled } from "../protocol/references.js";
import { withFreshSession } from "../passkey.js";
/* icons: printer key-round circle-check */

const GROUPS_ASKED = 2;

export function recoveryCodeScreen(app, params, disposables) {
  const place = element("div.stack", {}, skeletonList(2));
  const read = async () => {
    const { confirmed_at_unix_ms: confirmedAt } = await app.service.get("/v1/me/recovery-code");
    if (!disposables.isDisposed) show(place, ...beforePart(app, place, confirmedAt));
  };
  read().catch((error) => show(place, notice("bad", "triangle-alert", error.message)));
  const body = element(
    "div.narrow.stack",
    {},
    innerHeader(app, t("Code de secours"), { back: "/me" }),
    element(
      "p.soft.no-print",
      {},
      t(
        "Sur papier, chez vous. Si ce téléphone se perd, il vous rend votre argent sur un autre, sans pièce d’identité.",
      ),
    ),
    place,
  );
  return { title: t("Code de secours"), body };
}

function beforePart(app, place, confirmedAt) {
  const alert = element("div", { role: "alert" });
  const make = element(
    "button.button.wide",
    { type: "button" },
    icon("key-round"),
    element("span", {}, confirmedAt ? t("Faire un autre code") : t("Faire mon code")),
  );
  make.addEventListener("click", () =>
    runBusy(make, alert, async () => {
      const { code } = await withFreshSession(app, () => app.service.post("/v1/me/recovery-code"));
      show(place, ...shownOnce(app, place, code));
      place.querySelector("h2")?.focus();
    }),
  );
  return [
    confirmedAt &&
      notice(
        "good",
        "circle-check",
        t("Vous avez un code sur papier, vérifié : {when}.", { when: formatTime(confirmedAt, app.nowUnixMs()) }),
      ),
    confirmedAt && element("p.soft", {}, t("Un autre code remplace celui-là, qui ne vaudra plus rien.")),
    app.me?.tier !== "visitor" &&
      element("p.soft", {}, t("Au-delà du palier visiteur, un agent regarde aussi votre pièce d’identité.")),
    alert,
    make,
  ];
}

/** The code itself, never kept anywhere here: leaving this screen forgets it. */
function shownOnce(app, place, code) {
  const print = element("button.button.secondary.wide.no-print", { type: "button" }, icon("printer"), t("Imprimer"));
  print.addEventListener("click", () => globalThis.print());
  return [
    element(
      "section.card.stack.paper-code",
      { "aria-label": t("Code de secours") },
      element("h2", { tabindex: "-1" }, t("Votre code de secours")),
      element(
        "p.pairing-code.code",
        {},
        element("span", { "aria-hidden": "true" }, code),
        element("span.visually-hidden", {}, spelled(code)),
      ),
      element("p", {}, t("Numéro de membre : {number}", { number: memberNumber(app.me.id) })),
      element(
        "p.small",
        {},
        t("Téléphone perdu : ouvrez {address} sur un autre, puis « Vous aviez un portefeuille ici ? ».", {
          address: location.origin,
        }),
      ),
    ),
    element(
      "p.soft.no-print",
      {},
      t("Recopiez-le ou imprimez-le maintenant : il ne sera plus montré. Qui le trouve peut demander votre compte."),
    ),
    print,
    checkForm(app, place, code),
  ];
}

/** Two of its groups are typed from the paper. */
function checkForm(app, place, code) {
  const groups = code.split("-");
  const asked = pickTwo(groups.length);
  const fields = asked.map((index) =>
    field(
      `group-${index + 1}`,
      t("Groupe {number}, lu sur le papier", { number: index + 1 }),
      element("input.input.code", {
        autocomplete: "off",
        autocapitalize: "characters",
        spellcheck: "false",
        maxlength: "8",
      }),
    ),
  );
  const alert = element("div", { role: "alert" });
  const button = element("button.button.wide", { type: "submit" }, t("C’est sur papier"));
  const submit = (event) => {
    event.preventDefault();
    const wrong = fields.filter(({ control }, at) => plain(control.value) !== groups[asked[at]]);
    for (const one of fields)
      one.setError(wrong.includes(one) ? t("Ce n’est pas ce groupe. Relisez le papier.") : null);
    if (wrong.length > 0) return wrong[0].control.focus();
    return runBusy(button, alert, async () => {
      await app.service.post("/v1/me/recovery-code/confirm", { code });
      show(place, ...beforePart(app, place, app.nowUnixMs()));
    });
  };
  return element(
    "form.stack.no-print",
    { onsubmit: submit, novalidate: true },
    fields.map(({ box }) => box),
    alert,
    button,
  );
}

/** Different ones, in their order. @param {number} count @returns {number[]} */
function pickTwo(count) {
  const chosen = new Set();
  while (chosen.size < GROUPS_ASKED) chosen.add(crypto.getRandomValues(new Uint8Array(1))[0] % count);
  return [...chosen].sort();
}

/** As people read it from paper: the letters a code never holds are digits. @param {string} typed */
export const plain = (typed) =>
  typed.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1").replace(/U/g, "V");
