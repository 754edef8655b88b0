// Which sale is on the stage, whose till this is and whether it offers tips, through a reload. Never a state: that is the service's to say.

const KEY = "alba_till_current_sale";
const SHOP_KEY = "alba_till_shop";

/** @typedef {import("./stage_rules.js").Current} Current */

/** @param {Current | null} current */
export function keepCurrent(current) {
  if (current) localStorage.setItem(KEY, JSON.stringify(current));
  else localStorage.removeItem(KEY);
}

/** As it was kept; null for nothing, or nothing that can be read. @returns {unknown} */
export const keptCurrent = () => kept(KEY);

/** @typedef {{merchant_name: string, label: string}} Shop */

/** What the header says while the service is not reached. @param {Shop | null} shop null: the tablet is nobody's */
export function keepShop(shop) {
  if (shop) localStorage.setItem(SHOP_KEY, JSON.stringify({ merchant_name: shop.merchant_name, label: shop.label }));
  else localStorage.removeItem(SHOP_KEY);
}

/** @returns {Shop | null} */
export const keptShop = () => kept(SHOP_KEY);

const TIPS_KEY = "alba_till_tips";

/** Whether customers of this tablet are asked for a tip. Not unless somebody has said so. */
export const tipsOffered = () => kept(TIPS_KEY) === true;

/** @param {boolean} offered */
export const offerTips = (offered) => localStorage.setItem(TIPS_KEY, JSON.stringify(offered));

/** @param {string} key @returns {any} */
function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}
