// Answers the two calls forge makes to a compiler: `--version` and `--standard-json` on stdin.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(import.meta.url)("solc");

if (process.argv.includes("--version")) {
  // forge reads `Version: x.y.z+commit.h.Os.cc`
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version().replace("Emscripten.clang", "Linux.g++")}`);
} else if (process.argv.includes("--standard-json")) {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
} else {
  console.error(`solc.mjs: unexpected arguments ${process.argv.slice(2).join(" ")}`);
  process.exit(1);
}
