/** Identity: what my tier allows, then three steps to go further: declare, add a document, send. The answer arrives live. */
import { element, focusedIn, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { memberNumber } from "../member_number.js";

import { notice } from "#ui/components.js";
import { innerHeader, runBusy, skeletonList } from "../components.js";
import { declarationForm } from "../declaration.js";
import { documentChooser } from "../document_chooser.js";
import { addPasskey } from "../passkey.js";
import { remember } from "../remembered.js";
import { limitsList, tierPill } from "../tiers.js";
import { gainsCard, papersTold, provedBy, waysList } from "./identity_ways.js";

export function identityScreen(app, params, disposables) {
  const tier = element("section.card.stack");
  const before = element("div.stack");
  const steps = element("div.stack", {}, skeletonList(3));
  const shop = element("section.card.stack", { "aria-labelledby": "shop-title" });
  const showTier = () =>
    show(
      tier,
      element("div.row.between.wrap", {}, element("h2", {}, t("Ce que je peux faire")), tierPill(app.me)),
      limitsList(app.me),
    );
  let wantsPapers = false;
  const read = async () => {
    try {
      const [file, offers] = await Promise.all([
        app.service.get("/v1/me/identity"),
        app.service.get("/v1/me/identity/ways"),
      ]);
      if (app.me.kind !== "resident") return;
      show(before, beforeParts(app, file, offers));
      if (!wantsPapers && hasChoice(app, file, offers)) showChoice(offers, file);
      else showSteps(app, steps, file, read);
    } catch (error) {
      show(steps, notice("bad", "triangle-alert", error.message));
    }
  };
  /** Papers that were begun go on beside the other ways. */
  const showChoice = (offers, file) =>
    show(
      steps,
      waysList(
        app,
        offers,
        () => {
          wantsPapers = true;
          showSteps(app, steps, file, read);
          steps.querySelector("input, button")?.focus();
        },
        disposables,
      ),
    );
  let kind = null;
  const showKind = () => {
    if (kind === app.me.kind) return;
    kind = app.me.kind;
    shop.hidden = kind !== "resident";
    if (kind === "resident") {
      showShop(app, shop);
      read();
    } else show(steps, professionalParts(app));
  };
  showTier();
  showKind();
  disposables.add(
    app.listen((event) => {
      if (event.kind === "me") {
        showTier();
        showKind();
      }
      if (event.kind === "member.changed" && app.me.kind === "resident" && !isTyping(steps)) read();
    }),
  );
  return {
    title: t("Mon identité"),
    body: element(
      "div.narrow.stack",
      {},
      innerHeader(app, t("Mon identité"), { back: "/me" }),
      tier,
      before,
      steps,
      shop,
    ),
  };
}

/** What an identity gives and takes, as long as nothing is sent. */
function beforeParts(app, file, offers) {
  if (isProved(app, file) || ["submitted", "approved"].includes(file.state)) return [];
  const isBegun = (file.state ?? "none") !== "none";
  return [gainsCard(app), !isBegun && offers.ways.length === 1 && papersTold(offers)];
}

const professionalParts = (app) => [
  notice("", "info", t("L’identité d’un professionnel est vérifiée par l’association, avec ses papiers.")),
  passkeyStep(app),
];

/** How a shop or an association joins: an officer does it, with the papers and this number. */
function showShop(app, container) {
  show(
    container,
    element("h2", { id: "shop-title" }, t("Vous êtes commerçant ou association ?")),
    element(
      "p.soft",
      {},
      t("L’association vous inscrit après avoir vu vos papiers. Donnez-lui votre numéro de membre :"),
      " ",
      element("strong", {}, memberNumber(app.me.id)),
    ),
  );
}

/** Whether there is more than papers to choose from, and anything left to prove. */
const hasChoice = (app, file, offers) =>
  offers.ways.length > 1 && !isProved(app, file) && !["submitted", "approved"].includes(file.state);

/** A proof says so at once; the tier follows when the ledger has it. A tier that expired is proved anew. */
const isProved = (app, file) =>
  file.state === "approved" || ((file.state === "none" || file.proof !== null) && app.me.tier === "verified");

/** A form being filled must not be wiped by a push. */
const isTyping = (container) => /^(INPUT|TEXTAREA|SELECT)$/.test(focusedIn(container)?.tagName ?? "");
/* icons: info triangle-alert circle-check hourglass file-text camera fingerprint-pattern circle-x */

function showSteps(app, container, file, read, isPasskeyLater = false) {
  const state = file.state ?? "none";
  if (isProved(app, file))
    return show(
      container,
      notice(
        "good",
        "circle-check",
        element("strong", {}, t("Identité acceptée")),
        file.proof && element("p", {}, provedBy(file.proof)),
        element("p", {}, t("Votre palier est à jour.")),
      ),
      passkeyStep(app),
    );
  if (state === "submitted") {
    remember("awaited", true);
    return show(
      container,
      notice(
        "wait",
        "hourglass",
        element("strong", {}, t("Dossier en cours d’examen")),
        element("p", {}, t("Une personne de l’association le lit. La réponse s’affichera ici, sans rien faire.")),
      ),
      passkeyStep(app),
    );
  }
  const isDeclared = state === "draft" && Boolean(file.declaration);
  const documents = file.documents ?? [];
  const canGoOn = isDeclared && documents.length > 0;
  const hasPasskey = app.me.passkey_ids.length > 0;
  const again = (isLater = isPasskeyLater) => showSteps(app, container, file, read, isLater);
  return show(
    container,
    state === "refused" &&
      notice(
        "bad",
        "circle-x",
        element("strong", {}, t("Dossier refusé")),
        element("p", {}, file.decision_reason || t("Vous pouvez le corriger et le renvoyer.")),
      ),
    step(
      1,
      t("Qui je suis"),
      isDeclared,
      isDeclared ? declaredSummary(app, file, read) : declarationForm(app, file, read),
    ),
    isDeclared && step(2, t("Un document"), documents.length > 0, documentForm(app, documents, read)),
    canGoOn &&
      step(
        3,
        t("Une clé d’accès"),
        hasPasskey,
        passkeyForm(app, again, () => again(true)),
      ),
    canGoOn && (hasPasskey || isPasskeyLater) && step(4, t("Envoyer"), false, submitForm(app, read)),
  );
}

function step(number, title, isDone, content) {
  return element(
    "section.card.stack.step",
    { class: isDone ? "done" : "" },
    element("h2", {}, element("span.step-number", {}, isDone ? icon("check") : String(number)), title),
    content,
  );
}
/* icons: check */

/** What was declared, folded: the next step is what matters now. */
function declaredSummary(app, file, read) {
  const { given_name: givenName, family_name: familyName, postal_code: code, city } = file.declaration;
  const container = element("div.stack");
  const correct = element(
    "button.button.quiet",
    { type: "button", onclick: () => show(container, declarationForm(app, file, read)) },
    t("Corriger"),
  );
  return show(
    container,
    element(
      "div.row.between",
      {},
      element("p", {}, `${givenName} ${familyName}`, element("span.row-detail", {}, `${code} ${city}`)),
      correct,
    ),
  );
}

function documentForm(app, documents, read) {
  const alert = element("div", { role: "alert" });
  const { input, label } = documentChooser(
    "document",
    documents.length ? t("Ajouter une autre page") : t("Photographier ou choisir un fichier"),
    alert,
    async (chosen) => {
      const form = new FormData();
      form.append("document", chosen);
      await app.service.upload("/v1/me/identity/documents", form);
      await read();
    },
  );
  return [
    element("p.soft", {}, t("Carte d’identité, passeport ou titre de séjour, entier et lisible.")),
    documents.length > 0 &&
      element(
        "ul.list",
        {},
        documents.map((one, at) =>
          element(
            "li",
            {},
            element("span.icon-tile", {}, icon("file-text")),
            element(
              "span.grow",
              {},
              t("Document {number}", { number: at + 1 }),
              element(
                "span.row-detail",
                {},
                t("{size} ko", { size: Math.max(1, Math.round((one.size_bytes ?? 0) / 1024)) }),
              ),
            ),
            removeButton(app, one, at + 1, alert, read),
          ),
        ),
      ),
    input,
    label,
    alert,
    element(
      "p.soft.small",
      {},
      t(
        "Votre document est chiffré pour vous seul et pour la personne qui l’examine, puis effacé quand la loi le permet.",
      ),
    ),
  ];
}

/** A wrong page goes before the file is sent. */
function removeButton(app, document, number, alert, read) {
  const button = element(
    "button.button.secondary.small",
    { type: "button", "aria-label": t("Retirer le document {number}", { number }) },
    t("Retirer"),
  );
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      await app.service.remove(`/v1/me/identity/documents/${document.id}`);
      await read();
    }),
  );
  return button;
}

function submitForm(app, read) {
  const alert = element("div", { role: "alert" });
  const button = element("button.button.large.wide", { type: "button" }, t("Envoyer mon dossier"));
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      await app.service.post("/v1/me/identity/submit");
      await app.refresh();
      await read();
    }),
  );
  return [
    element("p.soft", {}, t("Une personne de l’association lit votre dossier. Vous voyez la réponse ici.")),
    alert,
    button,
  ];
}

/** At this step at the latest: a way back in if the phone is lost. A device without an authenticator may go on. */
function passkeyForm(app, onAdded, onLater) {
  if (app.me.passkey_ids.length > 0)
    return element("p.soft", {}, t("Elle vous reconnaîtra ici et sur vos autres appareils."));
  return [
    element(
      "p.soft",
      {},
      t(
        "Pour vous reconnaître avec votre doigt, votre visage ou le code du téléphone, même si vous en changez. Sans mot de passe.",
      ),
    ),
    ...addPasskey(app, onAdded),
    onLater && element("button.button.quiet.wide", { type: "button", onclick: onLater }, t("Plus tard")),
  ];
}

function passkeyStep(app) {
  const container = element("section.card.stack");
  const draw = () =>
    show(container, element("h2", {}, t("Se reconnecter avec une clé d’accès")), passkeyForm(app, draw, null));
  draw();
  return container;
}
