/** An address that leads nowhere. */
import { element } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { innerHeader } from "../components.js";

export function notFoundScreen(app) {
  const body = element(
    "div.narrow.stack",
    {},
    innerHeader(app, t("Cette page n’existe pas")),
    element("a.button.wide", { href: "/" }, t("Accueil")),
  );
  return { title: t("Cette page n’existe pas"), body };
}
