// Builds what browsers load: one script and one style sheet per face, fonts, icons, translations, service workers.
// Every file but the manifest carries its content's hash in its name, so it can be cached for ever.
// An entry is a file at an agreed place (FACES below); a face without one is skipped.
// Usage: node scripts/build/bundle.mjs [--watch | --maps FOLDER] [--out FOLDER] [--locales FOLDER]
// With --out it is written into FOLDER instead; with --maps too, source maps beside it: coverage is read with them.
// With --locales the catalogues of FOLDER count beside those of the code.
import { build as esbuild } from "esbuild";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { readCatalogue } from "./po.mjs";
import { CATALOGUES, catalogueOf, messagesFor, option, TRADES, translationsFor, wordsOf } from "./words.mjs";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const UI = path.join(ROOT, "wallet_service/ui");
const PAGES = path.join(ROOT, "wallet_service/faces");
const TILL = path.join(ROOT, "merchant_pos");
const ICONS = path.join(ROOT, "node_modules/lucide-static/icons");

/** Fonts of papers, which no browser loads: the pages' own, and what it lacks of Europe's alphabets. */
const PAPER_FONTS = {
  figtree: ["latin", "latin-ext"],
  "noto-sans": ["latin-ext", "greek", "greek-ext", "cyrillic", "cyrillic-ext"],
};
const PAPER_WEIGHTS = [400, 700];

const LEAST_PACKED_BYTES = 512;

const [MAPS = null] = option("--maps");
/** Where everything is written instead of beside the sources. */
const [OUT = MAPS] = option("--out");
const EARLY = path.join(UI, "early_theme.js");
const STATES = JSON.parse(readFileSync(path.join(UI, "states.json"), "utf8"));

/**
 * name -> where it is read, where it is written, which translations and which files may ask for an icon; `keeps`: whose
 * files its service worker keeps beside its own.
 */
const FACES = {
  wallet: {
    source: path.join(PAGES, "wallet/src"),
    messages: ["shared", "wallet"],
    states: ["ask", "dispute", "movement", "redemption", "tier"],
    keeps: ["finding", "public"],
  },
  console: {
    source: path.join(PAGES, "console/src"),
    messages: ["shared", "console"],
  },
  public: { source: path.join(PAGES, "public/src"), messages: ["shared", "console"] },
  finding: {
    source: path.join(PAGES, "public/finding"),
    messages: ["shared", "console"],
  },
  plain: { source: path.join(PAGES, "shell/src"), messages: ["shared"] },
  till: {
    source: path.join(TILL, "static/src"),
    messages: ["shared", "till"],
    states: ["sale", "refund"],
  },
};
const PROGRAMS = [
  {
    out: path.join(PAGES, "dist"),
    faces: ["wallet", "console", "public", "finding", "plain"],
    iconSources: [UI, PAGES, path.join(ROOT, "wallet_service/territory")],
  },
  { out: path.join(TILL, "static/dist"), faces: ["till"], iconSources: [TILL, UI] },
];

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !file.includes(`${path.sep}dist${path.sep}`));
}

/** Names asked for with icon("name") or listed in a comment `icons: store wheat`. */
function iconNames(files) {
  const names = new Set();
  for (const file of files.filter((name) => /\.(js|html|py|csv)$/.test(name) && existsSync(name))) {
    const text = readFileSync(file, "utf8");
    for (const match of text.matchAll(/\bicon\(\s*["']([a-z0-9-]+)["']/g)) names.add(match[1]);
    for (const match of text.matchAll(/\bicons: ([a-z0-9 -]+)/g))
      match[1]
        .trim()
        .split(/\s+/)
        .forEach((name) => names.add(name));
  }
  return [...names].sort();
}

/** {name: inner SVG}; an unknown name stops the build. */
function readIcons(names) {
  const icons = {};
  for (const name of names) {
    const file = path.join(ICONS, `${name}.svg`);
    if (!existsSync(file)) throw new Error(`no icon named "${name}" in lucide-static`);
    icons[name] = readFileSync(file, "utf8")
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/>\s+</g, "><")
      .trim();
  }
  return icons;
}

/** The dark themes are written once, for who chose them; those whose system asks for dark get the same rules here. */
const darkBySystem = {
  name: "dark-by-system",
  setup(builder) {
    builder.onLoad({ filter: /\/ui\/styles\/tokens\.css$/ }, (request) => {
      const tokens = readFileSync(request.path, "utf8");
      const dark = [...tokens.matchAll(/^:root\[data-theme="dark"\](\S*) \{([^}]*)\}/gm)];
      if (dark.length === 0) throw new Error(`${request.path} has no dark theme`);
      const unchosen = `:root:not([data-theme="light"]):not([data-theme="dark"])`;
      const rules = dark.map(([, more, rule]) => `${unchosen}${more} {${rule}}`).join(" ");
      return { contents: `${tokens}@media (prefers-color-scheme: dark) { ${rules} }`, loader: "css" };
    });
  },
};

const isScript = (name) => /^#(catalogue|words-)/.test(name);
function contentOf(name, modules) {
  if (name === "#catalogue") return catalogueOf(modules);
  const words = /^#words-(?:first|rest)-(.+)$/.exec(name);
  return words ? wordsOf(words[1], modules[name] ?? {}) : JSON.stringify(modules[name] ?? {});
}

/** Serves `#catalogue`, `#icons`, `#states`, `#precache` and the words as modules made on the spot. */
function madeModules(modules) {
  return {
    name: "made-modules",
    setup(builder) {
      builder.onResolve({ filter: /^#(catalogue|icons|precache|states|words-[a-z@-]+)$/ }, (request) => ({
        path: request.path,
        namespace: "made",
      }));
      builder.onLoad({ filter: /.*/, namespace: "made" }, (request) => ({
        contents: contentOf(request.path, modules),
        loader: isScript(request.path) ? "js" : "json",
        resolveDir: ROOT,
      }));
    },
  };
}

async function buildProgram({ out: served, faces, iconSources }) {
  const out = OUT ? path.join(OUT, path.relative(ROOT, served)) : served;
  const present = faces.filter((face) =>
    ["main.js", "main.css"].some((file) => existsSync(path.join(FACES[face].source, file))),
  );
  if (present.length === 0) return null;
  mkdirSync(out, { recursive: true });
  const manifest = {};
  for (const face of present) Object.assign(manifest, await buildFace(face, out));
  Object.assign(manifest, await buildEarly(out));
  for (const face of present) Object.assign(manifest, await buildWorker(face, out, manifest));
  replaceFile(
    path.join(out, "icons.json"),
    JSON.stringify(readIcons([...iconNames(iconSources.flatMap(filesUnder)), ...iconsOf(STATES)])),
  );
  replaceFile(path.join(out, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
  forgetStale(out, manifest);
  if (!OUT) pack(out, manifest);
  return { out, manifest };
}

/** esbuild's own build, written by us: running services read the same files meanwhile. */
async function build(options) {
  const result = await esbuild({ ...options, write: false, ...(MAPS && { sourcemap: "external" }) });
  for (const { path: file, contents } of result.outputFiles) replaceFile(file, contents);
  return result;
}

/** Copies as browsers take them, made once; what does not gain by it has none. The program picks by what is asked. */
function pack(out, manifest) {
  for (const name of new Set(Object.values(manifest))) {
    if (!/\.(js|css|svg)$/.test(name)) continue;
    const file = path.join(out, name);
    if (existsSync(`${file}.br`) && statSync(`${file}.br`).mtimeMs >= statSync(file).mtimeMs) continue;
    const content = readFileSync(file);
    if (content.length < LEAST_PACKED_BYTES) continue;
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
    writeFileSync(`${file}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
    writeFileSync(`${file}.br`, brotliCompressSync(content, quality));
  }
}

/** Whoever reads meanwhile finds the old or the new one, whole; what is there already is left alone. */
function replaceFile(file, content) {
  if (existsSync(file) && readFileSync(file).equals(Buffer.from(content))) return;
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

function forgetStale(out, manifest) {
  const kept = new Set([...Object.values(manifest), "icons.json", "manifest.json"]);
  for (const name of readdirSync(out)) {
    if (!kept.has(name) && !kept.has(name.replace(/\.(LEGAL\.txt|map|br|gz)$/, "")))
      rmSync(path.join(out, name), { recursive: true, force: true });
  }
}

async function buildFace(face, out) {
  const { source, messages, states = [] } = FACES[face];
  const entryPoints = ["main.js", "main.css"]
    .filter((file) => existsSync(path.join(source, file)))
    .map((file) => ({ in: path.join(source, file), out: file.endsWith(".css") ? `${face}-style` : face }));
  const shownStates = Object.fromEntries(states.map((subject) => [subject, STATES[subject]]));
  const modules = { "#icons": {}, "#states": shownStates };
  const options = {
    entryPoints,
    outdir: out,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    splitting: true,
    metafile: true,
    legalComments: "linked",
    charset: "utf8",
    absWorkingDir: ROOT,
    logLevel: "warning",
    entryNames: "[name].[hash]",
    chunkNames: "chunk.[hash]",
    assetNames: "[name].[hash]",
    loader: { ".woff2": "file", ".svg": "file", ".png": "file", ".wav": "file" },
    plugins: [madeModules(modules), darkBySystem],
  };
  // First which files the face is made of: it carries the icons and the translations that those ask for, and no others.
  const { metafile } = await build({ ...options, write: false });
  const inputs = Object.keys(metafile.inputs).map((file) => path.join(ROOT, file));
  modules["#icons"] = readIcons([...iconNames(inputs), ...iconsOf(shownStates)]);
  // Another wording of a language is short: it comes at once.
  for (const locale of CATALOGUES) {
    const catalogue = readCatalogue(messagesFor(locale, messages));
    const first = translationsFor(locale.includes("@") ? inputs : firstInputs(metafile), catalogue, shownStates);
    const all = translationsFor(inputs, catalogue, TRADES);
    const rest = Object.entries(all).filter(([french]) => !Object.hasOwn(first, french));
    if (Object.keys(first).length > 0) modules[`#words-first-${locale}`] = first;
    if (rest.length > 0) modules[`#words-rest-${locale}`] = Object.fromEntries(rest);
  }
  const result = await build(options);
  return builtNames(result.metafile, face, out);
}

/** The files behind the script that a page starts with, and behind what that imports before it runs. */
function firstInputs({ outputs }) {
  const isStart = ([name, output]) => name.endsWith(".js") && output.entryPoint?.endsWith("/main.js");
  const waiting = Object.entries(outputs)
    .filter(isStart)
    .map(([name]) => name);
  const seen = new Set();
  const inputs = new Set();
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (seen.has(name)) continue;
    seen.add(name);
    Object.keys(outputs[name].inputs).forEach((file) => inputs.add(path.join(ROOT, file)));
    waiting.push(...outputs[name].imports.filter(({ kind }) => kind === "import-statement").map((one) => one.path));
  }
  return [...inputs];
}

/** Icons that states are shown with. */
const iconsOf = (subjects) =>
  Object.values(subjects)
    .flatMap((states) => Object.values(states))
    .map((shown) => shown.icon)
    .filter(Boolean);

function builtNames(metafile, face, out) {
  const names = {};
  for (const [file, output] of Object.entries(metafile.outputs)) {
    const name = path.relative(out, path.join(ROOT, file));
    if (name.endsWith(".LEGAL.txt") || name.endsWith(".map")) continue;
    const entry = output.entryPoint && path.basename(output.entryPoint);
    if (entry === "main.js") names[`${face}.js`] = name;
    else if (entry === "main.css") names[`${face}.css`] = name;
    else if (output.entryPoint?.includes("#words-first"))
      names[`${face}.${output.entryPoint.split("#")[1]}.js`] = name; // pages fetch it beside their script
    else if (/^(chunk|_words)/.test(name))
      names[`${face}.${name}`] = name; // parts loaded on demand: as many as there are
    else names[name.replace(/\.[A-Z0-9]{8}\./, ".")] = name;
  }
  return names;
}

/** The one script that blocks the first paint: no module, nothing but the theme. */
async function buildEarly(out) {
  const result = await build({
    entryPoints: [{ in: EARLY, out: "early" }],
    outdir: out,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    metafile: true,
    entryNames: "[name].[hash]",
    absWorkingDir: ROOT,
    logLevel: "warning",
  });
  return { "early.js": path.basename(Object.keys(result.metafile.outputs).find((name) => name.endsWith(".js"))) };
}

/** The worker knows what to keep: its face's script and style, their parts and the fonts. */
async function buildWorker(face, out, manifest) {
  const entry = path.join(FACES[face].source, "service_worker.js");
  if (!existsSync(entry)) return {};
  const other = Object.keys(FACES)
    .filter((name) => name !== face && !FACES[face].keeps?.includes(name))
    .map((name) => `${name}.`);
  const files = Object.entries(manifest)
    .filter(([name]) => !other.some((start) => name.startsWith(start)) && !/ext-wght|service_worker/.test(name))
    .map(([, file]) => `/static/${file}`)
    .sort();
  const precache = { version: createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 12), files };
  const worker = `${face}-service-worker.js`;
  await build({
    entryPoints: [{ in: entry, out: worker.replace(/\.js$/, "") }],
    outdir: out,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    absWorkingDir: ROOT,
    logLevel: "warning",
    plugins: [madeModules({ "#precache": precache })],
  });
  return { [`${face}.service_worker.js`]: worker };
}

/** Beside the shared look, as fpdf reads them. */
function copyPaperFonts() {
  const out = path.join(UI, "dist");
  mkdirSync(out, { recursive: true });
  for (const [family, alphabets] of Object.entries(PAPER_FONTS))
    for (const alphabet of alphabets)
      for (const weight of PAPER_WEIGHTS) {
        const packed = path.join(ROOT, `node_modules/@fontsource/${family}/files`);
        const file = path.join(packed, `${family}-${alphabet}-${weight}-normal.woff`);
        replaceFile(path.join(out, `${family}-${alphabet}-${weight}.woff`), readFileSync(file));
      }
}

async function buildAll() {
  const started = performance.now();
  if (!OUT) copyPaperFonts();
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
  for (const folder of [UI, PAGES, TILL].filter(existsSync)) watch(folder, { recursive: true }, again);
}
