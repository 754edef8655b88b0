/**
 * Paths and screens. Plain History: every screen has an address, back goes back, a reload shows the same screen.
 * The list of paths is also in web/routers/wallet_pages.py, which serves the shell for them.
 */
import { addMoneyScreen } from "./views/add_money.js";
import { dataScreen } from "./views/data.js";
import { homeScreen } from "./views/home.js";
import { identityScreen } from "./views/identity.js";
import { listingScreen } from "./views/listing.js";
import { lostScreen } from "./views/lost.js";
import { meScreen } from "./views/me.js";
import { moveScreen } from "./views/move.js";
import { movementScreen } from "./views/movement.js";
import { monthlyScreen } from "./views/monthly.js";
import { movementsScreen } from "./views/movements.js";
import { noticesScreen } from "./views/notices.js";
import { notFoundScreen } from "./views/not_found.js";
import { orderScreen } from "./views/order.js";
import { payScreen } from "./views/pay.js";
import { askScreen } from "./views/people/ask.js";
import { asksScreen } from "./views/people/asks.js";
import { capsScreen } from "./views/people/caps.js";
import { contactsScreen } from "./views/people/contacts.js";
import { ownAskScreen } from "./views/people/own_ask.js";
import { receiveScreen } from "./views/people/receive.js";
import { seenAskScreen } from "./views/people/seen_ask.js";
import { personScreen, sendScreen } from "./views/people/send.js";
import { recoveryCodeScreen } from "./views/recovery_code.js";
import { redeemScreen } from "./views/redeem.js";
import { refundScreen } from "./views/refund.js";
import { scanScreen } from "./views/scan.js";
import { signInScreen } from "./views/sign_in.js";
import { tillsScreen } from "./views/tills.js";
import { welcomeScreen } from "./views/welcome.js";

/** [pattern, screen, who may see it]: anyone (also without a wallet), holder (a member is signed in).
 * @type {Array<[pattern: RegExp, screen: Function, access: "anyone" | "holder"]>} */
const ROUTES = [
  [/^\/$/, homeScreen, "holder"],
  [/^\/welcome$/, welcomeScreen, "anyone"],
  [/^\/sign-in$/, signInScreen, "anyone"],
  [/^\/lost$/, lostScreen, "anyone"],
  [/^\/scan$/, scanScreen, "holder"],
  [/^\/p\/(?<token>[^/]+)$/i, payScreen, "anyone"],
  [/^\/code\/(?<code>\d{6})$/, payScreen, "holder"],
  [/^\/send$/, sendScreen, "holder"],
  [/^\/ask$/, askScreen, "holder"],
  [/^\/asks$/, asksScreen, "holder"],
  [/^\/asks\/(?<id>[0-9A-Za-z]+)$/, ownAskScreen, "holder"],
  [/^\/receive$/, receiveScreen, "holder"],
  [/^\/contacts$/, contactsScreen, "holder"],
  [/^\/caps$/, capsScreen, "holder"],
  [/^\/c\/(?<code>[^/]+)$/i, personScreen, "anyone"],
  [/^\/r\/(?<id>[^/]+)$/i, seenAskScreen, "anyone"],
  [/^\/order\/(?<ref>0x[0-9a-f]{64})$/, orderScreen, "anyone"],
  [/^\/refund\/(?<id>[0-9A-Za-z]+)$/, refundScreen, "holder"],
  [/^\/movements$/, movementsScreen, "holder"],
  [/^\/movement\/(?<ref>0x[0-9a-f]{64})$/, movementScreen, "holder"],
  [/^\/add$/, addMoneyScreen, "holder"],
  [/^\/add\/monthly$/, monthlyScreen, "holder"],
  [/^\/identity$/, identityScreen, "holder"],
  [/^\/redeem$/, redeemScreen, "holder"],
  [/^\/tills$/, tillsScreen, "holder"],
  [/^\/listing$/, listingScreen, "holder"],
  [/^\/notices$/, noticesScreen, "holder"],
  [/^\/move$/, moveScreen, "anyone"],
  [/^\/me$/, meScreen, "holder"],
  [/^\/data$/, dataScreen, "holder"],
  [/^\/recovery-code$/, recoveryCodeScreen, "holder"],
];

/** Whether the app shows that address itself; another face's page (the public one) is left to the browser. */
export const isScreen = (path) => ROUTES.some(([pattern]) => pattern.test(path));

/** @param {string} path @returns {{screen: Function, access: string, params: object}} */
export function screenAt(path) {
  for (const [pattern, screen, access] of ROUTES) {
    const found = pattern.exec(path);
    if (found) return { screen, access, params: { ...found.groups } };
  }
  return { screen: notFoundScreen, access: "anyone", params: {} };
}
