/** Starts the wallet: shows the screen of the address, keeps the tab bar and the bands, registers the service worker. */
import { element, icon, nearest, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { followReleases } from "#ui/release.js";

import { App } from "./app.js";
import { Disposables } from "#ui/lifecycle.js";
import { skeletonList } from "./components.js";
import { askedHere } from "./recovery.js";
import { remembered } from "./remembered.js";
import { isScreen, screenAt } from "./router.js";
import { keepWanted } from "./wanted.js";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const app = new App();
const bands = element("div.bands", { role: "status" });
const main = element("main", { id: "main", tabindex: "-1" });
const tabs = tabBar();
let disposables = new Disposables();
let isFirst = true;
/** A part that comes at once shows no skeleton before it. */
const SKELETON_AFTER_MS = 120;
/** A newer release is behind this page: offered where somebody rests, never in the middle of a payment. */
let hasNewRelease = false;

function tabBar() {
  const tab = (href, iconName, word) => element("a.tab", { href }, icon(iconName), element("span", {}, word));
  return element(
    "nav.tabs",
    { "aria-label": t("Principal"), hidden: true },
    tab("/", "house", t("Accueil")),
    element("a.scan-button", { href: "/scan" }, icon("scan-line"), element("span", {}, t("Scanner"))),
    tab("/me", "user", t("Moi")),
  );
}
/* icons: ban house user scan-line octagon-pause */

/** Without a wallet. A phone that waits for the account of a lost one shows how that stands, until its owner looks elsewhere. */
const firstPath = () => (askedHere() && isFirst ? "/lost" : "/welcome");

/** What a phone shows that pays from somebody else's account, and has no wallet of its own. */
const OF_HELD = /^\/(p|code|order|display)\/?|^\/scan$/i;

/** Show the screen at a path. @param {string} path @param {{replace?: boolean}} [options] */
app.go = (path, { replace = false } = {}) => {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  app.cameBack = false;
  render();
};

function render() {
  const path = location.pathname;
  let { load, access, params } = screenAt(path);
  if (remembered("held") && !app.me) {
    if (!app.held || !OF_HELD.test(path)) ({ load, params } = screenAt("/held"));
    access = "anyone";
  }
  if (access === "holder" && !app.me && app.isOnline) {
    if (path !== "/") {
      keepWanted(path); // signed in, one is there
      return void app.go("/", { replace: true });
    }
    ({ load, access, params } = screenAt(firstPath()));
  }
  // Only home knows how to say that what it shows waits for the network.
  if (access === "holder" && !app.me) ({ load, params } = screenAt("/"));
  disposables.dispose();
  disposables = new Disposables();
  const screen = load();
  if (screen instanceof Promise) return void showWhenLoaded(screen, path, params);
  showScreen(screen, path, params);
  return undefined;
}

/** A screen of its own part: its place is kept meanwhile, and whoever goes elsewhere first never sees it. */
async function showWhenLoaded(screen, path, params) {
  const mine = disposables;
  const wait = setTimeout(() => show(main, element("div.stack.loading", {}, skeletonList(3))), SKELETON_AFTER_MS);
  mine.add(() => clearTimeout(wait));
  try {
    const loaded = await screen;
    clearTimeout(wait);
    if (mine === disposables) showScreen(loaded, path, params);
  } catch (error) {
    if (mine !== disposables) return;
    clearTimeout(wait);
    console.warn(error);
    showScreen(notLoadedScreen, path, params);
  }
}

/** Without network before the service worker kept the parts, or the parts of a release that is gone. */
const onIdle = globalThis.requestIdleCallback ?? ((act) => setTimeout(act, 1_000));
const notLoadedScreen = () => ({
  title: t("Cette page ne s’est pas chargée"),
  body: element(
    "div.narrow.stack",
    {},
    element("h1", {}, t("Cette page ne s’est pas chargée")),
    element("p.soft", {}, t("Votre argent n’est pas en cause. Rechargez quand le réseau est là.")),
    element("button.button", { type: "button", onclick: () => location.reload() }, t("Recharger")),
  ),
});

function showScreen(screen, path, params) {
  const { title, body, hasTabs = false, stage = "" } = screen(app, params, disposables);
  document.title = title ? `${title} · ${app.config?.currency.name ?? ""}` : (app.config?.currency.name ?? "");
  root.className = `screen ${stage}${hasTabs ? " has-tabs" : ""}`;
  tabs.hidden = !hasTabs;
  for (const tab of tabs.querySelectorAll("a.tab")) {
    if (tab.getAttribute("href") === path) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  show(main, body);
  if (hasNewRelease) showBands();
  if (!isFirst) {
    window.scrollTo(0, 0);
    (main.querySelector("h1") ?? main).focus({ preventScroll: true });
  }
  isFirst = false;
}

function showBands() {
  const band = (kind, iconName, sentence) => element(`div.band${kind}`, {}, icon(iconName), sentence);
  show(
    bands,
    !app.isOnline &&
      band(
        "",
        "wifi-off",
        t("Hors connexion. Votre argent est en sécurité ; payer et voir le solde à jour demandent le réseau."),
      ),
    app.isOnline &&
      app.me?.payments_stopped &&
      band(
        ".bad",
        "octagon-pause",
        t("Les paiements sont arrêtés pour tout le monde, le temps d’une vérification. Votre argent est en sécurité."),
      ),
    app.me?.frozen_outgoing &&
      band(
        ".bad",
        "lock",
        app.me.is_own_freeze
          ? t("Vous avez gelé ce compte : rien n’en sort. Le gel se lève dans « Moi ».")
          : t("Votre compte est gelé : vous ne pouvez pas payer. Contactez l’association."),
      ),
    app.suspension && band(".bad", "ban", app.suspension),
    hasNewRelease &&
      app.isOnline &&
      !tabs.hidden &&
      element(
        "div.band.info",
        {},
        icon("refresh-cw"),
        element("span.grow", {}, t("Une nouvelle version est prête.")),
        element("button.button.small", { type: "button", onclick: () => location.reload() }, t("Recharger")),
      ),
  );
}

function followLinks(event) {
  const link = nearest(event, "a[href]");
  if (
    !link ||
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    link.target
  )
    return;
  if (link.classList.contains("skip-link")) {
    event.preventDefault(); // "#main" in the address would be another screen
    main.focus();
    return;
  }
  const url = new URL(link.href);
  if (url.origin !== location.origin || !isScreen(url.pathname)) return;
  event.preventDefault();
  app.go(url.pathname + url.hash);
}

async function start() {
  show(root, bands, main, tabs);
  show(main, element("div.stack.loading", {}, element("div.skeleton.skeleton-card", {}), skeletonList(3)));
  try {
    await app.start();
  } catch (error) {
    console.error(error);
    return show(
      main,
      element(
        "div.narrow.stack",
        {},
        element("h1", {}, t("Ce navigateur ne peut pas garder de portefeuille")),
        element(
          "p.soft",
          {},
          t(
            "Il refuse d’enregistrer la clé qui signe vos paiements. Quittez la navigation privée, ou ouvrez cette page dans un autre navigateur.",
          ),
        ),
      ),
    );
  }
  app.listen((event) => {
    if (["connection", "me"].includes(event.kind)) showBands();
    if (event.kind === "reconnected") render();
  });
  // Not before: who may see a screen is known only now.
  document.addEventListener("click", followLinks);
  const goneBack = () => {
    app.cameBack = true;
    render();
  };
  window.addEventListener("popstate", goneBack);
  // Back over a link from outside (a phone's camera opens one) brings the whole page back: kept as it was, or loaded anew.
  window.addEventListener("pageshow", (event) => event.persisted && goneBack());
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  app.cameBack = navigation?.type === "back_forward";
  showBands();
  render();
  onIdle(() => screenAt("/scan").load()); // the next tap, most days
  followReleases("/service_worker.js", () => {
    hasNewRelease = true;
    showBands();
  });
  return undefined;
}

start();
