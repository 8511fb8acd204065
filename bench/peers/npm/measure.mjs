// Timing for the npm peers: one JSON line a measurement, as bench/peers/README.md says.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// Many short chunks: on a shared machine most of them are not interrupted, so the median is steady.
const CHUNKS = 61;
const SEED = 20251120;

// Packages come from the environment that setup.py made, not from this folder.
export const load = createRequire(join(process.env.HOPLOOP_BENCH_NPM, "package.json"));

export function workload(name) {
  return readFileSync(join(process.env.HOPLOOP_WORKLOADS, name), "utf8");
}

// `call` may return a promise; it is awaited only then. `exact` is null where there is nothing to compare with.
export async function report(name, who, exact, call, more = {}) {
  const budget = Number(process.env.HOPLOOP_BENCH_MS ?? 70) * 1e6;
  const chunk = budget / CHUNKS;
  // The compiler behind the interpreter needs a while.
  for (let spent = 0; spent < Math.max(4 * budget, 2e8); ) spent += await timed(1, call);
  let count = 1;
  while ((await timed(count, call)) < chunk) count *= 2;
  const samples = [];
  for (let at = 0; at < CHUNKS; at++) samples.push((await timed(count, call)) / count);
  samples.sort((a, b) => a - b);
  const spread = round(samples[(CHUNKS * 3) >> 2] - samples[CHUNKS >> 2]);
  const figures = { ns_median: round(samples[CHUNKS >> 1]), ns_spread: spread, n: count * CHUNKS };
  console.log(JSON.stringify({ name, who, ...figures, exact, seed: SEED, ...more }));
}

export function skip(who, error) {
  console.log(JSON.stringify({ who, skipped: String(error?.message ?? error).split("\n")[0] }));
}

export function same(name, given, expected) {
  if (String(given) !== String(expected)) throw new Error(`${name}: ${given}, not ${expected}`);
}

async function timed(count, call) {
  const start = process.hrtime.bigint();
  for (let at = 0; at < count; at++) {
    const given = call();
    if (typeof given?.then === "function") await given;
  }
  return Number(process.hrtime.bigint() - start);
}

function round(value) {
  return Math.round(value * 100) / 100;
}
