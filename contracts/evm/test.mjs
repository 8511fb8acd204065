// Runs the forge tests offline, with HOME inside the cache folder: forge writes there.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const os = { win32: "win32", darwin: "darwin", linux: "linux" }[process.platform];
const arch = { x64: "amd64", arm64: "arm64" }[process.arch];
const name = `@foundry-rs/forge-${os}-${arch}/bin/forge${os === "win32" ? ".exe" : ""}`;
const forge = createRequire(import.meta.url).resolve(name);
const home = join(here, "cache", "home");
mkdirSync(home, { recursive: true });
const done = spawnSync(forge, ["test", ...process.argv.slice(2)], {
  cwd: here,
  stdio: "inherit",
  env: { ...process.env, HOME: home, FOUNDRY_DISABLE_NIGHTLY_WARNING: "1" },
});
process.exit(done.status ?? 1);
