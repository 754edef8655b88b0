/**
 * The ways to prove who one is, before one begins: what each takes, what stays with the service, what it gives. And the
 * way back from a provider. Holds nothing of a person: what is proved is judged by the service.
 */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { formatAmount, t } from "#ui/i18n.js";
import { dateText } from "#ui/times.js";

import { innerHeader, runBusy } from "../components.js";
import { withFreshSession } from "../passkey.js";

const NAMES = {
  france_connect: () => t("FranceConnect"),
  european_wallet: () => t("Portefeuille européen d’identité"),
  papers: () => t("Mes papiers"),
};
const CLAIMS = {
  given_name: () => t("prénoms"),
  family_name: () => t("nom"),
  birth_date: () => t("date de naissance"),
  address: () => t("adresse"),
  document: () => t("photo d’une pièce d’identité"),
};
const DONE_THERE = {
  france_connect: () =>
    t("Vous vous connectez chez FranceConnect, avec un compte de niveau substantiel ou élevé, puis vous revenez ici."),
  european_wallet: () =>
    t("Vous acceptez la demande dans votre portefeuille d’identité, sur ce téléphone ou sur un autre."),
  papers: () => t("Vous remplissez une déclaration et photographiez une pièce d’identité."),
};
const LEVELS = { substantial: () => t("substantiel"), high: () => t("élevé"), seen: () => t("vu sur papiers") };

const listed = (names) => names.map((name) => CLAIMS[name]?.() ?? name).join(", ");
/** Of several first names one is kept when another says them; papers are kept as they are. */
const kept = ({ keeps, is_immediate: isImmediate }) =>
  isImmediate ? [t("un prénom"), listed(keeps.filter((name) => name !== "given_name"))].join(", ") : listed(keeps);
const line = (label, ...value) => element("div", {}, element("dt", {}, label), element("dd", {}, ...value));
/* icons: zap user-check badge-check log-out rotate-cw */

/** One line of how an identity was proved, as everybody may know it. @param {any} proof of IdentityFileAnswer */
export const provedBy = (proof) =>
  proof.provider === "papers"
    ? t("Avec vos papiers, vus par l’association.")
    : t("Par {provider}, niveau {level}.", { provider: NAMES[proof.provider](), level: LEVELS[proof.level]() });

const TIERS_AHEAD = {
  declared: () => t("Dès la déclaration"),
  verified: () => t("Une fois l’identité vérifiée"),
};

/** What one could do that one cannot yet, before anything is asked; null where nothing is gained. @param {any} app */
export function gainsCard(app) {
  const { tier, limits } = app.me;
  const isNameless = ["none", "visitor"].includes(tier);
  const has = (limit, than) => limit === 0 || (than !== 0 && limit > than);
  const ahead = Object.entries(TIERS_AHEAD).filter(([name]) => {
    const theirs = app.config?.tiers[name];
    return theirs && has(theirs.max_balance_cents, limits?.max_balance_cents ?? 0);
  });
  if (ahead.length === 0) return null;
  return element(
    "section.card.stack",
    { "aria-labelledby": "gains-title" },
    element("h2", { id: "gains-title" }, t("Ce que ça change")),
    element(
      "dl.told",
      {},
      ahead.map(([name, word]) => line(word(), ...gains(app.config.tiers[name], isNameless && name === "declared"))),
    ),
  );
}

const gains = ({ max_balance_cents: held, max_30_days_cents: spent }, reachesPersons) => [
  held === 0 ? t("garder sans plafond") : t("garder {amount}", { amount: formatAmount(held) }),
  ", ",
  spent === 0 ? t("dépenser sans plafond") : t("dépenser {amount} sur 30 jours", { amount: formatAmount(spent) }),
  reachesPersons &&
    element("span.row-detail", {}, t("envoyer de l’argent à des personnes, pas seulement à des commerces")),
];

/** The papers alone, where nothing else is offered: what they take and leave, above the form. */
export const papersTold = (offers) =>
  element(
    "section.card",
    {},
    told(
      offers.ways.find(({ provider }) => provider === "papers"),
      offers,
    ),
  );

/**
 * All ways side by side; papers are opened on this page.
 * @param {any} app
 * @param {any} offers of /v1/me/identity/ways
 * @param {() => void} onPapers
 * @param {any} disposables
 */
export function waysList(app, offers, onPapers, disposables) {
  return element(
    "section.stack",
    { "aria-labelledby": "ways-title" },
    element("h2", { id: "ways-title" }, t("Comment prouver mon identité ?")),
    element("p.soft", {}, t("Au choix. Chaque moyen donne le même palier, et aucun n’est obligatoire.")),
    offers.ways.map((offer) => wayCard(app, offer, offers, onPapers, disposables)),
  );
}

function wayCard(app, offer, offers, onPapers, disposables) {
  const id = `way-${offer.provider}`;
  return element(
    "article.card.stack",
    { "aria-labelledby": id },
    element(
      "div.row.between.wrap",
      {},
      element("h3", { id }, NAMES[offer.provider]()),
      offer.is_immediate
        ? element("span.pill.good", {}, icon("zap"), t("tout de suite"))
        : element("span.pill.neutral", {}, icon("user-check"), t("une personne le lit")),
    ),
    told(offer, offers),
    offer.provider === "papers" ? papersButton(onPapers) : remoteButtons(app, offer, disposables),
  );
}

/** What one way takes, leaves and gives. */
const told = (offer, { kept_years: keptYears, verified_years: years }) =>
  element(
    "dl.told",
    {},
    line(t("Ce que vous faites"), DONE_THERE[offer.provider]()),
    line(t("Ce que nous recevons"), listed(offer.takes)),
    line(
      t("Ce que nous gardons"),
      t("{claims} : chiffrés, jusqu’à {years} ans après la fermeture du compte, puis effacés.", {
        claims: kept(offer),
        years: keptYears,
      }),
      offer.is_immediate &&
        element(
          "span.row-detail",
          {},
          t(
            "Le reste est jeté aussitôt, sauf une empreinte qui ne dit rien de vous : une identité n’ouvre qu’un compte.",
          ),
        ),
    ),
    line(
      t("Ce que ça donne"),
      offer.is_immediate
        ? t("Le palier « vérifié » dès la réponse, pour {years} ans.", { years })
        : t("Le palier « vérifié » quand une personne de l’association a lu vos papiers, pour {years} ans.", {
            years,
          }),
    ),
  );

const papersButton = (onPapers) =>
  element("button.button.secondary.wide", { type: "button", onclick: onPapers }, t("Envoyer mes papiers"));

function remoteButtons(app, offer, disposables) {
  const alert = element("div", { role: "alert" });
  const code = element("div.stack.center");
  const begin = (isElsewhere) =>
    withFreshSession(app, () =>
      app.service.post("/v1/me/identity/attempts", { provider: offer.provider, is_elsewhere: isElsewhere }),
    );
  const goes = element(
    "button.button.wide",
    { type: "button" },
    offer.can_show_code ? t("Ouvrir mon portefeuille d’identité") : t("Continuer avec FranceConnect"),
  );
  goes.addEventListener("click", () => runBusy(goes, alert, async () => location.assign((await begin(false)).address)));
  if (!offer.can_show_code) return [alert, goes];
  const shows = element(
    "button.button.secondary.wide",
    { type: "button" },
    t("Afficher un code pour un autre téléphone"),
  );
  shows.addEventListener("click", () =>
    runBusy(shows, alert, async () => {
      const { address } = await begin(true);
      const { encodeQR } = await import("#ui/qr_codes.js");
      const picture = element("img", {
        alt: t("Code à lire avec votre portefeuille d’identité"),
        src: `data:image/svg+xml;utf8,${encodeURIComponent(encodeQR(address, "svg", { border: 4 }))}`,
      });
      show(
        code,
        element("div.center", {}, element("div.qr", {}, picture)),
        element(
          "p.soft",
          { role: "status" },
          t("Lisez ce code avec le portefeuille d’identité de l’autre téléphone. La suite s’affichera ici."),
        ),
        element(
          "p.soft.small",
          {},
          t("Ne le faites que pour vous : celui qui accepte prouve son identité sur ce compte."),
        ),
      );
      const stop = app.listen((event) => {
        if (event.kind !== "member.changed") return;
        stop();
        app.go("/identity/return");
      });
      disposables.add(stop);
    }),
  );
  return [alert, goes, shows, code];
}

/** The way back: asks the service what the answer proved, once, and says it. */
export function returnScreen(app) {
  const said = element(
    "div.stack",
    {},
    element(
      "div",
      { role: "status" },
      notice("wait", "hourglass", t("On vérifie la réponse auprès du service d’identité…")),
    ),
  );
  const again = () => [
    element("a.button.wide", { href: "/identity" }, icon("rotate-cw"), t("Choisir un moyen")),
    element("a.button.quiet.wide", { href: "/" }, t("Plus tard")),
  ];
  const ask = async () => {
    try {
      const proved = await app.service.post("/v1/me/identity/attempts/finish");
      await app.refresh();
      show(said, provenNotice(proved), sessionEnd(proved), element("a.button.wide", { href: "/" }, t("Terminé")));
    } catch (error) {
      show(said, element("div", { role: "alert" }, notice("bad", "triangle-alert", error.message)), again());
    }
  };
  ask();
  return {
    title: t("Mon identité"),
    body: element("div.narrow.stack", {}, innerHeader(app, t("Mon identité"), { back: "/identity" }), said),
  };
}
/* icons: hourglass triangle-alert circle-check */

const provenNotice = ({ proof, expires_on: until }) =>
  notice(
    "good",
    "circle-check",
    element("strong", {}, t("Identité prouvée")),
    element("p", {}, provedBy(proof)),
    element(
      "p",
      {},
      t("Valable jusqu’au {day}. Votre palier suit dans un instant.", { day: dateText(Date.parse(until)) }),
    ),
  );

/** The provider keeps its own session for a while; who shares a phone ends it. */
const sessionEnd = ({ session_end_address: address }) =>
  address && [
    element("p.soft", {}, t("FranceConnect vous garde connecté un moment. Si ce téléphone n’est pas qu’à vous :")),
    element(
      "a.button.secondary.wide",
      { href: address, rel: "noreferrer" },
      icon("log-out"),
      t("Me déconnecter de FranceConnect"),
    ),
  ];
