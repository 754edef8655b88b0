// Which sale is on the stage, and whose till this is, through a reload. Never a state: that is the service's to say.

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

/** @param {string} key @returns {any} */
function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}
