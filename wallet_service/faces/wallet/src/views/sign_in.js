/** Coming back: with a passkey, or with the key this phone still holds. */
import { broughtCode } from "#ui/brought_code.js";
import { element, icon } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import { field, innerHeader, runBusy, UserFacingError } from "../components.js";
import { signInWithPasskey } from "../passkey.js";
import { takeWanted } from "../wanted.js";

export function signInScreen(app) {
  const container = element("div", { role: "alert" });
  const enter = async () => {
    await app.entered();
    app.go(takeWanted(), { replace: true });
  };
  const passkey = element(
    "button.button.large.wide",
    { type: "button" },
    icon("fingerprint-pattern"),
    t("Se connecter avec une clé d’accès"),
  );
  passkey.addEventListener("click", () =>
    runBusy(passkey, container, async () => {
      await signInWithPasskey(app);
      await enter();
    }),
  );
  const device = element(
    "button.button.secondary.large.wide",
    { type: "button" },
    icon("smartphone"),
    t("Se connecter avec ce téléphone"),
  );
  device.addEventListener("click", () =>
    runBusy(device, container, async () => {
      if (!(await app.device.signIn())) throw new UserFacingError(t("Ce téléphone ne porte la clé d’aucun compte."));
      await enter();
    }),
  );
  const brought = broughtCode();
  const link = element(
    "section.card.stack",
    { "aria-label": t("Lier ce téléphone avec un code") },
    element("h2", {}, t("Lier ce téléphone avec un code")),
    linkForm(app, enter, brought),
  );
  const others = [
    element(
      "p.soft",
      {},
      t("La clé d’accès demande votre doigt, votre visage ou le code du téléphone. Aucun mot de passe."),
    ),
    container,
    passkey,
    device,
  ];
  // Who follows a link with a code came to use it.
  const body = element(
    "div.narrow.stack",
    {},
    innerHeader(app, t("Retrouver mon compte")),
    brought ? [link, ...others] : [...others, link],
  );
  return { title: t("Retrouver mon compte"), body };
}

/** A further phone of an account: the issuer gave a code after checking who asks. */
function linkForm(app, enter, brought) {
  const input = element("input.input", {
    autocomplete: "one-time-code",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: "24",
    placeholder: "XXXX-XXXX-XXXX-XXXX",
  });
  input.value = brought;
  const code = field("device-code", t("Code reçu de l’association"), input);
  const alert = element("div", { role: "alert" });
  const button = element(
    `button.button.wide${brought ? "" : ".secondary"}`,
    { type: "submit" },
    t("Lier ce téléphone"),
  );
  const submit = (event) => {
    event.preventDefault();
    code.setError(input.value.trim() ? null : t("À remplir."));
    if (!input.value.trim()) return input.focus();
    return runBusy(button, alert, async () => {
      await app.device.link(input.value.trim().toUpperCase());
      await enter();
    });
  };
  return element("form.stack", { onsubmit: submit, novalidate: true }, code.box, alert, button);
}
/* icons: fingerprint-pattern smartphone */
