/**
 * The signed-in member's passkeys: registering one, letting it sign for the account, signing with it. The browser asks
 * for the finger, the face or the code; we see only the result.
 */
import { startAuthentication, startRegistration } from "@simplewebauthn/browser";

import { element, icon } from "#ui/dom.js";

import { runBusy, UserFacingError } from "./components.js";
import { fromBase64Url, fromHex, toBase64Url } from "./protocol/bytes.js";
import { addressOf, passkeyEnvelope, signatureOfDer } from "./protocol/envelope.js";
import { remember, remembered } from "./remembered.js";
import { onlyForAccess } from "./access_challenge.js";
import { P256_SIGNER, PASSKEY_SIGNER, signAddition } from "./signer_addition.js";
import { t } from "#ui/i18n.js";

const ASK_FOR_MS = 120_000;
/** A SubjectPublicKeyInfo of P-256 (RFC 5480), which ends with x ‖ y. */
const P256_SPKI_BYTES = 91;
const P256_POINT_BYTES = 64;

/** Opens a session with any passkey of this site. */
export async function signInWithPasskey(app) {
  const options = await app.service.post("/v1/session/passkey/options");
  let credential;
  try {
    credential = await startAuthentication({ optionsJSON: onlyForAccess(options) });
  } catch (error) {
    throw new UserFacingError(t("La clé d’accès n’a pas été utilisée. Rien n’a changé."), { cause: error });
  }
  await app.service.post("/v1/session/passkey/verify", { credential });
}

/** Has this phone sign for the account from now on, on the word of the passkey. */
export async function linkThisPhone(app) {
  await app.device.linkWithPasskey((signer) => signAddition(app, signer, P256_SIGNER));
  await app.refresh();
}

/** The button that adds one, and the place of its refusal. @param {() => void} onAdded after the member was read again */
export function addPasskey(app, onAdded) {
  const alert = element("div", { role: "alert" });
  const button = element(
    "button.button.secondary.wide",
    { type: "button" },
    icon("fingerprint-pattern"),
    t("Ajouter une clé d’accès"),
  );
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      await registerPasskey(app);
      await app.refresh();
      onAdded();
      if (await letPasskeysSign(app)) onAdded();
    }),
  );
  return [button, alert];
}

async function registerPasskey(app) {
  const options = await withFreshSession(app, () => app.service.post("/v1/passkeys/options"));
  let credential;
  try {
    credential = await startRegistration({ optionsJSON: options });
  } catch (error) {
    const isKnown = error.name === "InvalidStateError";
    throw new UserFacingError(
      isKnown ? t("Cette clé d’accès est déjà enregistrée.") : t("La clé d’accès n’a pas été créée. Rien n’a changé."),
      { cause: error },
    );
  }
  const { credential_id: id } = await app.service.post("/v1/passkeys/verify", { credential });
  const signer = signerOf(credential);
  if (signer) remember("passkeysMadeHere", [...madeHere(), { id, signer }]);
}

/** Each with its address, as the authenticator said it: the service might name another key to be signed for. */
const madeHere = () => (remembered("passkeysMadeHere") ?? []).filter((made) => made.signer);

/** The address of a new passkey on P-256, the ledger's curve; null of any other. */
function signerOf(credential) {
  const spki = fromBase64Url(credential.response.publicKey ?? "");
  return spki.length === P256_SPKI_BYTES ? addressOf(spki.slice(-P256_POINT_BYTES)) : null;
}

/** Those the ledger lets sign for the account. */
export const signingPasskeys = (me) =>
  me.devices.filter((device) => device.key_kind === "passkey" && device.state === "active");

/** Whether the ledger asks for a passkey: above its tier's floors, alone or with the day's spending. */
export function needsPasskey({ passkey_floors: floors, left_today_cents: leftCents }, amountCents) {
  const above = (cents, floorCents) => floorCents > 0 && cents > floorCents;
  return above(amountCents, floors.per_payment_cents) || above(leftCents + amountCents, floors.per_day_cents);
}

/**
 * Vouches, with this phone's key, for the passkeys registered from it that may not sign yet. A session alone gives
 * nobody that power, nor does registering a passkey in somebody else's.
 * @returns {Promise<boolean>} whether there was one
 */
export async function letPasskeysSign(app) {
  const known = new Set(app.me.devices.map((device) => device.credential_id));
  const wanting = madeHere().filter(({ id }) => app.me.passkey_ids.includes(id) && !known.has(id));
  if (wanting.length === 0 || !(await app.signingKey())) return false;
  for (const { id, signer } of wanting) {
    const addition = await signAddition(app, signer, PASSKEY_SIGNER);
    await app.service.post("/v1/passkeys/signer", { credential_id: id, addition });
  }
  await app.refresh();
  return true;
}

/** What the service answers where a member's passkey is to be shown (`check_shown` decides, each subject has its words). */
const PASSKEY_NEEDED = ["access.passkey_wanted", "data.passkey_needed", "freeze.passkey_needed"];

/**
 * Does what asks its member to show who they are now: the phone by itself where that is enough, with the passkey where
 * the service wants it or the phone has no key.
 * @template Result
 * @param {any} app
 * @param {() => Promise<Result>} act
 */
export async function withFreshSession(app, act) {
  const byItself = async () => {
    try {
      return await act();
    } catch (error) {
      if (error.code !== "session.too_old" || !(await app.device.signIn())) throw error;
      return act();
    }
  };
  try {
    return await byItself();
  } catch (error) {
    const isShown = app.me?.passkey_ids?.length > 0 && [...PASSKEY_NEEDED, "session.too_old"].includes(error.code);
    if (!isShown) throw error;
    await signInWithPasskey(app);
    return act();
  }
}

/** @param {Array<{credential_id: string, public_key: string}>} passkeys @param {Uint8Array} digest @returns {Promise<string>} the envelope */
export async function signWithPasskey(passkeys, digest) {
  let answer;
  try {
    answer = await startAuthentication({
      optionsJSON: {
        challenge: toBase64Url(digest),
        rpId: location.hostname,
        allowCredentials: passkeys.map((passkey) => ({ id: passkey.credential_id, type: "public-key" })),
        userVerification: "required",
        timeout: ASK_FOR_MS,
      },
    });
  } catch (error) {
    throw new UserFacingError(t("Rien n’a été débité : la clé d’accès n’a pas signé. Réessayez."), { cause: error });
  }
  const { authenticatorData, clientDataJSON, signature } = answer.response;
  const used = passkeys.find((passkey) => passkey.credential_id === answer.id);
  if (!used) throw new UserFacingError(t("Rien n’a été débité : la clé d’accès n’a pas signé. Réessayez."));
  const assertion = {
    authenticatorData: fromBase64Url(authenticatorData),
    clientDataJson: fromBase64Url(clientDataJSON),
  };
  return passkeyEnvelope(fromHex(used.public_key, 64), signatureOfDer(fromBase64Url(signature)), assertion);
}
