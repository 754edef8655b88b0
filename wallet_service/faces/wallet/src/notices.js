/** Whether this browser takes a member's notices, and turning that on and off; when it may be proposed. */
import { canNotify, isOn, subscribe, unsubscribe } from "#ui/push_subscription.js";

import { UserFacingError } from "./components.js";

export { canNotify, isOn };

/** Before somebody has chosen; and not before they have paid once and know what this is. */
export const mayAsk = (movements, here = globalThis) =>
  canNotify(here) &&
  here.Notification.permission === "default" &&
  movements.some(({ kind, state }) => kind === "payment_out" && state === "paid");

/** @param {any} service */
export async function turnOn(service) {
  const terms = async () => {
    const { push_key: pushKey, push_stand_in: standIn } = await service.get("/v1/me/notices/settings");
    return { pushKey, standIn };
  };
  const endpoint = await subscribe(terms).catch((error) => {
    throw error.name === "PushRefused" ? new UserFacingError(error.message, { cause: error }) : error;
  });
  await service.post("/v1/me/notices/endpoints", { endpoint });
}

/** @param {any} service */
export const turnOff = (service) =>
  unsubscribe((endpoint) => service.post("/v1/me/notices/endpoints/remove", { endpoint }));
