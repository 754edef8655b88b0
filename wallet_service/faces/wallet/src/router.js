/**
 * Paths and screens. Plain History: every screen has an address, back goes back, a reload shows the same screen.
 * The list of paths is also in web/routers/wallet_pages.py, which serves the shell for them.
 */
import { restOfWords } from "#ui/i18n.js";
import { loadPart } from "#ui/release.js";

import { homeScreen } from "./views/home.js";
import { orderScreen } from "./views/order.js";
import { payScreen } from "./views/pay.js";

/**
 * What a pattern leads to. Screens of paying come with the first script; the others are parts of their own, asked for
 * when somebody goes there and kept by the service worker for the day without network.
 * @typedef {(app: import("./app.js").App, params: any, disposables: any) => {title: string, body: Node, hasTabs?: boolean, stage?: string}} Screen
 */

/**
 * Its words are there before it runs.
 * @template {string} Name
 * @param {() => Promise<Record<Name, Screen>>} load
 * @param {Name} name
 */
const later = (load, name) => async () => {
  await restOfWords();
  return (await loadPart(load))[name];
};

/** [pattern, how its screen is had, who may see it]: anyone (also without a wallet), holder (a member is signed in).
 * @type {Array<[pattern: RegExp, load: () => Screen | Promise<Screen>, access: "anyone" | "holder"]>} */
const ROUTES = [
  [/^\/$/, () => homeScreen, "holder"],
  [/^\/welcome$/, later(() => import("./views/welcome.js"), "welcomeScreen"), "anyone"],
  [/^\/sign-in$/, later(() => import("./views/sign_in.js"), "signInScreen"), "anyone"],
  [/^\/lost$/, later(() => import("./views/lost.js"), "lostScreen"), "anyone"],
  [/^\/scan$/, later(() => import("./views/scan.js"), "scanScreen"), "holder"],
  [/^\/p\/(?<token>[^/]+)$/i, () => payScreen, "anyone"],
  [/^\/code\/(?<code>\d{6})$/, () => payScreen, "holder"],
  [/^\/send$/, later(() => import("./views/people/send.js"), "sendScreen"), "holder"],
  [/^\/ask$/, later(() => import("./views/people/ask.js"), "askScreen"), "holder"],
  [/^\/asks$/, later(() => import("./views/people/asks.js"), "asksScreen"), "holder"],
  [/^\/asks\/(?<id>[0-9A-Za-z]+)$/, later(() => import("./views/people/own_ask.js"), "ownAskScreen"), "holder"],
  [/^\/receive$/, later(() => import("./views/people/receive.js"), "receiveScreen"), "holder"],
  [/^\/contacts$/, later(() => import("./views/people/contacts.js"), "contactsScreen"), "holder"],
  [/^\/caps$/, later(() => import("./views/people/caps.js"), "capsScreen"), "holder"],
  [/^\/c\/(?<code>[^/]+)$/i, later(() => import("./views/people/send.js"), "personScreen"), "anyone"],
  [/^\/r\/(?<id>[^/]+)$/i, later(() => import("./views/people/seen_ask.js"), "seenAskScreen"), "anyone"],
  [/^\/order\/(?<ref>0x[0-9a-f]{64})$/, () => orderScreen, "anyone"],
  [/^\/refund\/(?<id>[0-9A-Za-z]+)$/, later(() => import("./views/refund.js"), "refundScreen"), "holder"],
  [/^\/movements$/, later(() => import("./views/movements.js"), "movementsScreen"), "holder"],
  [/^\/movement\/(?<ref>0x[0-9a-f]{64})$/, later(() => import("./views/movement.js"), "movementScreen"), "holder"],
  [/^\/contest\/(?<ref>0x[0-9a-f]{64})$/, later(() => import("./views/contest.js"), "contestScreen"), "holder"],
  [/^\/disputes\/(?<id>[0-9A-Za-z]+)$/, later(() => import("./views/dispute.js"), "disputeScreen"), "holder"],
  [/^\/add$/, later(() => import("./views/add_money.js"), "addMoneyScreen"), "holder"],
  [/^\/add\/monthly$/, later(() => import("./views/monthly.js"), "monthlyScreen"), "holder"],
  [/^\/identity$/, later(() => import("./views/identity.js"), "identityScreen"), "holder"],
  [/^\/identity\/return$/, later(() => import("./views/identity_ways.js"), "returnScreen"), "holder"],
  [/^\/redeem$/, later(() => import("./views/redeem.js"), "redeemScreen"), "holder"],
  [/^\/tills$/, later(() => import("./views/tills.js"), "tillsScreen"), "holder"],
  [/^\/listing$/, later(() => import("./views/listing.js"), "listingScreen"), "holder"],
  [/^\/notices$/, later(() => import("./views/notices.js"), "noticesScreen"), "holder"],
  [/^\/move$/, later(() => import("./views/move.js"), "moveScreen"), "anyone"],
  [/^\/family$/, later(() => import("./views/family.js"), "familyScreen"), "holder"],
  [/^\/held$/, later(() => import("./views/held.js"), "heldScreen"), "anyone"],
  [/^\/me$/, later(() => import("./views/me.js"), "meScreen"), "holder"],
  [/^\/display$/, later(() => import("./views/display.js"), "displayScreen"), "anyone"],
  [/^\/data$/, later(() => import("./views/data.js"), "dataScreen"), "holder"],
  [/^\/recovery-code$/, later(() => import("./views/recovery_code.js"), "recoveryCodeScreen"), "holder"],
];

const notFound = later(() => import("./views/not_found.js"), "notFoundScreen");

/** Whether the app shows that address itself; another face's page (the public one) is left to the browser. */
export const isScreen = (path) => ROUTES.some(([pattern]) => pattern.test(path));

/** @param {string} path @returns {{load: () => Screen | Promise<Screen>, access: string, params: object}} */
export function screenAt(path) {
  for (const [pattern, load, access] of ROUTES) {
    const found = pattern.exec(path);
    if (found) return { load, access, params: { ...found.groups } };
  }
  return { load: notFound, access: "anyone", params: {} };
}
