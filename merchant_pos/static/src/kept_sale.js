// Which sale is on the stage, through a reload. Never its state: that is the service's to say.

const KEY = "alba_till_current_sale";

/** @typedef {import("./stage_rules.js").Current} Current */

/** @param {Current | null} current */
export function keepCurrent(current) {
  if (current) localStorage.setItem(KEY, JSON.stringify(current));
  else localStorage.removeItem(KEY);
}

/** As it was kept; null for nothing, or nothing that can be read. @returns {unknown} */
export function keptCurrent() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    return null;
  }
}
