/** Keeps the wallet's shell for the start without network, and hears pushes while no page is open. */
import { hearPushes } from "#ui/push_worker.js";
import { keepShell } from "#ui/shell_cache.js";

/** Pages of other faces on this origin (public page, API reference) are not the wallet's to keep. */
const OTHERS =
  /^\/(v1|[tT]|public|directory|open-data|embed|help|accessibility|docs|openapi|static|health|ready|metrics|robots|sitemap)(\/|\.|$)/;
/** The whole directory is one page and its data; a shop's own page is drawn from them where the network is away. */
const DIRECTORY = "/directory";
const DIRECTORY_DATA = "/v1/directory";
/** How to reach a person, and what one agreed to, are wanted most where nothing works. */
const DOCUMENTS = ["terms", "privacy", "fees", "complaints", "accessibility"];
const HELP = ["/help", ...DOCUMENTS.map((name) => `/help/${name}`), "/accessibility"];
const standIn = (path) => {
  if (HELP.includes(path)) return path;
  if (path === DIRECTORY_DATA) return DIRECTORY_DATA;
  return /^\/directory(\/[^/]+)?$/.test(path) ? DIRECTORY : null;
};
keepShell((path) => !OTHERS.test(path), { paths: [DIRECTORY, DIRECTORY_DATA, ...HELP], standIn, renewed: ["/help"] });
hearPushes("/v1/me/notices");
