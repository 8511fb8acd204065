// Compiles the executor with the pinned solc into build/; `--check` compares with what is committed instead.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const solc = createRequire(import.meta.url)("solc");
const here = dirname(fileURLToPath(import.meta.url));
const artifact = join(here, "build", "HoploopExecutor.json");
const settings = {
  evmVersion: "cancun",
  optimizer: { enabled: true, runs: 10000 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
};

/** Every source under src/, by its path from here, in a fixed order. */
function sources() {
  const files = readdirSync(join(here, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".sol"))
    .map((entry) => relative(here, join(entry.parentPath, entry.name)).split(sep).join("/"));
  return Object.fromEntries(files.sort().map((file) => [file, { content: readFileSync(join(here, file), "utf8") }]));
}

/** SHA-256 over the sources (name, NUL, text, NUL) and the compiler settings. */
function hashOf(input) {
  const hash = createHash("sha256");
  for (const [file, { content }] of Object.entries(input)) hash.update(`${file}\0${content}\0`);
  return hash.update(JSON.stringify(settings)).digest("hex");
}

function compile() {
  const input = sources();
  const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources: input, settings })));
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  for (const error of errors) console.error(error.formattedMessage);
  if (errors.length) process.exit(1);
  const { abi, evm } = output.contracts["src/HoploopExecutor.sol"].HoploopExecutor;
  const { outputSelection, ...kept } = settings;
  const result = {
    contractName: "HoploopExecutor",
    compiler: solc.version(),
    settings: kept,
    sourceHash: hashOf(input),
    abi,
    bytecode: `0x${evm.bytecode.object}`,
  };
  return `${JSON.stringify(result, null, 1)}\n`;
}

const built = compile();
if (!process.argv.includes("--check")) {
  mkdirSync(dirname(artifact), { recursive: true });
  writeFileSync(artifact, built);
  console.log(`wrote ${relative(here, artifact)}`);
} else if (readFileSync(artifact, "utf8") !== built) {
  console.error("build/HoploopExecutor.json is not what src/ compiles to: run `npm run build` and commit it");
  process.exit(1);
} else {
  console.log("build/HoploopExecutor.json matches src/");
}
