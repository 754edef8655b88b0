/**
 * A key of the account that an officer has suspended: it signs nothing until its end. Marks it where the member's devices
 * are read, so that whoever asks for one that signs finds the others; says it in words. Decides nothing: the ledger does.
 */
import { t } from "#ui/i18n.js";
import { formatTime } from "#ui/times.js";

export const SUSPENDED = "suspended";

const isSuspended = ({ state, suspended_until_unix_s: untilUnixS }, nowUnixMs) =>
  state === "active" && untilUnixS !== null && untilUnixS !== undefined && nowUnixMs < untilUnixS * 1000;

/** The devices as the service told them, suspended ones in a state of their own. @param {any[]} devices @returns {any[]} */
export const markSuspended = (devices, nowUnixMs) =>
  devices.map((device) => (isSuspended(device, nowUnixMs) ? { ...device, state: SUSPENDED } : device));

/**
 * When the suspension of this phone's own key ends, unix seconds; null where it has none.
 * @param {any[]} devices marked ones
 * @param {() => Promise<string[]>} ownAddresses of this phone's keys
 * @returns {Promise<number | null>}
 */
export async function suspendedHere(devices, ownAddresses) {
  const suspended = devices.filter(({ state }) => state === SUSPENDED);
  if (suspended.length === 0) return null;
  const own = await ownAddresses();
  const here = suspended.find((device) => own.includes(device.signer_address));
  return here ? here.suspended_until_unix_s : null;
}

/** @param {number} untilUnixS */
export const suspensionSentence = (untilUnixS, nowUnixMs) =>
  t(
    "La clé de ce téléphone est suspendue (fin : {when}) : il ne peut ni payer, ni s’opposer à un nouveau téléphone. Contactez l’association.",
    { when: formatTime(untilUnixS * 1000, nowUnixMs) },
  );
