/** People as rows and names; links to give. Shared by the screens between people. Knows no screen. */
import { notice } from "#ui/components.js";
import { element, icon } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { formatTime } from "#ui/times.js";

import { copyRow } from "./components.js";

/** Who has declared no identity has no name to show. @param {{name: string | null}} person */
export const nameOf = ({ name }) => name ?? t("Quelqu’un sans identité déclarée");

/** A number in pairs, as people read it; a mail address as it is. @param {string | null} address */
export const shownAddress = (address) =>
  address && /^\+33\d{9}$/.test(address) ? `0${address.slice(3)}`.replace(/(\d\d)(?=\d)/g, "$1\u00a0") : address;

export const iconOf = ({ is_professional: isProfessional }) => (isProfessional ? "store" : "user");
/* icons: store user star users send hand-coins link at-sign scan-line */

/**
 * Everybody to choose from, each once: favourites, then recent people, then the other contacts.
 * @param {{contacts: any[], recents: any[]}} book
 * @returns {Array<{key: string, person: any, name: string | null, is_professional: boolean, is_favourite: boolean,
 *   contact_id?: string | null, at: number | null}>}
 * `person` is what the service takes as whom
 */
export function everybody({ contacts, recents }) {
  const ofContact = (one) => ({
    key: `contact:${one.id}`,
    person: { contact_id: one.id },
    name: one.name,
    is_professional: one.is_professional,
    is_favourite: one.is_favourite,
    at: null,
  });
  const ofRecent = (one) => ({
    key: `movement:${one.movement_ref}`,
    person: { movement_ref: one.movement_ref },
    name: one.name,
    is_professional: one.is_professional,
    is_favourite: false,
    contact_id: one.contact_id,
    at: one.at_unix_ms,
  });
  const favourites = contacts.filter((one) => one.is_favourite);
  const isFirst = new Set(favourites.map((one) => one.id));
  const fresh = recents.filter((one) => !isFirst.has(one.contact_id));
  const isShown = new Set([...isFirst, ...fresh.map((one) => one.contact_id)]);
  const others = contacts.filter((one) => !isShown.has(one.id));
  return [...favourites.map(ofContact), ...fresh.map(ofRecent), ...others.map(ofContact)];
}

/**
 * Whom to ask: everybody but shops one has only paid. Who has no name may ask professionals alone, and they each other.
 * @param {{contacts: any[], recents: any[]}} book
 * @param {string | undefined} tier one's own
 */
export function whomToAsk(book, tier) {
  const mayBeShop = ["none", "visitor", "professional"].includes(tier ?? "none");
  return everybody(book).filter(
    (one) => mayBeShop || !one.is_professional || one.at === null || Boolean(one.contact_id),
  );
}

/** The inside of a person's row. */
export const personParts = (app, one) => [
  element("span.icon-tile", {}, icon(iconOf(one))),
  element(
    "span.grow",
    {},
    element("span.row-title", {}, nameOf(one)),
    element("span.row-detail", {}, detailOf(app, one)),
  ),
  one.is_favourite && element("span.favourite", {}, icon("star", t("favori"))),
];

const detailOf = (app, { is_favourite: isFavourite, at }) =>
  [
    isFavourite
      ? t("Favori")
      : at
        ? t("Dernier paiement : {when}", { when: formatTime(at, app.nowUnixMs()) })
        : t("Contact"),
  ].join("");

/** Said before anything is typed (CMF R561-16-1). */
export const visitorNotice = (sentence) =>
  element(
    "section.card.stack.notice-block",
    { "aria-label": t("Votre palier") },
    notice("wait", "id-card", sentence),
    element("a.button.secondary.wide", { href: "/identity" }, t("Déclarer mon identité")),
  );
/* icons: id-card share-2 qr-code */

/** A message as the other wrote it. @param {string | null} message */
export const messagePart = (message) => message && element("p.said", {}, t("« {message} »", { message }));

/** A link to give: shared by the phone's own sheet where there is one, copied, or shown as a code (upper-case: smaller). */
export function linkPart(link, { title, text }) {
  const code = element("div.center", { hidden: true });
  const showCode = async () => {
    const { encodeQR } = await import("#ui/qr_codes.js");
    const image = element("img", {
      alt: t("Code à scanner avec un autre téléphone"),
      src: `data:image/svg+xml;utf8,${encodeURIComponent(encodeQR(link.toUpperCase(), "svg", { border: 1 }))}`,
      width: "220",
      height: "220",
    });
    code.replaceChildren(element("div.qr", {}, image));
    code.hidden = false;
  };
  const share = element("button.button.wide", { type: "button" }, icon("share-2"), t("Partager le lien"));
  share.addEventListener("click", () => navigator.share({ title, text, url: link }).catch(() => {}));
  const draw = element("button.button.secondary.wide", { type: "button" }, icon("qr-code"), t("Montrer un code"));
  draw.addEventListener("click", () => void showCode());
  return [
    element("dl.copy-list.reference", {}, copyRow(t("Lien"), link, { copied: link })),
    "share" in navigator && share,
    draw,
    code,
  ];
}

/** Asks twice: the second tap does it. @param {(button: any) => unknown} act */
export function twoTaps(className, iconName, word, sureWord, act) {
  const button = element(`button.button.wide.${className}`, { type: "button" }, icon(iconName), word);
  let isSure = false;
  button.addEventListener("click", () => {
    if (isSure) return act(button);
    isSure = true;
    button.classList.add("filled");
    button.replaceChildren(icon(iconName), sureWord);
    return undefined;
  });
  return button;
}
