// Builds what browsers load: one script and one style sheet per face, fonts, icons, translations, service workers.
// Every file but the manifest carries its content's hash in its name, so it can be cached for ever.
// An entry is a file at an agreed place (FACES below); a face without one is skipped.
// Usage: node scripts/build/bundle.mjs [--watch]
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { readCatalogue } from "./po.mjs";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const WEB = path.join(ROOT, "wallet_service/web");
const TILL = path.join(ROOT, "merchant_pos");
const ICONS = path.join(ROOT, "node_modules/lucide-static/icons");

const EARLY = path.join(WEB, "static/src/shared/early_theme.js");

const serviceMessages = (name) => path.join(WEB, `locales/en/LC_MESSAGES/${name}.po`);
const tillMessages = path.join(TILL, "locales/en/LC_MESSAGES/till.po");

/** name -> where it is read, where it is written, which translations and which files may ask for an icon. */
const FACES = {
  wallet: { source: path.join(WEB, "static/src/wallet"), messages: [serviceMessages("shared"), serviceMessages("wallet")] },
  console: { source: path.join(WEB, "static/src/console"), messages: [serviceMessages("shared"), serviceMessages("console")] },
  public: { source: path.join(WEB, "static/src/public"), messages: [serviceMessages("shared"), serviceMessages("console")] },
  plain: { source: path.join(WEB, "static/src/plain"), messages: [serviceMessages("shared")] },
  till: { source: path.join(TILL, "static/src"), messages: [serviceMessages("shared"), tillMessages] },
};
const PROGRAMS = [
  { out: path.join(WEB, "static/dist"), faces: ["wallet", "console", "public", "plain"], iconSources: [WEB, path.join(ROOT, "wallet_service/territory")] },
  { out: path.join(TILL, "static/dist"), faces: ["till"], iconSources: [TILL, path.join(WEB, "static/src/shared")] },
];

function filesUnder(folder, endings) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !file.includes(`${path.sep}dist${path.sep}`));
}

/** Names asked for with icon("name") or listed in a comment `icons: store wheat`. */
function iconNames(folders) {
  const names = new Set();
  for (const file of folders.flatMap((folder) => filesUnder(folder, [".js", ".html", ".py", ".csv"]))) {
    const text = readFileSync(file, "utf8");
    for (const match of text.matchAll(/\bicon\(\s*["']([a-z0-9-]+)["']/g)) names.add(match[1]);
    for (const match of text.matchAll(/\bicons: ([a-z0-9 -]+)/g)) match[1].trim().split(/\s+/).forEach((name) => names.add(name));
  }
  return [...names].sort();
}

/** {name: inner SVG}; an unknown name stops the build. */
function readIcons(names) {
  const icons = {};
  for (const name of names) {
    const file = path.join(ICONS, `${name}.svg`);
    if (!existsSync(file)) throw new Error(`no icon named "${name}" in lucide-static`);
    icons[name] = readFileSync(file, "utf8").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/>\s+</g, "><").trim();
  }
  return icons;
}

/** Serves `#catalogue`, `#icons` and `#precache` as modules made on the spot. */
function madeModules(modules) {
  return {
    name: "made-modules",
    setup(builder) {
      builder.onResolve({ filter: /^#(catalogue|icons|precache)$/ }, (asked) => ({ path: asked.path, namespace: "made" }));
      builder.onLoad({ filter: /.*/, namespace: "made" }, (asked) => ({ contents: JSON.stringify(modules[asked.path] ?? {}), loader: "json" }));
    },
  };
}

async function buildProgram({ out, faces, iconSources }) {
  const present = faces.filter((face) => ["main.js", "main.css"].some((file) => existsSync(path.join(FACES[face].source, file))));
  if (present.length === 0) return null;
  mkdirSync(out, { recursive: true });
  const manifest = {};
  for (const face of present) Object.assign(manifest, await buildFace(face, out));
  Object.assign(manifest, await buildEarly(out));
  for (const face of present) Object.assign(manifest, await buildWorker(face, out, manifest));
  replaceFile(path.join(out, "icons.json"), JSON.stringify(readIcons(iconNames(iconSources))));
  replaceFile(path.join(out, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
  forgetStale(out, manifest);
  return { out, manifest };
}

/** A running service reads these while we build: it must find the old or the new one, whole. */
function replaceFile(file, content) {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

function forgetStale(out, manifest) {
  const kept = new Set([...Object.values(manifest), "icons.json", "manifest.json"]);
  for (const name of readdirSync(out)) {
    if (!kept.has(name) && !kept.has(name.replace(/\.LEGAL\.txt$/, ""))) rmSync(path.join(out, name), { recursive: true, force: true });
  }
}

async function buildFace(face, out) {
  const { source, messages } = FACES[face];
  const icons = readIcons(iconNames([source, path.join(WEB, "static/src/shared")]));
  const entryPoints = ["main.js", "main.css"].filter((file) => existsSync(path.join(source, file)))
    .map((file) => ({ in: path.join(source, file), out: file.endsWith(".css") ? `${face}-style` : face }));
  const result = await build({
    entryPoints, outdir: out, bundle: true, minify: true, format: "esm", target: "es2022", splitting: true, metafile: true,
    legalComments: "linked", charset: "utf8", absWorkingDir: ROOT, logLevel: "warning",
    entryNames: "[name].[hash]", chunkNames: "chunk.[hash]", assetNames: "[name].[hash]",
    loader: { ".woff2": "file", ".svg": "file", ".png": "file", ".wav": "file" },
    plugins: [madeModules({ "#catalogue": readCatalogue(messages), "#icons": icons })],
  });
  return builtNames(result.metafile, face, out);
}

function builtNames(metafile, face, out) {
  const names = {};
  for (const [file, output] of Object.entries(metafile.outputs)) {
    const name = path.relative(out, path.join(ROOT, file));
    if (name.endsWith(".LEGAL.txt")) continue;
    const entry = output.entryPoint && path.basename(output.entryPoint);
    if (entry === "main.js") names[`${face}.js`] = name;
    else if (entry === "main.css") names[`${face}.css`] = name;
    else names[name.replace(/\.[A-Z0-9]{8}\./, ".")] = name;
  }
  return names;
}

/** The one script that blocks the first paint: no module, nothing but the theme. */
async function buildEarly(out) {
  const result = await build({
    entryPoints: [{ in: EARLY, out: "early" }], outdir: out, bundle: true, minify: true, format: "iife", target: "es2022", metafile: true,
    entryNames: "[name].[hash]", absWorkingDir: ROOT, logLevel: "warning",
  });
  return { "early.js": path.basename(Object.keys(result.metafile.outputs)[0]) };
}

/** The worker knows what to keep: its face's script and style, their parts and the fonts. */
async function buildWorker(face, out, manifest) {
  const entry = path.join(FACES[face].source, "service_worker.js");
  if (!existsSync(entry)) return {};
  const other = Object.keys(FACES).filter((name) => name !== face).map((name) => `${name}.`);
  const files = Object.entries(manifest)
    .filter(([name]) => !other.some((start) => name.startsWith(start)) && !/ext-wght|service_worker/.test(name))
    .map(([, file]) => `/static/${file}`).sort();
  const precache = { version: createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 12), files };
  const worker = `${face}-service-worker.js`;
  await build({
    entryPoints: [{ in: entry, out: worker.replace(/\.js$/, "") }], outdir: out, bundle: true, minify: true, format: "iife", target: "es2022",
    absWorkingDir: ROOT, logLevel: "warning", plugins: [madeModules({ "#precache": precache })],
  });
  return { [`${face}.service_worker.js`]: worker };
}

async function buildAll() {
  const started = performance.now();
  const built = (await Promise.all(PROGRAMS.map(buildProgram))).filter(Boolean);
  for (const { out, manifest } of built) {
    const size = Object.values(manifest).reduce((sum, file) => sum + statSync(path.join(out, file)).size, 0);
    console.log(`${path.relative(ROOT, out)}: ${Object.keys(manifest).length} files, ${Math.round(size / 1024)} kB`);
  }
  console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

await buildAll();
if (process.argv.includes("--watch")) {
  let waiting = null;
  const again = (_, file) => {
    if (!file || file.includes("dist")) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => buildAll().catch((error) => console.error(error.message)), 150);
  };
  for (const folder of [WEB, TILL].filter(existsSync)) watch(folder, { recursive: true }, again);
}
