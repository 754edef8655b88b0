/**
 * The screen somebody was on their way to when they had to sign in first: a sale, most often. Of this tab alone.
 */
const KEY = "alba.wanted";

/** @param {string} path */
export function keepWanted(path, storage = sessionStorage) {
  if (path !== "/" && path !== "/welcome" && path !== "/sign-in" && path !== "/move") storage.setItem(KEY, path);
}

/** Once: afterwards home is home again. @returns {string} */
export function takeWanted(storage = sessionStorage) {
  const path = storage.getItem(KEY) ?? "/";
  storage.removeItem(KEY);
  return path;
}
