/**
 * Amounts read aloud, by a voice of this device alone: what is said leaves it for nobody. Only for who asked for it in
 * "Affichage et langue", and only at a press: a sum is never spoken by itself where others may hear.
 */
import { notice } from "#ui/components.js";
import { element, icon, show } from "#ui/dom.js";
import { amountParts, language, restOfWords, t, unitName } from "#ui/i18n.js";

import { forget, remember, remembered } from "./remembered.js";

await restOfWords(); // home and paying load this by itself

export const isSpoken = () => remembered("spoken") === true;

/** @param {boolean} isWanted */
export const chooseSpoken = (isWanted) => (isWanted ? remember("spoken", true) : forget("spoken"));

/**
 * "12 alba et 50 centimes", as people say it.
 * @param {number} cents
 * @param {{unit_one: string, unit_many: string} | null | undefined} currency
 */
export function spokenAmount(cents, currency) {
  const { units, cents: rest } = amountParts(Math.abs(cents));
  const values = { units: units.replace(/\D/g, ""), unit: unitName(currency, cents), rest: Number(rest) };
  const said = values.rest ? t("{units} {unit} et {rest} centimes", values) : t("{units} {unit}", values);
  return cents < 0 ? t("moins {amount}", { amount: said }) : said;
}

/** The balance as home shows it, or that it is not known. @param {import("./app.js").App} app */
function balanceSaid(app) {
  const spoken = (/** @type {number} */ cents) => spokenAmount(cents, app.config?.currency);
  if (app.isOnline && app.me) return t("Disponible : {amount}", { amount: spoken(app.me.balance.available_cents) });
  if (!app.knownBalance) return t("Solde visible en ligne");
  return t("Dernier solde connu : {amount}", { amount: spoken(app.knownBalance.availableCents) });
}

/**
 * Whom and how much, before it is confirmed.
 * @param {import("./app.js").App} app
 * @param {number} cents
 * @param {string} payee as the page names them
 */
const paymentSaid = (app, cents, payee) =>
  t("Payer {amount} à {payee}", { amount: spokenAmount(cents, app.config?.currency), payee });

/**
 * A voice of that language that needs no network: the device's own choice first.
 * @param {Array<Pick<SpeechSynthesisVoice, "lang" | "localService" | "default">>} voices
 * @param {string} wanted a code of `languages`
 * @returns {any} null when there is none: then nothing is said
 */
export function localVoice(voices, wanted) {
  const isOfLanguage = (/** @type {{lang: string}} */ { lang }) => lang.toLowerCase().split(/[-_]/)[0] === wanted;
  const found = voices.filter((voice) => voice.localService && isOfLanguage(voice));
  return found.find((voice) => voice.default) ?? found[0] ?? null;
}

/** @type {Record<string, (...about: any[]) => string>} */
const SENTENCES = { balance: balanceSaid, payment: paymentSaid };

/**
 * Puts there a button that says it when pressed.
 * @param {Element} place
 * @param {{add: (dispose: () => void) => void}} disposables silent when the screen is left
 * @param {string} what of SENTENCES
 * @param {any[]} about
 */
export function putButton(place, disposables, what, about) {
  const news = element("div", { role: "status" });
  const button = element(
    "button.button.secondary.wide",
    { type: "button", onclick: () => say(SENTENCES[what](...about), news) },
    icon("volume-2"),
    t("Lire à voix haute"),
  );
  disposables.add(() => globalThis.speechSynthesis?.cancel());
  show(place, element("div.stack", {}, button, news));
}
/* icons: volume-2 info */

/** @param {string} text @param {Element} news where it is said that nothing can be */
function say(text, news) {
  const voice = localVoice(globalThis.speechSynthesis?.getVoices() ?? [], language());
  if (!voice) {
    show(news, notice("", "info", t("Cet appareil n’a pas de voix à lui pour cette langue : rien n’est lu.")));
    return;
  }
  show(news);
  speechSynthesis.cancel();
  const utterance = new SpeechSynthesisUtterance(text);
  Object.assign(utterance, { voice, lang: voice.lang });
  speechSynthesis.speak(utterance);
}
