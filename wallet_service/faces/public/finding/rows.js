// One professional as a row of the list, as templates/shop.html draws it, and whole, for the start without network.
import { element, icon } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { openAt } from "./finding.js";
import { clockText, dayNames, distanceText, GROUP_ICONS, openText, phoneText, tradesText, wayWords } from "./words.js";

/** @typedef {import("./finding.js").Hit} Hit */
/** @typedef {{trades: Record<string, import("#ui/api_types.js").TradeAnswer>, now: {day: number, minute: number}}} Known */

/** @param {Hit} hit @param {Known} known */
export function shopRow({ listing, km }, { trades, now }) {
  const trade = tradesText(listing, trades);
  const ways = wayWords();
  return element(
    "li.shop",
    {},
    element(
      "a.shop-link",
      { href: listing.path },
      pictureOf(listing, trades),
      element(
        "span.grow",
        {},
        element("span.shop-name", {}, listing.name),
        element("span.shop-line", {}, `${trade} · ${listing.commune}`),
        listing.sells && listing.sells !== trade && element("span.shop-sells", {}, listing.sells),
        listing.ways.length > 0 &&
          element(
            "span.ways",
            {},
            listing.ways.map((way) => element("span.way", {}, ways[way])),
          ),
      ),
      rowEnd({ listing, km }, now),
    ),
  );
}

/** What only this page knows: how far, and whether it is open now. @param {Hit} hit @param {Known["now"]} now */
export function rowEnd({ listing, km }, now) {
  const state = openAt(listing.week, now);
  return (
    (state || km !== null) &&
    element(
      "span.shop-end",
      {},
      km !== null && element("span.shop-distance", {}, distanceText(km, listing.is_exact)),
      state && element(`span.shop-open${state.isOpen ? ".is-open" : ""}`, {}, openText(state)),
    )
  );
}

/** @param {import("#ui/api_types.js").ListingAnswer} listing @param {Known["trades"]} trades */
function pictureOf(listing, trades) {
  if (listing.picture)
    return element("img.shop-picture", {
      src: listing.picture,
      width: "96",
      height: "72",
      alt: "",
      loading: "lazy",
      decoding: "async",
    });
  const group = trades[listing.trades[0]]?.group ?? "shops";
  return element("span.shop-picture.none", {}, icon(GROUP_ICONS[group] ?? "store"));
}

/** The whole card, of what this phone keeps. @param {import("#ui/api_types.js").ListingAnswer} listing @param {Known} known */
export function wholeCard(listing, { trades, now }) {
  const state = openAt(listing.week, now);
  const ways = wayWords();
  const fact = (/** @type {string} */ iconName, /** @type {string} */ label, /** @type {any[]} */ ...told) =>
    element(
      "div",
      {},
      element("dt", {}, icon(iconName), element("span.visually-hidden", {}, label)),
      element("dd", {}, ...told),
    );
  return element(
    "article.listing",
    { "aria-labelledby": "name" },
    listing.picture &&
      element("img.listing-picture", {
        src: listing.picture,
        width: "800",
        height: "600",
        alt: t("Photo : {name}", { name: listing.name }),
      }),
    element(
      "div.stack",
      {},
      element("h1", { id: "name", tabindex: "-1" }, listing.name),
      element("p.soft", {}, `${tradesText(listing, trades)} · ${listing.commune}`),
      listing.sells && element("p.lead", {}, listing.sells),
      listing.ways.length > 0 &&
        element(
          "p.band.good",
          {},
          icon("circle-check"),
          element("span", {}, listing.ways.map((way) => ways[way]).join(", ")),
        ),
      element(
        "dl.listing-facts",
        {},
        fact("map-pin", t("Adresse"), [listing.address, listing.commune].filter(Boolean).join(", ")),
        (state || listing.hours_note) &&
          fact(
            "clock",
            t("Horaires"),
            state && element(`p.open-now${state.isOpen ? ".is-open" : ""}`, {}, openText(state)),
            state && weekTable(listing.week),
            listing.hours_note && element("p.small.soft", {}, listing.hours_note),
          ),
        listing.phone &&
          fact("phone", t("Téléphone"), element("a", { href: `tel:${listing.phone}` }, phoneText(listing.phone))),
        listing.website &&
          fact(
            "globe",
            t("Site"),
            element("a", { href: listing.website, rel: "noopener" }, listing.website.replace("https://", "")),
          ),
      ),
    ),
  );
}
/* icons: store map-pin clock phone globe circle-check */

/** @param {number[][][]} week */
const weekTable = (week) =>
  element(
    "table.hours",
    {},
    dayNames().map((name, day) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, name),
        element(
          "td",
          {},
          week[day].map(([start, end]) => `${clockText(start)} – ${clockText(end)}`).join(", ") || t("fermé"),
        ),
      ),
    ),
  );
