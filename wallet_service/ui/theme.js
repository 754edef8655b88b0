// How pages look on this device, and in which language: cookies, so that the server draws the right page at once.
const YEAR_S = 31_536_000;

/**
 * What may be chosen of each; anything else is as the system says, or as everybody has it. wallet_service/ui/look.py
 * reads the same cookies.
 * @type {Record<Choice, string[]>}
 */
const VALUES = { theme: ["light", "dark"], contrast: ["more", "less"], text: ["large", "largest"], words: ["plain"] };
/** The value of what nobody has chosen. */
export const UNCHOSEN = "system";

/** @typedef {"theme" | "contrast" | "text" | "words"} Choice */

/** @param {Choice} name */
export function chosen(name) {
  const value = new RegExp(`(?:^|; )alba_${name}=([a-z]+)`).exec(document.cookie)?.[1] ?? "";
  return VALUES[name].includes(value) ? value : UNCHOSEN;
}

/** Puts what was chosen on the page's root, where the style sheets look. */
export function applyLook() {
  const { dataset } = document.documentElement;
  for (const name of /** @type {Choice[]} */ (Object.keys(VALUES))) {
    const value = chosen(name);
    if (value !== UNCHOSEN) dataset[name] = value;
    else if (name === "contrast" && matchMedia("(prefers-contrast: more)").matches) dataset[name] = "more";
    else delete dataset[name];
  }
}

/** @param {Choice} name @param {string} value one of VALUES, or UNCHOSEN */
export function choose(name, value) {
  keep(`alba_${name}`, VALUES[name].includes(value) ? value : "");
  applyLook();
}

/** Words are made when a page is loaded, so it is loaded again. @param {string} value */
export function chooseWords(value) {
  choose("words", value);
  location.reload();
}

/** The server renders with it, so the page is loaded again. @param {string} language a code of `languages` */
export function chooseLanguage(language) {
  keep("alba_language", language);
  location.reload();
}

/** An empty value forgets the cookie. @param {string} name @param {string} value */
function keep(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? YEAR_S : 0}; SameSite=Strict${secure}`;
}
