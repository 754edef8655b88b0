// Being told while the console is closed: the switch of this browser, and that what waits was in front of somebody.
import { post, setCsrfToken } from "#ui/api.js";
import { element, icon, nearest, show } from "#ui/dom.js";
import { t } from "#ui/i18n.js";
import { canNotify, isOn, subscribe, unsubscribe } from "#ui/push_subscription.js";
/* icons: bell bell-off smartphone triangle-alert */

const SEEN_AFTER_MS = 1_000;
/** Leaving is not held up by a service that does not answer. */
const LEAVE_AFTER_MS = 2_000;
let seenTimer = 0;

/** @param {Document} page */
export function startNotices(page) {
  const place = /** @type {HTMLElement | null} */ (page.querySelector("[data-push-key]"));
  if (place) void drawSwitch(place);
  page.addEventListener("submit", (event) => void leaveFirst(event));
}

/** The page was read again a moment ago and somebody looks at it: nobody is called for what stands there. */
export function seenSoon() {
  clearTimeout(seenTimer);
  seenTimer = setTimeout(() => {
    // Signing in over the page: its token is of the session that ended until that is done.
    if (document.visibilityState !== "visible" || document.querySelector("#sign-in-over")) return;
    void navigator.clearAppBadge?.()?.catch?.(() => {});
    void say("/notices/seen").catch(() => {});
  }, SEEN_AFTER_MS);
}

/** With the page's own token, which changes when somebody signs in over it. @param {string} path @param {object} [body] */
function say(path, body) {
  setCsrfToken(JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRF-Token"] ?? null);
  return post(path, body);
}

/** @param {HTMLElement} place */
async function drawSwitch(place) {
  if (!canNotify()) {
    show(
      place,
      element(
        "p.band.info",
        {},
        icon("smartphone"),
        element("span", {}, t("Ce navigateur ne reçoit pas de notifications : laissez-vous prévenir par courrier.")),
      ),
    );
    return;
  }
  const on = await isOn();
  const alert = element("div", { role: "alert" });
  const button = element(
    `button.button${on ? ".secondary" : ""}`,
    { type: "button" },
    icon(on ? "bell-off" : "bell"),
    on ? t("Ne plus recevoir de notifications ici") : t("Recevoir des notifications ici"),
  );
  button.addEventListener("click", async () => {
    button.setAttribute("aria-busy", "true");
    try {
      await (on ? turnOff() : turnOn(place.dataset));
      await drawSwitch(place);
    } catch (error) {
      button.removeAttribute("aria-busy");
      show(alert, element("p.band.bad", {}, icon("triangle-alert"), element("span", {}, wordsOf(error))));
    }
  });
  show(
    place,
    on && element("p.soft", {}, t("Ce navigateur vous prévient.")),
    alert,
    element("div.actions.start", {}, button),
  );
}

/** @param {Error} error */
const wordsOf = (error) =>
  ["Problem", "PushRefused"].includes(error.name)
    ? error.message
    : t("Quelque chose a échoué. Réessayez dans un instant.");

/** @param {DOMStringMap} terms */
async function turnOn({ pushKey = "", pushStandIn: standIn = "" }) {
  await navigator.serviceWorker.register("/service_worker.js");
  await say("/notices/endpoints", { endpoint: await subscribe(async () => ({ pushKey, standIn })) });
}

const turnOff = () => unsubscribe((endpoint) => say("/notices/endpoints/remove", { endpoint }));

/** Whoever comes next to this browser is not told what waits for who leaves it. @param {Event} event */
async function leaveFirst(event) {
  const form = nearest(event, "form[data-leaves]");
  if (!(form instanceof HTMLFormElement) || !canNotify()) return;
  event.preventDefault();
  const patience = new Promise((resolve) => setTimeout(resolve, LEAVE_AFTER_MS));
  await Promise.race([turnOff().catch(() => {}), patience]);
  form.submit();
}
