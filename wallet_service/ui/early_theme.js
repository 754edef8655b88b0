// Runs before the first paint, alone and blocking: a page kept for offline, or opened from another site, does not carry
// what was chosen on this device.
import { applyLook } from "./theme.js";

applyLook();
