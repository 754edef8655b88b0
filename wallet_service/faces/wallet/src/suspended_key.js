/**
 * A key of the account that an officer has suspended: it signs nothing until its end. Marks it where the member's devices
 * are read, so that whoever asks for one that signs finds the others; says it in words on the phone that holds it. Loaded
 * where there is one: most phones never hear of it. Decides nothing: the ledger does.
 */
import { t } from "#ui/i18n.js";
import { formatTime } from "#ui/times.js";

/** The state in which such a key is marked, beside those the service tells. */
export const SUSPENDED = "suspended";

const isSuspended = ({ state, suspended_until_unix_s: untilUnixS }, nowUnixMs) =>
  state === "active" && untilUnixS !== null && nowUnixMs < untilUnixS * 1000;

/** The devices as the service told them, suspended ones in a state of their own. @param {any[]} devices @returns {any[]} */
export const markSuspended = (devices, nowUnixMs) =>
  devices.map((device) => (isSuspended(device, nowUnixMs) ? { ...device, state: SUSPENDED } : device));

/**
 * What this phone's page says of its own key; null where that is not suspended.
 * @param {any[]} devices marked ones
 * @param {string[]} own addresses of this phone's keys
 * @returns {string | null}
 */
export function suspensionHere(devices, own, nowUnixMs) {
  const here = devices.find((device) => device.state === SUSPENDED && own.includes(device.signer_address));
  return here ? suspensionSentence(here.suspended_until_unix_s, nowUnixMs) : null;
}

const suspensionSentence = (untilUnixS, nowUnixMs) =>
  t(
    "La clé de ce téléphone est suspendue : il ne peut ni payer, ni s’opposer à un nouveau téléphone. Contactez l’association. Fin : {when}.",
    { when: formatTime(untilUnixS * 1000, nowUnixMs) },
  );
