/** A professional's own card in the directory: what they sell, where, when and how they take the currency. */
import { element, icon, show } from "#ui/dom.js";
import { said, t } from "#ui/i18n.js";

import { notice } from "#ui/components.js";
import { field, innerHeader, runBusy, skeletonList, UserFacingError } from "../components.js";
import { hoursOf, hoursText } from "../opening_hours.js";

const LOCATING_MS = 15_000;
const DEGREE_E5 = 100_000;
/** @typedef {import("#ui/api_types.js").OwnListingAnswer} OwnListing */

export function listingScreen(app, params, disposables) {
  const place = element("div.stack", {}, skeletonList(4));
  const body = element("div.narrow.stack", {}, innerHeader(app, t("Ma fiche dans l’annuaire"), { back: "/me" }), place);
  const read = async () => {
    try {
      const own = await app.service.get("/v1/me/listing");
      if (!disposables.isDisposed) show(place, ...cardOf(app, own, read));
    } catch (error) {
      show(place, notice("wait", "info", error.message));
    }
  };
  void read();
  disposables.add(
    app.listen((event) => {
      // While somebody writes, what they wrote stays: the officer's word is read with the next visit.
      if (event.kind === "member.changed" && !place.contains(document.activeElement)) void read();
    }),
  );
  return { title: t("Ma fiche dans l’annuaire"), body };
}
/* icons: info map-pin image trash-2 external-link circle-check triangle-alert */

/** @param {any} app @param {OwnListing} own @param {() => Promise<void>} read */
const cardOf = (app, own, read) => [stateOf(own), pictureForm(app, own, read), cardForm(app, own, read)];

/** @param {OwnListing} own */
function stateOf(own) {
  const link = element("a", { href: own.listing.path, target: "_blank", rel: "noopener" }, t("Voir ma fiche"));
  if (own.withheld_ground)
    return notice(
      "bad",
      "triangle-alert",
      element("p", {}, t("Un agent a retiré votre fiche de l’annuaire. Vous continuez d’encaisser.")),
      element("p.small", {}, own.withheld_ground),
    );
  if (!own.is_shown) return notice("wait", "info", t("Votre fiche est cachée : personne ne la trouve."));
  return notice(
    "good",
    "circle-check",
    element("p", {}, t("Votre fiche est dans l’annuaire."), " ", link),
    own.is_waiting && element("p.small", {}, t("Un agent regardera votre dernier changement.")),
  );
}

/** @param {any} app @param {OwnListing} own @param {() => Promise<void>} read */
function pictureForm(app, own, read) {
  const alert = element("div", { role: "alert" });
  const input = element("input.visually-hidden", {
    type: "file",
    accept: "image/jpeg,image/png",
    id: "listing-picture",
  });
  const pick = element(
    "label.button.secondary",
    { for: "listing-picture" },
    icon("image"),
    own.listing.picture ? t("Changer la photo") : t("Ajouter une photo"),
  );
  input.addEventListener("change", () => {
    const [picture] = input.files;
    if (!picture) return;
    const form = new FormData();
    form.append("picture", picture);
    void runBusy(pick, alert, async () => {
      await app.service.upload("/v1/me/listing/picture", form);
      await read();
    });
  });
  const remove = own.listing.picture
    ? element("button.button.quiet", { type: "button" }, icon("trash-2"), t("Retirer"))
    : null;
  remove?.addEventListener("click", () =>
    runBusy(remove, alert, async () => {
      await app.service.remove("/v1/me/listing/picture");
      await read();
    }),
  );
  return element(
    "section.card.stack",
    { "aria-label": t("Photo") },
    own.listing.picture &&
      element("img.listing-photo", {
        src: own.listing.picture,
        width: "800",
        height: "600",
        alt: t("Photo de votre fiche"),
      }),
    element(
      "p.soft.small",
      {},
      t("Elle est redessinée ici : ni le lieu ni l’appareil de la prise de vue n’y restent."),
    ),
    alert,
    element("div.row.wrap", {}, input, pick, remove),
  );
}

/** @param {any} app @param {OwnListing} own @param {() => Promise<void>} read */
function cardForm(app, own, read) {
  const { listing } = own;
  const texts = textFields(listing);
  const trades = tradeChoices(own);
  const week = weekFields(listing.week);
  const ways = wayChoices(listing.ways);
  const spot = spotField(listing);
  const shown = element("input", { type: "checkbox", checked: own.is_shown });
  const alert = element("div", { role: "alert" });
  const button = element("button.button.wide", { type: "submit" }, t("Enregistrer ma fiche"));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    void runBusy(button, alert, async () => {
      await app.service.post("/v1/me/listing", {
        is_shown: shown.checked,
        ...Object.fromEntries(Object.entries(texts).map(([name, { control }]) => [name, control.value])),
        trades: trades.chosen(),
        week: week.read(),
        ways: ways.chosen(),
        spot: spot.read(),
      });
      await read();
      window.scrollTo(0, 0);
    });
  };
  return element(
    "form.card.stack",
    { onsubmit: submit, novalidate: true },
    element("h2", {}, listing.name),
    element(
      "p.soft.small",
      {},
      t("Le nom, l’activité principale et la commune sont ceux de votre inscription : l’association les change."),
    ),
    texts.sells.box,
    trades.box,
    texts.address.box,
    spot.box,
    week.box,
    texts.hours_note.box,
    ways.box,
    texts.phone.box,
    texts.website.box,
    element("label.choice", {}, shown, element("span", {}, t("Montrer ma fiche dans l’annuaire"))),
    alert,
    button,
  );
}

/** What is typed in one line each, by the service's names. @param {OwnListing["listing"]} listing */
function textFields(listing) {
  const text = (
    /** @type {"sells" | "address" | "hours_note" | "phone" | "website"} */ name,
    /** @type {string} */ label,
    /** @type {Record<string, string>} */ attributes,
    /** @type {string | null} */ hint = null,
  ) => {
    const made = field(name, label, element("input.input", attributes), { hint, optional: true });
    made.control.value = listing[name];
    return made;
  };
  return {
    sells: text(
      "sells",
      t("Ce qu’on y trouve"),
      { maxlength: "240" },
      t("Avec les mots que les gens cherchent : pain, livres, réparation de vélos…"),
    ),
    address: text("address", t("Adresse"), { maxlength: "120", autocomplete: "street-address" }),
    hours_note: text(
      "hours_note",
      t("Précision sur les horaires"),
      { maxlength: "120" },
      t("« Fermé en août », « sur rendez-vous »…"),
    ),
    phone: text("phone", t("Téléphone"), { maxlength: "40", type: "tel", autocomplete: "tel" }),
    website: text("website", t("Site"), { maxlength: "200", inputmode: "url", autocomplete: "url" }),
  };
}

/** @param {string[]} ticked */
const wayChoices = (ticked) =>
  choices(
    t("On vous paie"),
    [
      ["till", t("en caisse")],
      ["web", t("en ligne")],
      ["invoice", t("sur facture")],
    ],
    ticked,
  );

/**
 * Boxes to tick.
 * @param {string} legend
 * @param {Array<[value: string, word: string]>} options
 * @param {string[]} ticked
 */
function choices(legend, options, ticked) {
  const boxes = options.map(([value, word]) => ({
    input: element("input", { type: "checkbox", value, checked: ticked.includes(value) }),
    word,
  }));
  return {
    box: element(
      "fieldset.stack.small-gap",
      {},
      element("legend", {}, legend),
      boxes.map(({ input, word }) => element("label.choice", {}, input, element("span", {}, word))),
    ),
    chosen: () => boxes.filter(({ input }) => input.checked).map(({ input }) => input.value),
  };
}

/** Up to two trades beside the registered one. @param {OwnListing} own */
function tradeChoices({ listing, offered_trades: offered }) {
  const word = (/** @type {any} */ trade) => said(trade.french, trade.english);
  const selects = [1, 2].map((number) => {
    const select = element(
      "select.input",
      {},
      element("option", { value: "" }, t("aucune")),
      offered.map((trade) =>
        element("option", { value: trade.division, selected: listing.trades[number] === trade.division }, word(trade)),
      ),
    );
    return field(`trade-${number}`, number === 1 ? t("Autre activité") : t("Encore une activité"), select, {
      optional: true,
    });
  });
  return {
    box: element(
      "div.stack",
      {},
      selects.map((one) => one.box),
    ),
    chosen: () => [...new Set(selects.map((one) => one.control.value).filter(Boolean))],
  };
}

/** A line for each day. @param {number[][][]} week */
function weekFields(week) {
  const names = [t("Lundi"), t("Mardi"), t("Mercredi"), t("Jeudi"), t("Vendredi"), t("Samedi"), t("Dimanche")];
  const days = names.map((name, day) => {
    const made = field(
      `day-${day}`,
      name,
      element("input.input", { maxlength: "60", autocomplete: "off", placeholder: t("fermé") }),
    );
    made.control.value = hoursText(week[day]);
    return made;
  });
  const copy = element("button.button.quiet.small", { type: "button" }, t("Mardi à samedi comme lundi"));
  copy.addEventListener("click", () => {
    for (const day of days.slice(1, 6)) day.control.value = days[0].control.value;
  });
  return {
    box: element(
      "fieldset.stack.week-fields",
      {},
      element("legend", {}, t("Horaires")),
      element("p.hint", {}, t("Par exemple 9:00-12:30, 14:00-19:00. Vide : fermé.")),
      days.map((one) => one.box),
      copy,
    ),
    read: () =>
      days.map((one, day) => {
        const spans = hoursOf(one.control.value);
        one.setError(spans ? null : t("Ces horaires ne se lisent pas."));
        if (spans) return spans;
        one.control.focus();
        throw new UserFacingError(
          t("La fiche n’est pas enregistrée : vérifiez les horaires, {day}.", { day: names[day] }),
        );
      }),
  };
}

/** Where the shop is: its commune, or the door, from where this phone stands now. @param {OwnListing["listing"]} listing */
function spotField(listing) {
  /** @type {{latitude_e5: number, longitude_e5: number} | null} */
  let spot =
    listing.is_exact && listing.latitude_e5 !== null && listing.longitude_e5 !== null
      ? { latitude_e5: listing.latitude_e5, longitude_e5: listing.longitude_e5 }
      : null;
  const told = element("p.soft.small", { role: "status" });
  const here = element(
    "button.button.secondary.small",
    { type: "button" },
    icon("map-pin"),
    t("Je suis dans ma boutique : retenir cet endroit"),
  );
  const forget = element("button.button.quiet.small", { type: "button" }, t("Oublier cet endroit"));
  const say = (/** @type {string} */ sentence) => {
    told.textContent = sentence;
    forget.hidden = spot === null;
  };
  const asBefore = () =>
    say(spot ? t("La porte est sur la carte.") : t("Sur la carte, vous êtes au centre de votre commune."));
  here.addEventListener("click", () => {
    say(t("Recherche de votre position…"));
    navigator.geolocation?.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => {
        spot = { latitude_e5: Math.round(latitude * DEGREE_E5), longitude_e5: Math.round(longitude * DEGREE_E5) };
        say(t("Endroit trouvé. Il sera public quand vous enregistrerez la fiche."));
      },
      () => say(t("Votre position n’est pas connue. Rien n’a changé.")),
      { enableHighAccuracy: true, timeout: LOCATING_MS },
    );
  });
  forget.addEventListener("click", () => {
    spot = null;
    asBefore();
  });
  asBefore();
  return { box: element("div.stack.small-gap", {}, told, element("div.row.wrap", {}, here, forget)), read: () => spot };
}
