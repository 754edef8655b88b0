// Runs before the first paint, alone and blocking: a page kept for offline, or opened from another site, does not carry the chosen theme.
import { applyTheme } from "./theme.js";

applyTheme();
