// Pages that belong to no face: the officer's sign-in and enrolment.
import { broughtCode } from "#ui/brought_code.js";
import { installPasskeys } from "#ui/officer_passkey.js";
import { applyLook } from "#ui/theme.js";

applyLook();
installPasskeys();

// The code only fills the field: it is used by the person's own act. A link opened on this very page loads nothing
// anew, it only changes what stands behind "#".
const field = document.querySelector("input#code");
if (field instanceof HTMLInputElement) {
  const fill = () => {
    field.value = broughtCode() || field.value;
  };
  fill();
  window.addEventListener("hashchange", fill);
}
