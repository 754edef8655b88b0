/** Refused codes and sales in sentences: what happened to the money first, then what to do. */
import { t } from "#ui/i18n.js";

/** @type {Record<string, () => [string, string]>} */
const SENTENCES = {
  "qr.foreign": () => [
    t("Ce n’est pas un code de paiement"),
    t("Rien n’a été débité. Scannez le code affiché par la caisse."),
  ],
  "qr.tampered": () => [
    t("Ce code est abîmé ou modifié"),
    t("Rien n’a été débité. Demandez à la caisse d’en afficher un nouveau."),
  ],
  "qr.version_unknown": () => [
    t("Mettez l’application à jour"),
    t("Rien n’a été débité. Ce code est plus récent que cette application : fermez-la, puis rouvrez-la."),
  ],
  "code.shape": () => [t("Il faut six chiffres"), t("Ils sont affichés à côté du code, à la caisse.")],
  expired: () => [t("Ce code a expiré"), t("Rien n’a été débité. Demandez à la caisse un nouveau code.")],
  paid: () => [t("Cette vente est déjà payée"), t("Rien de plus n’a été débité.")],
  accepted: () => [
    t("Cette vente est déjà en cours de paiement"),
    t("Rien n’a été débité de votre compte. Demandez à la caisse un nouveau code."),
  ],
  cancelled: () => [t("La caisse a annulé cette vente"), t("Rien n’a été débité.")],
  unknown: () => [t("Cette vente n’existe pas"), t("Rien n’a été débité. Vérifiez le code avec la caisse.")],
};

/**
 * @param {string} code
 * @param {string} [otherwise] the code that speaks for one without a sentence
 * @returns {[string, string]} title and sentence
 */
export const refusalOf = (code, otherwise = "unknown") => (SENTENCES[code] ?? SENTENCES[otherwise])();

/** The same from an error of the service or of QR parsing. @param {any} error @returns {[string, string]} title and sentence */
export function refusalOfError(error) {
  if (error.status === 404) return SENTENCES.unknown();
  if (error.status === 0)
    return [t("Pas de réponse du service"), t("Rien n’a été débité. Vérifiez la connexion, puis réessayez.")];
  return error.code in SENTENCES ? refusalOf(error.code) : [t("Ce code ne peut pas être lu"), error.message];
}
