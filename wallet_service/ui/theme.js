// Light, dark, or as the system says, and the language: cookies, so that the server draws the right page at once.
const YEAR_S = 31_536_000;

export const chosenTheme = () => /(?:^|; )alba_theme=(light|dark)/.exec(document.cookie)?.[1] ?? "system";

export function applyTheme(choice = chosenTheme()) {
  const root = document.documentElement;
  if (choice === "light" || choice === "dark") root.dataset.theme = choice;
  else delete root.dataset.theme;
}

/** @param {string} choice "light" | "dark" | "system" */
export function chooseTheme(choice) {
  keep("alba_theme", choice === "light" || choice === "dark" ? choice : "");
  applyTheme(choice);
}

/** The server renders with it, so the page is loaded again. @param {string} language "fr" | "en" */
export function chooseLanguage(language) {
  keep("alba_language", language === "en" ? "en" : "fr");
  location.reload();
}

/** An empty value forgets the cookie. @param {string} name @param {string} value */
function keep(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? YEAR_S : 0}; SameSite=Strict${secure}`;
}
