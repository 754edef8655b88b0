/**
 * On a phone that still has its key: somebody says they lost it. One tap says no, and the ledger hears it when it must.
 */
import { element, icon } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { formatTime } from "#ui/times.js";

import { runBusy, UserFacingError } from "./components.js";
import { domainOf } from "./orders.js";
import { signingPasskeys, signWithPasskey, withFreshSession } from "./passkey.js";
import { signDigest } from "./protocol/envelope.js";
import { recoveryVetoDigest } from "./protocol/typed_data.js";
/* icons: triangle-alert smartphone */

export function recoveryCard(app, recovery) {
  const alert = element("div", { role: "alert" });
  const button = element(
    "button.button.danger.filled.wide",
    { type: "button" },
    icon("smartphone"),
    element("span", {}, t("J’ai mon téléphone")),
  );
  button.addEventListener("click", () => runBusy(button, alert, () => object(app, recovery)));
  return element(
    "section.card.stack.notice-block",
    { "aria-label": t("Téléphone dit perdu") },
    element("h2", {}, icon("triangle-alert"), " ", t("Quelqu’un dit avoir perdu votre téléphone")),
    element("p", {}, whatIsSaid(app, recovery)),
    app.me.frozen_outgoing && element("p", {}, t("Rien ne sort de votre compte en attendant.")),
    alert,
    recovery.state === "vetoing" ? element("p.soft", {}, t("Votre refus est en route.")) : mayObject(app) && button, // if not, the band says why
  );
}

/** A suspended key objects to nothing; a passkey still does. */
const mayObject = (app) => !app.suspension || signingPasskeys(app.me).length > 0;

function whatIsSaid(app, { state, asked_at_unix_ms: askedAt, executable_at_unix_s: opensAtUnixS }) {
  const shown = (unixMs) => formatTime(unixMs, app.nowUnixMs());
  if (state === "asked" || state === "proposing" || opensAtUnixS === null)
    return t("Demandé : {when}. Si c’est vous, ne faites rien.", { when: shown(askedAt) });
  return t(
    "Un nouveau téléphone est annoncé et prendra la place de celui-ci : {when}. Si c’est vous, ne faites rien.",
    {
      when: shown(opensAtUnixS * 1000),
    },
  );
}

/** Before the ledger has announced anything a word is enough; after, a signature of this phone or of the passkey. */
async function object(app, recovery) {
  if (recovery.number === null) await withFreshSession(app, () => app.service.post("/v1/me/recoveries/deny"));
  else await veto(app, recovery);
  await app.refresh();
}

async function veto(app, recovery) {
  const message = { account: app.me.account_address, number: recovery.number };
  const digest = recoveryVetoDigest(domainOf(app.config), message);
  const key = await app.signingKey();
  const passkeys = signingPasskeys(app.me);
  if (!key && passkeys.length === 0)
    throw new UserFacingError(t("Ce téléphone n’a plus la clé de ce compte : prévenez l’association tout de suite."));
  const signature = key ? await signDigest(key, digest) : await signWithPasskey(passkeys, digest);
  await app.service.post(`/v1/me/recoveries/${recovery.id}/veto`, { signature });
}
