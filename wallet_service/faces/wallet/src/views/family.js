/**
 * Who may pay with my account: each with what, until when, what they spent; changed and ended here. Inviting somebody
 * is family_invite.js.
 */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { formatTime } from "#ui/times.js";

import { innerHeader, runBusy, skeletonList } from "../components.js";
import { kindWord, limitsText, signedLimits } from "../key_limits.js";
import { withFreshSession } from "../passkey.js";
import { P256_SIGNER, signAddition } from "../signer_addition.js";
import { inviting, limitFields } from "./family_invite.js";
/* icons: user-plus users triangle-alert hourglass */

const PATH = "/v1/me/keyholders";
const isInvitation = ({ state }) => state === "invited" || state === "joined";

export function familyScreen(app, params, disposables) {
  const stage = element("div.stack");
  const title = t("Proches et aides");
  const list = () => listing(app, stage, invite);
  const invite = () => inviting(app, stage, disposables, list);
  list();
  disposables.add(
    app.listen((event) => event.kind === "me" && stage.querySelector(".keyholders") && !isOpen(stage) && list()),
  );
  return { title, body: element("div.narrow.stack", {}, innerHeader(app, title, { back: "/me" }), stage) };
}

/** Nothing is drawn anew under somebody's fingers. */
const isOpen = (stage) => stage.querySelector(".sure, form") !== null;

function listing(app, stage, invite) {
  const place = element("div.stack.keyholders", {}, skeletonList(2));
  const button = element(
    "button.button.large.wide",
    { type: "button" },
    icon("user-plus"),
    t("Laisser quelqu’un payer"),
  );
  button.addEventListener("click", invite);
  const draw = ({ keyholders }) => {
    const living = keyholders.filter((one) => !isInvitation(one) && one.state !== "ended");
    const ended = keyholders.filter((one) => one.state === "ended").reverse();
    show(
      place,
      living.length === 0 && element("p.soft", {}, t("Personne d’autre que vous ne paie avec ce compte.")),
      living.length > 0 &&
        element(
          "section.card",
          { "aria-label": t("Qui peut payer") },
          element(
            "ul.list",
            {},
            living.map((one) => livingRow(app, one, draw)),
          ),
        ),
      ended.length > 0 &&
        element(
          "details.card",
          {},
          element("summary", {}, t("Qui ne paie plus")),
          element(
            "ul.list",
            {},
            ended.map((one) => endedRow(app, one)),
          ),
        ),
    );
  };
  const read = async () => draw(await app.service.get(PATH));
  show(
    stage,
    element(
      "p.soft",
      {},
      t(
        "Un enfant, une aide : une clé à part, qui paie dans vos limites et ne fait rien d’autre. Vous la retirez ici, tout de suite.",
      ),
    ),
    place,
    button,
  );
  read().catch((error) => show(place, notice("bad", "triangle-alert", error.message)));
}

const nameOf = (one) => one.name ?? t("Sans nom");

function livingRow(app, one, draw) {
  const under = element("div");
  const now = app.nowUnixMs();
  const last = one.last_payment;
  const lines = [
    one.kind === "joint" ? t("tous pouvoirs, comme vous") : limitsText(app, one.limits),
    one.state === "adding" && t("en attente du registre"),
    t("aujourd’hui : {amount}", { amount: formatAmount(one.spent_today_cents) }),
    last &&
      t("dernier paiement : {amount}, {payee}, {when}", {
        amount: formatAmount(last.amount_cents),
        payee: last.payee_name ?? t("un commerce"),
        when: formatTime(last.at_unix_ms, now),
      }),
    one.refused_at_unix_ms &&
      t("refusé pour une limite : {amount}, {when}", {
        amount: formatAmount(one.refused_cents),
        when: formatTime(one.refused_at_unix_ms, now),
      }),
  ].filter(Boolean);
  const change = element("button.button.secondary.small", { type: "button" }, t("Changer"));
  const end = element("button.button.danger.small", { type: "button" }, t("Retirer"));
  for (const button of [change, end]) button.setAttribute("aria-label", `${button.textContent} : ${nameOf(one)}`);
  change.addEventListener("click", () => changing(app, one, under, draw));
  end.addEventListener("click", () => ending(app, one, under, draw));
  return element(
    "li.access-row",
    {},
    element("span.icon-tile", {}, icon("users")),
    element(
      "span.grow",
      {},
      element("span.row-title", {}, `${nameOf(one)} · ${kindWord(one.kind)}`),
      lines.map((line) => element("span.row-detail", {}, line)),
      element("div.row.wrap.keyholder-acts", {}, one.kind !== "joint" && one.state === "active" && change, end),
      under,
    ),
  );
}

function ending(app, one, under, draw) {
  const alert = element("div", { role: "alert" });
  const sure = element("button.button.danger.small", { type: "button" }, t("Retirer sa clé"));
  const back = element("button.button.quiet.small", { type: "button" }, t("Ne rien faire"));
  sure.addEventListener("click", () =>
    runBusy(sure, alert, async () => draw(await withFreshSession(app, () => app.service.remove(`${PATH}/${one.id}`)))),
  );
  back.addEventListener("click", () => under.replaceChildren());
  show(
    under,
    element(
      "div.sure.stack",
      { role: "group" },
      element("p.small", {}, t("{name} ne pourra plus payer avec votre compte, tout de suite.", { name: nameOf(one) })),
      alert,
      element("div.row.wrap", {}, sure, back),
    ),
  );
  sure.focus();
}

/** Other limits are a word like the first one: signed here, for that very key. */
function changing(app, one, under, draw) {
  const alert = element("div", { role: "alert" });
  const fields = limitFields(app, one.kind, one.limits);
  const button = element("button.button.small", { type: "submit" }, t("Enregistrer"));
  const back = element("button.button.quiet.small", { type: "button" }, t("Ne rien faire"));
  back.addEventListener("click", () => under.replaceChildren());
  const submit = (event) => {
    event.preventDefault();
    const limits = fields.read();
    if (!limits) return undefined;
    return runBusy(button, alert, async () => {
      const addition = await signAddition(app, one.signer_address, P256_SIGNER, signedLimits(limits));
      const body = { limits, addition };
      draw(await withFreshSession(app, () => app.service.post(`${PATH}/${one.id}/limits`, body)));
    });
  };
  show(
    under,
    element(
      "form.sure.stack",
      { onsubmit: submit, novalidate: true, "aria-label": t("Limites de {name}", { name: nameOf(one) }) },
      fields.boxes,
      element("p.soft.small", {}, t("Baisser vaut tout de suite ; monter, dès que le registre l’a inscrit.")),
      alert,
      element("div.row.wrap", {}, button, back),
    ),
  );
  under.querySelector("input")?.focus();
}

function endedRow(app, one) {
  const why = {
    holder: () => t("retirée par vous"),
    self: () => t("rendue"),
    time: () => t("arrivée à sa fin"),
    recovery: () => t("morte avec les anciennes clés du compte"),
    closing: () => t("compte fermé"),
    ledger: () => t("retirée ou refusée par le registre"),
  }[one.ended_by]();
  const when = formatTime(one.ended_at_unix_ms, app.nowUnixMs());
  return element(
    "li.row",
    {},
    element("span.icon-tile", {}, icon("users")),
    element(
      "span.grow",
      {},
      element("span.row-title", {}, `${nameOf(one)} · ${kindWord(one.kind)}`),
      element("span.row-detail", {}, `${why} · ${when}`),
    ),
  );
}
