// Runs the forge tests offline, with HOME inside the cache folder: forge writes there.
// forge comes from the registry where a package for this machine exists, from PATH otherwise.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const arch = { x64: "amd64" }[process.arch] ?? process.arch;
const suffix = process.platform === "win32" ? ".exe" : "";

function forge() {
  try {
    const name = `@foundry-rs/forge-${process.platform}-${arch}/bin/forge${suffix}`;
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return "forge";
  }
}

const home = join(here, "cache", "home");
mkdirSync(home, { recursive: true });
const done = spawnSync(forge(), ["test", ...process.argv.slice(2)], {
  cwd: here,
  stdio: "inherit",
  env: { ...process.env, HOME: home, FOUNDRY_DISABLE_NIGHTLY_WARNING: "1" },
});
if (done.error) console.error(`forge does not run (${done.error.message}); install Foundry so that it is on PATH`);
process.exit(done.status ?? 1);
