/** Whom I know, who comes first, whom I hear nothing of. */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { innerHeader, runBusy, skeletonList } from "../../components.js";
import { iconOf, nameOf } from "../../people.js";
/* icons: star trash-2 user-plus ban triangle-alert */

export function contactsScreen(app) {
  const container = element("div.stack", {}, element("section.card.movements", {}, skeletonList(3)));
  const read = async () => {
    try {
      show(container, ...partsOf(app, await app.service.get("/v1/me/contacts"), read));
    } catch (error) {
      show(container, notice("bad", "triangle-alert", error.message));
    }
  };
  void read();
  return {
    title: t("Mes contacts"),
    body: element("div.narrow.stack", {}, innerHeader(app, t("Mes contacts"), { back: "/me" }), container),
  };
}

function partsOf(app, { contacts, recents, blocks }, read) {
  const alert = element("div", { role: "alert" });
  const fresh = recents.filter((one) => !one.contact_id);
  return [
    alert,
    contacts.length === 0
      ? element(
          "section.card.empty",
          {},
          element("p.row-title", {}, t("Personne encore")),
          element("p.soft", {}, t("Scannez le code d’une personne, ou gardez ici quelqu’un que vous avez payé.")),
        )
      : section(
          t("Contacts"),
          contacts.map((one) => contactRow(app, one, { alert, read })),
        ),
    fresh.length > 0 &&
      section(
        t("Payés récemment"),
        fresh.map((one) => recentRow(app, one, { alert, read })),
      ),
    blocks.length > 0 &&
      section(
        t("Bloqués"),
        blocks.map((one) => blockRow(app, one, { alert, read })),
      ),
  ];
}

const section = (title, rows) =>
  element(
    "section.stack.tight",
    { "aria-label": title },
    element("h2", {}, title),
    element("div.card.movements", {}, element("ul.list", {}, rows)),
  );

const line = (one, ...buttons) =>
  element(
    "li",
    {},
    element("span.icon-tile", {}, icon(iconOf(one))),
    element("span.grow", {}, element("span.row-title", {}, nameOf(one))),
    element("span.row", {}, buttons),
  );

function act({ alert, read }, iconName, label, doIt, className = "") {
  const button = element(`button.icon-button${className}`, { type: "button" }, icon(iconName, label));
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      await doIt();
      await read();
    }),
  );
  return button;
}

function contactRow(app, one, screen) {
  const name = nameOf(one);
  const isFavourite = one.is_favourite;
  const path = `/v1/me/contacts/${one.id}`;
  return line(
    one,
    act(
      screen,
      "star",
      isFavourite ? t("{name} n’est plus favori", { name }) : t("{name} en favori", { name }),
      () => app.service.post(`${path}/favourite`, { is_favourite: !isFavourite }),
      isFavourite ? ".favourite" : "",
    ),
    act(screen, "trash-2", t("Retirer {name}", { name }), () => app.service.remove(path)),
  );
}

const recentRow = (app, one, screen) =>
  line(
    one,
    act(screen, "user-plus", t("Garder {name}", { name: nameOf(one) }), () =>
      app.service.post("/v1/me/contacts", { movement_ref: one.movement_ref }),
    ),
  );

function blockRow(app, one, { alert, read }) {
  const button = element("button.button.secondary.small", { type: "button" }, t("Débloquer"));
  button.setAttribute("aria-label", t("Débloquer {name}", { name: nameOf(one) }));
  button.addEventListener("click", () =>
    runBusy(button, alert, async () => {
      await app.service.remove(`/v1/me/blocks/${one.id}`);
      await read();
    }),
  );
  return element(
    "li",
    {},
    element("span.icon-tile", {}, icon("ban")),
    element("span.grow", {}, element("span.row-title", {}, nameOf(one))),
    button,
  );
}
