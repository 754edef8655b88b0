/** Whether this browser takes pushes, and turning that on and off. Asks for the permission only when a person has asked. */
import { t } from "./i18n.js";
import { standInSubscription, subscribeAtStandIn } from "./push_stand_in.js";

/** This browser takes none, for a reason its owner can read. */
export class PushRefused extends Error {
  name = "PushRefused";
}

/** An iPhone's tab has none of it: only the installed app has. */
export const canNotify = (here = globalThis) =>
  "PushManager" in here && "Notification" in here && "serviceWorker" in (here.navigator ?? {});

/** @returns {Promise<boolean>} */
export async function isOn() {
  return canNotify() && Notification.permission === "granted" && (await subscriptionHere()) !== null;
}

/** Without waiting for a worker: where there is none there never was a subscription. */
async function subscriptionHere() {
  const atStandIn = standInSubscription();
  if (atStandIn) return atStandIn;
  const registration = canNotify() ? await navigator.serviceWorker.getRegistration() : null;
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/**
 * Where this browser's push service takes knocks for it. Throws PushRefused.
 * @param {() => Promise<{pushKey: string, standIn: string}>} terms the application server key, base64url; the origin of a
 *   demonstration's own push service, or ""
 * @returns {Promise<string>} the address
 */
export async function subscribe(terms) {
  if ((await Notification.requestPermission()) !== "granted")
    throw new PushRefused(
      t("Ce navigateur refuse les notifications. Autorisez-les dans ses réglages, pour ce site, puis réessayez."),
    );
  const { pushKey, standIn } = await terms();
  if (standIn) return subscribeAtStandIn(standIn);
  const options = { userVisibleOnly: true, applicationServerKey: pushKey };
  const { pushManager } = await navigator.serviceWorker.ready;
  const subscription = await pushManager.subscribe(options).catch((error) => {
    throw new PushRefused(t("Ce navigateur n’a pas pu s’abonner. Réessayez plus tard."), { cause: error });
  });
  return subscription.endpoint;
}

/**
 * @param {(endpoint: string) => Promise<unknown>} forget tells the service, before the browser forgets its address
 */
export async function unsubscribe(forget) {
  const subscription = await subscriptionHere();
  if (!subscription) return;
  await forget(subscription.endpoint);
  await subscription.unsubscribe();
}
