/** Hears pushes while no page of the console is open. Keeps no page: what it shows must be true now. */
import { hearPushes } from "#ui/push_worker.js";

hearPushes("/notices/unseen");
