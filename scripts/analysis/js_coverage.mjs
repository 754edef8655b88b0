// Which lines of the pages' sources were run, by Node's tests and by Chromium together.
// Reads what V8 wrote: reports/coverage/node (NODE_V8_COVERAGE) and reports/coverage/pages (tests/support/page_coverage.py),
// the latter through the source maps of a second build. Writes reports/coverage/javascript.json: the figure, and for each
// file the lines that nothing ran.
// Usage: node scripts/analysis/js_coverage.mjs
import { CoverageReport } from "monocart-coverage-reports";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const REPORTS = path.join(ROOT, "reports/coverage");
const MAPS = path.join(REPORTS, "maps");
const PROGRAMS = ["wallet_service/faces/dist", "merchant_pos/static/dist"];
/** What is measured: the sources of every face and of the layer under them. */
const MEASURED = /^(wallet_service\/ui|wallet_service\/faces\/[a-z]+\/src|merchant_pos\/static\/src)\/.+\.js$/;
/** A built file's name carries its content's hash, its source map's too where there is one. */
const HASH = /\.[A-Z0-9]{8}\./g;

const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

function scriptsIn(folder) {
  if (!existsSync(folder)) throw new Error(`${path.relative(ROOT, folder)} is not there: run \`make coverage\``);
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.flatMap((name) => readJson(path.join(folder, name)).result);
}

/** Node runs the sources themselves. */
function runByNode() {
  return scriptsIn(path.join(REPORTS, "node")).flatMap(({ url, functions }) => {
    if (!url.startsWith("file://")) return [];
    const file = fileURLToPath(url.replace(/[?#].*$/, ""));
    if (!MEASURED.test(path.relative(ROOT, file))) return [];
    return [{ url: pathToFileURL(file).href, source: readFileSync(file, "utf8"), functions }];
  });
}

/** name of a built script -> its text and the map to its sources. */
function builtScripts() {
  execFileSync("node", ["scripts/build/bundle.mjs", "--maps", MAPS], { cwd: ROOT, stdio: "ignore" });
  const built = new Map();
  for (const program of PROGRAMS) {
    // Parts loaded on demand have no name but their hash, so both builds are paired by what they hold.
    const mapped = new Map();
    for (const name of Object.values(readJson(path.join(MAPS, program, "manifest.json")))) {
      const file = path.join(MAPS, program, name);
      if (name.endsWith(".js") && existsSync(`${file}.map`))
        mapped.set(readFileSync(file, "utf8").replace(HASH, ""), file);
    }
    for (const [key, name] of Object.entries(readJson(path.join(ROOT, program, "manifest.json")))) {
      if (!name.endsWith(".js") || key.includes("service_worker")) continue;
      const source = readFileSync(path.join(ROOT, program, name), "utf8");
      const file = mapped.get(source.replace(HASH, ""));
      if (!file) throw new Error(`${program}/${name} is not what the sources build: build the pages and measure again`);
      const sourceMap = readJson(`${file}.map`);
      sourceMap.sources = sourceMap.sources.map((asked) => pathToFileURL(path.resolve(path.dirname(file), asked)).href);
      built.set(name, { url: pathToFileURL(path.join(ROOT, program, name)).href, source, sourceMap });
    }
  }
  return built;
}

/** Chromium runs what was built of them, by built script. One that is no longer there a test built of other sources. */
function runByChromium() {
  const built = builtScripts();
  const runs = new Map([...built.keys()].map((name) => [name, []]));
  for (const { url, functions } of scriptsIn(path.join(REPORTS, "pages"))) {
    const name = path.basename(new URL(url).pathname);
    runs.get(name)?.push({ ...built.get(name), functions });
  }
  return [...runs.values()];
}

/**
 * source -> line -> whether it was run. One source can be in several built scripts, so each is looked at by itself.
 * With `isAll` sources that nothing loaded are there too, no line of them run.
 */
async function readLines(entries, isAll) {
  const report = new CoverageReport({
    logging: "error",
    baseDir: ROOT,
    outputDir: path.join(REPORTS, "javascript"),
    cleanCache: true,
    reports: ["none"],
    sourceFilter: (source) => MEASURED.test(source),
    all: isAll && {
      dir: ["wallet_service", "merchant_pos"],
      filter: (file) => MEASURED.test(path.relative(ROOT, file)),
    },
  });
  await report.add(entries);
  const { files } = await report.generate();
  // A count is a number, or "2/3" for a line of which some was run.
  const isRun = (count) => typeof count === "string" || count > 0;
  const linesOf = ({ lines }) => new Map(Object.entries(lines).map(([line, count]) => [Number(line), isRun(count)]));
  return new Map(files.map(({ sourcePath, data }) => [sourcePath, linesOf(data)]));
}

/**
 * A line is run when any of the parts ran it. A source that none of them loaded counts too, as `everything` has it.
 * @param {Map<string, Map<number, boolean>>[]} parts source -> line -> whether it was run
 * @param {Map<string, Map<number, boolean>>} everything
 */
export function joined(parts, everything) {
  const files = new Map();
  for (const [source, lines] of parts.flatMap((part) => [...part])) {
    const known = files.get(source) ?? new Map();
    for (const [line, isRun] of lines) known.set(line, isRun || known.get(line) === true);
    files.set(source, known);
  }
  for (const [source, lines] of everything) if (!files.has(source)) files.set(source, lines);
  return files;
}

/** The figure, in per cent of lines, and by source the lines that nothing ran. */
export function figuresOf(files) {
  const notRun = {};
  let lines = 0;
  for (const source of [...files.keys()].sort()) {
    lines += files.get(source).size;
    const missed = [...files.get(source)].filter(([, isRun]) => !isRun).map(([line]) => line);
    notRun[source] = missed.sort((a, b) => a - b);
  }
  const run = lines - Object.values(notRun).flat().length;
  return { percent: (100 * run) / lines, lines, run, notRun };
}

async function measure() {
  const byNode = runByNode();
  const everything = await readLines(byNode, true);
  const loaded = new Set(byNode.map(({ url }) => path.relative(ROOT, fileURLToPath(url))));
  const parts = [new Map([...everything].filter(([source]) => loaded.has(source)))];
  // Each page by itself: counts of several merged before they are mapped lose lines that one of them ran.
  for (const entries of runByChromium()) for (const entry of entries) parts.push(await readLines([entry], false));
  rmSync(path.join(REPORTS, "javascript"), { recursive: true, force: true });
  return figuresOf(joined(parts, everything));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const figures = await measure();
  writeFileSync(path.join(REPORTS, "javascript.json"), `${JSON.stringify(figures)}\n`);
  console.log(`${figures.run} of ${figures.lines} lines of JavaScript`);
}
