/** Keeps the till's shell for the start without network: it has one page. */
import { keepShell } from "#ui/shell_cache.js";

keepShell((path) => path === "/");
