/** Being told while the app is closed: here or not, of what, and by mail as a second way. */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { language, t } from "#ui/i18n.js";

import { field, innerHeader, runBusy, skeletonList } from "../components.js";
import { canNotify, isOn, turnOff, turnOn } from "../notices.js";
import { withFreshSession } from "../passkey.js";
/* icons: bell bell-off mail triangle-alert circle-check smartphone */

const KINDS = {
  money: () => t("De l’argent arrive, ou un paiement n’est pas passé"),
  asked: () => t("Quelqu’un que je connais me demande de l’argent, ou attend ma signature"),
  sale: () => t("Une vente de mes caisses est payée"),
  refund_asked: () => t("Une caisse me demande de signer un remboursement"),
  dispute: () => t("Un paiement est contesté, ou il y a du nouveau"),
  keyholder: () => t("Une personne à qui je laisse mon compte paie, ou n’a pas pu"),
  bank: () => t("Un virement attend, arrive ou repart"),
  security: () => t("Ce qui ouvre mon compte change"),
};
const OF_PROFESSIONALS = new Set(["sale", "refund_asked"]);

export function noticesScreen(app) {
  const here = element("section.card.stack", { "aria-label": t("Sur cet appareil") });
  const kinds = element("section.card.stack", { "aria-label": t("De quoi") }, skeletonList(3));
  const mail = element("section.card.stack", { "aria-label": t("Par courrier") });
  const draw = async () => {
    try {
      const found = await app.service.get("/v1/me/notices/settings");
      show(here, ...(await herePart(app, draw)));
      show(kinds, ...kindsPart(app, found));
      show(mail, ...mailPart(app, found, draw));
      mail.hidden = !found.has_mail;
    } catch (error) {
      show(kinds, notice("bad", "triangle-alert", error.message));
    }
  };
  void draw();
  const sentence = t(
    "Une notification ne contient ni montant ni nom : elle dit qu’il y a du nouveau, et l’application vous le montre.",
  );
  return {
    title: t("Être prévenu"),
    body: element(
      "div.narrow.stack",
      {},
      innerHeader(app, t("Être prévenu"), { back: "/me" }),
      element("p.soft", {}, sentence),
      here,
      kinds,
      mail,
    ),
  };
}

async function herePart(app, draw) {
  const title = element("h2", {}, t("Sur cet appareil"));
  if (!canNotify())
    return [
      title,
      notice(
        "",
        "smartphone",
        t(
          "Ce navigateur ne reçoit pas de notifications. Sur iPhone, installez d’abord l’application sur l’écran d’accueil.",
        ),
      ),
    ];
  const on = await isOn();
  const alert = element("div", { role: "alert" });
  const button = element(
    `button.button.wide${on ? ".secondary" : ""}`,
    { type: "button" },
    icon(on ? "bell-off" : "bell"),
    on ? t("Ne plus recevoir de notifications ici") : t("Recevoir des notifications ici"),
  );
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      await (on ? turnOff : turnOn)(app.service);
      await draw();
    }),
  );
  return [title, on && element("p.soft", {}, t("Cet appareil vous prévient.")), alert, button];
}

function kindsPart(app, { ways, has_mail: hasMail }) {
  const isProfessional = app.me?.tier === "professional";
  const alert = element("div", { role: "alert" });
  const shown = ways.filter(({ kind }) => isProfessional || !OF_PROFESSIONALS.has(kind));
  return [
    element("h2", {}, t("De quoi")),
    alert,
    shown.map((one) => kindPart(app, one, hasMail, alert)),
    element("p.soft.small", {}, t("Ce qui touche à la sécurité de votre compte vous est toujours dit.")),
  ];
}

function kindPart(app, { kind, by_push: byPush, by_mail: byMail }, hasMail, alert) {
  const isFixed = kind === "security";
  const chosen = { by_push: byPush, by_mail: byMail };
  const box = (name, word) => {
    const input = element("input", { type: "checkbox", checked: chosen[name], disabled: isFixed });
    input.addEventListener("change", () =>
      runBusy(input, alert, async () => {
        chosen[name] = input.checked;
        await app.service.post("/v1/me/notices/choices", { kind, ...chosen });
      }),
    );
    return element("label.choice.grow", {}, input, element("span", {}, word));
  };
  return element(
    "fieldset.stack.tight",
    {},
    element("legend", {}, KINDS[kind]()),
    element(
      "div.row.wrap",
      {},
      box("by_push", t("Notification")),
      hasMail && kind !== "sale" && box("by_mail", t("Courrier")),
    ),
  );
}

function mailPart(app, found, draw) {
  const title = element("h2", {}, t("Par courrier"));
  const alert = element("div", { role: "alert" });
  if (found.is_mail_confirmed) {
    const forget = element("button.button.secondary", { type: "button" }, t("Oublier cette adresse"));
    forget.addEventListener("click", () =>
      runBusy(forget, alert, async () => {
        await withFreshSession(app, () => app.service.remove("/v1/me/notices/mail"));
        await draw();
      }),
    );
    return [title, notice("good", "circle-check", found.mail_address), alert, forget];
  }
  return [
    title,
    alert,
    found.mail_address ? codeForm(app, found, alert, draw) : null,
    addressForm(app, found, alert, draw),
  ];
}

function addressForm(app, found, alert, draw) {
  const input = element("input.input", { type: "email", autocomplete: "email", maxlength: "254", required: true });
  input.value = found.mail_address ?? "";
  const address = field("mail-address", t("Adresse électronique"), input);
  const button = element("button.button.secondary.wide", { type: "submit" }, icon("mail"), t("M’envoyer un code"));
  const submit = (event) => {
    event.preventDefault();
    void runBusy(button, alert, async () => {
      const body = { address: input.value, language: language() };
      await withFreshSession(app, () => app.service.post("/v1/me/notices/mail", body));
      await draw();
    });
  };
  return element("form.stack", { onsubmit: submit, novalidate: true }, address.box, button);
}

function codeForm(app, found, alert, draw) {
  const input = element("input.input.code", { inputmode: "numeric", autocomplete: "one-time-code", maxlength: "6" });
  const code = field("mail-code", t("Code envoyé à {address}", { address: found.mail_address }), input);
  const button = element("button.button.wide", { type: "submit" }, t("Confirmer l’adresse"));
  const submit = (event) => {
    event.preventDefault();
    void runBusy(button, alert, async () => {
      await app.service.post("/v1/me/notices/mail/confirm", { code: input.value.trim() });
      await draw();
    });
  };
  return element("form.stack", { onsubmit: submit, novalidate: true }, code.box, button);
}
