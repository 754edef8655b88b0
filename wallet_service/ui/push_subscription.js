/** Whether this browser takes pushes, and turning that on and off. Asks for the permission only when a person has asked. */
import { t } from "./i18n.js";

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
  const registration = canNotify() ? await navigator.serviceWorker.getRegistration() : null;
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/**
 * Where this browser's push service takes knocks for it. Throws PushRefused.
 * @param {() => Promise<string>} pushKey the application server key, base64url
 * @returns {Promise<string>} the address
 */
export async function subscribe(pushKey) {
  if ((await Notification.requestPermission()) !== "granted")
    throw new PushRefused(
      t("Ce navigateur refuse les notifications. Autorisez-les dans ses réglages, pour ce site, puis réessayez."),
    );
  const options = { userVisibleOnly: true, applicationServerKey: await pushKey() };
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
