// The directory's page: once the whole directory is here, searching, sorting by distance and "open now" ask nobody.
// Where the network is away, the service worker's copies of this page and of the data answer, also for one shop's page.
import { request } from "#ui/api.js";
import { announce, element, icon, nearest, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { applyLook, chooseLanguage } from "#ui/theme.js";
import { formatTime, setTimeZone } from "#ui/times.js";

import { localMinute, openAt, placeOf, search } from "./finding.js";
import { RegionMap } from "./map.js";
import { rowEnd, shopRow, wholeCard } from "./rows.js";
import { countText, openText } from "./words.js";

/** @typedef {import("#ui/api_types.js").DirectoryAnswer} Directory */

const ROWS_AT_ONCE = 60;
const TYPING_PAUSE_MS = 120;
const LOCATING_MS = 15_000;
/** A kept copy says of when it is, once it is older than this. */
const FRESH_MS = 10 * 60_000;

applyLook();
document.addEventListener("click", (event) => {
  const language = nearest(event, "[data-language]");
  if (language) chooseLanguage(language.dataset.language);
});

const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));

class DirectoryPage {
  /** @type {import("./finding.js").Wanted} */
  #wanted;
  #rows = ROWS_AT_ONCE;
  #typing = 0;

  /** @param {Directory} directory */
  constructor(directory) {
    this.directory = directory;
    this.trades = Object.fromEntries(directory.trades.map((trade) => [trade.division, trade]));
    this.#wanted = {
      asked: byId("q").value,
      group: byId("group").value,
      commune: byId("commune").value,
      isOpenOnly: false,
      near: null,
    };
    this.map = new RegionMap(find(".finding-map svg"), (commune) => this.#choose(commune));
    this.#listen();
    if (!this.#isDrawn()) this.#draw();
  }

  /**
   * Whether the page came with these very rows: then only what the service does not say is added, who is open. To draw
   * them all again takes a slow phone half a second.
   */
  #isDrawn() {
    const { asked, group, commune } = this.#wanted;
    const shown = this.directory.listings.slice(0, this.#rows);
    const rows = [...byId("shops").children];
    const isSame = (/** @type {Element} */ row, /** @type {number} */ at) =>
      row.firstElementChild?.getAttribute("href") === shown[at].path;
    if (asked || group || commune || rows.length !== shown.length || !rows.every(isSame)) return false;
    const { now } = this.#known;
    for (const [at, row] of rows.entries())
      row.firstElementChild?.append(rowEnd({ listing: shown[at], km: null }, now) || "");
    find("[data-more]").hidden = this.directory.listings.length <= this.#rows;
    return true;
  }

  get #known() {
    return { trades: this.trades, now: localMinute(Date.now(), this.directory.time_zone) };
  }

  #listen() {
    for (const node of document.querySelectorAll("[data-without-script]")) node.remove();
    for (const node of document.querySelectorAll(".chip, [data-map-buttons]")) /** @type {any} */ (node).hidden = false;
    find(".finding-form").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#draw();
      byId("count").focus?.();
    });
    byId("q").addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#want({ asked: byId("q").value }), TYPING_PAUSE_MS);
    });
    byId("group").addEventListener("change", () => this.#want({ group: byId("group").value }));
    byId("commune").addEventListener("change", () => this.#choose(byId("commune").value));
    const openOnly = find("[data-open-only]");
    openOnly.addEventListener("click", () => {
      this.#want({ isOpenOnly: !this.#wanted.isOpenOnly });
      openOnly.setAttribute("aria-pressed", String(this.#wanted.isOpenOnly));
    });
    find("[data-near]").addEventListener("click", () => this.#nearMe());
    find("[data-more]").addEventListener("click", () => {
      this.#rows += ROWS_AT_ONCE;
      this.#draw();
    });
    for (const button of document.querySelectorAll("[data-zoom]"))
      button.addEventListener("click", () => this.map.zoom(/** @type {any} */ (button).dataset.zoom));
  }

  /** @param {string} commune */
  #choose(commune) {
    byId("commune").value = commune;
    this.#want({ commune });
    const first = this.directory.listings.find((listing) => commune && listing.commune_code === commune);
    const place = first && placeOf(first);
    if (place) this.map.lookAt(place, 5);
    else this.map.whole();
  }

  /** @param {Partial<import("./finding.js").Wanted>} change */
  #want(change) {
    this.#wanted = { ...this.#wanted, ...change };
    this.#rows = ROWS_AT_ONCE;
    this.#draw();
    this.#keepAddress();
  }

  /** What was chosen stands in the address, so that it can be sent to somebody; where one stands does not. */
  #keepAddress() {
    const chosen = { q: this.#wanted.asked, group: this.#wanted.group, commune: this.#wanted.commune };
    const parameters = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value));
    history.replaceState(null, "", parameters.size ? `/directory?${parameters}` : "/directory");
  }

  #draw() {
    const known = this.#known;
    const hits = search(this.directory.listings, this.#wanted, known);
    show(
      byId("shops"),
      hits.slice(0, this.#rows).map((hit) => shopRow(hit, known)),
    );
    byId("count").textContent = countText(hits.length);
    find("[data-more]").hidden = hits.length <= this.#rows;
    find("[data-nothing]")?.remove();
    if (hits.length === 0) byId("shops").after(nothingFound());
    this.map.show(hits);
  }

  /** Asked of the browser only now, because somebody tapped; the answer stays in this page. */
  #nearMe() {
    const button = find("[data-near]");
    const note = find("[data-near-note]");
    if (this.#wanted.near) {
      button.setAttribute("aria-pressed", "false");
      note.textContent = "";
      this.map.showHere(null);
      this.map.whole();
      return this.#want({ near: null });
    }
    if (!navigator.geolocation) {
      note.textContent = t("Ce navigateur ne sait pas où vous êtes. Choisissez plutôt votre commune.");
      return undefined;
    }
    note.textContent = t("Recherche de votre position…");
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => {
        button.setAttribute("aria-pressed", "true");
        note.textContent = t("Les plus proches d’abord. Votre position reste dans cette page.");
        this.#want({ near: { latitude, longitude } });
        this.map.showHere({ latitude, longitude });
      },
      () => {
        note.textContent = t("Votre position n’est pas connue. Choisissez plutôt votre commune.");
      },
      { timeout: LOCATING_MS, maximumAge: LOCATING_MS },
    );
    return undefined;
  }
}

const nothingFound = () =>
  element(
    "p.empty",
    { "data-nothing": "" },
    icon("search-x"),
    element("span", {}, t("Personne ne correspond. Essayez un autre mot, ou une commune voisine.")),
  );
/* icons: search-x arrow-left */

/** A shop's own page, drawn from the kept data because the network was away. @param {Directory} directory */
function drawKeptShop(directory) {
  const listing = directory.listings.find(({ path }) => path === location.pathname);
  const trades = Object.fromEntries(directory.trades.map((trade) => [trade.division, trade]));
  const known = { trades, now: localMinute(Date.now(), directory.time_zone) };
  const main = byId("main");
  main.className = "listing-main";
  show(
    main,
    element("p", {}, element("a.row.back-link", { href: "/directory" }, icon("arrow-left"), t("Tout l’annuaire"))),
    element("p.band", {}, t("Hors connexion : fiche gardée par ce téléphone, {when}.", { when: keptWhen(directory) })),
    listing
      ? wholeCard(listing, known)
      : element("p", {}, t("Cette fiche n’est pas dans ce que ce téléphone a gardé.")),
  );
}

/** @param {Directory} directory */
const keptWhen = (directory) => formatTime(directory.made_at_unix_ms);

/** @param {Directory} directory */
function sayHowOld(directory) {
  const note = find("[data-as-of]");
  if (!note || Date.now() - directory.made_at_unix_ms < FRESH_MS) return;
  note.textContent = t("Annuaire gardé par ce téléphone, {when}.", { when: keptWhen(directory) });
}

/** Whether the shop is open, on its own page. */
function sayWhetherOpen() {
  const line = find("[data-open-now]");
  if (!line) return;
  const state = openAt(JSON.parse(line.dataset.week), localMinute(Date.now(), line.dataset.zone));
  if (!state) return;
  line.hidden = false;
  line.classList.toggle("is-open", state.isOpen);
  line.textContent = openText(state);
}

/** From now on this page and its data open without network as well, wallet or not. */
function keepForOffline() {
  navigator.serviceWorker?.register("/service_worker.js").catch((error) => console.warn(error));
}

async function start() {
  sayWhetherOpen();
  if (!find("[data-directory]")) return;
  /** @type {Directory} */
  let directory;
  try {
    directory = await request("GET", "/v1/directory");
  } catch {
    announce(t("L’annuaire n’a pas pu être lu."));
    return;
  }
  setTimeZone(directory.time_zone);
  keepForOffline();
  if (location.pathname !== "/directory") return void drawKeptShop(directory);
  sayHowOld(directory);
  new DirectoryPage(directory);
}

void start();
