// The code a link brings behind "#", which is in no request, no log and no Referer.

const CODE = /^#[0-9A-Z-]{8,24}$/i;

/** It does not stay in the address. "" without one. */
export function broughtCode() {
  if (!CODE.test(location.hash)) return "";
  const code = location.hash.slice(1).toUpperCase();
  history.replaceState(history.state, "", location.pathname);
  return code;
}
