// Owns: answering like the native `solc` command, with the compiler of the npm package "solc".
// Must not download anything, and must not read files outside the project and the paths it was allowed.
//
// setup.sh writes .tools/solc/solc-v<version>, a wrapper that sets SOLC_SHIM_ROOT (the project's folder) and
// SOLC_SHIM_LONG_VERSION, so that `--version`, which Brownie asks several times, need not load the 9 MB compiler.
// Spoken: --version, --help, --standard-json [file] (else from standard input), --combined-json.
// With SOLC_SHIM_WITHOUT_CODE set, --combined-json answers an empty string for all that needs code to be generated:
// nine tenths of the time, and nothing to who only reads the source.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const projectRoot = process.env.SOLC_SHIM_ROOT || path.resolve(__dirname, "..", "..");
const COMBINED_JSON_OUTPUTS = {
  abi: ["abi"],
  asm: ["evm.legacyAssembly"],
  ast: [],
  bin: ["evm.bytecode.object"],
  "bin-runtime": ["evm.deployedBytecode.object"],
  devdoc: ["devdoc"],
  hashes: ["evm.methodIdentifiers"],
  metadata: ["metadata"],
  srcmap: ["evm.bytecode.sourceMap"],
  "srcmap-runtime": ["evm.deployedBytecode.sourceMap"],
  "storage-layout": ["storageLayout"],
  userdoc: ["userdoc"],
};

const WITHOUT_CODE = Boolean(process.env.SOLC_SHIM_WITHOUT_CODE);

/** Writes everything before the process may end: an asynchronous write to a pipe stops after 64 KB. */
function writeFully(fileDescriptor, text) {
  const bytes = Buffer.from(text, "utf8");
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += fs.writeSync(fileDescriptor, bytes, offset);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function fail(message) {
  writeFully(2, `Error: ${message}\n`);
  process.exit(1);
}

function loadCompiler() {
  return require(path.join(projectRoot, "node_modules", "solc"));
}

function longVersion() {
  return process.env.SOLC_SHIM_LONG_VERSION || loadCompiler().version();
}

/** Splits the command line into flags with their values, remappings and source files. */
function parseArguments(argumentList) {
  const withValue = new Set([
    "--allow-paths", "--base-path", "--include-path", "--combined-json", "--evm-version",
    "--optimize-runs", "--overwrite", "--output-dir", "-o", "--metadata-hash",
  ]);
  const parsed = { flags: new Map(), includePaths: [], remappings: [], files: [] };
  for (let index = 0; index < argumentList.length; index += 1) {
    let argument = argumentList[index];
    let value = true;
    const equals = argument.indexOf("=");
    if (argument.startsWith("-") && argument !== "-") {
      if (equals > 0) {
        value = argument.slice(equals + 1);
        argument = argument.slice(0, equals);
      } else if (withValue.has(argument)) {
        index += 1;
        value = argumentList[index];
      }
      if (argument === "--include-path") parsed.includePaths.push(value);
      parsed.flags.set(argument, value);
    } else if (equals > 0) {
      parsed.remappings.push(argument);
    } else if (argument !== "-") {
      parsed.files.push(argument);
    }
  }
  return parsed;
}

/** Returns the callback by which the compiler asks for an imported file. */
function makeImportReader(parsed) {
  const allowed = String(parsed.flags.get("--allow-paths") || "").split(",").filter(Boolean);
  const basePath = parsed.flags.get("--base-path");
  const folders = [basePath || process.cwd(), ...parsed.includePaths, projectRoot].map((folder) =>
    path.resolve(folder),
  );
  const roots = [...folders, ...allowed.map((folder) => path.resolve(folder))].map(realPathOrSelf);
  return (importPath) => {
    const candidates = path.isAbsolute(importPath)
      ? [importPath]
      : folders.map((folder) => path.join(folder, importPath));
    for (const candidate of candidates) {
      if (!fs.existsSync(candidate)) continue;
      const real = realPathOrSelf(candidate);
      if (!roots.some((root) => real === root || real.startsWith(root + path.sep))) {
        return { error: `File outside of allowed directories: ${importPath}` };
      }
      return { contents: fs.readFileSync(real, "utf8") };
    }
    return { error: `File not found: ${importPath}` };
  };
}

function realPathOrSelf(anyPath) {
  try {
    return fs.realpathSync(anyPath);
  } catch {
    return anyPath;
  }
}

function compileStandardJson(parsed) {
  const inputText = fs.readFileSync(parsed.files.length > 0 ? parsed.files[0] : 0, "utf8");
  writeFully(1, loadCompiler().compile(inputText, { import: makeImportReader(parsed) }) + "\n");
}

/** The older output format, asked for by Slither and by solcx.compile_source. */
function compileCombinedJson(parsed) {
  const wanted = String(parsed.flags.get("--combined-json")).split(",");
  const unknown = wanted.filter((name) => !(name in COMBINED_JSON_OUTPUTS));
  if (unknown.length > 0) fail(`Invalid option to --combined-json: ${unknown.join(",")}`);
  const sources = {};
  for (const file of parsed.files) sources[file] = { content: fs.readFileSync(file, "utf8") };
  if (parsed.files.length === 0) sources["<stdin>"] = { content: fs.readFileSync(0, "utf8") };

  const outputs = wanted.flatMap((name) => COMBINED_JSON_OUTPUTS[name]).filter((output) => !isLeftOut(output));
  const settings = {
    remappings: parsed.remappings,
    optimizer: {
      enabled: parsed.flags.has("--optimize"),
      runs: Number(parsed.flags.get("--optimize-runs") || 200),
    },
    outputSelection: { "*": { "*": outputs, "": ["ast"] } },
  };
  if (parsed.flags.has("--via-ir")) settings.viaIR = true;
  if (parsed.flags.has("--evm-version")) settings.evmVersion = parsed.flags.get("--evm-version");
  const input = { language: "Solidity", sources, settings };
  const output = JSON.parse(
    loadCompiler().compile(JSON.stringify(input), { import: makeImportReader(parsed) }),
  );
  const problems = output.errors || [];
  for (const problem of problems) writeFully(2, problem.formattedMessage + "\n");
  if (problems.some((problem) => problem.severity === "error")) process.exit(1);
  writeFully(1, JSON.stringify(combineOutput(output, wanted)) + "\n");
}

function isLeftOut(output) {
  return WITHOUT_CODE && /^evm\.(legacyAssembly|bytecode|deployedBytecode)/.test(output);
}

function combineOutput(output, wanted) {
  const combined = { contracts: {}, sourceList: [], sources: {}, version: longVersion() };
  const bySourceId = Object.entries(output.sources || {}).sort((left, right) => left[1].id - right[1].id);
  for (const [sourcePath, source] of bySourceId) {
    combined.sourceList.push(sourcePath);
    if (wanted.includes("ast")) combined.sources[sourcePath] = { AST: source.ast, id: source.id };
  }
  for (const [sourcePath, contracts] of Object.entries(output.contracts || {})) {
    for (const [contractName, contract] of Object.entries(contracts)) {
      const entry = {};
      for (const name of wanted) {
        const [outputPath] = COMBINED_JSON_OUTPUTS[name];
        if (!outputPath) continue;
        entry[name] = isLeftOut(outputPath) ? "" : outputPath.split(".").reduce((node, key) => node?.[key], contract);
      }
      combined.contracts[`${sourcePath}:${contractName}`] = entry;
    }
  }
  return combined;
}

function printHelp() {
  writeFully(1, [
    "solc, the Solidity commandline compiler (from the npm package).",
    "Usage: solc [options] [prefix=path...] [file...]",
    "  --help, --version",
    "  --standard-json [file]   (reads standard input when no file is given)",
    `  --combined-json ${Object.keys(COMBINED_JSON_OUTPUTS).join(",")}`,
    "  --optimize --optimize-runs n --via-ir --evm-version name",
    "  --allow-paths list --base-path path --include-path path",
    "",
  ].join("\n"));
}

function main() {
  const parsed = parseArguments(process.argv.slice(2));
  if (parsed.flags.has("--version")) {
    writeFully(1, `solc, the solidity compiler commandline interface\nVersion: ${longVersion()}\n`);
  } else if (parsed.flags.has("--help")) {
    printHelp();
  } else if (parsed.flags.has("--standard-json")) {
    compileStandardJson(parsed);
  } else if (parsed.flags.has("--combined-json")) {
    compileCombinedJson(parsed);
  } else {
    fail("only --version, --help, --standard-json and --combined-json are spoken here");
  }
}

main();
