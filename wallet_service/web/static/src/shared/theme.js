// Light, dark, or as the system says: a cookie, so that the server draws the right theme at once; and the language.
const YEAR_S = 31_536_000;

export const chosenTheme = () => /(?:^|; )alba_theme=(light|dark)/.exec(document.cookie)?.[1] ?? "system";

export function applyTheme(choice = chosenTheme()) {
  const root = document.documentElement;
  if (choice === "light" || choice === "dark") root.dataset.theme = choice;
  else delete root.dataset.theme;
}

/** choice: "light" | "dark" | "system" */
export function chooseTheme(choice) {
  const kept = choice === "light" || choice === "dark";
  document.cookie = `alba_theme=${kept ? choice : ""}; Path=/; Max-Age=${kept ? YEAR_S : 0}; SameSite=Strict`;
  applyTheme(choice);
}

/** Language is a cookie, because the server renders with it. Reloads the page. */
export function chooseLanguage(language) {
  document.cookie = `alba_language=${language === "en" ? "en" : "fr"}; Path=/; Max-Age=${YEAR_S}; SameSite=Strict`;
  location.reload();
}
