/** Whether this browser takes notices, and turning that on and off. Asks for the permission only when a person has asked. */
import { t } from "#ui/i18n.js";

import { UserFacingError } from "./components.js";

/** An iPhone's tab has none of it: only the installed app has. */
export const canNotify = (here = globalThis) =>
  "PushManager" in here && "Notification" in here && "serviceWorker" in (here.navigator ?? {});

/** Before somebody has chosen; and not before they have paid once and know what this is. */
export const mayAsk = (movements, here = globalThis) =>
  canNotify(here) &&
  here.Notification.permission === "default" &&
  movements.some(({ kind, state }) => kind === "payment_out" && state === "paid");

const manager = async () => (await navigator.serviceWorker.ready).pushManager;

/** @returns {Promise<boolean>} */
export async function isOn() {
  return Notification.permission === "granted" && (await subscriptionHere()) !== null;
}

/** Without waiting for a worker: where there is none there never was a subscription. */
async function subscriptionHere() {
  const registration = canNotify() ? await navigator.serviceWorker.getRegistration() : null;
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** @param {any} service */
export async function turnOn(service) {
  if ((await Notification.requestPermission()) !== "granted")
    throw new UserFacingError(
      t("Ce navigateur refuse les notifications. Autorisez-les dans ses réglages, pour ce site, puis réessayez."),
    );
  const { push_key: key } = await service.get("/v1/me/notices/settings");
  const options = { userVisibleOnly: true, applicationServerKey: key };
  const subscription = await (await manager()).subscribe(options).catch((error) => {
    throw new UserFacingError(t("Ce navigateur n’a pas pu s’abonner. Réessayez plus tard."), { cause: error });
  });
  await service.post("/v1/me/notices/endpoints", { endpoint: subscription.endpoint });
}

/** @param {any} service */
export async function turnOff(service) {
  const subscription = await subscriptionHere();
  if (!subscription) return;
  await service.post("/v1/me/notices/endpoints/remove", { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}
