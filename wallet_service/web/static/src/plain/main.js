// Pages that belong to no face: the officer's sign-in and enrolment.
import { installPasskeys } from "#shared/officer_passkey.js";
import { applyTheme } from "#shared/theme.js";

applyTheme();
installPasskeys();
