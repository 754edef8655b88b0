/**
 * What opens the account: phones, passkeys, open sessions; each with when it last served, and its end. Asks before it
 * ends anything; says what the service answers when that is refused.
 */
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { formatTime } from "#ui/times.js";

import { notice } from "#ui/components.js";
import { runBusy, skeletonList } from "../components.js";
import { addPasskey, withFreshSession } from "../passkey.js";
import { P256_SIGNER, signAddition } from "../signer_addition.js";
import { markSuspended, SUSPENDED } from "../suspended_key.js";
/* icons: fingerprint-pattern smartphone monitor triangle-alert */

/** The section of « Moi ». `draw` reads everything again. */
export function accessSection(app, disposables) {
  const container = element("section.card.stack.access", { "aria-label": t("Accès") });
  const lists = element("div.stack", {}, skeletonList(2));
  const draw = async () => {
    try {
      const [found, own] = await Promise.all([app.service.get("/v1/me/access"), app.device.addresses()]);
      if (!lists.querySelector(".sure")) show(lists, ...groups(app, found, own, draw));
    } catch (error) {
      show(lists, notice("bad", "triangle-alert", error.message));
    }
  };
  show(
    container,
    element("h2", { tabindex: "-1" }, t("Ce qui ouvre mon compte")),
    element(
      "p.soft.small",
      {},
      t(
        "La clé de ce téléphone n’en sort jamais. Une clé d’accès vous reconnaît au doigt ou au visage, et signe les montants élevés.",
      ),
    ),
    lists,
    ...addPasskey(app, draw),
  );
  void draw();
  disposables.add(app.listen((event) => event.kind === "me" && void draw()));
  return container;
}

function groups(app, { sessions, passkeys, devices: told }, own, draw) {
  const devices = markSuspended(told, app.nowUnixMs());
  const phones = devices.filter((device) => device.key_kind !== "passkey");
  const signerOf = (passkey) => devices.find((device) => device.credential_id === passkey.credential_id);
  const others = sessions.filter((session) => !session.is_this);
  return [
    group(
      t("Téléphones et navigateurs liés"),
      phones.map((device) => deviceRow(app, device, own.includes(device.signer_address), draw)),
    ),
    passkeys.length > 0 &&
      group(
        t("Clés d’accès"),
        passkeys.map((passkey) => passkeyRow(app, passkey, signerOf(passkey), draw)),
      ),
    group(
      t("Connexions ouvertes"),
      [...sessions.filter((session) => session.is_this), ...others].map((session) => sessionRow(app, session, draw)),
      others.length > 0 && endOthers(app, others.length, draw),
      element(
        "p.soft.small",
        {},
        t("Un téléphone lié se reconnecte tout seul. S’il est perdu ou volé, retirez-le de la liste des téléphones."),
      ),
    ),
  ];
}

const group = (title, rows, ...after) =>
  element("div.access-group", {}, element("h3", {}, title), element("ul.list", {}, rows), ...after);

function deviceRow(app, device, isOwn, draw) {
  const name = isOwn ? t("Ce téléphone") : labelOf(device);
  return accessRow({
    iconName: "smartphone",
    title: name,
    details: [
      isOwn ? labelOf(device) : null,
      device.state === "pending" ? t("en attente du registre") : null,
      suspendedText(app, device),
      t("ajouté : {when}", { when: formatTime(device.created_at_unix_ms, app.nowUnixMs()) }),
      usedText(app, device.last_used_at_unix_ms, t("dernier usage : {when}")),
    ],
    verb: t("Retirer"),
    spoken: t("Retirer {label}", { label: name }),
    sentence: isOwn
      ? t("Ce téléphone ne pourra plus payer pour ce compte ni s’y reconnecter. Votre argent reste sur le compte.")
      : t(
          "Il ne pourra plus payer pour ce compte ni s’y reconnecter, tout de suite. Votre argent reste sur le compte.",
        ),
    sure: t("Retirer ce téléphone"),
    act: () => remove(app, `/v1/me/devices/${device.id}`, draw),
    also: device.state === "pending" && !isOwn ? letSign(app, device, draw) : null,
  });
}

function passkeyRow(app, passkey, signer, draw) {
  const path = `/v1/me/passkeys/${passkey.credential_id}`;
  if (passkey.removed_at_unix_ms) return leavingRow(app, passkey, () => remove(app, `${path}/removal`, draw));
  const where = passkey.browser ? t("créée avec {browser}", { browser: passkey.browser }) : null;
  return accessRow({
    iconName: "fingerprint-pattern",
    title: t("Clé d’accès"),
    details: [
      powerOf(app, signer),
      where,
      t("ajoutée : {when}", { when: formatTime(passkey.created_at_unix_ms, app.nowUnixMs()) }),
      usedText(app, passkey.last_used_at_unix_ms, t("dernier usage : {when}")),
    ],
    verb: t("Retirer"),
    spoken: t("Retirer la clé d’accès ({where})", { where: passkey.browser || t("origine inconnue") }),
    without: {
      label: t("Je ne l’ai plus"),
      sentence: t(
        "Si vous ne pouvez plus la montrer, elle est retirée dans trois jours. Vous en êtes averti partout ; s’en servir d’ici là la garde.",
      ),
      act: () => changed(app, () => app.service.post(`${path}/removal`), draw),
    },
    sentence: t(
      "Elle n’ouvrira plus ce compte et ne signera plus rien. Effacez-la aussi dans les réglages de l’appareil qui la garde.",
    ),
    sure: t("Retirer cette clé"),
    act: () => remove(app, path, draw),
  });
}

/** One that goes by itself, asked for by somebody who could not show it: its owner may not know. */
function leavingRow(app, passkey, keep) {
  const alert = element("div", { role: "alert" });
  const button = element("button.button.secondary.small", { type: "button" }, t("La garder"));
  button.addEventListener("click", () => runBusy(button, alert, keep));
  return element(
    "li.access-row",
    {},
    element("span.icon-tile", {}, icon("fingerprint-pattern")),
    element(
      "span.grow",
      {},
      element("span.row-title", {}, t("Clé d’accès")),
      element(
        "span.row-detail",
        {},
        t("Sera retirée : {when}. Ce n’est pas vous ? Gardez-la.", {
          when: formatTime(passkey.removed_at_unix_ms, app.nowUnixMs()),
        }),
      ),
      alert,
    ),
    button,
  );
}

function sessionRow(app, session, draw) {
  const where = session.browser || t("Navigateur inconnu");
  const methods = { passkey: t("avec une clé d’accès"), device: t("avec la clé du téléphone") };
  return accessRow({
    iconName: "monitor",
    title: session.is_this ? t("{browser}, ici", { browser: where }) : where,
    details: [
      methods[session.method] ?? t("à l’ouverture du compte"),
      t("ouverte : {when}", { when: formatTime(session.opened_at_unix_ms, app.nowUnixMs()) }),
      session.is_this ? null : t("vue : {when}", { when: formatTime(session.last_seen_at_unix_ms, app.nowUnixMs()) }),
    ],
    // This one ends with « Se déconnecter », at the end of the page.
    verb: session.is_this ? null : t("Terminer"),
    spoken: t("Terminer la connexion {where}", { where }),
    sentence: t("Qui s’en sert devra se reconnecter."),
    sure: t("Terminer cette connexion"),
    act: () => remove(app, `/v1/me/sessions/${session.id}`, draw),
  });
}

function endOthers(app, count, draw) {
  const container = element("div");
  const ask = element("button.button.secondary.small", { type: "button" }, t("Terminer toutes les autres connexions"));
  ask.addEventListener("click", () =>
    makeSure(container, ask, {
      sentence: t("Partout ailleurs, il faudra se reconnecter ({count}). Ici, rien ne change.", { count }),
      sure: t("Terminer toutes les autres"),
      act: () => remove(app, "/v1/me/sessions", draw),
    }),
  );
  container.append(ask);
  return container;
}

/** For a phone that the issuer's code has tied and that only looks so far: this one signs for it. */
function letSign(app, device, draw) {
  const alert = element("div", { role: "alert" });
  const button = element("button.button.secondary.small", { type: "button" }, t("Le laisser payer"));
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      const addition = await signAddition(app, device.signer_address, P256_SIGNER);
      await app.service.post(`/v1/me/devices/${device.id}/signer`, addition);
      await app.refresh();
      await draw();
    }),
  );
  return element("div", {}, button, alert);
}

function accessRow({
  iconName,
  title,
  details,
  verb,
  spoken,
  sentence,
  sure,
  act,
  also = null,
  without = /** @type {any} */ (null),
}) {
  const said = details.filter(Boolean).join(" · ");
  const under = element("div");
  const button = verb && element("button.button.secondary.small", { type: "button", "aria-label": spoken }, verb);
  button?.addEventListener("click", () => makeSure(under, button, { sentence, sure, act, without }));
  return element(
    "li.access-row",
    {},
    element("span.icon-tile", {}, icon(iconName)),
    element("span.grow", {}, element("span.row-title", {}, title), element("span.row-detail", {}, said), also, under),
    button,
  );
}

/** What will happen, and two buttons; `opener` hides meanwhile and has the keyboard again afterwards. */
function makeSure(container, opener, { sentence, sure, act, without = /** @type {any} */ (null) }) {
  const alert = element("div", { role: "alert" });
  const confirm = element("button.button.danger.small", { type: "button" }, sure);
  const back = element("button.button.quiet.small", { type: "button" }, t("Ne rien faire"));
  const asked = element("div.sure.stack", { role: "group" }, element("p.small", {}, sentence), alert);
  asked.append(element("div.row.wrap", {}, confirm, back));
  if (without) {
    const lost = element("button.button.quiet.small", { type: "button" }, without.label);
    lost.addEventListener("click", () => runBusy(lost, alert, without.act));
    asked.append(element("p.soft.small", {}, without.sentence), lost);
  }
  back.addEventListener("click", () => {
    asked.remove();
    opener.hidden = false;
    opener.focus();
  });
  confirm.addEventListener("click", () =>
    runBusy(confirm, alert, async () => {
      await act();
    }),
  );
  opener.hidden = true;
  container.append(asked);
  confirm.focus();
}

async function remove(app, path, draw) {
  await changed(app, () => app.service.remove(path), draw);
}

async function changed(app, act, draw) {
  await withFreshSession(app, act);
  document.querySelector(".sure")?.remove();
  await app.refresh();
  await draw();
  // The button that was pressed is gone: the section's heading keeps the keyboard’s place.
  /** @type {HTMLElement | null} */ (document.querySelector(".access h2"))?.focus();
}

const usedText = (app, unixMs, sentence) =>
  unixMs ? sentence.replace("{when}", formatTime(unixMs, app.nowUnixMs())) : null;
const suspendedText = (app, device) =>
  device.state === SUSPENDED
    ? t("clé suspendue, fin : {when}", { when: formatTime(device.suspended_until_unix_s * 1000, app.nowUnixMs()) })
    : null;
const pendingWord = (device) => (device.state === "pending" ? t("en attente du registre") : null);
const powerOf = (app, signer) =>
  signer ? (pendingWord(signer) ?? suspendedText(app, signer) ?? t("ouvre le compte et signe")) : t("ouvre le compte");

/** What the service calls a key whose browser said nothing is kept in French. */
function labelOf(device) {
  const known = { "Cet appareil": t("Premier appareil"), Navigateur: t("Navigateur") };
  return known[device.label] ?? device.label;
}
