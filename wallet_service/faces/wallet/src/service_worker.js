/** Keeps the wallet's shell for the start without network, and hears pushes while no page is open. */
import { hearPushes } from "#ui/push_worker.js";
import { keepShell } from "#ui/shell_cache.js";

/** Pages of other faces on this origin (public page, API reference) are not the wallet's to keep. */
keepShell((path) => !/^\/(v1|public|docs|openapi|static|health|ready|metrics)(\/|\.|$)/.test(path));
hearPushes("/v1/me/notices");
